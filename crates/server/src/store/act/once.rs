//! A POST that is sent twice happens once.

use std::sync::{Arc, Mutex, PoisonError};

use noroshi_council::{Actor, Refusal, refusal::Clause};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    args,
    store::{Error, Tx, audience},
};

/// Lets a POST be sent twice and happen once.
#[derive(Debug, Clone, Default)]
pub struct Once {
    /// The caller's idempotency key; nothing where the act may happen again.
    pub key: Option<String>,
    /// Method, path and body: a key that comes with another request is refused.
    pub request: Print,
}

/// A digest of what of a request has been read so far. Whoever acts has read all of it that counts.
#[derive(Debug, Clone, Default)]
pub struct Print(Arc<Mutex<Sha256>>);

impl Print {
    /// The digest of this text.
    #[must_use]
    pub fn of(text: &str) -> Print {
        let print = Print::default();
        print.take(text.as_bytes());
        print
    }

    /// Takes in what has been read next.
    pub fn take(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).update(bytes);
    }

    fn text(&self) -> String {
        let digest = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        audience::hex(&digest.finalize())
    }
}

/// The field of a refusal of a key that came with another request.
pub const KEY: &str = "idempotency_key";

pub(super) fn answered_before(tx: &mut Tx<'_>, actor: &Actor, once: &Once) -> Result<Option<String>, Error> {
    let Some(key) = &once.key else { return Ok(None) };
    let row = tx.one(
        "select request, answer from idempotency where person = ?1 and key = ?2",
        args![&actor.person, key],
    )?;
    match row {
        None => Ok(None),
        Some(row) if row.str(0)? == once.request.text() => Ok(Some(row.text(1)?)),
        Some(_) => Err(Refusal::new(Clause::BadValue).at(KEY).into()),
    }
}

pub(super) fn remember(
    tx: &mut Tx<'_>,
    actor: &Actor,
    once: &Once,
    answer: &impl Serialize,
) -> Result<(), Error> {
    if let Some(key) = &once.key {
        let now = tx.now();
        tx.exec_aside(
            "insert into idempotency (person, key, request, status, answer, at) values (?1, ?2, ?3, 200, ?4, ?5)",
            args![&actor.person, key, once.request.text(), serde_json::to_string(answer)?, now],
        )?;
    }
    Ok(())
}
