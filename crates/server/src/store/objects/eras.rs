//! Where an id is: a log-structured merge of hashes.
//!
//! Ids are random. In one large index each new one would write a page of its own, which cost two thirds of the speed of
//! an import when measured. Here new ids go into a small era; full eras are merged, in order, into larger ones.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::{Conn, Error, There, Tx};
use crate::args;

/// How many ids an era takes before the next one begins.
const ERA: i64 = 2048;
/// How many eras of one level are merged into one of the next.
const FAN: usize = 8;
/// Eras of this level are not merged any more: that would keep other acts waiting for too long.
const TOP: i64 = 2;

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
            "select {columns} from object_era e
               cross join object_key k
               cross join object o
              where k.era = e.era and k.hash = ?1 and o.seq = k.seq and o.stix_id = ?2
              order by o.seq"
        ),
        args![hash, id],
    )?;
    Ok(rows.iter().map(There::of).collect::<Result<_, _>>()?)
}

/// Every row of these ids, in every collection, by id: one statement for a whole batch, whose looks into an era are next to
/// each other because they come in its order.
pub(super) fn find_all<'a>(
    conn: &mut Conn,
    ids: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, Vec<There>>, Error> {
    let mut found: HashMap<String, Vec<There>> = ids.map(|id| (id.to_owned(), Vec::new())).collect();
    let mut hashes: Vec<i64> = found.keys().map(|id| hash(id)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    let each = if conn.is_pg() {
        "select cast(value as bigint) as value from json_array_elements_text(cast(cast(?1 as text) as json))"
    } else {
        "select value from json_each(?1)"
    };
    let columns = There::COLUMNS;
    let rows = conn.rows(
        &format!(
            "with h as materialized ({each})
             select {columns}, o.stix_id from object_era e
               cross join h
               cross join object_key k
               cross join object o
              where k.era = e.era and k.hash = h.value and o.seq = k.seq
              order by o.seq"
        ),
        args![serde_json::to_string(&hashes)?],
    )?;
    for row in &rows {
        // Another id may have the same hash.
        if let Some(of_id) = found.get_mut(row.str(There::WIDTH)?) {
            of_id.push(There::of(row)?);
        }
    }
    Ok(found)
}

/// The era that takes new ids.
pub(super) struct Open {
    era: i64,
    rows: i64,
}

impl Open {
    pub(super) fn find(tx: &mut Tx<'_>) -> Result<Open, Error> {
        let row = tx.one(
            "select era, rows from object_era where level = 0 and rows < ?1 order by rows limit 1",
            args![ERA],
        )?;
        match row {
            Some(row) => Ok(Open { era: row.int(0)?, rows: row.int(1)? }),
            None => Ok(Open { era: begin(tx, 0, 0)?, rows: 0 }),
        }
    }

    pub(super) fn put(&mut self, tx: &mut Tx<'_>, hash: i64, seq: i64) -> Result<(), Error> {
        self.rows += 1;
        tx.exec("insert into object_key (era, hash, seq) values (?1, ?2, ?3)", args![self.era, hash, seq])?;
        Ok(())
    }

    pub(super) fn close(self, tx: &mut Tx<'_>) -> Result<(), Error> {
        tx.exec("update object_era set rows = ?2 where era = ?1", args![self.era, self.rows])?;
        Ok(())
    }
}

fn begin(tx: &mut Tx<'_>, level: i64, rows: i64) -> Result<i64, Error> {
    // Random, so that an era that was undone never comes back with other ids in it.
    let [a, b, c, d, e, f, g, h, ..] = *uuid::Uuid::new_v4().as_bytes();
    let era = i64::from_be_bytes([a & 0x7f, b, c, d, e, f, g, h]);
    tx.exec("insert into object_era (era, level, rows) values (?1, ?2, ?3)", args![era, level, rows])?;
    Ok(era)
}

/// Merges eras where there are enough full ones of a level.
pub(super) fn merge(tx: &mut Tx<'_>) -> Result<(), Error> {
    for level in 0..TOP {
        let rows =
            tx.rows("select era, rows from object_era where level = ?1 and rows >= ?2", args![level, ERA])?;
        if rows.len() < FAN {
            continue;
        }
        let mut total = 0;
        for row in &rows {
            total += row.int(1)?;
        }
        let merged = begin(tx, level + 1, total)?;
        tx.exec(
            "insert into object_key (era, hash, seq)
             select ?1, k.hash, k.seq from object_era e join object_key k on k.era = e.era
              where e.level = ?2 and e.rows >= ?3 order by k.hash, k.seq",
            args![merged, level, ERA],
        )?;
        for row in &rows {
            let era = row.int(0)?;
            tx.exec("delete from object_key where era = ?1", args![era])?;
            tx.exec("delete from object_era where era = ?1", args![era])?;
        }
    }
    Ok(())
}
