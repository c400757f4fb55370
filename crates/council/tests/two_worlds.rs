//! Non-interference over the pure rules: random histories are played twice, with and without what one observer may not
//! see, and with other words in it. Whatever the observer reads is the same, at every moment.
//!
//! That this can fail is shown by the `leak-*` features: `cargo test -p noroshi-council --features leak-… --test
//! two_worlds` must fail for each; `scripts/leaks` runs them all.

#![allow(clippy::unwrap_used, clippy::large_enum_variant, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{LIMITS, NOON, TERMS, actor, gate, opening, roster, seen_by};
use noroshi_council::{
    Class, Handling, OrgId, Pap, Roster, Scope, Thing, ThingId, Tlp, View,
    answer::{Answer, Coverage, Verdict},
    confidence::Confidence,
    consult::{Consultation, Opening, Purpose, Voice, Writer},
    indicator::Indicator,
    item::{
        Author, Basis, Consent, Contribution, Item, MaskedText, Opinion, Outcome, State, Submission, Triage,
    },
    measure::{Certainty, Change, Content, Measure, Release, Severity, Source, Step, Urgency, Wish},
    terms::HOUR,
};
use proptest::prelude::*;

/// One act of a history. Numbers choose whom and what it concerns; acts that the rules refuse change nothing.
#[derive(Debug, Clone)]
enum Act {
    Consult { by: usize, anonymous: bool, scope: Scope, exercise: bool },
    Write { thing: usize, by: usize },
    Ask { thing: usize },
    Permit { thing: usize, scope: Option<Scope> },
    Reply { thing: usize, by: usize, verdict: Verdict },
    Withdraw { thing: usize },
    Bring { by: usize, scope: Scope, author_shown: bool, exercise: bool, addendum: bool },
    Submit { by: usize, scope: Scope, consent: Consent, exercise: bool, addendum: bool },
    Triage { thing: usize, accept: bool },
    Merge { thing: usize, into: usize },
    Mask { thing: usize },
    Confirmed { thing: usize, approve: bool },
    Close { thing: usize, outcome: Outcome },
    Retract { thing: usize },
    Opine { thing: usize, by: usize, level: u8, author_shown: bool },
    Assess { thing: usize, value: u8 },
    Redraw { thing: usize, scope: Scope },
    Draft { from: usize },
    Release { thing: usize, release: Release },
    Answer { thing: usize, by: usize, verdict: Verdict, consent: bool },
    Revise { thing: usize, change: Change },
    Confirm { thing: usize, by: usize },
    Pass { thing: usize, hours: i64 },
}

enum Any {
    Consultation(Consultation),
    Item(Item),
    Measure(Measure),
}

impl Any {
    fn views(&self, roster: &Roster) -> Vec<View> {
        let gate = gate(roster);
        match self {
            Any::Consultation(thing) => thing.views(&gate),
            Any::Item(thing) => thing.views(&gate),
            Any::Measure(thing) => thing.views(&gate),
        }
    }
}

fn everybody(roster: &Roster) -> Vec<OrgId> {
    roster.orgs.keys().cloned().collect()
}

fn members(roster: &Roster) -> Vec<OrgId> {
    let seated = |o: &&noroshi_council::Org| matches!(o.seat, noroshi_council::Seat::Member(_));
    roster.orgs.values().filter(seated).map(|o| o.id.clone()).collect()
}

fn of_class(roster: &Roster, class: Class) -> Vec<OrgId> {
    roster.of_class(class).map(|o| o.id.clone()).collect()
}

fn events<T: Thing>(thing: &mut T, events: Result<Vec<T::Event>, noroshi_council::Refusal>) {
    for event in events.unwrap_or_default() {
        thing.apply(&event);
    }
}

/// Plays a history. `words` gives the text of each act, so that a second world can say something else; `keep` says
/// which acts happen at all. Answers, after each act, every thing's views.
fn play(
    roster: &Roster,
    acts: &[Act],
    words: &dyn Fn(usize, &str) -> String,
    keep: &dyn Fn(usize) -> bool,
    after: &mut dyn FnMut(usize, &BTreeMap<usize, Any>),
) {
    // A thing is known by the number of the act that made it, in both worlds alike.
    let mut things: BTreeMap<usize, Any> = BTreeMap::new();
    for (n, act) in acts.iter().enumerate() {
        if keep(n) {
            step(roster, &mut things, n, act, words);
        }
        after(n, &things);
    }
}

