//! Objects by the pack: what an import brings comes by the hundred, for the same readers, and hardly ever changes.
//!
//! A row for each, found by three indexes, cost more than twice as much as a row alone when measured. A pack is one row: what
//! there is to know of each object, and their texts, both pressed. It holds what has one version only; when another
//! version of one of them comes, it is taken apart into rows of `object`, and they go on as any others.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::There;
use crate::{
    args,
    store::{Conn, DbError, Row, Tx},
};

/// From how many objects on a pack is worth while.
pub(super) const LEAST: usize = if cfg!(test) { 2 } else { 8 };
/// How many objects are in a pack at most: all of it is read for one of them.
const MOST: usize = if cfg!(test) { 5 } else { 256 };
/// How many bytes of text.
const BYTES: usize = 256 << 10;

/// One object, before it is written.
#[derive(Debug, Clone)]
pub(super) struct Pending<'a> {
    pub(super) seq: i64,
    pub(super) lane: i64,
    pub(super) kind: Cow<'a, str>,
    pub(super) id: Cow<'a, str>,
    pub(super) version: i64,
    pub(super) said: Cow<'a, str>,
    pub(super) spec: Cow<'a, str>,
    pub(super) stale: bool,
    pub(super) marks: i64,
    pub(super) thing: Option<Cow<'a, str>>,
    pub(super) body: Cow<'a, str>,
}

/// What there is to know of one object of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head<'a> {
    /// Its moment, as of the pack's first.
    step: u64,
    pub(super) kind: Cow<'a, str>,
    pub(super) id: Cow<'a, str>,
    pub(super) version: i64,
    pub(super) said: Cow<'a, str>,
    pub(super) spec: Cow<'a, str>,
    size: u64,
}

impl Head<'_> {
    /// How many bytes its text has.
    pub(super) fn size(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX)
    }
}

/// A pack without its texts.
#[derive(Debug)]
pub(super) struct Pack {
    pub(super) first: i64,
    pub(super) lane: i64,
    /// What brought it.
    pub(super) thing: Option<Arc<str>>,
    pub(super) heads: Vec<Head<'static>>,
}

fn unreadable(what: impl std::fmt::Display) -> DbError {
    DbError::Stored(format!("a pack of objects: {what}"))
}

fn pressed(bytes: &[u8]) -> Vec<u8> {
    lz4_flex::compress_prepend_size(bytes)
}

fn opened(bytes: &[u8]) -> Result<Vec<u8>, DbError> {
    lz4_flex::decompress_size_prepended(bytes).map_err(unreadable)
}

impl Pack {
    const COLUMNS: &str = "first, lane, heads, thing";

    fn of(row: &Row) -> Result<Pack, DbError> {
        let heads = postcard::from_bytes(&opened(row.blob(2)?)?).map_err(unreadable)?;
        let thing = row.opt_text(3)?.map(Arc::from);
        Ok(Pack { first: row.int(0)?, lane: row.int(1)?, thing, heads })
    }

    /// The moment of one of its objects.
    pub(super) fn seq(&self, head: &Head<'_>) -> i64 {
        self.first.saturating_add_unsigned(head.step)
    }

    /// The moment of the last.
    pub(super) fn last(&self) -> i64 {
        self.heads.last().map_or(self.first, |head| self.seq(head))
    }

    /// What stands at this moment, if something does.
    pub(super) fn at(&self, seq: i64) -> Option<&Head<'static>> {
        let step = u64::try_from(seq.checked_sub(self.first)?).ok()?;
        let place = self.heads.binary_search_by_key(&step, |head| head.step).ok()?;
        self.heads.get(place)
    }

    /// The same as it would stand in a row of its own.
    pub(super) fn there(&self, head: &Head<'_>) -> There {
        let (seq, lane, version) = (self.seq(head), self.lane, head.version);
        There { seq, lane, version, stale: false, marks: 0, pack: Some(self.first) }
    }
}

/// Packs that were read already.
#[derive(Debug, Default)]
pub(super) struct Seen(HashMap<i64, Arc<Pack>>);

/// How many of them are kept: a look through all there is must not keep all there is.
const KEPT: usize = if cfg!(test) { 2 } else { 256 };

impl Seen {
    fn keep(&mut self, pack: Pack) -> Arc<Pack> {
        if self.0.len() >= KEPT {
            self.0.clear();
        }
        let pack = Arc::new(pack);
        self.0.insert(pack.first, Arc::clone(&pack));
        pack
    }

