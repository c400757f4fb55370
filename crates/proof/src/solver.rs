//! Asking cvc5: a child process of its own, with a limit to everything, ended with whoever asks.

use std::{
    ffi::OsString,
    process::Stdio,
    time::{Duration, Instant},
};

use cedar_policy::{Policy, PolicyId, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::{
    CedarSymCompiler, CompiledPolicySet, Env,
    err::{Error, SolverError},
    solver::{Decision, LocalSolver, Solver as _},
};
use noroshi_council::Text;
use serde_json::json;
use tokio::{process::Command, time::timeout};

use crate::formula::Expr;

/// A program that does not name its version within this time is none.
const VERSION_PATIENCE: Duration = Duration::from_secs(5);

/// Which program proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solver(OsString);

impl Default for Solver {
    /// `cvc5`, wherever the path has it.
    fn default() -> Solver {
        Solver("cvc5".into())
    }
}

/// How long a proof may take, and with how many solvers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For one question.
    pub question: Duration,
    /// For all of them.
    pub total: Duration,
    /// How many solvers work at once.
    pub solvers: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { question: Duration::from_secs(10), total: Duration::from_secs(60), solvers: 2 }
    }
}

/// Why something is not proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gap {
    /// The solver cannot be started.
    Missing(String),
    /// It said what no solver says, or ended.
    Broken(String),
    /// It answered that it does not know.
    Unknown,
    /// One question took too long.
    Slow(Duration),
    /// All together took too long.
    Over(Duration),
    /// Cedar's symbolic compiler does not take the question.
    Compiler(String),
    /// A policy is written as the proof does not cover.
    Policy { charter: String, rule: String, what: String },
    /// The policies in force do not fit the schema of the new charter.
    Schema(String),
    /// The authorizer does not confirm the counterexample.
    Unconfirmed,
    /// The hypotheses exclude each other, so that nothing would be proven of nobody.
    Vacuous,
    /// More cells change than anybody would read.
    Many(usize),
}

impl Gap {
    pub(crate) fn said(&self) -> Text {
        let seconds = |time: &Duration| format!("{:.1}", time.as_secs_f64());
        match self {
            Gap::Missing(why) => Text::new(
                &format!("証明器 cvc5 を起動できません（{why}）"),
                &format!("the solver cvc5 cannot be started ({why})"),
            ),
            Gap::Broken(why) => Text::new(
                &format!("証明器が途中で終わったか、証明器らしくない答えを返しました（{why}）"),
                &format!("the solver ended, or answered as no solver does ({why})"),
            ),
            Gap::Unknown => {
                Text::new("証明器が「わからない」と答えました", "the solver answered that it does not know")
            }
            Gap::Slow(time) => Text::new(
                &format!("1つの問いが {} 秒で終わりませんでした", seconds(time)),
                &format!("one question was not answered within {} s", seconds(time)),
            ),
            Gap::Over(time) => Text::new(
                &format!("全体が {} 秒で終わりませんでした", seconds(time)),
                &format!("the whole was not done within {} s", seconds(time)),
            ),
            Gap::Compiler(why) => Text::new(
                &format!("この規則は式にできません（{why}）"),
                &format!("the policies cannot be made a formula ({why})"),
            ),
            Gap::Policy { charter, rule, what } => Text::new(
                &format!(
                    "規約 {charter} の規則「{rule}」は、証明の範囲の外にある書き方（{what}）をしています"
                ),
                &format!(
                    "rule `{rule}` of charter {charter} is written as the proof does not cover ({what})"
                ),
            ),
            Gap::Schema(why) => Text::new(
                &format!("今の規約の規則が、新しいスキーマに合いません（{why}）"),
                &format!("the policies in force do not validate in the new schema ({why})"),
            ),
            Gap::Unconfirmed => Text::new(
                "見つかった反例を、実際の判定では確かめられませんでした",
                "the counterexample found is not confirmed by the authorizer",
            ),
            Gap::Vacuous => Text::new(
                "前提どうしが矛盾しており、何も証明したことになりません",
                "the hypotheses exclude each other; nothing would be proven",
            ),
            Gap::Many(count) => Text::new(
                &format!("変わるところが {count} を超えます。はじめの {count} だけを挙げます"),
                &format!("more than {count} things change; the first {count} are listed"),
            ),
        }
    }
}

impl Solver {
    /// The program at `path`, or of that name on the path.
    #[must_use]
    pub fn at(path: impl Into<OsString>) -> Solver {
        Solver(path.into())
    }

