//! Motions: drafting, calling the meeting, closing the ballot, and the day on which an amendment takes effect (E9,
//! E11; R52–R55).

use std::collections::BTreeSet;

use noroshi_charter::{Amendment, Charter, Conflict, Flaw};
use noroshi_council::{
    Action, Actor, Law, Micros, OrgId, Refusal, Role, Seat, Thing, ThingId,
    assembly::{Amended, Body, Event, Matter, Motion, Obstacle, Proof, State, Writing},
    refusal::Clause,
};
use serde_json::json;

use super::{Caller, Council, ballot, committee, membership, plain, refit, subject, tell};
use crate::{
    assembly::{amending, roll},
    charters,
    store::{Act, Conn, Error, Rung, act::Loaded},
};

/// What is moved, as it is written.
#[derive(Debug, Clone)]
pub enum Move {
    /// A resolution.
    Resolution(String),
    /// An amendment, and when it is to take effect.
    Amendment(Amendment, Micros),
}

/// A motion as it is written.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Who is to decide.
    pub body: Body,
    /// What it is called.
    pub title: String,
    /// Why.
    pub reasons: String,
    /// What is moved.
    pub matter: Move,
}

/// Why an amendment makes no charter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// The rules said no, or the database did.
    Places(Vec<Conflict>),
    /// What it makes of the charter has flaws.
    Flaws(Vec<Flaw>),
}

/// What comes of writing a motion.
pub type Drafted = Result<ThingId, Unfit>;

impl Council {
    /// Drafts a motion, or rewrites the draft `id`.
    ///
    /// # Errors
    /// Refuses as the charter and [`Motion::draft`] do, and an amendment that changes nothing.
    pub async fn draft_motion(
        &self,
        caller: Caller,
        id: Option<ThingId>,
        draft: Draft,
    ) -> Result<Drafted, Error> {
        let action = Action::DraftMotion;
        // Before anything is compiled: whoever may not move anything gives the server nothing to do.
        let charter = self.charters.current();
        let base = i64::from(charter.version());
        charter.permits(&caller.actor, action, &plain(false))?;
        let matter = match draft.matter {
            Move::Resolution(text) => Matter::Resolution { text },
            Move::Amendment(changes, effective_at) => match self.fit(changes, &charter).await? {
                Err(unfit) => return Ok(Err(unfit)),
                Ok(changes) => {
                    Matter::Amendment(Amended { base, changes: serde_json::to_value(changes)?, effective_at })
                }
            },
        };
        let writing = Writing { body: draft.body, title: draft.title, reasons: draft.reasons, matter };
        let done = self
            .act(caller, action, move |act| {
                act.permit(&plain(false))?;
                if matches!(writing.matter, Matter::Amendment(_)) && act.ruling().version != base {
                    return Err(Refusal::new(Clause::SomebodyWasFaster).into());
                }
                match id {
                    Some(id) => {
                        let mut motion = act.load::<Motion>(&id)?;
                        let events = motion.thing.rewrite(writing)?;
                        act.save(&mut motion, &events, "")?;
                        Ok(id)
                    }
                    None => {
                        let (motion, events) = Motion::draft(writing, &act.actor.org, &act.actor.person)?;
                        act.create('G', None, None, motion, &events, "")
                    }
                }
            })
            .await?;
        self.proving.want();
        Ok(Ok(done))
    }

    /// An amendment without what the charter says already, if it makes a charter.
    async fn fit(
        &self,
        mut changes: Amendment,
        charter: &Charter,
    ) -> Result<Result<Amendment, Unfit>, Error> {
        let version = charter.version();
        let all = self.store.read(|conn| Ok(charters::versions(conn)?)).await?;
        let source = all.into_iter().find(|v| v.source.version == version).ok_or(Error::NotFound)?.source;
        // No version of a charter had this number before, so whoever signed an earlier pledge is asked again.
        if let Some(pledge) = &mut changes.pledge {
            pledge.version = (version + 1).to_string();
        }
        let changes = changes.beside(charter.wording(), &source);
        if changes.is_empty() {
            return Err(Refusal::new(Clause::AmendmentEmpty).into());
        }
        let compiled = tokio::task::spawn_blocking(move || {
            let new = changes.apply(&source, version + 1).map_err(Unfit::Places)?;
            Charter::compile(&new).map_err(Unfit::Flaws)?;
            Ok(changes)
        });
        compiled.await.map_err(|_| Error::Stopped)
    }

