//! What a member was asked for and gave, taken from analyses and countermeasures.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Fate, Judgement, Numbers, Period, Tally, Usefulness};
use crate::{
    Class, Micros, OrgId, Roster, Terms, ThingId,
    answer::Verdict,
    item::{Item, Outcome, PostKind, State},
    measure::Measure,
};

/// One request to one member, as it looks from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Until when an answer was owed.
    pub due: Micros,
    /// When it was first answered.
    pub answered_at: Option<Micros>,
    /// The answer was わからない, or that there is no material. Told to show that it counts; it decides nothing.
    pub unknown: bool,
    /// It was excused, or could not be answered any more: by whoever was left out, or because what it was about was taken back.
    pub excused: bool,
    /// When answers were no longer taken.
    pub closed_at: Option<Micros>,
}

impl Asked {
    /// What has become of it at `now`.
    #[must_use]
    pub fn fate(&self, now: Micros) -> Fate {
        let owed = !self.excused && self.closed_at.is_none_or(|at| at >= self.due);
        match (self.answered_at, owed) {
            (Some(at), true) if at <= self.due => Fate::OnTime,
            (Some(at), false) if at <= self.due => Fate::Extra,
            (Some(_), true) => Fate::Late,
            (None, true) if now > self.due => Fate::Missed,
            (None, true) => Fate::Pending,
            (_, false) => Fate::Excused,
        }
    }
}

/// What a member gave in a period, whatever it owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ContributionGiven))]
pub struct Given {
    /// Simple answers, whenever they were due.
    pub answers: u32,
    /// Answers to analyses of others.
    pub opinions: u32,
    /// Analyses and reports that the council accepted.
    pub items: u32,
    /// Of those, how many were nowhere else before.
    pub originals: u32,
    /// Countermeasures for all that came of what it gave.
    pub measures: u32,
    /// Countermeasures that it acknowledged.
    pub acknowledged: u32,
}

/// All that a member was asked for and gave in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Whose.
    pub org: OrgId,
    /// The class that it held at the end, or holds now.
    pub class: Class,
    /// Whether it held that class from the beginning.
    pub whole: bool,
    /// The period.
    pub period: Period,
    /// Requests for simple feedback that came due in it.
    pub requests: Vec<Asked>,
    /// Analyses whose answer came due in it.
    pub debts: Vec<Asked>,
    /// What it gave.
    pub given: Given,
    /// How many rated what came of it, and the sum of their ratings of 1 to 5.
    pub ratings: (u32, u32),
}

impl Facts {
    /// Nothing yet.
    #[must_use]
    pub fn new(org: OrgId, class: Class, whole: bool, period: Period) -> Facts {
        let (requests, debts) = (Vec::new(), Vec::new());
        Facts { org, class, whole, period, requests, debts, given: Given::default(), ratings: (0, 0) }
    }

    /// Whether there is nothing at all in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.debts.is_empty() && self.given == Given::default()
    }

    /// Takes in an analysis or a report: what is owed to it, what was said about it, whether it is the member's own. Drills
    /// count for nothing.
    pub fn take_item(&mut self, item: &Item, roster: &Roster) {
        if item.exercise() {
            return;
        }
        if let Some(debt) = item.debts().get(&self.org)
            && self.period.holds(debt.due)
        {
            let post = debt.settled.and_then(|no| item.posts().iter().find(|post| post.no == no));
            // Nobody answers what it does not see any more, or what its provider has taken back.
            let lost = post.is_none()
                && (item.stands() != State::SharedClass1 || !item.scope().holds(&self.org, roster));
            self.debts.push(Asked {
                due: debt.due,
                answered_at: post.map(|post| post.at),
                unknown: post.is_some_and(|post| post.kind == PostKind::NoMaterial),
                excused: debt.excused.is_some() || lost,
                closed_at: None,
            });
        }
        let own = item.posts().iter().filter(|post| post.org == self.org && self.period.holds(post.at));
        let own = own.filter(|post| matches!(post.kind, PostKind::Opinion | PostKind::NoMaterial));
        self.given.opinions += u32::try_from(own.count()).unwrap_or(u32::MAX);
        if *item.provider() == self.org && self.period.holds(item.submitted_at()) && is_accepted(item) {
            self.given.items += 1;
            self.given.originals += u32::from(item.submission().original);
        }
    }

    /// Takes in a countermeasure: what was asked with it, and whether it came of one of the member's own items. `ratings` are
    /// those of others, how many and their sum. Drills count for nothing.
    pub fn take_measure(&mut self, measure: &Measure, own: &BTreeSet<ThingId>, ratings: (u32, u32)) {
        if measure.content().exercise {
            return;
        }
        let request = measure.request();
        let sheet = request.and_then(|r| r.sheets.get(&self.org));
        if let Some(request) = request.filter(|r| r.addressees.contains(&self.org))
            && self.period.holds(request.due)
        {
            self.requests.push(Asked {
                due: request.due,
                answered_at: sheet.map(|sheet| sheet.at),
                unknown: sheet.is_some_and(|s| s.answers.values().all(|a| a.verdict == Verdict::Unknown)),
                excused: request.excused.contains_key(&self.org),
                closed_at: request.closed_at,
            });
        }
        self.given.answers += u32::from(sheet.is_some_and(|sheet| self.period.holds(sheet.at)));
        let came_of_it = measure.sources().iter().any(|source| own.contains(&source.item));
        if came_of_it && measure.released_at().is_some_and(|at| self.period.holds(at)) {
            self.given.measures += 1;
            self.ratings = (self.ratings.0 + ratings.0, self.ratings.1 + ratings.1);
        }
    }

    /// The same with deadlines that are later by `answer` and by `debt`, microseconds; earlier where they are below zero.
    fn moved(mut self, answer: Micros, debt: Micros) -> Facts {
        self.requests.iter_mut().for_each(|asked| asked.due += answer);
        self.debts.iter_mut().for_each(|asked| asked.due += debt);
        self
    }

    /// What it comes to by one charter's terms and by another's, deadlines and all.
    #[must_use]
    pub fn judged(&self, old: &Terms, new: &Terms, now: Micros) -> (Judgement, Judgement) {
        let moved = self.clone().moved(new.answer - old.answer, new.debt - old.debt);
        (self.tally(&old.contribution, now).judgement, moved.tally(&new.contribution, now).judgement)
    }

    /// What it comes to at `now`.
    #[must_use]
    pub fn tally(&self, numbers: &Numbers, now: Micros) -> Tally {
        super::tally(self, self.period, numbers, now)
    }

    /// How useful what came of it was found; nothing below `k` ratings, or where there is none.
    pub(super) fn usefulness(&self, k: u32) -> Option<Usefulness> {
        let (ratings, sum) = self.ratings;
        let mean = sum.saturating_mul(100).checked_div(ratings).filter(|_| ratings >= k)?;
        Some(Usefulness { ratings, mean_hundredths: mean })
    }
}

/// Whether the council took what was given: it passed the receipt, and was not found wrong or twice. What was given in the
/// place of something else counts once.
fn is_accepted(item: &Item) -> bool {
    match item.stands() {
        State::Received
        | State::ReturnedForDetail
        | State::Declined
        | State::MergedInto
        | State::Superseded
        | State::Retracted => false,
        State::Closed => !matches!(item.outcome(), Some(Outcome::Wrong | Outcome::Duplicate)),
        State::Accepted
        | State::MaskingReview
        | State::AwaitingSource
        | State::CoordinatorOnly
        | State::SharedClass1 => true,
    }
}
