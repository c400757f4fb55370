//! How long the proof of an amendment takes, and how that grows with the number of policies: 1, 2 and 4 times the shipped
//! charter, the rest generated. A measurement, not a test; `scripts/bench --only proof`.

use std::{fmt::Write as _, time::Duration};

use noroshi_charter::{Charter, Source};
use noroshi_council::{Action, Layer, LayerState};
use noroshi_proof::{Limits, Property, Report, Solver, prove};

const PROFILE: &str = "jp-2019-council";

/// A good amendment of the middling kind: two gains of sight, one act for one more class, one loss.
const AMENDMENT: &str = r#"
@article("10")
@id("amended-1")
permit (principal, action == Action::"readSubset", resource)
when { principal.seat == "class2" && ["expert_feedback", "technique_full"].contains(resource.layer) && resource.state == "given" };
@article("8")
@id("amended-2")
permit (principal, action in [Action::"triageItem", Action::"maskItem"], resource)
when { principal.seat == "class1" && resource.party };
@article("11")
@id("amended-3")
forbid (principal, action == Action::"rateCountermeasure", resource)
when { principal.seat == "general" && resource.state == "draft" };
"#;

/// A bad one: whoever was left out reads early, and nobody leaves while something is going on.
const BAD: (&str, &str, &str) = (
    r#"when { principal.excluded && !principal.own }
unless { resource.state == "high_released" };"#,
    r#"when { principal.excluded && !principal.own }
unless { resource.state == "high_released" || resource.state == "low_released" };"#,
    r#"
@article("2")
@id("amended-4")
forbid (principal, action == Action::"withdrawMembership", resource)
when { resource.state == "hearing" };
"#,
);

/// Further policies of the kinds that a charter has: permits to read and to act, and some prohibitions.
fn further(count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        let pick = |list: usize| n * 7 % list;
        let layer = Layer::ALL.get(pick(Layer::ALL.len())).map_or("", |l| l.as_str());
        let state = LayerState::ALL.get(n * 5 % LayerState::ALL.len()).map_or("", |s| s.as_str());
        let action = Action::ALL.get(pick(Action::ALL.len())).map_or("", |a| a.as_str());
        let seat = ["class1", "class2", "general", "secretariat"][n % 4];
        let body = match n % 5 {
            0 | 1 => format!(
                "permit (principal, action == Action::\"readSubset\", resource)\nwhen {{ principal.seat == \"{seat}\" && principal.addressed && resource.layer == \"{layer}\" && resource.state == \"{state}\" }};"
            ),
            2 | 3 => format!(
                "permit (principal, action == Action::\"{action}\", resource)\nwhen {{ principal.seat == \"{seat}\" && resource.party && resource.state == \"special{n}\" }};"
            ),
            _ => format!(
                "forbid (principal, action in [Action::\"readFull\", Action::\"readMasked\"], resource)\nwhen {{ principal.seat == \"{seat}\" && principal.secretDeclined && resource.layer == \"{layer}\" && !principal.own }};"
            ),
        };
        let _ = write!(text, "\n@article(\"14\")\n@id(\"further-{n}\")\n{body}\n");
    }
    text
}

fn measured(old: &Source, new: &Source, solver: &Solver) -> Option<Report> {
    let (old, new) = (Charter::compile(old).ok()?, Charter::compile(new).ok()?);
    let limits = Limits {
        question: Duration::from_secs(60),
        total: Duration::from_secs(300),
        solvers: std::thread::available_parallelism().map_or(1, usize::from).min(2),
    };
    // The fastest of three: what else the machine does only adds.
    (0..3).map(|_| prove(Some(&old), &new, solver, limits, &|_| ())).min_by_key(|report| report.took)
}

fn main() {
    let solver = std::env::var_os("CVC5").map_or_else(Solver::default, Solver::at);
    let version = match solver.version() {
        Ok(version) => version,
        Err(why) => {
            eprintln!("cvc5 is needed: apt-get install cvc5 ({why})");
            std::process::exit(1);
        }
    };
    let Some(shipped) = Source::embedded(PROFILE) else { return };
    println!("{version}");
    println!("charter  policies  amendment  time       questions  outcome (1)–(5)");
    let count = shipped.policies.matches("@id(").count();
    for times in [1, 2, 4] {
        let mut old = shipped.clone();
        old.policies += &further(count * (times - 1));
        let mut good = old.clone();
        good.policies += AMENDMENT;
        let mut bad = old.clone();
        bad.policies = bad.policies.replace(BAD.0, BAD.1) + BAD.2;
        for (name, new) in [("none", &old), ("good", &good), ("bad", &bad)] {
            let Some(report) = measured(&old, new, &solver) else {
                eprintln!("the charter of {times}x is none");
                std::process::exit(1);
            };
            let outcomes: Vec<String> =
                Property::ALL.iter().map(|p| format!("{:?}", report.verdict(*p))).collect();
            let seconds = report.took.as_secs_f64();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bar of a plot")]
            let bar = "#".repeat(((seconds * 20.0) as usize).clamp(1, 100));
            println!(
                "{times}x       {:<9} {name:<10} {seconds:>6.2} s  {:>10}  {}  {bar}",
                count * times,
                report.questions,
                outcomes.join(" "),
            );
        }
    }
}
