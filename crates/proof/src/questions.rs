//! The properties as questions: each asks for a case that would break it.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{EntityId, EntityUid, RequestEnv, ValidationMode, Validator};
use cedar_policy_symcc::Env;
use noroshi_charter::{Charter, SIGHTS};
use noroshi_council::{Class, Layer, LayerState, ReaderFacts, Role, Seat, Sight};

use crate::{
    Case,
    case::{Acting, Cell, Reading},
    formula::{Decision, Expr, Uncovered, Written, all, any, equal, fact, not, text, truth},
    hypotheses::Hypotheses,
    solver::{Asker, Gap},
};

/// Acts by whose loss a member would lose a right: their names begin so.
const RIGHTS: &[&str] = &["withdraw", "leave", "vote", "cast"];

/// The notice by which a member leaves.
const LEAVING: &str = "withdrawMembership";

/// Acts by which information can be demanded, and by which whoever is bound answers: their names begin so.
const DEMANDS: &[&str] = &["demand", "answerDemand"];

/// As many changes of one kind are listed; whoever changes more is told so.
const LISTED: usize = 400;

/// So many are found one by one before whatever else is alike is looked for.
const FEW: usize = 12;

/// Two charters, or one with nothing to compare it with.
pub(crate) struct Pair<'a> {
    pub(crate) old: Option<&'a Charter>,
    pub(crate) new: &'a Charter,
    before: Option<Written>,
    after: Written,
    hypotheses: Hypotheses,
}

/// One thing to find out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
    Scope,
    LeftOut,
    Demand(String),
    Right(String),
    Sights { gained: bool },
    Acts(String),
}

/// What was found: cases that break a property, or that are changes. With a reason why they are not all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Found {
    pub(crate) cases: Vec<Case>,
    pub(crate) gap: Option<Gap>,
}

impl From<Gap> for Found {
    fn from(gap: Gap) -> Found {
        Found { cases: Vec::new(), gap: Some(gap) }
    }
}

/// One degree of sight under both charters: permitted as such, and at least so much.
struct Degree {
    sight: Sight,
    before: Decision,
    after: Decision,
    before_or_more: Expr,
    after_or_more: Expr,
}

impl Degree {
    /// It is permitted, and neither it nor more was.
    fn gained(&self) -> Expr {
        if self.before == self.after {
            return truth(false);
        }
        all(vec![self.after.expr(), not(self.before_or_more.clone())])
    }

    /// So much or more was seen, and no longer is.
    fn lost(&self) -> Expr {
        if self.before_or_more == self.after_or_more {
            return truth(false);
        }
        all(vec![self.before_or_more.clone(), not(self.after_or_more.clone())])
    }
}

fn act(name: &str) -> Result<EntityUid, Gap> {
    let kind = "Action".parse().map_err(|e: cedar_policy::ParseErrors| Gap::Compiler(e.to_string()))?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(name)))
}

fn environment(principal: &str, action: &str, resource: &str) -> Result<RequestEnv, Gap> {
    let name = |name: &str| name.parse().map_err(|e: cedar_policy::ParseErrors| Gap::Compiler(e.to_string()));
    Ok(RequestEnv::new(name(principal)?, act(action)?, name(resource)?))
}

fn acts(charter: &Charter) -> impl Iterator<Item = String> + '_ {
    let concerns =
        |env: &RequestEnv| env.principal().to_string() == "Actor" && env.resource().to_string() == "Thing";
    charter.schema().request_envs().filter(concerns).map(|env| env.action().id().unescaped().to_owned())
}

/// The acts of a charter whose names begin as one of these.
fn named<'c>(
    charter: Option<&'c Charter>,
    begins: &'static [&'static str],
) -> impl Iterator<Item = String> + 'c {
    let wanted = move |name: &String| begins.iter().any(|begin| name.starts_with(begin));
    charter.into_iter().flat_map(acts).filter(wanted)
}

fn uncovered(charter: &Charter) -> impl Fn(Uncovered) -> Gap {
    let charter = charter.seal();
    move |Uncovered { rule, what }| Gap::Policy { charter: charter.clone(), rule, what }
}

