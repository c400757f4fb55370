//! 貢献: what a member of the task force gave in a period, held against what its class owes (R6–R8, R46; state machine E12).
//!
//! > 求められる貢献をしない者は、その地位を維持できない
//!
//! Only what somebody was asked for is counted, never how much it sends of itself. わからない is an answer like any other. Who
//! was excused was not asked. A period with few requests is not judged at all. What it comes to is a number with what is
//! missing; what becomes of the class is decided by people ([`review`]).

mod facts;
pub mod review;

use serde::{Deserialize, Serialize};

use crate::{Class, Micros, asking::Question, layer::words};

pub use facts::{Asked, Facts, Given};
pub use review::Review;

/// What the charter says about contribution, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbers {
    /// How many months a period has.
    pub months: u8,
    /// With which month of the year a period begins, 1 to 12.
    pub first_month: u8,
    /// A period with fewer requests than this is not judged.
    pub least: u32,
    /// Of how many of a hundred requests class 2 has to answer in time.
    pub answers: u32,
    /// Of how many of a hundred analyses class 1 has to answer in time.
    pub debts: u32,
    /// How many originals class 1 has to bring in a whole period.
    pub originals: u32,
    /// What mean usefulness, in hundredths, what came of a class 1 member's information has to reach; 0 where usefulness is
    /// shown and not judged.
    pub useful: u32,
    /// From how many ratings on their mean is shown.
    pub k: u32,
    /// How long a member has to explain itself after a notice, microseconds.
    pub explain: Micros,
}

/// A stretch of time, its end left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ContributionPeriod))]
pub struct Period {
    /// Its first moment, unix microseconds.
    pub from: Micros,
    /// The first moment after it, unix microseconds.
    pub to: Micros,
}

impl Period {
    /// Whether a moment lies in it.
    #[must_use]
    pub fn holds(&self, at: Micros) -> bool {
        (self.from..self.to).contains(&at)
    }

    /// Whether it is over at `now`.
    #[must_use]
    pub fn is_over(&self, now: Micros) -> bool {
        now >= self.to
    }
}

words! {
    /// What became of one request at whoever was asked.
    Fate {
        /// Answered in time.
        OnTime = "on_time",
        /// Answered in time though it was not owed: whoever was excused, or before the request was closed early. It helps,
        /// and never hurts.
        Extra = "extra",
        /// Answered after the deadline.
        Late = "late",
        /// Not answered by the deadline.
        Missed = "missed",
        /// Not answered yet, and the deadline has not passed.
        Pending = "pending",
        /// Not owed: excused, or closed before it was due.
        Excused = "excused",
    }
}

words! {
    /// What a class owes.
    DutyKind {
        /// 端的なフィードバック, of class 2.
        Answers = "answers",
        /// 専門的なフィードバック, of class 1.
        Opinions = "opinions",
        /// オリジナル情報, of class 1.
        Originals = "originals",
        /// How useful others found what came of it.
        Usefulness = "usefulness",
    }
}

words! {
    /// How one duty stands in a period.
    DutyStanding {
        /// Met, or met so far.
        Met = "met",
        /// Not met, or not met yet.
        Unmet = "unmet",
        /// Not judged: too few requests, too few ratings, or not the whole period in this class.
        NotJudged = "not_judged",
        /// Shown and not judged.
        Shown = "shown",
    }
}

words! {
    /// What a period comes to.
    Judgement {
        /// The class owes nothing beforehand.
        NoDuty = "no_duty",
        /// Too few requests to judge.
        TooFew = "too_few",
        /// Every duty that is judged is met, or met so far.
        Met = "met",
        /// Something is missing, or missing still.
        Unmet = "unmet",
    }
}

/// How many requests met which fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ContributionCounts))]
pub struct Counts {
    /// How many count: all but those that were not owed and not answered.
    pub asked: u32,
    /// Of them, answered in time.
    pub on_time: u32,
    /// Of them, answered late.
    pub late: u32,
    /// Of them, not answered.
    pub missed: u32,
    /// Of them, not yet due and not yet answered.
    pub pending: u32,
    /// Beside them: excused, or closed before they were due.
    pub excused: u32,
    /// Of the answers, in time or late, how many said わからない. They count like any other.
    pub unknown: u32,
    /// Of those in time, how many were not owed.
    pub extra: u32,
}

impl Counts {
    fn of(asked: &[Asked], now: Micros) -> Counts {
        let mut counts = Counts::default();
        for one in asked {
            let fate = one.fate(now);
            match fate {
                Fate::OnTime => counts.on_time += 1,
                Fate::Extra => {
                    counts.on_time += 1;
                    counts.extra += 1;
                }
                Fate::Late => counts.late += 1,
                Fate::Missed => counts.missed += 1,
                Fate::Pending => counts.pending += 1,
                Fate::Excused => counts.excused += 1,
            }
            if one.unknown && matches!(fate, Fate::OnTime | Fate::Extra | Fate::Late) {
                counts.unknown += 1;
            }
        }
        counts.asked = counts.on_time + counts.late + counts.missed + counts.pending;
        counts
    }

    /// How many have to be answered in time where `percent` of a hundred have to.
    fn needed(self, percent: u32) -> u32 {
        let needed = (u64::from(self.asked) * u64::from(percent)).div_ceil(100);
        u32::try_from(needed).unwrap_or(u32::MAX)
    }

