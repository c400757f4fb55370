//! Bringing STIX objects into the council, for the readers that whoever brings them names.

pub mod api;
pub(crate) mod names;
pub(crate) mod unpack;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use noroshi_council::{
    Action, Actor, Micros, Roster, Scope, Thing as _, ThingId,
    gate::Principal,
    import::{Event, Given, Import},
    item::{Basis, Consent},
};
use noroshi_wire::stix::Object;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    acts::{Caller, Council, plain, reading::Secret, subject},
    args,
    store::{
        Act, DbError, Error,
        act::{Loaded, Once},
        audience::hex,
        objects::{self, Collection, Counts},
    },
};

/// So many objects go into one transaction: enough to pay for its flush, few enough that nobody waits.
const BATCH: usize = 1000;
/// So many batches stand in line at once: the next is ready when the flush of the one before is over.
const AHEAD: usize = 4;

/// What whoever brings objects says of all of them.
#[derive(Debug, Clone)]
pub struct Heading {
    /// Who may read them.
    pub scope: Scope,
    /// Whether they are secret: whoever receives no secrets gets none of them (R11).
    pub secret: bool,
    /// What they were read from, as whoever brings them calls it.
    pub source: String,
    /// On what basis, and for what.
    pub given: Given,
}

/// Who reads what an import brings, as the batch before found it: among hundreds of members that took longer than writing the
/// batch.
#[derive(Default)]
pub(crate) struct Reading(Mutex<Option<Read>>);

struct Read {
    import: Arc<Import>,
    roster: Arc<Roster>,
    readers: Arc<BTreeSet<Principal>>,
}

impl Reading {
    fn of(&self, import: &Arc<Import>, roster: &Arc<Roster>) -> Arc<BTreeSet<Principal>> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(read) if Arc::ptr_eq(&read.import, import) && Arc::ptr_eq(&read.roster, roster) => {
                Arc::clone(&read.readers)
            }
            _ => {
                let readers = Arc::new(import.readers(roster));
                let (import, roster) = (Arc::clone(import), Arc::clone(roster));
                *last = Some(Read { import, roster, readers: Arc::clone(&readers) });
                readers
            }
        }
    }
}

/// What a reader sees of an import.
#[derive(Debug)]
pub struct Seen {
    /// How many objects of each type it may read.
    pub counts: Vec<(String, usize)>,
    /// Whether a countermeasure may come of them.
    pub consent: Consent,
    /// On what basis it was given: to its provider and the coordinator, since to others it would tell who the provider is.
    pub basis: Option<Basis>,
    /// What is to be recorded of whoever reads it, where it is secret.
    pub secret: Option<Secret>,
    /// All of it, to its provider.
    pub own: Option<Import>,
}

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// The import.
    pub id: ThingId,
    /// What became of its objects.
    pub counts: Counts,
}

impl Council {
    /// Brings objects, which `heading` says who may read, batch by batch, in order; bringing the same again changes nothing.
    /// `progress` hears how many are in and durable.
    ///
    /// # Errors
    /// Refuses as the charter does, and a scope that reaches nobody.
    pub async fn import(
        &self,
        caller: &Caller,
        heading: Heading,
        objects: Vec<Object>,
        mut progress: impl FnMut(u64) + Send,
    ) -> Result<Imported, Error> {
        let mut objects = objects.into_iter();
        let mut batches = std::iter::from_fn(|| {
            let batch: Vec<Object> = objects.by_ref().take(BATCH).collect();
            (!batch.is_empty()).then_some(batch)
        });
        let first = batches.next().unwrap_or_default();
        let mut done = self.begin_import(numbered(caller, 0), heading, first).await?;
        progress(done.counts.added + done.counts.known);
        let id = done.id.clone();
        let rest =
            (1..).zip(batches).map(|(n, batch)| self.go_on_importing(numbered(caller, n), id.clone(), batch));
        let mut rest = stream::iter(rest).buffered(AHEAD);
        while let Some(more) = rest.try_next().await? {
            done.counts.added += more.added;
            done.counts.known += more.known;
            progress(done.counts.added + done.counts.known);
        }
        drop(rest);
        Ok(done)
    }

    /// Begins an import with its first objects.
    ///
    /// # Errors
    /// Refuses as the charter does, and a scope that reaches nobody.
    pub async fn begin_import(
        &self,
        caller: Caller,
        heading: Heading,
        objects: Vec<Object>,
    ) -> Result<Imported, Error> {
        let batch = Batch::new(objects);
        self.act(caller, Action::ImportObjects, move |act| {
            act.permit(&plain(true))?;
            let provider = act.actor.org.clone();
            let scope = heading.scope.name(&provider, &act.roster)?;
            let (import, began) = Import::begin(scope, heading.secret, &heading.source, heading.given);
            let id = act.create('S', Some(&provider), None, import.clone(), &[began], "")?;
            let readers = Arc::new(import.readers(&act.roster));
            let counts = put(act, &id, &readers, &batch)?;
            Ok(Imported { id, counts })
        })
        .await
    }

