//! Reading, always as somebody.

use std::{borrow::Cow, collections::BTreeSet};

use noroshi_council::{Actor, Layer, Micros, Roster, Sight, Thing, ThingId};

use super::{
    Conn, DbError, Error, Row, Store,
    act::principals,
    feed::{COLUMNS, Feed},
    pair::{Scoped, apart},
};
use crate::{args, leak::leaks};

/// A thing itself, which only rules may see: nothing of it may reach a reader but through the gate.
///
/// # Errors
/// Fails as the database does.
pub fn unseen<T: Thing>(conn: &mut Conn, id: &ThingId) -> Result<Option<T>, DbError> {
    let row = conn.one("select body from thing where id = ?1 and kind = ?2", args![id, T::KIND])?;
    row.map(|row| row.json(0)).transpose()
}

/// The store as one reader sees it. There is no other way to read what members gave.
#[derive(Clone)]
pub struct Reader {
    store: Store,
    org: String,
    role: String,
    trusted: bool,
}

/// One layer of a thing, as its reader may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerView {
    /// The thing.
    pub thing: ThingId,
    /// Its kind.
    pub kind: String,
    /// Which layer.
    pub layer: Layer,
    /// How much of it.
    pub sight: Sight,
    /// Tells several of one layer apart.
    pub key: String,
    /// What the reader reads.
    pub body: serde_json::Value,
    /// When it last changed for this reader.
    pub changed_at: Micros,
    /// When it first appeared to this reader.
    pub added_at: Micros,
}

/// Everything of one thing that its reader may see.
#[derive(Debug, Clone, PartialEq)]
pub struct ThingView {
    /// The thing.
    pub id: ThingId,
    /// Its kind.
    pub kind: String,
    /// Its layers, most detailed first within a layer.
    pub layers: Vec<LayerView>,
}

impl ThingView {
    /// The most detailed view of a layer that there is one of.
    #[must_use]
    pub fn layer(&self, layer: Layer) -> Option<&LayerView> {
        self.layers.iter().filter(|v| v.layer == layer).max_by_key(|v| v.sight)
    }

    /// The view of a layer that bears no name of its own, at its most detailed.
    #[must_use]
    pub fn plain(&self, layer: Layer) -> Option<&LayerView> {
        self.named(layer, "")
    }

    /// The view of a layer under one name, at its most detailed.
    #[must_use]
    pub fn named(&self, layer: Layer, key: &str) -> Option<&LayerView> {
        self.layers.iter().filter(|v| v.layer == layer && v.key == key).max_by_key(|v| v.sight)
    }

    /// Every view of a layer, each key at its most detailed, in the order of the keys.
    #[must_use]
    pub fn all(&self, layer: Layer) -> Vec<&LayerView> {
        let mut best: std::collections::BTreeMap<&str, &LayerView> = std::collections::BTreeMap::new();
        for view in self.layers.iter().filter(|v| v.layer == layer) {
            let known = best.entry(&view.key).or_insert(view);
            if view.sight > known.sight {
                *known = view;
            }
        }
        best.into_values().collect()
    }

    /// When anything of it last changed for this reader.
    #[must_use]
    pub fn changed_at(&self) -> Micros {
        self.layers.iter().map(|v| v.changed_at).max().unwrap_or(0)
    }
}

impl Store {
    /// The store as `actor` sees it. A person who is not enrolled and pledged sees nothing.
    #[must_use]
    pub fn as_seen_by(&self, actor: &Actor) -> Reader {
        let [org, role] = principals(actor).map(Cow::into_owned);
        let trusted =
            leaks("unpledged") || actor.pledged && actor.standing == noroshi_council::Standing::Active;
        Reader { store: self.clone(), org, role, trusted }
    }
}

impl Reader {
    /// As whom this reader reads, for statements that join the gate themselves.
    #[must_use]
    pub fn principals(&self) -> (String, String) {
        if self.trusted { (self.org.clone(), self.role.clone()) } else { (String::new(), String::new()) }
    }

