//! The membership: the roll, who supervises whom, suspension, leaving and expulsion (R2–R4, R15; state machine E1). Whatever
//! changes who reads works out the views of everything anew in the same transaction.

use std::collections::BTreeSet;

use noroshi_council::{
    Action, Actor, Class, Gate, Micros, Org, OrgId, PersonId, Refusal, Seat, Standing, Terms, Text, ThingId,
    listing,
    refusal::{Clause, optional_text, telephone, text},
    standing::{Change, Membership, keeps_offices, may_regulate},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Caller, Council, plain, refit};
use crate::{
    ids,
    store::{Act, Error, Outgoing, identity, roster},
};

/// The longest name and telephone number, characters.
const NAME_MAX: usize = 80;
/// The longest reason, characters.
const REASON_MAX: usize = 500;

/// What the roll is to say of an organisation. What is not said stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which; a new one where there is none.
    pub id: Option<OrgId>,
    /// Its name.
    pub name: Text,
    /// Where it sits.
    pub seat: Seat,
    /// Its sector: one of the charter's, or one that somebody on the roll has.
    pub sector: String,
    /// Whether it is a mutual-aid body.
    pub association: bool,
    /// How many constituents it has.
    pub constituents: u32,
    /// When its staff start work, minutes after midnight.
    pub opening_minute: Option<u16>,
    /// The number that the coordinator calls.
    pub phone: Option<String>,
    /// Who supervises it, beside those already recorded.
    pub regulators: BTreeSet<OrgId>,
    /// What this rests on.
    pub reason: String,
}

/// 受領証: what a member that has left keeps of its notice (R3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Its number.
    pub number: String,
    /// Which organisation left.
    pub org: OrgId,
    /// What it is called.
    pub name: Text,
    /// Who filed the notice.
    pub person: PersonId,
    /// When the notice was received and took effect, unix microseconds.
    pub at: Micros,
    /// Profile, version and hash of the charter that it left.
    pub charter: String,
    /// How many handlers it had who go on being bound by their pledge.
    pub bound: u64,
    /// The hash of the journal's line: whoever keeps the journal finds the notice by it and cannot deny it.
    pub line: String,
}

/// Tells organisations by mail that something about a membership has happened.
pub(super) fn news(act: &mut Act<'_, '_>, what: &str, orgs: &BTreeSet<OrgId>) -> Result<(), Error> {
    let due_at = act.now();
    let payload = json!({"what": what, "orgs": orgs});
    act.send(&Outgoing { kind: "mail", thing: None, payload, due_at })
}

/// Whoever keeps the roll and handles the cases of members, of which the coordinator knows nothing.
pub(super) fn secretariat(act: &Act<'_, '_>) -> BTreeSet<OrgId> {
    act.roster.active().filter(|o| o.seat == Seat::Secretariat).map(|o| o.id.clone()).collect()
}

/// The offices that the leaving of a member concerns.
pub(super) fn offices(act: &Act<'_, '_>) -> BTreeSet<OrgId> {
    let seats = [Seat::Coordinator, Seat::Secretariat];
    act.roster.active().filter(|o| seats.contains(&o.seat)).map(|o| o.id.clone()).collect()
}

/// Where a membership stands, as the rule needs it.
fn standing_of(act: &mut Act<'_, '_>, org: &OrgId) -> Result<(Org, Membership), Error> {
    let org = act.roster.get(org).cloned().ok_or(Error::NotFound)?;
    let ends_at = roster::suspension_end(act.tx().conn()?, &org.id)?;
    let standing = org.standing;
    Ok((org, Membership { standing, ends_at }))
}

/// Makes the change of a membership that the rules allow, with all that follows from it but its record. Answers how many
/// people go on being bound by a pledge.
fn make(act: &mut Act<'_, '_>, org: &OrgId, change: Change, terms: &Terms) -> Result<(Org, u64), Error> {
    let own = act.actor.org == *org;
    act.permit(&plain(own))?;
    carry_out(act, org, change, terms)
}

