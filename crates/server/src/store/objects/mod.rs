//! STIX objects as their readers may read them: what the council says and what members brought.
//!
//! Every object stands under an audience, like a view. A row's `seq` is the moment at which its readers could first read
//! it; when more may read, those get a row of their own and nobody else notices. So a program that asks for what came
//! after the last moment it saw loses nothing, however rights change.

pub mod brought;
mod eras;
pub mod page;
pub mod parts;
pub mod told;

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use noroshi_council::gate::Principal;
use noroshi_wire::stix::Object;
use serde::{Deserialize, Serialize};

use super::{Conn, DbError, Error, Row, Tx, Value, audience};
use crate::args;
pub(super) use eras::Ids;

/// A TAXII collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Collection {
    /// What the council says.
    Council,
    /// What members brought.
    Library,
}

impl Collection {
    /// Every collection.
    pub const ALL: [Collection; 2] = [Collection::Council, Collection::Library];

    /// The name used in the database and in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Collection::Council => "council",
            Collection::Library => "library",
        }
    }
}

/// Somebody may read a newer version.
const NEWER: i64 = 1;
/// Somebody may read an older version.
const OLDER: i64 = 2;

/// What became of objects that were brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// New to at least one reader.
    pub added: u64,
    /// Already there for everybody who should read them.
    pub known: u64,
}

/// A collection and the readers of what stands in it.
#[derive(Debug)]
struct Lane {
    id: i64,
    coll: String,
    readers: BTreeSet<Principal>,
}

impl Lane {
    /// Whether whoever reads this reads that, too. Readers may be a thousand, and mostly it is the same lane.
    fn is_within(&self, other: &Lane) -> bool {
        self.id == other.id || self.readers.is_subset(&other.readers)
    }
}

/// A version that is there already.
#[derive(Debug, Clone, Copy)]
struct There {
    seq: i64,
    lane: i64,
    version: i64,
    stale: bool,
    marks: i64,
}

/// What adding several objects in one transaction remembers between them.
#[derive(Default)]
pub(super) struct Shelf {
    lanes: HashMap<i64, Arc<Lane>>,
    /// What is there of an id.
    there: HashMap<String, eras::Known>,
    /// Rows that are still to be written, and where their ids are.
    rows: Vec<Vec<Value>>,
    keys: Vec<(i64, i64)>,
    /// Whether it wrote anything.
    wrote: bool,
}

/// Adds objects for these readers: whoever reads a version already keeps it as it is, the others get it as new.
///
/// # Errors
/// Fails as the database does.
pub fn add(
    tx: &mut Tx<'_>,
    coll: Collection,
    readers: &BTreeSet<Principal>,
    thing: Option<&str>,
    objects: &[Object],
) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    if readers.is_empty() || objects.is_empty() {
        return Ok(counts);
    }
    let there = eras::find_all(tx, objects.iter().map(|object| object.id.as_str()))?;
    let mut shelf = Shelf { there, ..Shelf::default() };
    let lane = shelf.lane_for(tx, coll.as_str(), readers)?;
    for object in objects {
        if shelf.put(tx, &lane, thing, object)? {
            counts.added += 1;
        } else {
            counts.known += 1;
        }
    }
    shelf.close(tx)?;
    Ok(counts)
}

impl Shelf {
    fn lane_for(
        &mut self,
        tx: &mut Tx<'_>,
        coll: &str,
        readers: &BTreeSet<Principal>,
    ) -> Result<Arc<Lane>, Error> {
        let audience = audience::intern(tx, readers)?;
        let known =
            tx.one("select id from object_lane where audience = ?1 and coll = ?2", args![audience, coll])?;
        let id = match known {
            Some(row) => row.int(0)?,
            None => {
                let next = tx.one("select coalesce(max(id), 0) + 1 from object_lane", &[])?;
                let id = next.map_or(Ok(1), |row| row.int(0))?;
                tx.exec(
                    "insert into object_lane (id, coll, audience) values (?1, ?2, ?3)",
                    args![id, coll, audience],
                )?;
                id
            }
        };
        let lane = Arc::new(Lane { id, coll: coll.to_owned(), readers: readers.clone() });
        self.lanes.insert(id, lane.clone());
        Ok(lane)
    }

    fn lane(&mut self, conn: &mut Conn, id: i64) -> Result<Arc<Lane>, Error> {
        if let Some(lane) = self.lanes.get(&id) {
            return Ok(lane.clone());
        }
        let row = conn.one("select coll, audience from object_lane where id = ?1", args![id])?;
        let row = row.ok_or_else(|| DbError::Stored("a lane that is not there".into()))?;
        let readers = audience::members(conn, row.int(1)?)?;
        let lane = Arc::new(Lane { id, coll: row.text(0)?, readers });
        self.lanes.insert(id, lane.clone());
        Ok(lane)
    }

    /// Adds one version for the readers of `lane`. Says whether it was new to any of them.
    fn put(
        &mut self,
        tx: &mut Tx<'_>,
        lane: &Arc<Lane>,
        thing: Option<&str>,
        object: &Object,
    ) -> Result<bool, Error> {
        let id = object.id.as_str();
        if !self.there.contains_key(id) {
            self.there.extend(eras::find_all(tx, std::iter::once(id))?);
        }
        let mut known = self.there.remove(id).ok_or(Error::NotFound)?;
        let new = self.put_beside(tx, &mut known, lane, thing, object)?;
        self.there.insert(id.to_owned(), known);
        Ok(new)
    }

