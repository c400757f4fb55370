//! Where the council's memory is kept. The only room that knows there is a database.
//!
//! * Reading goes through [`Reader`], which cannot be made without naming who reads.
//! * Writing goes through [`Act`], which records events in the journal, the state, the views and the outbox in one
//!   transaction. All writes of a node pass one writer, which commits whatever has queued up meanwhile in one go (group
//!   commit), so that durability costs one flush for many acts.
//! * After a commit the [`Bell`] rings: it says which audiences have something new, and carries no content.

pub mod act;
pub mod applicant;
pub mod audience;
pub mod db;
mod feed;
pub mod identity;
pub mod journal;
mod later;
pub mod memo;
mod migrate;
pub mod objects;
mod pair;
pub mod pg;
mod pool;
pub mod read;
pub mod roster;
mod seen;
mod tx;
mod value;
mod writer;

use std::sync::{Arc, Mutex, OnceLock};

use noroshi_council::{Micros, OrgId, PersonId, Refusal, Roster, ThingId};
use tokio::sync::broadcast;

pub use act::{Act, Outgoing};
pub use db::{Address, Conn, DbError, Row, Value};
pub use read::{LayerView, Reader, ThingView, unseen};
pub use tx::Tx;

/// What the store can answer instead of what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules said no.
    #[error("refused: {}", .0.clause.as_str())]
    Refused(Refusal),
    /// There is no such thing, or this reader may not know that there is.
    #[error("not found")]
    NotFound,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The writer has stopped after a failed commit; nothing is acknowledged any more until a restart.
    #[error("the store has stopped after a failed commit")]
    Stopped,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::Refused(refusal)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Error {
        Error::Db(error.into())
    }
}

/// For whom the bell rings.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Rung {
    /// Everybody in an audience.
    Audience(i64),
    /// One organisation.
    Org(OrgId),
    /// Everybody, in a way: another charter is in force.
    Law {
        /// Its version.
        charter: i64,
    },
    /// Nobody of this organisation, or not this person of it, may listen on as it does: what it listens to ends.
    Ended {
        /// The organisation.
        org: OrgId,
        /// The person; everybody where there is none.
        person: Option<PersonId>,
    },
}

/// Rings after a commit: these have something new to read. Everybody who hears it reads again as itself.
#[derive(Debug, Clone)]
pub struct Bell {
    /// For whom, each with the moment of its change, which its readers see as the moment of what they read. Empty where
    /// this node does not know what changed: everybody looks again.
    pub rung: Arc<[(Rung, Micros)]>,
}

/// How many read at once. SQLite works in this process, so that more than twice the processors would only cost the memory
/// of their caches; PostgreSQL is waited for.
fn readers_at_once(address: &Address) -> usize {
    const MOST: usize = 8;
    match address {
        Address::Lite(_) => {
            std::thread::available_parallelism().map_or(MOST, |n| (2 * n.get()).clamp(4, MOST))
        }
        Address::Pg(_) => MOST,
    }
}

/// Tells the time, in unix microseconds.
pub type Clock = Arc<dyn Fn() -> Micros + Send + Sync>;

/// A handle on the council's memory; cheap to clone.
#[derive(Clone)]
pub struct Store {
    address: Address,
    writer: writer::Handle,
    readers: Arc<pool::Pool>,
    bell: broadcast::Sender<Bell>,
    roster: Arc<Mutex<(i64, Arc<Roster>)>>,
    watch: Arc<memo::Watch>,
    clock: Clock,
    alarm: Arc<OnceLock<Box<dyn Fn() + Send + Sync>>>,
}

impl Store {
    /// Opens the database, brings its tables up to date and starts the writer.
    ///
    /// # Errors
    /// Fails where the database cannot be reached or was written by a newer version.
    pub fn open(address: &Address, clock: Clock) -> Result<Store, Error> {
        // On a thread of its own, because this may be called from an async one and opening waits.
        std::thread::scope(|scope| scope.spawn(|| Store::open_here(address, clock)).join())
            .unwrap_or(Err(Error::Stopped))
    }

