//! Countermeasures: drafting, releasing by two persons, revising (E5).

use std::collections::BTreeSet;

use noroshi_council::{
    Action, Actor, Gate, OrgId, Refusal, Thing, ThingId,
    gate::Principal,
    item::Item,
    measure::{Change, Content, Measure, Release, Source, Wish, are_two},
    refusal::Clause,
};
use serde_json::json;

use super::{Caller, Council, following::follow_release, stands, subject, tell};
use crate::store::{Act, Error, Outgoing, act::Loaded, unseen};

/// How many members each kind of release would reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Reach {
    /// Class 2 members.
    pub low: usize,
    /// Members.
    pub high: usize,
    /// Members.
    pub precautionary: usize,
    /// Items that it rests on.
    pub sources: usize,
    /// Those among them whose providers let it be derived, as things stand.
    pub agreed: usize,
    /// Organisations that a provider of one has left out.
    pub excluded: usize,
}

/// Loads a measure that the actor may do `act.action` to.
pub(super) fn load(act: &mut Act<'_, '_>, id: &ThingId) -> Result<Loaded<Measure>, Error> {
    let measure = act.load::<Measure>(id)?;
    let party = measure.thing.request().is_some_and(|r| r.addressees.contains(&act.actor.org));
    let mut subject = subject(false, party, measure.thing.state());
    subject.confidence = measure.thing.confidence().map_or(-1, |c| i64::from(c.get()));
    act.permit(&subject)?;
    Ok(measure)
}

/// The same, for whoever reads what is written before it goes out: what goes out under a countermeasure's name is changed by
/// nobody who may not know of what it came.
fn load_worked_on(act: &mut Act<'_, '_>, id: &ThingId) -> Result<Loaded<Measure>, Error> {
    let measure = load(act, id)?;
    let org = act.actor.org.clone();
    if act.with_gate_of(id, |gate| measure.thing.is_worked_on_by(&org, gate))? {
        return Ok(measure);
    }
    Err(Refusal::new(Clause::NotPermitted).into())
}

fn orgs(readers: BTreeSet<Principal>) -> BTreeSet<OrgId> {
    readers
        .into_iter()
        .filter_map(|p| match p {
            Principal::Org(id) => Some(id),
            Principal::Role(_) => None,
        })
        .collect()
}

fn proposing(release: Release) -> Action {
    match release {
        Release::Low => Action::ProposeLowRelease,
        Release::High => Action::ProposeHighRelease,
        Release::Precautionary => Action::ProposePrecautionaryRelease,
    }
}

fn approving(release: Release) -> Action {
    match release {
        Release::Low => Action::ApproveLowRelease,
        Release::High => Action::ApproveHighRelease,
        Release::Precautionary => Action::ApprovePrecautionaryRelease,
    }
}

pub(super) fn class1_group(act: &Act<'_, '_>) -> BTreeSet<OrgId> {
    act.roster.active().filter(|o| o.seat.in_class1_group()).map(|o| o.id.clone()).collect()
}

/// Who of the class 1 group works on a measure.
pub(super) fn working_on(act: &mut Act<'_, '_>, measure: &Loaded<Measure>) -> Result<BTreeSet<OrgId>, Error> {
    let mut all = class1_group(act);
    act.with_gate_of(&measure.id, |gate| all.retain(|org| measure.thing.is_worked_on_by(org, gate)))?;
    Ok(all)
}

/// Everybody who has had a revision: whom a correction has to reach (R40). The council's own product belongs to all
/// members at any time, later ones included.
fn everybody(act: &Act<'_, '_>) -> BTreeSet<OrgId> {
    orgs(Measure::reach(&act.gate()))
}

/// Starts the dissemination of a revision: one row, which a worker expands.
fn disseminate(
    act: &mut Act<'_, '_>,
    id: &ThingId,
    rev: u32,
    change: Change,
    due_at: i64,
) -> Result<(), Error> {
    let payload = json!({"rev": rev, "change": change});
    act.send(&Outgoing { kind: "notice", thing: Some(id), payload, due_at })
}

