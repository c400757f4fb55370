//! Amendments, good and bad, against the charter that ships. cvc5 has to be there: `apt-get install cvc5`.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use noroshi_charter::{Charter, PROFILES, Source};
use noroshi_council::{Class, Law as _, Layer, LayerState, ReaderFacts, Seat, Sight};
use noroshi_proof::{Facts, Limits, Outcome, Property, Report, Solver, Verdict, prove};

const ENTRENCHED: [Property; 3] = [Property::Scope, Property::LeftOut, Property::Rights];

fn shipped() -> Source {
    Source::embedded("jp-2019-council").unwrap()
}

fn compiled(source: &Source) -> Charter {
    Charter::compile(source)
        .unwrap_or_else(|flaws| panic!("{}", flaws.iter().map(|f| format!("{f}\n")).collect::<String>()))
}

/// The shipped charter with `from` replaced by `to` in its policies.
fn with(from: &str, to: &str) -> Source {
    let mut source = shipped();
    assert_eq!(source.policies.matches(from).count(), 1, "{from}");
    source.policies = source.policies.replace(from, to);
    source
}

fn and(mut source: Source, more: &str) -> Source {
    source.policies += more;
    source
}

/// Fails loudly where there is no solver: nothing here means anything without one.
fn proof(old: Option<&Source>, new: &Source) -> Report {
    let solver = Solver::default();
    solver.version().unwrap_or_else(|why| panic!("cvc5 is needed: apt-get install cvc5 ({why})"));
    let old = old.map(compiled);
    // Unoptimised, on a machine that does other things: these tests are not about time.
    let limits = Limits { question: Duration::from_secs(120), total: Duration::from_secs(600), solvers: 2 };
    prove(old.as_ref(), &compiled(new), &solver, limits, &|_| ())
}

fn amended(new: &Source) -> Report {
    proof(Some(&shipped()), new)
}

fn outcome(report: &Report, property: Property) -> &Outcome {
    &report.findings.iter().find(|f| f.property == property).unwrap().outcome
}

/// What people are told of how `property` is broken.
fn told(report: &Report, property: Property) -> (String, String) {
    match outcome(report, property) {
        Outcome::Refuted(cases) => (cases[0].said.ja.clone(), cases[0].said.en.clone()),
        other => panic!("{property:?} should be refuted: {other:?}"),
    }
}

fn proven(report: &Report, properties: &[Property]) {
    for property in properties {
        assert_eq!(report.verdict(*property), Verdict::Proven, "{:?}", outcome(report, *property));
    }
}

fn said(report: &Report) -> Vec<&str> {
    report.changes.iter().map(|case| case.said.en.as_str()).collect()
}

#[test]
fn every_profile_is_proven_with_nothing_to_compare_it_with() {
    for profile in PROFILES {
        let report = proof(None, &Source::embedded(profile).unwrap());
        proven(&report, &ENTRENCHED);
        let speaks_of_class2 = report.possible.contains("class2");
        assert_eq!(speaks_of_class2, *profile != "generic-isac", "{profile}");
    }
}

#[test]
fn where_there_is_no_class_2_an_amendment_is_told_without_it() {
    let old = Source::embedded("generic-isac").unwrap();
    let more = r#"
@article("9")
@id("everybody-reads-opinions")
permit (principal, action == Action::"readSubset", resource)
when { principal.role == "" && resource.layer == "expert_feedback" && resource.state == "given" };
"#;
    let report = proof(Some(&old), &and(old.clone(), more));
    proven(&report, &ENTRENCHED);
    assert!(
        said(&report).iter().any(|line| line.starts_with("Regular members would read expert feedback")),
        "{report:?}"
    );
    assert!(said(&report).iter().all(|line| !line.to_lowercase().contains("class")), "{report:?}");
}

#[test]
fn nothing_changed_is_proven_to_be_nothing() {
    let report = amended(&shipped());
    proven(&report, &ENTRENCHED);
    proven(&report, &[Property::Changes, Property::Demand]);
    assert_eq!(report.changes, []);
    assert!(!report.blocked() && !report.open());
}

