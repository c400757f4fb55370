//! Handing out the questions to solvers, and putting together what they found.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use noroshi_charter::{Charter, numbers::TRIGGER};
use noroshi_council::Text;

use crate::{
    Case, Facts, Finding, Limits, Outcome, Progress, Property, Report, Solver, Summary, hypotheses,
    questions::{self, Found, Pair, Task},
    solver::{Asker, Gap},
    words,
};

/// Cedar's symbolic compiler goes as deep as the expressions do; [`crate::formula`] bounds those of policies. Most of this is
/// never touched.
const STACK: usize = 256 << 20;

/// Proves what changes from the charter in force (`old`) to `new`; without `old`, what is asked of any charter.
///
/// Blocks until all is known or the time is up, on `limits.solvers` threads that each speak with one solver. Where an entrenched
/// property is broken, [`Report::blocked`] says so. `progress` is told after each task, from any of the threads.
pub fn prove(
    old: Option<&Charter>,
    new: &Charter,
    solver: &Solver,
    limits: Limits,
    progress: &(dyn Fn(Progress) + Sync),
) -> Report {
    let begun = Instant::now();
    let questions = AtomicUsize::new(0);
    let worked = on_a_deep_stack(|| {
        let pair = Pair::new(old, new)?;
        let tasks = pair.tasks();
        let found = hand_out(&pair, &tasks, limits.solvers, progress, || {
            (Asker::new(solver, limits, begun), &questions)
        });
        let found: Vec<(Task, Found)> = tasks.into_iter().zip(found).collect();
        Ok((found, pair.demands()))
    });
    let (findings, changes) = match worked {
        Ok((found, demands)) => assemble(found, old, demands, new),
        Err(gap) => {
            let finding = |property: &Property| Finding {
                property: *property,
                outcome: Outcome::NotProven(gap.said()),
            };
            (Property::ALL.iter().map(finding).collect(), Vec::new())
        }
    };
    let summary = summed_up(&changes, new);
    Report {
        old: old.map(Charter::seal),
        new: new.seal(),
        possible: hypotheses::possible(&questions::classes(old, new)),
        findings,
        changes,
        summary,
        questions: questions.into_inner(),
        took: begun.elapsed(),
    }
}

/// Runs `work` where expressions may be as deep as they like.
fn on_a_deep_stack<T: Send>(work: impl FnOnce() -> Result<T, Gap> + Send) -> Result<T, Gap> {
    let broken = |why: &dyn std::fmt::Display| Gap::Broken(why.to_string());
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| broken(&error))?;
        thread.join().unwrap_or_else(|_| Err(broken(&"the thread broke off")))
    })
}

