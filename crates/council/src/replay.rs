//! The past under another charter: what would have reached whom, how much earlier, and how many answers would have come in
//! time (R55). A motion is read by everybody, so only counts leave here: none of fewer than k things, and all of them rounded, so
//! that two of them side by side hardly tell that something was given which their reader may not know of.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    Gate, Law, Micros, OrgId, Roster, Seat, Sight, Thing, View,
    asking::Question,
    confidence::Assessment,
    contribution::Judgement,
    gate::Principal,
    item::{Item, Outcome},
    measure::Measure,
};

/// Counts are told in steps of this.
pub const ROUND: u32 = 5;

/// Of how many things of a kind a kind of member would have seen more, or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reach {
    /// More.
    pub more: u32,
    /// Less.
    pub less: u32,
}

/// About how many things a kind of member was asked, by the one charter and by the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Load {
    old: u32,
    new: u32,
    /// About how many by one of them only.
    moved: u32,
    /// About how many by both, but somebody more would have been asked, or somebody less.
    change: Reach,
}

/// What was found so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Replay {
    reach: BTreeMap<(&'static str, &'static str), Reach>,
    earlier: Vec<Micros>,
    later: u32,
    /// By how much each answer missed its deadline, below zero where it did not.
    answers: Vec<Micros>,
    asked: BTreeMap<(&'static str, &'static str), Load>,
    /// Of whom a period is judged, whether it met what it owes by the one charter and by the other; nothing where that one
    /// does not judge it.
    judged: Vec<(Option<bool>, Option<bool>)>,
    /// Analyses that reached high confidence by the one number and by the other, and whether each was found wrong.
    reached: Vec<(bool, bool, bool)>,
}

/// The numbers of a charter that the past is measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measures {
    /// The confidence from which all members are warned.
    pub high: u8,
    /// How long class 2 has for an answer, microseconds.
    pub answer: Micros,
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// By seat and kind, where it is at least k things.
    pub reach: Vec<Line>,
    /// Countermeasures that could have gone to all members earlier, and by how much in the middle, microseconds.
    pub earlier: Option<(u32, Micros)>,
    /// Countermeasures that could have gone to all members only later, or not at all.
    pub later: Option<u32>,
    /// Answers that came, those among them within the old deadline, and within the new one.
    pub answers: Option<(u32, u32, u32)>,
    /// Requests by seat and kind, where there is a difference.
    #[serde(default)]
    pub asked: Vec<Requests>,
    /// Who begins to be asked for what, or is asked no more, whatever was given in the past.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// What somebody was asked for, and nobody is any more, as [`Question::as_str`] says.
    #[serde(default)]
    pub ceased: Vec<String>,
    /// Analyses that reached the confidence from which all members are warned, by the old number and by the new one.
    #[serde(default)]
    pub reached: Option<(u32, u32)>,
    /// Those among them that were found wrong afterwards.
    #[serde(default)]
    pub wrong: Option<(u32, u32)>,
    /// Members of whom the period that ended last is judged by both charters, those among them that met what they owe by
    /// the old one, and by the new one.
    #[serde(default)]
    pub judged: Option<(u32, u32, u32)>,
    /// Members of whom it is judged at all, by the old one and by the new one.
    #[serde(default)]
    pub counted: Option<(u32, u32)>,
    /// Whether something was found that is too little to be told.
    pub few: bool,
}

/// One line of what would have reached whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Whom, as the charter calls seats.
    pub seat: String,
    /// Which kind of thing.
    pub kind: String,
    /// Of how many it would have seen more; nothing where it is none, or fewer than k.
    pub more: Option<u32>,
    /// Of how many less.
    pub less: Option<u32>,
}

/// About how many things a kind of member would have been asked, and was by the present charter: each of its members at most
/// once about each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requests {
    /// Whom, as the charter calls seats.
    pub seat: String,
    /// For what, as [`Question::as_str`] says.
    pub question: String,
    /// By the old charter and by the new one, where enough are asked about by one of them only.
    pub things: Option<(u32, u32)>,
    /// About how many, in so far as more members would have been asked about the same ones.
    pub more: Option<u32>,
    /// The same, fewer members.
    pub less: Option<u32>,
}

