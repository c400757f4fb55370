//! What people can do, whichever door they come through: a page, the API, the demo, a mail.
//!
//! Each act is the same five steps: load what it concerns (what the actor cannot see does not exist for it), ask the
//! charter, ask the pure rule, record its events, say who has to be told.

pub mod answering;
pub mod applicant;
pub mod assembly;
pub mod ballot;
pub mod board;
pub mod case;
pub mod committee;
pub mod consult;
pub mod contribution;
pub mod demand;
mod following;
pub mod helped;
pub mod item;
pub mod measure;
pub mod membership;
pub mod notice;
pub mod preview;
pub mod reading;
pub mod time;

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use noroshi_council::{
    Action, Actor, OrgId, Subject, Thing, ThingId,
    assembly::Motion,
    case::Case,
    consult::Consultation,
    contribution::Review,
    demand::{Demand, answer::Given},
    import::Import,
    item::Item,
    measure::Measure,
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use crate::{
    assembly::proving::Proving,
    charters::Charters,
    import,
    import::Reading,
    store::{
        Act, Error, Outgoing, Store,
        act::{Loaded, Once, Ruling},
        audience::hex,
    },
};

/// The council at work: its memory, its charter and its numbers. Cheap to clone.
#[derive(Clone)]
pub struct Council {
    /// Where things are kept.
    pub store: Store,
    /// The law.
    pub charters: Arc<Charters>,
    /// Amendments that are put to the proof.
    pub proving: Arc<Proving>,
    /// Who reads what the import brings that was gone on with last.
    pub(crate) reading: Arc<Reading>,
    /// Who has been recorded to have read objects of what.
    pub(crate) traces: Arc<reading::Traces>,
}

/// Somebody who asks for an act.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// Whether asking twice does it twice.
    pub once: Once,
}

impl Caller {
    /// A caller whose act may happen as often as it is asked for.
    #[must_use]
    pub fn new(actor: Actor) -> Caller {
        Caller { actor, once: Once::default() }
    }
}

impl Council {
    /// Lets somebody act, by the charter in force.
    pub(crate) async fn act<T: Serialize + DeserializeOwned + Send + 'static>(
        &self,
        caller: Caller,
        action: Action,
        body: impl FnOnce(&mut Act<'_, '_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.store.act(self.charters.clone(), caller.actor, action, caller.once, body).await
    }

    /// The charter in force, as this node last heard.
    pub(crate) fn ruling(&self) -> Ruling {
        self.charters.ruling()
    }
}

/// Works out the readers of everything anew, after the membership changed: who was demoted, was suspended, left or stopped
/// receiving secrets no longer reads, in the same transaction. Who is of a class no longer owes nothing of it either.
///
/// # Errors
/// Fails as the database does.
pub(crate) fn refit(act: &mut Act<'_, '_>) -> Result<(), Error> {
    act.reload_roster()?;
    for (id, kind) in act.all_things()? {
        match kind.as_str() {
            Consultation::KIND => refit_consultation(act, &id)?,
            Item::KIND => refit_item(act, &id)?,
            Measure::KIND => refit_measure(act, &id)?,
            Review::KIND => contribution::refit_review(act, &id)?,
            Import::KIND => import::refit(act, &id)?,
            Motion::KIND => refit_one::<Motion>(act, &id)?,
            Case::KIND => case::refit_case(act, &id)?,
            Demand::KIND => demand::refit(act, &id)?,
            Given::KIND => refit_one::<Given>(act, &id)?,
            _ => {}
        }
    }
    Ok(())
}

fn refit_one<T: Thing>(act: &mut Act<'_, '_>, id: &ThingId) -> Result<(), Error> {
    let loaded = act.load_unseen::<T>(id)?;
    act.publish(&loaded)
}

/// An adviser that is none any more leaves its place, and the coordinator hears of it.
fn refit_consultation(act: &mut Act<'_, '_>, id: &ThingId) -> Result<(), Error> {
    let mut loaded = act.load_unseen::<Consultation>(id)?;
    let lapsed = loaded.thing.lapse(&act.roster);
    take_in(act, &mut loaded, &lapsed)?;
    if lapsed.is_empty() {
        return Ok(());
    }
    let told = coordinator(act);
    tell(act, "consultation", id, &told)
}