impl Council {
    /// How many members each release of a draft would reach, computed by the gate itself; nothing, alike, where the draft
    /// is absent or hidden.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn release_reach(&self, actor: &Actor, id: &ThingId) -> Result<Option<Reach>, Error> {
        let Some(view) = self.store.as_seen_by(actor).thing(Measure::KIND, id).await? else {
            return Ok(None);
        };
        if view.layers.iter().all(|layer| layer.key != "draft") {
            return Ok(None);
        }
        let (thing, ruling, roster) = (id.clone(), self.ruling(), self.store.roster());
        self.store
            .read(move |conn| {
                let Some(measure) = unseen::<Measure>(conn, &thing)? else { return Ok(None) };
                let law = ruling.over_thing(conn, &thing)?;
                let gate = Gate { law: &law, roster: &roster };
                let all = super::notice::recipients(&gate).len();
                let mut agreed = 0;
                for source in measure.sources() {
                    let item = unseen::<Item>(conn, &source.item)?;
                    agreed += usize::from(item.is_some_and(|item| item.still_agrees().is_ok()));
                }
                let left_out = |org: &&noroshi_council::Org| {
                    measure.sources().iter().any(|source| source.scope.excludes(&org.id, &roster))
                };
                Ok(Some(Reach {
                    sources: measure.sources().len(),
                    agreed,
                    excluded: roster.active().filter(left_out).count(),
                    low: Measure::asked_early(&gate, measure.sources()).len(),
                    high: all,
                    precautionary: all,
                }))
            })
            .await
    }

    /// Drafts a countermeasure from items.
    ///
    /// # Errors
    /// Refuses as the charter, [`Item::derive`] and [`Measure::draft`] do.
    pub async fn draft_measure(
        &self,
        caller: Caller,
        items: Vec<ThingId>,
        content: Content,
    ) -> Result<ThingId, Error> {
        self.act(caller, Action::DraftCountermeasure, move |act| {
            let limits = act.terms().release;
            act.permit(&subject(false, false, ""))?;
            let mut sources = Vec::new();
            let mut loaded = Vec::new();
            for item in items {
                let item = act.load::<Item>(&item)?;
                item.thing.may_derive()?;
                sources.push(Source::of(item.id.clone(), item.thing.scope().clone(), item.thing.exercise()));
                loaded.push(item);
            }
            let (measure, mut events) = Measure::draft(content, sources, &act.actor.org, &limits)?;
            // It starts with the confidence of the analysis that it came of, once that has been weighed.
            if let Some((confidence, grounds)) = loaded.iter().find_map(|i| i.thing.weighed()) {
                events.extend(measure.assess(confidence, grounds, act.now())?);
            }
            let id = act.create('C', None, loaded.first().map(|i| &i.id), measure, &events, "")?;
            for mut item in loaded {
                let events = item.thing.derive(&id)?;
                act.save(&mut item, &events, "")?;
            }
            Ok(id)
        })
        .await
    }

    /// Rewrites a draft.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::rewrite`] do.
    pub async fn rewrite_measure(
        &self,
        caller: Caller,
        id: ThingId,
        content: Content,
        upon: Option<String>,
    ) -> Result<(), Error> {
        self.act(caller, Action::DraftCountermeasure, move |act| {
            let limits = act.terms().release;
            let mut measure = load_worked_on(act, &id)?;
            stands(upon.as_deref(), measure.thing.content())?;
            let events = measure.thing.rewrite(content, &limits)?;
            act.save(&mut measure, &events, "")
        })
        .await
    }

    /// Gives up a draft that nobody has had.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::give_up`] do.
    pub async fn give_up_draft(&self, caller: Caller, id: ThingId, reason: String) -> Result<(), Error> {
        self.act(caller, Action::DraftCountermeasure, move |act| {
            let mut measure = load_worked_on(act, &id)?;
            let events = measure.thing.give_up(&reason)?;
            act.save(&mut measure, &events, &reason)
        })
        .await
    }

    /// Assesses a countermeasure for itself, where no analysis that it came of is open any more.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::assess_itself`] do.
    pub async fn assess_measure(
        &self,
        caller: Caller,
        id: ThingId,
        value: u8,
        grounds: String,
    ) -> Result<(), Error> {
        self.act(caller, Action::AssessConfidence, move |act| {
            let mut measure = load_worked_on(act, &id)?;
            let mut open = false;
            for source in measure.thing.sources() {
                let item = act.load_unseen::<Item>(&source.item)?;
                open |= item.thing.stands() == noroshi_council::item::State::SharedClass1;
            }
            let events = measure.thing.assess_itself(value, &grounds, open, act.now())?;
            act.save(&mut measure, &events, &grounds)
        })
        .await
    }

    /// Proposes a release.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::propose`] do.
    pub async fn propose_release(
        &self,
        caller: Caller,
        id: ThingId,
        release: Release,
        wish: Wish,
    ) -> Result<(), Error> {
        self.act(caller, proposing(release), move |act| {
            let terms = *act.terms();
            let mut measure = load_worked_on(act, &id)?;
            let now = act.now();
            let mut wish = wish;
            if release == Release::Low && wish.due == 0 {
                wish.due = now + terms.answer;
            }
            let events = measure.thing.propose(release, act.actor, &wish, &terms.release, now)?;
            act.save(&mut measure, &events, &wish.reason)?;
            // Who can be the second person.
            let first = act.actor.seat;
            let second = act.roster.active().filter(|o| are_two(first, o.seat));
            let told = second.map(|o| o.id.clone()).collect();
            tell(act, "proposal", &id, &told)
        })
        .await
    }

    /// Takes a proposal back, or turns it down.
    ///
    /// # Errors
    /// Refuses where no such proposal waits. Whoever proposed is told.
    pub async fn drop_proposal(
        &self,
        caller: Caller,
        id: ThingId,
        release: Release,
        reason: String,
    ) -> Result<(), Error> {
        self.act(caller, approving(release), move |act| {
            let mut measure = load_worked_on(act, &id)?;
            let proposer = measure.thing.proposal().map(|proposal| proposal.org.clone());
            let events = measure.thing.drop_proposal(release, &reason)?;
            act.save(&mut measure, &events, "")?;
            tell(act, "turned-down", &id, &proposer.into_iter().collect())
        })
        .await
    }

    /// The second person approves: the release happens, and the messages of a release to all start in the same
    /// transaction.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::approve`] do.
    pub async fn approve_release(
        &self,
        caller: Caller,
        id: ThingId,
        release: Release,
        upon: Option<String>,
    ) -> Result<(), Error> {
        self.act(caller, approving(release), move |act| {
            let limits = act.terms().release;
            let mut measure = load_worked_on(act, &id)?;
            // Nobody releases a text that changed under its hands, or for other reasons than it read.
            stands(upon.as_deref(), &(measure.thing.content(), measure.thing.proposal()))?;
            // What became of an item since the draft binds the release too.
            for source in measure.thing.sources() {
                let item = act.load_unseen::<Item>(&source.item)?;
                item.thing.still_agrees()?;
            }
            let now = act.now();
            let actor = act.actor.clone();
            let approve = |gate: &Gate<'_>| measure.thing.approve(release, &actor, &limits, gate, now);
            let events = act.with_gate_of(&id, approve)??;
            act.save(&mut measure, &events, "")?;
            match release {
                Release::Low => {
                    let asked = measure.thing.request().map(|r| r.addressees.clone()).unwrap_or_default();
                    tell(act, "request", &id, &asked)
                }
                Release::High | Release::Precautionary => {
                    disseminate(act, &id, measure.thing.rev(), Change::First, now)?;
                    // Providers and answerers see what became of what they gave (R38).
                    let mut told: BTreeSet<OrgId> = measure
                        .thing
                        .request()
                        .map(|r| r.sheets.keys().cloned().collect())
                        .unwrap_or_default();
                    for source in measure.thing.sources() {
                        told.insert(source.scope.provider().clone());
                    }
                    tell(act, "outcome", &id, &told)?;
                    follow_release(act, &id, &measure.thing)
                }
            }
        })
        .await
    }

    /// Looks at a precautionary release again, as the charter asks for.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::review`] do.
    pub async fn review_precaution(&self, caller: Caller, id: ThingId, finding: String) -> Result<(), Error> {
        self.act(caller, Action::ReviewPrecaution, move |act| {
            let mut measure = load_worked_on(act, &id)?;
            let events = measure.thing.review(act.actor, &finding, act.now())?;
            act.save(&mut measure, &events, &finding)
        })
        .await
    }

    /// Records that something of a measure was made public, and where.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::publish`] do.
    pub async fn publish_measure(&self, caller: Caller, id: ThingId, reference: String) -> Result<(), Error> {
        self.act(caller, Action::PublishCountermeasure, move |act| {
            let mut measure = load(act, &id)?;
            let events = measure.thing.publish(&reference, act.now())?;
            act.save(&mut measure, &events, &reference)
        })
        .await
    }

    /// Issues an update, a correction, a cancellation or the all-clear. It goes to everybody who had the first, on the
    /// same channels.
    ///
    /// # Errors
    /// Refuses as the charter and [`Measure::revise`] do.
    pub async fn revise_measure(
        &self,
        caller: Caller,
        id: ThingId,
        change: Change,
        note: String,
        content: Option<Content>,
        upon: Option<String>,
    ) -> Result<u32, Error> {
        let action = match change {
            Change::First | Change::Update => Action::UpdateCountermeasure,
            Change::Correction => Action::CorrectCountermeasure,
            Change::Cancellation => Action::CancelCountermeasure,
            Change::AllClear => Action::EndCountermeasure,
        };
        self.act(caller, action, move |act| {
            let limits = act.terms().release;
            let mut measure = load_worked_on(act, &id)?;
            let now = act.now();
            if let Some(last) = measure.thing.issued() {
                stands(upon.as_deref(), last)?;
            }
            let events = measure.thing.revise(change, &note, content, &limits, now)?;
            act.save(&mut measure, &events, &note)?;
            if measure.thing.released_at().is_none() {
                // Whoever was asked had the first, and whoever has come to class 2 since reads it. Whoever was asked and reads
                // nothing of it any more hears that it has changed, and not how.
                let had = measure.thing.request().map(|r| r.addressees.clone()).unwrap_or_default();
                let (asked, had) = act.with_gate_of(&id, |gate| measure.thing.have_early(&had, gate))?;
                let what = match change {
                    Change::First | Change::Update => "early-update",
                    Change::Correction => "early-correction",
                    Change::Cancellation => "early-cancellation",
                    Change::AllClear => "early-all-clear",
                };
                tell(act, what, &id, &asked)?;
                tell(act, "outgrown", &id, &had)?;
                return Ok(measure.thing.early().last().map_or(0, |r| r.rev));
            }
            let rev = measure.thing.rev();
            disseminate(act, &id, rev, change, now)?;
            let told = everybody(act);
            act.ring(&told)?;
            Ok(rev)
        })
        .await
    }
}
