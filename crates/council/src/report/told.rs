//! What may be told of counts and times that concern organisations who must not be found in them.
//!
//! Everything that is told depends on two things only: in which step a count lies, and whether enough organisations stand
//! behind it. So whoever reads it learns of one thing more or less only where a count passes a step, where the number of
//! organisations passes k, or where a time passes to the next mark; and nobody can find by subtraction what was withheld,
//! because a total is told by the same steps, and a part that could still be bounded from below by it is told together with
//! others.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    Micros, OrgId,
    terms::{DAY, HOUR, MINUTE},
};

/// Counts are told in steps of this, or of k where that is more.
const STEP: u32 = 5;

/// A time is told as the first of these that is not shorter.
const MARKS: [Micros; 19] = [
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    5 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    60 * DAY,
    90 * DAY,
    180 * DAY,
];

/// Things of a kind, and the organisations that stand behind them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    n: u32,
    orgs: BTreeSet<OrgId>,
}

impl Cell {
    /// Counts one thing of these organisations.
    pub fn add<'a>(&mut self, orgs: impl IntoIterator<Item = &'a OrgId>) {
        self.n = self.n.saturating_add(1);
        for org in orgs {
            if !self.orgs.contains(org) {
                self.orgs.insert(org.clone());
            }
        }
    }

    fn take(&mut self, other: &Cell) {
        self.n = self.n.saturating_add(other.n);
        self.orgs.extend(other.orgs.iter().cloned());
    }
}

/// A count as it is told: it lies between the two, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ReportBand))]
pub struct Band {
    /// It is at least this.
    pub from: u32,
    /// It is at most this.
    pub to: u32,
}

/// Some parts of a whole, told together where they could not be told apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ReportPart))]
pub struct Part {
    /// Which parts.
    pub of: Vec<String>,
    /// How many there are in all of these; nothing where that is too few to be told, which none is, too.
    pub count: Option<Band>,
}

/// A whole and its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ReportBreakdown))]
pub struct Breakdown {
    /// How many there are; nothing where that is too few to be told.
    pub total: Option<Band>,
    /// Of these, what is what. Each part stands in one of these lines.
    pub parts: Vec<Part>,
}

/// How long something took, over many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ReportTimes))]
pub struct Times {
    /// Of how many; nothing where they are too few to be told.
    pub count: Option<Band>,
    /// Half of them took at most this, microseconds.
    pub half: Option<Micros>,
    /// Nine of ten took at most this, microseconds.
    pub nine_tenths: Option<Micros>,
}

/// By which numbers it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    k: u32,
    step: u32,
}

impl Rule {
    /// The rule of a charter whose smallest count is of `k` organisations.
    #[must_use]
    pub fn new(k: u32) -> Rule {
        Rule { k, step: STEP.max(k) }
    }

    /// From how many organisations on something is told.
    #[must_use]
    pub fn k(self) -> u32 {
        self.k
    }

    /// In steps of how many counts are told.
    #[must_use]
    pub fn step(self) -> u32 {
        self.step
    }

    fn floor(self, n: u32) -> u32 {
        n - n % self.step
    }

    fn enough(self, orgs: usize) -> bool {
        u32::try_from(orgs).unwrap_or(u32::MAX) >= self.k
    }

    /// A count; nothing below a step, and nothing of fewer than k organisations. None is told like few.
    #[must_use]
    pub fn count(self, cell: &Cell) -> Option<Band> {
        let from = self.floor(cell.n);
        let told = from > 0 && self.enough(cell.orgs.len());
        told.then(|| Band { from, to: from.saturating_add(self.step - 1) })
    }

    /// A whole and its parts. Parts that are too few are told together, and where the total would bound them from below,
    /// together with the smallest of the others. `known` says that readers know the total exactly, from elsewhere.
    #[must_use]
    pub fn parts(self, cells: &[(&str, Cell)], known: bool) -> Breakdown {
        let sum = |which: &[usize]| {
            let mut sum = Cell::default();
            which.iter().filter_map(|at| cells.get(*at)).for_each(|(_, cell)| sum.take(cell));
            sum
        };
        let told = |at: usize| cells.get(at).and_then(|(_, cell)| self.count(cell));
        let all: Vec<usize> = (0..cells.len()).collect();
        let whole = sum(&all);
        let least = if known { whole.n } else { self.floor(whole.n) };
        let (mut apart, mut together): (Vec<usize>, Vec<usize>) =
            all.into_iter().partition(|at| told(*at).is_some());
        // Smallest last, by what is told of them and by nothing finer.
        apart.sort_by_key(|at| (std::cmp::Reverse(told(*at)), *at));
        while !together.is_empty() && self.count(&sum(&together)).is_none() {
            let most: u32 = apart.iter().filter_map(|at| told(*at)).map(|band| band.to).sum();
            if least <= most {
                break;
            }
            let Some(smallest) = apart.pop() else { break };
            together.push(smallest);
        }
        let name = |at: &usize| cells.get(*at).map(|(name, _)| (*name).to_owned());
        apart.sort_unstable();
        together.sort_unstable();
        let mut parts: Vec<Part> =
            apart.iter().map(|at| Part { of: name(at).into_iter().collect(), count: told(*at) }).collect();
        if !together.is_empty() {
            let count = self.count(&sum(&together));
            parts.push(Part { of: together.iter().filter_map(name).collect(), count });
        }
        Breakdown { total: self.count(&whole), parts }
    }

    /// How long something took, where it took whom how long. A time is told where k organisations stand on either side of it.
    #[must_use]
    pub fn times(self, mut took: Vec<(OrgId, Micros)>) -> Times {
        took.sort_by(|a, b| (a.1, &a.0).cmp(&(b.1, &b.0)));
        let mut cell = Cell::default();
        took.iter().for_each(|(org, _)| cell.add([org]));
        let orgs = |of: &[(OrgId, Micros)]| of.iter().map(|(org, _)| org).collect::<BTreeSet<_>>().len();
        let within = |tenths: usize| {
            let at = (took.len() * tenths).div_ceil(10).checked_sub(1)?;
            let (before, after) = (took.get(..=at)?, took.get(at..)?);
            let told = self.enough(orgs(before)) && self.enough(orgs(after));
            let took = took.get(at).filter(|_| told)?.1;
            Some(MARKS.into_iter().find(|mark| took <= *mark).unwrap_or(365 * DAY))
        };
        let count = self.count(&cell);
        let told = |tenths| count.and_then(|_| within(tenths));
        Times { count, half: told(5), nine_tenths: told(9) }
    }
}
