//! What class 2 is told before everybody, and what happens by the passing of time alone.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{LIMITS, NOON, TERMS, actor, gate, masked, opening, roster, seen_by, submission, take};
use noroshi_council::{
    Class, Handling, Layer, Micros, OrgId, Pap, Scope, Thing, Tlp,
    answer::{Answer, Verdict},
    confidence::Confidence,
    consult::{self, Consultation, Voice, Writer},
    indicator::Indicator,
    item::{self, Author, Consent, Item, Submission, Triage},
    measure::{
        Certainty, Change, Content, Event, Measure, Release, Reminder, Severity, State, Step, Urgency, Wish,
    },
    refusal::Clause,
    terms::{DAY, HOUR, MINUTE},
};

fn indicator(value: &str) -> Indicator {
    Indicator {
        id: String::new(),
        kind: "domain".into(),
        value: value.into(),
        pattern: String::new(),
        note: String::new(),
    }
}

fn content(title: &str, indicators: &[&str]) -> Content {
    Content {
        title: title.into(),
        body: "body".into(),
        steps: vec![Step { title: "look".into(), text: String::new() }],
        target: String::new(),
        not_target: String::new(),
        deadline: String::new(),
        side_effects: String::new(),
        check: String::new(),
        undo: "undo".into(),
        executives: String::new(),
        technicians: String::new(),
        door: String::new(),
        phone: String::new(),
        indicators: indicators.iter().map(|value| indicator(value)).collect(),
        question: "seen?".into(),
        damage_present: false,
        handling: Handling { tlp: Tlp::Clear, pap: Pap::Amber },
        open_text: false,
        onward: false,
        exercise: false,
        urgency: Urgency::Immediate,
        severity: Severity::Severe,
        certainty: Certainty::Likely,
    }
}

/// A measure that class 2 has had since noon, and owes an answer about until five.
fn early(confidence: u8) -> Measure {
    let roster = roster();
    let (mut measure, mut events) =
        Measure::draft(content("early", &["a.example", "b.example"]), Vec::new(), &"hokuto".into(), &LIMITS)
            .unwrap();
    events.extend(measure.assess(Confidence::new(confidence).unwrap(), "grounds", 0).unwrap());
    take(&mut measure, events);
    let wish = Wish { due: NOON + 5 * HOUR, ..Wish::default() };
    let events = measure.propose(Release::Low, &actor(&roster, "hokuto"), &wish, &LIMITS, NOON).unwrap();
    take(&mut measure, events);
    let events =
        measure.approve(Release::Low, &actor(&roster, "ncc"), &LIMITS, &gate(&roster), NOON).unwrap();
    take(&mut measure, events);
    measure
}

fn class2() -> Vec<OrgId> {
    roster().of_class(Class::Class2).filter(|o| o.receives_secrets).map(|o| o.id.clone()).collect()
}

fn answer(measure: &mut Measure, org: &OrgId, at: Micros) {
    let answers = BTreeMap::from([("i1".to_owned(), Answer::plain(Verdict::Unknown))]);
    let events = measure.answer(org, &"p".into(), answers, false, false, at).unwrap();
    take(measure, events);
}

fn reads(measure: &Measure, reader: &str, word: &str) -> bool {
    let roster = roster();
    let views = measure.views(&gate(&roster));
    seen_by(&views, &reader.into()).values().any(|body| body.to_string().contains(word))
}

