//! The bell, as browsers and programs hear it: server-sent events without content.
//!
//! An event says «something that you may read has changed»; whoever hears it reads again as itself. The id of an event is
//! the moment of the change, which its reader sees anyway, and counts nothing that is hidden. A client that comes back after a
//! break is rung for at once, whether it missed something or not.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use noroshi_council::{Actor, Micros, OrgId, PersonId};
use tokio::sync::{broadcast::error::RecvError, watch};

use crate::{
    leak::leaks,
    seat::{Listening, Seat},
    store::{Bell, Error, Rung, Store, act::principals, audience, identity},
};

/// So many listeners are not worth a thread of their own.
const FEW: usize = 256;
/// How many audiences' members are remembered.
const REMEMBERED: usize = 4096;
/// How often a line goes to a silent listener, so that both ends notice a broken one.
const PULSE: Duration = Duration::from_secs(20);
/// What goes to it.
const BEAT: Bytes = Bytes::from_static(b":\n\n");

/// Whose seat it is.
#[derive(Clone)]
struct Place {
    person: PersonId,
    seat: Arc<Seat>,
}

/// Everybody who listens on this node.
pub struct Hub {
    /// Each principal's, shared with whoever is just telling them: to take hold of ten thousand one by one takes milliseconds.
    seats: Mutex<HashMap<String, Arc<Vec<Place>>>>,
    told: watch::Sender<()>,
}

impl Hub {
    /// A hub that rings whenever the store does.
    #[must_use]
    pub fn start(store: Store) -> Arc<Hub> {
        let hub = Arc::new(Hub { seats: Mutex::new(HashMap::new()), told: watch::Sender::new(()) });
        let ringer = hub.clone();
        tokio::spawn(async move { ringer.ring_on(store).await });
        hub
    }

    /// How many listen.
    #[must_use]
    pub fn count(&self) -> usize {
        self.seats().values().flat_map(|places| places.iter()).filter(|place| !place.seat.is_empty()).count()
    }

    /// Changes after everybody who listens has been told of something: for work that comes after that.
    #[must_use]
    pub fn told(&self) -> watch::Receiver<()> {
        self.told.subscribe()
    }

