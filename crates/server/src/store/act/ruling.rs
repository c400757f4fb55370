//! The charter as an act needs it.

use std::{collections::BTreeMap, sync::Arc};

use noroshi_charter::Charter;
use noroshi_council::{Kept, Law, Terms, ThingId};

use crate::{
    args,
    leak::leaks,
    store::{Conn, DbError, Error},
};

/// The charter in force, as an act needs it.
#[derive(Clone)]
pub struct Ruling {
    /// The rules.
    pub law: Arc<dyn Law + Send + Sync>,
    /// The same with its texts: what it names and lists.
    pub whole: Arc<Charter>,
    /// Its deadlines and limits.
    pub terms: Terms,
    /// Version and hash, for the journal.
    pub charter: Arc<str>,
    /// Its version.
    pub version: i64,
    /// The rules of every version that things may have been given under.
    pub versions: Arc<BTreeMap<i64, Arc<dyn Law + Send + Sync>>>,
}

impl Ruling {
    /// The rules as they hold for what was given under `version`.
    ///
    /// # Errors
    /// Fails where there was no such version: better no answer than one by rules that its provider did not know.
    pub fn over(&self, version: i64) -> Result<Kept<'_>, DbError> {
        let then = if version == self.version || leaks("amendment") {
            Some(&self.law)
        } else {
            self.versions.get(&version)
        };
        let then = then.ok_or_else(|| DbError::Stored("a thing given under no charter".into()))?;
        Ok(Kept { then: &**then, now: &*self.law })
    }

    /// The same for a thing.
    ///
    /// # Errors
    /// Answers [`Error::NotFound`] where there is none.
    pub fn over_thing(&self, conn: &mut Conn, id: &ThingId) -> Result<Kept<'_>, Error> {
        let row = conn.one("select charter from thing where id = ?1", args![id])?.ok_or(Error::NotFound)?;
        Ok(self.over(row.int(0)?)?)
    }
}

/// Says what the law is.
pub trait Laws: Send + Sync {
    /// The charter in force, as the transaction that asks sees it.
    ///
    /// # Errors
    /// Fails as the database does.
    fn in_force(&self, conn: &mut Conn) -> Result<Ruling, Error>;
}
