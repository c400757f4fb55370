//! Give and take: what a period comes to, and what the facts are taken from.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{LIMITS, NOON, NUMBERS, actor, gate, roster, take};
use noroshi_council::{
    Class, Handling, Micros, OrgId, Pap, Roster, Scope, Seat, Standing, ThingId, Tlp,
    answer::{Answer, Coverage, Verdict},
    asking::MEMBERSHIP,
    confidence::Confidence,
    contribution::{Asked, DutyKind, DutyStanding, Facts, Fate, Judgement, Numbers, Period, Tally, tally},
    item::{self, Author, Consent, Contribution, Item, Opinion, Submission},
    measure::{Certainty, Content, Measure, Release, Severity, Source, Step, Urgency, Wish},
    terms::{DAY, HOUR},
};
use proptest::prelude::*;

const PERIOD: Period = Period { from: NOON - 10 * DAY, to: NOON + 100 * DAY };
const AFTER: Micros = PERIOD.to + DAY;

fn asked(fate: Fate) -> Asked {
    let due = NOON;
    let open = Asked { due, answered_at: None, unknown: false, excused: false, closed_at: None };
    match fate {
        Fate::OnTime => Asked { answered_at: Some(due - HOUR), ..open },
        Fate::Extra => Asked { answered_at: Some(due - HOUR), excused: true, ..open },
        Fate::Late => Asked { answered_at: Some(due + HOUR), ..open },
        Fate::Missed => open,
        Fate::Pending => Asked { due: PERIOD.to - 1, ..open },
        Fate::Excused => Asked { excused: true, ..open },
    }
}

fn class2(fates: &[Fate]) -> Facts {
    let mut facts = Facts::new("rail".into(), Class::Class2, true, PERIOD);
    facts.requests = fates.iter().map(|fate| asked(*fate)).collect();
    facts
}

fn class1(fates: &[Fate], originals: u32) -> Facts {
    let mut facts = Facts::new("hokuto".into(), Class::Class1, true, PERIOD);
    facts.debts = fates.iter().map(|fate| asked(*fate)).collect();
    facts.given.originals = originals;
    facts
}

/// What is made of it after the period, and within it.
fn after(facts: &Facts) -> Tally {
    tally(facts, PERIOD, &NUMBERS, AFTER)
}

fn within(facts: &Facts) -> Tally {
    tally(facts, PERIOD, &NUMBERS, NOON + DAY)
}

use Fate::{Excused, Extra, Late, Missed, OnTime, Pending};

#[test]
fn each_request_has_one_fate() {
    for fate in Fate::ALL {
        assert_eq!(asked(*fate).fate(NOON + DAY), *fate, "{}", fate.as_str());
    }
    assert_eq!(asked(Pending).fate(AFTER), Missed, "silence is never an answer");
    let at_the_deadline = Asked { answered_at: Some(NOON), ..asked(Missed) };
    assert_eq!(at_the_deadline.fate(AFTER), OnTime);
    // Closed early because enough was known: whoever was still within its time has missed nothing.
    let closed = |at| Asked { closed_at: Some(at), ..asked(Missed) };
    assert_eq!(closed(NOON - 1).fate(AFTER), Excused);
    assert_eq!(closed(NOON).fate(AFTER), Missed);
    assert_eq!(Asked { closed_at: Some(NOON - 1), ..asked(OnTime) }.fate(AFTER), Extra);
    assert_eq!(
        Asked { excused: true, ..asked(Late) }.fate(AFTER),
        Excused,
        "late and not owed is not held against it"
    );
}

#[test]
fn few_requests_are_not_judged() {
    for fates in
        [&[][..], &[Missed], &[Missed, Missed], &[OnTime, OnTime], &[Missed, Missed, Excused, Excused]]
    {
        let tally = after(&class2(fates));
        assert_eq!(tally.judgement, Judgement::TooFew, "{fates:?}");
        assert!(tally.duties.iter().all(|d| d.standing == DutyStanding::NotJudged && d.missing == Some(0)));
    }
    assert_eq!(after(&class2(&[Missed, Missed, Missed])).judgement, Judgement::Unmet);
    assert_eq!(
        after(&class1(&[OnTime, OnTime], 0)).judgement,
        Judgement::TooFew,
        "nor is a quiet period of class 1"
    );
}