    /// Takes in what was proven of an amendment, as nobody's act.
    pub(crate) async fn take_proof(&self, id: ThingId, proof: Proof) -> Result<(), Error> {
        self.act(Caller::new(Actor::clock()), Action::LetTimePass, move |act| {
            act.permit(&plain(false))?;
            let mut motion = act.load_unseen::<Motion>(&id)?;
            let versions = charters::versions(act.tx().conn()?)?;
            let now = amending::outcome(&motion.thing, &versions);
            let about = |(base, new): &(noroshi_charter::Source, Result<noroshi_charter::Source, _>)| {
                i64::from(base.version) == proof.base
                    && new.as_ref().is_ok_and(|new| new.hash() == proof.hash)
            };
            // It was rewritten meanwhile, or another charter is in force: the next proof is about that.
            if !now.as_ref().is_some_and(about) {
                return Ok(());
            }
            let events = motion.thing.prove(proof)?;
            act.save(&mut motion, &events, "")
        })
        .await
    }

    /// 招集通知: calls the assembly to vote on a motion between two moments. Answers its number.
    ///
    /// # Errors
    /// Refuses as the charter and [`Motion::notice`] do.
    pub async fn notice_motion(
        &self,
        caller: Caller,
        id: ThingId,
        opens_at: Micros,
        closes_at: Micros,
    ) -> Result<u32, Error> {
        self.act(caller, Action::NoticeMotion, move |act| {
            let mut motion = act.load::<Motion>(&id)?;
            act.permit(&subject(false, false, motion.thing.state()))?;
            let versions = charters::versions(act.tx().conn()?)?;
            let new = match amending::outcome(&motion.thing, &versions) {
                Some((base, _)) if !amending::is_direct(&motion.thing, &base) => {
                    return Err(Refusal::new(Clause::SomebodyWasFaster).into());
                }
                Some((_, new)) => new.ok().map(|new| new.hash()),
                None => None,
            };
            let (ballot, sits) = match motion.thing.body() {
                Body::Assembly => (act.terms().ballot, BTreeSet::new()),
                Body::Committee => (act.terms().committee, seats(act.tx().conn()?)?),
            };
            let no = number(act, motion.thing.body())?;
            // Written a moment ago for «from now on»: it is not refused for the moment that it took to send.
            let opens_at = if opens_at < act.now() && ballot.notice == 0 { act.now() } else { opens_at };
            let when = (act.now(), opens_at, closes_at);
            let seal = act.ruling().charter.clone();
            let roster = act.roster.clone();
            let events = motion.thing.notice(when, no, new.as_deref(), &ballot, (&roster, &sits), &seal)?;
            act.save(&mut motion, &events, "")?;
            let told = concerned(act, &motion.thing);
            tell(act, "motion-noticed", &id, &told)?;
            Ok(no)
        })
        .await
    }

    /// Takes a motion back before anybody could vote.
    ///
    /// # Errors
    /// Refuses as the charter and [`Motion::drop_it`] do.
    pub async fn drop_motion(&self, caller: Caller, id: ThingId) -> Result<(), Error> {
        self.act(caller, Action::DropMotion, move |act| {
            let mut motion = act.load::<Motion>(&id)?;
            act.permit(&subject(false, false, motion.thing.state()))?;
            let noticed = motion.thing.noticed().is_some();
            let events = motion.thing.drop_it()?;
            act.save(&mut motion, &events, "")?;
            let told = concerned(act, &motion.thing);
            if noticed { tell(act, "motion-dropped", &id, &told) } else { Ok(()) }
        })
        .await
    }
}

/// What time does to a motion: it opens, it closes, an amendment takes effect.
pub(super) fn pass(act: &mut Act<'_, '_>, id: &ThingId) -> Result<(), Error> {
    let mut motion = act.load_unseen::<Motion>(id)?;
    let now = act.now();
    let events = motion.thing.by_time(act.terms(), now);
    if let Some(event) = events.first() {
        // The reminder goes to all who may vote, whether they have or not: whom it goes to would tell who has.
        let what = if *event == Event::Opened { "motion-opened" } else { "motion-closes" };
        act.save(&mut motion, &events, "")?;
        let told = electorate(&motion.thing);
        return tell(act, what, id, &told);
    }
    let due = |at: Option<Micros>| at.is_some_and(|at| now >= at);
    if motion.thing.stands() == State::Open && due(motion.thing.noticed().map(|n| n.closes_at)) {
        return close(act, &mut motion);
    }
    if motion.thing.needs_effect() && due(motion.thing.effective_at()) {
        return take_effect(act, &mut motion);
    }
    act.doze(&motion)
}

