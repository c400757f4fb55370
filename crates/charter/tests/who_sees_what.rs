//! The golden tables: every kind of reader × every layer × every state, and everybody × every act.
//!
//! `visibility.csv` is the specification's table for machines (`own` written as what others see, and with a row for addenda, which the
//! specification has in words only). The golden files say the
//! same in both directions, for the states that the specification leaves open too: a change of the law shows as a change
//! of a table that people can read. `UPDATE_GOLDEN=1 cargo test -p noroshi-charter` writes them anew.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use noroshi_charter::{Charter, Source};
use noroshi_council::{
    Action, Actor, Class, Law, Layer, LayerState, ReaderFacts, Role, Seat, Sight, Standing, Subject,
};

/// The profiles that have policies of their own, and the names of their golden files. A skeleton has those of another.
const GOLDEN: &[(&str, &str)] = &[("jp-2019-council", ""), ("generic-isac", "generic-isac.")];

fn charter() -> Charter {
    of("jp-2019-council")
}

fn of(profile: &str) -> Charter {
    let source = Source::embedded(profile).unwrap();
    Charter::compile(&source)
        .unwrap_or_else(|flaws| panic!("{}", flaws.iter().map(|f| format!("{f}\n")).collect::<String>()))
}

fn reader(seat: Option<Seat>) -> ReaderFacts {
    ReaderFacts::within(seat)
}

fn readers() -> Vec<(&'static str, ReaderFacts)> {
    let general = Seat::Member(Class::General);
    vec![
        ("coordinator", reader(Some(Seat::Coordinator))),
        ("class1", reader(Some(Seat::Member(Class::Class1)))),
        ("class2", reader(Some(Seat::Member(Class::Class2)))),
        ("general", reader(Some(general))),
        ("regulator_excluded", ReaderFacts { excluded: true, in_scope: false, ..reader(Some(general)) }),
        ("steering_role", ReaderFacts { role: Some(Role::Steering), ..reader(None) }),
        ("secretariat_role", reader(Some(Seat::Secretariat))),
        ("operator", reader(Some(Seat::Operator))),
    ]
}

#[test]
fn the_charter_is_the_table_of_the_specification() {
    let charter = charter();
    let table = include_str!("visibility.csv");
    let mut lines = table.lines();
    let columns: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut checked = 0;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let (layer, state) = (Layer::parse(cells[0]).unwrap(), LayerState::parse(cells[1]).unwrap());
        for (name, facts) in readers() {
            let column = columns.iter().position(|c| *c == name).unwrap();
            // The council's own measure stands under no scope; every other layer that can be left out does.
            let facts = match layer {
                _ if state == LayerState::HighReleased => ReaderFacts { in_scope: true, ..facts },
                // Nobody can be left out of the members' own decisions.
                Layer::BallotMotion => ReaderFacts { in_scope: true, excluded: false, ..facts },
                // A regulator reads an answer like others where its scope reaches it.
                Layer::DemandAnswer | Layer::MemberList => {
                    ReaderFacts { in_scope: true, excluded: false, ..facts }
                }
                _ => facts,
            };
            let sight = charter.sight(&facts, layer, state);
            match cells[column] {
                "scope" => {
                    let outside = ReaderFacts { in_scope: false, ..facts.clone() };
                    let addressed = ReaderFacts { addressed: true, ..facts };
                    // The coordinator stands inside of every scope.
                    if name != "coordinator" {
                        assert_eq!(charter.sight(&outside, layer, state), Sight::None, "{line} for {name}");
                    }
                    assert!(charter.sight(&addressed, layer, state) > Sight::None, "{line} for {name}");
                }
                expected => assert_eq!(sight.as_str(), expected, "{line} for {name}"),
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 23 * 8);
}

#[test]
fn a_layer_in_a_state_that_the_table_does_not_name_is_seen_by_its_owner_and_the_coordinator_only() {
    let charter = charter();
    let named: BTreeSet<(&str, &str)> = include_str!("visibility.csv")
        .lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.split(',');
            (cells.next().unwrap(), cells.next().unwrap())
        })
        // What the table leaves to its notes: confidence goes with its measure, a draft is the workshop's, the board is
        // the coordinator's.
        .chain([
            ("confidence", "masked_confirmed"),
            ("confidence", "low_released"),
            ("confidence", "high_released"),
            ("countermeasure", "draft"),
            ("ballot_motion", "draft"),
            ("demand_text", "draft"),
            ("demand_answer", "any"),
        ])
        .collect();
    for layer in Layer::ALL.iter().filter(|l| {
        !matches!(
            l,
            Layer::Board
                | Layer::MemberList
                | Layer::Contribution
                | Layer::DemandReport
                | Layer::MembershipCase
        )
    }) {
        for state in LayerState::ALL.iter().filter(|s| !named.contains(&(layer.as_str(), s.as_str()))) {
            for (name, facts) in readers().into_iter().filter(|(name, _)| *name != "coordinator") {
                let sight = charter.sight(&facts, *layer, *state);
                assert_eq!(sight, Sight::None, "{} {} for {name}", layer.as_str(), state.as_str());
            }
        }
    }
}