/// A seat that a charter has asked for something, and another charter has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Whose, as the charter calls seats.
    pub seat: String,
    /// For what, as [`Question::as_str`] says.
    pub question: String,
    /// Whether the new charter has it asked.
    pub begins: bool,
}

/// Whom the one charter has asked and the other has not, by seat.
#[must_use]
pub fn duties(old: &dyn Law, new: &dyn Law) -> Vec<Duty> {
    let mut duties = Vec::new();
    for question in Question::ALL {
        let (was, is) = (question.seats(old), question.seats(new));
        duties.extend(was.symmetric_difference(&is).map(|seat| Duty {
            seat: seat.as_str().to_owned(),
            question: question.as_str().to_owned(),
            begins: is.contains(seat),
        }));
    }
    duties
}

/// What the one charter has somebody asked for, and the other has nobody.
#[must_use]
pub fn ceased(old: &dyn Law, new: &dyn Law) -> Vec<String> {
    let gone = |question: &Question| !question.seats(old).is_empty() && question.seats(new).is_empty();
    Question::ALL.iter().filter(|question| gone(question)).map(|q| q.as_str().to_owned()).collect()
}

/// The most that each organisation sees of each layer.
fn sights(views: &[View]) -> BTreeMap<(&OrgId, &str, &str), Sight> {
    let mut sights = BTreeMap::new();
    for view in views {
        for reader in &view.readers {
            let Principal::Org(org) = reader else { continue };
            let best = sights.entry((org, view.layer.as_str(), view.key.as_str())).or_insert(Sight::None);
            *best = view.sight.max(*best);
        }
    }
    sights
}

impl Replay {
    /// Takes in one thing, as the one gate and the other show it.
    pub fn thing<T: Thing>(&mut self, thing: &T, old: &Gate<'_>, new: &Gate<'_>) {
        let (before, after) = (thing.views(old), thing.views(new));
        let (before, after) = (sights(&before), sights(&after));
        let mut seats: BTreeMap<&'static str, Reach> = BTreeMap::new();
        let places: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        for place in places {
            let sight = |of: &BTreeMap<_, Sight>| of.get(place).copied().unwrap_or(Sight::None);
            let (was, is) = (sight(&before), sight(&after));
            let Some(Seat::Member(class)) = new.roster.get(place.0).map(|o| o.seat) else { continue };
            let reach = seats.entry(class.as_str()).or_default();
            if is > was {
                reach.more = 1;
            } else if is < was {
                reach.less = 1;
            }
        }
        for (seat, reach) in seats {
            let all = self.reach.entry((seat, T::KIND)).or_default();
            all.more += reach.more;
            all.less += reach.less;
        }
    }

    /// Takes in whom the one charter and the other would have asked about one thing.
    pub fn asked(
        &mut self,
        question: Question,
        old: &BTreeSet<OrgId>,
        new: &BTreeSet<OrgId>,
        roster: &Roster,
    ) {
        let mut seats: BTreeMap<&'static str, [bool; 4]> = BTreeMap::new();
        for org in old.union(new) {
            let Some(Seat::Member(class)) = roster.get(org).map(|o| o.seat) else { continue };
            let (was, is) = (old.contains(org), new.contains(org));
            let found = seats.entry(class.as_str()).or_default();
            for (place, holds) in found.iter_mut().zip([was, is, is && !was, was && !is]) {
                *place |= holds;
            }
        }
        for (seat, found) in seats {
            let load = self.asked.entry((seat, question.as_str())).or_default();
            let [was, is, more, less] = found.map(u32::from);
            load.old += was;
            load.new += is;
            load.moved += was ^ is;
            let both = was & is;
            load.change.more += more * both;
            load.change.less += less * both;
        }
    }

