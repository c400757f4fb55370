//! A solver that fails in any way leaves things not proven, and nothing of it behind.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use noroshi_charter::{Charter, Source};
use noroshi_proof::{Limits, Outcome, Property, Report, Solver, Verdict, prove};

const LIMITS: Limits =
    Limits { question: Duration::from_secs(30), total: Duration::from_secs(120), solvers: 2 };

fn charters() -> (Charter, Charter) {
    let old = Source::embedded("jp-2019-council").unwrap();
    let mut new = old.clone();
    new.policies = new.policies.replace(
        "@id(\"coordinator-receives\")\npermit (principal, action in [Action::\"triageItem\"",
        "@id(\"coordinator-receives\")\npermit (principal, action in [Action::\"suspendMember\", Action::\"triageItem\"",
    );
    // Something has to be asked: charters that are the same need no solver.
    new.policies = new
        .policies
        .replace(
            "principal.roles.contains(\"admin\") };\n\n@article(\"2\")\n@id(\"suspending\")",
            "principal.roles.contains(\"voter\") };\n\n@article(\"2\")\n@id(\"suspending\")",
        )
        .replace(
            "resource.layer == \"inquiry\" && resource.state == \"permitted\" && principal.addressed",
            "resource.layer == \"inquiry\" && resource.state == \"permitted\"",
        );
    (Charter::compile(&old).ok().unwrap(), Charter::compile(&new).ok().unwrap())
}

/// A program that reads SMT-LIB, passes the first two questions, by which solvers are tried, and does `then` at each later one.
fn impostor(dir: &Path, then: &str) -> Solver {
    let file = dir.join("solver");
    let script = format!(
        "#!/bin/sh\necho $$ >> '{}'\nn=0\nwhile read -r line; do\n  case $line in\n  '(check-sat)')\n    \
         n=$((n+1))\n    case $n in\n    1) echo sat ;;\n    2) echo unsat ;;\n    *) {then} ;;\n    esac ;;\n  esac\ndone\n",
        dir.join("pids").display()
    );
    std::fs::write(&file, script).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    Solver::at(file)
}

fn tried(solver: &Solver, limits: Limits) -> Report {
    let (old, new) = charters();
    prove(Some(&old), &new, solver, limits, &|_| ())
}

/// Every entrenched property is not proven, for a reason that says `why`.
fn unproven(report: &Report, why: &str) {
    assert!(report.open() && !report.blocked());
    for finding in report.findings.iter().filter(|f| f.property.entrenched()) {
        match &finding.outcome {
            Outcome::NotProven(reason) => assert!(reason.en.contains(why), "{}: not {why}", reason.en),
            other => panic!("{:?}: {other:?}", finding.property),
        }
    }
    assert_eq!(report.verdict(Property::Changes), Verdict::NotProven);
}

#[test]
fn a_solver_that_is_missing_proves_nothing() {
    unproven(&tried(&Solver::at("/nonexistent/cvc5"), LIMITS), "cannot be started");
    assert!(Solver::at("/nonexistent/cvc5").version().is_err());
    assert!(Solver::at("/bin/false").version().is_err());
    assert!(Solver::default().version().is_ok_and(|line| line.contains("cvc5")), "apt-get install cvc5");
}

#[test]
fn a_program_that_ends_at_once_proves_nothing() {
    unproven(&tried(&Solver::at("/bin/true"), LIMITS), "the solver ended");
}

#[test]
fn a_solver_that_does_not_know_proves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    unproven(&tried(&impostor(dir.path(), "echo unknown"), LIMITS), "does not know");
}

#[test]
fn a_solver_that_dies_over_a_question_proves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    unproven(&tried(&impostor(dir.path(), "exit 3"), LIMITS), "the solver ended");
}

#[test]
fn a_solver_that_talks_nonsense_proves_nothing() {
    for nonsense in [
        "echo banana",
        "echo '(error \"out of memory\")'",
        "echo sat; echo banana",
        "echo sat; echo '('; echo ')'; echo ')'",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let report = tried(&impostor(dir.path(), nonsense), LIMITS);
        assert!(report.open() && !report.blocked(), "{nonsense}");
        for property in Property::ALL.iter().filter(|p| p.entrenched()) {
            assert_eq!(report.verdict(*property), Verdict::NotProven, "{nonsense}: {property:?}");
        }
    }
}

#[test]
fn one_that_says_yes_to_everything_proves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("solver");
    std::fs::write(
        &file,
        "#!/bin/sh\nwhile read -r line; do case $line in '(check-sat)') echo unsat ;; esac; done\n",
    )
    .unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    unproven(&tried(&Solver::at(&file), LIMITS), "answered as no solver does");
    // One that passes for a solver at first is found out by a question whose answer is known.
    let report = tried(&impostor(dir.path(), "echo unsat"), LIMITS);
    for property in Property::ALL.iter().filter(|p| p.entrenched()) {
        assert_eq!(report.verdict(*property), Verdict::NotProven, "{property:?}");
    }
}

#[test]
fn a_solver_that_hangs_is_ended_in_time() {
    let dir = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let short = Limits { question: Duration::from_millis(800), total: Duration::from_secs(3), solvers: 2 };
    let report = tried(&impostor(dir.path(), "exec sleep 600"), short);
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    for finding in report.findings.iter().filter(|f| f.property.entrenched()) {
        let Outcome::NotProven(why) = &finding.outcome else { panic!("{finding:?}") };
        assert!(
            why.en.contains("not answered within 0.8 s") || why.en.contains("not done within 3.0 s"),
            "{}",
            why.en
        );
    }
    let pids = std::fs::read_to_string(dir.path().join("pids")).unwrap();
    assert!(pids.lines().count() >= 2);
    for pid in pids.lines() {
        let patience = Instant::now();
        // Ended, or at least dead and not yet fetched.
        while std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
            assert!(patience.elapsed() < Duration::from_secs(5), "solver {pid} lives on");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn no_time_at_all_proves_nothing() {
    let limits = Limits { total: Duration::ZERO, ..LIMITS };
    unproven(&tried(&Solver::default(), limits), "not done within 0.0 s");
}

#[test]
fn the_same_charters_are_settled_by_a_real_solver_and_progress_is_told() {
    let (old, new) = charters();
    let (told, last) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let report = prove(Some(&old), &new, &Solver::default(), LIMITS, &|progress| {
        told.fetch_add(1, Ordering::Relaxed);
        last.fetch_max(progress.done, Ordering::Relaxed);
        assert!(progress.done <= progress.all);
    });
    assert_eq!(report.verdict(Property::Rights), Verdict::Refuted, "{report:#?}");
    assert_eq!(report.verdict(Property::Scope), Verdict::Proven);
    assert!(!report.open());
    assert!(told.into_inner() > 10 && last.into_inner() > 10);
    assert!(report.questions > 5);
}