#[test]
fn owners_always_see_what_is_theirs_and_nobody_else_gains_by_being_left_out() {
    for (profile, _) in GOLDEN {
        owners_always_see_what_is_theirs(&of(profile));
    }
}

fn owners_always_see_what_is_theirs(charter: &Charter) {
    for layer in Layer::ALL {
        for state in LayerState::ALL {
            for (name, facts) in readers().into_iter().filter(|(name, _)| *name != "operator") {
                let own = ReaderFacts { own: true, ..facts.clone() };
                assert_eq!(charter.sight(&own, *layer, *state), Sight::Full, "{name} {}", layer.as_str());
                let open = charter.sight(&facts, *layer, *state);
                let outside = ReaderFacts { in_scope: false, ..facts.clone() };
                assert!(charter.sight(&outside, *layer, *state) <= open);
                let declined = ReaderFacts { secret_declined: true, ..facts.clone() };
                let without = charter.sight(&declined, *layer, *state);
                assert!(without <= open);
                if *state != LayerState::HighReleased {
                    assert_eq!(without, Sight::None, "{name} takes no secrets: {}", layer.as_str());
                    let excluded = ReaderFacts { excluded: true, ..facts };
                    assert_eq!(charter.sight(&excluded, *layer, *state), Sight::None, "{name} is left out");
                }
            }
        }
    }
}

#[test]
fn who_sees_what_is_as_written_down() {
    for (profile, file) in GOLDEN {
        golden(&format!("{file}who-sees-what.txt"), &sights(&of(profile)));
    }
}

fn sights(charter: &Charter) -> String {
    let mut readers = readers();
    readers.retain(|(_, facts)| there(charter, facts.seat));
    let mut table = String::from("layer / state");
    for (name, _) in &readers {
        table += &format!(" | {name}");
    }
    table.push('\n');
    for layer in Layer::ALL {
        for state in LayerState::ALL {
            let row: Vec<&str> =
                readers.iter().map(|(_, f)| charter.sight(f, *layer, *state).as_str()).collect();
            if row.iter().any(|cell| *cell != "none") {
                table += &format!("{} / {} | {}\n", layer.as_str(), state.as_str(), row.join(" | "));
            }
        }
    }
    table
}

/// Whether somebody can sit there under this charter.
fn there(charter: &Charter, seat: Option<Seat>) -> bool {
    !matches!(seat, Some(Seat::Member(class)) if !charter.has_class(class))
}

