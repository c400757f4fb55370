//! Persons, and what they prove themselves with. Secrets are here only as hashes.

use std::collections::BTreeSet;

pub use noroshi_council::handler::State as PersonState;
use noroshi_council::{Micros, OrgId, PersonId, Role, handler::Handler};

use super::{Conn, DbError, Row, Rung, Tx, roster::heard};
use crate::args;

/// 取扱者: a named person of an organisation (R10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The person.
    pub id: PersonId,
    /// Its organisation.
    pub org: OrgId,
    /// What it is called.
    pub name: String,
    /// Its address, for signing in and for notices.
    pub email: String,
    /// Its telephone number, or nothing.
    pub phone: String,
    /// Its roles.
    pub roles: BTreeSet<Role>,
    /// Where it stands.
    pub state: PersonState,
    /// Which text of the pledge it has signed, and when.
    pub pledge: Option<(String, Micros)>,
    /// `ja` or `en`.
    pub lang: String,
    /// When it was named.
    pub created_at: Micros,
}

const PERSON: &str = "p.id, p.org, p.name, p.email, p.phone, p.roles, p.state, p.pledge_version, p.pledged_at, p.lang, p.created_at";

fn person(row: &Row) -> Result<Person, DbError> {
    let roles: Vec<String> = row.json(5)?;
    let signed = row.opt_text(7)?;
    Ok(Person {
        id: PersonId(row.text(0)?),
        org: OrgId(row.text(1)?),
        name: row.text(2)?,
        email: row.text(3)?,
        phone: row.text(4)?,
        roles: roles.iter().filter_map(|r| Role::parse(r)).collect(),
        state: PersonState::parse(row.str(6)?).ok_or_else(|| DbError::Stored("person state".into()))?,
        pledge: match signed {
            Some(version) => Some((version, row.opt_int(8)?.unwrap_or(0))),
            None => None,
        },
        lang: row.text(9)?,
        created_at: row.int(10)?,
    })
}

/// An address as it is compared: without surrounding space, in lower case.
#[must_use]
pub fn fold(email: &str) -> String {
    email.trim().to_lowercase()
}

/// A person by id.
///
/// # Errors
/// Fails as the database does.
pub fn by_id(conn: &mut Conn, id: &PersonId) -> Result<Option<Person>, DbError> {
    conn.one(&format!("select {PERSON} from person p where p.id = ?1"), args![id])?
        .map(|r| person(&r))
        .transpose()
}

/// A person by address, with the hash of its password.
///
/// # Errors
/// Fails as the database does.
pub fn by_email(conn: &mut Conn, email: &str) -> Result<Option<(Person, Option<String>)>, DbError> {
    let sql = format!("select {PERSON}, p.password from person p where p.email_key = ?1");
    conn.one(&sql, args![fold(email)])?.map(|r| Ok((person(&r)?, r.opt_text(11)?))).transpose()
}

/// The hash of a person's password.
///
/// # Errors
/// Fails as the database does.
pub fn password(conn: &mut Conn, id: &PersonId) -> Result<Option<String>, DbError> {
    conn.one("select password from person where id = ?1", args![id])?.map_or(Ok(None), |r| r.opt_text(0))
}

/// Everybody whom an organisation has named.
///
/// # Errors
/// Fails as the database does.
pub fn of_org(conn: &mut Conn, org: &OrgId) -> Result<Vec<Person>, DbError> {
    let sql = format!("select {PERSON} from person p where p.org = ?1 order by p.created_at, p.id");
    conn.rows(&sql, args![org])?.iter().map(person).collect()
}

impl Person {
    /// The person, as far as the rules of its organisation depend on it.
    #[must_use]
    pub fn handler(&self) -> Handler {
        Handler { person: self.id.clone(), state: self.state, roles: self.roles.clone() }
    }
}

/// Adds a person.
///
/// # Errors
/// Fails as the database does, also where the address is taken.
pub fn put(tx: &mut Tx<'_>, new: &Person, password: Option<&str>) -> Result<(), DbError> {
    let roles: Vec<&str> = new.roles.iter().map(|r| r.as_str()).collect();
    tx.exec(
        "insert into person (id, org, name, email, email_key, phone, roles, state, password, pledge_version, pledged_at,
                             lang, created_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        args![
            &new.id,
            &new.org,
            &new.name,
            &new.email,
            fold(&new.email),
            &new.phone,
            serde_json::to_string(&roles)?,
            new.state.as_str(),
            password,
            new.pledge.as_ref().map(|p| p.0.clone()),
            new.pledge.as_ref().map(|p| p.1),
            &new.lang,
            new.created_at
        ],
    )?;
    heard(tx, &new.org)
}

