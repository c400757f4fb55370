//! What was read and may be answered again, for as long as nothing at all was written in between.
//!
//! There is nothing to invalidate and so nothing to forget: whatever is committed ends all that was kept. What this process
//! commits does so before anybody is told that it is done; what another process commits that has the same file open (an
//! import from the command line) does so within [`LOOK`]. Asking SQLite for each request took a tenth of the time of a
//! server that answers from memory, and all of them stood in line for it. Asking PostgreSQL would cost as much as reading
//! again, so there nothing is kept.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use super::{Address, Conn, DbError, db::Purpose};

/// How often it is looked whether another process has written.
const LOOK: Duration = Duration::from_millis(1);

/// The database as it was at a moment: how much this process has committed, and others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(u64, u64);

/// Counts the commits of this process; its writer does so.
#[derive(Debug, Clone, Default)]
pub(super) struct Commits(Arc<AtomicU64>);

impl Commits {
    pub(super) fn one_more(&self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Sees whether anything was written.
pub(super) struct Watch {
    own: Commits,
    others: Option<Others>,
}

struct Others {
    conn: Mutex<Conn>,
    begun: Instant,
    /// When it was last looked, microseconds since it begun.
    looked: AtomicU64,
    /// What was seen then.
    seen: AtomicU64,
}

impl Watch {
    pub(super) fn open(address: &Address, own: Commits) -> Result<Watch, DbError> {
        let Address::Lite(_) = address else { return Ok(Watch { own, others: None }) };
        let mut conn = Conn::open(address, Purpose::Read)?;
        // It is asked by async threads: better no answer than a wait.
        conn.batch("pragma busy_timeout = 0")?;
        let (begun, looked, seen) = (Instant::now(), AtomicU64::new(0), AtomicU64::new(0));
        let others = Others { conn: Mutex::new(conn), begun, looked, seen };
        others.look();
        Ok(Watch { own, others: Some(others) })
    }

    /// The version of this moment; nothing where it cannot be told.
    pub(super) fn version(&self) -> Option<Version> {
        let others = self.others.as_ref()?;
        let now = u64::try_from(others.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let last = others.looked.load(SeqCst);
        if u128::from(now.saturating_sub(last)) >= LOOK.as_micros()
            && others.looked.compare_exchange(last, now, SeqCst, SeqCst).is_ok()
        {
            others.look();
        }
        Some(Version(self.own.0.load(SeqCst), others.seen.load(SeqCst)))
    }
}

impl Others {
    fn look(&self) {
        let mut conn = self.conn.lock().unwrap_or_else(PoisonError::into_inner);
        // Counts what other connections commit, and nothing is written through this one.
        let row = conn.one("pragma data_version", &[]);
        match row.ok().flatten().and_then(|row| row.int(0).ok()) {
            Some(version) => self.seen.store(version.unsigned_abs(), SeqCst),
            // It cannot be told: better to read again than to answer what is old.
            None => {
                self.seen.fetch_add(1 << 32, SeqCst);
            }
        }
    }
}

/// What was read at one version, within so much room.
pub struct Memo<K, V> {
    kept: Mutex<Kept<K, V>>,
    room: usize,
}

struct Kept<K, V> {
    version: Option<Version>,
    values: HashMap<K, V>,
    size: usize,
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// Keeps values whose sizes sum up to no more than `room`.
    #[must_use]
    pub fn new(room: usize) -> Memo<K, V> {
        Memo { kept: Mutex::new(Kept { version: None, values: HashMap::new(), size: 0 }), room }
    }

    /// What was read under `key` while the database was as it is at `version`.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, version: Option<Version>, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if version.is_none() || kept.version != version {
            return None;
        }
        kept.values.get(key).cloned()
    }

    /// Keeps what was read under `key` after the database was seen at `version`: it may be newer than that and is
    /// then never answered, but it is never older.
    pub fn put(&self, version: Option<Version>, key: K, value: V, size: usize) {
        if version.is_none() || size > self.room {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.version != version || kept.size + size > self.room {
            kept.values.clear();
            kept.size = 0;
            kept.version = version;
        }
        if kept.values.insert(key, value).is_none() {
            kept.size += size;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::args;

    #[test]
    fn any_commit_of_anybody_ends_what_was_kept() {
        let folder = tempfile::tempdir().unwrap();
        let address = Address::Lite(folder.path().join("council.db"));
        let mut writer = Conn::open(&address, Purpose::Write).unwrap();
        writer.batch("create table t (n integer)").unwrap();
        let commits = Commits::default();
        let (watch, memo) = (Watch::open(&address, commits.clone()).unwrap(), Memo::new(10));
        let before = watch.version();
        assert!(before.is_some());
        memo.put(before, "key", 1, 1);
        assert_eq!(memo.get(watch.version(), "key"), Some(1));
        assert_eq!(memo.get(watch.version(), "other"), None);

        writer.exec("insert into t values (?1)", args![1]).unwrap();
        commits.one_more();
        assert_eq!(memo.get(watch.version(), "key"), None);
        // What was read before the commit is not answered after it, even where it is kept only now.
        memo.put(before, "key", 1, 1);
        assert_eq!(memo.get(watch.version(), "key"), None);

        // Another program that has the file open. Our own commit is one of another connection, too, and may be noticed late.
        watch.others.as_ref().unwrap().look();
        memo.put(watch.version(), "key", 2, 1);
        assert_eq!(memo.get(watch.version(), "key"), Some(2));
        let mut other = Conn::open(&address, Purpose::Write).unwrap();
        other.exec("insert into t values (?1)", args![2]).unwrap();
        watch.others.as_ref().unwrap().look();
        assert_eq!(memo.get(watch.version(), "key"), None);
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let (memo, version) = (Memo::new(10), Some(Version(1, 1)));
        memo.put(version, 0, (), 11);
        assert_eq!(memo.get(version, &0), None);
        for key in 1..100 {
            memo.put(version, key, (), 4);
        }
        let kept = (1..100).filter(|key| memo.get(version, key).is_some()).count();
        assert!((1..=2).contains(&kept), "{kept}");
        assert_eq!(memo.get(None, &99), None);
    }
}