    /// Brings more objects of an import.
    ///
    /// # Errors
    /// Refuses anybody but the one whose import it is.
    pub async fn go_on_importing(
        &self,
        caller: Caller,
        id: ThingId,
        objects: Vec<Object>,
    ) -> Result<Counts, Error> {
        let batch = Batch::new(objects);
        // It is given back on this side: the writer has others to serve.
        let given = Arc::clone(&batch);
        let reading = Arc::clone(&self.reading);
        let done = self
            .act(caller, Action::ImportObjects, move |act| {
                let (provider, import) = act.look_unseen::<Import>(&id)?;
                if provider.as_ref() != Some(&act.actor.org) {
                    return Err(Error::NotFound);
                }
                act.permit(&plain(true))?;
                import.go_on()?;
                // Nothing is refused any more, and batches come in bursts.
                act.tx().settled();
                let readers = reading.of(&import, &act.roster);
                put(act, &id, &readers, &batch)
            })
            .await;
        drop(given);
        done
    }
}

impl Council {
    /// Draws the scope of one's own import anew: whoever it leaves out loses what it brought, at once; to whoever it has come to
    /// reach it is brought now. Where that is broken off, drawing the same scope once more goes on with it.
    ///
    /// # Errors
    /// Refuses as the charter and [`Import::redraw`] do.
    pub async fn redraw_import(&self, caller: Caller, id: ThingId, scope: Scope) -> Result<(), Error> {
        let (again, thing) = (numbered(&caller, 0), id.clone());
        let widens = self
            .act(caller, Action::RedrawScope, move |act| {
                let mut import = own_import(act, &id)?;
                let events = import.thing.redraw(&act.actor.org, &scope, &act.roster)?;
                act.save(&mut import, &events, "")?;
                narrow(act, &id, &import.thing)?;
                Ok(import.thing.widens())
            })
            .await?;
        if !widens {
            return Ok(());
        }
        // Whoever asked may not wait for it; it goes on all the same.
        let council = self.clone();
        let done = tokio::spawn(async move { council.widen(&again, &thing).await });
        done.await.map_err(|error| Error::from(DbError::Stored(error.to_string())))?
    }

    /// Brings what an import brought once more, to those who have come to stand in its scope: whoever has it keeps what it has.
    async fn widen(&self, caller: &Caller, id: &ThingId) -> Result<(), Error> {
        let reader = self.store.as_seen_by(&caller.actor);
        let mut skip = 0;
        loop {
            let part = self.store.brought_part(&reader, id, skip, BATCH).await?;
            if part.is_empty() {
                break;
            }
            skip += part.len();
            let objects = part.into_iter().filter_map(|one| Object::verbatim(one.body)).collect();
            self.go_on_importing(numbered(caller, skip), id.clone(), objects).await?;
        }
        let thing = id.clone();
        self.act(numbered(caller, 0), Action::RedrawScope, move |act| {
            let mut import = own_import(act, &thing)?;
            act.save(&mut import, &[Event::Widened], "")
        })
        .await
    }

    /// Takes back what one's own import brought, from everybody.
    ///
    /// # Errors
    /// Refuses as the charter and [`Import::retract`] do.
    pub async fn retract_import(&self, caller: Caller, id: ThingId, reason: String) -> Result<(), Error> {
        self.act(caller, Action::RetractItem, move |act| {
            let mut import = own_import(act, &id)?;
            let events = import.thing.retract(&act.actor.org, &reason)?;
            act.save(&mut import, &events, &reason)?;
            narrow(act, &id, &import.thing)
        })
        .await
    }