/// Rings for those who look at a person's organisation and its people.
fn heard_of(tx: &mut Tx<'_>, id: &PersonId) -> Result<(), DbError> {
    if tx.is_founding() {
        return Ok(());
    }
    org_of(tx, id)?.map_or(Ok(()), |org| heard(tx, &org))
}

fn org_of(tx: &mut Tx<'_>, id: &PersonId) -> Result<Option<OrgId>, DbError> {
    tx.one("select org from person where id = ?1", args![id])?.map(|row| Ok(OrgId(row.text(0)?))).transpose()
}

/// Records that a person signed the pledge, under its name, and may act from now on.
///
/// # Errors
/// Fails as the database does.
pub fn enrol(tx: &mut Tx<'_>, id: &PersonId, name: &str, version: &str) -> Result<(), DbError> {
    let now = tx.now();
    tx.exec(
        "update person set name = ?2, pledge_version = ?3, pledged_at = ?4, state = 'enrolled' where id = ?1",
        args![id, name, version, now],
    )?;
    heard_of(tx, id)
}

/// Sets where a person stands. Everything it was signed in by ends where it may no longer act, and what it listens to.
///
/// # Errors
/// Fails as the database does.
pub fn set_state(tx: &mut Tx<'_>, id: &PersonId, state: PersonState) -> Result<(), DbError> {
    tx.exec("update person set state = ?2 where id = ?1", args![id, state.as_str()])?;
    // Whoever has just been checked goes on with the invitation that it holds.
    if !matches!(state, PersonState::Verified | PersonState::Enrolled) {
        end_all_sessions(tx, id)?;
        hang_up(tx, id)?;
        let now = tx.now();
        tx.exec(
            "update api_token set revoked_at = ?2 where person = ?1 and revoked_at is null",
            args![id, now],
        )?;
        tx.exec("delete from invitation where person = ?1", args![id])?;
    }
    heard_of(tx, id)
}

/// Gives a person these roles and no others. What it listens to begins anew, since a role can read.
///
/// # Errors
/// Fails as the database does.
pub fn set_roles(tx: &mut Tx<'_>, id: &PersonId, roles: &BTreeSet<Role>) -> Result<(), DbError> {
    let words: Vec<&str> = roles.iter().map(|r| r.as_str()).collect();
    tx.exec("update person set roles = ?2 where id = ?1", args![id, serde_json::to_string(&words)?])?;
    hang_up(tx, id)?;
    heard_of(tx, id)
}

/// Ends the live events of a person on every node. Whoever may still listen comes back at once.
///
/// # Errors
/// Fails as the database does.
pub fn hang_up(tx: &mut Tx<'_>, id: &PersonId) -> Result<(), DbError> {
    if let Some(org) = org_of(tx, id)? {
        tx.ring(Rung::Ended { org, person: Some(id.clone()) });
    }
    Ok(())
}

/// Makes former handlers of all people of an organisation that has left: no session, key or invitation of theirs holds, and
/// nobody of it listens any more. Says how many of them had pledged.
///
/// # Errors
/// Fails as the database does.
pub fn leave(tx: &mut Tx<'_>, org: &OrgId) -> Result<u64, DbError> {
    let now = tx.now();
    let bound = tx.exec(
        "update person set state = 'former' where org = ?1 and state in ('enrolled', 'locked')",
        args![org],
    )?;
    tx.exec(
        "update person set state = 'former' where org = ?1 and state in ('nominated', 'verified')",
        args![org],
    )?;
    for sql in [
        "delete from session where person in (select id from person where org = ?1)",
        "delete from invitation where person in (select id from person where org = ?1)",
    ] {
        tx.exec(sql, args![org])?;
    }
    tx.exec(
        "update api_token set revoked_at = ?2
          where revoked_at is null and person in (select id from person where org = ?1)",
        args![org, now],
    )?;
    tx.ring(Rung::Ended { org: org.clone(), person: None });
    Ok(bound)
}

const LISTENERS: &str = "select p.id from person p join org o on o.id = p.org
                          where p.state = 'enrolled' and o.standing in ('active', 'suspended')";

/// Everybody who may listen: enrolled, of an organisation that has not left.
///
/// # Errors
/// Fails as the database does.
pub fn listeners(conn: &mut Conn) -> Result<BTreeSet<PersonId>, DbError> {
    conn.rows(LISTENERS, &[])?.iter().map(|row| Ok(PersonId(row.text(0)?))).collect()
}

/// Whether this person may listen.
///
/// # Errors
/// Fails as the database does.
pub fn may_listen(conn: &mut Conn, id: &PersonId) -> Result<bool, DbError> {
    Ok(conn.one(&format!("{LISTENERS} and p.id = ?1"), args![id])?.is_some())
}

