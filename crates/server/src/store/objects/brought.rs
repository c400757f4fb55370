//! What an import brought, and what it would bring.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use noroshi_council::{OrgId, ThingId, gate::Principal};

use super::{Collection, Counts, eras};
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
    /// How many of these versions would be new to somebody among `readers`, and how many they all have.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn would_add(
        &self,
        readers: BTreeSet<OrgId>,
        versions: Vec<(String, i64)>,
    ) -> Result<Counts, Error> {
        let readers: BTreeSet<Principal> = readers.into_iter().map(Principal::Org).collect();
        self.read(move |conn| {
            let mut lanes: BTreeMap<i64, (String, BTreeSet<Principal>)> = BTreeMap::new();
            let mut counts = Counts::default();
            let mut told = HashSet::new();
            for (id, version) in versions {
                let mut rest = readers.clone();
                for row in eras::find(conn, &id, eras::hash(&id))? {
                    if row.version != version || rest.is_empty() {
                        continue;
                    }
                    let lane = match lanes.entry(row.lane) {
                        std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                        std::collections::btree_map::Entry::Vacant(new) => new.insert(lane(conn, row.lane)?),
                    };
                    if lane.0 == Collection::Library.as_str() {
                        rest.retain(|reader| !lane.1.contains(reader));
                    }
                }
                // The second time that a file has a version, everybody has it by the first.
                if rest.is_empty() || !told.insert((id, version)) {
                    counts.known += 1;
                } else {
                    counts.added += 1;
                }
            }
            Ok(counts)
        })
        .await
    }

    /// How many objects of each type an import brought, as far as `reader` may read them; nothing, alike, where there is
    /// none and where it may read none of somebody else's.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn brought(
        &self,
        reader: &Reader,
        id: &ThingId,
    ) -> Result<Option<Vec<(String, usize)>>, Error> {
        let ((org, _), id) = (reader.principals(), id.clone());
        self.read(move |conn| {
            let sql =
                format!("select o.type, count(*) from object o where {SEEN} group by o.type order by o.type");
            let rows = conn.rows(&sql, args![&id, &org])?;
            let counts = rows
                .iter()
                .map(|row| Ok((row.text(0)?, usize::try_from(row.int(1)?).unwrap_or(0))))
                .collect::<Result<Vec<_>, DbError>>()?;
            let own = "select 1 from thing where id = ?1 and kind = 'import' and provider = ?2";
            let own = conn.one(own, args![&id, &org])?.is_some();
            Ok((own || !counts.is_empty()).then_some(counts))
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
        self.read(move |conn| {
            let sql = format!(
                "select o.type, o.stix_id, o.said, o.body from object o where {SEEN} order by o.seq limit ?3 offset ?4"
            );
            let rows = conn.rows(&sql, args![&id, &org, limit, skip])?;
            let brought = |row: &crate::store::Row| -> Result<Brought, DbError> {
                Ok(Brought { kind: row.text(0)?, id: row.text(1)?, version: row.text(2)?, body: row.text(3)? })
            };
            Ok(rows.iter().map(brought).collect::<Result<_, _>>()?)
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
