//! Amendments put to the proof, beside everything else: no page and no act waits for a solver.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use noroshi_charter::{Charter, Source};
use noroshi_council::{
    ThingId,
    assembly::{Motion, Proof},
};
use noroshi_proof::{Limits, Progress, Solver, prove};
use tokio::sync::Notify;

use super::{amending, replay};
use crate::{
    acts::Council,
    charters::{self, report::document},
    store::Error,
};

/// How often it is looked whether something is to be proven that nobody said so of: after a start, or on another node.
const LOOK: Duration = Duration::from_secs(5);
/// How long a proof may take. What is not known by then is not proven.
const TOTAL: Duration = Duration::from_secs(60);
/// How long it is waited before the solver is asked again what it did not know.
const AGAIN: Duration = Duration::from_secs(60);

/// The proofs that go on.
#[derive(Debug, Default)]
pub struct Proving {
    solver: Solver,
    going: Mutex<BTreeMap<ThingId, Going>>,
    wanted: Notify,
}

#[derive(Debug, Clone)]
struct Going {
    progress: Progress,
    /// When it ended; it goes on while there is none.
    ended: Option<Instant>,
    hash: String,
}

impl Proving {
    /// With this solver.
    #[must_use]
    pub fn new(solver: Solver) -> Proving {
        Proving { solver, ..Proving::default() }
    }

    /// Something is to be proven.
    pub fn want(&self) {
        self.wanted.notify_one();
    }

    /// How far the proof of a motion is, if one goes on here.
    #[must_use]
    pub fn progress(&self, id: &ThingId) -> Option<Progress> {
        self.going().get(id).filter(|going| going.ended.is_none()).map(|going| going.progress)
    }

    fn going(&self) -> std::sync::MutexGuard<'_, BTreeMap<ThingId, Going>> {
        self.going.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a motion's proof on, unless it is taken on already.
    fn begin(&self, id: &ThingId, hash: &str) -> bool {
        let mut going = self.going();
        let rests =
            |known: &Going| known.hash == hash && known.ended.is_none_or(|ended| ended.elapsed() < AGAIN);
        if going.get(id).is_some_and(rests) {
            return false;
        }
        let progress = Progress { done: 0, all: 1 };
        going.insert(id.clone(), Going { progress, ended: None, hash: hash.to_owned() });
        true
    }

    fn end(&self, id: &ThingId) {
        if let Some(going) = self.going().get_mut(id) {
            going.ended = Some(Instant::now());
        }
    }
}

/// Puts to the proof whatever waits for it, until the process ends.
pub async fn work(council: Council) {
    loop {
        if let Err(error) = council.prove_amendments().await {
            tracing::warn!(%error, "proofs have to wait");
        }
        let _ = tokio::time::timeout(LOOK, council.proving.wanted.notified()).await;
    }
}

/// An amendment with the charter that it is to be proven against.
struct Task {
    id: ThingId,
    base: Source,
    new: Source,
}

impl Council {
    /// Puts every amendment to the proof that waits for it, one after the other.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn prove_amendments(&self) -> Result<(), Error> {
        for task in self.store.read(waiting).await? {
            let hash = task.new.hash();
            if !self.proving.begin(&task.id, &hash) {
                continue;
            }
            let id = task.id.clone();
            let proven = self.prove_one(task, hash).await;
            self.proving.end(&id);
            if let Err(error) = proven {
                let motion = crate::logs::pseudonym(id.as_str());
                tracing::warn!(motion, %error, "a proof was not taken in");
            }
        }
        Ok(())
    }

    async fn prove_one(&self, task: Task, hash: String) -> Result<(), Error> {
        let (proving, id) = (self.proving.clone(), task.id.clone());
        let base = i64::from(task.base.version);
        let now = self.store.now();
        let proven = tokio::task::spawn_blocking(move || {
            let (old, new) = (Charter::compile(&task.base), Charter::compile(&task.new));
            let (Ok(old), Ok(new)) = (old, new) else { return None };
            let limits = Limits { total: TOTAL, ..Limits::default() };
            let watch = |progress| {
                if let Some(going) = proving.going().get_mut(&task.id) {
                    going.progress = progress;
                }
            };
            let report = prove(Some(&old), &new, &proving.solver, limits, &watch);
            let (blocked, open) = (report.blocked(), report.open());
            let proof = Proof { base, hash, blocked, open, report: document(&report), at: now };
            Some((proof, old, new))
        });
        match proven.await {
            Ok(Some((mut proof, old, new))) => {
                let roster = self.store.roster();
                let told =
                    self.store.read(move |conn| replay::replay(conn, &roster, &old, &new, now)).await?;
                proof.report["replay"] = serde_json::to_value(told)?;
                self.take_proof(id, proof).await
            }
            // What makes no charter is stopped where it would take effect.
            Ok(None) => Ok(()),
            Err(_) => Err(Error::Stopped),
        }
    }
}

/// The amendments that nothing, or nothing of use, is known of: drafts, and carried ones that come upon another charter.
fn waiting(conn: &mut crate::store::Conn) -> Result<Vec<Task>, Error> {
    let sql =
        "select id, body from thing where kind = 'motion' and state in ('drafted', 'carried') order by id";
    let rows = conn.rows(sql, &[])?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let versions = charters::versions(conn)?;
    let mut tasks = Vec::new();
    for row in rows {
        let motion: Motion = row.json(1)?;
        let Some((base, Ok(new))) = amending::outcome(&motion, &versions) else { continue };
        let known = motion.proof().filter(|p| p.base == i64::from(base.version) && p.hash == new.hash());
        // One that is carried is asked about again until something is known: it waits for that.
        let settled =
            known.is_some_and(|p| !p.open || !motion.needs_effect() || amending::is_direct(&motion, &base));
        if !settled {
            tasks.push(Task { id: ThingId(row.text(0)?), base, new });
        }
    }
    Ok(tasks)
}