/// The classes that either charter has.
pub(crate) fn classes(old: Option<&Charter>, new: &Charter) -> Vec<Class> {
    let all = old.into_iter().chain([new]).flat_map(|law| law.parameters().classes.clone());
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

const NO_ADDRESS: fn(&mut ReaderFacts) = |reader| reader.addressed = false;
const TAKES_SECRETS: fn(&mut ReaderFacts) = |reader| reader.secret_declined = false;
const NOT_LEFT_OUT: fn(&mut ReaderFacts) = |reader| reader.excluded = false;
const NOT_ITS_OWN: fn(&mut ReaderFacts) = |reader| reader.own = false;
const IN_SCOPE: fn(&mut ReaderFacts) = |reader| reader.in_scope = true;
const OUTSIDE: fn(&mut ReaderFacts) = |reader| reader.in_scope = false;

impl<'a> Pair<'a> {
    /// # Errors
    /// The policies in force have to validate in the schema of the new charter: the proof is held under it.
    pub(crate) fn new(old: Option<&'a Charter>, new: &'a Charter) -> Result<Pair<'a>, Gap> {
        if let Some(old) = old {
            let result =
                Validator::new(new.schema().clone()).validate(old.policies(), ValidationMode::Strict);
            if let Some(error) = result.validation_errors().next() {
                return Err(Gap::Schema(error.to_string()));
            }
        }
        let written = |law: &Charter| Written::new(law.policies(), new.schema()).map_err(uncovered(law));
        Ok(Pair {
            old,
            new,
            before: old.map(written).transpose()?,
            after: written(new)?,
            hypotheses: Hypotheses::read(&classes(old, new)).map_err(Gap::Compiler)?,
        })
    }

    /// Everything that has to be found out. What may take long comes last: it must not use up the time of what is entrenched.
    pub(crate) fn tasks(&self) -> Vec<Task> {
        let mut tasks = vec![Task::Scope, Task::LeftOut];
        if self.old.is_none() {
            tasks.push(Task::Right(LEAVING.to_owned()));
            return tasks;
        }
        // One that the new charter has no act for any more cannot be proven to be kept.
        let rights: BTreeSet<String> = named(self.old, RIGHTS).chain(named(Some(self.new), RIGHTS)).collect();
        tasks.extend(rights.into_iter().map(Task::Right));
        tasks.extend(named(Some(self.new), DEMANDS).map(Task::Demand));
        tasks.extend([Task::Sights { gained: true }, Task::Sights { gained: false }]);
        tasks.extend(acts(self.new).map(Task::Acts));
        tasks
    }

    /// Whether the new charter knows of demands at all.
    pub(crate) fn demands(&self) -> bool {
        named(Some(self.new), DEMANDS).next().is_some()
    }

    /// When the charter in force permits an act. What its own schema does not have, it permits to nobody.
    fn permitted_before(&self, name: &str) -> Result<Decision, Gap> {
        let (Some(law), Some(written)) = (self.old, &self.before) else { return Ok(Decision::never()) };
        let uid = act(name)?;
        if law.schema().request_envs().all(|env| *env.action() != uid) {
            return Ok(Decision::never());
        }
        written.decision(&uid).map_err(uncovered(law))
    }

    fn permitted_after(&self, name: &str) -> Result<Decision, Gap> {
        self.after.decision(&act(name)?).map_err(uncovered(self.new))
    }

    /// From full sight down to knowing that there is something.
    fn degrees(&self) -> Result<Vec<Degree>, Gap> {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let mut degrees = Vec::new();
        for (sight, name) in SIGHTS {
            let (one, other) = (self.permitted_before(name)?, self.permitted_after(name)?);
            before.push(one.clone());
            after.push(other.clone());
            degrees.push(Degree {
                sight: *sight,
                before: one,
                after: other,
                before_or_more: Decision::one_of(&before),
                after_or_more: Decision::one_of(&after),
            });
        }
        Ok(degrees)
    }

    pub(crate) async fn work(&self, task: &Task, asker: &mut Asker) -> Found {
        let done = match task {
            Task::Scope => self.no_sight(asker, "beyond-the-scope", "not-the-coordinator").await,
            Task::LeftOut => self.no_sight(asker, "left-out", "not-the-measure-for-all").await,
            Task::Demand(name) => self.no_act(asker, name, true).await,
            Task::Right(name) => self.no_act(asker, name, false).await,
            Task::Sights { gained } => return self.sights(asker, *gained).await,
            Task::Acts(name) => return self.changes_of_act(asker, name).await,
        };
        match done {
            Ok(case) => Found { cases: case.into_iter().collect(), gap: None },
            Err(gap) => gap.into(),
        }
    }

    /// A case of those that the hypothesis `of` speaks of in which somebody sees more than before; without a charter to
    /// compare with, in which it sees anything, but for what `absolutely` leaves out.
    async fn no_sight(&self, asker: &mut Asker, of: &str, absolutely: &str) -> Result<Option<Case>, Gap> {
        let hypotheses = match self.old {
            Some(_) => self.hypotheses.of(&[of]),
            None => self.hypotheses.of(&[of, absolutely]),
        };
        let env = environment("Reader", SIGHTS[0].1, "Layer")?;
        let schema = self.new.schema();
        if asker.find(schema, &env, &truth(true), &hypotheses).await?.is_none() {
            return Err(Gap::Vacuous);
        }
        let question = any(self.degrees()?.iter().map(Degree::gained).collect());
        let Some(env) = asker.find(schema, &env, &question, &hypotheses).await? else { return Ok(None) };
        let breaks =
            |case: &Reading| case.sight(self.new) > self.old.map_or(Sight::None, |law| case.sight(law));
        let case = confirmed(&env, breaks)?.of_a_member(self.new, breaks);
        // What the hypothesis is about stays as it is.
        let plain: &[fn(&mut ReaderFacts)] = if of == "left-out" {
            &[NO_ADDRESS, TAKES_SECRETS, OUTSIDE]
        } else {
            &[NO_ADDRESS, TAKES_SECRETS, NOT_LEFT_OUT]
        };
        Ok(Some(case.plain(plain, breaks).case(self.old, self.new)))
    }

    /// A case in which an act is permitted that was not (`gained`), or is no longer.
    async fn no_act(&self, asker: &mut Asker, name: &str, gained: bool) -> Result<Option<Case>, Gap> {
        let hypotheses = match self.old {
            Some(_) => self.hypotheses.of(&[]),
            None => self.hypotheses.of(&["a-members-administrator"]),
        };
        let env = environment("Actor", name, "Thing")?;
        let schema = self.new.schema();
        if asker.find(schema, &env, &truth(true), &hypotheses).await?.is_none() {
            return Err(Gap::Vacuous);
        }
        let (before, after) = (self.permitted_before(name)?, self.permitted_after(name)?);
        let question = match (self.old, gained) {
            (None, _) => not(after.expr()),
            (Some(_), true) => all(vec![after.expr(), not(before.expr())]),
            (Some(_), false) => all(vec![before.expr(), not(after.expr())]),
        };
        let Some(env) = asker.find(schema, &env, &question, &hypotheses).await? else { return Ok(None) };
        let breaks = |case: &Acting| {
            let (before, after) = (self.old.is_none_or(|law| case.allowed(law)), case.allowed(self.new));
            // Without a charter to compare with, whose right it is belongs to the question.
            let meant = self.old.is_some() || (case.subject.own && case.roles.contains(&Role::Admin));
            meant && if gained { after && !before } else { before && !after }
        };
        let case = Acting::found(&env).filter(&breaks).ok_or(Gap::Unconfirmed)?;
        Ok(Some(case.of_a_member(self.new, breaks).plain(breaks).case(self.old, self.new)))
    }

    /// Everybody who sees more than before of a layer in a state (`gained`), or less.
    async fn sights(&self, asker: &mut Asker, gained: bool) -> Found {
        let mut found = Found::default();
        if let Err(gap) = self.list_sights(asker, gained, &mut found.cases).await {
            found.gap = Some(gap);
        }
        found
    }

    async fn list_sights(&self, asker: &mut Asker, gained: bool, cases: &mut Vec<Case>) -> Result<(), Gap> {
        let schema = self.new.schema();
        let hypotheses = self.hypotheses.of(&[]);
        let env = environment("Reader", SIGHTS[0].1, "Layer")?;
        let mut degrees = self.degrees()?;
        let differs = |d: &Degree| if gained { d.gained() } else { d.lost() };
        // What is said of a cell is the most that is gained in it, or the most that is lost.
        if !gained {
            degrees.reverse();
        }
        degrees.retain(|degree| differs(degree) != truth(false));
        let mut known = BTreeSet::new();
        let anything = any(degrees.iter().map(differs).collect());
        if degrees.is_empty() || asker.find(schema, &env, &anything, &hypotheses).await?.is_none() {
            return Ok(());
        }
        for degree in &degrees {
            loop {
                let question = all(vec![differs(degree), not(any_of(&known))]);
                let Some(env) = asker.find(schema, &env, &question, &hypotheses).await? else { break };
                let breaks = |case: &Reading| {
                    let before = self.old.map_or(Sight::None, |law| case.sight(law));
                    let after = case.sight(self.new);
                    let (more, less) = if gained { (after, before) } else { (before, after) };
                    more >= degree.sight && less < degree.sight
                };
                let case = confirmed(&env, breaks)?
                    .plain(&[NO_ADDRESS, TAKES_SECRETS, NOT_LEFT_OUT, NOT_ITS_OWN, IN_SCOPE], breaks);
                // Where much changes, what changes for the same reader is looked up rather than asked for.
                let same: Vec<Reading> = if cases.len() < FEW {
                    vec![case]
                } else {
                    case.everywhere()
                        .filter(|other| breaks(other) && !known.contains(&other.cell()))
                        .collect()
                };
                for case in same {
                    known.insert(case.cell());
                    cases.push(case.case(self.old, self.new));
                }
                if cases.len() >= LISTED {
                    cases.truncate(LISTED);
                    return Err(Gap::Many(LISTED));
                }
            }
        }
        Ok(())
    }

    /// Every seat that may do `name` where it could not, or no longer where it could.
    async fn changes_of_act(&self, asker: &mut Asker, name: &str) -> Found {
        let mut found = Found::default();
        if let Err(gap) = self.list_seats(asker, name, &mut found.cases).await {
            found.gap = Some(gap);
        }
        found
    }

    async fn list_seats(&self, asker: &mut Asker, name: &str, cases: &mut Vec<Case>) -> Result<(), Gap> {
        let (before, after) = (self.permitted_before(name)?, self.permitted_after(name)?);
        if before == after {
            return Ok(());
        }
        let schema = self.new.schema();
        let hypotheses = self.hypotheses.of(&[]);
        let env = environment("Actor", name, "Thing")?;
        for gained in [true, false] {
            let (more, less) = if gained { (&after, &before) } else { (&before, &after) };
            let mut listed: Vec<Expr> = Vec::new();
            loop {
                let question = all(vec![more.expr(), not(less.expr()), not(any(listed.clone()))]);
                let Some(env) = asker.find(schema, &env, &question, &hypotheses).await? else { break };
                let breaks = |case: &Acting| {
                    let before = self.old.is_some_and(|law| case.allowed(law));
                    case.allowed(self.new) == gained && before != gained
                };
                let case = Acting::found(&env).filter(&breaks).ok_or(Gap::Unconfirmed)?.plain(breaks);
                listed.push(is("principal", "seat", case.seat.as_str()));
                cases.push(case.case(self.old, self.new));
            }
        }
        Ok(())
    }
}

