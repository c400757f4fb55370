//! The record of every act, refused ones too: who, when, under which charter, why, each row's hash taking in the one
//! before. It holds hashes of contents, not contents, so that it can be kept when a secret is destroyed.

use noroshi_council::Actor;
use sha2::{Digest, Sha256};

use super::{Conn, DbError, Tx, audience::hex};
use crate::args;

/// One line of the record.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Who acted.
    pub actor: &'a Actor,
    /// What the act is called in the charter.
    pub action: &'a str,
    /// Upon what.
    pub thing: Option<&'a str>,
    /// What happened: the event's name, or `refused:` and the clause.
    pub event: &'a str,
    /// Version and hash of the charter that ruled.
    pub charter: &'a str,
    /// The reason given, in the actor's words; empty where none was.
    pub reason: &'a str,
    /// The event's content, of which only the hash is kept.
    pub content: &'a str,
}

/// Adds a line.
///
/// # Errors
/// Fails as the database does.
pub fn append(tx: &mut Tx<'_>, entry: &Entry<'_>) -> Result<(), DbError> {
    let before = tx.last_line()?;
    let seq = tx.tick();
    let content = hex(&Sha256::digest(entry.content));
    let line = Line {
        seq,
        person: entry.actor.person.as_str(),
        org: entry.actor.org.as_str(),
        action: entry.action,
        thing: entry.thing.unwrap_or_default(),
        event: entry.event,
        charter: entry.charter,
        reason: entry.reason,
        content: &content,
    };
    let hash = line.hash(&before);
    // Not every line is about a thing.
    tx.exec_later(
        "insert into journal (seq, at, person, org, action, thing, event, charter, reason, content, hash)
         values (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        args![
            seq,
            line.person,
            line.org,
            line.action,
            entry.thing,
            line.event,
            line.charter,
            line.reason,
            line.content,
            &hash
        ],
    )?;
    tx.set_last_line(hash);
    Ok(())
}

struct Line<'a> {
    seq: i64,
    person: &'a str,
    org: &'a str,
    action: &'a str,
    thing: &'a str,
    event: &'a str,
    charter: &'a str,
    reason: &'a str,
    content: &'a str,
}

impl Line<'_> {
    fn hash(&self, before: &str) -> String {
        // Lengths first, so that no two different lines read the same.
        let mut whole = Vec::with_capacity(512);
        let seq = self.seq.to_string();
        for part in [
            before,
            &seq,
            self.person,
            self.org,
            self.action,
            self.thing,
            self.event,
            self.charter,
            self.reason,
            self.content,
        ] {
            whole.extend((part.len() as u64).to_be_bytes());
            whole.extend(part.as_bytes());
        }
        hex(&Sha256::digest(whole))
    }
}

/// A chain in which every line follows from the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unbroken {
    /// How many lines there are.
    pub lines: u64,
    /// The hash of the last one: whoever keeps it elsewhere can tell later whether it is still there.
    pub last: String,
}

/// The first line that does not follow from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// The how manieth it is of those that were looked at, from 1.
    pub line: u64,
    /// Its moment, by which it is found.
    pub seq: i64,
}

/// Recounts the whole chain.
///
/// # Errors
/// Fails as the database does.
pub fn verify(conn: &mut Conn) -> Result<Result<Unbroken, Broken>, DbError> {
    walk(conn, i64::MIN, String::new())
}

/// The same for the newest `most` lines alone, of which the first is held against the line before as that stands.
///
/// # Errors
/// Fails as the database does.
pub fn verify_newest(conn: &mut Conn, most: u64) -> Result<Result<Unbroken, Broken>, DbError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let sql = "select seq, hash from journal order by seq desc limit 1 offset ?1";
    match conn.one(sql, args![most])? {
        Some(row) => walk(conn, row.int(0)?, row.text(1)?),
        None => verify(conn),
    }
}

/// Walks from the line after `after`, whose hash is `before`, to the end.
fn walk(conn: &mut Conn, mut after: i64, mut before: String) -> Result<Result<Unbroken, Broken>, DbError> {
    let mut lines = 0;
    loop {
        let rows = conn.rows(
            "select seq, person, org, action, coalesce(thing, ''), event, charter, reason, content, hash, at
               from journal where seq > ?1 order by seq limit 1000",
            args![after],
        )?;
        if rows.is_empty() {
            return Ok(Ok(Unbroken { lines, last: before }));
        }
        for row in rows {
            let line = Line {
                seq: row.int(0)?,
                person: row.str(1)?,
                org: row.str(2)?,
                action: row.str(3)?,
                thing: row.str(4)?,
                event: row.str(5)?,
                charter: row.str(6)?,
                reason: row.str(7)?,
                content: row.str(8)?,
            };
            lines += 1;
            let hash = line.hash(&before);
            if hash != row.str(9)? || row.int(10)? != line.seq {
                return Ok(Err(Broken { line: lines, seq: line.seq }));
            }
            after = line.seq;
            before = hash;
        }
    }
}