pub(super) fn close(act: &mut Act<'_, '_>, motion: &mut Loaded<Motion>) -> Result<(), Error> {
    let votes = ballot::votes(act.tx().conn()?, &motion.id)?;
    let link = match votes.last() {
        Some(vote) => vote.link.clone(),
        None => roll::first_link(motion.id.as_str(), &motion.thing.text()),
    };
    let events = motion.thing.close(&ballot::count(&votes), &link, &act.roster.clone(), act.now())?;
    act.save(motion, &events, "")?;
    let told = concerned(act, &motion.thing);
    tell(act, "motion-closed", &motion.id.clone(), &told)?;
    committee::decided(act, motion)
}

/// Puts a carried amendment in force, whole and for everybody in one transaction: the charter, and what each reader reads by
/// it.
fn take_effect(act: &mut Act<'_, '_>, motion: &mut Loaded<Motion>) -> Result<(), Error> {
    let versions = charters::versions(act.tx().conn()?)?;
    let Some((base, new)) = amending::outcome(&motion.thing, &versions) else {
        return act.never_wakes(&motion.id);
    };
    let now = act.now();
    let stopped = |places: serde_json::Value| Err(Obstacle::Conflict { places });
    let outcome = match new {
        Err(conflicts) => stopped(json!(conflicts)),
        Ok(new) => match Charter::compile(&new) {
            Err(flaws) => stopped(json!(flaws.iter().map(ToString::to_string).collect::<Vec<_>>())),
            Ok(_) => {
                let hash = new.hash();
                let about = |p: &&Proof| p.base == i64::from(base.version) && p.hash == hash;
                let proof = motion.thing.proof().filter(about);
                let known = proof.filter(|p| !p.open || amending::is_direct(&motion.thing, &base));
                match known {
                    // It is put to the proof upon what has been put in force meanwhile, and waits for that.
                    None => return act.doze(motion),
                    Some(proof) if proof.blocked => Err(Obstacle::Broken),
                    Some(_) => {
                        let adopted = motion.thing.closed().map_or(now, |closed| closed.at);
                        charters::put(act.tx(), &new, &motion.id, adopted, now)?;
                        Ok(i64::from(new.version))
                    }
                }
            }
        },
    };
    let changed = outcome.as_ref().ok().copied();
    let events = motion.thing.take_effect(outcome, now)?;
    act.save(motion, &events, "")?;
    if let Some(version) = changed {
        act.reload_law()?;
        refit(act)?;
        act.tx().ring(Rung::Law { charter: version });
    }
    let told = everybody(act);
    let what = if changed.is_some() { "charter-changed" } else { "amendment-stopped" };
    tell(act, what, &motion.id.clone(), &told)
}

/// The number of a body's next motion: the assembly's and the committee's are counted through the council's life, by their
/// notices, and each by itself. Who reads the assembly's does not learn how often the committee has voted.
pub(super) fn number(act: &mut Act<'_, '_>, body: Body) -> Result<u32, Error> {
    let sql = "select thing from journal where event = 'noticed' and thing like 'G-%' order by seq desc";
    let noticed = act.tx().conn()?.rows(sql, &[])?;
    for row in noticed {
        let before = act.load_unseen::<Motion>(&ThingId(row.text(0)?))?.thing;
        if let Some(notice) = before.noticed().filter(|_| before.body() == body) {
            return Ok(notice.no.saturating_add(1));
        }
    }
    Ok(1)
}

pub(super) fn electorate(motion: &Motion) -> BTreeSet<OrgId> {
    motion.noticed().map(|notice| notice.electorate.clone()).unwrap_or_default()
}

/// The organisations whose people sit on the steering committee.
pub(super) fn seats(conn: &mut Conn) -> Result<BTreeSet<OrgId>, Error> {
    let mut sits = BTreeSet::new();
    for row in conn.rows("select org, roles from person where state = 'enrolled'", &[])? {
        if row.json::<Vec<String>>(1)?.iter().any(|role| role == Role::Steering.as_str()) {
            sits.insert(OrgId(row.text(0)?));
        }
    }
    Ok(sits)
}

/// Whom a motion concerns: of the committee, those who vote and the secretariat.
fn concerned(act: &Act<'_, '_>, motion: &Motion) -> BTreeSet<OrgId> {
    match motion.body() {
        Body::Assembly => everybody(act),
        Body::Committee => electorate(motion).into_iter().chain(membership::secretariat(act)).collect(),
    }
}

/// Every member, and the secretariat.
pub(super) fn everybody(act: &Act<'_, '_>) -> BTreeSet<OrgId> {
    let told = |seat: Seat| matches!(seat, Seat::Member(_) | Seat::Secretariat);
    act.roster.active().filter(|o| told(o.seat)).map(|o| o.id.clone()).collect()
}