/// A debt of somebody who can no longer pay it would keep the item open for ever.
fn refit_item(act: &mut Act<'_, '_>, id: &ThingId) -> Result<(), Error> {
    let mut loaded = act.load_unseen::<Item>(id)?;
    let lapsed = loaded.thing.lapse(&act.gate());
    take_in(act, &mut loaded, &lapsed)
}

/// Takes in what has lapsed, and shows the thing anew in any case.
fn take_in<T: Thing>(
    act: &mut Act<'_, '_>,
    loaded: &mut Loaded<T>,
    lapsed: &[T::Event],
) -> Result<(), Error> {
    if lapsed.is_empty() { act.publish(loaded) } else { act.save(loaded, lapsed, "") }
}

/// Nobody is reminded of an answer, or judged by it, that it cannot give any more.
fn refit_measure(act: &mut Act<'_, '_>, id: &ThingId) -> Result<(), Error> {
    let mut loaded = act.load_unseen::<Measure>(id)?;
    let lapsed = loaded.thing.lapse(&act.gate());
    if lapsed.is_empty() { act.publish(&loaded) } else { answering::answered(act, &mut loaded, &lapsed, "") }
}

/// The coordinator, as whom to tell something.
fn coordinator(act: &Act<'_, '_>) -> BTreeSet<OrgId> {
    act.roster.coordinator().map(|o| o.id.clone()).into_iter().collect()
}

/// Records what follows of itself from what somebody did, and is nobody's act: in the lines of the actor, which its organisation
/// takes along, it would tell of things that the actor does not see.
///
/// # Errors
/// Fails as `follows` does.
fn of_itself<T>(
    act: &mut Act<'_, '_>,
    follows: impl FnOnce(&mut Act<'_, '_>) -> Result<T, Error>,
) -> Result<T, Error> {
    static CLOCK: LazyLock<Actor> = LazyLock::new(Actor::clock);
    let actor = std::mem::replace(&mut act.actor, &CLOCK);
    let done = follows(act);
    act.actor = actor;
    done
}

/// A subject that is nothing but one's own or somebody else's.
pub(crate) fn plain(own: bool) -> Subject {
    subject(own, false, "")
}

/// A subject without confidence.
pub(crate) fn subject(own: bool, party: bool, state: &str) -> Subject {
    Subject { own, party, state: state.to_owned(), confidence: -1 }
}

/// A short print of something, by which a form says what it was filled with, or what was read before it was sent.
#[must_use]
pub fn print(read: &impl Serialize) -> String {
    let text = serde_json::to_string(read).unwrap_or_default();
    hex(&Sha256::digest(text)).chars().take(16).collect()
}

/// Refuses a form about something else than what stands now: somebody else wrote in between.
fn stands(upon: Option<&str>, now: &impl Serialize) -> Result<(), Error> {
    if upon.is_some_and(|upon| upon != print(now)) {
        return Err(noroshi_council::Refusal::new(noroshi_council::refusal::Clause::SomebodyWasFaster).into());
    }
    Ok(())
}

/// Tells those who have read a layer of something until now, and read it no more, that it ended for them (E3). Whoever never
/// read it hears nothing.
///
/// # Errors
/// Fails as the database does.
fn tell_lost(
    act: &mut Act<'_, '_>,
    what: &str,
    thing: &ThingId,
    before: &BTreeSet<(OrgId, String)>,
) -> Result<(), Error> {
    let now = act.readers(thing)?;
    let lost = before.difference(&now).map(|(org, _)| org.clone()).collect();
    tell(act, what, thing, &lost)
}

/// Tells organisations, by mail without content, that something about a thing waits for them. `what` names the text of
/// the mail.
fn tell(act: &mut Act<'_, '_>, what: &str, thing: &ThingId, orgs: &BTreeSet<OrgId>) -> Result<(), Error> {
    let mut orgs: BTreeSet<&OrgId> = orgs.iter().collect();
    let own = act.actor.org.clone();
    orgs.remove(&own);
    if orgs.is_empty() {
        return Ok(());
    }
    let due_at = act.now();
    let payload = serde_json::json!({"what": what, "orgs": orgs});
    act.send(&Outgoing { kind: "mail", thing: Some(thing), payload, due_at })
}
