//! Whoever applies by itself: it has no seat and no reader's place, only the link to its own application (R2).

use noroshi_council::{Thing as _, ThingId, case::Case};

use super::{
    Tx,
    db::{Conn, DbError},
};
use crate::args;

/// Keeps under which link an application is looked at, and the language of the page that it came by.
///
/// # Errors
/// Fails as the database does.
pub fn put(tx: &mut Tx<'_>, hash: &str, id: &ThingId, lang: &str) -> Result<(), DbError> {
    tx.exec("insert into applicant (hash, thing, lang) values (?1, ?2, ?3)", args![hash, id, lang])?;
    Ok(())
}

/// The application behind a link.
///
/// # Errors
/// Fails as the database does.
pub fn find(conn: &mut Conn, hash: &str) -> Result<Option<ThingId>, DbError> {
    let row = conn.one("select thing from applicant where hash = ?1", args![hash])?;
    row.map(|row| Ok(ThingId(row.text(0)?))).transpose()
}

/// The case behind a link, to tell its applicant how far it has come.
///
/// # Errors
/// Fails as the database does.
pub fn case(conn: &mut Conn, hash: &str) -> Result<Option<Case>, DbError> {
    let row = conn.one(
        "select t.body from applicant a join thing t on t.id = a.thing where a.hash = ?1 and t.kind = ?2",
        args![hash, Case::KIND],
    )?;
    row.map(|row| row.json(0)).transpose()
}

/// In which language the applicant of a case is written to, if it came by itself.
///
/// # Errors
/// Fails as the database does.
pub fn lang(conn: &mut Conn, id: &ThingId) -> Result<Option<String>, DbError> {
    let row = conn.one("select lang from applicant where thing = ?1", args![id])?;
    row.map(|row| row.text(0)).transpose()
}
