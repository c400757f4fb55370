//! Cases before the committee: nobody is expelled unheard, nobody rises without its conditions, and leaving ends them.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeSet;

use common::{CASES, NOON, TERMS, actor, gate, roster, seen_by};
use noroshi_council::{
    Class, OrgId, Standing, Text, Thing, ThingId,
    case::{Application, Case, Event, Kind, Ready, State},
    refusal::Clause,
    terms::DAY,
};

const READY: Ready = Ready { pledged: true, round_over: true };

fn take(case: &mut Case, events: &[Event]) {
    for event in events {
        case.apply(event);
    }
}

fn charged() -> Case {
    let roster = roster();
    let rail = roster.get(&"rail".into()).unwrap();
    Case::propose_expulsion(rail, "4", "it told", &CASES, &actor(&roster, "office"), NOON).unwrap().0
}

fn applied() -> Case {
    let application = Application {
        name: Text::same("Asanagi City"),
        kind: Kind::LocalGovernment,
        sector: "local-government".to_owned(),
        constituents: 0,
        foreign: false,
        purpose: "we agree".to_owned(),
        contact: "Mikami".to_owned(),
        email: "m@asanagi.example".to_owned(),
        phone: String::new(),
        opening_minute: 510,
    };
    Case::apply_for(application, &actor(&roster(), "office"), NOON).unwrap().0
}

fn wished(foreign: bool) -> Case {
    let roster = roster();
    let city = roster.get(&"city".into()).unwrap();
    let said = ("we watch at night", "0000", foreign);
    Case::wish(city, Class::Class2, said, &CASES, &actor(&roster, "city"), NOON).unwrap().0
}

#[test]
fn an_expulsion_waits_for_the_explanation_or_for_its_time() {
    let mut case = charged();
    assert_eq!(case.put(&CASES, READY).unwrap_err().clause, Clause::HearingOpen);
    assert!(case.by_time(&TERMS, NOON + 14 * DAY - 1).is_empty());
    let heard = case.by_time(&TERMS, case.wakes_at(&TERMS).unwrap());
    assert_eq!(heard, [Event::ChargeHeard]);
    take(&mut case, &heard);
    assert_eq!(case.put(&CASES, READY), Ok(()));
    // Explaining itself, the member need not wait; others do not explain for it.
    let mut case = charged();
    let roster = roster();
    assert_eq!(case.explain("x", &actor(&roster, "bank"), NOON).unwrap_err().clause, Clause::NotPermitted);
    let said = case.explain("we did not", &actor(&roster, "rail"), NOON).unwrap();
    take(&mut case, &said);
    assert_eq!(case.put(&CASES, READY), Ok(()));
    assert_eq!(
        case.retract(NOON).unwrap_err().clause,
        Clause::WrongState,
        "it is not the member's to take back"
    );
    let sits = BTreeSet::from(["rail".into(), "bank".into()]);
    assert_eq!(
        case.voters(&sits),
        BTreeSet::from([OrgId::from("bank")]),
        "whoever is concerned does not vote"
    );
}

#[test]
fn an_application_waits_for_the_end_of_its_round_and_nothing_else_does() {
    let roster = roster();
    let office = actor(&roster, "office");
    let goes_on = Ready { round_over: false, ..READY };
    let mut applied = applied();
    let found = applied.screen("all is well", "", &office, NOON).unwrap();
    take(&mut applied, &found);
    assert_eq!(applied.put(&CASES, goes_on).unwrap_err().clause, Clause::RoundOpen);
    assert_eq!(applied.put(&CASES, READY), Ok(()));
    let mut wish = wished(false);
    let found = wish.screen("all is well", "", &office, NOON).unwrap();
    take(&mut wish, &found);
    assert_eq!(wish.put(&CASES, goes_on), Ok(()));
}

#[test]
fn a_class_asks_for_pledges_an_approval_and_a_contact() {
    let roster = roster();
    let city = roster.get(&"city".into()).unwrap();
    let by = actor(&roster, "city");
    let unreached = Case::wish(city, Class::Class2, ("x", " ", false), &CASES, &by, NOON);
    assert_eq!(unreached.unwrap_err().clause, Clause::ConditionUnmet);
    let lower = Case::wish(city, Class::General, ("x", "0", false), &CASES, &by, NOON);
    assert_eq!(lower.unwrap_err().clause, Clause::WrongState);
    for (foreign, approval, pledged, may) in [
        (false, "", true, true),
        (false, "", false, false),
        (true, "", true, false),
        (true, "no. 3", true, true),
    ] {
        let mut case = wished(foreign);
        assert_eq!(case.put(&CASES, READY).unwrap_err().clause, Clause::WrongState, "not screened");
        let screened = case.screen("looked into", approval, &actor(&roster, "office"), NOON).unwrap();
        take(&mut case, &screened);
        assert_eq!(
            case.put(&CASES, Ready { pledged, ..READY }).is_ok(),
            may,
            "{foreign} {approval} {pledged}"
        );
    }
}

#[test]
fn only_the_ballot_that_was_held_on_it_decides_and_leaving_ends_it() {
    let motion = ThingId("G-1".to_owned());
    let mut case = charged();
    take(&mut case, &[Event::ChargeHeard, Event::CasePut { motion: motion.clone() }]);
    let strange = case.decided(&ThingId("G-2".to_owned()), Some(true), None, NOON);
    assert_eq!(strange.unwrap_err().clause, Clause::WrongState);
    let again = case.decided(&motion, None, None, NOON).unwrap();
    let mut undecided = case.clone();
    take(&mut undecided, &again);
    assert_eq!(undecided.stands(), State::UnderReview, "without a quorum it is put again");
    let mut roster = roster();
    assert!(case.lapse(&roster, NOON).is_empty());
    roster.orgs.get_mut(&"rail".into()).unwrap().standing = Standing::Withdrawn;
    let lapsed = case.lapse(&roster, NOON);
    assert_eq!(lapsed, [Event::CaseLapsed { at: NOON }]);
    take(&mut case, &lapsed);
    assert!(case.decided(&motion, Some(true), None, NOON).is_err());
}

#[test]
fn a_case_is_read_by_whom_it_is_about_and_by_the_offices() {
    let roster = roster();
    let case = charged();
    let views = case.views(&gate(&roster));
    for org in roster.active() {
        let knows = matches!(org.id.as_str(), "rail" | "office");
        assert_eq!(!seen_by(&views, &org.id).is_empty(), knows, "{}", org.id);
    }
}

#[test]
fn an_applicant_is_told_how_far_it_has_come_and_not_what_was_found() {
    let mut case = applied();
    let office = actor(&roster(), "office");
    let screened = case.screen("we asked around", "", &office, NOON).unwrap();
    take(&mut case, &screened);
    let told = serde_json::to_string(&case.progress().unwrap()).unwrap();
    assert!(told.contains("under_review") && !told.contains("asked around"), "{told}");
    let declined = case.decline("papers are missing", NOON).unwrap();
    take(&mut case, &declined);
    assert_eq!(case.progress().unwrap().closed, Some((NOON, "papers are missing".to_owned())));
    // Of a wish or an expulsion nobody outside is told anything.
    assert_eq!(charged().progress(), None);
    assert_eq!(wished(false).progress(), None);
}