#[test]
fn an_answer_that_was_not_owed_helps_and_never_makes_a_period_one_that_is_lost() {
    assert_eq!(after(&class2(&[Missed, Missed, Extra])).judgement, Judgement::TooFew);
    assert_eq!(after(&class2(&[Missed, Missed, OnTime])).judgement, Judgement::Unmet);
    assert_eq!(after(&class2(&[Extra, Extra, Extra])).judgement, Judgement::Met);
    // 3 of 6 is not 60 percent; with one more that was not owed it is 4 of 7, with two 5 of 8.
    let six = [OnTime, OnTime, OnTime, Missed, Missed, Missed];
    assert_eq!(after(&class2(&six)).judgement, Judgement::Unmet);
    assert_eq!(after(&class2(&[&six[..], &[Extra, Extra]].concat())).judgement, Judgement::Met);
}

#[test]
fn what_is_missing_is_said_in_numbers() {
    // After a period: how many more in time would have met it.
    let tally = after(&class2(&[OnTime, Late, Late, Missed, Missed]));
    let duty = tally.duties[0];
    assert_eq!((duty.kind, duty.have, duty.needed, duty.missing), (DutyKind::Answers, 1, 3, Some(2)));
    assert_eq!((tally.counts.asked, tally.counts.late, tally.counts.missed), (5, 2, 2));
    // While it goes on: what waits comes first, and what may still be asked comes on top.
    let waits = within(&class2(&[OnTime, Missed, Missed, Pending, Pending]));
    assert_eq!(waits.duties[0].missing, Some(2), "the two that wait");
    let more = within(&class2(&[Missed, Missed, Missed]));
    assert_eq!(more.duties[0].missing, Some(5), "5 of 8 is 62 percent");
    let five = [&[Missed; 3][..], &[OnTime; 5]].concat();
    assert_eq!(within(&class2(&five)).judgement, Judgement::Met);
    assert_eq!(within(&class2(&five[..7])).judgement, Judgement::Unmet);
    // A charter that wants them all, and one was missed.
    let all = Numbers { answers: 100, ..NUMBERS };
    let lost = tally_of(&class2(&[OnTime, OnTime, Missed]), &all, NOON + DAY);
    assert_eq!((lost.judgement, lost.duties[0].missing), (Judgement::Unmet, None));
    let wait = tally_of(&class2(&[OnTime, OnTime, Pending]), &all, NOON + DAY);
    assert_eq!(wait.duties[0].missing, Some(1));
}

fn tally_of(facts: &Facts, numbers: &Numbers, now: Micros) -> Tally {
    tally(facts, PERIOD, numbers, now)
}