#[test]
fn a_correction_of_what_class_2_has_reaches_class_2_and_asks_it_again() {
    let mut measure = early(50);
    let [one, other] = [class2()[0].clone(), class2()[1].clone()];
    assert!(measure.has_confirmed(&one), "the first needs no confirmation");
    let text = content("corrected", &["b.example", "c.example"]);
    let events = measure.revise(Change::Correction, "a.example is shared", Some(text), &LIMITS, NOON + 1);
    take(&mut measure, events.unwrap());
    assert_eq!((measure.stands(), measure.early_to_confirm()), (State::LowReleased, 2));
    let ids: Vec<&str> = measure.asked().iter().map(|i| i.id.as_str()).collect();
    assert_eq!(ids, ["i2", "i3"], "answers are about what they were about");
    for org in [&one, &other] {
        assert!(reads(&measure, org.as_str(), "a.example is shared") && !measure.has_confirmed(org));
    }
    for outsider in ["city", "hospital", "office", "machines"] {
        assert!(!reads(&measure, outsider, "corrected"), "{outsider}");
    }
    assert_eq!(measure.confirm_early(&one, Some(1)).unwrap_err().clause, Clause::SomebodyWasFaster);
    let events = measure.confirm_early(&one, Some(2)).unwrap();
    take(&mut measure, events);
    assert!(measure.has_confirmed(&one) && !measure.has_confirmed(&other));
    assert_eq!(measure.confirm_early(&one, None).unwrap_err().clause, Clause::WrongState);
    assert_eq!(measure.confirm_early(&"city".into(), None).unwrap_err().clause, Clause::NotPermitted);
    // Whoever answers has read what it had before its eyes, and not what has come since.
    let answers = BTreeMap::from([("i2".to_owned(), Answer::plain(Verdict::Unknown))]);
    let events = measure.answer(&other, &"p".into(), answers, false, false, NOON + 4).unwrap();
    take(&mut measure, events);
    let stale: Vec<_> = measure.read_by_answering(&other, 1).into_iter().collect();
    take(&mut measure, stale);
    assert!(!measure.has_confirmed(&other));
    let read: Vec<_> = measure.read_by_answering(&other, 2).into_iter().collect();
    take(&mut measure, read);
    assert!(measure.has_confirmed(&other));
    assert_eq!(measure.read_by_answering(&other, 9), None, "nobody reads what is not there");
}

#[test]
fn each_addressee_reads_its_own_line_and_the_coordinator_all() {
    let mut measure = early(50);
    let text = content("corrected", &["a.example"]);
    let events = measure.revise(Change::Correction, "note", Some(text), &LIMITS, NOON + 1).unwrap();
    take(&mut measure, events);
    let roster = roster();
    let views = measure.views(&gate(&roster));
    for org in class2() {
        let lines: Vec<_> = views
            .iter()
            .filter(|v| v.layer == Layer::SimpleFeedbackEach && v.key.starts_with("asked"))
            .filter(|v| v.readers.contains(&noroshi_council::gate::Principal::Org(org.clone())))
            .collect();
        assert_eq!(lines.len(), 1, "{org}");
        assert_eq!(lines[0].body["asked"]["org"], org.as_str());
    }
    let all = views.iter().find(|v| v.key == "asked").unwrap();
    let readers: BTreeSet<String> = all.readers.iter().cloned().map(String::from).collect();
    assert_eq!(readers, BTreeSet::from(["ncc".to_owned()]));
    assert_eq!(all.body["addressees"].as_array().unwrap().len(), class2().len());
}

#[test]
fn cancelled_before_it_went_to_all_it_is_over_for_class_2_and_nobody_else_learns_of_it() {
    let mut measure = early(50);
    let events = measure.revise(Change::Cancellation, "wrong", None, &LIMITS, NOON + 1).unwrap();
    take(&mut measure, events);
    assert_eq!(measure.stands(), State::Cancelled);
    let org = &class2()[0];
    assert!(reads(&measure, org.as_str(), "cancelled") && !reads(&measure, "city", "cancelled"));
    let answers = BTreeMap::from([("i1".to_owned(), Answer::plain(Verdict::Unknown))]);
    let refused = measure.answer(org, &"p".into(), answers, false, false, NOON + 2).unwrap_err();
    assert_eq!(refused.clause, Clause::DeadlinePassed);
    let again = measure.revise(Change::Update, "more", None, &LIMITS, NOON + 2).unwrap_err();
    assert_eq!(again.clause, Clause::WrongState);
}

