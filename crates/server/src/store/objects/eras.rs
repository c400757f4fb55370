//! Where an id is: a log-structured merge of hashes.
//!
//! Ids are random. In one large index each new one would write a page of its own, which cost two thirds of the speed of
//! an import when measured. Here new ids stand in line as they came; when there are some thousands they are sorted into an
//! era, which is never changed again, and eras are merged, in order, into larger ones. Both are written some hundred to a row.
//!
//! Whoever writes has to know of each id whether it is there. It remembers those in line, and of each era a filter that
//! says of nearly every other id that it is not in it; so a look into the database is for ids that are there.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use sha2::{Digest, Sha256};
use xorf::{BinaryFuse16, Filter};

use super::{Conn, Error, There, Tx, packs};
use crate::{
    args,
    store::{DbError, Row},
};

/// How many ids stand in line before they are sorted into an era.
const LINE: usize = if cfg!(test) { 32 } else { 4096 };
/// How many eras of one level are merged into one of the next.
const FAN: usize = if cfg!(test) { 3 } else { 16 };
/// Eras of this level are not merged any more: that would keep other acts waiting for too long.
const TOP: i64 = 1;
/// How many filters are made in one act at most, so that the first after a start does not keep the others waiting.
const FILTERS: usize = 8;
/// How many keys of an era are in a row.
const KEYS: usize = if cfg!(test) { 8 } else { 256 };

/// The hash of an id, and the moment at which a row or a place in a pack has it.
type Key = (i64, i64);

/// What is kept of an id. Two ids with the same hash are told apart by the objects themselves.
pub(super) fn hash(id: &str) -> i64 {
    let digest: [u8; 32] = Sha256::digest(id).into();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}

pub(super) fn written(keys: &[Key]) -> Vec<u8> {
    keys.iter().flat_map(|(hash, seq)| [hash.to_be_bytes(), seq.to_be_bytes()]).flatten().collect()
}

pub(super) fn read(row: &Row, column: usize) -> Result<Vec<Key>, DbError> {
    let (numbers, rest) = row.blob(column)?.as_chunks::<8>();
    let (keys, odd) = numbers.as_chunks::<2>();
    if !rest.is_empty() || !odd.is_empty() {
        return Err(DbError::Stored("keys of ids that are cut off".into()));
    }
    Ok(keys.iter().map(|[hash, seq]| (i64::from_be_bytes(*hash), i64::from_be_bytes(*seq))).collect())
}

/// The moments at which a row of keys has this hash.
fn moments(row: &Row, hash: i64) -> Result<impl Iterator<Item = i64> + use<>, DbError> {
    Ok(read(row, 0)?.into_iter().filter(move |key| key.0 == hash).map(|key| key.1))
}

/// Every place of this id, in every collection.
pub(super) fn find(conn: &mut Conn, id: &str, hash: i64) -> Result<Vec<There>, Error> {
    let rows = conn.rows(
        "select (select k.keys from id_keys k where k.era = e.era and k.begins <= ?1 order by k.begins desc limit 1)
           from id_era e
         union all select keys from id_line",
        args![hash],
    )?;
    let mut seqs = Vec::new();
    for row in &rows {
        // An era may have nothing before it.
        if row.value(0)? != super::Value::Null {
            seqs.extend(moments(row, hash)?);
        }
    }
    seqs.sort_unstable();
    places(conn, &mut packs::Seen::default(), id, &seqs)
}

/// What stands at these moments, as far as it has this id: another one may have the same hash.
fn places(conn: &mut Conn, seen: &mut packs::Seen, id: &str, seqs: &[i64]) -> Result<Vec<There>, Error> {
    let columns = There::COLUMNS;
    let by_seq = format!("select {columns}, o.stix_id from object o where o.seq = ?1");
    let mut there = Vec::with_capacity(seqs.len());
    for seq in seqs {
        if let Some(pack) = seen.holding(conn, *seq)? {
            there.extend(pack.at(*seq).filter(|head| head.id == id).map(|head| pack.there(head)));
        } else if let Some(row) = conn.one(&by_seq, args![*seq])?
            && row.str(There::WIDTH)? == id
        {
            there.push(There::of(&row)?);
        }
    }
    Ok(there)
}

