//! What comes out of a proof.

use std::time::Duration;

use noroshi_charter::Reason;
use noroshi_council::{Layer, Seat, Text};
use serde::Serialize;

use crate::Case;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Property {
    /// (1) Nobody gains sight of an item beyond its provider's scope.
    Scope,
    /// (2) Whoever a provider left out gains nothing.
    LeftOut,
    /// (3) The duty to provide does not widen beyond the trigger.
    Demand,
    /// (4) No member's right to leave, vote or withdraw is lost.
    Rights,
    /// (5) Exactly who gains or loses what.
    Changes,
}

impl Property {
    /// Every property, in order.
    pub const ALL: &'static [Property] =
        &[Property::Scope, Property::LeftOut, Property::Demand, Property::Rights, Property::Changes];

    /// Its number, from 1.
    #[must_use]
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// Whether a charter that breaks it cannot be put to the vote.
    #[must_use]
    pub fn entrenched(self) -> bool {
        matches!(self, Property::Scope | Property::LeftOut | Property::Rights)
    }

    /// What it says.
    #[must_use]
    pub fn title(self) -> Text {
        let (ja, en) = match self {
            Property::Scope => (
                "提供者が共有範囲に入れなかった者に、新たに見えるようになるものはない（範囲から除外した者は、別に確かめる）",
                "Nobody gains sight of an item beyond its provider's scope (whoever the provider left out is checked apart)",
            ),
            Property::LeftOut => (
                "提供者が除外した組織（監督官庁など）に、新たに見えるようになるものはない",
                "Whoever a provider left out, such as its regulators, gains nothing",
            ),
            Property::Demand => (
                "情報提供等を求めることができる場合は、広がらない",
                "The cases in which information can be demanded do not widen",
            ),
            Property::Rights => (
                "脱退する権利、議決する権利、取り下げる権利は、失われない",
                "No member's right to leave, vote or withdraw is lost",
            ),
            Property::Changes => {
                ("だれが、何をできるようになり、何をできなくなるか", "Exactly who gains or loses what")
            }
        };
        Text::new(ja, en)
    }
}

/// How a question came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds in every case.
    Proven,
    /// It does not, and there is a case to show.
    Refuted,
    /// Nobody knows.
    NotProven,
    /// There is nothing that it could speak of.
    NotApplicable,
}

/// How a question came out, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds in every case. For (5): the changes that are listed are all that there are.
    Proven,
    /// It does not hold in these cases, for example.
    Refuted(Vec<Case>),
    /// It is not known to hold, for this reason.
    NotProven(Text),
    /// It has nothing to speak of, for this reason.
    NotApplicable(Text),
}

impl Outcome {
    /// The outcome in one word.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Outcome::Proven => Verdict::Proven,
            Outcome::Refuted(_) => Verdict::Refuted,
            Outcome::NotProven(_) => Verdict::NotProven,
            Outcome::NotApplicable(_) => Verdict::NotApplicable,
        }
    }
}

/// One property with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub property: Property,
    /// How it came out.
    pub outcome: Outcome,
}

/// Everything that a proof brought out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The seal of the charter in force, where there is one to compare with.
    pub old: Option<String>,
    /// The seal of the new one.
    pub new: String,
    /// What readers, actors and things there were taken to be, for people to read.
    pub possible: String,
    /// The five properties, in order.
    pub findings: Vec<Finding>,
    /// (5): every seat, act, layer, state and sight that changes; all of them where (5) is proven.
    pub changes: Vec<Case>,
    /// The same, told in as few sentences as will do.
    pub summary: Vec<Summary>,
    /// How many questions the solvers were asked.
    pub questions: usize,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// How one property came out.
    #[must_use]
    pub fn verdict(&self, property: Property) -> Verdict {
        self.findings
            .iter()
            .find(|finding| finding.property == property)
            .map_or(Verdict::NotProven, |finding| finding.outcome.verdict())
    }

    /// Whether an entrenched property is broken: such a charter cannot be put to the vote.
    #[must_use]
    pub fn blocked(&self) -> bool {
        Property::ALL.iter().any(|p| p.entrenched() && self.verdict(*p) == Verdict::Refuted)
    }

    /// Whether something is not known.
    #[must_use]
    pub fn open(&self) -> bool {
        Property::ALL.iter().any(|p| self.verdict(*p) == Verdict::NotProven)
    }
}

/// Changes that are alike but for the state of what is read, or the seat of who acts: one sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The sentence.
    pub said: Text,
    /// The seats of those that it speaks of.
    pub seats: Vec<Seat>,
    /// Whether somebody gains.
    pub gains: bool,
    /// What is read, where it is about reading.
    pub layer: Option<Layer>,
    /// The rules of the new charter that it rests on; none where nothing permits it.
    pub reasons: Vec<Reason>,
    /// Of how many of [`Report::changes`] it speaks.
    pub cells: usize,
}

/// How far a proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Tasks that are done.
    pub done: usize,
    /// Tasks that there are.
    pub all: usize,
}