/// The same for what the steering committee has carried, whose ballot is the permission.
pub(super) fn carry_out(
    act: &mut Act<'_, '_>,
    org: &OrgId,
    change: Change,
    terms: &Terms,
) -> Result<(Org, u64), Error> {
    let (before, membership) = standing_of(act, org)?;
    let after = membership.change(change, act.actor.seat, act.now(), terms.suspension)?;
    keeps_offices(&act.roster, Some(&before), &Org { standing: after.standing, ..before.clone() })?;
    roster::set_membership(act.tx(), org, after)?;
    let bound = if change.ends() { identity::leave(act.tx(), org)? } else { 0 };
    refit(act)?;
    Ok((before, bound))
}

/// Lets a member be of this class from now on, with all that follows from it: what it has read it has read, and what it owed to
/// another class it owes no more. `of` is the thing that this was decided in.
pub(super) fn set_class(
    act: &mut Act<'_, '_>,
    org: &OrgId,
    class: Class,
    of: Option<&ThingId>,
) -> Result<(), Error> {
    let before = act.roster.get(org).cloned().ok_or(Error::NotFound)?;
    let after = Org { seat: Seat::Member(class), ..before.clone() };
    keeps_offices(&act.roster, Some(&before), &after)?;
    let phone = roster::phone(act.tx().conn()?, org)?;
    roster::put(act.tx(), &after, &phone)?;
    refit(act)?;
    act.record_plain(of, "roster_changed", &serde_json::to_string(&after)?, "")
}

impl Council {
    /// Whether `actor` may read the list of members: as the charter lets its organisation, or the committee where it sits there.
    #[must_use]
    pub fn reads_the_roll(&self, actor: &Actor) -> bool {
        let (ruling, roster) = (self.ruling(), self.store.roster());
        listing::reads_all(&Gate { law: &*ruling.law, roster: &roster }, actor)
    }

    /// Adds an organisation to the roll or changes what the roll says of one, by the secretariat. Who becomes a member, and of
    /// which class, the committee decides by a vote; while nobody sits on it, this is the record of what was decided on paper.
    /// Answers which organisation it is.
    ///
    /// # Errors
    /// Refuses whoever is not the secretariat, a new member or a higher class where the committee decides, what would leave an office empty or fill the coordinator's twice, a seat for one
    /// who has left, a sector that there is not, and regulators that cannot be.
    pub async fn administer(&self, caller: Caller, entry: Entry) -> Result<OrgId, Error> {
        let reason = text(&entry.reason, "reason", REASON_MAX)?;
        let name = Text {
            ja: text(&entry.name.ja, "name.ja", NAME_MAX)?,
            en: text(&entry.name.en, "name.en", NAME_MAX)?,
        };
        let phone = entry.phone.as_deref().map(|p| telephone(p, "phone", NAME_MAX)).transpose()?;
        if entry.opening_minute.is_some_and(|m| m >= 24 * 60) {
            return Err(Refusal::new(Clause::BadValue).at("opening_minute").into());
        }
        if entry.id.as_ref().is_some_and(|id| !good_id(id)) {
            return Err(Refusal::new(Clause::BadValue).at("id").into());
        }
        self.act(caller, Action::AdministerRoster, move |act| {
            act.permit(&plain(false))?;
            if let Seat::Member(class) = entry.seat {
                act.gate().knows_classes([&class]).map_err(|r| r.at("seat"))?;
            }
            act.gate().knows_sectors([&entry.sector]).map_err(|r| r.at("sector"))?;
            let id = entry.id.unwrap_or_else(|| OrgId(ids::plain("o")));
            let before = act.roster.get(&id).cloned();
            let now = act.now();
            let org = Org {
                id: id.clone(),
                name,
                seat: entry.seat,
                sector: entry.sector,
                association: entry.association,
                constituents: entry.constituents,
                // What an organisation has decided about itself stays as it is.
                receives_secrets: before.as_ref().is_none_or(|b| b.receives_secrets),
                listed: before.as_ref().is_some_and(|b| b.listed),
                opening_minute: entry
                    .opening_minute
                    .unwrap_or_else(|| before.as_ref().map_or(0, |b| b.opening_minute)),
                standing: before.as_ref().map_or(Standing::Active, |b| b.standing),
                joined_at: before.as_ref().map_or(now, |b| b.joined_at),
            };
            keeps_offices(&act.roster, before.as_ref(), &org)?;
            if rises(before.as_ref(), &org) {
                committee_is_empty(act)?;
            }
            let phone = match phone {
                Some(phone) => phone,
                None => roster::phone(act.tx().conn()?, &id)?,
            };
            roster::put(act.tx(), &org, &phone)?;
            act.reload_roster()?;
            for regulator in &entry.regulators {
                may_regulate(&act.roster, regulator, &id).map_err(|r| r.at("regulators"))?;
                roster::put_regulator(act.tx(), regulator, &id)?;
            }
            refit(act)?;
            act.record_plain(None, "roster_changed", &serde_json::to_string(&org)?, &reason)?;
            Ok(id)
        })
        .await
    }

