//! What an import brought, and what it would bring.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use noroshi_council::{OrgId, ThingId, gate::Principal};
use serde::de::DeserializeOwned;

use super::{Collection, Counts, eras, packs};
use crate::{
    args,
    store::{Conn, DbError, Error, Reader, Store, audience},
};

/// One version that an import brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// Its type.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The version, as the object writes it.
    pub version: String,
    /// The object.
    pub body: String,
}

impl Store {
    /// How many of these versions would be new to `whose` they are, and how many it can read already.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn would_add(&self, whose: OrgId, versions: Vec<(String, i64)>) -> Result<Counts, Error> {
        let whose = Principal::Org(whose);
        self.snapshot(move |conn| {
            let mut lanes: BTreeMap<i64, (String, BTreeSet<Principal>)> = BTreeMap::new();
            let mut counts = Counts::default();
            let mut told = HashSet::new();
            for (id, version) in versions {
                let mut had = false;
                for row in eras::find(conn, &id, eras::hash(&id))? {
                    if row.version != version || had {
                        continue;
                    }
                    let lane = match lanes.entry(row.lane) {
                        std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                        std::collections::btree_map::Entry::Vacant(new) => new.insert(lane(conn, row.lane)?),
                    };
                    had = lane.0 == Collection::Library.as_str() && lane.1.contains(&whose);
                }
                // The second time that a file has a version, it has it by the first.
                if had || !told.insert((id, version)) {
                    counts.known += 1;
                } else {
                    counts.added += 1;
                }
            }
            Ok(counts)
        })
        .await
    }

    /// How many objects of each type an import brought, as far as `reader` may read them, and the import for the rules to tell
    /// of it what may be told; nothing, alike, where there is none and where it may read none of somebody else's.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn brought<T: DeserializeOwned + Send + 'static>(
        &self,
        reader: &Reader,
        id: &ThingId,
    ) -> Result<Option<(Vec<(String, usize)>, Option<T>)>, Error> {
        let ((org, _), id) = (reader.principals(), id.clone());
        self.snapshot(move |conn| {
            let rows = format!("select o.type, count(*) from object o where {SEEN} group by o.type");
            let packs = format!(
                "select t.type, cast(sum(t.n) as bigint) from object_pack o
                   join object_pack_type t on t.first = o.first where {SEEN} group by t.type"
            );
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for sql in [rows, packs] {
                for row in conn.rows(&sql, args![&id, &org])? {
                    *counts.entry(row.text(0)?).or_default() += usize::try_from(row.int(1)?).unwrap_or(0);
                }
            }
            let counts: Vec<(String, usize)> = counts.into_iter().collect();
            let import =
                conn.one("select body, provider from thing where id = ?1 and kind = 'import'", args![&id])?;
            let own = match &import {
                Some(row) => row.opt_text(1)?.as_deref() == Some(&*org),
                None => false,
            };
            if counts.is_empty() && !own {
                return Ok(None);
            }
            Ok(Some((counts, import.map(|row| row.json(0)).transpose()?)))
        })
        .await
    }

    /// A part of what an import brought, in the order in which it came.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn brought_part(
        &self,
        reader: &Reader,
        id: &ThingId,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Brought>, Error> {
        let ((org, _), id) = (reader.principals(), id.clone());
        self.snapshot(move |conn| {
            // Rows and packs in one order; each is at least one object, so that so many are enough.
            let sql = format!(
                "select o.seq, cast(0 as bigint) from object o where {SEEN}
                 union all select o.first, o.n from object_pack o where {SEEN} order by 1 limit ?3"
            );
            let mut skip = skip;
            let mut part = Vec::new();
            let mut seen = packs::Seen::default();
            for row in conn.rows(&sql, args![&id, &org, skip.saturating_add(limit)])? {
                let (first, n) = (row.int(0)?, usize::try_from(row.int(1)?).unwrap_or(0));
                let left = limit - part.len();
                if left == 0 {
                    break;
                } else if skip >= n.max(1) {
                    skip -= n.max(1);
                } else if n > 0 {
                    let Some(pack) = seen.get(conn, first)? else { continue };
                    let heads: Vec<_> = pack.heads.iter().skip(skip).take(left).collect();
                    let seqs: Vec<i64> = heads.iter().map(|head| pack.seq(head)).collect();
                    let bodies = packs::bodies(conn, &pack, &seqs)?;
                    part.extend(heads.into_iter().zip(bodies).map(|(head, body)| Brought {
                        kind: head.kind.to_string(),
                        id: head.id.to_string(),
                        version: head.said.to_string(),
                        body,
                    }));
                    skip = 0;
                } else {
                    let sql = "select type, stix_id, said, body from object where seq = ?1";
                    if let Some(row) = conn.one(sql, args![first])? {
                        let (kind, id) = (row.text(0)?, row.text(1)?);
                        part.push(Brought { kind, id, version: row.text(2)?, body: row.text(3)? });
                    }
                }
            }
            Ok(part)
        })
        .await
    }
}

/// The objects of an import, as far as an organisation may read them.
const SEEN: &str =
    "o.thing = ?1 and exists (select 1 from object_lane l join audience_member m on m.audience = l.audience
     where l.id = o.lane and m.principal = ?2)";

fn lane(conn: &mut Conn, id: i64) -> Result<(String, BTreeSet<Principal>), Error> {
    let row = conn.one("select coll, audience from object_lane where id = ?1", args![id])?;
    let row = row.ok_or_else(|| DbError::Stored("a lane that is not there".into()))?;
    Ok((row.text(0)?, audience::members(conn, row.int(1)?)?))
}