/// Which thing an act concerns: one that an earlier act of a fitting kind made.
fn target(acts: &[Act], n: usize) -> Option<usize> {
    let consults = |a: &Act| matches!(a, Act::Consult { .. });
    let items = |a: &Act| matches!(a, Act::Bring { .. } | Act::Submit { .. });
    let measures = |a: &Act| matches!(a, Act::Draft { .. });
    let any = |a: &Act| {
        matches!(a, Act::Consult { .. } | Act::Bring { .. } | Act::Submit { .. } | Act::Draft { .. })
    };
    let scoped = |a: &Act| matches!(a, Act::Consult { .. } | Act::Bring { .. } | Act::Submit { .. });
    let (fits, wanted): (&dyn Fn(&Act) -> bool, usize) = match &acts[n] {
        Act::Write { thing, .. }
        | Act::Ask { thing }
        | Act::Permit { thing, .. }
        | Act::Reply { thing, .. }
        | Act::Withdraw { thing } => (&consults, *thing),
        Act::Opine { thing, .. }
        | Act::Assess { thing, .. }
        | Act::Triage { thing, .. }
        | Act::Merge { thing, .. }
        | Act::Mask { thing }
        | Act::Confirmed { thing, .. }
        | Act::Close { thing, .. }
        | Act::Retract { thing } => (&items, *thing),
        Act::Draft { from } => (&items, *from),
        Act::Redraw { thing, .. } => (&scoped, *thing),
        Act::Release { thing, .. }
        | Act::Answer { thing, .. }
        | Act::Revise { thing, .. }
        | Act::Confirm { thing, .. } => (&measures, *thing),
        Act::Pass { thing, .. } => (&any, *thing),
        Act::Consult { .. } | Act::Bring { .. } | Act::Submit { .. } => return Some(n),
    };
    let made: Vec<usize> = (0..n).filter(|i| fits(&acts[*i])).collect();
    if made.is_empty() { None } else { Some(made[wanted % made.len()]) }
}

/// Which item an act merges another into: one that an earlier act made.
fn merged_into(acts: &[Act], n: usize) -> Option<usize> {
    let Act::Merge { into, .. } = &acts[n] else { return None };
    let made: Vec<usize> =
        (0..n).filter(|i| matches!(acts[*i], Act::Bring { .. } | Act::Submit { .. })).collect();
    made.get(into % made.len().max(1)).copied()
}

/// The scope as the specification words it, a second time and without the code that is tested: the membership does not
/// change in these histories.
fn stands_inside(scope: &noroshi_council::NamedScope, reader: &OrgId, roster: &Roster) -> bool {
    let (expression, provider) = (scope.expression(), scope.provider());
    let org = roster.get(reader).unwrap();
    if reader == provider || org.seat == noroshi_council::Seat::Coordinator {
        return true;
    }
    let named = expression.orgs.contains(reader)
        || matches!(org.seat, noroshi_council::Seat::Member(class) if expression.classes.contains(&class));
    named && !left_out(scope, reader, roster)
}

/// Whether the provider left somebody out, likewise.
fn left_out(scope: &noroshi_council::NamedScope, reader: &OrgId, roster: &Roster) -> bool {
    let (expression, provider) = (scope.expression(), scope.provider());
    let regulator = roster.regulates.get(reader).is_some_and(|whom| whom.contains(provider));
    reader != provider
        && (expression.except_orgs.contains(reader) || (expression.except_my_regulators && regulator))
}

thread_local! {
    static HISTORY: std::cell::RefCell<Vec<Act>> = const { std::cell::RefCell::new(Vec::new()) };
}

fn step(
    roster: &Roster,
    things: &mut BTreeMap<usize, Any>,
    n: usize,
    act: &Act,
    words: &dyn Fn(usize, &str) -> String,
) {
    let at = NOON + i64::try_from(n).unwrap() * 60_000_000;
    let Some(target) = HISTORY.with_borrow(|acts| target(acts, n)) else { return };
    let text = |what: &str| words(target, &format!("{what} {n}"));
    let pick = |list: Vec<OrgId>, i: usize| list[i % list.len()].clone();
    let submission = |scope: &Scope, author_shown, consent, exercise, addendum: bool| Submission {
        title: text("title"),
        technique: text("technique"),
        damage: text("damage"),
        indicators: vec![Indicator {
            id: String::new(),
            kind: "ipv4".into(),
            value: text("198.51.100.7"),
            pattern: String::new(),
            note: String::new(),
        }],
        scope: scope.clone(),
        damage_scope: None,
        basis: Basis::Voluntary,
        consent,
        handling: Handling { tlp: Tlp::Amber, pap: Pap::Red },
        original: true,
        author_shown,
        confidence: Some(75),
        addendum_to: if addendum { "JVNVU#99999999".into() } else { String::new() },
        not_classified: true,
        kept: Vec::new(),
        about: BTreeSet::new(),
        exercise,
    };
    let author = |org: OrgId| Author { person: format!("p-{org}").into(), org, at };
    match act {
        Act::Consult { by, anonymous, scope, exercise } => {
            let org = pick(members(roster), *by);
            let opening = Opening {
                text: text("consultation"),
                anonymous: *anonymous,
                scope: scope.clone(),
                exercise: *exercise,
                ..opening()
            };
            let writer =
                Writer { org: org.clone(), person: format!("p-{org}").into(), voice: Voice::Consulter, at };
            if let Ok((mut thing, list)) = Consultation::open(&opening, &org, &writer, roster) {
                events(&mut thing, Ok(list));
                things.insert(n, Any::Consultation(thing));
            }
        }
        Act::Bring { by, scope, author_shown, exercise, addendum } => {
            let org = pick(of_class(roster, Class::Class1), *by);
            let submission = submission(scope, *author_shown, Consent::Prior, *exercise, *addendum);
            if let Ok((mut thing, list)) = Item::bring(submission, &author(org), at + 1, &gate(roster)) {
                events(&mut thing, Ok(list));
                things.insert(n, Any::Item(thing));
            }
        }
        Act::Submit { by, scope, consent, exercise, addendum } => {
            let org = pick(members(roster), *by);
            let submission = submission(scope, false, *consent, *exercise, *addendum);
            if let Ok((mut thing, list)) = Item::submit(submission, &author(org), None, roster) {
                events(&mut thing, Ok(list));
                things.insert(n, Any::Item(thing));
            }
        }
        Act::Draft { .. } => {
            let Some(Any::Item(item)) = things.get(&target) else { return };
            if item.may_derive().is_err() {
                return;
            }
            let source = Source::of(ThingId(format!("A-{target}")), item.scope().clone(), item.exercise());
            // What a measure says is written for its readers, whatever the item says.
            let content = Content { exercise: item.exercise(), ..content() };
            if let Ok((mut thing, mut list)) =
                Measure::draft(content, vec![source], &"hokuto".into(), &LIMITS)
            {
                list.extend(thing.assess(Confidence::new(80).unwrap(), "grounds", at).unwrap());
                events(&mut thing, Ok(list));
                things.insert(n, Any::Measure(thing));
            }
        }
        Act::Merge { .. } => {
            let Some(into) = HISTORY.with_borrow(|acts| merged_into(acts, n)) else { return };
            merge(roster, things, target, into);
        }
        other => {
            if let Some(thing) = things.get_mut(&target) {
                go_on(roster, thing, other, at, &text);
            }
            lead(roster, things, target);
            follow(roster, things, target);
        }
    }
}

