//! What a report may tell: nobody is found in it, and one thing more is not noticed but where a count passes a step.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{LIMITS, NOON};
use noroshi_council::{
    Class, Micros, OrgId,
    contribution::Period,
    report::{Band, Breakdown, Cell, Rule, Year},
    terms::{DAY, HOUR, MINUTE},
};
use proptest::prelude::*;

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A cell of `n` things of `orgs` organisations, whose numbers begin at `first`.
fn cell(n: u32, orgs: u32, first: u32) -> Cell {
    let mut cell = Cell::default();
    for no in 0..n {
        cell.add([&OrgId(format!("o{}", first + no % orgs.max(1)))]);
    }
    cell
}

fn cells(of: &[(u32, u32)]) -> Vec<(&'static str, Cell)> {
    NAMES.iter().zip(of).zip(0..).map(|((name, (n, orgs)), at)| (*name, cell(*n, *orgs, at * 100))).collect()
}

fn told(of: &[(u32, u32)]) -> Breakdown {
    Rule::new(3).parts(&cells(of), false)
}

fn said(told: &Breakdown) -> Vec<(String, Option<u32>)> {
    told.parts.iter().map(|part| (part.of.join("+"), part.count.map(|band| band.from))).collect()
}

#[test]
fn a_count_is_told_in_steps_from_k_organisations_on() {
    let rule = Rule::new(3);
    assert_eq!((rule.k(), rule.step()), (3, 5));
    for (n, orgs, from) in
        [(0, 0, None), (4, 4, None), (5, 2, None), (5, 3, Some(5)), (9, 9, Some(5)), (14, 3, Some(10))]
    {
        let band = rule.count(&cell(n, orgs, 0));
        assert_eq!(band, from.map(|from| Band { from, to: from + 4 }), "{n} of {orgs}");
    }
    // Where k is more than a step, a step is k.
    assert_eq!(
        Rule::new(8).count(&cell(17, 17, 0)),
        Some(Band { from: 8, to: 15 }).map(|_| Band { from: 16, to: 23 })
    );
    assert_eq!(Rule::new(8).count(&cell(7, 7, 0)), None);
}

#[test]
fn parts_that_are_too_few_are_told_together() {
    // The total bounds nothing from below: few stay few.
    assert_eq!(said(&told(&[(12, 5), (0, 0), (2, 1)])), [("a".into(), Some(10)), ("b+c".into(), None)]);
    // Together they are enough.
    assert_eq!(said(&told(&[(12, 5), (4, 2), (3, 2)])), [("a".into(), Some(10)), ("b+c".into(), Some(5))]);
    // 20 of one organisation would be found by subtraction: the smallest of the others goes with them.
    let one = told(&[(12, 5), (20, 1), (50, 9)]);
    assert_eq!(said(&one), [("c".into(), Some(50)), ("a+b".into(), Some(30))]);
    assert_eq!(one.total, Some(Band { from: 80, to: 84 }));
    // 9 and 4 are 13, and whoever knows that there are at least 10 knows that there is a fourth… so they are told as one.
    assert_eq!(said(&told(&[(9, 9), (4, 4)])), [("a+b".into(), Some(10))]);
    // All of it is too few.
    assert_eq!(said(&told(&[(1, 1), (1, 1)])), [("a+b".into(), None)]);
    assert_eq!(told(&[(1, 1), (1, 1)]).total, None);
    // Where readers know the total, it bounds to the last one.
    let known = Rule::new(3).parts(&cells(&[(44, 44), (279, 279), (4, 4)]), true);
    assert_eq!(said(&known), [("b".into(), Some(275)), ("a+c".into(), Some(45))]);
}

#[test]
fn a_time_is_told_where_k_organisations_stand_on_either_side() {
    let rule = Rule::new(3);
    let of = |times: &[(u32, Micros)]| {
        rule.times(times.iter().map(|(org, took)| (OrgId(format!("o{org}")), *took)).collect())
    };
    let many: Vec<(u32, Micros)> = (0..40).map(|n| (n, Micros::from(n) * HOUR)).collect();
    let told = of(&many);
    assert_eq!(
        (told.count, told.half, told.nine_tenths),
        (Some(Band { from: 40, to: 44 }), Some(DAY), Some(2 * DAY))
    );
    // Nine of ten of six would be the time of one.
    let few: Vec<(u32, Micros)> = (0..6).map(|n| (n, Micros::from(n) * 4 * MINUTE)).collect();
    assert_eq!((of(&few).half, of(&few).nine_tenths), (Some(10 * MINUTE), None));
    // Many times of two organisations are no times of many.
    let two: Vec<(u32, Micros)> = (0..40).map(|n| (n % 2, HOUR)).collect();
    assert_eq!((of(&two).count, of(&two).half), (None, None));
    assert_eq!(of(&[]).half, None);
}

