//! Where an id is: a log-structured merge of hashes.
//!
//! Ids are random. In one large index each new one would write a page of its own, which cost two thirds of the speed of
//! an import when measured. Here new ids stand in line as they came; when there are some thousands they are sorted into an
//! era, which is never changed again, and eras are merged, in order, into larger ones.
//!
//! Whoever writes has to know of each id whether it is there. It remembers those in line, and of each era a filter that
//! says of nearly every other id that it is not in it; so a look into the database is for ids that are there.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use xorf::{BinaryFuse8, Filter};

use super::{Conn, Error, There, Tx, Value};
use crate::args;

/// How many ids stand in line before they are sorted into an era.
const LINE: usize = if cfg!(test) { 32 } else { 4096 };
/// How many eras of one level are merged into one of the next.
const FAN: usize = if cfg!(test) { 3 } else { 16 };
/// Eras of this level are not merged any more: that would keep other acts waiting for too long.
const TOP: i64 = 1;
/// How many filters are made in one act at most, so that the first after a start does not keep the others waiting.
const FILTERS: usize = 8;

/// What is kept of an id. Two ids with the same hash are told apart by the objects themselves.
pub(super) fn hash(id: &str) -> i64 {
    let digest: [u8; 32] = Sha256::digest(id).into();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}

/// Every row of this id, in every collection.
pub(super) fn find(conn: &mut Conn, id: &str, hash: i64) -> Result<Vec<There>, Error> {
    let columns = There::COLUMNS;
    // The eras first, whatever a planner thinks: there are few, and each is one look into an index.
    let rows = conn.rows(
        &format!(
            "select {columns} from (
                select seq from object_fresh where hash = ?1
                union all
                select k.seq from object_era e cross join object_key k where k.era = e.era and k.hash = ?1) k
               cross join object o
              where o.seq = k.seq and o.stix_id = ?2
              order by o.seq"
        ),
        args![hash, id],
    )?;
    Ok(rows.iter().map(There::of).collect::<Result<_, _>>()?)
}

/// What the writer remembers of where ids are.
#[derive(Default)]
pub(in crate::store) struct Ids {
    line: Option<Line>,
    /// Of each era. An era is never changed and its number never comes back, so a filter is true as long as it is kept.
    filters: HashMap<i64, BinaryFuse8>,
}

/// The ids that stand in line.
struct Line {
    first: i64,
    last: i64,
    rows: usize,
    seqs: HashMap<i64, Vec<i64>>,
}

impl Ids {
    /// Something was undone: what stands in line has to be read again.
    pub(in crate::store) fn forget(&mut self) {
        self.line = None;
    }

    /// What stands in line, other nodes' ids too.
    fn line(&mut self, conn: &mut Conn) -> Result<&mut Line, Error> {
        // One by one, because SQLite reads all rows for both together.
        let ends = "select coalesce((select min(seq) from object_fresh), 0),
                           coalesce((select max(seq) from object_fresh), 0)";
        let row = conn.one(ends, &[])?;
        let (first, last) = row.map_or(Ok((0, 0)), |row| Ok::<_, Error>((row.int(0)?, row.int(1)?)))?;
        let mut line = match self.line.take() {
            Some(line) if line.first == first => line,
            _ => Line { first, last: 0, rows: 0, seqs: HashMap::new() },
        };
        if line.last < last {
            for row in
                conn.rows("select seq, hash from object_fresh where seq > ?1 order by seq", args![line.last])?
            {
                line.put(row.int(1)?, row.int(0)?);
            }
        }
        Ok(self.line.insert(line))
    }

    /// The numbers of all eras. Makes filters of those that have none, but of a few only.
    fn eras(&mut self, conn: &mut Conn) -> Result<Vec<i64>, Error> {
        let rows = conn.rows("select era from object_era", &[])?;
        let eras = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<_>, _>>()?;
        if self.filters.len() > 2 * eras.len() {
            self.filters.retain(|era, _| eras.contains(era));
        }
        let bare: Vec<i64> = eras.iter().filter(|era| !self.filters.contains_key(era)).copied().collect();
        for era in bare.into_iter().take(FILTERS) {
            let rows = conn.rows("select hash from object_key where era = ?1 order by hash", args![era])?;
            let hashes = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<_>, _>>()?;
            self.keep(era, &hashes);
        }
        Ok(eras)
    }

    /// `hashes` in order. An era of which no filter can be made is looked into each time.
    fn keep(&mut self, era: i64, hashes: &[i64]) {
        let mut keys: Vec<u64> = hashes.iter().map(|hash| hash.cast_unsigned()).collect();
        keys.dedup();
        if let Ok(filter) = BinaryFuse8::try_from(&keys) {
            self.filters.insert(era, filter);
        }
    }

    fn may_hold(&self, era: i64, hash: i64) -> bool {
        self.filters.get(&era).is_none_or(|filter| filter.contains(&hash.cast_unsigned()))
    }
}

impl Line {
    fn put(&mut self, hash: i64, seq: i64) {
        if self.first == 0 {
            self.first = seq;
        }
        self.last = seq;
        self.rows += 1;
        self.seqs.entry(hash).or_default().push(seq);
    }
}