#[test]
fn what_is_being_written_for_everybody_does_not_show_to_class_2_and_survives_a_correction() {
    let roster = roster();
    let mut measure = early(80);
    let events = measure.rewrite(content("for all", &["a.example"]), &LIMITS).unwrap();
    take(&mut measure, events);
    assert!(!reads(&measure, class2()[0].as_str(), "for all"), "a released text is never edited");
    let events =
        measure.propose(Release::High, &actor(&roster, "hokuto"), &Wish::default(), &LIMITS, NOON).unwrap();
    take(&mut measure, events);
    let events = measure.revise(Change::Update, "news", None, &LIMITS, NOON + 1).unwrap();
    take(&mut measure, events);
    assert_eq!(measure.content().title, "for all");
    assert!(measure.proposal().is_some(), "what is proposed did not change");
    let events =
        measure.approve(Release::High, &actor(&roster, "ncc"), &LIMITS, &gate(&roster), NOON + 2).unwrap();
    take(&mut measure, events);
    // The number of the first notice to all tells nobody that class 2 had two before.
    assert_eq!((measure.rev(), measure.early().len()), (1, 2));
    assert!(reads(&measure, "city", "for all") && !reads(&measure, "city", "news"));
}

#[test]
fn a_correction_drops_the_proposal_of_the_text_that_it_corrects() {
    let roster = roster();
    let mut measure = early(80);
    let events =
        measure.propose(Release::High, &actor(&roster, "hokuto"), &Wish::default(), &LIMITS, NOON).unwrap();
    take(&mut measure, events);
    let text = content("corrected", &["a.example"]);
    let events = measure.revise(Change::Correction, "note", Some(text), &LIMITS, NOON + 1).unwrap();
    take(&mut measure, events);
    assert!(measure.proposal().is_none());
    assert_eq!(measure.content().title, "corrected");
}

#[test]
fn whoever_owes_an_answer_is_reminded_once_before_and_once_after_the_deadline() {
    let mut measure = early(50);
    let due = NOON + 5 * HOUR;
    assert_eq!(measure.wakes_at(&TERMS), Some(due - HOUR));
    assert!(measure.by_time(&TERMS, due - HOUR - 1).is_empty());
    let events = measure.by_time(&TERMS, due - HOUR);
    assert_eq!(events, [Event::Reminded { what: Reminder::DueSoon }]);
    take(&mut measure, events);
    assert!(measure.by_time(&TERMS, due - 1).is_empty());
    assert_eq!(measure.wakes_at(&TERMS), Some(due));
    let events = measure.by_time(&TERMS, due);
    assert_eq!(events, [Event::Reminded { what: Reminder::Overdue }]);
    take(&mut measure, events);
    assert!(measure.by_time(&TERMS, due + DAY).is_empty());
    // Late answers are taken, and whoever answered owes nothing.
    let before = measure.owing().count();
    answer(&mut measure, &class2()[0], due + DAY);
    assert_eq!(measure.owing().count(), before - 1);
}

#[test]
fn nobody_is_reminded_of_what_everybody_has_answered() {
    let mut measure = early(50);
    for org in class2() {
        answer(&mut measure, &org, NOON + 1);
    }
    assert!(measure.by_time(&TERMS, NOON + 6 * HOUR).is_empty());
    assert_eq!(measure.wakes_at(&TERMS), Some(NOON + LIMITS.low_ttl));
}

#[test]
fn an_early_measure_ends_with_its_term_and_then_sleeps() {
    let mut measure = early(50);
    let end = NOON + LIMITS.low_ttl;
    let events = measure.by_time(&TERMS, end);
    assert!(events.contains(&Event::Expired) && events.contains(&Event::RequestClosed { at: end }));
    take(&mut measure, events);
    assert_eq!((measure.stands(), measure.wakes_at(&TERMS)), (State::Expired, None));
    assert!(measure.by_time(&TERMS, end + DAY).is_empty());
    assert!(reads(&measure, class2()[0].as_str(), "expired"));
}

