//! What the council says of a thing, part by part, kept up with what it says now.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use noroshi_council::{ThingId, gate::Principal};
use noroshi_wire::{
    stix::{Object, make::emptied},
    time,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Collection, Shelf, Tx, add, keep_only};
use crate::{
    args,
    store::{Error, audience::hex},
};

/// A part of what the council says of a thing: objects that the same readers read, made from the same view.
pub struct Part<'a> {
    /// Tells it apart from the others of the thing.
    pub name: String,
    /// Who may read it.
    pub readers: Arc<BTreeSet<Principal>>,
    /// Everything that it is made from. Where this and the readers are as before, nothing is done.
    pub source: String,
    /// Makes the objects.
    pub make: Box<dyn Fn() -> Told + 'a>,
}

/// The objects of a part.
#[derive(Debug, Default)]
pub struct Told {
    /// Those that only this part has. `created` and `modified` of the version before are kept where nothing else changed.
    pub own: Vec<Object>,
    /// Those that many have, which never change: markings, the council's own identity.
    pub shared: Vec<Object>,
}

/// Brings what stands of a thing up to these parts. What did not change keeps its version and its moment; what is not
/// said any more is revoked for those who read it, and gone for whoever may not read the thing any more. Where the whole was
/// withdrawn from some who had it, to them the text is gone, too, and what is left says that it is revoked.
///
/// # Errors
/// Fails as the database does.
pub fn keep(
    tx: &mut Tx<'_>,
    thing: &ThingId,
    parts: &[Part<'_>],
    withdrawn_from: &BTreeSet<Principal>,
) -> Result<(), Error> {
    let mut prints: BTreeMap<String, String> = BTreeMap::new();
    for row in tx.rows("select part, print from object_part where thing = ?1", args![thing])? {
        prints.insert(row.text(0)?, row.text(1)?);
    }
    let anybody: BTreeSet<Principal> = parts.iter().flat_map(|part| part.readers.iter().cloned()).collect();
    let anybody = Arc::new(anybody);
    for part in parts {
        let print = print(part);
        if prints.remove(&part.name).as_deref() == Some(&print) {
            continue;
        }
        let key = key(thing, &part.name);
        keep_only(tx, &key, &part.readers)?;
        let told = (part.make)();
        add(tx, Collection::Council, &part.readers, (None, None), &told.shared)?;
        say(tx, &key, &part.readers, &told.own)?;
        tx.exec(
            "insert into object_part (thing, part, print) values (?1, ?2, ?3)
             on conflict (thing, part) do update set print = excluded.print",
            args![thing, &part.name, print],
        )?;
    }
    for (name, before) in prints {
        let key = key(thing, &name);
        if !withdrawn_from.is_empty() {
            let now = digest(withdrawn_from, "withdrawn");
            if now != before {
                keep_only(tx, &key, withdrawn_from)?;
                empty(tx, &key)?;
                tx.exec(
                    "update object_part set print = ?3 where thing = ?1 and part = ?2",
                    args![thing, &name, now],
                )?;
            }
            continue;
        }
        keep_only(tx, &key, &anybody)?;
        say(tx, &key, &anybody, &[])?;
        tx.exec("delete from object_part where thing = ?1 and part = ?2", args![thing, name])?;
    }
    Ok(())
}

fn key(thing: &ThingId, part: &str) -> String {
    format!("{thing}/{part}")
}

fn print(part: &Part<'_>) -> String {
    digest(&part.readers, &part.source)
}

fn digest(readers: &BTreeSet<Principal>, source: &str) -> String {
    let mut digest = Sha256::new();
    for reader in readers {
        digest.update(reader.name().as_bytes());
        digest.update([0]);
    }
    digest.update([1]);
    digest.update(source);
    hex(&digest.finalize())
}

/// The last version of each object that stands under `key`.
fn lasts(tx: &mut Tx<'_>, key: &str) -> Result<BTreeMap<String, (Value, Vec<i64>)>, Error> {
    let mut lasts: BTreeMap<String, (i64, Value, Vec<i64>)> = BTreeMap::new();
    for row in tx.rows(
        "select stix_id, version, lane, body from object where thing = ?1 order by version",
        args![key],
    )? {
        let (version, lane) = (row.int(1)?, row.int(2)?);
        match lasts.get_mut(row.str(0)?) {
            Some((last, _, lanes)) if *last == version => lanes.push(lane),
            _ => {
                lasts.insert(row.text(0)?, (version, row.json(3)?, vec![lane]));
            }
        }
    }
    Ok(lasts.into_iter().map(|(id, (_, value, lanes))| (id, (value, lanes))).collect())
}

fn say(
    tx: &mut Tx<'_>,
    key: &str,
    readers: &Arc<BTreeSet<Principal>>,
    objects: &[Object],
) -> Result<(), Error> {
    let mut before = lasts(tx, key)?;
    let now = tx.now();
    let mut said = Vec::new();
    for object in objects {
        let mut value: Value = serde_json::from_str(object.text())?;
        if let Some((last, _)) = before.remove(&object.id) {
            value = follow(last, value, now);
        }
        said.extend(Object::of(&value));
    }
    let mut revoked = Vec::new();
    for (last, lanes) in before.into_values() {
        if last["revoked"] == true {
            continue;
        }
        let mut value = last.clone();
        value["revoked"] = true.into();
        revoked.extend(Object::of(&follow(last, value, now)).map(|object| (object, lanes)));
    }
    let mut shelf = Shelf::default();
    if !said.is_empty() {
        let lane = shelf.lane_for(tx, Collection::Council.as_str(), readers)?;
        for object in &said {
            shelf.put(tx, &lane, Some(key), object)?;
        }
    }
    for (object, lanes) in &revoked {
        for lane in lanes {
            let lane = shelf.lane(tx, *lane)?;
            shelf.put(tx, &lane, Some(key), object)?;
        }
    }
    shelf.close(tx)
}

/// Leaves of what stands under `key` that it is revoked, for those who have it, and no version that says more.
fn empty(tx: &mut Tx<'_>, key: &str) -> Result<(), Error> {
    let now = tx.now();
    let mut shelf = Shelf::default();
    let mut left = Vec::new();
    for (id, (last, lanes)) in lasts(tx, key)? {
        let rest = emptied(&last, "取り下げられました Withdrawn");
        let rest = follow(last.clone(), rest, now);
        if rest != last {
            tx.exec("delete from object where thing = ?1 and stix_id = ?2", args![key, id])?;
            left.extend(Object::of(&rest).map(|object| (object, lanes)));
        }
    }
    for (object, lanes) in &left {
        for lane in lanes {
            let lane = shelf.lane(tx, *lane)?;
            shelf.put(tx, &lane, Some(key), object)?;
        }
    }
    shelf.close(tx)
}

/// `value` as the version after `last`, or `last` itself where nothing else changed.
fn follow(last: Value, mut value: Value, now: i64) -> Value {
    value["created"] = last["created"].clone();
    value["modified"] = last["modified"].clone();
    if value == last {
        return last;
    }
    // Later than the version before, whatever the clock says.
    let before = last["modified"].as_str().and_then(time::parse).unwrap_or(0);
    value["modified"] = time::micros(now.max(before + 1)).into();
    value
}