/// What the writer remembers of where ids are.
#[derive(Default)]
pub(in crate::store) struct Ids {
    line: Option<Line>,
    /// Of each era. An era is never changed and its number never comes back, so a filter is true as long as it is kept. Of
    /// two bytes an id: with one, every tenth new id was looked for in vain where there were a million.
    filters: HashMap<i64, BinaryFuse16, RandomState>,
}

/// The ids that stand in line.
struct Line {
    /// The first row and the last.
    first: i64,
    last: i64,
    keys: usize,
    seqs: HashMap<i64, Vec<i64>, RandomState>,
}

impl Ids {
    /// Something was undone: what stands in line has to be read again.
    pub(in crate::store) fn forget(&mut self) {
        self.line = None;
    }

    /// What stands in line, other nodes' ids too.
    fn line(&mut self, conn: &mut Conn) -> Result<&mut Line, Error> {
        // One by one, because SQLite reads all rows for both together.
        let ends = "select coalesce((select min(first) from id_line), 0),
                           coalesce((select max(first) from id_line), 0)";
        let row = conn.one(ends, &[])?;
        let (first, last) = row.map_or(Ok((0, 0)), |row| Ok::<_, Error>((row.int(0)?, row.int(1)?)))?;
        let mut line = match self.line.take() {
            Some(line) if line.first == first => line,
            _ => Line { first, last: 0, keys: 0, seqs: HashMap::default() },
        };
        if line.last < last {
            let sql = "select first, keys from id_line where first > ?1 order by first";
            for row in conn.rows(sql, args![line.last])? {
                line.put(row.int(0)?, &read(&row, 1)?);
            }
        }
        Ok(self.line.insert(line))
    }

    /// The numbers of all eras. Makes filters of those that have none, but of a few only.
    fn eras(&mut self, conn: &mut Conn) -> Result<Vec<i64>, Error> {
        let rows = conn.rows("select era from id_era", &[])?;
        let eras = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<_>, _>>()?;
        if self.filters.len() > 2 * eras.len() {
            self.filters.retain(|era, _| eras.contains(era));
        }
        let bare: Vec<i64> = eras.iter().filter(|era| !self.filters.contains_key(era)).copied().collect();
        for era in bare.into_iter().take(FILTERS) {
            let keys = all(conn, era)?;
            self.keep(era, &keys);
        }
        Ok(eras)
    }

    /// `keys` by hash. An era of which no filter can be made is looked into each time.
    fn keep(&mut self, era: i64, keys: &[Key]) {
        let mut hashes: Vec<u64> = keys.iter().map(|key| key.0.cast_unsigned()).collect();
        hashes.dedup();
        if let Ok(filter) = BinaryFuse16::try_from(&hashes) {
            self.filters.insert(era, filter);
        }
    }
}

impl Line {
    /// Takes in one row.
    fn put(&mut self, first: i64, keys: &[Key]) {
        if self.first == 0 {
            self.first = first;
        }
        self.last = first;
        self.keys += keys.len();
        for (hash, seq) in keys {
            self.seqs.entry(*hash).or_default().push(*seq);
        }
    }
}

/// All keys of an era, by hash.
fn all(conn: &mut Conn, era: i64) -> Result<Vec<Key>, Error> {
    let mut keys = Vec::new();
    for row in conn.rows("select keys from id_keys where era = ?1 order by begins", args![era])? {
        keys.extend(read(&row, 0)?);
    }
    Ok(keys)
}

/// What is there, by id.
pub(super) type Found<'a> = HashMap<&'a str, Known, RandomState>;

/// Every place of these ids, in every collection.
pub(super) fn find_all<'a>(tx: &mut Tx<'_>, ids: impl Iterator<Item = &'a str>) -> Result<Found<'a>, Error> {
    let (conn, known) = tx.ids()?;
    let eras = known.eras(conn)?;
    known.line(conn)?;
    let filters: Vec<_> = eras.iter().map(|era| (*era, known.filters.get(era))).collect();
    let mut found = Found::default();
    let mut seen = packs::Seen::default();
    for id in ids {
        if found.contains_key(id) {
            continue;
        }
        let hash = hash(id);
        let line = known.line.iter().filter_map(|line| line.seqs.get(&hash));
        let mut seqs: Vec<i64> = line.flatten().copied().collect();
        for (era, filter) in &filters {
            if filter.is_none_or(|filter| filter.contains(&hash.cast_unsigned())) {
                let sql =
                    "select keys from id_keys where era = ?1 and begins <= ?2 order by begins desc limit 1";
                if let Some(row) = conn.one(sql, args![*era, hash])? {
                    seqs.extend(moments(&row, hash)?);
                }
            }
        }
        seqs.sort_unstable();
        let rows = places(conn, &mut seen, id, &seqs)?;
        found.insert(id, Known { hash, rows });
    }
    Ok(found)
}

