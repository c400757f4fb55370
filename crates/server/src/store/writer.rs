//! The one writer of a node: takes acts from a queue, runs each in a savepoint, commits them together, then answers.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    time::Duration,
};

use noroshi_council::Micros;
use tokio::sync::{broadcast, oneshot, watch};

use super::{Address, Bell, Clock, Conn, DbError, Error, Rung, Tx, db::Purpose, memo::Commits, tx::Known};
use crate::args;

/// How many acts one transaction takes at most. At 512 the flush is long paid for, and none waits longer than a few
/// milliseconds for the others.
const BATCH: usize = 512;
/// How many acts may wait; the next is told that the server is busy.
const QUEUE: usize = 8192;

/// How many bells one notice of PostgreSQL carries: it takes 8000 bytes, and an organisation's id less than a hundred.
const NOTICE: usize = 64;

/// An act that waits for its transaction, and then for the commit.
trait Job: Send {
    /// Runs it.
    ///
    /// # Errors
    /// Fails where the whole transaction has to: where the connection is lost, and where an act fails that has no way back
    /// of its own. Anything else is this act's own affair.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), DbError>;

    /// Answers whoever asked for it.
    fn finish(self: Box<Self>, committed: Result<(), Error>);
}

struct Asked<T, F> {
    body: Option<F>,
    answer: Result<T, Error>,
    send: oneshot::Sender<Result<T, Error>>,
}

impl<T: Send, F: FnOnce(&mut Tx<'_>) -> Result<T, Error> + Send> Job for Asked<T, F> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let Some(body) = self.body.take() else { return Ok(()) };
        self.answer = body(tx);
        match &self.answer {
            Err(Error::Db(DbError::Settled(what))) => Err(DbError::Settled(what.clone())),
            Err(Error::Db(error)) if error.is_disconnect() => {
                Err(DbError::Address("the connection was lost".into()))
            }
            _ => Ok(()),
        }
    }

    fn finish(self: Box<Self>, committed: Result<(), Error>) {
        let _ = self.send.send(committed.and(self.answer));
    }
}

#[derive(Clone)]
pub(super) struct Handle {
    queue: SyncSender<Box<dyn Job>>,
    stopped: watch::Receiver<bool>,
}

impl Handle {
    /// Runs `body` in the next transaction. What it changed before it failed has to be undone by itself: see
    /// [`Tx::attempt`].
    pub(super) async fn run<T: Send + 'static>(
        &self,
        body: impl FnOnce(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (send, receive) = oneshot::channel();
        let job = Box::new(Asked { body: Some(body), answer: Err(Error::Stopped), send });
        match self.queue.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(job)) => {
                // The queue is full: wait for a place off the async threads rather than refuse a burst.
                let queue = self.queue.clone();
                tokio::task::spawn_blocking(move || queue.send(job))
                    .await
                    .map_err(|_| Error::Stopped)?
                    .map_err(|_| Error::Stopped)?;
            }
            Err(TrySendError::Disconnected(_)) => return Err(Error::Stopped),
        }
        receive.await.map_err(|_| Error::Stopped)?
    }

    pub(super) async fn stopped(&self) {
        let mut stopped = self.stopped.clone();
        let _ = stopped.wait_for(|s| *s).await;
    }
}

pub(super) fn start(
    address: Address,
    conn: Conn,
    bell: broadcast::Sender<Bell>,
    clock: Clock,
    commits: Commits,
) -> Result<Handle, Error> {
    let (queue, jobs) = sync_channel(QUEUE);
    let (stop, stopped) = watch::channel(false);
    if let Address::Pg(url) = &address {
        listen(url.clone(), bell.clone())?;
    }
    std::thread::Builder::new()
        .name("writer".into())
        .spawn(move || {
            Writer { address, conn, known: Known::default(), bell, clock, commits }.serve(&jobs);
            let _ = stop.send(true);
        })
        .map_err(|e| DbError::Address(e.to_string()))?;
    Ok(Handle { queue, stopped })
}

struct Writer {
    address: Address,
    conn: Conn,
    known: Known,
    bell: broadcast::Sender<Bell>,
    clock: Clock,
    commits: Commits,
}