    /// An import of one's own; nothing, alike, where it is another's or there is none.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn import_of(&self, actor: &Actor, id: &ThingId) -> Result<Option<Import>, Error> {
        let own = self.imports(actor, Some(id), None, 1).await?;
        Ok(own.into_iter().next().map(|(_, _, import)| import))
    }

    /// What an import brought, and what may be told of it, to whoever reads something of that; nothing, alike, where there is none
    /// and where it may read none of it.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn brought(&self, actor: &Actor, id: &ThingId) -> Result<Option<Seen>, Error> {
        let reader = self.store.as_seen_by(actor);
        let Some((counts, Some(import))) = self.store.brought::<Import>(&reader, id).await? else {
            return Ok(None);
        };
        let own = actor.pledged && *import.scope().provider() == actor.org;
        let knows = own || actor.seat == noroshi_council::Seat::Coordinator;
        let Given { basis, consent } = import.given();
        let provider = import.scope().provider().clone();
        let secret = import.secret().then(|| Secret::of(id, &provider));
        let own = own.then_some(import);
        Ok(Some(Seen { counts, consent, basis: knows.then_some(basis), secret, own }))
    }

    /// The newest imports of one's own, `limit` at most, and those from before a moment where one is said: id, moment, and
    /// what each is.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn imports_of(
        &self,
        actor: &Actor,
        before: Option<Micros>,
        limit: usize,
    ) -> Result<Vec<(ThingId, Micros, Import)>, Error> {
        self.imports(actor, None, before, limit).await
    }

    async fn imports(
        &self,
        actor: &Actor,
        id: Option<&ThingId>,
        before: Option<Micros>,
        limit: usize,
    ) -> Result<Vec<(ThingId, Micros, Import)>, Error> {
        if !actor.pledged {
            return Ok(Vec::new());
        }
        let (org, id) = (actor.org.clone(), id.map_or_else(String::new, |id| id.0.clone()));
        self.store
            .read(move |conn| {
                let rows = conn.rows(
                    "select id, created_at, body from thing
                      where kind = 'import' and provider = ?1 and (?2 = '' or id = ?2) and created_at < ?3
                      order by created_at desc limit ?4",
                    args![&org, &id, before.unwrap_or(Micros::MAX), limit],
                )?;
                let each = rows.iter().map(|row| Ok((ThingId(row.text(0)?), row.int(1)?, row.json(2)?)));
                Ok(each.collect::<Result<_, DbError>>()?)
            })
            .await
    }
}

/// An import of the actor's own, for an act on it; what is another's does not exist for it.
fn own_import(act: &mut Act<'_, '_>, id: &ThingId) -> Result<Loaded<Import>, Error> {
    let import = act.load_unseen::<Import>(id)?;
    if *import.thing.scope().provider() != act.actor.org {
        return Err(Error::NotFound);
    }
    act.permit(&subject(true, false, import.thing.state()))?;
    Ok(import)
}

/// The same caller for one batch: asking twice for all is asking twice for each.
fn numbered(caller: &Caller, n: usize) -> Caller {
    let key = caller.once.key.as_ref().map(|key| format!("{key} {n}"));
    Caller { actor: caller.actor.clone(), once: Once { key, request: caller.once.request.clone() } }
}

/// Objects that come together.
struct Batch {
    objects: Vec<Object>,
    digest: OnceLock<String>,
}

impl Batch {
    /// Takes them, and begins to work out their digest beside whatever else is done with them.
    fn new(objects: Vec<Object>) -> Arc<Batch> {
        let batch = Arc::new(Batch { objects, digest: OnceLock::new() });
        let same = Arc::clone(&batch);
        tokio::task::spawn_blocking(move || same.digest().len());
        batch
    }

    /// What the journal takes in of them. Worked out by whoever asks first.
    fn digest(&self) -> &str {
        self.digest.get_or_init(|| {
            let mut digest = Sha256::new();
            for object in &self.objects {
                digest.update(object.text());
                digest.update([0]);
            }
            hex(&digest.finalize())
        })
    }
}

fn put(
    act: &mut Act<'_, '_>,
    id: &ThingId,
    readers: &Arc<BTreeSet<Principal>>,
    batch: &Batch,
) -> Result<Counts, Error> {
    let whose = Principal::Org(act.actor.org.clone());
    let of = (Some(id.as_str()), Some(&whose));
    let counts = objects::add(act.tx(), Collection::Library, readers, of, &batch.objects)?;
    act.record_plain(Some(id), "imported", batch.digest(), "")?;
    Ok(counts)
}

/// After the membership changed: who has since become an excluded regulator, or was demoted, loses what an import brought.
///
/// # Errors
/// Fails as the database does.
pub(crate) fn refit(act: &mut Act<'_, '_>, id: &ThingId) -> Result<(), Error> {
    let import = act.load_unseen::<Import>(id)?;
    let readers = import.thing.readers(&act.roster);
    if readers.len() < import.thing.scope().audience().len() {
        objects::narrow(act.tx(), id.as_str(), &readers)?;
    }
    Ok(())
}

/// Brings the readers of what an import brought down to those of this moment.
fn narrow(act: &mut Act<'_, '_>, id: &ThingId, import: &Import) -> Result<(), Error> {
    let readers = import.readers(&act.roster);
    objects::narrow(act.tx(), id.as_str(), &readers)
}