#[test]
fn a_good_amendment_is_proven_and_exactly_what_it_changes_is_listed() {
    let more = r#"
@article("10")
@id("class2-reads-opinions")
permit (principal, action == Action::"readSubset", resource)
when { principal.seat == "class2" && resource.layer == "expert_feedback" && resource.state == "given" };
@article("8")
@id("class1-triages-too")
permit (principal, action == Action::"triageItem", resource)
when { principal.seat == "class1" && resource.party };
"#;
    let narrower = with(
        r#"["damage_presence", "countermeasure", "confidence"].contains(resource.layer) && resource.state == "low_released""#,
        r#"["damage_presence", "countermeasure"].contains(resource.layer) && resource.state == "low_released""#,
    );
    let report = amended(&and(narrower, more));
    proven(&report, &ENTRENCHED);
    proven(&report, &[Property::Changes]);
    assert_eq!(
        said(&report),
        [
            "Class 2 members would read expert feedback, once given: what a measure needs of it (today: nothing).",
            "Class 1 members could accept, return, merge or decline what was received, where it is addressed or assigned to them.",
            "Class 2 members would no longer see the confidence, after a low-confidence release, nor that it exists (today: all of it).",
        ],
        "{:#?}",
        report.changes
    );
}

#[test]
fn regulators_that_were_left_out_let_in_on_urgent_matters_are_found_out() {
    // «In an emergency», which is what an early release is, the exclusion is lifted for some.
    let report = amended(&with(
        r#"when { principal.excluded && !principal.own }
unless { resource.state == "high_released" };"#,
        r#"when { principal.excluded && !principal.own }
unless { resource.state == "high_released" || (resource.state == "low_released" && principal.seat == "class2") };"#,
    ));
    let (ja, en) = told(&report, Property::LeftOut);
    assert!(ja.starts_with("監督官庁など、提供者が除外した組織（第二類構成員）は、提供者が除外した"), "{ja}");
    assert!(
        ja.contains("低確度の提供の後") && ja.ends_with("読めるようになる（今は、何も見えない）。"),
        "{ja}"
    );
    assert!(
        en.starts_with(
            "An organisation that the provider left out, such as its regulator (Class 2 member) would read"
        ),
        "{en}"
    );
    assert!(report.blocked());
    proven(&report, &[Property::Rights, Property::Changes]);
    let Outcome::Refuted(cases) = outcome(&report, Property::LeftOut) else { panic!() };
    let Facts::Reads { reader, before, after, .. } = &cases[0].facts else { panic!("{cases:?}") };
    assert!(reader.excluded && !reader.own && !reader.addressed && !reader.secret_declined);
    assert_eq!(*before, Some(Sight::None));
    assert!(*after > Sight::None);
    assert!(cases[0].reasons.iter().any(|r| r.article == "10"), "{:?}", cases[0].reasons);
}

#[test]
fn a_hidden_permit_that_steps_over_the_scope_is_found_out() {
    let report = amended(&and(
        with(
            r#"when { !principal.inScope && !principal.own && principal.seat != "coordinator" };"#,
            r#"when { !principal.inScope && !principal.own && principal.seat != "coordinator" && principal.seat != "secretariat" };"#,
        ),
        r#"
@article("5")
@id("for-statistics-only")
permit (principal, action == Action::"readFull", resource)
when { principal.seat == "secretariat" && resource.layer like "tech*full" && resource.state == "submitted" };
"#,
    ));
    let (ja, en) = told(&report, Property::Scope);
    assert!(ja.starts_with("提供者が決めた共有範囲の外にいる者（事務局）は、"), "{ja}");
    assert!(
        en.starts_with("Somebody outside of the scope that the provider drew (Secretariat) would"),
        "{en}"
    );
    assert!(report.blocked());
    // (5) has the permit itself, wherever it is.
    proven(&report, &[Property::Changes, Property::Rights]);
    assert!(
        report.changes.iter().any(|case| matches!(
            case.facts,
            Facts::Reads {
                layer: Layer::TechniqueFull,
                state: LayerState::Submitted,
                after: Sight::Full,
                ..
            }
        ) && case.reasons.iter().any(|r| r.rule == "for-statistics-only")),
        "{:#?}",
        report.changes
    );
}

#[test]
fn a_permit_within_the_scope_is_no_breach_and_is_listed() {
    let report = amended(&and(
        shipped(),
        r#"
@article("5")
@id("secretariat-reads")
permit (principal, action == Action::"readMeta", resource)
when { principal.seat == "secretariat" && resource.layer == "identity" && resource.state == "any" };
"#,
    ));
    proven(&report, &ENTRENCHED);
    assert_eq!(
        said(&report),
        [
            "The secretariat would know of the identity of provider and victim, at any time, but not read it (today: nothing)."
        ]
    );
}