/// Merges an item into another, as the acts have it.
fn merge(roster: &Roster, things: &mut BTreeMap<usize, Any>, target: usize, into: usize) {
    let (Some(Any::Item(item)), Some(Any::Item(other))) = (things.get(&target), things.get(&into)) else {
        return;
    };
    let Ok(merged) = item.triage(Triage::Merge(ThingId(format!("A-{into}")))) else { return };
    let id = ThingId(format!("A-{target}"));
    if target == into || other.may_take_in(item, roster).is_err() {
        return;
    }
    let Ok(taken) = other.take_in(&id, item) else { return };
    if let Some(Any::Item(other)) = things.get_mut(&into) {
        events(other, Ok(taken));
    }
    if let Some(Any::Item(item)) = things.get_mut(&target) {
        events(item, Ok(merged));
    }
    follow(roster, things, into);
}

/// Whoever gave what was merged into what has just been touched, or into what that came of, hears of it, as the acts have it.
fn follow(roster: &Roster, things: &mut BTreeMap<usize, Any>, target: usize) {
    let number = |id: &ThingId| id.0[2..].parse::<usize>().unwrap();
    let released = |things: &BTreeMap<usize, Any>, item: usize| -> Vec<usize> {
        let of =
            |m: &Measure| m.released_at().is_some() && m.sources().iter().any(|s| number(&s.item) == item);
        things.iter().filter(|(_, any)| matches!(any, Any::Measure(m) if of(m))).map(|(n, _)| *n).collect()
    };
    let mut from: Vec<usize> = match things.get(&target) {
        Some(Any::Measure(m)) => m.sources().iter().map(|s| number(&s.item)).collect(),
        _ => vec![target],
    };
    while let Some(one) = from.pop() {
        let Some(Any::Item(other)) = things.get(&one) else { continue };
        let (other, measures) = (other.clone(), released(things, one));
        let mut left = other.took_in().to_vec();
        while let Some(id) = left.pop() {
            let Some(Any::Item(item)) = things.get_mut(&number(&id)) else { continue };
            left.extend_from_slice(item.took_in());
            for measure in &measures {
                let list = item.follow_measure(&ThingId(format!("C-{measure}")), &other, roster);
                events(item, Ok(list));
            }
            let list = item.follow_outcome(&other, roster);
            events(item, Ok(list));
            if matches!(other.stands(), State::Declined | State::Retracted) && other.took_in().contains(&id) {
                let list = item.come_back();
                events(item, Ok(list));
            }
        }
    }
}

/// What came of an item goes with it, as the acts have it.
fn lead(roster: &Roster, things: &mut BTreeMap<usize, Any>, target: usize) {
    let Some(Any::Item(item)) = things.get(&target) else { return };
    let (id, scope) = (ThingId(format!("A-{target}")), item.scope().clone());
    for thing in things.values_mut() {
        if let Any::Measure(measure) = thing {
            let list = measure.follow(&id, &scope, false, &gate(roster));
            events(measure, Ok(list));
        }
    }
}