#[test]
fn class_1_owes_answers_and_originals_and_its_usefulness_is_shown() {
    let standings = |t: &Tally| t.duties.iter().map(|d| d.standing).collect::<Vec<_>>();
    let met = after(&class1(&[OnTime; 4], 1));
    assert_eq!(met.judgement, Judgement::Met);
    assert_eq!(standings(&met), [DutyStanding::Met, DutyStanding::Met, DutyStanding::Shown]);
    let without = after(&class1(&[OnTime; 4], 0));
    assert_eq!((without.judgement, without.duties[1].missing), (Judgement::Unmet, Some(1)));
    // Never volume alone: no number of originals stands in for answers, and no number of answers for an original.
    assert_eq!(after(&class1(&[OnTime, Missed, Missed], 90)).judgement, Judgement::Unmet);
    assert_eq!(after(&class1(&[OnTime; 90], 0)).judgement, Judgement::Unmet);
    // Whoever came to the class within the period had not all of it to bring something.
    let newcomer = Facts { whole: false, ..class1(&[OnTime; 4], 0) };
    assert_eq!(after(&newcomer).judgement, Judgement::Met);

    // Usefulness is a mean of others, shown from k ratings on, and judged only where the charter says so.
    let rated = |n, sum| Facts { ratings: (n, sum), ..class1(&[OnTime; 4], 1) };
    assert_eq!(after(&rated(2, 10)).usefulness, None);
    let shown = after(&rated(4, 6));
    assert_eq!(shown.usefulness.map(|u| (u.ratings, u.mean_hundredths)), Some((4, 150)));
    assert_eq!(shown.judgement, Judgement::Met);
    let strict = Numbers { useful: 300, ..NUMBERS };
    assert_eq!(tally_of(&rated(4, 6), &strict, AFTER).judgement, Judgement::Unmet);
    assert_eq!(tally_of(&rated(4, 12), &strict, AFTER).judgement, Judgement::Met);
    assert_eq!(tally_of(&rated(2, 2), &strict, AFTER).judgement, Judgement::Met, "two ratings judge nobody");
}

#[test]
fn a_general_member_owes_nothing() {
    let facts = Facts::new("city".into(), Class::General, true, PERIOD);
    let tally = after(&facts);
    assert!(tally.judgement == Judgement::NoDuty && tally.duties.is_empty());
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    prop::collection::vec(prop::sample::select(Fate::ALL), 0..14)
}

/// The worse, the less.
fn worth(judgement: Judgement) -> u8 {
    match judgement {
        Judgement::Unmet => 0,
        Judgement::TooFew => 1,
        Judgement::Met | Judgement::NoDuty => 2,
    }
}

