//! Demands: no trigger, no demand; whoever is not addressed is in a world without it; who answered is known to the offices,
//! what it gave is not.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{DEMANDS, NOON, TERMS, actor, gate, roster, seen_by, take};
use noroshi_council::{
    Class, Micros, OrgId, PersonId, Roster, Scope, Standing, Thing, ThingId,
    demand::{Addressees, Answer, Demand, Event, Facts, Writing, answer::Given},
    gate::Principal,
    refusal::Clause,
    terms::{DAY, HOUR},
};
use proptest::prelude::*;

const CLOSES: Micros = NOON + HOUR;

fn facts(organisations: u32, sectors: usize, spreading: bool) -> Facts {
    let sectors = (0..sectors).map(|n| format!("s{n}")).collect();
    Facts { organisations, sectors, spreading, text: "seen".to_owned() }
}

fn writing(facts: Facts, classes: &[Class]) -> Writing {
    Writing {
        title: "logs".to_owned(),
        facts,
        wanted: "logs of port 445".to_owned(),
        addressees: Addressees { classes: classes.iter().copied().collect(), ..Addressees::default() },
        readers: Scope::class1_group(),
        due: CLOSES + DAY,
        ends_at: CLOSES + 10 * DAY,
        ending: String::new(),
    }
}

fn drafted(facts: Facts, classes: &[Class]) -> Demand {
    let office = actor(&roster(), "office");
    Demand::draft(writing(facts, classes), &office.org, &office.person).unwrap().0
}

fn motion() -> ThingId {
    ThingId("G-1".to_owned())
}

/// One that was carried, under this membership.
fn issued(roster: &Roster, classes: &[Class]) -> Demand {
    let mut demand = drafted(facts(9, 3, true), classes);
    demand.put(&DEMANDS, CLOSES, roster, |_| true).unwrap();
    take(&mut demand, Demand::stated(&motion(), "19", "seal"));
    let events = demand.decided(&motion(), true, roster, CLOSES).unwrap();
    take(&mut demand, events);
    demand
}

fn who(name: &str) -> (OrgId, PersonId) {
    (name.into(), format!("p-{name}").as_str().into())
}

fn answer(demand: &mut Demand, name: &str, answer: Answer, at: Micros) {
    let (org, person) = who(name);
    let cause = if answer == Answer::JustCause { "contract" } else { "" };
    let events =
        demand.answer((&org, &person), answer, (cause, "so it is"), &["contract"], true, at).unwrap();
    take(demand, events);
}

proptest! {
    /// Whatever happened: a demand goes before the committee exactly where every condition is met.
    #[test]
    fn there_is_no_demand_without_its_trigger(organisations in 0_u32..12, sectors in 0_usize..5, spreading: bool) {
        let demand = drafted(facts(organisations, sectors, spreading), &[Class::General]);
        let put = demand.put(&DEMANDS, CLOSES, &roster(), |_| true).map_err(|refusal| refusal.clause);
        let met = organisations >= 5 && sectors >= 2 && spreading;
        prop_assert_eq!(put, if met { Ok(()) } else { Err(Clause::TriggerNotMet) });
        prop_assert_eq!(demand.state(), "drafted");
    }

    /// Whatever came: no count tells of fewer than k, neither by itself nor by what is left of the sum.
    #[test]
    fn a_report_tells_of_no_few(kinds in prop::collection::vec(0_u8..4, 1..30), k in 2_u32..6) {
        let mut roster = roster();
        for n in 0..kinds.len() {
            let org = common::org(&format!("m{n}"), noroshi_council::Seat::Member(Class::General), "port");
            roster.orgs.insert(org.id.clone(), org);
        }
        let mut demand = drafted(facts(9, 3, true), &[Class::General]);
        let mut ports = writing(facts(9, 3, true), &[Class::General]);
        ports.addressees.sectors = BTreeSet::from(["port".to_owned()]);
        take(&mut demand, vec![Event::DemandDrafted { writing: Box::new(ports) }]);
        take(&mut demand, Demand::stated(&motion(), "19", "seal"));
        let events = demand.decided(&motion(), true, &roster, CLOSES).unwrap();
        take(&mut demand, events);
        let mut truth: BTreeMap<&str, u32> = BTreeMap::new();
        for (n, kind) in kinds.iter().enumerate() {
            let kind = match kind { 0 => Answer::Complied, 1 => Answer::Partly, 2 => Answer::JustCause, _ => continue };
            answer(&mut demand, &format!("m{n}"), kind, CLOSES + HOUR);
            *truth.entry(kind.as_str()).or_default() += 1;
        }
        let events = demand.end("over", CLOSES + DAY).unwrap();
        take(&mut demand, events);
        let events = demand.report("it is over", k, CLOSES + DAY).unwrap();
        let [Event::DemandReported { told }] = &events[..] else { panic!("{events:?}") };
        let hidden: u32 = told.counts.iter().filter(|(_, n)| n.is_none()).count().try_into().unwrap();
        for (state, shown) in &told.counts {
            if let Some(n) = shown {
                prop_assert!(*n == 0 || *n >= k, "{state}: {n} of {:?}", told.counts);
                if let Some(truth) = truth.get(state.as_str()) {
                    prop_assert_eq!(n, truth);
                }
            }
        }
        if told.counts["asked"].is_some() {
            prop_assert_ne!(hidden, 1, "what one number is short of the sum: {:?}", told.counts);
        }
    }
}