/// What is there of an id.
pub(super) struct Known {
    pub(super) hash: i64,
    pub(super) rows: Vec<There>,
}

/// Puts new ids in line, in the order of their moments.
pub(super) fn put(tx: &mut Tx<'_>, keys: &[Key]) -> Result<(), Error> {
    let Some((_, first)) = keys.first() else { return Ok(()) };
    let sql = "insert into id_line (first, n, keys) values (?1, ?2, ?3)";
    tx.exec(sql, args![*first, keys.len(), written(keys)])?;
    let (_, known) = tx.ids()?;
    if let Some(line) = &mut known.line {
        line.put(*first, keys);
    }
    Ok(())
}

/// Sorts what stands in line into an era where it is long enough, and merges eras where there are enough of a level.
pub(super) fn settle(tx: &mut Tx<'_>) -> Result<(), Error> {
    let (conn, known) = tx.ids()?;
    let line = known.line(conn)?;
    if line.keys < LINE {
        return Ok(());
    }
    let of_hash = |(hash, seqs): (&i64, &Vec<i64>)| seqs.iter().map(|seq| (*hash, *seq)).collect::<Vec<_>>();
    let keys: Vec<Key> = line.seqs.iter().flat_map(of_hash).collect();
    known.forget();
    begin(tx, 0, keys)?;
    tx.exec("delete from id_line", &[])?;
    for level in 0..TOP {
        merge(tx, level)?;
    }
    Ok(())
}

/// Writes an era.
fn begin(tx: &mut Tx<'_>, level: i64, mut keys: Vec<Key>) -> Result<(), Error> {
    keys.sort_unstable();
    let (conn, known) = tx.ids()?;
    let era = write(conn, level, &keys)?;
    known.keep(era, &keys);
    Ok(())
}

/// Its number. `keys` by hash.
fn write(conn: &mut Conn, level: i64, keys: &[Key]) -> Result<i64, DbError> {
    // Random, so that an era that was undone never comes back with other ids in it.
    let [a, b, c, d, e, f, g, h, ..] = *uuid::Uuid::new_v4().as_bytes();
    let era = i64::from_be_bytes([a & 0x7f, b, c, d, e, f, g, h]);
    conn.exec("insert into id_era (era, level, rows) values (?1, ?2, ?3)", args![era, level, keys.len()])?;
    let mut rest = keys;
    while !rest.is_empty() {
        // Whatever has one hash is in one row, so that one look finds it.
        let mut end = rest.len().min(KEYS);
        while end < rest.len() && rest.get(end).map(|key| key.0) == rest.get(end - 1).map(|key| key.0) {
            end += 1;
        }
        let (part, more) = rest.split_at(end);
        rest = more;
        let begins = part.first().map_or(0, |key| key.0);
        let sql = "insert into id_keys (era, begins, keys) values (?1, ?2, ?3)";
        conn.exec(sql, args![era, begins, written(part)])?;
    }
    Ok(era)
}

fn merge(tx: &mut Tx<'_>, level: i64) -> Result<(), Error> {
    let rows = tx.rows("select era from id_era where level = ?1", args![level])?;
    if rows.len() < FAN {
        return Ok(());
    }
    let mut keys = Vec::new();
    for row in &rows {
        let era = row.int(0)?;
        keys.extend(all(tx.conn()?, era)?);
        tx.exec("delete from id_keys where era = ?1", args![era])?;
        tx.exec("delete from id_era where era = ?1", args![era])?;
    }
    begin(tx, level + 1, keys)
}

