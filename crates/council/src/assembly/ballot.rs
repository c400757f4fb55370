//! What is put to a vote, under which terms, and how votes are counted.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Micros, OrgId, Roster, Standing, ThingId, layer::words};

words! {
    /// 賛否.
    Choice {
        /// 賛成.
        Yes = "yes",
        /// 反対.
        No = "no",
        /// 棄権: present, and neither for nor against.
        Abstain = "abstain",
    }
}

words! {
    /// Which body decides.
    Body {
        /// 総会: all members.
        Assembly = "assembly",
        /// 運営委員会: the members of the steering committee.
        Committee = "committee",
    }
}

/// How a ballot goes, as the charter in force at its notice says. A later charter does not change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BallotTerms {
    /// From the notice to the opening, at least, microseconds.
    pub notice: Micros,
    /// From the opening to the close, at least, microseconds.
    pub open: Micros,
    /// 定足数: how many percent of the electorate must vote.
    pub quorum: u8,
    /// More than so many percent must be for it.
    pub majority: u8,
    /// Whether an abstention counts among those of whom a majority is needed.
    pub abstentions: bool,
    /// Whether nobody sees a vote before the close.
    pub sealed: bool,
    /// Whether it ends as soon as it is decided, whatever the votes that are still out: for what is urgent.
    #[serde(default)]
    pub early: bool,
}

/// What is moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Matter {
    /// 決議: a text that binds by being carried.
    Resolution {
        /// The text.
        text: String,
    },
    /// 規約の改正.
    Amendment(Amended),
    /// Something that waits for the committee's decision, as it stood when it was put to the vote.
    Decision {
        /// What kind of thing.
        on: Decides,
        /// Which.
        thing: ThingId,
        /// What is decided on, as those who vote read it.
        text: Value,
    },
}

words! {
    /// What the steering committee decides on by a vote.
    Decides {
        /// 情報提供等協力の求め.
        Demand = "demand",
        /// 加入、分類の希望、除名.
        Case = "case",
        /// Whether a member keeps its class.
        Review = "review",
    }
}

/// An amendment of the charter, and what becomes of the charter by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amended {
    /// The version that it was written for.
    pub base: i64,
    /// The changes, as the charter's own rules read them.
    pub changes: Value,
    /// When it takes effect, if it is carried.
    pub effective_at: Micros,
}

/// What was proven of an amendment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Against which version.
    pub base: i64,
    /// The hash of the charter that it is about.
    pub hash: String,
    /// Whether an entrenched property is broken.
    pub blocked: bool,
    /// Whether something is not known.
    pub open: bool,
    /// Everything that came out, as it is shown.
    pub report: Value,
    /// When.
    pub at: Micros,
}

/// Why a carried amendment does not take effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Obstacle {
    /// What it changes has been changed by another amendment meanwhile.
    Conflict {
        /// Which places.
        places: Value,
    },
    /// Together with what was carried before it, it breaks an entrenched property.
    Broken,
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Members that may vote.
    pub electorate: u32,
    /// Members whose vote counts.
    pub cast: u32,
    /// For it.
    pub yes: u32,
    /// Against it.
    pub no: u32,
    /// Neither.
    pub abstain: u32,
    /// Votes of members that have left since.
    pub void: u32,
}

words! {
    /// How a ballot came out.
    Outcome {
        /// 可決.
        Carried = "carried",
        /// 否決.
        Lost = "lost",
        /// 定足数不足.
        NoQuorum = "no_quorum",
    }
}

impl Tally {
    /// Counts the last vote of each member of the electorate that has not left.
    #[must_use]
    pub fn count(electorate: &BTreeSet<OrgId>, votes: &BTreeMap<OrgId, Choice>, roster: &Roster) -> Tally {
        let mut tally = Tally { electorate: number(electorate.len()), ..Tally::default() };
        for (org, choice) in votes.iter().filter(|(org, _)| electorate.contains(org)) {
            if !stays(org, roster) {
                tally.void += 1;
                continue;
            }
            tally.cast += 1;
            *match choice {
                Choice::Yes => &mut tally.yes,
                Choice::No => &mut tally.no,
                Choice::Abstain => &mut tally.abstain,
            } += 1;
        }
        tally
    }

    /// Whether the votes that are still out cannot change the result any more.
    #[must_use]
    pub fn is_decided(&self, terms: &BallotTerms) -> bool {
        let out = self.electorate.saturating_sub(self.cast + self.void);
        let with = |yes: u32, no: u32| {
            let cast = self.cast + yes + no;
            Tally { cast, yes: self.yes + yes, no: self.no + no, ..*self }.result(terms)
        };
        // For it, of all that there are; or lost even if all the others are for it.
        let carried = with(0, out) == Outcome::Carried && self.result(terms) == Outcome::Carried;
        carried || with(out, 0) == Outcome::Lost
    }

    /// What follows from it. A tie is lost.
    #[must_use]
    pub fn result(&self, terms: &BallotTerms) -> Outcome {
        let of = |n: u32, percent: u8| u64::from(n) * u64::from(percent);
        let whole = |n: u32| u64::from(n) * 100;
        if self.cast == 0 || whole(self.cast) < of(self.electorate, terms.quorum) {
            return Outcome::NoQuorum;
        }
        let base = if terms.abstentions { self.cast } else { self.yes + self.no };
        if whole(self.yes) > of(base, terms.majority) { Outcome::Carried } else { Outcome::Lost }
    }
}

pub(super) fn stays(org: &OrgId, roster: &Roster) -> bool {
    roster.get(org).is_some_and(|o| matches!(o.standing, Standing::Active | Standing::Suspended))
}

pub(super) fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

words! {
    /// Where a motion stands.
    State {
        /// It is being written.
        Drafted = "drafted",
        /// 招集通知: its text is frozen, and the electorate named.
        Noticed = "noticed",
        /// Votes are taken.
        Open = "open",
        /// It was carried. An amendment waits for its day.
        Carried = "carried",
        /// It was lost.
        Lost = "lost",
        /// Too few took part.
        NoQuorum = "no_quorum",
        /// 施行: the amendment is in force.
        Effective = "effective",
        /// It was carried and cannot take effect.
        Blocked = "blocked",
        /// It was taken back before anybody could vote.
        Dropped = "dropped",
    }
}

pub(super) fn assembly() -> Body {
    Body::Assembly
}