/// What each task found, in the order of the tasks. One whose thread broke off found nothing out.
fn hand_out<'q>(
    pair: &Pair<'_>,
    tasks: &[Task],
    solvers: usize,
    progress: &(dyn Fn(Progress) + Sync),
    asker: impl Fn() -> (Asker, &'q AtomicUsize) + Sync,
) -> Vec<Found> {
    let broke_off = || Found::from(Gap::Broken("the thread broke off".to_owned()));
    let found = Mutex::new(tasks.iter().map(|_| broke_off()).collect::<Vec<_>>());
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        let (mut asker, questions) = asker();
        while let Some((index, task)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            tasks.get(index).map(|task| (index, task))
        } {
            let before = asker.asked;
            let outcome = runtime.block_on(pair.work(task, &mut asker));
            questions.fetch_add(asker.asked - before, Ordering::Relaxed);
            if let Some(place) = found.lock().unwrap_or_else(PoisonError::into_inner).get_mut(index) {
                *place = outcome;
            }
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            progress(Progress { done, all: tasks.len() });
        }
        // The solver's process belongs to this runtime: it ends before.
        let _entered = runtime.enter();
        drop(asker);
    };
    std::thread::scope(|scope| {
        let thread = |_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        let threads: Vec<_> = (0..solvers.clamp(1, tasks.len().max(1))).map(thread).collect();
        for thread in threads.into_iter().flatten() {
            // A thread that broke off, or never began, leaves its tasks not proven.
            let _ = thread.join();
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn assemble(
    found: Vec<(Task, Found)>,
    old: Option<&Charter>,
    demands: bool,
    new: &Charter,
) -> (Vec<Finding>, Vec<Case>) {
    let compared = old.is_some();
    let mut findings = Vec::new();
    let mut changes = Vec::new();
    for property in Property::ALL {
        let (mut cases, mut gap) = (Vec::new(), None);
        for (_, found) in found.iter().filter(|(task, _)| belongs(task) == *property) {
            cases.extend(found.cases.iter().cloned());
            gap = gap.or(found.gap.clone());
        }
        if let (Property::Demand, Some(old)) = (property, old) {
            cases.extend(trigger_lowered(old, new));
        }
        for case in &mut cases {
            case.said = words::sentence(&case.facts, *property, new.parameters());
        }
        let outcome = match (property, gap) {
            (Property::Demand, _) if !demands => Outcome::NotApplicable(Text::new(
                "この規約に、情報提供等の求めはありません",
                "the charter has no demands",
            )),
            (Property::Demand | Property::Changes, _) if !compared => Outcome::NotApplicable(Text::new(
                "比べる規約がありません",
                "there is no charter to compare with",
            )),
            (Property::Changes, gap) => {
                changes = cases;
                gap.map_or(Outcome::Proven, |gap| Outcome::NotProven(gap.said()))
            }
            // A case that breaks it breaks it, whatever else is not known.
            (_, _) if !cases.is_empty() => Outcome::Refuted(cases),
            (_, Some(gap)) => Outcome::NotProven(gap.said()),
            (_, None) => Outcome::Proven,
        };
        findings.push(Finding { property: *property, outcome });
    }
    changes.sort_by_key(|one| words::order(&one.facts));
    (findings, changes)
}

/// The numbers of the trigger of which the new charter asks for less. No solver is needed for that: each is held against what
/// happened by itself.
fn trigger_lowered(old: &Charter, new: &Charter) -> Vec<Case> {
    let lowered = |name: &str| {
        let (before, after) = (old.parameters().numbers.get(name)?, new.parameters().numbers.get(name)?);
        let label = Text::new(&after.ja, &after.en);
        let facts = Facts::Trigger { label, before: before.value, after: after.value };
        (after.value < before.value).then(|| Case { facts, reasons: Vec::new(), said: Text::default() })
    };
    TRIGGER.iter().copied().filter_map(lowered).collect()
}

fn summed_up(changes: &[Case], new: &Charter) -> Vec<Summary> {
    let mut groups: Vec<Vec<&Case>> = Vec::new();
    for case in changes {
        match groups.iter_mut().find(|group| group.first().is_some_and(|one| words::alike(one, case))) {
            Some(group) => group.push(case),
            None => groups.push(vec![case]),
        }
    }
    let told = |group: Vec<&Case>| {
        let facts: Vec<&Facts> = group.iter().map(|case| &case.facts).collect();
        let said = words::together(&facts, Property::Changes, new.parameters());
        let one = group.first()?;
        let mut seats: Vec<_> = facts.iter().filter_map(|facts| facts.seat()).collect();
        seats.sort_unstable_by_key(|seat| seat.as_str());
        seats.dedup();
        let layer = match &one.facts {
            Facts::Reads { layer, .. } => Some(*layer),
            _ => None,
        };
        let (gains, reasons) = (one.facts.gains(), one.reasons.clone());
        Some(Summary { said, seats, gains, layer, reasons, cells: group.len() })
    };
    groups.into_iter().filter_map(told).collect()
}

fn belongs(task: &Task) -> Property {
    match task {
        Task::Scope => Property::Scope,
        Task::LeftOut => Property::LeftOut,
        Task::Demand(_) => Property::Demand,
        Task::Right(_) => Property::Rights,
        Task::Sights { .. } | Task::Acts(_) => Property::Changes,
    }
}