#[test]
fn only_whom_the_charter_binds_is_asked_and_in_time() {
    let all = [Class::General, Class::Class2];
    let put = |demand: &Demand, bound: fn(Class) -> bool| {
        demand.put(&DEMANDS, CLOSES, &roster(), bound).map_err(|r| (r.clause, r.field))
    };
    let demand = drafted(facts(9, 3, true), &all);
    assert_eq!(put(&demand, |_| true), Ok(()));
    let unbound = put(&demand, |class| class == Class::Class2);
    assert_eq!(unbound, Err((Clause::ClassNotBound, Some("addressees".to_owned()))));
    let change = |change: fn(&mut Writing)| {
        let mut other = writing(facts(9, 3, true), &all);
        change(&mut other);
        let office = actor(&roster(), "office");
        put(&Demand::draft(other, &office.org, &office.person).unwrap().0, |_| true)
            .map_err(|(clause, _)| clause)
    };
    assert_eq!(change(|w| w.due = CLOSES + 12 * HOUR - 1), Err(Clause::NoticeTooShort));
    assert_eq!(change(|w| w.due = CLOSES + 12 * HOUR), Ok(()));
    assert_eq!(change(|w| w.ends_at = CLOSES + 30 * DAY + 1), Err(Clause::DemandTooLong));
    assert_eq!(
        change(|w| w.addressees.sectors = BTreeSet::from(["nowhere".to_owned()])),
        Err(Clause::NobodyAddressed)
    );
    let office = actor(&roster(), "office");
    let nobody = Demand::draft(writing(facts(9, 3, true), &[]), &office.org, &office.person);
    assert_eq!(nobody.unwrap_err().clause, Clause::NobodyAddressed);
}

#[test]
fn whoever_is_not_addressed_is_in_a_world_without_it() {
    let roster = roster();
    let gate = gate(&roster);
    let mut demand = issued(&roster, &[Class::Class2]);
    answer(&mut demand, "rail", Answer::JustCause, CLOSES + HOUR);
    let given = Given::give(
        &ThingId("D-1".to_owned()),
        "secret",
        &Scope::class1_group(),
        (&"rail".into(), &"p-rail".into()),
        &roster,
        CLOSES,
    )
    .unwrap()
    .0;
    for org in roster.active() {
        let reads = seen_by(&demand.views(&gate), &org.id);
        let addressed = demand.lines().contains_key(&org.id);
        let office = matches!(org.id.as_str(), "ncc" | "office");
        assert_eq!(reads.is_empty(), !addressed && !office, "{} {reads:?}", org.id);
        if addressed {
            let other = reads.keys().filter(|key| key.starts_with("demand_answer")).count();
            assert_eq!(other, 1, "how it stands with itself: {reads:?}");
        }
        // What was given is read in its scope, and by nobody that decides on demands.
        let reads = seen_by(&given.views(&gate), &org.id);
        let inside = ["hokuto", "minato", "akatsuki", "ncc", "rail"].contains(&org.id.as_str());
        assert_eq!(reads.values().any(|body| body["text"] == "secret"), inside, "{}", org.id);
    }
    // The committee as such knows that an answer came and why not; of what was given, nothing.
    let steering = Principal::Role(noroshi_council::Role::Steering);
    let knows: Vec<_> = demand.views(&gate).into_iter().filter(|v| v.readers.contains(&steering)).collect();
    assert!(knows.iter().any(|v| v.body["cause"] == "contract"), "{knows:?}");
    assert!(given.views(&gate).iter().all(|v| !v.readers.contains(&steering)));
}

