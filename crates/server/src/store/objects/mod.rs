//! STIX objects as their readers may read them: what the council says and what members brought.
//!
//! Every object stands under an audience, like a view. A row's `seq` is the moment at which its readers could first read
//! it; when more may read, those get a row of their own and nobody else notices. So a program that asks for what came
//! after the last moment it saw loses nothing, however rights change.

mod again;
#[cfg(test)]
mod alike;
pub mod brought;
mod eras;
mod packs;
pub mod page;
pub mod parts;
pub mod told;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use noroshi_council::gate::Principal;
use noroshi_wire::stix::Object;
use serde::{Deserialize, Serialize};

use super::{Conn, DbError, Error, Row, Rung, Tx, Value, audience};
use crate::args;
pub use again::narrow;
pub(super) use eras::{Ids, take_over};

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

/// What became of objects that were brought, as far as whoever brought them may know it: what others had before, whom somebody
/// else let read them, is nobody's to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// New to whoever brought them.
    pub added: u64,
    /// It could read them before.
    pub known: u64,
}

/// A collection and the readers of what stands in it.
#[derive(Debug)]
pub(super) struct Lane {
    id: i64,
    audience: i64,
    coll: String,
    readers: Arc<BTreeSet<Principal>>,
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
    /// The pack that it stands in, by its first moment; nothing where it has a row of its own.
    pack: Option<i64>,
}

/// What adding several objects in one transaction remembers between them.
#[derive(Default)]
pub(super) struct Shelf<'a> {
    lanes: HashMap<i64, Arc<Lane>>,
    /// What is there of an id.
    there: eras::Found<'a>,
    /// What is still to be written, and where its ids are.
    pending: Vec<packs::Pending<'a>>,
    keys: Vec<(i64, i64)>,
    /// Whether what is written may stand in packs.
    packs: bool,
    /// Packs that were taken apart.
    unpacked: HashSet<i64>,
    /// Who has been rung for.
    rung: HashSet<i64>,
    /// What was there already, and is brought again.
    again: Vec<again::Again>,
    /// Who brings what is put, where that is counted.
    whose: Option<&'a Principal>,
    /// Objects that all but these readers are about to lose.
    leaving: Option<(HashSet<i64>, BTreeSet<Principal>)>,
}

/// Adds objects for these readers: whoever reads a version already keeps it as it is, the others get it as new. `whose` they
/// are is told how many are new to it.
///
/// # Errors
/// Fails as the database does.
pub fn add(
    tx: &mut Tx<'_>,
    coll: Collection,
    readers: &Arc<BTreeSet<Principal>>,
    (thing, whose): (Option<&str>, Option<&Principal>),
    objects: &[Object],
) -> Result<Counts, Error> {
    put(tx, coll, readers, (thing, whose), objects, coll == Collection::Library)
}

/// The same. `packs` says whether they may stand in packs, which nobody can tell by what there is to read.
fn put(
    tx: &mut Tx<'_>,
    coll: Collection,
    readers: &Arc<BTreeSet<Principal>>,
    (thing, whose): (Option<&str>, Option<&Principal>),
    objects: &[Object],
    packs: bool,
) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    if readers.is_empty() || objects.is_empty() {
        return Ok(counts);
    }
    let there = eras::find_all(tx, objects.iter().map(|object| object.id.as_str()))?;
    let pending = Vec::with_capacity(objects.len());
    let keys = Vec::with_capacity(objects.len());
    let mut shelf = Shelf { there, pending, keys, packs, whose, ..Shelf::default() };
    let lane = shelf.lane_for(tx, coll.as_str(), readers)?;
    for object in objects {
        if shelf.put(tx, &lane, thing, object)? {
            counts.added += 1;
        } else {
            counts.known += 1;
        }
    }
    if let Some(thing) = thing
        && coll == Collection::Library
    {
        again::keep(tx, thing, &std::mem::take(&mut shelf.again))?;
    }
    shelf.close(tx)?;
    Ok(counts)
}

impl<'a> Shelf<'a> {
    fn lane_for(
        &mut self,
        tx: &mut Tx<'_>,
        coll: &str,
        readers: &Arc<BTreeSet<Principal>>,
    ) -> Result<Arc<Lane>, Error> {
        // Among hundreds of readers even to find out that they are the same took long.
        let last = tx.last_lane().as_ref().filter(|l| l.coll == coll && Arc::ptr_eq(&l.readers, readers));
        if let Some(lane) = last.cloned() {
            self.lanes.insert(lane.id, lane.clone());
            return Ok(lane);
        }
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
        let lane = Arc::new(Lane { id, audience, coll: coll.to_owned(), readers: readers.clone() });
        self.lanes.insert(id, lane.clone());
        *tx.last_lane() = Some(lane.clone());
        Ok(lane)
    }

    fn lane(&mut self, tx: &mut Tx<'_>, id: i64) -> Result<Arc<Lane>, Error> {
        if let Some(lane) = self.lanes.get(&id) {
            return Ok(lane.clone());
        }
        let row = tx.one("select coll, audience from object_lane where id = ?1", args![id])?;
        let row = row.ok_or_else(|| DbError::Stored("a lane that is not there".into()))?;
        let audience = row.int(1)?;
        let readers = tx.members(audience)?;
        let lane = Arc::new(Lane { id, audience, coll: row.text(0)?, readers });
        self.lanes.insert(id, lane.clone());
        Ok(lane)
    }