#[test]
fn a_class_that_a_charter_does_not_have_sees_nothing_and_does_nothing_under_it() {
    let charter = of("generic-isac");
    let two = Seat::Member(Class::Class2);
    assert!(!there(&charter, Some(two)));
    for layer in Layer::ALL {
        for state in LayerState::ALL {
            assert_eq!(charter.sight(&reader(Some(two)), *layer, *state), Sight::None, "{}", layer.as_str());
        }
    }
    let about_class2 =
        [Action::ProposeLowRelease, Action::ApproveLowRelease, Action::AnswerOnBehalf, Action::CloseRequest];
    let subject = Subject { own: true, party: true, state: String::new(), confidence: 50 };
    for seat in Seat::ALL {
        for action in about_class2 {
            assert!(charter.permits(&actor(*seat), action, &subject).is_err(), "{}", action.as_str());
        }
    }
}

#[test]
fn a_skeleton_decides_as_the_profile_that_it_is_made_of() {
    let (base, skeleton) =
        (Source::embedded("jp-2019-council").unwrap(), Source::embedded("jp-2026-act").unwrap());
    assert_eq!((&base.policies, &base.schema), (&skeleton.policies, &skeleton.schema));
    assert_ne!(base.hash(), skeleton.hash());
}

#[test]
fn who_may_do_what_is_as_written_down() {
    for (profile, file) in GOLDEN {
        golden(&format!("{file}who-may-do-what.txt"), &acts(&of(profile)));
    }
}

fn acts(charter: &Charter) -> String {
    let seats = [
        ("coordinator", Seat::Coordinator),
        ("class1", Seat::Member(Class::Class1)),
        ("class2", Seat::Member(Class::Class2)),
        ("general", Seat::Member(Class::General)),
        ("secretariat", Seat::Secretariat),
        ("operator", Seat::Operator),
        ("clock", Seat::Clock),
        ("applicant", Seat::Applicant),
    ];
    let mut table = String::from(
        "act: who may at all, who only to what is its own (own), who only where it takes part (party)\n",
    );
    for action in Action::ALL {
        let mut who = Vec::new();
        for (name, seat) in seats.into_iter().filter(|(_, seat)| there(charter, Some(*seat))) {
            let may = |own, party| {
                let subject = Subject { own, party, state: String::new(), confidence: 50 };
                charter.permits(&actor(seat), *action, &subject).is_ok()
            };
            match (may(false, false), may(true, false), may(false, true)) {
                (true, ..) => who.push(name.to_owned()),
                (_, true, true) => who.push(format!("{name} (own, party)")),
                (_, true, _) => who.push(format!("{name} (own)")),
                (_, _, true) => who.push(format!("{name} (party)")),
                _ => {}
            }
        }
        // What a seat on the steering committee gives on top, to whichever organisation.
        let sits = |own| {
            let mut one = actor(Seat::Member(Class::General));
            let subject = Subject { own, party: false, state: String::new(), confidence: 50 };
            let without = charter.permits(&one, *action, &subject).is_ok();
            one.roles.insert(Role::Steering);
            !without && charter.permits(&one, *action, &subject).is_ok()
        };
        match (sits(false), sits(true)) {
            (true, true) => who.push("steering".to_owned()),
            (true, false) => who.push("steering (not own)".to_owned()),
            (false, true) => who.push("steering (own)".to_owned()),
            (false, false) => {}
        }
        table += &format!("{}: {}\n", action.as_str(), who.join(", "));
    }
    table
}

fn actor(seat: Seat) -> Actor {
    Actor {
        person: "p".into(),
        org: "o".into(),
        seat,
        standing: Standing::Active,
        roles: BTreeSet::from([Role::Handler, Role::Admin]),
        pledged: true,
        stepped_up: true,
    }
}