fn numbers() -> impl Strategy<Value = Numbers> {
    (0..6_u32, 1..=100_u32, 1..=100_u32, 0..3_u32).prop_map(|(least, answers, debts, originals)| Numbers {
        least,
        answers,
        debts,
        originals,
        ..NUMBERS
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn to_answer_in_time_never_makes_it_worse(
        fates in fates(), which in any::<prop::sample::Index>(), numbers in numbers(), originals in 0..3_u32, over: bool,
    ) {
        prop_assume!(!fates.is_empty());
        let now = if over { AFTER } else { NOON + DAY };
        let at = which.index(fates.len());
        let mut facts = class1(&fates, originals);
        let mut two = class2(&fates);
        let before = (tally_of(&facts, &numbers, now), tally_of(&two, &numbers, now));
        // The same request, answered before its deadline; nothing else is changed.
        for one in [&mut facts.debts[at], &mut two.requests[at]] {
            one.answered_at = Some(one.due - HOUR);
        }
        let after = (tally_of(&facts, &numbers, now), tally_of(&two, &numbers, now));
        for (before, after) in [(before.0, after.0), (before.1, after.1)] {
            prop_assert!(worth(after.judgement) >= worth(before.judgement), "{before:?} {after:?}");
            if before.judgement == Judgement::Unmet && after.judgement == Judgement::Unmet {
                prop_assert!(after.duties[0].missing.unwrap_or(u32::MAX) <= before.duties[0].missing.unwrap_or(u32::MAX));
            }
        }
    }

    #[test]
    fn one_more_request_that_is_answered_in_time_never_makes_a_judged_period_worse(
        fates in fates(), numbers in numbers(), more in prop::sample::select(vec![OnTime, Extra]), over: bool,
    ) {
        let now = if over { AFTER } else { NOON + DAY };
        let before = tally_of(&class2(&fates), &numbers, now);
        let after = tally_of(&class2(&[&fates[..], &[more]].concat()), &numbers, now);
        prop_assume!(before.judgement != Judgement::TooFew || more == Extra);
        prop_assert!(worth(after.judgement) >= worth(before.judgement), "{before:?} {after:?}");
    }

    #[test]
    fn what_is_said_to_be_missing_is_enough_and_one_less_is_not(fates in fates(), numbers in numbers()) {
        let now = NOON + DAY;
        let before = tally_of(&class2(&fates), &numbers, now);
        if before.judgement != Judgement::Unmet {
            return Ok(());
        }
        let with = |more: u32| {
            let mut fates = fates.clone();
            for _ in 0..more {
                match fates.iter().position(|f| *f == Pending) {
                    Some(at) => fates[at] = OnTime,
                    None => fates.push(OnTime),
                }
            }
            tally_of(&class2(&fates), &numbers, now).judgement
        };
        match before.duties[0].missing {
            Some(more) => {
                prop_assert_eq!(with(more), Judgement::Met);
                prop_assert_eq!(with(more - 1), Judgement::Unmet);
            }
            None => prop_assert_eq!(with(500), Judgement::Unmet),
        }
    }

    #[test]
    fn unknown_is_an_answer_like_any_other(verdicts in prop::collection::vec(0..3_usize, 3), numbers in numbers(), late: bool) {
        let at = if late { NOON + 6 * HOUR } else { NOON + HOUR };
        let of = |verdicts: &[usize]| {
            let mut facts = class2(&[]);
            for verdict in verdicts {
                let mut measure = asking(false);
                answer(&mut measure, "rail", Verdict::ALL[*verdict], at);
                facts.take_measure(&measure, &BTreeSet::new(), (0, 0));
            }
            facts.requests.iter_mut().for_each(|one| one.unknown = false);
            tally_of(&facts, &numbers, AFTER)
        };
        let unknown = Verdict::ALL.iter().position(|v| *v == Verdict::Unknown).unwrap();
        prop_assert_eq!(of(&verdicts), of(&[unknown; 3]));
    }
}

// ---- What the facts are taken from ----------------------------------------------------------------------------------

fn content(exercise: bool) -> Content {
    Content {
        title: "early".into(),
        body: "body".into(),
        steps: vec![Step { title: "look".into(), text: String::new() }],
        target: String::new(),
        not_target: String::new(),
        deadline: String::new(),
        side_effects: String::new(),
        check: String::new(),
        undo: String::new(),
        executives: String::new(),
        technicians: String::new(),
        door: String::new(),
        phone: String::new(),
        indicators: Vec::new(),
        question: "seen?".into(),
        damage_present: false,
        handling: Handling { tlp: Tlp::Clear, pap: Pap::Amber },
        open_text: false,
        onward: false,
        exercise,
        urgency: Urgency::Immediate,
        severity: Severity::Severe,
        certainty: Certainty::Likely,
    }
}

fn released(release: Release, sources: Vec<Source>, exercise: bool) -> Measure {
    let roster = roster();
    let (mut measure, events) =
        Measure::draft(content(exercise), sources, &"hokuto".into(), &LIMITS).unwrap();
    take(&mut measure, events);
    let events = measure.assess(Confidence::new(80).unwrap(), "grounds", 0).unwrap();
    take(&mut measure, events);
    let wish = Wish { due: NOON + 5 * HOUR, ..Wish::default() };
    let events = measure.propose(release, &actor(&roster, "hokuto"), &wish, &LIMITS, NOON).unwrap();
    take(&mut measure, events);
    let events = measure.approve(release, &actor(&roster, "ncc"), &LIMITS, &gate(&roster), NOON).unwrap();
    take(&mut measure, events);
    measure
}

/// Asks class 2, until five.
fn asking(exercise: bool) -> Measure {
    released(Release::Low, Vec::new(), exercise)
}

fn answer(measure: &mut Measure, org: &str, verdict: Verdict, at: Micros) {
    let coverage = Coverage { sources: BTreeSet::from(["dns".to_owned()]), from: NOON - DAY, to: NOON };
    let answer = Answer { coverage: Some(coverage), ..Answer::plain(verdict) };
    let answers = BTreeMap::from([("all".to_owned(), answer)]);
    let events = measure.answer(&org.into(), &"p".into(), answers, false, false, at).unwrap();
    take(measure, events);
}

fn of_measure(measure: &Measure, org: &str) -> Facts {
    let mut facts = Facts::new(org.into(), Class::Class2, true, PERIOD);
    facts.take_measure(measure, &BTreeSet::new(), (0, 0));
    facts
}

#[test]
fn a_request_counts_for_whom_it_asks_in_the_period_in_which_it_is_due() {
    let mut measure = asking(false);
    let fate =
        |measure: &Measure, org: &str, now| of_measure(measure, org).requests.first().map(|a| a.fate(now));
    assert_eq!(fate(&measure, "rail", NOON + HOUR), Some(Pending));
    assert_eq!(fate(&measure, "city", NOON + HOUR), None, "nobody asked it");
    answer(&mut measure, "rail", Verdict::Unknown, NOON + HOUR);
    answer(&mut measure, "bank", Verdict::Seen, NOON + 6 * HOUR);
    // To revise an answer does not make it late.
    answer(&mut measure, "rail", Verdict::Seen, NOON + 7 * HOUR);
    let events = measure.excuse(&"water".into(), "flood", NOON + 6 * HOUR).unwrap();
    take(&mut measure, events);
    let fates: Vec<_> = ["rail", "bank", "water", "university"].map(|org| fate(&measure, org, AFTER)).into();
    assert_eq!(fates, [Some(OnTime), Some(Late), Some(Excused), Some(Missed)]);
    assert_eq!(of_measure(&measure, "rail").given.answers, 1);
    let before = Period { from: PERIOD.from - 200 * DAY, to: PERIOD.from };
    let mut other = Facts::new("rail".into(), Class::Class2, true, before);
    other.take_measure(&measure, &BTreeSet::new(), (0, 0));
    assert!(other.is_empty());
    // A drill counts for nothing.
    assert!(of_measure(&asking(true), "rail").is_empty());
}

#[test]
fn whoever_is_of_class_2_no_more_is_not_asked_any_more() {
    let mut roster = roster();
    let mut measure = asking(false);
    assert!(measure.lapse(&gate(&roster)).is_empty());
    roster.orgs.get_mut(&OrgId::from("bank")).unwrap().standing = Standing::Suspended;
    assert!(measure.lapse(&gate(&roster)).is_empty(), "a suspended member still owes");
    roster.orgs.get_mut(&OrgId::from("bank")).unwrap().standing = Standing::Withdrawn;
    roster.orgs.get_mut(&OrgId::from("rail")).unwrap().seat = Seat::Member(Class::General);
    let lapsed = measure.lapse(&gate(&roster));
    take(&mut measure, lapsed);
    let excused = &measure.request().unwrap().excused;
    assert_eq!(excused.keys().map(OrgId::as_str).collect::<Vec<_>>(), ["bank", "rail"]);
    assert!(excused.values().all(|why| why == MEMBERSHIP));
    assert!(measure.lapse(&gate(&roster)).is_empty());
    assert_eq!(of_measure(&measure, "rail").requests[0].fate(AFTER), Excused);
}

fn submission(original: bool) -> Submission {
    let (damage, confidence) = (String::new(), Some(30));
    Submission { damage, original, confidence, ..common::submission(Consent::Prior) }
}

fn author(org: &str, at: Micros) -> Author {
    Author { org: org.into(), person: "p".into(), at }
}

fn analysis(original: bool) -> Item {
    let (mut item, events) =
        Item::bring(submission(original), &author("hokuto", NOON), NOON + DAY, &gate(&roster())).unwrap();
    take(&mut item, events);
    item
}

fn of_item(item: &Item, org: &str, roster: &Roster) -> Facts {
    let mut facts = Facts::new(org.into(), Class::Class1, true, PERIOD);
    facts.take_item(item, roster);
    facts
}

#[test]
fn class_1_owes_an_answer_to_each_others_analysis_and_gets_credit_for_its_own() {
    let everybody = roster();
    let mut item = analysis(true);
    let fate = |item: &Item, org: &str, now| of_item(item, org, &roster()).debts.first().map(|a| a.fate(now));
    assert_eq!(fate(&item, "hokuto", NOON), None, "its own");
    assert_eq!((fate(&item, "minato", NOON), fate(&item, "minato", AFTER)), (Some(Pending), Some(Missed)));
    let none = item.post(&author("minato", NOON + HOUR), Contribution::NoMaterial, false).unwrap();
    take(&mut item, none);
    let facts = of_item(&item, "minato", &everybody);
    assert!(facts.debts[0].unknown, "no material is an answer");
    assert_eq!((facts.debts[0].fate(AFTER), facts.given.opinions), (OnTime, 1));
    let opinion = Opinion {
        level: 4,
        reason: "seen".into(),
        evidence: "records".into(),
        reliability: None,
        credibility: None,
    };
    let late = item.post(&author("akatsuki", NOON + 2 * DAY), Contribution::Opinion(opinion), false).unwrap();
    take(&mut item, late);
    assert_eq!(fate(&item, "akatsuki", AFTER), Some(Late));
    let given = of_item(&item, "hokuto", &everybody).given;
    assert_eq!((given.items, given.originals), (1, 1));
    assert_eq!(of_item(&analysis(false), "hokuto", &everybody).given.originals, 0, "it was elsewhere before");

    // Found wrong or twice, or taken back, it is none that the council accepted.
    for (outcome, counts) in [
        (item::Outcome::Measure, 1),
        (item::Outcome::InformationOnly, 1),
        (item::Outcome::Wrong, 0),
        (item::Outcome::Duplicate, 0),
    ] {
        let mut closed = item.clone();
        let events = closed.derive(&"C-1".into()).unwrap();
        take(&mut closed, events);
        let events = closed.close(outcome, "note").unwrap();
        take(&mut closed, events);
        assert_eq!(of_item(&closed, "hokuto", &everybody).given.originals, counts, "{}", outcome.as_str());
    }
    let mut back = analysis(true);
    let events = back.retract(&"hokuto".into(), "").unwrap();
    take(&mut back, events);
    assert_eq!(of_item(&back, "hokuto", &everybody).given.originals, 0);
    assert_eq!(fate(&back, "minato", AFTER), Some(Excused), "nobody answers what was taken back");
    // Nor what it does not see any more.
    let mut narrow = analysis(true);
    let named = Scope { orgs: BTreeSet::from(["akatsuki".into()]), ..Scope::default() };
    let events = narrow.redraw(&"hokuto".into(), false, &named, &everybody).unwrap();
    take(&mut narrow, events);
    assert_eq!(
        (fate(&narrow, "minato", AFTER), fate(&narrow, "akatsuki", AFTER)),
        (Some(Excused), Some(Missed))
    );

    // A report waits for the coordinator to take it.
    let (mut report, events) =
        Item::submit(submission(true), &author("hokuto", NOON), None, &everybody).unwrap();
    take(&mut report, events);
    assert_eq!(of_item(&report, "hokuto", &everybody).given.originals, 0);
    let events = report.triage(item::Triage::Accept).unwrap();
    take(&mut report, events);
    assert_eq!(of_item(&report, "hokuto", &everybody).given.originals, 1);
}

#[test]
fn usefulness_is_of_what_came_of_ones_own() {
    let scope = submission(true).scope.name(&"hokuto".into(), &roster()).unwrap();
    let measure = released(Release::High, vec![Source::of(ThingId::from("A-1"), scope, false)], false);
    let mut facts = Facts::new("hokuto".into(), Class::Class1, true, PERIOD);
    facts.take_measure(&measure, &BTreeSet::from([ThingId::from("A-2")]), (5, 20));
    assert_eq!((facts.given.measures, facts.ratings), (0, (0, 0)));
    facts.take_measure(&measure, &BTreeSet::from([ThingId::from("A-1")]), (5, 20));
    assert_eq!((facts.given.measures, facts.ratings), (1, (5, 20)));
}
