//! What reading leaves behind: the provider's record of who has read its secret (R18), and that a notice was opened (E10).

use noroshi_council::{Actor, Layer, Micros, OrgId, Sight, ThingId};
use serde::Serialize;
use utoipa::ToSchema;

use super::Council;
use crate::{
    args,
    store::{Error, LayerView, Rung, ThingView, Tx},
};

/// One organisation that has read something, as the provider sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReadBy {
    /// The organisation; outside the class 1 group nobody learns who sits in it, and sees its class only.
    pub org: Option<OrgId>,
    /// Its class, or the office that it holds.
    pub seat: String,
    /// How many of its people.
    pub people: i64,
    /// When first, unix microseconds.
    pub first_at: Micros,
}

impl Council {
    /// Records, once for each person and way, that `actor` has read what is in `view`.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn note_read(
        &self,
        actor: &Actor,
        view: &ThingView,
        channel: &'static str,
    ) -> Result<(), Error> {
        match view.kind.as_str() {
            "measure" if released(view) => self.note_opened(actor, &view.id).await,
            "item" | "consultation" | "measure" => {
                self.note_secrets(actor, vec![view.id.clone()], channel).await
            }
            _ => Ok(()),
        }
    }

    /// The same for those of which a list tells more than that they are there.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn note_listed(
        &self,
        actor: &Actor,
        views: &[LayerView],
        channel: &'static str,
    ) -> Result<(), Error> {
        let told = |view: &&LayerView| view.sight > Sight::Meta && !is_out(view);
        let ids: Vec<ThingId> = views.iter().filter(told).map(|view| view.thing.clone()).collect();
        if ids.is_empty() { Ok(()) } else { self.note_secrets(actor, ids, channel).await }
    }

    async fn note_secrets(
        &self,
        actor: &Actor,
        ids: Vec<ThingId>,
        channel: &'static str,
    ) -> Result<(), Error> {
        let (org, person) = (actor.org.clone(), actor.person.clone());
        let (reader, who) = (org.clone(), person.clone());
        let new = self
            .store
            .read(move |conn| {
                let sql =
                    "select 1 from access where thing = ?1 and org = ?2 and person = ?3 and channel = ?4
                           union all select 1 from thing where id = ?1 and provider = ?2";
                let mut new = Vec::new();
                for id in ids {
                    if conn.one(sql, args![&id, &reader, &who, channel])?.is_none() {
                        new.push(id);
                    }
                }
                Ok(new)
            })
            .await?;
        if new.is_empty() {
            return Ok(());
        }
        self.store
            .write(move |tx| {
                let sql =
                    "insert into access (id, thing, org, person, channel, at) values (?1, ?2, ?3, ?4, ?5, ?1)";
                for id in &new {
                    let at = tx.tick();
                    tx.exec(sql, args![at, id, &org, &person, channel])?;
                }
                Ok(())
            })
            .await
    }

    /// The first look at a notice, for the board.
    async fn note_opened(&self, actor: &Actor, id: &ThingId) -> Result<(), Error> {
        let (thing, org) = (id.clone(), actor.org.clone());
        let unopened = self
            .store
            .read(move |conn| {
                let sql = "select 1 from receipt where thing = ?1 and org = ?2 and opened_at is null";
                Ok(conn.one(sql, args![&thing, &org])?.is_some())
            })
            .await?;
        if !unopened {
            return Ok(());
        }
        let (thing, org) = (id.clone(), actor.org.clone());
        let coordinator = self.store.roster().coordinator().map(|o| o.id.clone());
        self.store
            .write(move |tx| {
                let now = tx.now();
                let sql =
                    "update receipt set opened_at = ?3 where thing = ?1 and org = ?2 and opened_at is null";
                let opened = tx.exec(sql, args![&thing, &org, now])?;
                if opened > 0 {
                    ring(tx, coordinator);
                }
                Ok(())
            })
            .await
    }

    /// Who has read a thing, as [`Council::read_by`] says it, for whoever sees something of that.
    ///
    /// # Errors
    /// Answers [`Error::NotFound`] alike for what is absent and for what is hidden.
    pub async fn readers_of(
        &self,
        actor: &Actor,
        kind: &'static str,
        id: ThingId,
    ) -> Result<Vec<ReadBy>, Error> {
        self.store.as_seen_by(actor).thing(kind, &id).await?.ok_or(Error::NotFound)?;
        self.read_by(actor, &id).await
    }

    /// Who has read an item or a consultation, for its provider; nothing, alike, for anybody else.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn read_by(&self, actor: &Actor, id: &ThingId) -> Result<Vec<ReadBy>, Error> {
        if !actor.pledged {
            return Ok(Vec::new());
        }
        let (id, org, knows) = (id.clone(), actor.org.clone(), actor.seat.in_class1_group());
        let roster = self.store.roster();
        self.store
            .read(move |conn| {
                let rows = conn.rows(
                    "select a.org, count(distinct a.person), min(a.at) from access a join thing t on t.id = a.thing
                      where a.thing = ?1 and t.provider = ?2 group by a.org order by min(a.at)",
                    args![&id, &org],
                )?;
                let line = |row: &crate::store::Row| -> Result<ReadBy, crate::store::DbError> {
                    let org = OrgId(row.text(0)?);
                    let seat = roster.get(&org).map_or("", |o| o.seat.as_str()).to_owned();
                    Ok(ReadBy { org: knows.then_some(org), seat, people: row.int(1)?, first_at: row.int(2)? })
                };
                Ok(rows.iter().map(line).collect::<Result<_, _>>()?)
            })
            .await
    }
}

fn released(view: &ThingView) -> bool {
    view.layers.iter().any(is_out)
}

/// What everybody has of a countermeasure. Its draft bears a number, too, and is a secret.
fn is_out(view: &LayerView) -> bool {
    view.layer == Layer::Countermeasure && view.key != "draft" && view.body["rev"].is_u64()
}

/// The coordinator watches the board.
fn ring(tx: &mut Tx<'_>, coordinator: Option<OrgId>) {
    if let Some(org) = coordinator {
        tx.ring(Rung::Org(org));
    }
}