    /// Adds one version for the readers of `lane`. Says whether it was new to whoever brings it, or, where nobody is counted for,
    /// to any of them.
    fn put(
        &mut self,
        tx: &mut Tx<'_>,
        lane: &Arc<Lane>,
        thing: Option<&'a str>,
        object: &'a Object,
    ) -> Result<bool, Error> {
        let id = object.id.as_str();
        if !self.there.contains_key(id) {
            self.there.extend(eras::find_all(tx, std::iter::once(id))?);
        }
        let mut known = self.there.remove(id).ok_or(Error::NotFound)?;
        let new = self.put_beside(tx, &mut known, lane, thing, object)?;
        self.there.insert(id, known);
        Ok(new)
    }

    /// The same, beside the rows of its id.
    fn put_beside(
        &mut self,
        tx: &mut Tx<'_>,
        known: &mut eras::Known,
        lane: &Arc<Lane>,
        thing: Option<&'a str>,
        object: &'a Object,
    ) -> Result<bool, Error> {
        let mut there = Vec::new();
        for row in &mut known.rows {
            let mut other = self.lane(tx, row.lane)?;
            if let Some((seqs, stay)) = &self.leaving
                && seqs.contains(&row.seq)
            {
                let readers: BTreeSet<Principal> = other.readers.intersection(stay).cloned().collect();
                if readers.is_empty() {
                    continue;
                }
                other = Arc::new(Lane {
                    id: -1,
                    audience: -1,
                    coll: other.coll.clone(),
                    readers: Arc::new(readers),
                });
            }
            if other.coll == lane.coll {
                there.push((row, other));
            }
        }
        let again = there.iter().filter(|(row, _)| row.version == object.version);
        self.again.extend(again.map(|(row, _)| again::Again {
            seq: row.seq,
            pack: row.pack,
            text: eras::hash(object.text()),
            lane: lane.id,
        }));
        let mut lane = lane.clone();
        let new = self.whose.is_none_or(|whose| {
            let mut same = there.iter().filter(|(row, _)| row.version == object.version);
            same.all(|(_, other)| !other.readers.contains(whose))
        });
        let nobody = Ok(new && self.whose.is_some());
        let same =
            |(row, other): &(&mut There, Arc<Lane>)| row.version == object.version && other.id == lane.id;
        if there.iter().any(same) {
            return nobody;
        }
        if there.iter().any(|(row, _)| row.version == object.version) {
            let mut rest = BTreeSet::clone(&lane.readers);
            for (_, other) in there.iter().filter(|(row, _)| row.version == object.version) {
                rest.retain(|reader| !other.readers.contains(reader));
            }
            if rest.is_empty() {
                return nobody;
            }
            if rest.len() < lane.readers.len() {
                lane = self.lane_for(tx, &lane.coll.clone(), &Arc::new(rest))?;
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
        // What the council says rings by the views that say it.
        if lane.coll == Collection::Library.as_str() && self.rung.insert(lane.audience) {
            tx.ring(Rung::Audience(lane.audience));
        }
        let seq = tx.tick();
        self.pending.push(packs::Pending {
            seq,
            lane: lane.id,
            kind: object.kind.as_str().into(),
            id: object.id.as_str().into(),
            version: object.version,
            said: object.version_text.as_str().into(),
            spec: object.spec.as_str().into(),
            stale,
            marks,
            thing: thing.map(Into::into),
            body: object.text().into(),
        });
        self.keys.push((known.hash, seq));
        known.rows.push(There { seq, lane: lane.id, version: object.version, stale, marks, pack: None });
        Ok(new)
    }

    fn mark(&mut self, tx: &mut Tx<'_>, row: &mut There, stale: bool, marks: i64) -> Result<(), Error> {
        (row.stale, row.marks) = (stale, marks);
        // It may be one of those that are still to be written.
        if let Ok(place) = self.pending.binary_search_by_key(&row.seq, |one| one.seq)
            && let Some(one) = self.pending.get_mut(place)
        {
            (one.stale, one.marks) = (stale, marks);
            return Ok(());
        }
        if let Some(first) = row.pack.take()
            && self.unpacked.insert(first)
        {
            packs::unpack(tx, first)?;
        }
        tx.exec("update object set stale = ?2, marks = ?3 where seq = ?1", args![row.seq, stale, marks])?;
        Ok(())
    }

    fn close(self, tx: &mut Tx<'_>) -> Result<(), Error> {
        if !self.pending.is_empty() {
            packs::write(tx, self.pending, self.packs)?;
            eras::put(tx, &self.keys)?;
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
            pack: None,
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
    let lanes = tx.rows(
        "select lane from object where thing = ?1 union select lane from object_pack where thing = ?1",
        args![thing],
    )?;
    for row in lanes {
        let lane = shelf.lane(tx, row.int(0)?)?;
        let stay: BTreeSet<Principal> = lane.readers.intersection(readers).cloned().collect();
        if stay.len() == lane.readers.len() {
            continue;
        }
        narrowed = true;
        if stay.is_empty() {
            tx.exec("delete from object where thing = ?1 and lane = ?2", args![thing, lane.id])?;
            packs::move_lane(tx, thing, lane.id, None)?;
        } else {
            let to = shelf.lane_for(tx, &lane.coll.clone(), &Arc::new(stay))?;
            tx.exec(
                "update object set lane = ?3 where thing = ?1 and lane = ?2",
                args![thing, lane.id, to.id],
            )?;
            packs::move_lane(tx, thing, lane.id, Some(to.id))?;
        }
    }
    if narrowed {
        // What superseded something for everybody may now do so only for some: from here on each reader is looked at. In a pack
        // there is nothing that superseded anything.
        tx.exec(
            "update object set stale = 0, marks = 3 where stale = 1
                and stix_id in (select stix_id from object where thing = ?1)",
            args![thing],
        )?;
    }
    Ok(())
}