    /// Takes in when a countermeasure, which went to all members, could have gone by the one number and by the other, and
    /// how long its answers took. `rests_on` are the assessments of what it came of, in order.
    pub fn measure(&mut self, measure: &Measure, rests_on: &[Assessment], old: Measures, new: Measures) {
        let reached = |high: u8| rests_on.iter().find(|a| a.value.get() >= high).map(|a| a.at);
        if measure.released_at().is_some() && old.high != new.high {
            match (reached(old.high), reached(new.high)) {
                (Some(was), Some(is)) if is < was => self.earlier.push(was - is),
                (Some(was), Some(is)) if is > was => self.later += 1,
                (Some(_), None) => self.later += 1,
                _ => {}
            }
        }
        if old.answer != new.answer
            && let Some(request) = measure.request()
        {
            self.answers.extend(request.sheets.values().map(|sheet| sheet.at - request.due));
        }
    }

    /// Takes in whether an analysis ever reached the one number and the other, and whether it was found wrong.
    pub fn analysis(&mut self, item: &Item, old: Measures, new: Measures) {
        let most = item.assessments().iter().map(|a| a.value.get()).max();
        let (was, is) = (most >= Some(old.high), most >= Some(new.high));
        if old.high != new.high && (was || is) {
            self.reached.push((was, is, item.outcome() == Some(Outcome::Wrong)));
        }
    }

    /// Takes in what the period that ended last comes to for one member by the one charter and by the other.
    pub fn member(&mut self, was: Judgement, is: Judgement) {
        let met = |judgement| match judgement {
            Judgement::Met => Some(true),
            Judgement::Unmet => Some(false),
            _ => None,
        };
        if met(was).or(met(is)).is_some() {
            self.judged.push((met(was), met(is)));
        }
    }

