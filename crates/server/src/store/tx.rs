//! A transaction as an act uses it, and what is remembered from one to the next.

use std::{
    any::Any,
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use noroshi_council::{Micros, OrgId, Roster, ThingId, gate::Principal};

use super::{
    Conn, DbError, Error, Rung, Value,
    act::{Laws, Ruling},
    audience,
    later::Later,
    objects::{Ids, Lane},
    roster,
    seen::Seen,
};

/// How many things the writer remembers. A burst is about one or two.
const THINGS: usize = 64;
/// How many audiences it remembers, each of them a set of everybody in it.
const AUDIENCES: usize = 64;

/// What the writer remembers of the database, so that the acts of a burst do not each read it anew. Dropped whenever
/// something is undone.
#[derive(Default)]
pub(super) struct Known {
    /// The moment of the last act, for as long as nobody else has written.
    end: Option<Micros>,
    /// What others had written when this transaction began: see [`Conn::others`].
    others: Option<i64>,
    /// The hash of the journal's last line.
    line: Option<String>,
    /// What this transaction has not written yet.
    later: Later,
    roster: Option<(i64, Arc<Roster>)>,
    /// Who coordinates by that membership: among thousands it takes long to find out.
    coordinator: Option<OrgId>,
    /// Whether that is the membership still.
    roster_holds: bool,
    /// Whether this transaction has changed it and nobody has read it since.
    roster_moved: bool,
    things: HashMap<ThingId, (i64, Arc<dyn Any + Send + Sync>)>,
    ids: Ids,
    /// Where the objects of an act before this one were put.
    lane: Option<Arc<Lane>>,
    /// Who is in the audiences that were asked for last: they never change, and may be a thousand.
    audiences: HashMap<i64, Arc<BTreeSet<Principal>>>,
    seen: Seen,
    /// The charter in force, as these laws have it.
    ruling: Option<(Arc<dyn Laws>, Arc<Ruling>)>,
}

impl Known {
    /// A transaction has begun. Answers the moment of the last act of anybody. What was remembered holds if nobody else has
    /// written since: no other node, and no other process that has the same file open.
    ///
    /// # Errors
    /// Fails as the database does.
    pub(super) fn begin(&mut self, conn: &mut Conn) -> Result<Micros, DbError> {
        let others = conn.others()?;
        if let Some(end) = self.end
            && others.is_some()
            && others == self.others
        {
            return Ok(end);
        }
        self.others = others;
        self.end = None;
        self.line = None;
        self.roster_holds = false;
        self.seen.forget_things();
        self.ruling = None;
        let row = conn.one("select at from clock where one = 1", &[])?;
        row.map_or(Ok(0), |row| row.int(0))
    }

    /// Writes what has waited, before the commit.
    ///
    /// # Errors
    /// Fails as the database does.
    pub(super) fn write(&mut self, conn: &mut Conn) -> Result<(), DbError> {
        self.later.write(conn)
    }

    /// The transaction is committed.
    pub(super) fn committed(&mut self, at: Micros) {
        self.end = Some(at);
        self.roster_moved = false;
    }

    /// Something was undone.
    pub(super) fn forget(&mut self) {
        let mut ids = std::mem::take(&mut self.ids);
        ids.forget();
        *self = Known { ids, others: self.others, ..Known::default() };
    }
}

/// How what an act changes is undone if it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undo {
    /// Nothing was changed yet, or nothing is attempted.
    Nothing,
    /// Nothing was changed yet; before the first change there has to be a savepoint.
    Savepoint,
    /// To the savepoint.
    ToSavepoint,
    /// With the whole transaction.
    All,
}

/// A transaction, as one act uses it.
pub struct Tx<'c> {
    conn: &'c mut Conn,
    known: &'c mut Known,
    at: Micros,
    bell: &'c mut Vec<(Rung, Micros)>,
    undo: Undo,
    founding: bool,
}

