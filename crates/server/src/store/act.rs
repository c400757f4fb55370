//! The one way to change anything.

use std::{borrow::Cow, collections::BTreeSet, sync::Arc};

use noroshi_council::{
    Action, Actor, Gate, Micros, OrgId, Role, Roster, Subject, Terms, Thing, ThingId, gate::Principal,
    refusal::Clause,
};
use serde::{Serialize, de::DeserializeOwned};

use super::{Conn, DbError, Error, Row, Rung, Store, Tx, audience, journal};
use crate::{args, ids, leak::leaks};

mod once;
mod ruling;
mod views;

pub use once::{KEY, Once, Print};
use once::{answered_before, remember};
pub use ruling::{Laws, Ruling};

/// Some columns of a thing that a reader can see something of: one statement for absent and hidden alike, so that both cost
/// the same. As whom most people read, who have one name, and as whom those do who have two: SQLite builds a table of them.
macro_rules! visible {
    ($columns:literal) => {
        [visible!($columns, "= ?3"), visible!($columns, "in (?3, ?4)")]
    };
    ($columns:literal, $names:literal) => {
        concat!(
            "select ",
            $columns,
            " from thing t
              where t.id = ?1 and t.kind = ?2
                and exists (select 1 from view v join audience_member m on m.audience = v.audience
                             where v.thing = t.id and m.principal ",
            $names,
            ")"
        )
    };
}

/// Something to be sent after the act, in the same transaction as the act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing<'a> {
    /// Which worker takes it: `notice`, `mail`, …
    pub kind: &'a str,
    /// About which thing.
    pub thing: Option<&'a ThingId>,
    /// What the worker needs: names of recipients and templates, never content.
    pub payload: serde_json::Value,
    /// Not before this moment.
    pub due_at: Micros,
}

/// A thing as an act found it.
#[derive(Debug)]
pub struct Loaded<T> {
    /// Its id.
    pub id: ThingId,
    /// Its revision; a form that names an older one lost the race.
    pub rev: i64,
    /// Whose it is.
    pub provider: Option<OrgId>,
    /// The thing it came of.
    pub parent: Option<ThingId>,
    /// Under which version of the charter it was given.
    pub charter: i64,
    /// Its state.
    pub thing: T,
}

/// An act that is going on: facts are read through it, so that what a rule decides on is what its events are recorded
/// against. If the act fails, nothing happened but its record.
pub struct Act<'a, 'c> {
    tx: &'a mut Tx<'c>,
    /// Who is acting.
    pub actor: &'a Actor,
    /// What the act is called in the charter.
    pub action: Action,
    /// The membership at this moment.
    pub roster: Arc<Roster>,
    ruling: Arc<Ruling>,
    laws: &'a Arc<dyn Laws>,
}

impl Store {
    /// Lets `actor` act. The charter's ruling, the journal, the state, the views and the outbox are one transaction; a
    /// refusal leaves its line in the journal and nothing else.
    ///
    /// # Errors
    /// Fails as `body` does, with [`Error::Refused`] where an idempotency key comes with another request.
    pub async fn act<T: Serialize + DeserializeOwned + Send + 'static>(
        &self,
        laws: Arc<dyn Laws>,
        actor: Actor,
        action: Action,
        once: Once,
        body: impl FnOnce(&mut Act<'_, '_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.writer
            .run(move |tx| {
                if let Some(answer) = answered_before(tx, &actor, &once)? {
                    return Ok(Ok(serde_json::from_str(&answer)?));
                }
                let (roster, ruling) = (tx.roster()?, tx.ruling(&laws)?);
                let answer = tx.attempt(|tx| {
                    let ruling = ruling.clone();
                    let mut act = Act { tx, actor: &actor, action, roster, ruling, laws: &laws };
                    let answer = body(&mut act)?;
                    remember(tx, &actor, &once, &answer)?;
                    Ok(answer)
                });
                let refused = match &answer {
                    Err(Error::Refused(refusal)) => Some((refusal.clause, "")),
                    // No rule should have let it come so far; that one did is for the operator to know.
                    Err(Error::Db(error)) if error.is_guard() && !leaks("guard") => {
                        tracing::error!(action = action.as_str(), %error, "the database refused an act");
                        Some((Clause::ScopeBelongsToProvider, "the database"))
                    }
                    _ => None,
                };
                if let Some((clause, reason)) = refused {
                    journal::append(
                        tx,
                        &journal::Entry {
                            actor: &actor,
                            action: action.as_str(),
                            thing: None,
                            event: &format!("refused:{}", clause.as_str()),
                            charter: &ruling.charter,
                            reason,
                            content: "",
                        },
                    )?;
                }
                // A refusal is an answer, not a failure: its record has to be committed.
                match answer {
                    Err(error @ Error::Db(_)) if refused.is_none() => Err(error),
                    other => Ok(other),
                }
            })
            .await?
    }
}