#[test]
fn less_of_what_somebody_read_is_a_loss_and_no_gain() {
    let report = amended(&with(
        r#"@id("class1-reads-full")
permit (principal, action == Action::"readFull", resource)"#,
        r#"@id("class1-reads-full")
permit (principal, action == Action::"readMasked", resource)"#,
    ));
    proven(&report, &ENTRENCHED);
    proven(&report, &[Property::Changes]);
    assert!(report.changes.len() > 5);
    for case in &report.changes {
        let Facts::Reads { reader, before, after, .. } = &case.facts else { panic!("{case:?}") };
        assert_eq!(reader.seat, Some(Seat::Member(Class::Class1)));
        assert_eq!((*before, *after), (Some(Sight::Full), Sight::Masked), "{}", case.said.en);
    }
}

#[test]
fn where_very_much_changes_all_of_it_is_listed_or_it_is_said_that_it_is_not() {
    let much = |condition: &str| {
        let more = format!(
            "\n@article(\"14\")\n@id(\"much\")\npermit (principal, action == Action::\"readMeta\", resource)\nwhen {{ {condition} }};\n"
        );
        amended(&and(shipped(), &more))
    };
    let report = much("principal.seat == \"general\" && resource.layer != \"inquiry\"");
    proven(&report, &[Property::Scope, Property::Rights, Property::Changes]);
    let law = compiled(&shipped());
    let reader = ReaderFacts::within(Some(Seat::Member(Class::General)));
    let mut cells: Vec<(Layer, LayerState)> = Vec::new();
    for case in &report.changes {
        let Facts::Reads { layer, state, before, after, .. } = &case.facts else { panic!("{case:?}") };
        assert_eq!((*before, *after), (Some(Sight::None), Sight::Meta));
        cells.push((*layer, *state));
    }
    cells.sort();
    // What they saw nothing of is gained, in every state; what they saw is neither gained nor lost.
    let expected: Vec<(Layer, LayerState)> = Layer::ALL
        .iter()
        .flat_map(|layer| LayerState::ALL.iter().map(move |state| (*layer, *state)))
        .filter(|(layer, state)| {
            *layer != Layer::Inquiry && law.sight(&reader, *layer, *state) == Sight::None
        })
        .collect();
    assert_eq!(cells, expected);
    let report = much("[\"general\", \"class2\"].contains(principal.seat)");
    let Outcome::NotProven(why) = outcome(&report, Property::Changes) else { panic!() };
    assert!(why.en.contains("more than 400"), "{why:?}");
    assert_eq!(report.changes.len(), 400);
    proven(&report, &[Property::Scope, Property::Rights]);
}

#[test]
fn a_right_to_leave_that_is_taken_away_is_found_out() {
    let report = amended(&with(
        r#"when { resource.own && principal.roles.contains("admin") };

@article("2")
@id("suspending")"#,
        r#"when { resource.own && principal.roles.contains("admin") && principal.seat != "class1" };

@article("2")
@id("suspending")"#,
    ));
    let (ja, en) = told(&report, Property::Rights);
    assert_eq!(report.summary.len(), 1);
    assert_eq!(ja, "第一類構成員の組織の管理者は、自組織のことについて、脱退することができなくなる。");
    assert_eq!(
        en,
        "Class 1 members: their administrator could no longer leave the council, for what is its own."
    );
    assert!(report.blocked());
    proven(&report, &[Property::Scope, Property::LeftOut, Property::Changes]);
    assert_eq!(said(&report), [en.as_str()]);
}