#[test]
fn a_precaution_is_reviewed_or_people_are_reminded_of_it() {
    let roster = roster();
    let (mut measure, mut events) =
        Measure::draft(content("now", &[]), Vec::new(), &"hokuto".into(), &LIMITS).unwrap();
    events.extend(measure.assess(Confidence::new(50).unwrap(), "grounds", 0).unwrap());
    take(&mut measure, events);
    let wish = Wish { reason: "no time".into(), cheap: true, reversible: true, due: 0 };
    let one = actor(&roster, "hokuto");
    let events = measure.propose(Release::Precautionary, &one, &wish, &LIMITS, NOON).unwrap();
    take(&mut measure, events);
    let events = measure
        .approve(Release::Precautionary, &actor(&roster, "ncc"), &LIMITS, &gate(&roster), NOON)
        .unwrap();
    take(&mut measure, events);
    let due = NOON + LIMITS.review;
    assert_eq!(measure.by_time(&TERMS, due - MINUTE), [Event::Reminded { what: Reminder::ReviewSoon }]);
    assert_eq!(measure.by_time(&TERMS, due), [Event::Reminded { what: Reminder::ReviewOverdue }]);
    assert!(measure.review(&one, " ", due).is_err());
    let events = measure.review(&one, "still right", due - HOUR).unwrap();
    take(&mut measure, events);
    assert!(measure.by_time(&TERMS, due).is_empty() && measure.wakes_at(&TERMS).is_none());
    assert!(measure.review(&one, "twice", due).is_err());
}

#[test]
fn what_has_become_sure_while_it_waited_is_no_precaution() {
    let roster = roster();
    let wish = Wish { reason: "no time".into(), cheap: true, reversible: true, due: 0 };
    for (sure, precaution) in [(69, true), (70, false)] {
        let (mut measure, mut events) =
            Measure::draft(content("now", &[]), Vec::new(), &"hokuto".into(), &LIMITS).unwrap();
        events.extend(measure.assess(Confidence::new(50).unwrap(), "grounds", 0).unwrap());
        take(&mut measure, events);
        let one = actor(&roster, "hokuto");
        let events = measure.propose(Release::Precautionary, &one, &wish, &LIMITS, NOON).unwrap();
        take(&mut measure, events);
        let events = measure.assess(Confidence::new(sure).unwrap(), "two more saw it", 0).unwrap();
        take(&mut measure, events);
        let second = actor(&roster, "ncc");
        let events =
            measure.approve(Release::Precautionary, &second, &LIMITS, &gate(&roster), NOON + 1).unwrap();
        take(&mut measure, events);
        assert_eq!(measure.precaution().is_some(), precaution, "{sure}");
    }
}

#[test]
fn only_what_is_clear_and_out_is_made_public() {
    let roster = roster();
    let mut measure = early(80);
    assert_eq!(measure.publish("AT-1", NOON).unwrap_err().clause, Clause::WrongState);
    let mut narrower = content("for all", &[]);
    narrower.handling.tlp = Tlp::Amber;
    for (text, clause) in [(narrower, Some(Clause::MarkedNarrower)), (content("for all", &[]), None)] {
        let events = measure.rewrite(text, &LIMITS).unwrap();
        take(&mut measure, events);
        let mut out = measure.clone();
        for (who, release) in [("hokuto", true), ("ncc", false)] {
            let who = actor(&roster, who);
            let events = if release {
                out.propose(Release::High, &who, &Wish::default(), &LIMITS, NOON).unwrap()
            } else {
                out.approve(Release::High, &who, &LIMITS, &gate(&roster), NOON).unwrap()
            };
            take(&mut out, events);
        }
        assert_eq!(out.publish("AT-1", NOON).err().map(|r| r.clause), clause);
    }
}