    fn seats(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Vec<Place>>>> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ring_on(&self, store: Store) {
        let mut bell = store.listen();
        let mut members: HashMap<i64, Arc<[String]>> = HashMap::new();
        let mut pulse = tokio::time::interval(PULSE);
        loop {
            tokio::select! {
                heard = bell.recv() => {
                    match heard {
                        Ok(bell) => self.ring(&store, &mut members, bell).await,
                        // More rang than could be counted: everybody looks again.
                        Err(RecvError::Lagged(_)) => self.look_again(&store).await,
                        Err(RecvError::Closed) => return,
                    }
                    self.told.send_replace(());
                }
                _ = pulse.tick() => {
                    self.sweep();
                    self.tell_all(BEAT).await;
                }
            }
        }
    }

    async fn ring(&self, store: &Store, members: &mut HashMap<i64, Arc<[String]>>, bell: Bell) {
        if bell.rung.is_empty() || leaks("bell") {
            return self.look_again(store).await;
        }
        let mut heard: Vec<(Arc<[String]>, Micros)> = Vec::new();
        for (rung, at) in bell.rung.iter() {
            match rung {
                Rung::Audience(audience) => {
                    let Some(who) = known_members(store, members, *audience).await else { continue };
                    heard.push((who, *at));
                }
                Rung::Org(org) => heard.push((Arc::from([org.0.clone()]), *at)),
                // Whoever reads differently by it is rung for by itself.
                Rung::Law { .. } => {}
                Rung::Ended { org, person } => self.end(org, person.as_ref()),
            }
        }
        let mut told: BTreeMap<&str, Micros> = BTreeMap::new();
        for (who, at) in &heard {
            for principal in who.iter() {
                let last = told.entry(principal).or_insert(*at);
                *last = (*at).max(*last);
            }
        }
        let mut frames: HashMap<Micros, Bytes> = HashMap::new();
        let mut calls = Vec::new();
        {
            let seats = self.seats();
            for (principal, at) in told {
                if let Some(places) = seats.get(principal) {
                    let bytes = frames.entry(at).or_insert_with(|| frame(at)).clone();
                    calls.push(Call { places: places.clone(), bytes });
                }
            }
        }
        call(calls).await;
    }

    async fn tell_all(&self, bytes: Bytes) {
        let all = |places: &Arc<Vec<Place>>| Call { places: places.clone(), bytes: bytes.clone() };
        let calls = self.seats().values().map(all).collect();
        call(calls).await;
    }

    /// What rang is not known: whoever may no longer listen is let go, and everybody else looks again.
    async fn look_again(&self, store: &Store) {
        match store.read(|conn| Ok(identity::listeners(conn)?)).await {
            Ok(may) => self.end_where(|place| !may.contains(&place.person)),
            // Nobody can be told apart, so everybody has to come back and prove itself.
            Err(_) => self.end_where(|_| true),
        }
        self.tell_all(frame(store.now())).await;
    }

    fn end_where(&self, which: impl Fn(&Place) -> bool) {
        self.seats()
            .values()
            .flat_map(|places| places.iter())
            .filter(|place| which(place))
            .for_each(|place| place.seat.end());
    }

    fn end(&self, org: &OrgId, person: Option<&PersonId>) {
        let seats = self.seats();
        let of_org = seats.get(org.as_str()).into_iter().flat_map(|places| places.iter());
        of_org.filter(|place| person.is_none_or(|p| *p == place.person)).for_each(|place| place.seat.end());
    }

    /// Forgets who has gone.
    fn sweep(&self) {
        self.seats().retain(|_, places| {
            if places.iter().any(|place| place.seat.is_empty()) {
                Arc::make_mut(places).retain(|place| !place.seat.is_empty());
            }
            !places.is_empty()
        });
    }

    /// A stream of events for one reader. `last` is the id of the last event that it has heard.
    ///
    /// # Errors
    /// Fails as the database does.
    pub async fn listen(
        &self,
        store: &Store,
        actor: &Actor,
        last: Option<Micros>,
    ) -> Result<Response, Error> {
        // The moment comes first, so that whoever loses the line before it has heard anything says since when.
        let now = store.now();
        let seat = Arc::new(Seat::new(Bytes::from(format!("retry: 3000\nid: {now}\n\n"))));
        // Listening first and looking afterwards: what changes in between is heard twice rather than never.
        if actor.pledged {
            let mut seats = self.seats();
            for principal in principals(actor) {
                if !principal.is_empty() {
                    let place = Place { person: actor.person.clone(), seat: seat.clone() };
                    Arc::make_mut(seats.entry(principal.into_owned()).or_default()).push(place);
                }
            }
        }
        let listening = Listening(seat.clone());
        // Whoever was let go between its proof and its seat would hear on.
        let person = actor.person.clone();
        if !store.read(move |conn| Ok(identity::may_listen(conn, &person)?)).await? {
            seat.end();
        }
        // Not everything that rings is a view: an acknowledgement, a call for help, a telephone call. So whoever comes back
        // looks again, which tells nothing, because everybody does who comes back.
        if last.is_some() {
            seat.tell(&frame(now));
        }
        let mut response = Response::new(Body::from_stream(listening));
        response.extensions_mut().insert(seat);
        let headers = response.headers_mut();
        headers.insert("content-type", axum::http::HeaderValue::from_static("text/event-stream"));
        headers.insert("cache-control", axum::http::HeaderValue::from_static("no-store"));
        headers.insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
        Ok(response)
    }
}

/// What one principal's listeners have to hear.
struct Call {
    places: Arc<Vec<Place>>,
    bytes: Bytes,
}

/// Tells each what it has to hear: a great many writes, so not on a thread that others wait for, and on as many at once as
/// there are processors.
async fn call(calls: Vec<Call>) {
    let all: usize = calls.iter().map(|call| call.places.len()).sum();
    let lanes = std::thread::available_parallelism().map_or(1, usize::from);
    let share = all.div_ceil(lanes).max(FEW);
    let calls = Arc::new(calls);
    let mut at_work = Vec::new();
    for from in (0..all).step_by(share) {
        let calls = calls.clone();
        at_work.push(tokio::task::spawn_blocking(move || {
            let each =
                calls.iter().flat_map(|call| call.places.iter().map(move |place| (place, &call.bytes)));
            for (place, bytes) in each.skip(from).take(share) {
                place.seat.tell(bytes);
            }
        }));
    }
    for work in at_work {
        // It fails only where the runtime ends, and the listeners with it.
        let _ = work.await;
    }
}

/// Who is in an audience, which never changes; nothing where the database does not say.
async fn known_members(
    store: &Store,
    known: &mut HashMap<i64, Arc<[String]>>,
    audience: i64,
) -> Option<Arc<[String]>> {
    if let Some(members) = known.get(&audience) {
        return Some(members.clone());
    }
    let members = store.read(move |conn| Ok(audience::members(conn, audience)?)).await.ok()?;
    let members: Arc<[String]> = members.into_iter().map(String::from).collect();
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.insert(audience, members.clone());
    Some(members)
}

fn frame(at: Micros) -> Bytes {
    Bytes::from(format!("id: {at}\nevent: bell\ndata: {{}}\n\n"))
}

/// The id of the last event that a client has heard, as it says it.
#[must_use]
pub fn last_heard(headers: &axum::http::HeaderMap) -> Option<Micros> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok().filter(|at| *at >= 0)
}