#[test]
fn a_prohibition_that_blocks_leaving_is_found_out_with_its_rule() {
    let report = amended(&and(
        shipped(),
        r#"
@article("2")
@id("not-during-a-hearing")
forbid (principal, action in [Action::"withdrawMembership", Action::"withdrawConsultation"], resource)
when { resource.state == "審査中" };
"#,
    ));
    let (ja, _) = told(&report, Property::Rights);
    assert!(ja.contains("状態が「審査中」のとき、") && ja.ends_with("ができなくなる。"), "{ja}");
    let Outcome::Refuted(cases) = outcome(&report, Property::Rights) else { panic!() };
    let acts: Vec<&str> = cases
        .iter()
        .map(|case| match &case.facts {
            Facts::Acts { action, .. } => action.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(acts.contains(&"withdrawMembership") && acts.contains(&"withdrawConsultation"), "{acts:?}");
    assert!(cases.iter().all(|case| case.reasons[0].rule == "not-during-a-hearing"));
    // A member is shown where a member will do; everybody that it concerns is told in one sentence for each act.
    assert!(ja.starts_with("一般の構成員"), "{ja}");
    let leaving = "General members, class 2 members, class 1 members, the coordinator, the secretariat: their administrator could no longer leave the council, for what is its own, where the state is “審査中”.";
    assert!(
        report.summary.iter().any(|one| one.said.en == leaving && one.cells == 5 && !one.gains),
        "{:#?}",
        report.summary
    );
}

#[test]
fn a_demand_that_would_be_possible_where_it_was_not_is_found_out() {
    // Without its trigger; by somebody else; of somebody whom it did not bind.
    let untriggered = with(r#" && resource.state == "trigger_met" };"#, " };");
    let by_others = and(
        shipped(),
        r#"
@article("19")
@id("coordinator-demands")
permit (principal, action == Action::"demandInformation", resource)
when { principal.seat == "coordinator" && resource.state == "trigger_met" };
"#,
    );
    let bound =
        with(r#"resource.party && resource.state == "issued" &&"#, r#"resource.state == "issued" &&"#);
    for wider in [&untriggered, &by_others, &bound] {
        let report = amended(wider);
        told(&report, Property::Demand);
        assert_eq!(proof(Some(wider), &shipped()).verdict(Property::Demand), Verdict::Proven);
        // It informs, and does not keep anybody from the vote.
        assert!(!report.blocked());
    }
}

#[test]
fn a_trigger_that_asks_for_less_is_found_out_in_its_number() {
    let asks = |organisations: &str| {
        let mut source = shipped();
        let from = "demand_organisations = { value = 5,";
        assert_eq!(source.parameters.matches(from).count(), 1);
        let to = format!("demand_organisations = {{ value = {organisations},");
        source.parameters = source.parameters.replace(from, &to);
        source
    };
    let (ja, en) = told(&amended(&asks("2")), Property::Demand);
    assert!(ja.ends_with("：今は5、改正後は2。"), "{ja}");
    assert!(en.ends_with(": 5 today, 2 then."), "{en}");
    proven(&amended(&asks("9")), &[Property::Demand]);
}

#[test]
fn without_a_charter_to_compare_with_the_properties_are_absolute() {
    let report = proof(None, &shipped());
    proven(&report, &ENTRENCHED);
    for property in [Property::Demand, Property::Changes] {
        assert_eq!(report.verdict(property), Verdict::NotApplicable);
    }
    let open = with(
        "when { !principal.inScope && !principal.own && principal.seat != \"coordinator\" };",
        "when { false };",
    );
    assert!(told(&proof(None, &open), Property::Scope).1.ends_with("."));
    let shut = with(
        "when { resource.own && principal.roles.contains(\"admin\") };\n\n@article(\"2\")\n@id(\"suspending\")",
        "when { resource.own && principal.roles.contains(\"voter\") };\n\n@article(\"2\")\n@id(\"suspending\")",
    );
    let (ja, _) = told(&proof(None, &shut), Property::Rights);
    assert!(ja.contains("組織の管理者") && ja.ends_with("脱退することができない。"), "{ja}");
}

#[test]
fn policies_in_force_that_do_not_fit_the_new_schema_leave_everything_unproven() {
    let mut new = shipped();
    new.schema = new.schema.replace("confidence: Long,", "confidence?: Long,");
    new.policies = new.policies.replace("resource.confidence >= 0", "resource has confidence");
    let report = amended(&new);
    for property in Property::ALL {
        let Outcome::NotProven(why) = outcome(&report, *property) else { panic!("{property:?}") };
        assert!(why.en.contains("do not validate in the new schema"), "{why:?}");
    }
    assert!(report.open() && !report.blocked());
}

#[test]
fn what_can_fail_is_not_taken_into_a_proof() {
    let report = amended(&and(
        shipped(),
        r#"
@article("2")
@id("sums")
forbid (principal, action == Action::"withdrawMembership", resource)
when { resource.confidence + 9223372036854775807 == 0 };
"#,
    ));
    let Outcome::NotProven(why) = outcome(&report, Property::Rights) else { panic!() };
    assert!(why.en.contains("`sums`") && why.en.contains("`+`"), "{why:?}");
    proven(&report, &[Property::Scope, Property::LeftOut]);
}