fn go_on(roster: &Roster, thing: &mut Any, act: &Act, at: i64, text: &dyn Fn(&str) -> String) {
    let pick = |list: Vec<OrgId>, i: usize| list[i % list.len()].clone();
    match (thing, act) {
        (Any::Consultation(c), Act::Write { by, .. }) => {
            let org = pick(vec![c.consulter().clone(), "ncc".into()], *by);
            let voice = c.voice_of(&org, roster).unwrap();
            let writer = Writer { person: format!("p-{org}").into(), org, voice, at };
            let list = c.write(&writer, &text("post"), true, &[]);
            events(c, list);
        }
        (Any::Consultation(c), Act::Ask { .. }) => {
            let list = c.ask_permission(Purpose::Inquiry, &text("question"), Scope::class1_group(), None, at);
            events(c, list);
        }
        (Any::Consultation(c), Act::Permit { scope, .. }) => {
            let consulter = c.consulter().clone();
            let list = c.answer_permission(
                &consulter,
                1,
                scope.as_ref(),
                &text("note"),
                roster,
                (at, 3_600_000_000),
            );
            events(c, list);
        }
        (Any::Consultation(c), Act::Reply { by, verdict, .. }) => {
            let inquiry = c.permission(1).and_then(|asked| asked.inquiry()).unwrap_or_default();
            let list = c.reply(&inquiry, &pick(members(roster), *by), *verdict, &text("reply"), roster, at);
            events(c, list);
        }
        (Any::Consultation(c), Act::Withdraw { .. }) => {
            let consulter = c.consulter().clone();
            let list = c.withdraw(&consulter);
            events(c, list);
        }
        (Any::Consultation(c), Act::Redraw { scope, .. }) => {
            let consulter = c.consulter().clone();
            let list = c.redraw(&consulter, scope, roster);
            events(c, list);
        }
        (Any::Item(i), Act::Redraw { scope, .. }) => {
            let provider = i.provider().clone();
            let list = i.redraw(&provider, false, scope, roster);
            events(i, list);
        }
        (Any::Item(i), Act::Opine { by, level, author_shown, .. }) => {
            let org = pick(of_class(roster, Class::Class1), *by);
            if i.scope().holds(&org, roster) {
                let opinion = Opinion {
                    level: *level,
                    reason: text("reason"),
                    evidence: text("evidence"),
                    reliability: None,
                    credibility: None,
                };
                let author = Author { person: format!("p-{org}").into(), org, at };
                let list = i.post(&author, Contribution::Opinion(opinion), *author_shown);
                events(i, list);
            }
        }
        (Any::Item(i), Act::Assess { value, .. }) => {
            let list = i.assess(*value, &text("grounds"), None, at);
            events(i, list);
        }
        (Any::Item(i), Act::Triage { accept, .. }) => {
            let decision = if *accept { Triage::Accept } else { Triage::Decline(text("reason")) };
            let list = i.triage(decision);
            events(i, list);
        }
        (Any::Item(i), Act::Mask { .. }) => {
            let masked = MaskedText {
                title: "masked".into(),
                technique: text("masked technique"),
                damage: text("masked damage"),
                indicators: Vec::new(),
                about: BTreeSet::new(),
                kept: Vec::new(),
            };
            let list = i.mask(masked, &"p-ncc".into());
            events(i, list);
            let list = i.check_masking(&"p-ncc-2".into(), at + HOUR, at + HOUR, &gate(roster));
            events(i, list);
        }
        (Any::Item(i), Act::Confirmed { approve, .. }) => {
            let list = i.confirm_source(&i.provider().clone(), *approve, at + HOUR, &gate(roster));
            events(i, list);
        }
        (Any::Item(i), Act::Close { outcome, .. }) => {
            // The coordinator answers itself, and excuses whoever still owes.
            let ncc = Author { person: "p-ncc".into(), org: "ncc".into(), at };
            let list = i.post(&ncc, Contribution::Note(text("note")), true);
            events(i, list);
            for org in i.owing().cloned().collect::<Vec<_>>() {
                let list = i.excuse(&org, "reason");
                events(i, list);
            }
            let list = i.close(*outcome, &text("closing note"));
            events(i, list);
        }
        (Any::Item(i), Act::Retract { .. }) => {
            let list = i.retract(&i.provider().clone(), &text("retraction"));
            events(i, list);
        }
        (Any::Measure(m), Act::Release { release, .. }) => {
            let wish = Wish { due: at + 1_000, reason: "cheap".into(), cheap: true, reversible: true };
            let list = m.propose(*release, &actor(roster, "hokuto"), &wish, &LIMITS, at);
            events(m, list);
            let list = m.approve(*release, &actor(roster, "ncc"), &LIMITS, &gate(roster), at);
            events(m, list);
        }
        (Any::Measure(m), Act::Answer { by, verdict, consent, .. }) => {
            let org = pick(of_class(roster, Class::Class2), *by);
            let coverage = Coverage { sources: BTreeSet::from(["dns".to_owned()]), from: 0, to: at };
            let answer =
                Answer { coverage: Some(coverage), comment: text("comment"), ..Answer::plain(*verdict) };
            let answers = BTreeMap::from([("i1".to_owned(), answer)]);
            let list = m.answer(&org, &format!("p-{org}").into(), answers, *consent, false, at);
            events(m, list);
        }
        (Any::Measure(m), Act::Revise { change, .. }) => {
            let list = m.revise(*change, "note", None, &LIMITS, at);
            events(m, list);
        }
        (Any::Measure(m), Act::Confirm { by, .. }) => {
            let list = m.confirm_early(&pick(of_class(roster, Class::Class2), *by), None);
            events(m, list);
        }
        (Any::Consultation(c), Act::Pass { hours, .. }) => {
            let list = c.by_time(&TERMS, at + hours * HOUR);
            events(c, Ok(list));
        }
        (Any::Item(i), Act::Pass { hours, .. }) => {
            let list = i.by_time(&TERMS, at + hours * HOUR);
            events(i, Ok(list));
        }
        (Any::Measure(m), Act::Pass { hours, .. }) => {
            let list = m.by_time(&TERMS, at + hours * HOUR);
            events(m, Ok(list));
        }
        _ => {}
    }
}