    /// Records that `regulator` supervises `org` under a law of its own, or that it no longer does, by the secretariat. Whoever
    /// becomes a regulator loses at once what a provider keeps from its regulators. Recording what is on record already
    /// changes nothing.
    ///
    /// # Errors
    /// Refuses whoever is not the secretariat, an organisation as its own regulator, and one that is not there.
    pub async fn set_regulator(
        &self,
        caller: Caller,
        org: OrgId,
        regulator: OrgId,
        regulates: bool,
        reason: String,
    ) -> Result<(), Error> {
        let reason = text(&reason, "reason", REASON_MAX)?;
        self.act(caller, Action::AdministerRoster, move |act| {
            act.permit(&plain(false))?;
            act.roster.get(&org).ok_or(Error::NotFound)?;
            let recorded = act.roster.is_regulator_of(&regulator, &org);
            if regulates {
                may_regulate(&act.roster, &regulator, &org)?;
            } else if act.roster.get(&regulator).is_none() {
                return Err(Refusal::new(Clause::BadValue).at("regulator").into());
            }
            if recorded == regulates {
                return Ok(());
            }
            let event = if regulates {
                roster::put_regulator(act.tx(), &regulator, &org)?;
                "regulator_recorded"
            } else {
                roster::drop_regulator(act.tx(), &regulator, &org)?;
                "regulator_removed"
            };
            refit(act)?;
            // The supervised one sees its regulators where it draws a scope.
            act.ring(&BTreeSet::from([org.clone()]))?;
            let content = json!({"org": org, "regulator": regulator}).to_string();
            act.record_plain(None, event, &content, &reason)
        })
        .await
    }

    /// Changes where a membership stands: suspends it, confirms or ends that, records an expulsion, or a withdrawal whose
    /// notice came on paper. A suspension that nobody confirms ends by itself ([`Council::end_suspensions`]). The member is
    /// told of a suspension and of its end.
    ///
    /// # Errors
    /// Refuses as the charter and [`Membership::change`] do, and what would leave an office empty.
    pub async fn change_standing(
        &self,
        caller: Caller,
        org: OrgId,
        change: Change,
        reason: String,
    ) -> Result<(), Error> {
        let reason = text(&reason, "reason", REASON_MAX)?;
        let action = change.action(false);
        self.act(caller, action, move |act| {
            // Its own notice is filed by the organisation's administrator, with a receipt.
            if change == Change::Withdraw && act.actor.org == org {
                return Err(Refusal::new(Clause::NotPermitted).into());
            }
            let terms = *act.terms();
            make(act, &org, change, &terms)?;
            if change == Change::Expel {
                committee_is_empty(act)?;
            }
            let told = BTreeSet::from([org.clone()]);
            match change {
                Change::Suspend | Change::Confirm => news(act, "suspended", &told)?,
                Change::Reinstate => news(act, "reinstated", &told)?,
                Change::Withdraw | Change::Expel => {}
            }
            act.ring(&told)?;
            act.record_plain(None, change.event(), org.as_str(), &reason)
        })
        .await
    }