    /// The same, beside the rows of its id.
    fn put_beside(
        &mut self,
        tx: &mut Tx<'_>,
        known: &mut eras::Known,
        lane: &Arc<Lane>,
        thing: Option<&str>,
        object: &Object,
    ) -> Result<bool, Error> {
        let mut there = Vec::new();
        for row in &mut known.rows {
            let other = self.lane(tx.conn(), row.lane)?;
            if other.coll == lane.coll {
                there.push((row, other));
            }
        }
        let mut lane = lane.clone();
        let same =
            |(row, other): &(&mut There, Arc<Lane>)| row.version == object.version && other.id == lane.id;
        if there.iter().any(same) {
            return Ok(false);
        }
        if there.iter().any(|(row, _)| row.version == object.version) {
            let mut rest = lane.readers.clone();
            for (_, other) in there.iter().filter(|(row, _)| row.version == object.version) {
                rest.retain(|reader| !other.readers.contains(reader));
            }
            if rest.is_empty() {
                return Ok(false);
            }
            if rest.len() < lane.readers.len() {
                lane = self.lane_for(tx, &lane.coll.clone(), &rest)?;
            }
        }
        let (mut stale, mut marks) = (false, 0);
        for (row, other) in there {
            if row.version > object.version {
                marks |= NEWER;
                stale |= lane.is_within(&other);
                if row.marks & OLDER == 0 {
                    let stale = row.stale;
                    self.mark(tx, row, stale, row.marks | OLDER)?;
                }
            } else if row.version < object.version {
                marks |= OLDER;
                let covered = row.stale || other.is_within(&lane);
                if covered != row.stale || row.marks & NEWER == 0 {
                    self.mark(tx, row, covered, row.marks | NEWER)?;
                }
            }
        }
        let seq = tx.tick();
        let body = object.text();
        self.rows.push(vec![
            seq.into(),
            lane.id.into(),
            (&object.kind).into(),
            (&object.id).into(),
            object.version.into(),
            (&object.version_text).into(),
            object.spec.as_str().into(),
            stale.into(),
            marks.into(),
            body.len().into(),
            thing.into(),
            body.into(),
        ]);
        self.keys.push((seq, known.hash));
        known.rows.push(There { seq, lane: lane.id, version: object.version, stale, marks });
        Ok(true)
    }

    fn write(&mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        if !self.rows.is_empty() {
            tx.exec_each(
                "insert into object (seq, lane, type, stix_id, version, said, spec, stale, marks, size, thing, body)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                &self.rows,
            )?;
            eras::put(tx, &self.keys)?;
            self.rows.clear();
            self.keys.clear();
            self.wrote = true;
        }
        Ok(())
    }

    fn mark(&mut self, tx: &mut Tx<'_>, row: &mut There, stale: bool, marks: i64) -> Result<(), Error> {
        // It may be one of those.
        self.write(tx)?;
        (row.stale, row.marks) = (stale, marks);
        tx.exec("update object set stale = ?2, marks = ?3 where seq = ?1", args![row.seq, stale, marks])?;
        Ok(())
    }

    fn close(mut self, tx: &mut Tx<'_>) -> Result<(), Error> {
        self.write(tx)?;
        if self.wrote {
            eras::settle(tx)?;
        }
        Ok(())
    }
}

impl There {
    const COLUMNS: &str = "o.seq, o.lane, o.version, o.stale, o.marks";
    const WIDTH: usize = 5;

    fn of(row: &Row) -> Result<There, DbError> {
        Ok(There {
            seq: row.int(0)?,
            lane: row.int(1)?,
            version: row.int(2)?,
            stale: row.truth(3)?,
            marks: row.int(4)?,
        })
    }
}

/// Brings the readers of everything under `thing` down to `readers`: who may no longer read loses all of it, at once, and
/// nobody else notices.
///
/// # Errors
/// Fails as the database does.
pub fn keep_only(tx: &mut Tx<'_>, thing: &str, readers: &BTreeSet<Principal>) -> Result<(), Error> {
    let mut shelf = Shelf::default();
    let mut narrowed = false;
    let lanes = tx.rows("select distinct lane from object where thing = ?1", args![thing])?;
    for row in lanes {
        let lane = shelf.lane(tx.conn(), row.int(0)?)?;
        let stay: BTreeSet<Principal> = lane.readers.intersection(readers).cloned().collect();
        if stay.len() == lane.readers.len() {
            continue;
        }
        narrowed = true;
        if stay.is_empty() {
            tx.exec("delete from object where thing = ?1 and lane = ?2", args![thing, lane.id])?;
        } else {
            let to = shelf.lane_for(tx, &lane.coll.clone(), &stay)?;
            tx.exec(
                "update object set lane = ?3 where thing = ?1 and lane = ?2",
                args![thing, lane.id, to.id],
            )?;
        }
    }
    if narrowed {
        // What superseded something for everybody may now do so only for some: from here on each reader is looked at.
        tx.exec(
            "update object set stale = 0, marks = 3 where stale = 1
                and stix_id in (select stix_id from object where thing = ?1)",
            args![thing],
        )?;
    }
    Ok(())
}
