//! From a notice of what was missing to a decision: nobody loses its class unheard, by time, or by a number.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::{NOON, NUMBERS, TERMS, actor, gate, roster, seen_by};
use noroshi_council::{
    Class, Micros, OrgId, Seat, Standing, Thing,
    contribution::{
        Asked, Facts, Period, Review, Tally,
        review::{self, ClassDecision},
        tally,
    },
    gate::Principal,
    refusal::Clause,
    terms::{DAY, HOUR, MINUTE},
};

const PERIOD: Period = Period { from: NOON - 10 * DAY, to: NOON + 100 * DAY };
const AFTER: Micros = PERIOD.to + DAY;

fn take<T: Thing>(thing: &mut T, events: Vec<T::Event>) {
    for event in &events {
        thing.apply(event);
    }
}

/// What is made at `now` of requests of which so many were answered in time, and so many not at all.
fn came_to(on_time: usize, missed: usize, now: Micros) -> Tally {
    let silent = Asked { due: NOON, answered_at: None, unknown: false, excused: false, closed_at: None };
    let mut facts = Facts::new("rail".into(), Class::Class2, true, PERIOD);
    facts.requests = vec![Asked { answered_at: Some(NOON - HOUR), ..silent }; on_time];
    facts.requests.extend(vec![silent; missed]);
    tally(&facts, PERIOD, &NUMBERS, now)
}

fn lost() -> Tally {
    came_to(1, 3, AFTER)
}

fn noticed() -> Review {
    let office = actor(&roster(), "office");
    let (mut review, events) =
        Review::give(&"rail".into(), lost(), "please explain", &office, AFTER, 14 * DAY).unwrap();
    take(&mut review, events);
    review
}

fn clause<T: std::fmt::Debug>(answer: Result<T, noroshi_council::Refusal>) -> Clause {
    answer.unwrap_err().clause
}

#[test]
fn notice_rests_on_a_period_that_is_over_and_in_which_something_was_missing() {
    let (roster, rail) = (roster(), OrgId::from("rail"));
    let office = actor(&roster, "office");
    let give = |tally: Tally, now| Review::give(&rail, tally, "reason", &office, now, DAY).map(|_| ());
    assert!(give(lost(), AFTER).is_ok());
    assert_eq!(clause(give(came_to(0, 4, NOON + DAY), NOON + DAY)), Clause::PeriodOpen);
    assert_eq!(clause(give(lost(), PERIOD.to - 1)), Clause::PeriodOpen);
    for (on_time, missed) in [(4, 0), (0, 2)] {
        assert_eq!(clause(give(came_to(on_time, missed, AFTER), AFTER)), Clause::NothingMissing);
    }
    let empty = Review::give(&rail, lost(), " ", &office, AFTER, DAY);
    assert_eq!(clause(empty), Clause::TextMissing);
    assert_eq!(
        clause(Review::give(&rail, lost(), "r", &actor(&roster, "rail"), AFTER, DAY)),
        Clause::NotPermitted
    );
}

#[test]
fn nobody_loses_its_class_unheard_or_by_time_alone() {
    let roster = roster();
    let mut review = noticed();
    let ncc = actor(&roster, "ncc");
    let now = AFTER + HOUR;
    assert_eq!(clause(review.decide(ClassDecision::Demoted, "because", &ncc, now)), Clause::HearingOpen);
    // To keep it needs no waiting.
    assert!(review.decide(ClassDecision::Kept, "because", &ncc, now).is_ok());
    assert_eq!(clause(review.decide(ClassDecision::Kept, "", &ncc, now)), Clause::TextMissing);
    assert_eq!(
        clause(review.decide(ClassDecision::Kept, "r", &actor(&roster, "rail"), now)),
        Clause::NotPermitted
    );
    assert_eq!(
        clause(review.decide(ClassDecision::Kept, "r", &actor(&roster, "office"), now)),
        Clause::SecondPersonMissing
    );

    // Time ends the hearing, once, and never a class.
    let wake = review.wakes_at(&TERMS).unwrap();
    assert_eq!(wake, AFTER + 14 * DAY);
    assert!(review.by_time(&TERMS, wake - 1).is_empty());
    let passed = review.by_time(&TERMS, wake);
    assert_eq!(passed, [review::Event::HearingOver]);
    take(&mut review, passed);
    assert_eq!((review.state(), review.wakes_at(&TERMS)), ("under_class_review", None));
    assert!(review.by_time(&TERMS, wake + 10_000 * DAY).is_empty());
    // Until it is decided the member can still say something.
    let late = review.explain("we had a flood", &actor(&roster, "rail"), wake + HOUR).unwrap();
    take(&mut review, late);
    let events = review.decide(ClassDecision::Demoted, "because", &ncc, wake + DAY).unwrap();
    take(&mut review, events);
    assert_eq!(review.stands(), review::State::Demoted);
    assert_eq!(clause(review.decide(ClassDecision::Kept, "r", &ncc, wake + DAY)), Clause::WrongState);
    assert_eq!(clause(review.explain("t", &actor(&roster, "rail"), wake + DAY)), Clause::WrongState);
}

#[test]
fn whoever_explains_is_decided_on_without_waiting_and_may_step_down_instead() {
    let mut roster = roster();
    let mut review = noticed();
    let rail = actor(&roster, "rail");
    assert_eq!(clause(review.explain("t", &actor(&roster, "bank"), AFTER)), Clause::NotPermitted);
    assert_eq!(clause(review.explain(" ", &rail, AFTER)), Clause::TextMissing);
    let events = review.explain("we had a flood", &rail, AFTER + MINUTE).unwrap();
    take(&mut review, events);
    assert_eq!(review.state(), "under_class_review");
    assert!(review.decide(ClassDecision::Demoted, "because", &actor(&roster, "ncc"), AFTER + HOUR).is_ok());
    let mut stepped = review.clone();
    let events = stepped.step_down(AFTER + HOUR);
    take(&mut stepped, events);
    assert!(stepped.state() == "stepped_down" && stepped.step_down(AFTER + DAY).is_empty());
    // Whose class is another already, or who has left, has nothing to be decided.
    assert!(review.lapse(&roster, AFTER).is_empty());
    roster.orgs.get_mut(&OrgId::from("rail")).unwrap().standing = Standing::Suspended;
    assert!(review.lapse(&roster, AFTER).is_empty());
    roster.orgs.get_mut(&OrgId::from("rail")).unwrap().seat = Seat::Member(Class::Class1);
    let events = review.lapse(&roster, AFTER);
    take(&mut review, events);
    assert_eq!(review.state(), "lapsed");
}

#[test]
fn a_review_is_read_by_whom_it_is_about_and_by_the_offices() {
    let roster = roster();
    let mut review = noticed();
    let events = review.explain("we had a flood", &actor(&roster, "rail"), AFTER).unwrap();
    take(&mut review, events);
    let views = review.views(&gate(&roster));
    let reads: BTreeSet<Principal> = views.iter().flat_map(|v| v.readers.clone()).collect();
    let role = Principal::Role(noroshi_council::Role::Steering);
    let org = |id: &str| Principal::Org(id.into());
    assert_eq!(reads, BTreeSet::from([role, org("rail"), org("ncc"), org("office")]));
    for outsider in ["hokuto", "bank", "city", "machines", "transport-agency"] {
        assert!(seen_by(&views, &outsider.into()).is_empty(), "{outsider}");
    }
    let body = seen_by(&views, &"rail".into()).into_values().next().unwrap().to_string();
    assert!(
        body.contains("we had a flood") && !body.contains("p-office") && !body.contains("p-rail"),
        "{body}"
    );
}
