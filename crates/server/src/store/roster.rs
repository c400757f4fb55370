//! The membership in the database.

use std::collections::{BTreeMap, BTreeSet};

use noroshi_council::{Micros, Org, OrgId, Roster, Seat, Standing, Text, standing::Membership};

use super::{Conn, DbError, Rung, Tx};
use crate::args;

/// The revision of the membership: rises with every change.
///
/// # Errors
/// Fails as the database does.
pub fn revision(conn: &mut Conn) -> Result<i64, DbError> {
    conn.one("select value from meta where name = 'roster'", &[])?
        .map_or(Ok(0), |row| row.str(0)?.parse().map_err(|_| DbError::Stored("roster revision".into())))
}

/// The whole membership.
///
/// # Errors
/// Fails as the database does.
pub fn load(conn: &mut Conn) -> Result<Roster, DbError> {
    let mut orgs = BTreeMap::new();
    for row in conn.rows(
        "select id, name_ja, name_en, seat, sector, association, constituents, receives_secrets, opening_minute,
                standing, joined_at, listed
           from org",
        &[],
    )? {
        let org = Org {
            id: OrgId(row.text(0)?),
            name: Text { ja: row.text(1)?, en: row.text(2)? },
            seat: Seat::parse(row.str(3)?).ok_or_else(|| DbError::Stored("seat".into()))?,
            sector: row.text(4)?,
            association: row.truth(5)?,
            constituents: u32::try_from(row.int(6)?).unwrap_or(0),
            receives_secrets: row.truth(7)?,
            opening_minute: u16::try_from(row.int(8)?).unwrap_or(0),
            standing: Standing::parse(row.str(9)?).ok_or_else(|| DbError::Stored("standing".into()))?,
            joined_at: row.int(10)?,
            listed: row.truth(11)?,
        };
        orgs.insert(org.id.clone(), org);
    }
    let mut regulates: BTreeMap<OrgId, BTreeSet<OrgId>> = BTreeMap::new();
    for row in conn.rows("select regulator, org from regulates", &[])? {
        regulates.entry(OrgId(row.text(0)?)).or_default().insert(OrgId(row.text(1)?));
    }
    Ok(Roster { orgs, regulates })
}

/// The number that the coordinator calls.
///
/// # Errors
/// Fails as the database does.
pub fn phone(conn: &mut Conn, org: &OrgId) -> Result<String, DbError> {
    conn.one("select phone from org where id = ?1", args![org])?.map_or(Ok(String::new()), |row| row.text(0))
}

/// Whom an association speaks for, as it lists them itself.
///
/// # Errors
/// Fails as the database does.
pub fn constituents(conn: &mut Conn, org: &OrgId) -> Result<Vec<String>, DbError> {
    let row = conn.one("select constituent_names from org where id = ?1", args![org])?;
    row.map_or(Ok(Vec::new()), |row| row.json(0))
}

/// Writes down whom an association speaks for.
///
/// # Errors
/// Fails as the database does.
pub fn set_constituents(tx: &mut Tx<'_>, org: &OrgId, names: &[String]) -> Result<(), DbError> {
    let names = serde_json::to_string(names).unwrap_or_default();
    tx.exec("update org set constituent_names = ?2 where id = ?1", args![org, names])?;
    Ok(())
}

/// Adds an organisation, or replaces what is known of it.
///
/// # Errors
/// Fails as the database does.
pub fn put(tx: &mut Tx<'_>, org: &Org, phone: &str) -> Result<(), DbError> {
    remember_seat(tx, org)?;
    tx.exec(
        "insert into org (id, name_ja, name_en, seat, sector, association, constituents, receives_secrets,
                          opening_minute, standing, phone, joined_at, listed)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         on conflict (id) do update set name_ja = excluded.name_ja, name_en = excluded.name_en,
                seat = excluded.seat, sector = excluded.sector, association = excluded.association,
                constituents = excluded.constituents, receives_secrets = excluded.receives_secrets,
                opening_minute = excluded.opening_minute, standing = excluded.standing, phone = excluded.phone,
                listed = excluded.listed",
        args![
            &org.id,
            &org.name.ja,
            &org.name.en,
            org.seat.as_str(),
            &org.sector,
            org.association,
            org.constituents,
            org.receives_secrets,
            org.opening_minute,
            org.standing.as_str(),
            phone,
            org.joined_at,
            org.listed
        ],
    )?;
    heard(tx, &org.id)?;
    changed(tx)
}

