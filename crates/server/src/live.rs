//! The bell, as browsers and programs hear it: server-sent events without content.
//!
//! An event says «something that you may read has changed»; whoever hears it reads again as itself. The id of an event is
//! the moment of the change, which its reader sees anyway, so that a client that comes back after a break is told at once
//! whether it missed something, and an id counts nothing that is hidden.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use noroshi_council::{Actor, Micros, gate::Principal};
use tokio::sync::{broadcast::error::RecvError, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use crate::store::{Bell, Error, Store, act::principals, audience};

/// How many events wait for one slow listener. A listener that has one waiting needs no second: both say «look again».
const WAITING: usize = 4;
/// How many audiences' members are remembered.
const REMEMBERED: usize = 4096;
/// How often a line goes to a silent listener, so that both ends notice a broken one.
const PULSE: Duration = Duration::from_secs(20);

type Listener = mpsc::Sender<Result<Bytes, std::convert::Infallible>>;

/// Everybody who listens on this node.
pub struct Hub {
    listeners: Mutex<HashMap<String, Vec<Listener>>>,
}

impl Hub {
    /// A hub that rings whenever the store does.
    #[must_use]
    pub fn start(store: Store) -> Arc<Hub> {
        let hub = Arc::new(Hub { listeners: Mutex::new(HashMap::new()) });
        let ringer = hub.clone();
        tokio::spawn(async move { ringer.ring_on(store).await });
        hub
    }

    /// How many listen.
    #[must_use]
    pub fn count(&self) -> usize {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).values().map(Vec::len).sum()
    }

    async fn ring_on(&self, store: Store) {
        let mut bell = store.listen();
        let mut members: HashMap<i64, Arc<[String]>> = HashMap::new();
        let mut pulse = tokio::time::interval(PULSE);
        loop {
            tokio::select! {
                heard = bell.recv() => match heard {
                    Ok(bell) => self.ring(&store, &mut members, bell).await,
                    // More rang than could be counted: everybody looks again.
                    Err(RecvError::Lagged(_)) => self.send_all(&frame(store.now())),
                    Err(RecvError::Closed) => return,
                },
                _ = pulse.tick() => self.send_all(&Bytes::from_static(b":\n\n")),
            }
        }
    }

    async fn ring(&self, store: &Store, members: &mut HashMap<i64, Arc<[String]>>, bell: Bell) {
        if bell.audiences.is_empty() {
            return self.send_all(&frame(store.now()));
        }
        let mut told: BTreeMap<String, Micros> = BTreeMap::new();
        for (audience, at) in bell.audiences.iter().copied() {
            if !members.contains_key(&audience) {
                let known = store.read(move |conn| Ok(audience::members(conn, audience)?)).await;
                let Ok(known) = known else { continue };
                if members.len() >= REMEMBERED {
                    members.clear();
                }
                members.insert(audience, known.into_iter().map(|p: Principal| String::from(p)).collect());
            }
            for principal in members.get(&audience).into_iter().flat_map(|m| m.iter()) {
                let last = told.entry(principal.clone()).or_insert(at);
                *last = at.max(*last);
            }
        }
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        let mut frames: HashMap<Micros, Bytes> = HashMap::new();
        for (principal, at) in told {
            if let Some(list) = listeners.get_mut(&principal) {
                let frame = frames.entry(at).or_insert_with(|| frame(at));
                list.retain(|listener| send(listener, frame));
            }
        }
    }

    fn send_all(&self, bytes: &Bytes) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        for list in listeners.values_mut() {
            list.retain(|listener| send(listener, bytes));
        }
        listeners.retain(|_, list| !list.is_empty());
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
        let (send, receive) = mpsc::channel(WAITING);
        // Listening first and looking afterwards: what changes in between is heard twice rather than never.
        if actor.pledged {
            let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
            for principal in principals(actor) {
                if !principal.is_empty() {
                    listeners.entry(principal).or_default().push(send.clone());
                }
            }
        }
        let first = Bytes::from_static(b"retry: 3000\n\n");
        let _ = send.try_send(Ok(first));
        if let Some(last) = last {
            let missed = store.as_seen_by(actor).since(last, 1).await?;
            if let Some(view) = missed.last() {
                let _ = send.try_send(Ok(frame(view.changed_at)));
            }
        }
        let mut response = Response::new(Body::from_stream(ReceiverStream::new(receive)));
        let headers = response.headers_mut();
        headers.insert("content-type", axum::http::HeaderValue::from_static("text/event-stream"));
        headers.insert("cache-control", axum::http::HeaderValue::from_static("no-store"));
        headers.insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
        Ok(response)
    }
}

/// False where the listener is gone.
fn send(listener: &Listener, bytes: &Bytes) -> bool {
    !matches!(listener.try_send(Ok(bytes.clone())), Err(mpsc::error::TrySendError::Closed(_)))
}

fn frame(at: Micros) -> Bytes {
    Bytes::from(format!("id: {at}\nevent: bell\ndata: {{}}\n\n"))
}

/// The id of the last event that a client has heard, as it says it.
#[must_use]
pub fn last_heard(headers: &axum::http::HeaderMap) -> Option<Micros> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok().filter(|at| *at >= 0)
}