/// Every row of these ids, in every collection, by id.
pub(super) fn find_all<'a>(
    tx: &mut Tx<'_>,
    ids: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, Known>, Error> {
    let columns = There::COLUMNS;
    let by_key = format!(
        "select {columns}, o.stix_id from object_key k cross join object o
          where k.era = ?1 and k.hash = ?2 and o.seq = k.seq"
    );
    let by_seq = format!("select {columns}, o.stix_id from object o where o.seq = ?1");
    let (conn, known) = tx.ids();
    let eras = known.eras(conn)?;
    known.line(conn)?;
    let mut found = HashMap::new();
    for id in ids {
        if found.contains_key(id) {
            continue;
        }
        let hash = hash(id);
        let mut rows = Vec::new();
        for era in &eras {
            if known.may_hold(*era, hash) {
                rows.extend(conn.rows(&by_key, args![*era, hash])?);
            }
        }
        for seq in known.line.iter().filter_map(|line| line.seqs.get(&hash)).flatten() {
            rows.extend(conn.one(&by_seq, args![*seq])?);
        }
        let mut there = Vec::with_capacity(rows.len());
        for row in &rows {
            // Another id may have the same hash.
            if row.str(There::WIDTH)? == id {
                there.push(There::of(row)?);
            }
        }
        there.sort_unstable_by_key(|row| row.seq);
        found.insert(id.to_owned(), Known { hash, rows: there });
    }
    Ok(found)
}

/// What is there of an id.
pub(super) struct Known {
    pub(super) hash: i64,
    pub(super) rows: Vec<There>,
}

/// Puts new rows in line, each with the hash of its id.
pub(super) fn put(tx: &mut Tx<'_>, rows: &[(i64, i64)]) -> Result<(), Error> {
    let values: Vec<Vec<Value>> =
        rows.iter().map(|(seq, hash)| vec![(*seq).into(), (*hash).into()]).collect();
    tx.exec_each("insert into object_fresh (seq, hash) values (?1, ?2)", &values)?;
    let (_, known) = tx.ids();
    if let Some(line) = &mut known.line {
        for (seq, hash) in rows {
            line.put(*hash, *seq);
        }
    }
    Ok(())
}

/// Sorts what stands in line into an era where it is long enough, and merges eras where there are enough of a level.
pub(super) fn settle(tx: &mut Tx<'_>) -> Result<(), Error> {
    let (conn, known) = tx.ids();
    let line = known.line(conn)?;
    if line.rows < LINE {
        return Ok(());
    }
    let mut hashes: Vec<i64> = line.seqs.keys().copied().collect();
    hashes.sort_unstable();
    let rows = i64::try_from(line.rows).unwrap_or(i64::MAX);
    known.forget();
    let era = begin(tx, 0, rows)?;
    tx.exec(
        "insert into object_key (era, hash, seq) select ?1, hash, seq from object_fresh order by hash, seq",
        args![era],
    )?;
    tx.exec("delete from object_fresh", &[])?;
    tx.ids().1.keep(era, &hashes);
    for level in 0..TOP {
        merge(tx, level)?;
    }
    Ok(())
}

fn begin(tx: &mut Tx<'_>, level: i64, rows: i64) -> Result<i64, Error> {
    // Random, so that an era that was undone never comes back with other ids in it.
    let [a, b, c, d, e, f, g, h, ..] = *uuid::Uuid::new_v4().as_bytes();
    let era = i64::from_be_bytes([a & 0x7f, b, c, d, e, f, g, h]);
    tx.exec("insert into object_era (era, level, rows) values (?1, ?2, ?3)", args![era, level, rows])?;
    Ok(era)
}

fn merge(tx: &mut Tx<'_>, level: i64) -> Result<(), Error> {
    let rows = tx.rows("select era, rows from object_era where level = ?1", args![level])?;
    if rows.len() < FAN {
        return Ok(());
    }
    let mut total = 0;
    for row in &rows {
        total += row.int(1)?;
    }
    let merged = begin(tx, level + 1, total)?;
    tx.exec(
        "insert into object_key (era, hash, seq)
         select ?1, k.hash, k.seq from object_era e join object_key k on k.era = e.era
          where e.level = ?2 order by k.hash, k.seq",
        args![merged, level],
    )?;
    for row in &rows {
        let era = row.int(0)?;
        tx.exec("delete from object_key where era = ?1", args![era])?;
        tx.exec("delete from object_era where era = ?1", args![era])?;
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
    use crate::store::{Address, DbError, Error, Store};

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
                    let readers = BTreeSet::from([Principal::Org("reader".into())]);
                    let counts = add(tx, Collection::Library, &readers, None, &objects(from, count))?;
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
        let merged = "select coalesce(max(level), 0) from object_era";
        assert_eq!(count(&nodes[0], merged).await, TOP, "eras were merged");
        assert!(count(&nodes[0], "select count(*) from object_fresh").await < 42);
        let keys = "select (select count(*) from object_key) + (select count(*) from object_fresh)";
        assert_eq!(count(&nodes[0], keys).await, 600);
        for node in [&nodes[0], &nodes[1], &open()] {
            assert_eq!(put(node, 0, 600, false).await.unwrap(), Counts { added: 0, known: 600 });
        }
        assert_eq!(put(&nodes[1], 590, 20, false).await.unwrap(), Counts { added: 10, known: 10 });
    }
}