    /// Everything this reader may see of one thing; nothing, alike, where it is absent or hidden.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn thing(&self, kind: &'static str, id: &ThingId) -> Result<Option<ThingView>, Error> {
        let (org, role) = self.principals();
        let (id, store) = (id.clone(), self.store.clone());
        self.store
            .read(move |conn| {
                let (views, apart) = served(&store, conn, &org, |conn| thing(conn, kind, &id, &org, &role))?;
                if views.is_empty() || apart.contains(&id) {
                    return Ok(None);
                }
                Ok(Some(ThingView { id, kind: kind.to_owned(), layers: views }))
            })
            .await
    }

    /// The newest views of one layer of one kind of thing, at most `limit`, older than `before`.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn newest(
        &self,
        kind: &'static str,
        layer: Layer,
        before: Option<Micros>,
        limit: usize,
    ) -> Result<Vec<LayerView>, Error> {
        let (org, role) = self.principals();
        let store = self.store.clone();
        self.store
            .read(move |conn| {
                let (mut before, mut page) = (before.unwrap_or(Micros::MAX), Vec::new());
                loop {
                    let feed = Feed { principals: (&org, &role), of: (kind, layer), before, limit };
                    let (views, apart) = served(&store, conn, &org, |conn| feed.rows(conn))?;
                    let (full, last) = (views.len() == limit, views.last().map(|view| view.changed_at));
                    page.extend(views.into_iter().filter(|view| !apart.contains(&view.thing)));
                    if !role.is_empty() {
                        once_each(&mut page);
                    }
                    // What was left out as read twice makes room.
                    match last {
                        Some(last) if full && page.len() < limit && !role.is_empty() => before = last,
                        _ => break,
                    }
                }
                page.truncate(limit);
                Ok(page)
            })
            .await
    }
}

/// Who reads under two names may have a view by each, when it came to one of them earlier than to the other.
fn once_each(views: &mut Vec<LayerView>) {
    let mut seen = BTreeSet::new();
    views.retain(|view| seen.insert((view.thing.clone(), view.layer, view.sight, view.key.clone())));
}

/// What `read` finds for `org`, and the things among it that the rules do not let it read. Where there is one, that is
/// looked at again with the membership of this moment, in case both changed in between; what then remains is an alarm.
fn served(
    store: &Store,
    conn: &mut Conn,
    org: &str,
    read: impl Fn(&mut Conn) -> Result<Vec<Row>, DbError>,
) -> Result<(Vec<LayerView>, BTreeSet<ThingId>), Error> {
    let look = |conn: &mut Conn, roster: &Roster| -> Result<_, Error> {
        let views = read(conn)?.into_iter().map(view).collect::<Result<Vec<Scoped>, Error>>()?;
        let apart = if views.is_empty() { BTreeSet::new() } else { apart(conn, roster, org, &views)? };
        Ok((views, apart))
    };
    let (mut views, mut apart) = look(conn, &store.roster())?;
    if !apart.is_empty() {
        let roster = store.refresh_roster(conn)?;
        (views, apart) = look(conn, &roster)?;
        for thing in &apart {
            store.alarm(thing);
        }
    }
    Ok((views.into_iter().map(|(view, _)| view).collect(), apart))
}

/// Everything that these principals may see of one thing.
fn thing(conn: &mut Conn, kind: &str, id: &ThingId, org: &str, role: &str) -> Result<Vec<Row>, DbError> {
    let anybody = if leaks("audience") { "1 = 1 or" } else { "" };
    conn.rows(
        &format!(
            "select {COLUMNS} from view v
              where v.thing = ?1 and v.kind = ?2
                and ({anybody} exists (select 1 from audience_member m
                             where m.audience = v.audience and m.principal in (?3, ?4)))
              order by v.layer, v.key, v.seq"
        ),
        args![id, kind, org, role],
    )
}

fn view(row: Row) -> Result<Scoped, Error> {
    let stored = |what: &str| Error::Db(super::DbError::Stored(what.to_owned()));
    let scope = row.opt_text(8)?;
    let view = LayerView {
        thing: ThingId(row.text(0)?),
        kind: row.text(1)?,
        layer: Layer::parse(row.str(2)?).ok_or_else(|| stored("layer"))?,
        sight: Sight::parse(row.str(3)?).ok_or_else(|| stored("sight"))?,
        key: row.text(4)?,
        body: row.json(5)?,
        changed_at: row.int(6)?,
        added_at: row.int(7)?,
    };
    Ok((view, scope))
}