fn content() -> Content {
    Content {
        title: "起動しない".into(),
        body: "未適用の端末を起動しないでください。".into(),
        steps: vec![Step { title: "伝える".into(), text: String::new() }],
        target: String::new(),
        not_target: String::new(),
        deadline: String::new(),
        side_effects: String::new(),
        check: String::new(),
        undo: "起動する".into(),
        executives: String::new(),
        technicians: String::new(),
        door: String::new(),
        phone: String::new(),
        indicators: vec![Indicator {
            id: String::new(),
            kind: "ipv4".into(),
            value: "198.51.100.7".into(),
            pattern: String::new(),
            note: String::new(),
        }],
        question: "来ているか".into(),
        damage_present: true,
        handling: Handling { tlp: Tlp::AmberStrict, pap: Pap::Red },
        open_text: false,
        onward: false,
        exercise: false,
        urgency: Urgency::Immediate,
        severity: Severity::Severe,
        certainty: Certainty::Observed,
    }
}

fn scope() -> impl Strategy<Value = Scope> {
    let classes = prop::collection::btree_set(
        prop::sample::select(vec![Class::Class1, Class::Class2, Class::General]),
        1..=2,
    );
    let excluded = prop::collection::btree_set(prop::sample::select(everybody(&roster())), 0..=2);
    (classes, excluded, any::<bool>()).prop_map(|(classes, except_orgs, except_my_regulators)| Scope {
        classes,
        except_orgs,
        except_my_regulators,
        ..Scope::default()
    })
}

fn act() -> impl Strategy<Value = Act> {
    let verdict = || prop::sample::select(Verdict::ALL.to_vec());
    let consent = || prop::sample::select(Consent::ALL.to_vec());
    let drill = || prop::bool::weighted(0.25);
    let added = || prop::bool::weighted(0.25);
    let n = || 0..8usize;
    prop_oneof![
        (n(), any::<bool>(), scope(), drill()).prop_map(|(by, anonymous, scope, exercise)| Act::Consult {
            by,
            anonymous,
            scope,
            exercise
        }),
        (n(), n()).prop_map(|(thing, by)| Act::Write { thing, by }),
        n().prop_map(|thing| Act::Ask { thing }),
        (n(), prop::option::of(scope())).prop_map(|(thing, scope)| Act::Permit { thing, scope }),
        (n(), n(), verdict()).prop_map(|(thing, by, verdict)| Act::Reply { thing, by, verdict }),
        n().prop_map(|thing| Act::Withdraw { thing }),
        (n(), scope(), any::<bool>(), drill(), added()).prop_map(
            |(by, scope, author_shown, exercise, addendum)| Act::Bring {
                by,
                scope,
                author_shown,
                exercise,
                addendum
            }
        ),
        (n(), scope(), consent(), drill(), added()).prop_map(|(by, scope, consent, exercise, addendum)| {
            Act::Submit { by, scope, consent, exercise, addendum }
        }),
        (n(), prop::bool::weighted(0.7)).prop_map(|(thing, accept)| Act::Triage { thing, accept }),
        (n(), n()).prop_map(|(thing, into)| Act::Merge { thing, into }),
        n().prop_map(|thing| Act::Mask { thing }),
        (n(), prop::bool::weighted(0.7)).prop_map(|(thing, approve)| Act::Confirmed { thing, approve }),
        (n(), prop::sample::select(Outcome::ALL.to_vec()))
            .prop_map(|(thing, outcome)| Act::Close { thing, outcome }),
        n().prop_map(|thing| Act::Retract { thing }),
        (n(), n(), 1..=5u8, any::<bool>()).prop_map(|(thing, by, level, author_shown)| Act::Opine {
            thing,
            by,
            level,
            author_shown
        }),
        (n(), 0..=100u8).prop_map(|(thing, value)| Act::Assess { thing, value }),
        (n(), scope()).prop_map(|(thing, scope)| Act::Redraw { thing, scope }),
        n().prop_map(|from| Act::Draft { from }),
        (n(), prop::sample::select(Release::ALL.to_vec()))
            .prop_map(|(thing, release)| Act::Release { thing, release }),
        (n(), n(), verdict(), any::<bool>()).prop_map(|(thing, by, verdict, consent)| Act::Answer {
            thing,
            by,
            verdict,
            consent
        }),
        (n(), prop::sample::select(vec![Change::Update, Change::Correction, Change::Cancellation]))
            .prop_map(|(thing, change)| Act::Revise { thing, change }),
        (n(), n()).prop_map(|(thing, by)| Act::Confirm { thing, by }),
        (n(), prop::sample::select(vec![1, 24, 14 * 24, 40 * 24]))
            .prop_map(|(thing, hours)| Act::Pass { thing, hours }),
    ]
}