/// Sets a person's password.
///
/// # Errors
/// Fails as the database does.
pub fn set_password(tx: &mut Tx<'_>, id: &PersonId, hash: &str) -> Result<(), DbError> {
    tx.exec("update person set password = ?2 where id = ?1", args![id, hash])?;
    Ok(())
}

/// Sets the language that a person is written to in.
///
/// # Errors
/// Fails as the database does.
pub fn set_lang(tx: &mut Tx<'_>, id: &PersonId, lang: &str) -> Result<(), DbError> {
    tx.exec("update person set lang = ?2 where id = ?1", args![id, lang])?;
    Ok(())
}

/// A sign-in that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Hash of the secret in the cookie.
    pub hash: String,
    /// Who is signed in.
    pub person: Person,
    /// When it was last used.
    pub seen_at: Micros,
    /// When it ends.
    pub expires_at: Micros,
    /// Until when the person counts as present.
    pub stepped_up_until: Micros,
}

/// Begins a session.
///
/// # Errors
/// Fails as the database does.
pub fn open_session(
    tx: &mut Tx<'_>,
    hash: &str,
    id: &PersonId,
    expires_at: Micros,
    stepped_up_until: Micros,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.exec(
        "insert into session (hash, person, created_at, seen_at, expires_at, stepped_up_until)
         values (?1, ?2, ?3, ?3, ?4, ?5)",
        args![hash, id, now, expires_at, stepped_up_until],
    )?;
    tx.exec("delete from session where expires_at < ?1", args![now])?;
    Ok(())
}

/// A session by the hash of its secret.
///
/// # Errors
/// Fails as the database does.
pub fn session(conn: &mut Conn, hash: &str) -> Result<Option<Session>, DbError> {
    let sql = format!(
        "select {PERSON}, s.hash, s.seen_at, s.expires_at, s.stepped_up_until
           from session s join person p on p.id = s.person where s.hash = ?1"
    );
    conn.one(&sql, args![hash])?
        .map(|r| {
            Ok(Session {
                person: person(&r)?,
                hash: r.text(11)?,
                seen_at: r.int(12)?,
                expires_at: r.int(13)?,
                stepped_up_until: r.int(14)?,
            })
        })
        .transpose()
}

/// Notes that a session is used.
///
/// # Errors
/// Fails as the database does.
pub fn touch_session(tx: &mut Tx<'_>, hash: &str, now: Micros) -> Result<(), DbError> {
    tx.exec("update session set seen_at = ?2 where hash = ?1", args![hash, now])?;
    Ok(())
}

/// Notes that the person of a session has just proved its presence.
///
/// # Errors
/// Fails as the database does.
pub fn step_up_session(tx: &mut Tx<'_>, hash: &str, until: Micros) -> Result<(), DbError> {
    tx.exec("update session set stepped_up_until = ?2 where hash = ?1", args![hash, until])?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// Fails as the database does.
pub fn end_session(tx: &mut Tx<'_>, hash: &str) -> Result<(), DbError> {
    tx.exec("delete from session where hash = ?1", args![hash])?;
    Ok(())
}

/// Ends every session of a person.
///
/// # Errors
/// Fails as the database does.
pub fn end_all_sessions(tx: &mut Tx<'_>, id: &PersonId) -> Result<(), DbError> {
    tx.exec("delete from session where person = ?1", args![id])?;
    Ok(())
}

/// How far a token reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// It reads.
    Read,
    /// It reads and acts.
    Act,
}

impl Reach {
    /// The identifier used in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Reach::Read => "read",
            Reach::Act => "act",
        }
    }
}

/// A key for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id, which is no secret.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// How far it reaches.
    pub reach: Reach,
    /// When it was made.
    pub created_at: Micros,
    /// When it ends, if ever.
    pub expires_at: Option<Micros>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Micros>,
    /// When it was last used, to within minutes.
    pub last_used_at: Option<Micros>,
    /// Until when the person behind it counts as present.
    pub stepped_up_until: Micros,
}

const TOKEN: &str =
    "t.id, t.name, t.reach, t.created_at, t.expires_at, t.revoked_at, t.last_used_at, t.stepped_up_until";

fn token(row: &Row, at: usize) -> Result<Token, DbError> {
    Ok(Token {
        id: row.text(at)?,
        name: row.text(at + 1)?,
        reach: if row.str(at + 2)? == "act" { Reach::Act } else { Reach::Read },
        created_at: row.int(at + 3)?,
        expires_at: row.opt_int(at + 4)?,
        revoked_at: row.opt_int(at + 5)?,
        last_used_at: row.opt_int(at + 6)?,
        stepped_up_until: row.int(at + 7)?,
    })
}

