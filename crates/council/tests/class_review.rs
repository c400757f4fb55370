//! From a notice of what was missing to a decision: nobody loses its class unheard, by time, or by a number.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::{NOON, NUMBERS, TERMS, actor, gate, roster, seen_by, take};
use noroshi_council::{
    Class, Micros, OrgId, Seat, Standing, Thing, ThingId,
    assembly::Outcome,
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
    assert_eq!(clause(review.propose(ClassDecision::Demoted, "because", &ncc, now)), Clause::HearingOpen);
    // To keep it needs no waiting.
    assert!(review.propose(ClassDecision::Kept, "because", &ncc, now).is_ok());
    assert_eq!(clause(review.propose(ClassDecision::Kept, "", &ncc, now)), Clause::TextMissing);
    assert_eq!(
        clause(review.propose(ClassDecision::Kept, "r", &actor(&roster, "rail"), now)),
        Clause::NotPermitted
    );
    assert_eq!(
        clause(review.propose(ClassDecision::Kept, "r", &actor(&roster, "office"), now)),
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
    // The committee votes: nobody proposes anything else meanwhile, and the member may still speak.
    let motion = put(&mut review, ClassDecision::Demoted, wake + DAY);
    assert_eq!((review.state(), review.wakes_at(&TERMS)), ("put_to_vote", None));
    assert_eq!(clause(review.propose(ClassDecision::Kept, "r", &ncc, wake + DAY)), Clause::WrongState);
    let late = review.explain("and a fire", &actor(&roster, "rail"), wake + DAY).unwrap();
    take(&mut review, late);
    assert_eq!(review.state(), "put_to_vote");
    assert!(review.decided(&"G-OTHER".into(), Outcome::Carried, wake + DAY).is_empty());
    let events = review.decided(&motion, Outcome::Carried, wake + DAY);
    take(&mut review, events);
    assert_eq!(review.stands(), review::State::Demoted);
    assert!(review.decided(&motion, Outcome::Lost, wake + DAY).is_empty(), "decided once");
    assert_eq!(clause(review.propose(ClassDecision::Kept, "r", &ncc, wake + DAY)), Clause::WrongState);
    assert_eq!(clause(review.explain("t", &actor(&roster, "rail"), wake + DAY)), Clause::WrongState);
}

/// One of the committee proposes a decision, which is put to the vote; the motion.
fn put(review: &mut Review, outcome: ClassDecision, at: Micros) -> ThingId {
    let proposal = review.propose(outcome, "because", &actor(&roster(), "ncc"), at).unwrap();
    let motion = ThingId::from("G-ONE");
    take(review, vec![review::Event::ReviewPut { proposal, motion: motion.clone() }]);
    motion
}

#[test]
fn only_a_carried_vote_takes_a_class() {
    let roster = roster();
    let mut heard = noticed();
    let events = heard.explain("we had a flood", &actor(&roster, "rail"), AFTER).unwrap();
    take(&mut heard, events);
    let now = AFTER + HOUR;
    let table = [
        (ClassDecision::Demoted, Outcome::Carried, "demoted"),
        (ClassDecision::Demoted, Outcome::Lost, "kept"),
        (ClassDecision::Demoted, Outcome::NoQuorum, "under_class_review"),
        (ClassDecision::Kept, Outcome::Carried, "kept"),
        (ClassDecision::Kept, Outcome::Lost, "under_class_review"),
        (ClassDecision::Kept, Outcome::NoQuorum, "under_class_review"),
    ];
    for (proposed, result, comes_to) in table {
        let mut review = heard.clone();
        let motion = put(&mut review, proposed, now);
        let events = review.decided(&motion, result, now);
        take(&mut review, events);
        assert_eq!(review.state(), comes_to, "{proposed:?} {result:?}");
        assert_eq!(review.is_open(), comes_to == "under_class_review");
    }
    // Put before it was heard, to keep the class: where that is not carried, the member has its time as before.
    let mut early = noticed();
    let motion = put(&mut early, ClassDecision::Kept, now);
    let events = early.decided(&motion, Outcome::Lost, now);
    take(&mut early, events);
    assert_eq!((early.state(), early.wakes_at(&TERMS).is_some()), ("on_notice", true));
    let motion = put(&mut early, ClassDecision::Kept, now);
    let events = early.decided(&motion, Outcome::NoQuorum, AFTER + 14 * DAY);
    take(&mut early, events);
    assert_eq!(early.state(), "under_class_review", "its time has passed meanwhile");
    // Who has stepped down or left while the committee votes is past deciding.
    let mut gone = heard.clone();
    let motion = put(&mut gone, ClassDecision::Demoted, now);
    let events = gone.step_down(now);
    take(&mut gone, events);
    assert!(gone.decided(&motion, Outcome::Carried, now).is_empty());
    // Nobody votes on itself.
    let committee = BTreeSet::from(["rail".into(), "bank".into()]);
    assert_eq!(heard.voters(&committee), BTreeSet::from(["bank".into()]));
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
    assert!(review.propose(ClassDecision::Demoted, "because", &actor(&roster, "ncc"), AFTER + HOUR).is_ok());
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
fn the_office_that_gave_a_notice_takes_it_back_before_the_vote_and_says_why() {
    let roster = roster();
    let mut review = noticed();
    let office = actor(&roster, "office");
    assert_eq!(clause(review.retract("wrong", &actor(&roster, "rail"), AFTER)), Clause::NotPermitted);
    assert_eq!(clause(review.retract("wrong", &actor(&roster, "ncc"), AFTER)), Clause::NotPermitted);
    assert_eq!(clause(review.retract(" ", &office, AFTER)), Clause::TextMissing);
    let mut voted = review.clone();
    put(&mut voted, ClassDecision::Kept, AFTER);
    assert_eq!(clause(voted.retract("wrong", &office, AFTER)), Clause::WrongState);
    let events = review.retract("a count was wrong", &office, AFTER).unwrap();
    take(&mut review, events);
    assert!(review.state() == "retracted" && !review.is_open() && review.wakes_at(&TERMS).is_none());
    assert_eq!(clause(review.retract("again", &office, AFTER)), Clause::WrongState);
    assert_eq!(clause(review.explain("but", &actor(&roster, "rail"), AFTER)), Clause::WrongState);
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