    fn open_here(address: &Address, clock: Clock) -> Result<Store, Error> {
        let mut conn = Conn::open(address, db::Purpose::Write)?;
        migrate::migrate(&mut conn)?;
        let (bell, _) = broadcast::channel(1024);
        let commits = memo::Commits::default();
        let writer = writer::start(address.clone(), conn, bell.clone(), clock.clone(), commits.clone())?;
        let readers = Arc::new(pool::Pool::new(address.clone(), readers_at_once(address)));
        let store = Store {
            address: address.clone(),
            writer,
            readers,
            bell,
            roster: Arc::new(Mutex::new((-1, Arc::new(Roster::default())))),
            watch: Arc::new(memo::Watch::open(address, commits)?),
            clock,
            alarm: Arc::default(),
        };
        store.readers.with(|conn| store.refresh_roster(conn).map(|_| ()))?;
        Ok(store)
    }

    /// Calls this whenever a stored audience lets somebody read what the rules do not: for a counter. The first to say so
    /// is called.
    pub fn on_alarm(&self, call: impl Fn() + Send + Sync + 'static) {
        let _ = self.alarm.set(Box::new(call));
    }

    fn alarm(&self, thing: &ThingId) {
        let thing = crate::logs::pseudonym(thing.as_str());
        tracing::error!(thing, "a stored audience and the rules disagree: not shown");
        if let Some(call) = self.alarm.get() {
            call();
        }
    }

    /// A connection of its own, for what is done before anything is served.
    ///
    /// # Errors
    /// Fails where the database cannot be reached.
    pub fn connect(&self) -> Result<Conn, DbError> {
        Conn::open(&self.address, db::Purpose::Write)
    }

    /// Which database this is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// The database as it is at this moment, for a [`memo::Memo`]; nothing where that cannot be told cheaply.
    #[must_use]
    pub fn version(&self) -> Option<memo::Version> {
        self.watch.version()
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Micros {
        (self.clock)()
    }

    /// What tells it.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Hears the bell from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Bell> {
        self.bell.subscribe()
    }

    /// Runs `body` on a read connection, off the async threads.
    ///
    /// # Errors
    /// Fails as `body` does.
    pub async fn read<T: Send + 'static>(
        &self,
        body: impl FnOnce(&mut Conn) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let readers = self.readers.clone();
        match tokio::task::spawn_blocking(move || readers.with(body)).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::Stopped),
        }
    }

    /// The same, against one unchanging picture of the database: for what is read in several steps.
    ///
    /// # Errors
    /// Fails as `body` does.
    pub async fn snapshot<T: Send + 'static>(
        &self,
        body: impl FnOnce(&mut Conn) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.read(move |conn| conn.snapshot(body)).await
    }

    /// Runs `body` in a savepoint of the writer's next transaction and answers once that is durable. What `body` changed
    /// before it failed is undone.
    ///
    /// # Errors
    /// Fails as `body` does, or where the commit does.
    pub async fn write<T: Send + 'static>(
        &self,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer.run(|tx| tx.attempt(body)).await
    }

    /// Answers when the writer has stopped for good, so that the process can end.
    pub async fn stopped(&self) {
        self.writer.stopped().await;
    }

    /// The membership as last committed.
    ///
    /// # Errors
    /// Fails where the database does.
    pub fn refresh_roster(&self, conn: &mut Conn) -> Result<Arc<Roster>, Error> {
        let rev = roster::revision(conn)?;
        {
            let known = self.roster.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if known.0 == rev {
                return Ok(known.1.clone());
            }
        }
        let fresh = Arc::new(roster::load(conn)?);
        *self.roster.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = (rev, fresh.clone());
        Ok(fresh)
    }

    /// The membership as this node last read it; acts always read it anew.
    #[must_use]
    pub fn roster(&self) -> Arc<Roster> {
        self.roster.lock().unwrap_or_else(std::sync::PoisonError::into_inner).1.clone()
    }
}
