//! Files between being looked at and going in. They wait in memory, for whoever sent them and nobody else, so that
//! nothing is stored before somebody says so.

use std::{
    collections::BTreeMap,
    io::Read as _,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use flate2::{Compression, read::GzEncoder};
use noroshi_council::{Micros, PersonId};

use crate::{app::App, ids};

/// How long a file waits, microseconds.
const LONG: Micros = 60 * 60 * 1_000_000;
/// How long a file waits after it has gone in, microseconds: for whoever presses twice.
const AFTER: Micros = 60 * 1_000_000;
/// How often it is looked what has waited for long enough.
const SWEEP: Duration = Duration::from_secs(60);
/// How much waits together, bytes; the oldest goes first.
const TOGETHER: usize = 64 << 20;

/// A file that waits.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    /// What its sender calls it.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Files that wait together.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    /// Tells them apart from those that somebody sent before.
    pub token: String,
    /// The files.
    pub files: Vec<Named>,
    at: Micros,
}

impl Waiting {
    fn size(&self) -> usize {
        self.files.iter().map(|file| file.bytes.len()).sum()
    }
}

/// What waits, for each person what it sent last.
#[derive(Default)]
pub(crate) struct Held(Mutex<BTreeMap<PersonId, Waiting>>);

impl Held {
    /// Takes files in the place of those before; their token.
    pub fn put(&self, person: &PersonId, files: Vec<Named>, now: Micros) -> String {
        let token = ids::plain("h");
        let waiting = Waiting { token: token.clone(), files, at: now };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(person.clone(), waiting);
        all.retain(|_, w| now - w.at < LONG);
        while all.values().map(Waiting::size).sum::<usize>() > TOGETHER && all.len() > 1 {
            let Some(oldest) = all.iter().min_by_key(|(_, w)| w.at).map(|(person, _)| person.clone()) else {
                break;
            };
            all.remove(&oldest);
        }
        token
    }

    /// The files of this person and token, if they still wait.
    pub fn get(&self, person: &PersonId, token: &str, now: Micros) -> Option<Waiting> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(person).filter(|w| w.token == token && now - w.at < LONG).cloned()
    }

    /// Lets files go soon that have gone in with a form.
    pub fn release(&self, person: &PersonId, token: &str, now: Micros) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = all.get_mut(person).filter(|w| w.token == token) {
            waiting.at = now - LONG + AFTER;
        }
    }

    /// Lets everything go that has waited for long enough.
    pub fn sweep(&self, now: Micros) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, w| now - w.at < LONG);
    }

    /// Lets files go that have been brought in.
    pub fn drop(&self, person: &PersonId, token: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(person).is_some_and(|w| w.token == token) {
            all.remove(person);
        }
    }
}

/// Lets go, until the process ends, whatever has waited for long enough: also where nobody sends anything any more.
pub(crate) async fn work(app: App) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let now = app.store().now();
        app.held().sweep(now);
        app.attached().sweep(now);
    }
}

/// The same bytes in less room, for whoever reads packed ones as well.
pub(crate) fn packed(bytes: Bytes) -> Bytes {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut packed = Vec::new();
    // Memory does not fail to be read.
    let _ = GzEncoder::new(&bytes[..], Compression::fast()).read_to_end(&mut packed);
    packed.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &Bytes) -> Vec<Named> {
        vec![Named { name: "a.json".into(), bytes: bytes.clone() }]
    }

    #[test]
    fn a_file_waits_for_its_sender_and_not_for_ever() {
        let (held, me, other) = (Held::default(), PersonId("p-1".into()), PersonId("p-2".into()));
        let bytes = Bytes::from_static(b"{}");
        let token = held.put(&me, file(&bytes), 0);
        assert!(held.get(&me, &token, 1).is_some_and(|w| w.files[0].bytes == bytes));
        assert!(held.get(&other, &token, 1).is_none());
        assert!(held.get(&me, &token, LONG).is_none());
        let next = held.put(&me, file(&bytes), 2);
        assert!(held.get(&me, &token, 3).is_none(), "what each person sent last");
        held.drop(&me, &next);
        assert!(held.get(&me, &next, 3).is_none());
        // What has gone in with a form stays for the second press, and is gone by itself.
        let sent = held.put(&me, file(&bytes), 4);
        held.release(&me, &sent, 5);
        assert!(held.get(&me, &sent, 6).is_some() && held.get(&me, &sent, 5 + AFTER).is_none());
        held.sweep(5 + AFTER);
        assert!(held.0.lock().unwrap().is_empty());
    }

    #[test]
    fn what_is_packed_already_is_not_packed_again() {
        let once = packed(Bytes::from_static(b"{}"));
        assert!(once.starts_with(&[0x1f, 0x8b]));
        assert_eq!(packed(once.clone()), once);
    }

    #[test]
    fn the_oldest_goes_where_too_much_waits() {
        let held = Held::default();
        let big = Bytes::from(vec![0; 30 << 20]);
        let put = |n: i64| held.put(&PersonId(format!("p-{n}")), file(&big), n);
        let tokens = [put(0), put(1), put(2)];
        let there = |n: usize| held.get(&PersonId(format!("p-{n}")), &tokens[n], 3).is_some();
        assert_eq!([there(0), there(1), there(2)], [false, true, true]);
    }
}