/// Takes over the ids of a database that kept each in a row of its own.
///
/// # Errors
/// Fails as the database does.
pub(in crate::store) fn take_over(conn: &mut Conn) -> Result<(), DbError> {
    let sql = "select hash, seq from object_key union all select hash, seq from object_fresh order by 1, 2";
    let rows = conn.rows(sql, &[])?;
    let keys =
        rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect::<Result<Vec<Key>, DbError>>()?;
    if !keys.is_empty() {
        write(conn, TOP, &keys)?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use noroshi_council::gate::Principal;
    use noroshi_wire::stix::Object;
    use serde_json::json;

    use super::{
        super::{Collection, Counts, add},
        TOP,
    };
    use crate::{
        args,
        store::{Address, DbError, Error, Store},
    };

    fn objects(from: usize, count: usize) -> Vec<Object> {
        let one = |n: usize| {
            json!({
                "type": "identity", "spec_version": "2.1", "id": format!("identity--{}", uuid::Uuid::from_u128(n as u128 + 1)),
                "created": "2017-05-12T08:24:00.000Z", "modified": "2017-05-12T08:24:00.000Z", "name": "name",
            })
        };
        (from..from + count).map(|n| Object::of(&one(n)).unwrap()).collect()
    }

    /// Adds so many, and then fails or does not.
    async fn put(store: &Store, from: usize, count: usize, fails: bool) -> Result<Counts, Error> {
        store
            .write(move |tx| {
                tx.attempt(|tx| {
                    let readers = Arc::new(BTreeSet::from([Principal::Org("reader".into())]));
                    let counts = add(tx, Collection::Library, &readers, (None, None), &objects(from, count))?;
                    if fails { Err(DbError::Address("on purpose".into()).into()) } else { Ok(counts) }
                })
            })
            .await
    }

    async fn count(store: &Store, sql: &'static str) -> i64 {
        store.read(move |conn| Ok(conn.one(sql, &[])?.unwrap().int(0)?)).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_id_is_found_wherever_it_has_gone_on_every_node_and_after_a_start() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Store::open(&Address::Lite(dir.path().join("a.db")), Arc::new(|| 1)).unwrap();
        let nodes = [open(), open()];
        for round in 0..60 {
            let (node, from) = (&nodes[round % 2], round * 10);
            // What was undone is not there.
            assert!(put(node, from, 7, true).await.is_err());
            assert_eq!(put(node, from, 10, false).await.unwrap(), Counts { added: 10, known: 0 }, "{round}");
            let old = from.saturating_sub(25);
            let overlap = put(node, old, from - old + 10, false).await.unwrap();
            assert_eq!(overlap, Counts { added: 0, known: (from - old + 10) as u64 }, "{round}");
        }
        let merged = "select coalesce(max(level), 0) from id_era";
        assert_eq!(count(&nodes[0], merged).await, TOP, "eras were merged");
        assert!(count(&nodes[0], "select coalesce(sum(n), 0) from id_line").await < 42);
        let keys =
            "select (select coalesce(sum(rows), 0) from id_era) + (select coalesce(sum(n), 0) from id_line)";
        assert_eq!(count(&nodes[0], keys).await, 600);
        for node in [&nodes[0], &nodes[1], &open()] {
            assert_eq!(put(node, 0, 600, false).await.unwrap(), Counts { added: 0, known: 600 });
        }
        assert_eq!(put(&nodes[1], 590, 20, false).await.unwrap(), Counts { added: 10, known: 10 });
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn ids_of_a_database_that_kept_each_in_a_row_are_found_after_it_was_brought_up() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Store::open(&Address::Lite(dir.path().join("a.db")), Arc::new(|| 1)).unwrap();
        let store = open();
        assert_eq!(put(&store, 0, 60, false).await.unwrap().added, 60);
        store
            .write(|tx| {
                let mut keys = Vec::new();
                for row in tx.rows("select keys from id_line union all select keys from id_keys", &[])? {
                    keys.extend(super::read(&row, 0)?);
                }
                assert_eq!(keys.len(), 60);
                for old in ["object_key (era, hash, seq)", "object_fresh (seq, hash)"] {
                    tx.exec(&format!("create table {old}"), &[])?;
                }
                for (n, (hash, seq)) in keys.into_iter().enumerate() {
                    let sql = match n % 2 {
                        0 => "insert into object_key (era, hash, seq) values (1, ?1, ?2)",
                        _ => "insert into object_fresh (hash, seq) values (?1, ?2)",
                    };
                    tx.exec(sql, args![hash, seq])?;
                }
                for new in ["id_line", "id_keys", "id_era"] {
                    tx.exec(&format!("delete from {new}"), &[])?;
                }
                Ok(super::take_over(tx.conn()?)?)
            })
            .await
            .unwrap();
        assert_eq!(put(&open(), 0, 61, false).await.unwrap(), Counts { added: 1, known: 60 });
    }
}
