//! The charters of the council: every version that was ever adopted, and which of them is in force (E11).
//!
//! An act is ruled by the version that its own transaction finds in force, on whichever node it runs. What only reads goes by
//! the version that this node last heard of; it hears of a new one with the bell that rings for whoever reads differently by
//! it.

pub mod report;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use noroshi_charter::{Amendment, Charter, Conflict, Earlier, Flaw, Parameters, Source, Wording};
use noroshi_council::{Law, Micros, ThingId};
use tokio::sync::broadcast::error::RecvError;

use crate::{
    app::AppError,
    args,
    store::{
        Address, Conn, DbError, Error, Row, Rung, Store, Tx, Value,
        act::{Laws, Ruling},
        db::Purpose,
    },
    words::Words,
};

/// One version, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its texts.
    pub source: Source,
    /// Their hash.
    pub hash: String,
    /// What the assembly carried it by; none for the one that the council began with.
    pub motion: Option<ThingId>,
    /// When it was adopted.
    pub adopted_at: Micros,
    /// Since when it rules; none before that.
    pub in_force_at: Option<Micros>,
}

const COLUMNS: &str =
    "version, profile, policies, schema, articles, parameters, hash, motion, adopted_at, in_force_at";

impl Version {
    fn of(row: &Row) -> Result<Version, DbError> {
        let version = u32::try_from(row.int(0)?).map_err(|_| DbError::Stored("charter version".into()))?;
        let source = Source {
            version,
            profile: row.text(1)?,
            policies: row.text(2)?,
            schema: row.text(3)?,
            articles: row.text(4)?,
            parameters: row.text(5)?,
        };
        Ok(Version {
            source,
            hash: row.text(6)?,
            motion: row.opt_text(7)?.map(ThingId),
            adopted_at: row.int(8)?,
            in_force_at: row.opt_int(9)?,
        })
    }
}

/// Every version, oldest first.
///
/// # Errors
/// Fails as the database does.
pub fn versions(conn: &mut Conn) -> Result<Vec<Version>, DbError> {
    let rows = conn.rows(&format!("select {COLUMNS} from charter order by version"), &[])?;
    rows.iter().map(Version::of).collect()
}

/// Which version is in force; zero where there is none yet.
fn newest(conn: &mut Conn) -> Result<i64, DbError> {
    let sql = "select coalesce(max(version), 0) from charter where in_force_at is not null";
    conn.one(sql, &[])?.map_or(Ok(0), |row| row.int(0))
}

/// How often it is looked which charter is in force where nobody rings: another process may have the same file open.
const LOOK: Duration = Duration::from_secs(5);

/// A charter with what was in force before it.
struct InForce {
    charter: Arc<Charter>,
    ruling: Ruling,
}

/// The charters of a council.
pub struct Charters {
    known: RwLock<Arc<InForce>>,
    /// What earlier versions still protect, by their hashes.
    earlier: Mutex<HashMap<String, Arc<dyn Law + Send + Sync>>>,
    /// What the charter in force calls things.
    words: Arc<Words>,
}

/// The flaws of a version, told for whoever runs the server.
fn flawed(version: u32, flaws: &[Flaw]) -> AppError {
    AppError::Charter(flaws.iter().map(|flaw| format!("version {version}: {flaw}")).collect())
}

impl Charters {
    /// The charters of the council in `store`; one that has none begins with `profile`.
    ///
    /// # Errors
    /// Tells every flaw of the charter in force, and fails as the database does.
    pub fn open(store: &Store, profile: &str) -> Result<Arc<Charters>, AppError> {
        // On a thread of its own, because this may be called from an async one and opening waits.
        let opened = std::thread::scope(|scope| scope.spawn(|| Charters::open_here(store, profile)).join());
        opened.unwrap_or(Err(AppError::Store(Error::Stopped)))
    }

    fn open_here(store: &Store, profile: &str) -> Result<Arc<Charters>, AppError> {
        let mut conn = store.connect().map_err(Error::from)?;
        let first = Source::embedded(profile).ok_or_else(|| AppError::NoCharter(profile.to_owned()))?;
        alone(&mut conn, |conn| begin(conn, &first, store.now()))?;
        let earlier = Mutex::new(HashMap::new());
        let known = match load(&mut conn, &earlier) {
            Err(AppError::Charter(_)) => {
                alone(&mut conn, |conn| complete(conn, store.now()))?;
                load(&mut conn, &earlier)?
            }
            loaded => loaded?,
        };
        let words = Arc::new(Words::new(known.charter.parameters()));
        Ok(Arc::new(Charters { known: RwLock::new(Arc::new(known)), earlier, words }))
    }

    fn known(&self) -> Arc<InForce> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The charter in force, as this node last heard.
    #[must_use]
    pub fn current(&self) -> Arc<Charter> {
        self.known().charter.clone()
    }

