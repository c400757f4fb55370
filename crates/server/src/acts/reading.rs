//! What reading leaves behind: the provider's record of who has read its secret (R18), and that a notice was opened (E10).

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use noroshi_council::{
    Actor, Layer, Micros, OrgId, Sight, Thing as _, ThingId, import::Import, item::Item, measure::Measure,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::Council;
use crate::{
    args,
    store::{DbError, Error, LayerView, Rung, ThingView, Tx},
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

/// What is secret, and whose it is where somebody gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    thing: ThingId,
    provider: Option<OrgId>,
}

impl Secret {
    /// What `provider` gave as a secret.
    pub(crate) fn of(thing: &ThingId, provider: &OrgId) -> Secret {
        Secret { thing: thing.clone(), provider: Some(provider.clone()) }
    }
}

/// How much is remembered of who has read what. Where it is more, it is looked up again.
const REMEMBERED: usize = if cfg!(test) { 4 } else { 200_000 };

/// What is known to be recorded: programs ask for the same each minute, and a page of theirs has hundreds of objects, so a page
/// that was recorded costs neither a write nor a look into the database.
#[derive(Default)]
pub(crate) struct Traces {
    noted: Mutex<Noted>,
    /// What is a secret, as far as that does not change any more, and then whose.
    secrets: Mutex<HashMap<Arc<str>, Option<Secret>>>,
}

#[derive(Default)]
struct Noted {
    by: HashMap<(String, &'static str), HashSet<ThingId>>,
    size: usize,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Traces {
    /// What of this is not known to be recorded.
    fn new_to(&self, actor: &Actor, secrets: &[Secret], channel: &'static str) -> Vec<ThingId> {
        let noted = locked(&self.noted);
        let known = noted.by.get(&(actor.person.to_string(), channel));
        let new = |secret: &&Secret| {
            secret.provider.as_ref() != Some(&actor.org)
                && known.is_none_or(|known| !known.contains(&secret.thing))
        };
        secrets.iter().filter(new).map(|secret| secret.thing.clone()).collect()
    }

    fn keep(&self, actor: &Actor, things: Vec<ThingId>, channel: &'static str) {
        let mut noted = locked(&self.noted);
        if noted.size + things.len() > REMEMBERED {
            *noted = Noted::default();
        }
        noted.size += things.len();
        noted.by.entry((actor.person.to_string(), channel)).or_default().extend(things);
    }
}

impl Council {
    /// Which of these things, of which a program reads objects, are secrets: what was imported as one, analyses, and
    /// countermeasures before they are released to all (R18). What the council says of a thing stands in parts, which go by the thing.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn secrets_among(&self, things: BTreeSet<Arc<str>>) -> Result<Vec<Secret>, Error> {
        let (mut secrets, mut unknown) = (Vec::new(), Vec::new());
        {
            let known = locked(&self.traces.secrets);
            let whole = |thing: Arc<str>| match thing.split_once('/') {
                Some((thing, _)) => Arc::from(thing),
                None => thing,
            };
            for thing in things.into_iter().map(whole).collect::<BTreeSet<Arc<str>>>() {
                match known.get(&thing) {
                    Some(secret) => secrets.extend(secret.clone()),
                    None => unknown.push(thing),
                }
            }
        }
        if unknown.is_empty() {
            return Ok(secrets);
        }
        let found = self
            .store
            .read(move |conn| {
                let sql = "select kind, provider, body from thing where id = ?1";
                let one = |thing: Arc<str>| -> Result<_, Error> {
                    let Some(row) = conn.one(sql, args![&*thing])? else { return Ok((thing, None, true)) };
                    let (is, for_good) = match row.str(0)? {
                        Item::KIND => (true, true),
                        Import::KIND => (row.json::<Import>(2)?.secret(), true),
                        Measure::KIND => {
                            let out = row.json::<Measure>(2)?.released_at().is_some();
                            (!out, out)
                        }
                        _ => (false, true),
                    };
                    let provider = row.opt_text(1)?.map(OrgId);
                    let secret = is.then(|| Secret { thing: ThingId(thing.to_string()), provider });
                    Ok((thing, secret, for_good))
                };
                unknown.into_iter().map(one).collect::<Result<Vec<_>, _>>()
            })
            .await?;
        secrets.extend(found.iter().filter_map(|(_, secret, _)| secret.clone()));
        let mut known = locked(&self.traces.secrets);
        if known.len() + found.len() > REMEMBERED {
            known.clear();
        }
        let for_good = found.into_iter().filter(|(_, _, for_good)| *for_good);
        known.extend(for_good.map(|(thing, secret, _)| (thing, secret)));
        Ok(secrets)
    }

    /// Records, once for each person and way, that `actor` reads objects of these, before it gets them. Of one page
    /// that is one write at most, and none where it is recorded (R18).
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn note_objects(
        &self,
        actor: &Actor,
        secrets: &[Secret],
        channel: &'static str,
    ) -> Result<(), Error> {
        if secrets.is_empty() {
            return Ok(());
        }
        let new = self.traces.new_to(actor, secrets, channel);
        if new.is_empty() {
            return Ok(());
        }
        self.note_secrets(actor, new.clone(), channel).await?;
        self.traces.keep(actor, new, channel);
        Ok(())
    }

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

    /// Who has read an item, a consultation, or what was brought as a secret, for its provider; nothing, alike, for anybody else.
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
                let line = |row: &crate::store::Row| -> Result<ReadBy, DbError> {
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