    /// How many answers in time would meet a share that is not met. While the period goes on (`open`), these are the next
    /// that can be given: those that are pending, then those to requests that may still come. Nothing where no number of
    /// answers would.
    fn missing(self, percent: u32, open: bool) -> Option<u32> {
        let short = self.needed(percent).saturating_sub(self.on_time);
        if short == 0 || !open || short <= self.pending {
            return Some(short);
        }
        // With x more of which all but the pending ones come on top: 100 (on_time + x) >= percent (asked + x - pending).
        let spare = u64::from(100_u32.saturating_sub(percent));
        if spare == 0 {
            return None;
        }
        let owed = u64::from(percent) * u64::from(self.asked.saturating_sub(self.pending));
        let more = owed.saturating_sub(100 * u64::from(self.on_time)).div_ceil(spare);
        u32::try_from(more).ok()
    }
}

/// How useful others found the countermeasures that came of what a member gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ContributionUsefulness))]
pub struct Usefulness {
    /// How many ratings.
    pub ratings: u32,
    /// Their mean in hundredths: 100 to 500.
    pub mean_hundredths: u32,
}

/// One duty in a period: what it asks for, what there is, what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ContributionDuty))]
pub struct Duty {
    /// Which.
    pub kind: DutyKind,
    /// How it stands.
    pub standing: DutyStanding,
    /// What there is: answers in time, originals, hundredths of the mean.
    pub have: u32,
    /// What it asks for, in the same unit.
    pub needed: u32,
    /// How many more would meet it, answers in time or originals. 0 where it is met or not judged; absent where no number
    /// would.
    pub missing: Option<u32>,
}

/// What a period of a member comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ContributionTally))]
pub struct Tally {
    /// The class that it held, at the end or now.
    pub class: Class,
    /// The period.
    pub period: Period,
    /// Whether the period is over. What has not ended is never the ground of anything.
    pub over: bool,
    /// Whether it held the class for the whole of the period, as far as that has passed.
    pub whole: bool,
    /// What it comes to.
    pub judgement: Judgement,
    /// Each duty of the class.
    pub duties: Vec<Duty>,
    /// The requests of the period: those that came due in it.
    pub counts: Counts,
    /// The fewest requests that are judged.
    pub least: u32,
    /// What it gave to the council, asked or not. Shown with thanks; more of it is no better.
    pub given: Given,
    /// How useful that was found, where enough have rated it.
    pub usefulness: Option<Usefulness>,
}

/// Whether a member of this class is judged by how it answers this.
#[must_use]
pub fn judges(class: Class, question: Question) -> bool {
    matches!((class, question), (Class::Class2, Question::Early) | (Class::Class1, Question::Analysis))
}

/// Works out what a period comes to at `now`.
#[must_use]
pub fn tally(facts: &Facts, period: Period, numbers: &Numbers, now: Micros) -> Tally {
    let over = period.is_over(now);
    let usefulness = facts.usefulness(numbers.k);
    let (counts, duties) = match facts.class {
        Class::General => (Counts::default(), Vec::new()),
        Class::Class2 => {
            let counts = Counts::of(&facts.requests, now);
            (counts, vec![share(DutyKind::Answers, counts, numbers.answers, over)])
        }
        Class::Class1 => {
            let counts = Counts::of(&facts.debts, now);
            let duties = vec![
                share(DutyKind::Opinions, counts, numbers.debts, over),
                originals(facts, numbers.originals),
                useful(usefulness, numbers.useful),
            ];
            (counts, duties)
        }
    };
    let mut tally = Tally {
        class: facts.class,
        period,
        over,
        whole: facts.whole,
        judgement: Judgement::NoDuty,
        duties,
        counts,
        least: numbers.least,
        given: facts.given,
        usefulness,
    };
    tally.judgement = judge(&mut tally);
    tally
}

fn judge(tally: &mut Tally) -> Judgement {
    if tally.duties.is_empty() {
        return Judgement::NoDuty;
    }
    let unmet = tally.duties.iter().any(|duty| duty.standing == DutyStanding::Unmet);
    // What somebody answered without owing it must not be what makes a period one that is judged, and lost.
    let owed = tally.counts.asked - tally.counts.extra;
    let enough = if unmet { owed } else { tally.counts.asked };
    if enough >= tally.least {
        return if unmet { Judgement::Unmet } else { Judgement::Met };
    }
    for duty in tally.duties.iter_mut().filter(|duty| duty.standing != DutyStanding::Shown) {
        duty.standing = DutyStanding::NotJudged;
        duty.missing = Some(0);
    }
    Judgement::TooFew
}

fn share(kind: DutyKind, counts: Counts, percent: u32, over: bool) -> Duty {
    let needed = counts.needed(percent);
    let met = counts.on_time >= needed;
    let standing = if met { DutyStanding::Met } else { DutyStanding::Unmet };
    Duty { kind, standing, have: counts.on_time, needed, missing: counts.missing(percent, !over) }
}

fn originals(facts: &Facts, needed: u32) -> Duty {
    let have = facts.given.originals;
    let missing = needed.saturating_sub(have);
    let standing = match missing {
        0 => DutyStanding::Met,
        // Whoever came to this class within the period had not all of it to bring something.
        _ if !facts.whole => DutyStanding::NotJudged,
        _ => DutyStanding::Unmet,
    };
    let missing = if standing == DutyStanding::Unmet { missing } else { 0 };
    Duty { kind: DutyKind::Originals, standing, have, needed, missing: Some(missing) }
}

fn useful(usefulness: Option<Usefulness>, needed: u32) -> Duty {
    let have = usefulness.map_or(0, |u| u.mean_hundredths);
    let standing = match usefulness {
        _ if needed == 0 => DutyStanding::Shown,
        None => DutyStanding::NotJudged,
        Some(_) if have >= needed => DutyStanding::Met,
        Some(_) => DutyStanding::Unmet,
    };
    // No number of answers changes how others find something.
    let missing = if standing == DutyStanding::Unmet { None } else { Some(0) };
    Duty { kind: DutyKind::Usefulness, standing, have, needed, missing }
}
