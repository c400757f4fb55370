//! What the charter says in numbers, as the rules need it.

use serde::{Deserialize, Serialize};

use crate::{Micros, assembly::BallotTerms, case, contribution::Numbers, demand, measure::Limits};

/// One second.
pub const SECOND: Micros = 1_000_000;
/// One minute.
pub const MINUTE: Micros = 60 * SECOND;
/// One hour.
pub const HOUR: Micros = 60 * MINUTE;
/// One day.
pub const DAY: Micros = 24 * HOUR;

/// Deadlines and limits of the charter in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What holds for releases.
    pub release: Limits,
    /// How long a class 1 member has for its expert answer, microseconds.
    pub debt: Micros,
    /// How long a class 2 member has for its simple answer where the release does not say, microseconds.
    pub answer: Micros,
    /// How long before a deadline whoever still owes something is reminded, microseconds.
    pub remind: Micros,
    /// How long a provider has to confirm the masked text of its item, microseconds.
    pub confirm: Micros,
    /// How long a request to widen a scope waits for its provider, microseconds.
    pub scope_request: Micros,
    /// How long nobody says anything in a consultation before it is said that it will be closed, microseconds.
    pub silence: Micros,
    /// How long after that it is closed, microseconds.
    pub notice: Micros,
    /// How long a suspension lasts unless it is confirmed, microseconds.
    pub suspension: Micros,
    /// How the assembly votes.
    pub ballot: BallotTerms,
    /// How long before the close of its ballot the assembly is reminded, microseconds; 0 where it is not.
    pub ballot_reminder: Micros,
    /// How the steering committee votes.
    pub committee: BallotTerms,
    /// What holds for contribution.
    pub contribution: Numbers,
    /// What holds for applications, wishes for a class and expulsions.
    pub case: case::Numbers,
    /// What holds for demands.
    pub demand: demand::Numbers,
}

impl Terms {
    /// Whether contribution comes to the same under other terms, deadlines included.
    #[must_use]
    pub fn judge_as(&self, other: &Terms) -> bool {
        (self.contribution, self.answer, self.debt) == (other.contribution, other.answer, other.debt)
    }
}