/// Adds a token.
///
/// # Errors
/// Fails as the database does.
pub fn put_token(tx: &mut Tx<'_>, hash: &str, id: &PersonId, new: &Token) -> Result<(), DbError> {
    tx.exec(
        "insert into api_token (id, hash, person, name, reach, created_at, expires_at, stepped_up_until)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        args![
            &new.id,
            hash,
            id,
            &new.name,
            new.reach.as_str(),
            new.created_at,
            new.expires_at,
            new.stepped_up_until
        ],
    )?;
    heard_of(tx, id)
}

/// A token and its person by the hash of its secret.
///
/// # Errors
/// Fails as the database does.
pub fn token_by_hash(conn: &mut Conn, hash: &str) -> Result<Option<(Person, Token)>, DbError> {
    let sql = format!(
        "select {PERSON}, {TOKEN} from api_token t join person p on p.id = t.person where t.hash = ?1"
    );
    conn.one(&sql, args![hash])?.map(|r| Ok((person(&r)?, token(&r, 11)?))).transpose()
}

/// Every token of a person, the newest first.
///
/// # Errors
/// Fails as the database does.
pub fn tokens_of(conn: &mut Conn, id: &PersonId) -> Result<Vec<Token>, DbError> {
    let sql = format!("select {TOKEN} from api_token t where t.person = ?1 order by t.created_at desc, t.id");
    conn.rows(&sql, args![id])?.iter().map(|r| token(r, 0)).collect()
}

/// How many keys of an organisation's people are not revoked.
///
/// # Errors
/// Fails as the database does.
pub fn keys_of(conn: &mut Conn, org: &OrgId) -> Result<i64, DbError> {
    let sql = "select count(*) from api_token t join person p on p.id = t.person
                where p.org = ?1 and t.revoked_at is null";
    conn.one(sql, args![org])?.map_or(Ok(0), |row| row.int(0))
}

/// Revokes a token of a person. Says whether there was one.
///
/// # Errors
/// Fails as the database does.
pub fn revoke_token(tx: &mut Tx<'_>, id: &PersonId, token: &str) -> Result<bool, DbError> {
    let now = tx.now();
    let sql = "update api_token set revoked_at = ?3 where person = ?1 and id = ?2 and revoked_at is null";
    let revoked = tx.exec(sql, args![id, token, now])? == 1;
    if revoked {
        heard_of(tx, id)?;
    }
    Ok(revoked)
}

/// Notes that a token is used.
///
/// # Errors
/// Fails as the database does.
pub fn touch_token(tx: &mut Tx<'_>, token: &str, now: Micros) -> Result<(), DbError> {
    tx.exec("update api_token set last_used_at = ?2 where id = ?1", args![token, now])?;
    Ok(())
}

/// Notes that the person behind a token has just proved its presence.
///
/// # Errors
/// Fails as the database does.
pub fn step_up_token(tx: &mut Tx<'_>, token: &str, until: Micros) -> Result<(), DbError> {
    tx.exec("update api_token set stepped_up_until = ?2 where id = ?1", args![token, until])?;
    Ok(())
}

/// Adds an invitation; those before it for the same person no longer hold.
///
/// # Errors
/// Fails as the database does.
pub fn put_invitation(tx: &mut Tx<'_>, hash: &str, id: &PersonId, expires_at: Micros) -> Result<(), DbError> {
    tx.exec("delete from invitation where person = ?1 and used_at is null", args![id])?;
    tx.exec(
        "insert into invitation (hash, person, expires_at) values (?1, ?2, ?3)",
        args![hash, id, expires_at],
    )?;
    Ok(())
}

/// Whom an invitation is for, if it still holds.
///
/// # Errors
/// Fails as the database does.
pub fn invited(conn: &mut Conn, hash: &str, now: Micros) -> Result<Option<Person>, DbError> {
    let sql = format!(
        "select {PERSON} from invitation i join person p on p.id = i.person
          where i.hash = ?1 and i.used_at is null and i.expires_at > ?2"
    );
    conn.one(&sql, args![hash, now])?.map(|r| person(&r)).transpose()
}

/// Uses an invitation up. Says whether it still held.
///
/// # Errors
/// Fails as the database does.
pub fn use_invitation(tx: &mut Tx<'_>, hash: &str) -> Result<bool, DbError> {
    let now = tx.now();
    let sql = "update invitation set used_at = ?2 where hash = ?1 and used_at is null and expires_at > ?2";
    Ok(tx.exec(sql, args![hash, now])? == 1)
}