    /// What it calls things.
    #[must_use]
    pub fn words(&self) -> &Arc<Words> {
        &self.words
    }

    /// The same, as the rules ask it.
    #[must_use]
    pub fn ruling(&self) -> Ruling {
        self.known().ruling.clone()
    }

    /// Goes with the law: whenever the bell says that another charter is in force, this node reads it.
    pub async fn follow(self: Arc<Charters>, store: Store) {
        let mut bell = store.listen();
        loop {
            let looks = match tokio::time::timeout(LOOK, bell.recv()).await {
                // Empty where this node does not know what changed.
                Ok(Ok(bell)) => {
                    bell.rung.is_empty() || bell.rung.iter().any(|(r, _)| matches!(r, Rung::Law { .. }))
                }
                Ok(Err(RecvError::Lagged(_))) | Err(_) => true,
                Ok(Err(RecvError::Closed)) => return,
            };
            if looks {
                let own = self.clone();
                if let Err(error) = store.read(move |conn| own.refresh(conn)).await {
                    tracing::error!(%error, "the charter in force cannot be read");
                }
            }
        }
    }

    /// Looks which charter is in force. Says whether it is another one than before.
    ///
    /// # Errors
    /// Fails as the database does, and where the charter in force is none for this software.
    pub fn refresh(&self, conn: &mut Conn) -> Result<bool, Error> {
        if newest(conn)? == self.known().ruling.version {
            return Ok(false);
        }
        let fresh = load(conn, &self.earlier).map_err(unreadable)?;
        self.words.follow(fresh.charter.parameters());
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(true)
    }
}

fn unreadable(error: AppError) -> Error {
    match error {
        AppError::Store(error) => error,
        other => DbError::Stored(other.to_string()).into(),
    }
}

impl Laws for Charters {
    fn in_force(&self, conn: &mut Conn) -> Result<Ruling, Error> {
        let known = self.known();
        if newest(conn)? == known.ruling.version {
            return Ok(known.ruling.clone());
        }
        // Not for the other readers of this node yet: what put it in force may still be undone.
        Ok(load(conn, &self.earlier).map_err(unreadable)?.ruling)
    }
}

/// What is done to the charters as one, whichever node starts first.
fn alone<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, AppError>) -> Result<T, AppError> {
    let lock = if conn.is_pg() { "begin; select pg_advisory_xact_lock(70341)" } else { "begin immediate" };
    conn.batch(lock).map_err(Error::from)?;
    let done = work(conn);
    conn.batch(if done.is_ok() { "commit" } else { "rollback" }).map_err(Error::from)?;
    done
}

/// Writes down what the council begins with, if it has nothing yet. A council that has never amended its charter goes with
/// the profile that the software brings: it is the same charter in its present edition. Nothing is written down that does not
/// hold together.
fn begin(conn: &mut Conn, first: &Source, now: Micros) -> Result<(), AppError> {
    let versions = versions(conn).map_err(Error::from)?;
    let source = match versions.last() {
        None => first.clone(),
        Some(last) if versions.iter().all(|v| v.motion.is_none()) => {
            let Some(edition) = Source::embedded(&last.source.profile) else { return Ok(()) };
            if edition.hash() == last.hash {
                return Ok(());
            }
            Source { version: last.source.version + 1, ..edition }
        }
        Some(_) => return Ok(()),
    };
    Charter::compile(&source).map_err(|flaws| flawed(source.version, &flaws))?;
    conn.exec(INSERT, &row(&source, None, now, now)).map_err(Error::from)?;
    Ok(())
}

/// Writes down what an amended charter becomes that this software cannot live by: see [`kept_up`].
fn complete(conn: &mut Conn, now: Micros) -> Result<(), AppError> {
    let versions = versions(conn).map_err(Error::from)?;
    let last = versions.last().ok_or_else(|| AppError::NoCharter(String::new()))?;
    // Another node may have done it meanwhile.
    let Err(flaws) = Charter::compile(&last.source) else { return Ok(()) };
    let version = last.source.version;
    let Some(edition) = Source::embedded(&last.source.profile) else { return Err(flawed(version, &flaws)) };
    let source = kept_up(&versions, last, &edition).map_err(|flaws| flawed(version, &flaws))?;
    Charter::compile(&source).map_err(|flaws| flawed(version, &flaws))?;
    let lacked = flaws.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    tracing::warn!(version = source.version, lacked, "the charter is completed for this software");
    conn.exec(INSERT, &row(&source, None, now, now)).map_err(Error::from)?;
    Ok(())
}