    /// The pack that holds this moment; nothing where none does.
    pub(super) fn holding(&mut self, conn: &mut Conn, seq: i64) -> Result<Option<Arc<Pack>>, DbError> {
        let sql = "select first, last from object_pack where first <= ?1 order by first desc limit 1";
        let Some(row) = conn.one(sql, args![seq])?.filter(|row| row.int(1).is_ok_and(|last| last >= seq))
        else {
            return Ok(None);
        };
        self.get(conn, row.int(0)?)
    }

    /// The pack that begins at this moment.
    pub(super) fn get(&mut self, conn: &mut Conn, first: i64) -> Result<Option<Arc<Pack>>, DbError> {
        if let Some(pack) = self.0.get(&first) {
            return Ok(Some(Arc::clone(pack)));
        }
        let sql = format!("select {} from object_pack where first = ?1", Pack::COLUMNS);
        let row = conn.one(&sql, args![first])?;
        Ok(row.map(|row| Pack::of(&row)).transpose()?.map(|pack| self.keep(pack)))
    }

    /// The next `count` packs of a lane that hold something after a moment, of a type where one is asked for.
    pub(super) fn after(
        &mut self,
        conn: &mut Conn,
        lane: i64,
        kind: Option<&str>,
        after: i64,
        count: usize,
    ) -> Result<Vec<Arc<Pack>>, DbError> {
        let rows = match kind {
            None => conn.rows(
                "select first from object_pack where lane = ?1 and last > ?2 order by last limit ?3",
                args![lane, after, count],
            )?,
            // What holds the moment itself may hold something after it, too.
            Some(kind) => conn.rows(
                "select first from object_pack_type
                  where lane = ?1 and type = ?2
                    and first >= coalesce((select max(first) from object_pack where first <= ?3), 0)
                  order by first limit ?4",
                args![lane, kind, after, count],
            )?,
        };
        let mut packs = Vec::with_capacity(rows.len());
        for row in rows {
            packs.extend(self.get(conn, row.int(0)?)?);
        }
        Ok(packs)
    }
}

/// The texts of the objects at these moments, which are all in `pack`.
pub(super) fn bodies(conn: &mut Conn, pack: &Pack, seqs: &[i64]) -> Result<Vec<String>, DbError> {
    let row = conn.one("select bodies from object_pack where first = ?1", args![pack.first])?;
    let row = row.ok_or_else(|| unreadable("it is gone"))?;
    let all = opened(row.blob(0)?)?;
    let all = std::str::from_utf8(&all).map_err(unreadable)?;
    let mut found = Vec::with_capacity(seqs.len());
    let mut at = 0;
    for head in &pack.heads {
        let end = usize::try_from(head.size).ok().and_then(|size| size.checked_add(at));
        let end = end.ok_or_else(|| unreadable("a text without an end"))?;
        if seqs.binary_search(&pack.seq(head)).is_ok() {
            found.push(all.get(at..end).ok_or_else(|| unreadable("a text that is cut off"))?.to_owned());
        }
        at = end;
    }
    Ok(found)
}

/// Writes what is pending, in packs as far as it may be, else in rows. `pack` says whether any of it may.
pub(super) fn write(tx: &mut Tx<'_>, pending: Vec<Pending<'_>>, pack: bool) -> Result<(), DbError> {
    let mut rows: Vec<Pending<'_>> = Vec::new();
    for run in runs(pending) {
        let whole = run.first().is_some_and(fit) && run.len() >= LEAST;
        if pack && whole { write_pack(tx, run)? } else { rows.extend(run) }
    }
    write_rows(tx, rows)
}

/// Whether it has one version only, and belongs to an import.
fn fit(one: &Pending<'_>) -> bool {
    !one.stale && one.marks == 0 && one.thing.is_some()
}