/// What happens around items that are merged: rare among all the rest.
fn merging() -> impl Strategy<Value = Act> {
    let n = || 0..4usize;
    prop_oneof![
        (n(), scope()).prop_map(|(by, scope)| Act::Bring {
            by,
            scope,
            author_shown: false,
            exercise: false,
            addendum: false
        }),
        (0..8usize, scope(), prop::sample::select(Consent::ALL.to_vec())).prop_map(|(by, scope, consent)| {
            Act::Submit { by, scope, consent, exercise: false, addendum: false }
        }),
        (n(), n()).prop_map(|(thing, into)| Act::Merge { thing, into }),
        (n(), n()).prop_map(|(thing, into)| Act::Merge { thing, into }),
        (n(), prop::sample::select(Outcome::ALL.to_vec()))
            .prop_map(|(thing, outcome)| Act::Close { thing, outcome }),
        (n(), scope()).prop_map(|(thing, scope)| Act::Redraw { thing, scope }),
        n().prop_map(|from| Act::Draft { from }),
        n().prop_map(|thing| Act::Release { thing, release: Release::High }),
        (n(), prop::bool::weighted(0.7)).prop_map(|(thing, accept)| Act::Triage { thing, accept }),
        n().prop_map(|thing| Act::Retract { thing }),
    ]
}

/// What happens around countermeasures that ask class 2, likewise.
fn asking() -> impl Strategy<Value = Act> {
    let n = || 0..4usize;
    let verdict = || prop::sample::select(Verdict::ALL.to_vec());
    prop_oneof![
        (n(), scope()).prop_map(|(by, scope)| Act::Bring {
            by,
            scope,
            author_shown: false,
            exercise: false,
            addendum: false
        }),
        n().prop_map(|from| Act::Draft { from }),
        (n(), prop::sample::select(Release::ALL.to_vec()))
            .prop_map(|(thing, release)| Act::Release { thing, release }),
        n().prop_map(|thing| Act::Release { thing, release: Release::Low }),
        (n(), 0..8usize, verdict(), any::<bool>()).prop_map(|(thing, by, verdict, consent)| Act::Answer {
            thing,
            by,
            verdict,
            consent
        }),
        (n(), 0..8usize, verdict(), any::<bool>()).prop_map(|(thing, by, verdict, consent)| Act::Answer {
            thing,
            by,
            verdict,
            consent
        }),
        (n(), prop::sample::select(vec![Change::Update, Change::Correction, Change::Cancellation]))
            .prop_map(|(thing, change)| Act::Revise { thing, change }),
        (n(), scope()).prop_map(|(thing, scope)| Act::Redraw { thing, scope }),
        (n(), prop::sample::select(vec![1, 24, 14 * 24]))
            .prop_map(|(thing, hours)| Act::Pass { thing, hours }),
    ]
}

fn history() -> impl Strategy<Value = Vec<Act>> {
    prop_oneof![
        2 => prop::collection::vec(act(), 1..48),
        1 => prop::collection::vec(merging(), 4..24),
        1 => prop::collection::vec(asking(), 4..32),
    ]
}

type Seen = Vec<BTreeMap<usize, BTreeMap<String, serde_json::Value>>>;

/// What one organisation reads after each act.
fn watch(
    roster: &Roster,
    acts: &[Act],
    observer: &OrgId,
    words: &dyn Fn(usize, &str) -> String,
    keep: &dyn Fn(usize) -> bool,
) -> Seen {
    HISTORY.with_borrow_mut(|history| *history = acts.to_vec());
    let mut seen = Vec::new();
    play(roster, acts, words, keep, &mut |_, things| {
        let now = things
            .iter()
            .map(|(n, thing)| (*n, seen_by(&thing.views(roster), observer)))
            .filter(|(_, views)| !views.is_empty())
            .collect();
        seen.push(now);
    });
    seen
}

fn things_ever_seen(seen: &Seen) -> BTreeSet<usize> {
    seen.iter().flat_map(|now| now.keys().copied()).collect()
}

