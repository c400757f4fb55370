//! 運営委員会: what waits for its decision is put to the vote at once, and its outcome is taken in by what it was about (R48). Its
//! members may entrust each other with their votes for a time.

use std::collections::BTreeSet;

use noroshi_council::{
    Action, Actor, Micros, OrgId, Refusal, Seat, Thing as _, ThingId,
    assembly::{self, Body, Decides, Matter, Motion, Outcome, Writing},
    refusal::Clause,
};
use serde_json::Value;

use super::{Caller, Council, assembly as motions, case, contribution, demand, plain, tell};
use crate::{
    args,
    store::{Act, Conn, Error, act::Loaded},
};

/// For how long a member of the committee may entrust another with its vote, at most, microseconds.
const LONGEST: Micros = 31 * noroshi_council::terms::DAY;

/// What the committee is asked.
pub(super) struct Asked {
    pub on: Decides,
    pub thing: ThingId,
    pub title: String,
    pub reasons: String,
    /// What is decided on, as those who vote read it.
    pub text: Value,
}

/// When a ballot that begins now closes at the latest.
pub(super) fn closes_at(act: &Act<'_, '_>) -> Micros {
    act.now().saturating_add(act.terms().committee.open)
}

/// Puts something to those of the committee who vote on it: votes are taken from now on. Answers the motion.
///
/// # Errors
/// Refuses where there is nobody who could vote; fails as the database does.
pub(super) fn put(act: &mut Act<'_, '_>, asked: Asked, sits: BTreeSet<OrgId>) -> Result<ThingId, Error> {
    let Asked { on, thing, title, reasons, text } = asked;
    let matter = Matter::Decision { on, thing, text };
    let writing = Writing { body: Body::Committee, title, reasons, matter };
    let (mut motion, mut events) = Motion::draft(writing, &act.actor.org, &act.actor.person)?;
    let terms = act.terms().committee;
    let no = motions::number(act, Body::Committee)?;
    let (now, closes) = (act.now(), closes_at(act));
    let seal = act.ruling().charter.clone();
    let roster = act.roster.clone();
    let noticed = motion.notice((now, now, closes), no, None, &terms, (&roster, &sits), &seal)?;
    for event in noticed {
        motion.apply(&event);
        events.push(event);
    }
    motion.apply(&assembly::Event::Opened);
    events.push(assembly::Event::Opened);
    let told = motions::electorate(&motion);
    let id = act.create('G', None, None, motion, &events, "")?;
    tell(act, "motion-opened", &id, &told)?;
    Ok(id)
}

/// Takes in what the committee decided, with the close of its ballot.
///
/// # Errors
/// Fails as the database does.
pub(super) fn decided(act: &mut Act<'_, '_>, motion: &Loaded<Motion>) -> Result<(), Error> {
    match motion.thing.decision() {
        Some((Decides::Demand, thing, result)) => {
            demand::decided(act, thing, &motion.id, result == Outcome::Carried)
        }
        Some((Decides::Case, thing, result)) => case::decided(act, thing, &motion.id, result),
        Some((Decides::Review, thing, result)) => contribution::decided(act, thing, &motion.id, result),
        None => Ok(()),
    }
}

/// A member of the committee that has entrusted another with its vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Who entrusts.
    pub org: OrgId,
    /// Whom.
    pub to: OrgId,
    /// Until when.
    pub until: Micros,
}

/// The delegations that hold at `now`.
pub(super) fn delegations(conn: &mut Conn, now: Micros) -> Result<Vec<Delegation>, Error> {
    let rows =
        conn.rows("select org, delegate, until from delegation where until > ?1 order by org", args![now])?;
    rows.iter()
        .map(|row| Ok(Delegation { org: OrgId(row.text(0)?), to: OrgId(row.text(1)?), until: row.int(2)? }))
        .collect()
}

/// Whether `org` has entrusted `to` with its vote at `now`.
pub(super) fn entrusted(conn: &mut Conn, org: &OrgId, to: &OrgId, now: Micros) -> Result<bool, Error> {
    Ok(delegations(conn, now)?.iter().any(|one| one.org == *org && one.to == *to))
}

impl Council {
    /// Entrusts another member of the committee with the vote of the actor's organisation until a moment; nobody from now on
    /// where `to` is nothing. Whoever is entrusted does not entrust others with it.
    ///
    /// # Errors
    /// Refuses as the charter does, whoever does not sit on the committee, one's own organisation, and a moment that has passed
    /// or lies more than a month ahead.
    pub async fn delegate_vote(&self, caller: Caller, to: Option<OrgId>, until: Micros) -> Result<(), Error> {
        self.act(caller, Action::DelegateVote, move |act| {
            act.permit(&plain(true))?;
            let (org, now) = (act.actor.org.clone(), act.now());
            act.tx().exec("delete from delegation where org = ?1", args![&org])?;
            let Some(to) = to else {
                return act.record_plain(None, "delegation_ended", org.as_str(), "");
            };
            let sits = motions::seats(act.tx().conn()?)?;
            if to == org || !sits.contains(&to) {
                return Err(Refusal::new(Clause::BadValue).at("to").into());
            }
            if until <= now || until > now.saturating_add(LONGEST) {
                return Err(Refusal::new(Clause::BadValue).at("until").into());
            }
            let person = act.actor.person.clone();
            act.tx().exec(
                "insert into delegation (org, delegate, until, person, at) values (?1, ?2, ?3, ?4, ?5)",
                args![&org, &to, until, &person, now],
            )?;
            let content = serde_json::json!({"org": org, "to": to, "until": until}).to_string();
            act.record_plain(None, "vote_delegated", &content, "")
        })
        .await
    }

    /// The delegations of the committee that hold now, for its members and the secretariat; none for anybody else.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn delegations(&self, actor: &Actor) -> Result<Vec<Delegation>, Error> {
        let sits = actor.roles.contains(&noroshi_council::Role::Steering);
        if !sits && actor.seat != Seat::Secretariat {
            return Ok(Vec::new());
        }
        let now = self.store.now();
        self.store.read(move |conn| delegations(conn, now)).await
    }

    /// Who sits on the committee, for its members and the secretariat.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn committee(&self, actor: &Actor) -> Result<Vec<OrgId>, Error> {
        let sits = actor.roles.contains(&noroshi_council::Role::Steering);
        if !sits && actor.seat != Seat::Secretariat {
            return Ok(Vec::new());
        }
        self.store.read(|conn| Ok(motions::seats(conn)?.into_iter().collect())).await
    }
}