/// Keeps where an organisation sat until now, and since when it sits where `org` says. Of one that never moved there is nothing
/// to keep.
fn remember_seat(tx: &mut Tx<'_>, org: &Org) -> Result<(), DbError> {
    if tx.is_founding() {
        return Ok(());
    }
    let Some(row) = tx.one("select seat, joined_at from org where id = ?1", args![&org.id])? else {
        return Ok(());
    };
    let (before, joined_at) = (row.text(0)?, row.int(1)?);
    if before == org.seat.as_str() {
        return Ok(());
    }
    let now = tx.now();
    let sql = "insert into seat_held (org, since, seat) values (?1, ?2, ?3) on conflict do nothing";
    if tx.one("select 1 from seat_held where org = ?1 limit 1", args![&org.id])?.is_none() {
        tx.exec(sql, args![&org.id, joined_at, before])?;
    }
    tx.exec(sql, args![&org.id, now, org.seat.as_str()])?;
    Ok(())
}

/// Where each organisation that ever moved has sat, and since when, in order.
///
/// # Errors
/// Fails as the database does.
pub fn seats_held(conn: &mut Conn) -> Result<BTreeMap<OrgId, Vec<(Micros, Seat)>>, DbError> {
    let mut held: BTreeMap<OrgId, Vec<(Micros, Seat)>> = BTreeMap::new();
    for row in conn.rows("select org, since, seat from seat_held order by org, since", &[])? {
        let seat = Seat::parse(row.str(2)?).ok_or_else(|| DbError::Stored("seat".into()))?;
        held.entry(OrgId(row.text(0)?)).or_default().push((row.int(1)?, seat));
    }
    Ok(held)
}

/// Records that `regulator` supervises `org`.
///
/// # Errors
/// Fails as the database does.
pub fn put_regulator(tx: &mut Tx<'_>, regulator: &OrgId, org: &OrgId) -> Result<(), DbError> {
    tx.exec(
        "insert into regulates (regulator, org) values (?1, ?2) on conflict do nothing",
        args![regulator, org],
    )?;
    heard(tx, org)?;
    changed(tx)
}

/// Records that `regulator` no longer supervises `org`.
///
/// # Errors
/// Fails as the database does.
pub fn drop_regulator(tx: &mut Tx<'_>, regulator: &OrgId, org: &OrgId) -> Result<(), DbError> {
    tx.exec("delete from regulates where regulator = ?1 and org = ?2", args![regulator, org])?;
    heard(tx, org)?;
    changed(tx)
}

/// When the suspension of an organisation ends by itself; nothing where it is not suspended, or for longer.
///
/// # Errors
/// Fails as the database does.
pub fn suspension_end(conn: &mut Conn, org: &OrgId) -> Result<Option<Micros>, DbError> {
    let row = conn.one("select ends_at from suspension where org = ?1", args![org])?;
    row.map(|row| row.int(0)).transpose()
}

/// Sets where a membership stands, and when its suspension ends by itself.
///
/// # Errors
/// Fails as the database does.
pub fn set_membership(tx: &mut Tx<'_>, org: &OrgId, membership: Membership) -> Result<(), DbError> {
    tx.exec("update org set standing = ?2 where id = ?1", args![org, membership.standing.as_str()])?;
    tx.exec("delete from suspension where org = ?1", args![org])?;
    if let Some(end) = membership.ends_at {
        tx.exec("insert into suspension (org, ends_at) values (?1, ?2)", args![org, end])?;
    }
    changed(tx)
}

/// The organisations whose suspension has ended by itself at `now`, and the moment at which the next one does.
///
/// # Errors
/// Fails as the database does.
pub fn suspensions(conn: &mut Conn, now: Micros) -> Result<(Vec<OrgId>, Option<Micros>), DbError> {
    let due =
        conn.rows("select org from suspension where ends_at <= ?1 order by ends_at, org", args![now])?;
    let due = due.iter().map(|row| Ok(OrgId(row.text(0)?))).collect::<Result<_, DbError>>()?;
    let next = conn.one("select min(ends_at) from suspension where ends_at > ?1", args![now])?;
    Ok((due, next.map_or(Ok(None), |row| row.opt_int(0))?))
}

/// Rings for those who look at an organisation and its people: itself, and the offices that see the roll.
///
/// # Errors
/// Fails as the database does.
pub fn heard(tx: &mut Tx<'_>, org: &OrgId) -> Result<(), DbError> {
    if tx.is_founding() {
        return Ok(());
    }
    let offices = tx.rows("select id from org where seat in ('secretariat', 'coordinator')", &[])?;
    for office in &offices {
        tx.ring(Rung::Org(OrgId(office.text(0)?)));
    }
    tx.ring(Rung::Org(org.clone()));
    Ok(())
}

fn changed(tx: &mut Tx<'_>) -> Result<(), DbError> {
    if !tx.roster_changed() {
        return Ok(());
    }
    let rev = revision(tx.conn()?)? + 1;
    tx.exec(
        "insert into meta (name, value) values ('roster', ?1)
         on conflict (name) do update set value = excluded.value",
        args![rev.to_string()],
    )?;
    Ok(())
}