    /// 脱退の届出: the actor's organisation leaves the council by its administrator's notice, at once and without anybody's
    /// approval, also while suspended (R3). Its people become former handlers; their sessions, keys and live events end on
    /// every node; nobody can draw its scopes any more, and what it gave keeps them. `org` is its own id, so that nobody
    /// leaves by a slip.
    ///
    /// # Errors
    /// Refuses whoever is not its administrator or has not proved its presence, another organisation's id, and the last
    /// holder of an office that the council cannot be without.
    pub async fn withdraw(&self, caller: Caller, org: OrgId, reason: String) -> Result<Receipt, Error> {
        let reason = optional_text(&reason, "reason", REASON_MAX)?;
        self.act(caller, Action::WithdrawMembership, move |act| {
            let terms = *act.terms();
            if act.actor.org != org {
                return Err(Refusal::new(Clause::BadValue).at("org").into());
            }
            let (at, charter) = (act.now(), act.ruling().charter.to_string());
            let (before, bound) = make(act, &org, Change::Withdraw, &terms)?;
            let told = offices(act);
            news(act, "member-left", &told)?;
            act.ring(&told)?;
            let mut receipt = Receipt {
                number: ids::thing('W').0,
                org,
                name: before.name,
                person: act.actor.person.clone(),
                at,
                charter,
                bound,
                line: String::new(),
            };
            act.record_plain(None, Change::Withdraw.event(), &serde_json::to_string(&receipt)?, &reason)?;
            receipt.line = act.last_line()?;
            Ok(receipt)
        })
        .await
    }

    /// Ends the suspensions whose time is over at `now` and that nobody has confirmed, each in an act of its own, and tells the
    /// members. Answers whose they were, and the moment at which the next one ends, if any: before it there is nothing to do
    /// here. For whoever watches the clock; calling it early, late, twice or on several nodes at once does no harm.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn end_suspensions(&self, now: Micros) -> Result<(Vec<OrgId>, Option<Micros>), Error> {
        let (due, next) = self.store.read(move |conn| Ok(roster::suspensions(conn, now)?)).await?;
        let mut ended = Vec::new();
        for org in due {
            let of = org.clone();
            let act = self.act(Caller::new(Actor::clock()), Action::LetTimePass, move |act| {
                act.permit(&plain(false))?;
                let (_, membership) = standing_of(act, &of)?;
                let Some(after) = membership.by_time(now) else { return Ok(false) };
                roster::set_membership(act.tx(), &of, after)?;
                refit(act)?;
                let told = BTreeSet::from([of.clone()]);
                news(act, "reinstated", &told)?;
                act.ring(&told)?;
                act.record_plain(None, "suspension_ended", of.as_str(), "")?;
                Ok(true)
            });
            if act.await? {
                ended.push(org);
            }
        }
        Ok((ended, next))
    }

    /// When the suspension of an organisation ends by itself; nothing where it is not suspended, or for longer.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn suspension_end(&self, org: &OrgId) -> Result<Option<Micros>, Error> {
        let org = org.clone();
        self.store.read(move |conn| Ok(roster::suspension_end(conn, &org)?)).await
    }
}

/// Whether an organisation becomes a member by this, or is of a higher class.
fn rises(before: Option<&Org>, after: &Org) -> bool {
    let class = |org: &Org| match org.seat {
        Seat::Member(class) => Some(class),
        _ => None,
    };
    class(after) > before.and_then(class)
}

/// What the committee decides is recorded by hand only while nobody sits on it.
fn committee_is_empty(act: &mut Act<'_, '_>) -> Result<(), Error> {
    let sits = super::assembly::seats(act.tx().conn()?)?;
    if sits.is_empty() { Ok(()) } else { Err(Refusal::new(Clause::CommitteeDecides).into()) }
}

/// Whether somebody may choose this id for an organisation: none that reads as anything else, such as a role.
fn good_id(id: &OrgId) -> bool {
    let rest = id.as_str().strip_prefix("o-").unwrap_or_default();
    (1..=60).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