#[test]
fn members_are_counted_where_they_sat_at_the_end_of_the_year() {
    let period = Period { from: NOON, to: NOON + 365 * DAY };
    let mut year = Year::new(2017, period, 3, LIMITS.ladder);
    let org = |no: u32| OrgId(format!("o{no}"));
    for no in 0..6 {
        year.take_member(
            &org(no),
            &[(NOON - DAY, Some(Class::General)), (NOON + DAY, Some(Class::Class2))],
            None,
        );
    }
    for no in 10..17 {
        year.take_member(
            &org(no),
            &[(NOON + DAY, Some(Class::General)), (period.to + DAY, Some(Class::Class1))],
            None,
        );
    }
    for no in 20..25 {
        year.take_member(&org(no), &[(NOON - DAY, Some(Class::General))], Some(NOON + 9 * DAY));
    }
    year.take_member(&org(30), &[(NOON - DAY, None)], None);
    year.take_member(&org(31), &[(period.to + DAY, Some(Class::General))], None);
    let over = year.report().over.unwrap();
    assert_eq!(
        said(&over.members),
        [("class2".into(), Some(5)), ("general".into(), Some(5)), ("class1".into(), None)]
    );
    assert_eq!(over.members.total, Some(Band { from: 10, to: 14 }));
    assert_eq!((over.joined.unwrap().from, over.left.unwrap().from), (5, 5));
}

/// Whether all counts that are told lie in the step in which they are, and no part is told of fewer than k organisations.
fn holds(of: &[(u32, u32)], told: &Breakdown) {
    let mut named = Vec::new();
    for part in &told.parts {
        let within: Vec<(u32, u32)> = NAMES
            .iter()
            .zip(of)
            .filter(|(name, _)| part.of.iter().any(|of| of == *name))
            .map(|(_, c)| *c)
            .collect();
        let (n, orgs) =
            within.iter().fold((0, 0), |sum, (n, orgs)| (sum.0 + n, sum.1 + (*orgs).max(1).min(*n)));
        named.extend(part.of.iter().cloned());
        if let Some(band) = part.count {
            assert!(band.from % 5 == 0 && (band.from..=band.to).contains(&n) && band.to == band.from + 4);
            assert!(orgs >= 3 && n >= 5, "{of:?} tells {part:?}");
        }
    }
    named.sort_unstable();
    let all: Vec<&str> = NAMES.iter().take(of.len()).copied().collect();
    assert_eq!(named, all, "each part stands in one line");
}

proptest! {
    #[test]
    fn nobody_stands_alone(of in prop::collection::vec((0_u32..40, 0_u32..6), 1..6)) {
        holds(&of, &told(&of));
    }

    /// What is withheld may be nothing, for all that can be worked out from everything else that is told.
    #[test]
    fn what_is_withheld_is_not_found_by_subtraction(of in prop::collection::vec((0_u32..40, 0_u32..6), 2..6)) {
        let told = told(&of);
        let most: u32 = told.parts.iter().filter_map(|part| part.count).map(|band| band.to).sum();
        let withheld = told.parts.iter().any(|part| part.count.is_none());
        if withheld && let Some(total) = told.total {
            prop_assert!(total.from <= most, "{of:?} tells {told:?}");
            // And it may be as much as few is at most.
            let least: u32 = told.parts.iter().filter_map(|part| part.count).map(|band| band.from).sum();
            prop_assert!(total.to >= least + 4);
        }
    }

    /// One thing more of an organisation that stands behind its part already shows nowhere unless a sum of parts passes a
    /// step, and then as that step.
    #[test]
    fn one_more_is_not_noticed_within_a_step(of in prop::collection::vec((0_u32..40, 3_u32..6), 1..6), at in 0_usize..6) {
        let at = at % of.len();
        let mut more = of.clone();
        more[at].0 += 1;
        // Each subset of the parts is a sum that may be told.
        let passes = (0..1_u32 << of.len()).any(|set| {
            let sum = |of: &[(u32, u32)]| -> u32 {
                of.iter().zip(0..).filter(|(_, bit)| set >> bit & 1 == 1).map(|((n, _), _)| n).sum()
            };
            sum(&of) / 5 != sum(&more) / 5
        });
        let few = of[at].0 < 3;
        if !passes && !few {
            prop_assert_eq!(told(&of), told(&more));
        }
    }

    /// A hidden organisation that is added to a crowd moves no time further than to the next mark, and none where it is not
    /// near the middle.
    #[test]
    fn times_are_told_as_marks(hours in prop::collection::vec(0_i64..100, 12..60)) {
        let took = |hours: &[i64]| -> Vec<(OrgId, Micros)> {
            hours.iter().zip(0..).map(|(took, no)| (OrgId(format!("o{no}")), took * HOUR)).collect()
        };
        let told = Rule::new(3).times(took(&hours));
        let mut sorted = hours.clone();
        sorted.sort_unstable();
        let middle = sorted[(sorted.len() * 5).div_ceil(10) - 1] * HOUR;
        let half = told.half.unwrap();
        prop_assert!(half >= middle);
        // No other mark lies between: two times in one stretch are told alike.
        let again = Rule::new(3).times(took(&sorted));
        prop_assert_eq!(told, again);
        let alike = Rule::new(3).times(hours.iter().zip(0..).map(|(_, no)| (OrgId(format!("o{no}")), half)).collect());
        prop_assert_eq!(alike.half.unwrap(), half);
    }
}
