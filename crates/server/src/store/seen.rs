//! Who sees a thing, remembered for as long as no thing changes: ten thousand organisations acknowledge one notice, and the gate's
//! question to the database was a third of what each of them cost.
//!
//! Remembered is only what lets a reader in. Whom it does not let in is asked about in the database as ever, so that what
//! is hidden costs what is absent costs.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use foldhash::fast::RandomState;
use noroshi_council::ThingId;

use super::{Conn, DbError, audience};
use crate::args;

/// How many members of audiences are remembered in all; each takes some fifty bytes.
const ROOM: usize = 50_000;
/// How many things are remembered. A burst is about one or two.
const THINGS: usize = 64;

/// The things that readers were let in to, and the members of the audiences that did.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Until anything may have changed a thing or its views.
    things: HashMap<ThingId, Sight, RandomState>,
    /// For as long as nothing is undone: an audience is sealed when it is made.
    audiences: HashMap<i64, HashSet<String, RandomState>, RandomState>,
    members: usize,
}

#[derive(Debug)]
enum Sight {
    /// One reader was let in: most things are asked for once.
    Once,
    /// By whom this revision of a thing of this kind can be seen.
    By { kind: &'static str, rev: i64, audiences: Vec<i64> },
}

impl Seen {
    /// The revision of a thing, where it is known that a reader of one of these names sees something of it.
    pub(super) fn rev(&self, id: &ThingId, kind: &str, names: &[Cow<'_, str>; 2]) -> Option<i64> {
        match self.things.get(id)? {
            Sight::By { kind: of, rev, audiences } if *of == kind => {
                let lets_in = |audience: &i64| {
                    let members = self.audiences.get(audience);
                    members.is_some_and(|members| names.iter().any(|name| members.contains(&**name)))
                };
                audiences.iter().any(lets_in).then_some(*rev)
            }
            _ => None,
        }
    }

    /// A reader was let in to a thing by the database.
    pub(super) fn let_in(
        &mut self,
        conn: &mut Conn,
        id: &ThingId,
        kind: &'static str,
        rev: i64,
    ) -> Result<(), DbError> {
        match self.things.get(id) {
            None => {
                if self.things.len() >= THINGS {
                    self.things.clear();
                }
                self.things.insert(id.clone(), Sight::Once);
            }
            Some(Sight::Once) => {
                let rows = conn.rows("select distinct audience from view where thing = ?1", args![id])?;
                let audiences = rows.iter().map(|row| row.int(0)).collect::<Result<Vec<i64>, _>>()?;
                for audience in &audiences {
                    self.learn(conn, *audience)?;
                }
                self.things.insert(id.clone(), Sight::By { kind, rev, audiences });
            }
            Some(Sight::By { .. }) => {}
        }
        Ok(())
    }

    fn learn(&mut self, conn: &mut Conn, audience: i64) -> Result<(), DbError> {
        if self.audiences.contains_key(&audience) {
            return Ok(());
        }
        let members: HashSet<String, RandomState> =
            audience::members(conn, audience)?.into_iter().map(String::from).collect();
        if self.members + members.len() > ROOM {
            self.audiences.clear();
            self.members = 0;
        }
        if members.len() <= ROOM {
            self.members += members.len();
            self.audiences.insert(audience, members);
        }
        Ok(())
    }

    /// A thing or its views may be others from here on.
    pub(super) fn forget_things(&mut self) {
        self.things.clear();
    }
}
