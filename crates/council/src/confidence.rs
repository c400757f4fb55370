//! Confidence: a human assessment with grounds and history; the system only suggests (R35).

use serde::{Deserialize, Serialize};

use crate::{Micros, Refusal, refusal::Clause};

/// 確度, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Confidence(u8);

impl Confidence {
    /// A confidence of `value`.
    ///
    /// # Errors
    /// Refuses anything over 100.
    pub fn new(value: u8) -> Result<Confidence, Refusal> {
        if value <= 100 { Ok(Confidence(value)) } else { Err(Refusal::new(Clause::ConfidenceOutOfRange)) }
    }

    /// The number, 0 to 100.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }

    /// Which rung of the charter's ladder it stands on.
    #[must_use]
    pub fn level(self, ladder: &Ladder) -> Level {
        if self.0 >= ladder.high {
            Level::High
        } else if self.0 >= ladder.medium {
            Level::Medium
        } else {
            Level::Low
        }
    }
}

impl TryFrom<u8> for Confidence {
    type Error = String;
    fn try_from(value: u8) -> Result<Confidence, String> {
        Confidence::new(value).map_err(|_| format!("`{value}` is not a confidence between 0 and 100"))
    }
}

impl From<Confidence> for u8 {
    fn from(value: Confidence) -> u8 {
        value.0
    }
}

/// Where medium and high begin: parameters of the charter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    /// The first confidence that counts as medium.
    pub medium: u8,
    /// The first confidence that counts as high.
    pub high: u8,
}

/// 低・中・高.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Below medium.
    Low,
    /// From medium up.
    Medium,
    /// From high up.
    High,
}

/// One assessment by a person, on its grounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The confidence set.
    pub value: Confidence,
    /// Why, in the assessor's words.
    pub grounds: String,
    /// The number of the post that it rests on, shown as a point on the chart.
    pub post: Option<u32>,
    /// When.
    pub at: Micros,
}

/// What the answers so far say, counted without names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// Independent organisations whose expert opinion agrees (4 or 5 of 5).
    pub agree: u32,
    /// Independent organisations whose expert opinion disagrees (1 or 2 of 5).
    pub disagree: u32,
    /// Organisations that answered 来ている.
    pub seen: u32,
    /// Organisations that answered 来ていない with a stated period and source.
    pub not_seen: u32,
}

/// What the system would suggest from independent confirmations, never binding, and never 高 by itself (R35): it stops
/// one short of the charter's high rung.
#[must_use]
pub fn suggest(start: Confidence, evidence: Evidence, ladder: &Ladder) -> Confidence {
    let up = 15 * evidence.agree + 6 * evidence.seen.min(5);
    let down = 20 * evidence.disagree + 2 * evidence.not_seen.min(5);
    let value = i64::from(start.0) + i64::from(up) - i64::from(down);
    let ceiling = i64::from(ladder.high.saturating_sub(1));
    Confidence(u8::try_from(value.clamp(0, ceiling.max(0))).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LADDER: Ladder = Ladder { medium: 30, high: 70 };

    #[test]
    fn a_suggestion_never_reaches_high_by_itself() {
        let start = Confidence::new(60).unwrap();
        let all = Evidence { agree: 10, seen: 10, ..Evidence::default() };
        assert_eq!(suggest(start, all, &LADDER).level(&LADDER), Level::Medium);
    }

    #[test]
    fn a_refutation_lowers_the_suggestion() {
        let start = Confidence::new(50).unwrap();
        let against = Evidence { disagree: 1, ..Evidence::default() };
        assert!(suggest(start, against, &LADDER) < start);
    }

    #[test]
    fn a_hundred_and_one_is_no_confidence() {
        assert!(Confidence::new(101).is_err());
    }
}
