//! What follows an item: the countermeasures that came of it, and the items that were merged with it (E3, R38).

use std::collections::BTreeSet;

use noroshi_council::{
    Action, Gate, Roster, ThingId,
    item::{Event, Item, State},
    measure::{Event as Follow, Measure},
};

use super::{answering::answered, coordinator, measure::working_on, of_itself, tell, tell_lost};
use crate::store::{Act, Error, act::Loaded};

/// What was derived from an item goes with it: whom its provider leaves out now is left out there too, and what was taken
/// back is marked there. Nothing of that reaches the actor.
///
/// # Errors
/// Fails as the database does.
pub(super) fn lead(act: &mut Act<'_, '_>, item: &Loaded<Item>) -> Result<(), Error> {
    let drawn = act.action == Action::RedrawScope;
    let retracted = item.thing.stands() == State::Retracted;
    for id in item.thing.measures() {
        let mut measure = act.load_unseen::<Measure>(id)?;
        let follow = |gate: &Gate<'_>| measure.thing.follow(&item.id, item.thing.scope(), retracted, gate);
        let events = act.with_gate_of(id, follow)?;
        if !events.is_empty() {
            let before = act.readers(id)?;
            let taken_back = events.iter().any(|event| matches!(event, Follow::SourceRetracted { .. }));
            answered(act, &mut measure, &events, "")?;
            // What ended by itself was narrowed by nobody.
            if drawn {
                tell_lost(act, "narrowed", id, &before)?;
            }
            // What is out and rests on what was taken back is looked at again (E4).
            if taken_back && measure.thing.sources().iter().any(|source| source.unreviewed) {
                let told = working_on(act, &measure)?;
                tell(act, "source-retracted", id, &told)?;
            }
        }
    }
    Ok(())
}

/// Takes into items that were merged into another, and into those that were merged into them, what `event` says, and tells
/// their providers (R38).
pub(super) fn follow(
    act: &mut Act<'_, '_>,
    merged: &[ThingId],
    event: impl Fn(&Item, &Roster) -> Vec<Event>,
) -> Result<(), Error> {
    of_itself(act, |act| {
        let mut left = merged.to_vec();
        while let Some(id) = left.pop() {
            let mut item = act.load_unseen::<Item>(&id)?;
            left.extend_from_slice(item.thing.took_in());
            let events = event(&item.thing, &act.roster);
            if !events.is_empty() {
                act.save(&mut item, &events, "")?;
                tell(act, "outcome", &id, &BTreeSet::from([item.thing.provider().clone()]))?;
            }
        }
        Ok(())
    })
}

/// Whether everybody hears what becomes of `into` who gave `item` or what was merged into that.
pub(super) fn hears(act: &mut Act<'_, '_>, into: &Item, item: &Item) -> Result<(), Error> {
    into.may_take_in(item, &act.roster)?;
    let mut left = item.took_in().to_vec();
    while let Some(id) = left.pop() {
        let one = act.load_unseen::<Item>(&id)?;
        if one.thing.stands() == State::MergedInto {
            into.may_take_in(&one.thing, &act.roster)?;
            left.extend_from_slice(one.thing.took_in());
        }
    }
    Ok(())
}

/// Puts items that were merged into one that has gone nowhere before the coordinator again.
pub(super) fn give_back(act: &mut Act<'_, '_>, merged: &[ThingId]) -> Result<(), Error> {
    of_itself(act, |act| {
        for id in merged {
            let mut item = act.load_unseen::<Item>(id)?;
            let events = item.thing.come_back();
            if !events.is_empty() {
                act.save(&mut item, &events, "")?;
                let told = coordinator(act);
                tell(act, "received", id, &told)?;
                tell(act, "item", id, &BTreeSet::from([item.thing.provider().clone()]))?;
            }
        }
        Ok(())
    })
}

/// Lets whoever gave an item that was merged into this one know how it was closed, as far as it may.
pub(super) fn follow_outcome(act: &mut Act<'_, '_>, item: &Item) -> Result<(), Error> {
    follow(act, item.took_in(), |merged, roster| merged.follow_outcome(item, roster))
}

/// Lets whoever gave an item that was merged into a source of this countermeasure know that it went to all.
///
/// # Errors
/// Fails as the database does.
pub(super) fn follow_release(act: &mut Act<'_, '_>, id: &ThingId, measure: &Measure) -> Result<(), Error> {
    for source in measure.sources() {
        let item = act.load_unseen::<Item>(&source.item)?;
        let other = &item.thing;
        follow(act, other.took_in(), |merged, roster| merged.follow_measure(id, other, roster))?;
    }
    Ok(())
}