/// Into what something that the observer knows was merged, without the observer seeing it. That it was merged is told, so
/// the other one is there in both worlds, but nothing of what is said about it. Where the observer stands inside of its
/// scope it hears how it ended, and where it went nowhere its own comes back: what happens to it then is known.
fn merged_unseen(
    roster: &Roster,
    acts: &[Act],
    observer: &OrgId,
    known: &mut BTreeSet<usize>,
) -> BTreeSet<usize> {
    let mut told = BTreeSet::new();
    let plain = |_: usize, text: &str| text.to_owned();
    play(roster, acts, &plain, &|_| true, &mut |_, things| {
        for (n, thing) in things {
            if let Any::Item(item) = thing
                && !item.took_in().is_empty()
                && (stands_inside(item.scope(), observer, roster)
                    || matches!(item.stands(), State::Declined | State::Retracted))
            {
                told.insert(*n);
            }
        }
    });
    let mut bare = BTreeSet::new();
    loop {
        let into = |n: usize| {
            let merged = target(acts, n).filter(|t| known.contains(t) || bare.contains(t));
            merged.and_then(|_| merged_into(acts, n))
        };
        let new: Vec<usize> = (0..acts.len())
            .filter_map(into)
            .filter(|t| !known.contains(t) && (told.contains(t) || !bare.contains(t)))
            .collect();
        if new.is_empty() {
            return bare;
        }
        for thing in new {
            if told.contains(&thing) {
                known.insert(thing)
            } else {
                bare.insert(thing)
            };
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever an observer never sees anything of could say something else, and the observer reads the same.
    #[test]
    fn other_words_in_what_is_hidden_change_nothing(acts in history(), who in 0..64usize) {
        let roster = roster();
        let everybody = everybody(&roster);
        let observer = &everybody[who % everybody.len()];
        let plain = |_: usize, text: &str| text.to_owned();
        let first = watch(&roster, &acts, observer, &plain, &|_| true);
        let known = things_ever_seen(&first);
        let changed = |thing: usize, text: &str| {
            if known.contains(&thing) { text.to_owned() } else { format!("{text} が違う") }
        };
        prop_assert_eq!(first, watch(&roster, &acts, observer, &changed, &|_| true));
    }

    /// Whatever an observer never sees anything of, and that nothing it sees came of, could have not happened.
    #[test]
    fn without_what_is_hidden_everything_reads_the_same(acts in history(), who in 0..64usize) {
        let roster = roster();
        let everybody = everybody(&roster);
        let observer = &everybody[who % everybody.len()];
        let plain = |_: usize, text: &str| text.to_owned();
        let first = watch(&roster, &acts, observer, &plain, &|_| true);
        let mut known = things_ever_seen(&first);
        for (n, act) in acts.iter().enumerate() {
            if matches!(act, Act::Draft { .. }) && known.contains(&n) {
                known.extend(target(&acts, n));
            }
        }
        let bare = merged_unseen(&roster, &acts, observer, &mut known);
        let keep = |n: usize| match &acts[n] {
            Act::Draft { .. } => known.contains(&n),
            Act::Bring { .. } | Act::Submit { .. } | Act::Redraw { .. } | Act::Triage { .. } | Act::Merge { .. }
            | Act::Retract { .. } =>
                target(&acts, n).is_none_or(|t| known.contains(&t) || bare.contains(&t)),
            _ => target(&acts, n).is_none_or(|t| known.contains(&t)),
        };
        prop_assert_eq!(first, watch(&roster, &acts, observer, &plain, &keep));
    }

    /// What the table promises, whatever happens: nobody outside of a scope reads the layers that stand under it, an
    /// excluded regulator reads nothing, the offices and the operator read no content, an anonymous consulter is named
    /// to nobody but itself and the coordinator, and small counts are shown to nobody below class 1.
    #[test]
    fn no_history_breaks_the_promises(acts in history()) {
        let roster = roster();
        HISTORY.with_borrow_mut(|history| *history = acts.clone());
        let plain = |_: usize, text: &str| text.to_owned();
        let mut broken = Vec::new();
        play(&roster, &acts, &plain, &|_| true, &mut |_, things| {
            for thing in things.values() {
                broken.extend(promises_broken(&roster, thing));
            }
        });
        prop_assert!(broken.is_empty(), "{:?}", broken);
    }
}

fn promises_broken(roster: &Roster, thing: &Any) -> Vec<String> {
    let mut broken = Vec::new();
    let views = thing.views(roster);
    let scopes: BTreeMap<String, noroshi_council::NamedScope> = match thing {
        Any::Consultation(c) => c.scopes().into_iter().collect(),
        Any::Item(i) => i.scopes().into_iter().collect(),
        Any::Measure(m) => m.scopes().into_iter().collect(),
    };
    for view in &views {
        for reader in &view.readers {
            let noroshi_council::gate::Principal::Org(reader) = reader else { continue };
            let place = format!("{}/{} by {reader}", view.layer.as_str(), view.key);
            if let Some(scope) = view.scope.as_ref().and_then(|name| scopes.get(name))
                && !stands_inside(scope, reader, roster)
            {
                broken.push(format!("outside of the scope: {place}"));
            }
            if reader.as_str() == "machines" {
                broken.push(format!("the operator: {place}"));
            }
            if reader.as_str() == "office" && view.sight > noroshi_council::Sight::Meta {
                broken.push(format!("the secretariat: {place}"));
            }
            if let Any::Consultation(c) = thing {
                let body = view.body.to_string();
                let named = body.contains(&format!("\"{}\"", c.consulter()));
                let may = reader == c.consulter() || reader.as_str() == "ncc";
                if named && !may && body.contains("\"anonymous\":true") {
                    broken.push(format!("the consulter is named: {place}"));
                }
            }
            // But for the one who alone reads it.
            let others = |org: &&OrgId| *org != reader;
            if roster
                .orgs
                .keys()
                .filter(others)
                .any(|org| view.key.split(':').any(|part| part == org.as_str()))
            {
                broken.push(format!("the name of a view names an organisation: {place}"));
            }
            broken.extend(words_broken(roster, thing, view, reader, &place));
            if let Any::Measure(m) = thing {
                broken.extend(measure_promises_broken(roster, m, view, reader, &place));
            }
        }
    }
    broken
}

fn measure_promises_broken(
    roster: &Roster,
    measure: &Measure,
    view: &View,
    reader: &OrgId,
    place: &str,
) -> Vec<String> {
    let mut broken = Vec::new();
    let seat = roster.get(reader).unwrap().seat;
    let released = measure.released_at().is_some();
    let high = matches!(
        view.layer,
        noroshi_council::Layer::Countermeasure
            | noroshi_council::Layer::TechniqueSubset
            | noroshi_council::Layer::Confidence
    );
    if !released && !seat.in_task_force() {
        broken.push(format!("before the release: {place}"));
    }
    let excluded = measure.sources().iter().any(|s| left_out(&s.scope, reader, roster));
    let own = answerer(measure, view).as_ref() == Some(reader);
    if view.key == "draft" && !measure.sources().iter().all(|s| stands_inside(&s.scope, reader, roster)) {
        broken.push(format!("outside of what it is drafted from: {place}"));
    }
    if excluded
        && seat != noroshi_council::Seat::Coordinator
        && !own
        && !(released && high && view.key.is_empty())
    {
        broken.push(format!("left out by a provider: {place}"));
    }
    if view.key == "request" && !seat.in_task_force() {
        broken.push(format!("what class 2 was asked: {place}"));
    }
    if view.layer == noroshi_council::Layer::SimpleFeedbackTotal && !seat.in_class1_group() {
        let counts = [&view.body["overall"]["seen"], &view.body["overall"]["not_seen"]];
        if counts.iter().any(|c| c.as_u64().is_some_and(|n| n < 3)) {
            broken.push(format!("a count below k: {place}"));
        }
    }
    if view.layer == noroshi_council::Layer::SimpleFeedbackEach
        && seat == noroshi_council::Seat::Member(Class::Class2)
        && !own
    {
        broken.push(format!("somebody else's answer: {place}"));
    }
    broken
}

/// Whose answer or debt a view is about: its key names its only reader, or counts the answers in the order in which they
/// came.
fn answerer(measure: &Measure, view: &View) -> Option<OrgId> {
    if let Some(org) = view.key.strip_prefix("asked:") {
        return Some(org.into());
    }
    let sheets = &measure.request()?.sheets;
    let mut order: Vec<_> = sheets.iter().map(|(org, sheet)| (sheet.at, org)).collect();
    order.sort();
    let each =
        matches!(view.layer, noroshi_council::Layer::SimpleFeedbackEach | noroshi_council::Layer::Outcome);
    let no: usize = view.key.parse().ok().filter(|_| each)?;
    order.get(no.checked_sub(1)?).map(|(_, org)| (*org).clone())
}

/// What a body may not say, whoever reads it.
fn words_broken(roster: &Roster, thing: &Any, view: &View, reader: &OrgId, place: &str) -> Vec<String> {
    use noroshi_council::Layer;
    let mut broken = Vec::new();
    let body = view.body.to_string();
    match thing {
        Any::Consultation(c) => {
            if c.state() == "sealed" && body.contains("consultation ") {
                broken.push(format!("sealed, and still readable: {place}"));
            }
            if view.layer == Layer::Inquiry && (body.contains("consultation ") || body.contains("post ")) {
                broken.push(format!("more than the question: {place}"));
            }
        }
        Any::Item(i) => {
            let raw = view.layer == Layer::DamageDetail && view.key == "raw";
            if raw && reader != i.provider() && reader.as_str() != "ncc" {
                broken.push(format!("what the provider wrote itself: {place}"));
            }
            if view.layer == Layer::ExpertFeedback && !view.body["author"].is_null() {
                let shown = i.posts().iter().any(|p| view.body["no"] == p.no && p.author_shown);
                if !shown {
                    broken.push(format!("a masked author: {place}"));
                }
            }
            let others = i.debts().keys().filter(|org| *org != reader);
            let told = others.filter(|org| !i.posts().iter().any(|p| p.org == **org && p.author_shown));
            let class1 = reader.as_str() != "ncc" && reader != i.provider();
            if class1 && view.layer == Layer::ExpertFeedback {
                for org in told.filter(|org| body.contains(&format!("\"{org}\""))) {
                    broken.push(format!("whether {org} has answered: {place}"));
                }
            }
            let seat = roster.get(reader).unwrap().seat;
            if view.layer == Layer::TechniqueFull && class1 && !seat.in_class1_group() {
                let read = i.is_addendum() && seat == noroshi_council::Seat::Member(Class::Class2);
                if !read {
                    broken.push(format!("an analysis that is no addendum: {place}"));
                }
            }
            let scope = i.scope().expression();
            let named = scope.except_orgs.iter().chain(&scope.orgs);
            for org in named.filter(|org| *org != reader && *org != i.provider()) {
                if class1 && view.layer == Layer::TechniqueFull && body.contains(&format!("\"{org}\"")) {
                    broken.push(format!("whom the provider names: {place}"));
                }
            }
        }
        Any::Measure(m) => {
            if view.layer == Layer::SimpleFeedbackEach {
                let whose = answerer(m, view);
                let sheet = whose.as_ref().and_then(|org| m.request()?.sheets.get(org));
                let named = !view.body["org"].is_null();
                let may = reader.as_str() == "ncc" || whose.as_ref() == Some(reader);
                if named && !may && sheet.is_none_or(|s| !s.consent) {
                    broken.push(format!("an answerer without its consent: {place}"));
                }
            }
        }
    }
    broken
}