impl<'c> Act<'_, 'c> {
    /// The moment of this act.
    #[must_use]
    pub fn now(&self) -> Micros {
        self.tx.now()
    }

    /// The transaction, for tables that are not things.
    pub fn tx(&mut self) -> &mut Tx<'c> {
        self.tx
    }

    /// The gate of this moment, for what is given now.
    #[must_use]
    pub fn gate(&self) -> Gate<'_> {
        Gate { law: &*self.ruling.law, roster: &self.roster }
    }

    /// The gate of this moment, for what has been given already: under the charter in force and under its own.
    ///
    /// # Errors
    /// Answers [`Error::NotFound`] where there is no such thing.
    pub fn with_gate_of<T>(&mut self, id: &ThingId, ask: impl FnOnce(&Gate<'_>) -> T) -> Result<T, Error> {
        let law = self.ruling.over_thing(self.tx.conn()?, id)?;
        Ok(ask(&Gate { law: &law, roster: &self.roster }))
    }

    /// The charter in force.
    #[must_use]
    pub fn ruling(&self) -> &Ruling {
        &self.ruling
    }

    /// Takes the charter as this act has put it in force.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn reload_law(&mut self) -> Result<(), Error> {
        self.tx.law_changed();
        self.ruling = self.tx.ruling(self.laws)?;
        Ok(())
    }

    /// Asks the charter whether the actor may do this to such a thing.
    ///
    /// # Errors
    /// Refuses as the charter does.
    pub fn permit(&self, subject: &Subject) -> Result<(), Error> {
        Ok(self.ruling.law.permits(self.actor, self.action, subject)?)
    }

    /// A thing that the actor can see something of. What it cannot see does not exist for it.
    ///
    /// # Errors
    /// Answers [`Error::NotFound`] alike for what is absent and for what is hidden. Whoever has not pledged reads nothing, and
    /// is told so of anything.
    pub fn load<T: Thing>(&mut self, id: &ThingId) -> Result<Loaded<T>, Error> {
        self.has_pledged()?;
        let sql = visible!("t.rev, t.provider, t.parent, t.charter, t.body");
        let row = see(self.tx.conn()?, sql, id, T::KIND, &principals(self.actor))?.ok_or(Error::NotFound);
        if leaks("oracle") && row.is_err() && self.load_unseen::<T>(id).is_ok() {
            return Err(noroshi_council::Refusal::new(Clause::NotPermitted).into());
        }
        let row = row?;
        Ok(Loaded {
            id: id.clone(),
            rev: row.int(0)?,
            provider: row.opt_text(1)?.map(OrgId),
            parent: row.opt_text(2)?.map(ThingId),
            charter: row.int(3)?,
            thing: row.json(4)?,
        })
    }

    /// A thing that the actor can see something of, for acts that change what is beside it and not the thing: it is not
    /// read again where the act before this one has read it.
    ///
    /// # Errors
    /// As [`Act::load`].
    pub fn look<T: Thing + Send + Sync + 'static>(&mut self, id: &ThingId) -> Result<Arc<T>, Error> {
        self.has_pledged()?;
        let names = principals(self.actor);
        let rev = self.tx.rev_seen(id, T::KIND, &names, |conn| {
            let row = see(conn, visible!("t.rev"), id, T::KIND, &names)?;
            row.map(|row| row.int(0)).transpose()
        })?;
        self.body(id, rev.ok_or(Error::NotFound)?)
    }

    fn has_pledged(&self) -> Result<(), Error> {
        if self.actor.pledged {
            return Ok(());
        }
        Err(noroshi_council::Refusal::new(Clause::PledgeMissing).into())
    }

    fn body<T: Thing + Send + Sync + 'static>(&mut self, id: &ThingId, rev: i64) -> Result<Arc<T>, Error> {
        Ok(self.tx.known_thing(id, rev, |conn| {
            let row = conn.one("select body from thing where id = ?1", args![id])?;
            row.ok_or_else(|| DbError::Stored("a thing without a body".into()))?.json(0)
        })?)
    }

    /// A thing that this act needs to know of because another one, which the actor can see, came of it. Only rules see
    /// it: nothing of it may reach the actor.
    ///
    /// # Errors
    /// Answers [`Error::NotFound`] where there is none.
    pub fn load_unseen<T: Thing>(&mut self, id: &ThingId) -> Result<Loaded<T>, Error> {
        let row = self.tx.one(
            "select rev, provider, parent, charter, body from thing where id = ?1 and kind = ?2",
            args![id, T::KIND],
        )?;
        let row = row.ok_or(Error::NotFound)?;
        Ok(Loaded {
            id: id.clone(),
            rev: row.int(0)?,
            provider: row.opt_text(1)?.map(OrgId),
            parent: row.opt_text(2)?.map(ThingId),
            charter: row.int(3)?,
            thing: row.json(4)?,
        })
    }

    /// The same, of a thing that several acts in a row are about: whose it is and its state, not read again where the act
    /// before this one has read it.
    ///
    /// # Errors
    /// As [`Act::load_unseen`].
    pub fn look_unseen<T: Thing + Send + Sync + 'static>(
        &mut self,
        id: &ThingId,
    ) -> Result<(Option<OrgId>, Arc<T>), Error> {
        let sql = "select rev, provider from thing where id = ?1 and kind = ?2";
        let row = self.tx.one(sql, args![id, T::KIND])?.ok_or(Error::NotFound)?;
        Ok((row.opt_text(1)?.map(OrgId), self.body(id, row.int(0)?)?))
    }

    /// Which organisations read which layers of a thing at this moment, the actor's among them. Only rules see it.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn readers(&mut self, id: &ThingId) -> Result<BTreeSet<(OrgId, String)>, Error> {
        let sql = "select distinct m.principal, v.layer from view v join audience_member m on m.audience = v.audience
                    where v.thing = ?1 and m.principal not like 'role:%'";
        let rows = self.tx.rows(sql, args![id])?;
        let pairs = rows.iter().map(|row| Ok((OrgId(row.text(0)?), row.text(1)?)));
        Ok(pairs.collect::<Result<_, DbError>>()?)
    }

    /// Keeps a new thing. `letter` begins its id and tells people what kind of thing it is.
    ///
    /// # Errors
    /// Fails as the database does, also where a reader stands outside the provider's scope.
    pub fn create<T: Thing>(
        &mut self,
        letter: char,
        provider: Option<&OrgId>,
        parent: Option<&ThingId>,
        mut thing: T,
        events: &[T::Event],
        reason: &str,
    ) -> Result<ThingId, Error> {
        let id = ids::thing(letter);
        for event in events {
            thing.apply(event);
        }
        let now = self.tx.now();
        self.tx.exec(
            "insert into thing (id, kind, provider, parent, state, rev, body, created_at, updated_at, wakes_at, charter)
             values (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?7, ?8, ?9)",
            args![
                &id,
                T::KIND,
                provider,
                parent,
                thing.state(),
                serde_json::to_string(&thing)?,
                now,
                thing.wakes_at(&self.ruling.terms),
                self.ruling.version
            ],
        )?;
        self.record(&id, events, reason)?;
        if let Some(provider) = provider {
            self.keep_scopes(&id, provider, &thing)?;
        }
        self.show(&id, self.ruling.version, &thing)?;
        Ok(id)
    }

    /// Keeps what happened to a thing.
    ///
    /// # Errors
    /// Refuses where somebody else changed the thing meanwhile; fails as the database does.
    pub fn save<T: Thing>(
        &mut self,
        loaded: &mut Loaded<T>,
        events: &[T::Event],
        reason: &str,
    ) -> Result<(), Error> {
        for event in events {
            loaded.thing.apply(event);
        }
        // The scopes first: the database takes no state whose scopes its provider has not drawn.
        if let Some(provider) = loaded.provider.clone() {
            self.keep_scopes(&loaded.id, &provider, &loaded.thing)?;
        }
        let now = self.tx.now();
        let changed = self.tx.exec(
            "update thing set state = ?3, rev = rev + 1, body = ?4, updated_at = ?5, wakes_at = ?6
              where id = ?1 and rev = ?2",
            args![
                &loaded.id,
                loaded.rev,
                loaded.thing.state(),
                serde_json::to_string(&loaded.thing)?,
                now,
                loaded.thing.wakes_at(&self.ruling.terms)
            ],
        )?;
        if changed == 0 {
            let clause = noroshi_council::refusal::Clause::SomebodyWasFaster;
            return Err(noroshi_council::Refusal::new(clause).into());
        }
        loaded.rev += 1;
        self.record(&loaded.id, events, reason)?;
        self.show(&loaded.id, loaded.charter, &loaded.thing)
    }

    /// Sets anew when a thing wakes, where time had nothing to say to it yet.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn doze<T: Thing>(&mut self, loaded: &Loaded<T>) -> Result<(), Error> {
        let next = loaded.thing.wakes_at(&self.ruling.terms);
        self.tx.exec("update thing set wakes_at = ?2 where id = ?1", args![&loaded.id, next])?;
        Ok(())
    }

    /// Lets a thing that time never changes sleep.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn never_wakes(&mut self, id: &ThingId) -> Result<(), Error> {
        self.tx.exec("update thing set wakes_at = null where id = ?1", args![id])?;
        Ok(())
    }

    /// The charter's deadlines and limits.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.ruling.terms
    }

    /// Records an event that changes a table of its own rather than a thing.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn record_plain(
        &mut self,
        thing: Option<&ThingId>,
        event: &str,
        content: &str,
        reason: &str,
    ) -> Result<(), Error> {
        journal::append(
            self.tx,
            &journal::Entry {
                actor: self.actor,
                action: self.action.as_str(),
                thing: thing.map(ThingId::as_str),
                event,
                charter: &self.ruling.charter,
                reason,
                content,
            },
        )?;
        Ok(())
    }

    /// The hash of the journal's last line, which takes in all lines before it: what a receipt of this act can show.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn last_line(&mut self) -> Result<String, Error> {
        let line = self.tx.last_line()?;
        self.tx.set_last_line(line.clone());
        Ok(line)
    }

    fn record<E: Serialize>(&mut self, id: &ThingId, events: &[E], reason: &str) -> Result<(), Error> {
        for event in events {
            let content = serde_json::to_value(event)?;
            let name = match &content {
                serde_json::Value::String(name) => name.clone(),
                serde_json::Value::Object(map) => map
                    .get("event")
                    .and_then(|v| v.as_str())
                    .or_else(|| map.keys().next().map(String::as_str))
                    .unwrap_or_default()
                    .to_owned(),
                _ => String::new(),
            };
            self.record_plain(Some(id), &name, &content.to_string(), reason)?;
        }
        Ok(())
    }

    /// Sends something after the act.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn send(&mut self, outgoing: &Outgoing<'_>) -> Result<(), Error> {
        let id = self.tx.tick();
        self.tx.exec(
            "insert into outbox (id, kind, thing, payload, due_at, tries, lease) values (?1, ?2, ?3, ?4, ?5, 0, 0)",
            args![id, outgoing.kind, outgoing.thing, outgoing.payload.to_string(), outgoing.due_at],
        )?;
        Ok(())
    }

    /// Rings for this organisation and for the coordinator, as [`Act::ring`] does for any.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn ring_with_coordinator(&mut self, org: &OrgId) -> Result<(), Error> {
        if let Some(coordinator) = self.tx.coordinator()? {
            self.tx.ring(Rung::Org(coordinator));
        }
        self.tx.ring(Rung::Org(org.clone()));
        Ok(())
    }

    /// Rings for these organisations without a view having changed: something that only concerns them has.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn ring(&mut self, orgs: &BTreeSet<OrgId>) -> Result<(), Error> {
        /// That many are named one by one; the hub knows the members of an audience by heart.
        const FEW: usize = 8;
        if orgs.len() <= FEW {
            for org in orgs {
                self.tx.ring(Rung::Org(org.clone()));
            }
        } else {
            let readers = orgs.iter().cloned().map(Principal::Org).collect();
            let audience = audience::intern(self.tx, &readers)?;
            self.tx.ring(Rung::Audience(audience));
        }
        Ok(())
    }

    /// Takes the membership as this act has changed it.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn reload_roster(&mut self) -> Result<(), Error> {
        self.roster = Arc::new(super::roster::load(self.tx.conn()?)?);
        Ok(())
    }

    /// Every thing of the council with its kind, for work that concerns all of them and shows nothing of them.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn all_things(&mut self) -> Result<Vec<(ThingId, String)>, Error> {
        let rows = self.tx.rows("select id, kind from thing order by created_at, id", &[])?;
        rows.iter().map(|row| Ok((ThingId(row.text(0)?), row.text(1)?))).collect()
    }
}

fn see(
    conn: &mut Conn,
    [with_one_name, with_two]: [&'static str; 2],
    id: &ThingId,
    kind: &str,
    [org, role]: &[Cow<'_, str>; 2],
) -> Result<Option<Row>, DbError> {
    if role.is_empty() {
        conn.one(with_one_name, args![id, kind, &**org])
    } else {
        conn.one(with_two, args![id, kind, &**org, &**role])
    }
}

/// As whom a person reads: its organisation, and the steering committee where it sits on it.
#[must_use]
pub fn principals(actor: &Actor) -> [Cow<'_, str>; 2] {
    let role = if actor.roles.contains(&Role::Steering) {
        String::from(Principal::Role(Role::Steering)).into()
    } else {
        "".into()
    };
    [actor.org.as_str().into(), role]
}