#[test]
fn class_1_is_reminded_of_what_it_owes() {
    let roster = roster();
    let author = Author { org: "hokuto".into(), person: "p".into(), at: NOON };
    let (mut item, events) =
        Item::bring(submission(Consent::Prior), &author, NOON + 24 * HOUR, &gate(&roster)).unwrap();
    take(&mut item, events);
    assert!(item.owing().count() > 0);
    assert_eq!(item.wakes_at(&TERMS), Some(NOON + 23 * HOUR));
    let events = item.by_time(&TERMS, NOON + 23 * HOUR);
    assert_eq!(events, [item::Event::Reminded { what: item::Reminder::DueSoon }]);
    take(&mut item, events);
    let events = item.by_time(&TERMS, NOON + 24 * HOUR);
    assert_eq!(events, [item::Event::Reminded { what: item::Reminder::Overdue }]);
    take(&mut item, events);
    assert_eq!((item.by_time(&TERMS, NOON + 40 * DAY), item.wakes_at(&TERMS)), (Vec::new(), None));
    // Whoever is asked after that, by a scope that was drawn anew, is reminded like anybody else, and nobody a second time.
    let due = NOON + 60 * HOUR;
    take(&mut item, vec![item::Event::Asked { org: "late".into(), due }]);
    assert_eq!(item.wakes_at(&TERMS), Some(due - HOUR));
    assert!(item.by_time(&TERMS, due - HOUR - 1).is_empty());
    let events = item.by_time(&TERMS, due - HOUR);
    assert_eq!(events, [item::Event::Reminded { what: item::Reminder::DueSoon }]);
    take(&mut item, events);
    assert_eq!(item.wakes_at(&TERMS), Some(due));
    let events = item.by_time(&TERMS, due);
    assert_eq!(events, [item::Event::Reminded { what: item::Reminder::Overdue }]);
    take(&mut item, events);
    assert_eq!((item.by_time(&TERMS, due + 40 * DAY), item.wakes_at(&TERMS)), (Vec::new(), None));
}

#[test]
fn who_is_asked_later_is_reminded_at_its_own_time() {
    let roster = roster();
    let author = Author { org: "hokuto".into(), person: "p".into(), at: NOON };
    let (mut item, events) =
        Item::bring(submission(Consent::Prior), &author, NOON + 24 * HOUR, &gate(&roster)).unwrap();
    take(&mut item, events);
    let due = NOON + 30 * HOUR;
    take(&mut item, vec![item::Event::Asked { org: "late".into(), due }]);
    let mut said = Vec::new();
    while let Some(at) = item.wakes_at(&TERMS) {
        let events = item.by_time(&TERMS, at);
        assert_eq!(events.len(), 1, "{events:?}");
        let item::Event::Reminded { what } = &events[0] else { panic!("{events:?}") };
        let late = item.reminded_of(*what).any(|org| org.as_str() == "late");
        let others = item.reminded_of(*what).any(|org| org.as_str() != "late");
        assert_eq!((late, others), (at > NOON + 24 * HOUR, at <= NOON + 24 * HOUR), "each of its own");
        said.push(((at - NOON) / HOUR, events.clone()));
        take(&mut item, events);
    }
    let soon = || vec![item::Event::Reminded { what: item::Reminder::DueSoon }];
    let late = || vec![item::Event::Reminded { what: item::Reminder::Overdue }];
    assert_eq!(said, [(23, soon()), (24, late()), (29, soon()), (30, late())]);
}