/// In parts that can be a pack, or cannot: a pack has one lane, and nothing else lies between two of its objects.
fn runs(pending: Vec<Pending<'_>>) -> Vec<Vec<Pending<'_>>> {
    let mut runs: Vec<Vec<Pending<'_>>> = Vec::new();
    let mut bytes = 0;
    for one in pending {
        let joins = runs.last().is_some_and(|run| {
            run.first().is_some_and(|first| {
                fit(first) == fit(&one) && (first.lane, &first.thing) == (one.lane, &one.thing)
            }) && run.len() < MOST
                && bytes + one.body.len() <= BYTES
        });
        if !joins {
            bytes = 0;
            runs.push(Vec::new());
        }
        bytes += one.body.len();
        if let Some(run) = runs.last_mut() {
            run.push(one);
        }
    }
    runs
}

fn write_pack(tx: &mut Tx<'_>, run: Vec<Pending<'_>>) -> Result<(), DbError> {
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return Ok(()) };
    let (first, last, lane, thing) = (first.seq, last.seq, first.lane, first.thing.clone());
    let n = run.len();
    let mut types: BTreeMap<Cow<'_, str>, i64> = BTreeMap::new();
    let mut heads = Vec::with_capacity(run.len());
    let mut bodies = String::with_capacity(run.iter().map(|one| one.body.len()).sum());
    for one in run {
        match types.get_mut(&one.kind) {
            Some(n) => *n += 1,
            None => {
                types.insert(one.kind.clone(), 1);
            }
        }
        bodies.push_str(&one.body);
        heads.push(Head {
            step: one.seq.abs_diff(first),
            size: u64::try_from(one.body.len()).unwrap_or(u64::MAX),
            kind: one.kind,
            id: one.id,
            version: one.version,
            said: one.said,
            spec: one.spec,
        });
    }
    let heads = postcard::to_allocvec(&heads).map_err(unreadable)?;
    tx.exec(
        "insert into object_pack (first, last, lane, thing, n, heads, bodies) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        args![first, last, lane, thing, n, pressed(&heads), pressed(bodies.as_bytes())],
    )?;
    let types = types.into_iter().map(|(kind, n)| [first.into(), kind.into(), lane.into(), n.into()]);
    tx.exec_each("insert into object_pack_type (first, type, lane, n) values (?1, ?2, ?3, ?4)", types)
}

fn write_rows(tx: &mut Tx<'_>, rows: Vec<Pending<'_>>) -> Result<(), DbError> {
    let rows = rows.into_iter().map(|one| {
        [
            one.seq.into(),
            one.lane.into(),
            one.kind.into(),
            one.id.into(),
            one.version.into(),
            one.said.into(),
            one.spec.into(),
            one.stale.into(),
            one.marks.into(),
            one.body.len().into(),
            one.thing.into(),
            one.body.into(),
        ]
    });
    tx.exec_each(
        "insert into object (seq, lane, type, stix_id, version, said, spec, stale, marks, size, thing, body)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        rows,
    )
}

/// Takes a pack apart into rows: one of its objects has another version now.
pub(super) fn unpack(tx: &mut Tx<'_>, first: i64) -> Result<(), DbError> {
    let sql = format!("select {} from object_pack where first = ?1", Pack::COLUMNS);
    let row = tx.one(&sql, args![first])?.ok_or_else(|| unreadable("it is gone"))?;
    let pack = Pack::of(&row)?;
    let seqs: Vec<i64> = pack.heads.iter().map(|head| pack.seq(head)).collect();
    let bodies = bodies(tx.conn()?, &pack, &seqs)?;
    let rows = pack.heads.iter().zip(&seqs).zip(bodies).map(|((head, seq), body)| Pending {
        seq: *seq,
        lane: pack.lane,
        kind: head.kind.clone(),
        id: head.id.clone(),
        version: head.version,
        said: head.said.clone(),
        spec: head.spec.clone(),
        stale: false,
        marks: 0,
        thing: pack.thing.as_deref().map(Into::into),
        body: body.into(),
    });
    write_rows(tx, rows.collect())?;
    tx.exec("delete from object_pack_type where first = ?1", args![first])?;
    tx.exec("delete from object_pack where first = ?1", args![first])?;
    Ok(())
}

/// Gives what an import brought for one lane to another, or to nobody.
pub(super) fn move_lane(tx: &mut Tx<'_>, thing: &str, from: i64, to: Option<i64>) -> Result<(), DbError> {
    const OF_THING: &str = "first in (select first from object_pack where thing = ?1 and lane = ?2)";
    match to {
        Some(to) => {
            let types = format!("update object_pack_type set lane = ?3 where lane = ?2 and {OF_THING}");
            tx.exec(&types, args![thing, from, to])?;
            tx.exec(
                "update object_pack set lane = ?3 where thing = ?1 and lane = ?2",
                args![thing, from, to],
            )?;
        }
        None => {
            let types = format!("delete from object_pack_type where lane = ?2 and {OF_THING}");
            tx.exec(&types, args![thing, from])?;
            tx.exec("delete from object_pack where thing = ?1 and lane = ?2", args![thing, from])?;
        }
    }
    Ok(())
}