/// What an amended charter, the `last` of `versions`, becomes where this software asks for more than it says. Its parameters
/// and whatever the assembly has ever changed stay; the rest is as in the `edition` that comes with this software.
fn kept_up(versions: &[Version], last: &Version, edition: &Source) -> Result<Source, Vec<Flaw>> {
    let own = || -> Result<Amendment, Flaw> {
        let mut own = Amendment::default();
        for (before, after) in versions.iter().zip(versions.iter().skip(1)) {
            if after.motion.is_some() {
                own = own.then(Amendment::between(&before.source, &after.source)?);
            }
        }
        own.then(Amendment::standing(&last.source)?).within(edition)
    };
    let lost = |places: Vec<Conflict>| {
        let message = |place| format!("{place:?} cannot be kept");
        let flaw = |place| Flaw { part: "parameters", article: None, line: None, message: message(place) };
        places.into_iter().map(flaw).collect::<Vec<_>>()
    };
    own().map_err(|flaw| vec![flaw])?.apply(edition, last.source.version + 1).map_err(lost)
}

/// Writes down what a council is founded with, in the transaction that founds it. Another profile that lies there from before
/// any council did is followed by this one.
///
/// # Errors
/// Fails as the database does.
pub(crate) fn found(tx: &mut Tx<'_>, first: &Source) -> Result<(), DbError> {
    let last = tx.one("select version, profile from charter order by version desc limit 1", &[])?;
    let version = match last {
        Some(row) if row.str(1)? == first.profile => return Ok(()),
        Some(row) => row.int(0)? + 1,
        None => 1,
    };
    let version = u32::try_from(version).map_err(|_| DbError::Stored("charter version".into()))?;
    let now = tx.now();
    tx.exec(INSERT, &row(&Source { version, ..first.clone() }, None, now, now))?;
    Ok(())
}

/// The profile that the council in a database follows, with its parameters; nothing where there is none yet, or none that can
/// be read.
#[must_use]
pub fn followed(address: &Address) -> Option<(String, Parameters)> {
    let mut conn = Conn::open(address, Purpose::Read).ok()?;
    let last = versions(&mut conn).ok()?.into_iter().rfind(|v| v.in_force_at.is_some())?.source;
    let parameters = Wording::of(&last).ok()?.parameters;
    Some((last.profile, parameters))
}

const INSERT: &str =
    "insert into charter (version, profile, policies, schema, articles, parameters, hash, motion, adopted_at,
     in_force_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

fn row<'a>(
    source: &'a Source,
    motion: Option<&'a ThingId>,
    adopted_at: Micros,
    in_force_at: Micros,
) -> Vec<Value<'a>> {
    args![
        source.version,
        &source.profile,
        &source.policies,
        &source.schema,
        &source.articles,
        &source.parameters,
        source.hash(),
        motion,
        adopted_at,
        in_force_at
    ]
    .to_vec()
}

/// Puts in force what the assembly carried by `motion`.
///
/// # Errors
/// Fails as the database does, also where it is not the version after the last.
pub(crate) fn put(
    tx: &mut Tx<'_>,
    source: &Source,
    motion: &ThingId,
    adopted_at: Micros,
    in_force_at: Micros,
) -> Result<(), DbError> {
    tx.exec(INSERT, &row(source, Some(motion), adopted_at, in_force_at))?;
    Ok(())
}

fn load(
    conn: &mut Conn,
    earlier: &Mutex<HashMap<String, Arc<dyn Law + Send + Sync>>>,
) -> Result<InForce, AppError> {
    let mut all = versions(conn).map_err(Error::from)?;
    all.retain(|v| v.in_force_at.is_some());
    let last = all.pop().ok_or_else(|| AppError::NoCharter(String::new()))?;
    let charter = Charter::compile(&last.source).map_err(|flaws| flawed(last.source.version, &flaws))?;
    let charter = Arc::new(charter);
    let mut versions: BTreeMap<i64, Arc<dyn Law + Send + Sync>> = BTreeMap::new();
    for version in all {
        let known = earlier.lock().unwrap_or_else(PoisonError::into_inner).get(&version.hash).cloned();
        let law = match known {
            Some(law) => law,
            None => {
                let compiled = Earlier::compile(&version.source);
                let law = compiled.map_err(|flaws| flawed(version.source.version, &flaws))?;
                let law: Arc<dyn Law + Send + Sync> = Arc::new(law);
                earlier
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(version.hash.clone(), law.clone());
                law
            }
        };
        versions.insert(i64::from(version.source.version), law);
    }
    let law: Arc<dyn Law + Send + Sync> = charter.clone();
    let ruling = Ruling {
        law,
        whole: charter.clone(),
        terms: charter.terms(),
        charter: charter.seal().into(),
        version: i64::from(charter.version()),
        versions: Arc::new(versions),
    };
    Ok(InForce { charter, ruling })
}