#[test]
fn a_scope_with_an_end_reaches_its_provider_and_the_coordinator_after_it_until_it_is_drawn_anew() {
    let roster = roster();
    let author = Author { org: "hokuto".into(), person: "p".into(), at: NOON };
    let end = NOON + 2 * HOUR;
    let scope = Scope { until: Some(end), ..Scope::class1_group() };
    let given = Submission { scope, ..submission(Consent::Prior) };
    let (mut item, events) = Item::bring(given, &author, NOON + 24 * HOUR, &gate(&roster)).unwrap();
    take(&mut item, events);
    let readers = |item: &Item| -> Vec<bool> {
        let views = item.views(&gate(&roster));
        let reads =
            |org: &str| seen_by(&views, &org.into()).keys().any(|k| k.starts_with("technique_full/full"));
        ["hokuto", "ncc", "minato"].iter().map(|org| reads(org)).collect()
    };
    assert_eq!(readers(&item), [true, true, true]);
    assert_eq!(item.wakes_at(&TERMS), Some(end));
    assert_eq!(item.by_time(&TERMS, end - 1), []);
    let events = item.by_time(&TERMS, end);
    assert_eq!(events.first(), Some(&item::Event::ScopeEnded { damage: false }));
    take(&mut item, events);
    assert_eq!(readers(&item), [true, true, false]);
    assert_eq!(item.owing().count(), 0, "nobody owes an answer to what it cannot read");
    assert_eq!((item.by_time(&TERMS, end + 40 * DAY), item.wakes_at(&TERMS)), (Vec::new(), None));
    // Only its provider makes it reach others again.
    let again = Scope::class1_group();
    assert!(item.redraw(&"ncc".into(), false, &again, &roster).is_err());
    let events = item.redraw(&"hokuto".into(), false, &again, &roster).unwrap();
    take(&mut item, events);
    assert_eq!(readers(&item), [true, true, true]);
}

#[test]
fn silence_is_no_consent() {
    let roster = roster();
    let author = Author { org: "city".into(), person: "p".into(), at: NOON };
    let (mut item, events) = Item::submit(submission(Consent::Each), &author, None, &roster).unwrap();
    take(&mut item, events);
    let events = item.triage(Triage::Accept).unwrap();
    take(&mut item, events);
    let events = item.mask(masked(), &"first".into()).unwrap();
    take(&mut item, events);
    let until = NOON + TERMS.confirm;
    let events = item.check_masking(&"second".into(), NOON + 24 * HOUR, until, &gate(&roster)).unwrap();
    take(&mut item, events);
    assert_eq!((item.confirm_by(), item.wakes_at(&TERMS)), (Some(until), Some(until - HOUR)));
    let events = item.by_time(&TERMS, until - HOUR);
    assert_eq!(events, [item::Event::Reminded { what: item::Reminder::ConfirmSoon }]);
    take(&mut item, events);
    let events = item.by_time(&TERMS, until);
    assert_eq!(events, [item::Event::KeptByCoordinator]);
    take(&mut item, events);
    assert_eq!((item.state(), item.wakes_at(&TERMS)), ("coordinator_only", None));
}

#[test]
fn a_silent_consultation_is_closed_after_a_notice_and_a_word_keeps_it_open() {
    let roster = roster();
    let writer =
        |org: &str, voice, at| Writer { org: org.into(), person: format!("p-{org}").into(), voice, at };
    let (mut consultation, events) =
        Consultation::open(&opening(), &"city".into(), &writer("city", Voice::Consulter, NOON), &roster)
            .unwrap();
    take(&mut consultation, events);
    assert_eq!(consultation.wakes_at(&TERMS), None, "whoever waits for advice is not closed out");
    let events =
        consultation.write(&writer("ncc", Voice::Coordinator, NOON + 1), "advice", true, &[]).unwrap();
    take(&mut consultation, events);
    let quiet = NOON + 1 + TERMS.silence;
    assert!(consultation.by_time(&TERMS, quiet - 1).is_empty());
    let events = consultation.by_time(&TERMS, quiet);
    assert_eq!(events, [consult::Event::SilenceNoticed { at: quiet }]);
    take(&mut consultation, events);
    let mut spoken = consultation.clone();
    let events =
        spoken.write(&writer("ncc", Voice::Coordinator, quiet + 1), "more advice", true, &[]).unwrap();
    take(&mut spoken, events);
    assert_eq!(spoken.wakes_at(&TERMS), Some(quiet + 1 + TERMS.silence));
    assert_eq!(consultation.by_time(&TERMS, quiet + TERMS.notice), [consult::Event::Closed]);
    take(&mut consultation, vec![consult::Event::Closed]);
    assert_eq!((consultation.state(), consultation.wakes_at(&TERMS)), ("closed", None));
}
