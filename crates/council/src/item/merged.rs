//! What was merged into another item, and hears what became of that (R38).
//!
//! The other item is somebody else's, under another scope. Whoever gave the merged one learns which countermeasure for all came
//! of it, unless the other's provider has left it out; and, where it stands inside of that scope, with what outcome it was
//! closed. It learns no word of it, and not whose it is.

use serde::{Deserialize, Serialize};

use super::{Event, Item, Outcome, State};
use crate::{Refusal, Roster, ThingId, refusal::Clause, refusal::require};

/// What became of the other one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Followed {
    /// Which countermeasures went to all.
    pub(super) measures: Vec<ThingId>,
    /// With what it was closed.
    pub(super) outcome: Option<Outcome>,
}

impl Item {
    /// Whether another item may be merged into this one.
    ///
    /// # Errors
    /// Refuses one whose provider is left out of this one and would never hear what became of it.
    pub fn may_take_in(&self, other: &Item, roster: &Roster) -> Result<(), Refusal> {
        let left_out = self.scope.excludes(&other.provider, roster);
        require(!left_out, Clause::GiverLeftOut).map_err(|r| r.at("into"))
    }

    /// Takes in another item, which tells the same.
    ///
    /// # Errors
    /// Refuses where it has ended, and a drill's item where this one is none, or the other way round.
    pub fn take_in(&self, id: &ThingId, other: &Item) -> Result<Vec<Event>, Refusal> {
        require(!self.has_ended(), Clause::BadValue).map_err(|r| r.at("into"))?;
        require(self.exercise() == other.exercise(), Clause::ExerciseApart).map_err(|r| r.at("into"))?;
        Ok(vec![Event::TookIn { item: id.clone() }])
    }

    /// Which items were merged into it.
    #[must_use]
    pub fn took_in(&self) -> &[ThingId] {
        &self.took_in
    }

    /// Follows a countermeasure that went to all, and came of the item into which this one was merged. Whoever is left out of
    /// that one does not hear of it.
    #[must_use]
    pub fn follow_measure(&self, measure: &ThingId, other: &Item, roster: &Roster) -> Vec<Event> {
        let new = self.state == State::MergedInto
            && !self.followed.measures.contains(measure)
            && !other.scope.excludes(&self.provider, roster);
        new.then(|| Event::MeasureFollowed { measure: measure.clone() }).into_iter().collect()
    }

    /// Follows how the item was closed into which this one was merged. Whoever stands outside of that one's scope does not
    /// hear of it.
    #[must_use]
    pub fn follow_outcome(&self, other: &Item, roster: &Roster) -> Vec<Event> {
        let outcome = other.outcome.as_ref().map(|(outcome, _)| *outcome);
        let hears = self.state == State::MergedInto
            && self.followed.outcome.is_none()
            && (other.provider == self.provider || other.scope.holds(&self.provider, roster));
        outcome.filter(|_| hears).map(|outcome| Event::OutcomeFollowed { outcome }).into_iter().collect()
    }

    /// Comes back to the coordinator, once the item into which it was merged has gone nowhere: what was given is answered
    /// (R31).
    #[must_use]
    pub fn come_back(&self) -> Vec<Event> {
        (self.state == State::MergedInto).then_some(Event::CameBack).into_iter().collect()
    }
}
