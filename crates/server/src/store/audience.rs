//! Sets of readers, each stored once however many things it reads.

use std::{borrow::Cow, collections::BTreeSet};

use noroshi_council::gate::Principal;
use sha2::{Digest, Sha256};

use super::{Conn, DbError, Tx};
use crate::args;

/// The number of the audience with exactly these readers, which is made if it is new.
///
/// # Errors
/// Fails as the database does.
pub fn intern(tx: &mut Tx<'_>, readers: &BTreeSet<Principal>) -> Result<i64, DbError> {
    let members: Vec<Cow<'_, str>> = readers.iter().map(Principal::name).collect();
    let content = hex(&Sha256::digest(members.join("\n")));
    if let Some(row) = tx.one("select id from audience where content = ?1", args![&content])? {
        return row.int(0);
    }
    let id = tx.one("select coalesce(max(id), 0) + 1 from audience", &[])?.map_or(Ok(1), |row| row.int(0))?;
    tx.exec(
        "insert into audience (id, content, size) values (?1, ?2, ?3)",
        args![id, content, members.len()],
    )?;
    let list = serde_json::to_string(&members)?;
    let sql = if tx.conn()?.is_pg() {
        "insert into audience_member (principal, audience)
         select value, ?2 from json_array_elements_text(cast(cast(?1 as text) as json))"
    } else {
        "insert into audience_member (principal, audience) select value, ?2 from json_each(?1)"
    };
    tx.exec(sql, args![list, id])?;
    // From here on the database refuses another member.
    tx.exec("update audience set sealed = 1 where id = ?1", args![id])?;
    Ok(id)
}

/// Who is in an audience.
///
/// # Errors
/// Fails as the database does.
pub fn members(conn: &mut Conn, audience: i64) -> Result<BTreeSet<Principal>, DbError> {
    conn.rows("select principal from audience_member where audience = ?1", args![audience])?
        .iter()
        .map(|row| row.text(0).map(Principal::from))
        .collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    // Room for it first: what has to be zeroed comes from further away, and every line of the journal has two of these.
    let mut text = String::with_capacity(2 * bytes.len());
    data_encoding::HEXLOWER.encode_append(bytes, &mut text);
    text
}