impl<'c> Tx<'c> {
    /// An act's part of a transaction, at a moment of its own; `bell` takes for whom it rings.
    pub(super) fn new(
        conn: &'c mut Conn,
        known: &'c mut Known,
        at: Micros,
        bell: &'c mut Vec<(Rung, Micros)>,
    ) -> Tx<'c> {
        Tx { conn, known, at, bell, undo: Undo::Nothing, founding: false }
    }

    /// The moment of this act: strictly later than that of any act before it, on any node.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.at
    }

    /// A moment of its own for one more row: a microsecond after the last.
    pub fn tick(&mut self) -> Micros {
        self.at += 1;
        self.at
    }

    /// Will ring for these once the act is durable.
    pub fn ring(&mut self, rung: Rung) {
        self.bell.push((rung, self.at));
    }

    /// The membership at this moment.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn roster(&mut self) -> Result<Arc<Roster>, DbError> {
        if let (true, Some((_, roster))) = (self.known.roster_holds, &self.known.roster) {
            return Ok(roster.clone());
        }
        self.known.roster_moved = false;
        let rev = roster::revision(self.conn()?)?;
        let roster = match &self.known.roster {
            Some((known, roster)) if *known == rev => roster.clone(),
            _ => {
                let roster = Arc::new(roster::load(self.conn()?)?);
                self.known.coordinator = roster.coordinator().map(|org| org.id.clone());
                roster
            }
        };
        self.known.roster = Some((rev, roster.clone()));
        self.known.roster_holds = true;
        Ok(roster)
    }

    /// The organisation that coordinates at this moment.
    ///
    /// # Errors
    /// Fails as the database does.
    pub(super) fn coordinator(&mut self) -> Result<Option<OrgId>, DbError> {
        self.roster()?;
        Ok(self.known.coordinator.clone())
    }

    /// The membership has been changed by this act. Answers whether that is new: since its revision rose last, somebody has
    /// read it, or another transaction has begun.
    pub(super) fn roster_changed(&mut self) -> bool {
        self.known.roster_holds = false;
        !std::mem::replace(&mut self.known.roster_moved, true)
    }

    /// A council is being founded by this act: nothing was there before, and nobody listens.
    pub fn founds(&mut self) {
        self.founding = true;
    }

    /// Whether it is.
    pub(super) fn is_founding(&self) -> bool {
        self.founding
    }

    /// The charter in force at this moment.
    pub(super) fn ruling(&mut self, laws: &Arc<dyn Laws>) -> Result<Arc<Ruling>, Error> {
        if let Some((of, ruling)) = &self.known.ruling
            && Arc::ptr_eq(of, laws)
        {
            return Ok(ruling.clone());
        }
        let ruling = Arc::new(laws.in_force(self.conn()?)?);
        self.known.ruling = Some((laws.clone(), ruling.clone()));
        Ok(ruling)
    }

    /// A charter has been put in force by this act.
    pub(super) fn law_changed(&mut self) {
        self.known.ruling = None;
    }

    /// The hash of the journal's last line; empty before the first.
    pub(super) fn last_line(&mut self) -> Result<String, DbError> {
        match self.known.line.take() {
            Some(line) => Ok(line),
            None => self
                .conn()?
                .one("select hash from journal order by seq desc limit 1", &[])?
                .map_or(Ok(String::new()), |row| row.text(0)),
        }
    }

    pub(super) fn set_last_line(&mut self, hash: String) {
        self.known.line = Some(hash);
    }

    /// The body of a thing at a revision, read by `read` where it is not remembered.
    pub(super) fn known_thing<T: Any + Send + Sync>(
        &mut self,
        id: &ThingId,
        rev: i64,
        read: impl FnOnce(&mut Conn) -> Result<T, DbError>,
    ) -> Result<Arc<T>, DbError> {
        if let Some((known, thing)) = self.known.things.get(id)
            && *known == rev
            && let Ok(thing) = thing.clone().downcast::<T>()
        {
            return Ok(thing);
        }
        let thing = Arc::new(read(self.conn()?)?);
        if self.known.things.len() >= THINGS {
            self.known.things.clear();
        }
        self.known.things.insert(id.clone(), (rev, thing.clone()));
        Ok(thing)
    }

    /// The revision of a thing of which a reader of one of these names sees something; `ask` asks the database for it.
    pub(super) fn rev_seen(
        &mut self,
        id: &ThingId,
        kind: &'static str,
        names: &[Cow<'_, str>; 2],
        ask: impl FnOnce(&mut Conn) -> Result<Option<i64>, DbError>,
    ) -> Result<Option<i64>, DbError> {
        if let Some(rev) = self.known.seen.rev(id, kind, names) {
            return Ok(Some(rev));
        }
        let rev = ask(self.conn()?)?;
        if let Some(rev) = rev {
            self.known.seen.let_in(self.conn, id, kind, rev)?;
        }
        Ok(rev)
    }

    /// Where objects were put last: a lane keeps its readers.
    pub(super) fn last_lane(&mut self) -> &mut Option<Arc<Lane>> {
        &mut self.known.lane
    }

    /// Who is in an audience.
    ///
    /// # Errors
    /// Fails as the database does.
    pub(super) fn members(&mut self, audience: i64) -> Result<Arc<BTreeSet<Principal>>, DbError> {
        if let Some(members) = self.known.audiences.get(&audience) {
            return Ok(members.clone());
        }
        let members = Arc::new(audience::members(self.conn()?, audience)?);
        if self.known.audiences.len() >= AUDIENCES {
            self.known.audiences.clear();
        }
        self.known.audiences.insert(audience, members.clone());
        Ok(members)
    }

    /// The connection, for reading, and what is remembered of where STIX ids are.
    ///
    /// # Errors
    /// Fails as the database does.
    pub(super) fn ids(&mut self) -> Result<(&mut Conn, &mut Ids), DbError> {
        self.known.later.write(self.conn)?;
        Ok((self.conn, &mut self.known.ids))
    }

    /// The connection, for reading.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn conn(&mut self) -> Result<&mut Conn, DbError> {
        self.known.later.write(self.conn)?;
        Ok(self.conn)
    }

    /// Runs one statement that changes something.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn exec(&mut self, sql: &str, args: &[Value<'_>]) -> Result<u64, DbError> {
        self.known.seen.forget_things();
        self.exec_aside(sql, args)
    }

    /// Runs one statement that changes neither a thing nor who sees it, so that neither is read again after it.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn exec_aside(&mut self, sql: &str, args: &[Value<'_>]) -> Result<u64, DbError> {
        self.before_change()?;
        self.conn()?.exec(sql, args)
    }

    /// The same, together with the like of other acts: before anything else is done with the database, before there is a
    /// savepoint, and at the latest before the commit. So an act that is undone takes its own rows with it and no others.
    /// If it fails, it fails with all of the transaction. In which order different statements run is not said.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn exec_later(&mut self, sql: &'static str, args: &[Value<'_>]) -> Result<(), DbError> {
        self.before_change()?;
        self.known.later.push(sql, args);
        Ok(())
    }

    /// Runs one statement that changes something, once for each of `rows`.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn exec_each<'v, R: AsRef<[Value<'v>]>>(
        &mut self,
        sql: &str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(), DbError> {
        self.known.seen.forget_things();
        self.before_change()?;
        self.conn()?.exec_each(sql, rows)
    }

    fn before_change(&mut self) -> Result<(), DbError> {
        if self.undo == Undo::Savepoint {
            self.conn()?.exec("savepoint attempt", &[])?;
            self.undo = Undo::ToSavepoint;
        }
        Ok(())
    }

    /// Runs one query.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn rows(&mut self, sql: &str, args: &[Value<'_>]) -> Result<Vec<super::Row>, DbError> {
        if !sql.starts_with("select") {
            self.known.seen.forget_things();
            self.before_change()?;
        }
        self.conn()?.rows(sql, args)
    }

    /// Runs one query that answers at most one row.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn one(&mut self, sql: &str, args: &[Value<'_>]) -> Result<Option<super::Row>, DbError> {
        Ok(self.rows(sql, args)?.into_iter().next())
    }

    /// From here on the act is not refused any more: what it changes needs no way back of its own. If it fails nonetheless,
    /// because the database does, it fails with all that is in the same transaction, so this is for acts that come in
    /// bursts: SQLite copies every page that is changed within a savepoint, which took a third of the time of an
    /// acknowledgement.
    pub fn settled(&mut self) {
        if self.undo == Undo::Savepoint {
            self.undo = Undo::All;
        }
    }

    /// Runs `body`, and undoes what it changed if it fails.
    ///
    /// # Errors
    /// Fails as `body` does.
    pub fn attempt<T>(&mut self, body: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        let rung = self.bell.len();
        self.undo = Undo::Savepoint;
        if self.conn.is_pg() {
            // There a statement that fails spoils all of the transaction that has no savepoint after it, also one that
            // only reads.
            self.before_change()?;
        }
        let answer = body(self);
        match (std::mem::replace(&mut self.undo, Undo::Nothing), answer) {
            (Undo::ToSavepoint, Ok(value)) => {
                self.conn.exec("release savepoint attempt", &[])?;
                Ok(value)
            }
            (Undo::ToSavepoint, Err(error)) => {
                self.conn.batch("rollback to savepoint attempt; release savepoint attempt")?;
                self.bell.truncate(rung);
                self.known.forget();
                Err(error)
            }
            (Undo::All, Err(error)) => Err(DbError::Settled(error.to_string()).into()),
            (_, Err(error)) => {
                self.bell.truncate(rung);
                Err(error)
            }
            (_, Ok(value)) => Ok(value),
        }
    }
}