/// Whether a reading is of one of these cells, said as shortly as may be.
fn any_of(cells: &BTreeSet<Cell>) -> Expr {
    let mut readers: BTreeMap<_, BTreeMap<Layer, Vec<Expr>>> = BTreeMap::new();
    for (seat, role, layer, state) in cells {
        let states = readers.entry((seat, role)).or_default().entry(*layer).or_default();
        states.push(is("resource", "state", state.as_str()));
    }
    let layer = |(layer, states): (Layer, Vec<Expr>)| {
        let all_of_them = states.len() == LayerState::ALL.len();
        let states = if all_of_them { truth(true) } else { any(states) };
        all(vec![is("resource", "layer", layer.as_str()), states])
    };
    let one_reader = readers.into_iter().map(|((seat, role), layers)| {
        all(vec![
            is("principal", "seat", seat.map_or("", Seat::as_str)),
            is("principal", "role", role.map_or("", Role::as_str)),
            any(layers.into_iter().map(layer).collect()),
        ])
    });
    any(one_reader.collect())
}

fn is(of: &str, name: &str, value: &str) -> Expr {
    equal(fact(of, name), text(value))
}

/// What the solver found, where the charters themselves say the same.
fn confirmed(env: &Env, breaks: impl Fn(&Reading) -> bool) -> Result<Reading, Gap> {
    Reading::found(env).filter(breaks).ok_or(Gap::Unconfirmed)
}