#[test]
fn pledge_step_up_and_standing_come_before_everything() {
    use noroshi_council::refusal::Clause;
    let charter = charter();
    let subject = Subject { own: true, party: true, state: String::new(), confidence: 80 };
    let clause = |actor: &Actor, action| charter.permits(actor, action, &subject).map_err(|r| r.clause);
    let one = actor(Seat::Member(Class::Class1));
    let unpledged = Actor { pledged: false, ..one.clone() };
    assert_eq!(clause(&unpledged, Action::SubmitAnalysis), Err(Clause::PledgeMissing));
    assert_eq!(clause(&unpledged, Action::SignPledge), Ok(()));
    let far = Actor { stepped_up: false, ..one.clone() };
    assert_eq!(clause(&far, Action::ProposeHighRelease), Err(Clause::StepUpMissing));
    assert_eq!(clause(&far, Action::GiveOpinion), Ok(()));
    let left = Actor { standing: Standing::Withdrawn, ..one.clone() };
    assert_eq!(clause(&left, Action::SubmitItem), Err(Clause::NotActive));
    // Leaving is open at any time, with what is one's own: also to one who is suspended, and before a new pledge. Nothing else is.
    let suspended = Actor { standing: Standing::Suspended, pledged: false, ..one.clone() };
    for action in Action::ALL {
        let may = clause(&suspended, *action);
        let leaves = matches!(action, Action::WithdrawMembership | Action::TakeAlong);
        let expected = if leaves { Ok(()) } else { Err(Clause::NotActive) };
        assert_eq!(may, expected, "{}", action.as_str());
        assert_eq!(clause(&left, *action), Err(Clause::NotActive), "{}", action.as_str());
    }
    let far = Actor { stepped_up: false, ..suspended };
    assert_eq!(clause(&far, Action::WithdrawMembership), Err(Clause::StepUpMissing));
    let handler = Actor { roles: BTreeSet::from([Role::Handler]), ..one };
    assert_eq!(clause(&handler, Action::WithdrawMembership), Err(Clause::NotPermitted));
    let general = Actor { stepped_up: false, ..actor(Seat::Member(Class::General)) };
    assert_eq!(clause(&general, Action::ProposeHighRelease), Err(Clause::NotPermitted), "the charter first");
}

#[test]
fn flaws_are_told_with_article_and_line() {
    let good = Source::embedded("jp-2019-council").unwrap();
    let flaws = |change: &dyn Fn(&mut Source)| {
        let mut source = good.clone();
        change(&mut source);
        Charter::compile(&source).err().unwrap_or_default()
    };
    let unknown = flaws(&|s| {
        s.policies += "\n@article(\"9\")\n@id(\"peek\")\npermit (principal, action == Action::\"readFull\", resource) when { principal.mood == \"curious\" };\n";
    });
    let lines = good.policies.lines().count();
    assert!(
        unknown.iter().any(|f| f.article.as_deref() == Some("9") && f.line == Some(lines + 3)),
        "{unknown:?}"
    );
    let broken = flaws(&|s| s.policies += "\npermit (principal action resource);\n");
    assert!(broken.iter().any(|f| f.part == "policies" && f.line == Some(lines + 2)), "{broken:?}");
    let homeless = flaws(&|s| s.policies = s.policies.replace("@article(\"13\")", "@article(\"99\")"));
    assert!(homeless.iter().any(|f| f.article.as_deref() == Some("99") && f.line.is_some()), "{homeless:?}");
    let wide = flaws(&|s| s.parameters = s.parameters.replace("k = { value = 3", "k = { value = 1"));
    assert!(wide.iter().any(|f| f.part == "parameters" && f.line.is_some()), "{wide:?}");
    let twice = flaws(&|s| s.parameters = s.parameters.replace("id = \"gas\"", "id = \"water\""));
    assert!(twice.iter().any(|f| f.message.contains("sector `water`") && f.line.is_some()), "{twice:?}");
    let shouted = flaws(&|s| s.parameters = s.parameters.replace("id = \"gas\"", "id = \"GAS\""));
    assert!(shouted.iter().any(|f| f.message.contains("sector `GAS`")), "{shouted:?}");
    let wordless = flaws(&|s| {
        s.parameters =
            s.parameters.replace("coordinator = { ja = \"連絡調整機関\", en = \"coordinator\" }", "")
    });
    assert!(wordless.iter().any(|f| f.message.contains("`words.coordinator` is missing")), "{wordless:?}");
    let braced = flaws(&|s| s.parameters = s.parameters.replace("en = \"coordinator\"", "en = \"{ $x }\""));
    assert!(braced.iter().any(|f| f.message.contains("none for a sentence")), "{braced:?}");
    let two = flaws(&|s| {
        s.parameters = s.parameters.replace(
            "classes = [\"class1\", \"class2\", \"general\"]",
            "classes = [\"class1\", \"general\"]",
        );
    });
    for told in ["`class2` has a name", "nothing asks for `words.class2`", "nothing asks for `answer_hours`"]
    {
        assert!(two.iter().any(|f| f.message.contains(told)), "{told}: {two:?}");
    }
    let dropped = flaws(&|s| s.articles = s.articles.replace("\"permission-missing\"", ""));
    assert!(dropped.iter().any(|f| f.message.contains("permission-missing")), "{dropped:?}");
    let silent =
        flaws(&|s| s.policies = s.policies.replace("Action::\"takeHelp\"", "Action::\"notifyAgain\""));
    assert!(silent.iter().any(|f| f.message.contains("takeHelp")), "{silent:?}");
}

