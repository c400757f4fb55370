//! 発動要件: what has to have happened before information may be demanded (R47). How large an attack is large the charter
//! says in numbers; here stands how they are held against what is stated.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::layer::words;

/// What has to have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// As many organisations hit, at least.
    pub organisations: u32,
    /// Of as many sectors, at least.
    pub sectors: u32,
    /// Whether it has to go on spreading.
    pub spreading: bool,
}

/// What happened, as it is stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// How many organisations are known to be hit.
    pub organisations: u32,
    /// Of which sectors.
    pub sectors: BTreeSet<String>,
    /// Whether it goes on spreading.
    pub spreading: bool,
    /// How that is known, without naming anybody who was hit.
    pub text: String,
}

words! {
    /// One of the conditions of a trigger.
    Condition {
        /// How many organisations are hit.
        Organisations = "organisations",
        /// Of how many sectors.
        Sectors = "sectors",
        /// Whether it goes on spreading.
        Spreading = "spreading",
    }
}

/// One condition beside what is stated. Spreading is 1 where it is asked for, and where it is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Check {
    /// Which.
    pub condition: Condition,
    /// What the charter asks for.
    pub needed: u32,
    /// What is stated.
    pub stated: u32,
    /// Whether that is enough.
    pub met: bool,
}

impl Trigger {
    /// Holds what is stated against each condition.
    #[must_use]
    pub fn check(&self, facts: &Facts) -> Vec<Check> {
        let check =
            |condition, needed: u32, stated: u32| Check { condition, needed, stated, met: stated >= needed };
        let sectors = u32::try_from(facts.sectors.len()).unwrap_or(u32::MAX);
        vec![
            check(Condition::Organisations, self.organisations, facts.organisations),
            check(Condition::Sectors, self.sectors, sectors),
            check(Condition::Spreading, u32::from(self.spreading), u32::from(facts.spreading)),
        ]
    }
}
