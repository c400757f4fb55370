//! What several imports brought. An object stands once, under the import that brought it first; of the others is kept that they
//! brought it, too, and for whom. When the first is taken back or drawn narrower, those readers keep it, as something that the next
//! one brought.
//!
//! Only the very same text is handed on: whoever takes back what it wrote takes back its words, whatever id and version they have.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use noroshi_council::gate::Principal;
use noroshi_wire::stix::Object;

use super::{Collection, Shelf, Tx, eras, keep_only, packs};
use crate::{
    args,
    store::{Conn, DbError, Error},
};

/// An object that was there already, in the same version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Again {
    /// Its moment.
    pub(super) seq: i64,
    /// The pack that it stood in.
    pub(super) pack: Option<i64>,
    /// The hash of the text that was brought now.
    pub(super) text: i64,
    /// For whom.
    pub(super) lane: i64,
}

/// Keeps what `thing` brought again.
pub(super) fn keep(tx: &mut Tx<'_>, thing: &str, again: &[Again]) -> Result<(), Error> {
    let mut of_pack: HashMap<i64, Option<String>> = HashMap::new();
    let mut by: BTreeMap<(String, i64), Vec<(i64, i64)>> = BTreeMap::new();
    for one in again {
        let mut of = None;
        if let Some(first) = one.pack {
            of = match of_pack.get(&first) {
                Some(of) => of.clone(),
                None => {
                    let row = tx.one("select thing from object_pack where first = ?1", args![first])?;
                    let of = row.map(|row| row.text(0)).transpose()?;
                    of_pack.insert(first, of.clone());
                    of
                }
            };
        }
        // It may have been taken apart since.
        if of.is_none() {
            let row = tx.one("select thing from object where seq = ?1", args![one.seq])?;
            of = row.map(|row| row.opt_text(0)).transpose()?.flatten();
        }
        if let Some(of) = of.filter(|of| of != thing) {
            by.entry((of, one.lane)).or_default().push((one.text, one.seq));
        }
    }
    for ((of, lane), keys) in by {
        // Bringing the same again changes nothing.
        let keys = eras::written(&keys);
        let sql =
            "select 1 from object_again where thing = ?1 and brought_by = ?2 and lane = ?3 and keys = ?4";
        if tx.one(sql, args![&of, thing, lane, keys.clone()])?.is_none() {
            let id = tx.tick();
            tx.exec(
                "insert into object_again (id, thing, brought_by, lane, keys) values (?1, ?2, ?3, ?4, ?5)",
                args![id, of, thing, lane, keys],
            )?;
        }
    }
    Ok(())
}

/// Brings the readers of what the import `thing` brought down to `readers`, as [`keep_only`] does. Who loses an object that another
/// import brought for it, too, keeps it by that one: as something new, since what was first is gone.
///
/// # Errors
/// Fails as the database does.
pub fn narrow(tx: &mut Tx<'_>, thing: &str, readers: &BTreeSet<Principal>) -> Result<(), Error> {
    let mut shelf = Shelf::default();
    for row in tx.rows("select distinct lane from object_again where brought_by = ?1", args![thing])? {
        let lane = shelf.lane(tx, row.int(0)?)?;
        let stay: BTreeSet<Principal> = lane.readers.intersection(readers).cloned().collect();
        if stay.is_empty() {
            tx.exec("delete from object_again where brought_by = ?1 and lane = ?2", args![thing, lane.id])?;
        } else if stay.len() < lane.readers.len() {
            let to = shelf.lane_for(tx, &lane.coll.clone(), &Arc::new(stay))?;
            let sql = "update object_again set lane = ?3 where brought_by = ?1 and lane = ?2";
            tx.exec(sql, args![thing, lane.id, to.id])?;
        }
    }
    // One after the other, so that never all of a large import is in memory.
    for id in tx.rows("select id from object_again where thing = ?1 order by id", args![thing])? {
        hand_on(tx, id.int(0)?, thing, readers)?;
    }
    keep_only(tx, thing, readers)?;
    if readers.is_empty() {
        tx.exec("delete from object_again where thing = ?1", args![thing])?;
    }
    Ok(())
}

fn hand_on(tx: &mut Tx<'_>, id: i64, thing: &str, readers: &BTreeSet<Principal>) -> Result<(), Error> {
    let row = tx.one("select brought_by, lane, keys from object_again where id = ?1", args![id])?;
    let Some(row) = row else { return Ok(()) };
    let (to, lane, keys) = (row.text(0)?, row.int(1)?, eras::read(&row, 2)?);
    let mut shelf = Shelf::default();
    let lane = shelf.lane(tx, lane)?;
    let lost: BTreeSet<Principal> = lane.readers.difference(readers).cloned().collect();
    if lost.is_empty() {
        return Ok(());
    }
    // Whoever loses it, by the lane in which it stands.
    let mut losing: BTreeMap<i64, Vec<Object>> = BTreeMap::new();
    let mut handed = HashSet::new();
    for (seq, lane, text) in texts(tx.conn()?, thing, &keys)? {
        if let Some(object) = Object::verbatim(text) {
            handed.insert(seq);
            losing.entry(lane).or_default().push(object);
        }
    }
    for (lane, objects) in &losing {
        let from = shelf.lane(tx, *lane)?;
        let saved: BTreeSet<Principal> = from.readers.intersection(&lost).cloned().collect();
        if saved.is_empty() {
            continue;
        }
        let leaving = Some((handed.clone(), readers.clone()));
        let mut shelf = Shelf { packs: true, leaving, ..Shelf::default() };
        let lane = shelf.lane_for(tx, Collection::Library.as_str(), &Arc::new(saved))?;
        for object in objects {
            shelf.put(tx, &lane, Some(&to), object)?;
        }
        // What yet another import brought for them before, this one goes on to bring again.
        let mut again = std::mem::take(&mut shelf.again);
        again.retain(|one| !handed.contains(&one.seq));
        keep(tx, &to, &again)?;
        shelf.close(tx)?;
    }
    Ok(())
}

/// Those of these objects that still stand under `thing` with the very text that was brought again: moment, lane and text.
fn texts(conn: &mut Conn, thing: &str, keys: &[(i64, i64)]) -> Result<Vec<(i64, i64, String)>, DbError> {
    let mut seen = packs::Seen::default();
    let mut found = Vec::new();
    let mut packed: BTreeMap<i64, Vec<(i64, i64)>> = BTreeMap::new();
    for (hash, seq) in keys {
        if let Some(pack) = seen.holding(conn, *seq)? {
            if pack.thing.as_deref() == Some(thing) {
                packed.entry(pack.first).or_default().push((*seq, *hash));
            }
            continue;
        }
        let sql = "select lane, body from object where seq = ?1 and thing = ?2";
        if let Some(mut row) = conn.one(sql, args![*seq, thing])? {
            let text = row.take_text(1)?;
            if eras::hash(&text) == *hash {
                found.push((*seq, row.int(0)?, text));
            }
        }
    }
    for (first, mut wanted) in packed {
        let Some(pack) = seen.get(conn, first)? else { continue };
        wanted.sort_unstable();
        wanted.dedup();
        let mut seqs: Vec<i64> = wanted.iter().map(|(seq, _)| *seq).collect();
        seqs.dedup();
        for (seq, text) in seqs.iter().zip(packs::bodies(conn, &pack, &seqs)?) {
            if wanted.contains(&(*seq, eras::hash(&text))) {
                found.push((*seq, pack.lane, text));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}