#[test]
fn a_schema_that_asks_for_more_than_the_software_tells_is_refused() {
    let good = Source::embedded("jp-2019-council").unwrap();
    for (from, to) in [
        ("addressed: Bool,", "addressed: Bool,\n    emergency: Bool,"),
        ("resource: Layer };", "resource: Layer, context: { emergency: Bool } };"),
    ] {
        let mut source = good.clone();
        source.schema = source.schema.replace(from, to);
        assert_ne!(source.schema, good.schema);
        let flaws = Charter::compile(&source).err().unwrap_or_default();
        assert!(flaws.iter().any(|f| f.part == "schema" && f.message.contains("read")), "{flaws:?}");
    }
}

#[test]
fn a_ruling_names_its_rules() {
    let charter = charter();
    let subject = Subject { own: true, ..Subject::default() };
    let by =
        |seat| charter.rules_on_act(seat, &BTreeSet::from([Role::Admin]), "withdrawMembership", &subject);
    let one = by(Seat::Coordinator);
    assert!(one.allowed && one.reasons.len() == 1 && one.reasons[0].rule == "leaving", "{one:?}");
    let operator = by(Seat::Operator);
    assert!(!operator.allowed && operator.reasons.iter().any(|r| r.rule == "operator-does-nothing"));
    assert_eq!(operator.reasons[0].article, "5");
    let unknown = charter.rules_on_act(Seat::Coordinator, &BTreeSet::new(), "demandEverything", &subject);
    assert_eq!(unknown, noroshi_charter::Ruling::default());
}

#[test]
fn the_sectors_of_the_charter_are_known_and_no_others() {
    let charter = charter();
    // 重要インフラ: fifteen, and the other kinds of member.
    let fifteen = [
        "telecommunications",
        "finance",
        "aviation",
        "airport",
        "railway",
        "electric-power",
        "gas",
        "government-services",
        "medical",
        "water",
        "logistics",
        "chemistry",
        "credit",
        "petroleum",
        "port",
    ];
    for id in fifteen.iter().chain(&[
        "local-government",
        "university",
        "security-vendor",
        "police",
        "government",
        "other",
    ]) {
        assert!(charter.names_sector(id), "{id}");
    }
    for id in ["", "nonsense", "Railway", "鉄道"] {
        assert!(!charter.names_sector(id), "{id}");
    }
}

fn golden(name: &str, table: &str) {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, table).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(known, table, "the law changed: read the difference, then UPDATE_GOLDEN=1");
}