    /// The first line of what it says of itself.
    ///
    /// # Errors
    /// Why it does not run.
    pub fn version(&self) -> Result<String, String> {
        let mut child = std::process::Command::new(&self.0)
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| e.to_string())?;
        let begun = Instant::now();
        while child.try_wait().map_err(|e| e.to_string())?.is_none() {
            if begun.elapsed() > VERSION_PATIENCE {
                let _ = child.kill();
                let _ = child.wait();
                return Err("it does not answer".to_owned());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let out = child.wait_with_output().map_err(|e| e.to_string())?;
        let said = String::from_utf8_lossy(&out.stdout);
        match said.lines().next() {
            Some(line) if out.status.success() => Ok(line.trim().to_owned()),
            _ => Err(out.status.to_string()),
        }
    }

    fn start(&self) -> Result<LocalSolver, Gap> {
        let mut command = Command::new(&self.0);
        command.args(["--lang", "smt"]).kill_on_drop(true);
        LocalSolver::from_command(&mut command).map_err(|error| {
            Gap::Missing(match error {
                SolverError::Io(error) => error.to_string(),
                other => other.to_string(),
            })
        })
    }
}

/// One solver, and until when it is asked.
pub(crate) struct Asker {
    solver: Solver,
    limits: Limits,
    begun: Instant,
    /// Nothing after a failure: what a process says after one belongs to nobody knows which question.
    compiler: Option<CedarSymCompiler<LocalSolver>>,
    pub(crate) asked: usize,
}

impl Asker {
    pub(crate) fn new(solver: &Solver, limits: Limits, begun: Instant) -> Asker {
        Asker { solver: solver.clone(), limits, begun, compiler: None, asked: 0 }
    }

    /// How long the next question may take.
    fn patience(&self) -> Result<Duration, Gap> {
        match self.limits.total.checked_sub(self.begun.elapsed()) {
            Some(left) if !left.is_zero() => Ok(left.min(self.limits.question)),
            _ => Err(Gap::Over(self.limits.total)),
        }
    }

    /// A solver that tells true from false. One that does not would prove anything.
    async fn compiler(&mut self) -> Result<CedarSymCompiler<LocalSolver>, Gap> {
        if let Some(compiler) = self.compiler.take() {
            return Ok(compiler);
        }
        let mut solver = self.solver.start()?;
        let patience = self.patience()?;
        for (assertion, expected) in
            [("(assert (= 1 1))", Decision::Sat), ("(assert (= 1 2))", Decision::Unsat)]
        {
            let question = async {
                let text = format!("(reset)\n(set-logic ALL)\n{assertion}\n");
                tokio::io::AsyncWriteExt::write_all(solver.smtlib_input(), text.as_bytes()).await?;
                solver.check_sat().await
            };
            match timeout(patience, question).await {
                Ok(Ok(answer)) if answer == expected => {}
                Ok(Ok(Decision::Unknown)) => return Err(Gap::Unknown),
                Ok(Ok(answer)) => {
                    return Err(Gap::Broken(format!("{assertion}: {answer:?}")));
                }
                Ok(Err(error)) => return Err(broken(&error.into())),
                Err(_) => return Err(self.late(patience)),
            }
        }
        CedarSymCompiler::new(solver).map_err(|error| broken(&error))
    }

    fn late(&self, patience: Duration) -> Gap {
        if patience < self.limits.question { Gap::Over(self.limits.total) } else { Gap::Slow(patience) }
    }

    /// A case in which `body` is true and no hypothesis forbids, or nothing where there is none.
    pub(crate) async fn find(
        &mut self,
        schema: &Schema,
        env: &RequestEnv,
        body: &Expr,
        hypotheses: &[Policy],
    ) -> Result<Option<Env>, Gap> {
        self.patience()?;
        let mut compiler = self.compiler().await?;
        let question = compiled(schema, env, body, hypotheses)?;
        let patience = self.patience()?;
        self.asked += 1;
        match timeout(patience, compiler.check_always_denies_with_counterexample_opt(&question)).await {
            Ok(Ok(found)) => {
                self.compiler = Some(compiler);
                Ok(found)
            }
            Ok(Err(error)) => Err(broken(&error)),
            Err(_) => Err(self.late(patience)),
        }
    }
}

fn broken(error: &Error) -> Gap {
    match error {
        Error::SolverUnknown => Gap::Unknown,
        Error::SolverError(SolverError::Io(error)) => Gap::Broken(error.to_string()),
        // What a broken program says may be long.
        Error::SolverError(error) => Gap::Broken(error.to_string().chars().take(120).collect()),
        Error::EncodeError(_) | Error::DecodeModel(_) => {
            Gap::Broken(error.to_string().chars().take(120).collect())
        }
        other => Gap::Compiler(other.to_string().chars().take(300).collect()),
    }
}

/// One permit for the question, one forbid for each hypothesis.
fn compiled(
    schema: &Schema,
    env: &RequestEnv,
    body: &Expr,
    hypotheses: &[Policy],
) -> Result<CompiledPolicySet, Gap> {
    let refused = |error: &dyn std::fmt::Display| Gap::Compiler(error.to_string());
    let anybody = json!({ "op": "All" });
    let question = json!({
        "effect": "permit", "principal": anybody, "action": anybody, "resource": anybody,
        "conditions": [{ "kind": "when", "body": body }],
    });
    let mut set = PolicySet::new();
    let question = Policy::from_json(Some(PolicyId::new("question")), question).map_err(|e| refused(&e))?;
    set.add(question).map_err(|e| refused(&e))?;
    for (index, policy) in hypotheses.iter().enumerate() {
        set.add(policy.new_id(PolicyId::new(format!("hypothesis{index}")))).map_err(|e| refused(&e))?;
    }
    CompiledPolicySet::compile(&set, env, schema).map_err(|error| match &error {
        Error::PolicyNotWellTyped { errs } => {
            refused(&errs.first().map_or_else(|| error.to_string(), ToString::to_string))
        }
        _ => refused(&error),
    })
}