impl Writer {
    fn serve(mut self, jobs: &Receiver<Box<dyn Job>>) {
        while let Ok(first) = jobs.recv() {
            match self.batch(first, jobs) {
                Ok(()) => {}
                Err(error) if error.is_disconnect() || matches!(error, DbError::Address(_)) => {
                    tracing::warn!(%error, "the database went away");
                    self.reconnect();
                }
                Err(error @ DbError::Settled(_)) => {
                    tracing::error!(%error, "a transaction was undone");
                }
                Err(error) => {
                    // A commit that failed may or may not be on disk: whoever goes on acknowledging now lies.
                    tracing::error!(%error, "a commit failed; this process stops writing");
                    return;
                }
            }
        }
    }

    fn batch(&mut self, first: Box<dyn Job>, jobs: &Receiver<Box<dyn Job>>) -> Result<(), DbError> {
        let mut finished: Vec<Box<dyn Job>> = Vec::new();
        let answer = self.transaction(first, jobs, &mut finished);
        // Also where it failed: it may be on disk nonetheless.
        self.commits.one_more();
        match answer {
            Ok(bell) => {
                for job in finished {
                    job.finish(Ok(()));
                }
                if let Some(bell) = bell {
                    let _ = self.bell.send(bell);
                }
                Ok(())
            }
            Err(error) => {
                let _ = self.conn.batch("rollback");
                self.known.forget();
                for job in finished {
                    job.finish(Err(Error::Stopped));
                }
                Err(error)
            }
        }
    }

    fn transaction(
        &mut self,
        first: Box<dyn Job>,
        jobs: &Receiver<Box<dyn Job>>,
        finished: &mut Vec<Box<dyn Job>>,
    ) -> Result<Option<Bell>, DbError> {
        let pg = self.conn.is_pg();
        // Acts of all nodes stand in one line, so that the journal is one chain and moments rise for everybody.
        self.conn.batch(if pg { "begin; select pg_advisory_xact_lock(70341)" } else { "begin immediate" })?;
        let mut at = self.known.begin(&mut self.conn)?;
        let mut rung = HashMap::with_hasher(foldhash::fast::RandomState::default());
        let mut bell = Vec::new();
        let mut next = Some(first);
        while let Some(mut job) = next {
            at = (self.clock)().max(at + 1);
            let mut tx = Tx::new(&mut self.conn, &mut self.known, at, &mut bell);
            let ran = job.run(&mut tx);
            at = tx.now();
            finished.push(job);
            ran?;
            rung.extend(bell.drain(..));
            next = if finished.len() < BATCH { jobs.try_recv().ok() } else { None };
        }
        self.known.write(&mut self.conn)?;
        self.conn.exec("update clock set at = ?1 where one = 1", args![at])?;
        let bell = (!rung.is_empty()).then(|| Bell { rung: rung.into_iter().collect() });
        if pg && let Some(bell) = &bell {
            for part in bell.rung.chunks(NOTICE) {
                self.conn.exec("select pg_notify('bell', ?1)", args![serde_json::to_string(part)?])?;
            }
        }
        self.conn.batch("commit")?;
        self.known.committed(at);
        // On PostgreSQL every node, this one too, hears the notice.
        Ok(if pg { None } else { bell })
    }

    fn reconnect(&mut self) {
        loop {
            std::thread::sleep(Duration::from_millis(300));
            if let Ok(conn) = Conn::open(&self.address, Purpose::Write) {
                self.conn = conn;
                return;
            }
        }
    }
}

/// Hears what other nodes committed.
fn listen(url: String, bell: broadcast::Sender<Bell>) -> Result<(), Error> {
    let connect = move || -> Result<postgres::Client, DbError> {
        let mut client = super::pg::connect(&url.parse()?)?;
        client.batch_execute("listen bell")?;
        Ok(client)
    };
    let mut client = connect()?;
    std::thread::Builder::new()
        .name("bell".into())
        .spawn(move || {
            use postgres::fallible_iterator::FallibleIterator;
            loop {
                {
                    let mut notices = client.notifications();
                    let mut notices = notices.blocking_iter();
                    while let Ok(Some(notice)) = notices.next() {
                        if let Ok(rung) = serde_json::from_str::<Vec<(Rung, Micros)>>(notice.payload()) {
                            let _ = bell.send(Bell { rung: rung.into() });
                        }
                    }
                }
                loop {
                    std::thread::sleep(Duration::from_millis(300));
                    if let Ok(fresh) = connect() {
                        client = fresh;
                        // Whatever was missed: everybody looks again.
                        let _ = bell.send(Bell { rung: Arc::from([]) });
                        break;
                    }
                }
            }
        })
        .map_err(|e| DbError::Address(e.to_string()))?;
    Ok(())
}