    /// What may be told of it.
    #[must_use]
    pub fn told(mut self, k: u32, old: Measures, new: Measures) -> Told {
        let mut few = false;
        let mut enough = |n: u32| {
            let round = n - n % ROUND;
            few |= n > 0 && (n < k || round == 0);
            (n >= k && round > 0).then_some(round)
        };
        let mut reach = Vec::new();
        for ((seat, kind), Reach { more, less }) in &self.reach {
            let (more, less) = (enough(*more), enough(*less));
            if more.is_some() || less.is_some() {
                reach.push(Line { seat: (*seat).to_owned(), kind: (*kind).to_owned(), more, less });
            }
        }
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let mut asked = Vec::new();
        for ((seat, question), load) in &self.asked {
            let round = |n: u32| n - n % ROUND;
            let things = enough(load.moved).map(|_| (round(load.old), round(load.new)));
            let (more, less) = (enough(load.change.more), enough(load.change.less));
            if things.is_some() || more.is_some() || less.is_some() {
                let (seat, question) = ((*seat).to_owned(), (*question).to_owned());
                asked.push(Requests { seat, question, things, more, less });
            }
        }
        self.earlier.sort_unstable();
        let middle = self.earlier.get(self.earlier.len() / 2).copied().unwrap_or(0);
        let earlier = enough(count(self.earlier.len())).map(|n| (n, middle));
        let later = enough(self.later);
        let round = |n: usize| count(n) - count(n) % ROUND;
        // Of an answer only that it came is known, and not to what it might have been hurried: the deadline moves.
        let within = |limit: Micros| round(self.answers.iter().filter(|late| **late <= limit).count());
        let answers =
            enough(count(self.answers.len())).map(|n| (n, within(0), within(new.answer - old.answer)));
        let by_both: Vec<(bool, bool)> = self.judged.iter().filter_map(|(was, is)| was.zip(*is)).collect();
        let met = |by: fn(&(bool, bool)) -> bool| round(by_both.iter().filter(|both| by(both)).count());
        let judged = match count(by_both.len()) {
            // That few are judged alike is no difference.
            n if n < k.max(ROUND) && by_both.iter().all(|both| both.0 == both.1) => None,
            n => enough(n).map(|n| (n, met(|both| both.0), met(|both| both.1))),
        };
        let all =
            |by: &dyn Fn(&(bool, bool, bool)) -> bool| self.reached.iter().filter(|one| by(one)).count();
        let mut both = |old: usize, new: usize| {
            let differs = old != new;
            differs.then(|| enough(count(old.max(new)))).flatten().map(|_| (round(old), round(new)))
        };
        let reached = both(all(&|one| one.0), all(&|one| one.1));
        let wrong = both(all(&|one| one.0 && one.2), all(&|one| one.1 && one.2));
        let counted = both(
            self.judged.iter().filter(|one| one.0.is_some()).count(),
            self.judged.iter().filter(|one| one.1.is_some()).count(),
        );
        Told {
            reach,
            earlier,
            later,
            answers,
            asked,
            duties: Vec::new(),
            ceased: Vec::new(),
            reached,
            wrong,
            judged,
            counted,
            few,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Measures = Measures { high: 70, answer: 5 };
    const THEN: Measures = Measures { high: 50, answer: 3 };

    fn found(more: u32, less: u32, earlier: usize) -> Replay {
        let reach = [(("class2", "item"), Reach { more, less })].into();
        let earlier = (1..=earlier).map(|n| 10 * Micros::try_from(n).unwrap_or(0)).collect();
        Replay { reach, earlier, answers: vec![-4, -3, -1, -1, 0, 0, 4], ..Replay::default() }
    }

    #[test]
    fn members_are_told_of_only_where_they_are_many_enough() {
        let mut replay = Replay::default();
        for no in 0..6 {
            replay.member(Judgement::Met, if no < 1 { Judgement::Met } else { Judgement::Unmet });
            // Whoever is judged by neither charter is not among them.
            replay.member(Judgement::TooFew, Judgement::NoDuty);
        }
        assert_eq!(replay.clone().told(3, NOW, THEN).judged, Some((5, 5, 0)));
        let told = replay.told(7, NOW, THEN);
        assert_eq!((told.judged, told.few), (None, true));
        let mut alike = Replay::default();
        alike.member(Judgement::Unmet, Judgement::Unmet);
        let told = alike.told(3, NOW, THEN);
        assert_eq!((told.judged, told.few), (None, false), "nothing differs");
    }

    #[test]
    fn how_many_are_judged_no_more_is_told_apart() {
        let mut replay = Replay::default();
        for no in 0..11 {
            let is = if no < 6 { Judgement::TooFew } else { Judgement::Met };
            replay.member(Judgement::Met, is);
        }
        let told = replay.told(3, NOW, THEN);
        assert_eq!((told.counted, told.judged, told.few), (Some((10, 5)), Some((5, 5, 5)), false));
    }

    #[test]
    fn how_many_more_would_have_gone_out_is_told_with_how_many_were_wrong() {
        let mut replay = Replay::default();
        replay.reached.extend([(true, true, false); 6]);
        replay.reached.extend([(false, true, true); 5]);
        let told = replay.told(3, NOW, THEN);
        assert_eq!((told.reached, told.wrong, told.few), (Some((5, 10)), Some((0, 5)), false));
    }

    #[test]
    fn counts_are_told_in_steps_and_from_k_things_on() {
        let told = found(9, 4, 7).told(3, NOW, THEN);
        let line = Line { seat: "class2".into(), kind: "item".into(), more: Some(5), less: None };
        assert_eq!((told.reach, told.earlier, told.few), (vec![line], Some((5, 40)), true));
        assert_eq!(told.answers, Some((5, 5, 0)));
        // One more or less does not show.
        assert_eq!(found(9, 0, 5).told(3, NOW, THEN), found(8, 0, 5).told(3, NOW, THEN));
        let none = found(0, 0, 0).told(3, NOW, THEN);
        assert_eq!((none.reach.len(), none.earlier, none.asked.len(), none.few), (0, None, 0, false));
        let below = found(9, 9, 9).told(10, NOW, THEN);
        assert_eq!((below.reach.len(), below.earlier, below.few), (0, None, true));
    }
}