#[test]
fn an_answer_names_its_cause_or_gives_something_and_comes_from_whom_it_is_asked() {
    let roster = roster();
    let mut demand = issued(&roster, &[Class::Class2]);
    let try_as = |name: &str, kind, cause: &str, text: &str, gave, demand: &Demand| {
        let (org, person) = who(name);
        demand
            .answer((&org, &person), kind, (cause, text), &["contract"], gave, CLOSES + HOUR)
            .map(|_| ())
            .map_err(|r| r.clause)
    };
    assert_eq!(try_as("city", Answer::Complied, "", "", true, &demand), Err(Clause::NotPermitted));
    assert_eq!(try_as("rail", Answer::Complied, "", "", false, &demand), Err(Clause::TextMissing));
    assert_eq!(try_as("rail", Answer::Complied, "", "", true, &demand), Ok(()));
    assert_eq!(try_as("rail", Answer::Partly, "", "", true, &demand), Err(Clause::CauseMissing));
    assert_eq!(
        try_as("rail", Answer::JustCause, "unheard-of", "x", false, &demand),
        Err(Clause::CauseMissing)
    );
    assert_eq!(try_as("rail", Answer::JustCause, "contract", " ", false, &demand), Err(Clause::CauseMissing));
    assert_eq!(try_as("rail", Answer::JustCause, "contract", "x", false, &demand), Ok(()));
    // One's own cause is not for oneself to judge, and what was said of it is not said of the next answer.
    answer(&mut demand, "rail", Answer::JustCause, CLOSES + HOUR);
    let (rail, bank) = (who("rail"), who("bank"));
    let own = demand.regard(&rail.0, true, "yes", (&rail.0, &rail.1), CLOSES + HOUR);
    assert_eq!(own.unwrap_err().clause, Clause::NotPermitted);
    let events = demand.regard(&rail.0, false, "no", (&bank.0, &bank.1), CLOSES + HOUR).unwrap();
    take(&mut demand, events);
    assert!(demand.lines()[&rail.0].regard.as_ref().is_some_and(|regard| !regard.accepted));
    answer(&mut demand, "rail", Answer::Partly, CLOSES + 2 * HOUR);
    assert!(demand.lines()[&rail.0].regard.is_none());
    assert!(demand.regard(&rail.0, true, "x", (&bank.0, &bank.1), CLOSES + HOUR).is_err());
}

#[test]
fn time_reminds_marks_what_is_overdue_and_ends_it() {
    let mut roster = roster();
    let mut demand = issued(&roster, &[Class::Class2]);
    let due = demand.writing().due;
    answer(&mut demand, "rail", Answer::Complied, CLOSES + HOUR);
    assert_eq!(demand.wakes_at(&TERMS), Some(due - HOUR));
    let mut passed = Vec::new();
    while let Some(at) = demand.wakes_at(&TERMS) {
        let events = demand.by_time(&TERMS, at);
        assert!(!events.is_empty(), "it woke at {at} for nothing: {demand:?}");
        take(&mut demand, events.clone());
        assert!(demand.by_time(&TERMS, at).is_empty(), "said twice");
        passed.extend(events);
    }
    let names: Vec<_> = passed.iter().map(|e| serde_json::to_value(e).unwrap()["event"].clone()).collect();
    assert_eq!(names, ["demand_reminded", "demand_overdue", "demand_ended"]);
    assert_eq!(demand.lines()[&"bank".into()].state(), "overdue");
    assert_eq!(demand.lines()[&"rail".into()].state(), "complied");
    // Nothing is waited for from whoever has left.
    let mut demand = issued(&roster, &[Class::Class2]);
    roster.orgs.get_mut(&"bank".into()).unwrap().standing = Standing::Withdrawn;
    let lapsed = demand.lapse(&roster);
    assert_eq!(lapsed, [Event::DemandLapsed { org: "bank".into() }]);
    take(&mut demand, lapsed);
    assert!(demand.lapse(&roster).is_empty() && demand.owing().all(|org| org.as_str() != "bank"));
}

#[test]
fn what_the_committee_does_not_carry_is_a_draft_again() {
    let roster = roster();
    let mut demand = drafted(facts(9, 3, true), &[Class::General]);
    take(&mut demand, Demand::stated(&motion(), "19", "seal"));
    let other = writing(facts(9, 3, true), &[Class::General]);
    assert_eq!(demand.rewrite(other.clone()).unwrap_err().clause, Clause::WrongState);
    assert_eq!(demand.drop_it().unwrap_err().clause, Clause::WrongState);
    let strange = demand.decided(&ThingId("G-2".to_owned()), true, &roster, NOON);
    assert_eq!(strange.unwrap_err().clause, Clause::WrongState, "the ballot of another motion");
    let events = demand.decided(&motion(), false, &roster, NOON).unwrap();
    take(&mut demand, events);
    assert_eq!((demand.state(), demand.lines().len()), ("drafted", 0));
    assert!(demand.rewrite(other).is_ok() && demand.drop_it().is_ok());
}

#[test]
fn only_its_provider_draws_the_scope_of_an_answer() {
    let roster = roster();
    let id = ThingId("D-1".to_owned());
    let (rail, bank) = (who("rail"), who("bank"));
    let (given, _) =
        Given::give(&id, "x", &Scope::class1_group(), (&rail.0, &rail.1), &roster, NOON).unwrap();
    let wider = Scope::classes([Class::Class1, Class::Class2, Class::General]);
    let by_other = given.revise("y", &wider, (&bank.0, &bank.1), &roster, NOON);
    assert_eq!(by_other.unwrap_err().clause, Clause::ScopeBelongsToProvider);
    assert!(given.revise("y", &wider, (&rail.0, &rail.1), &roster, NOON).is_ok());
}
