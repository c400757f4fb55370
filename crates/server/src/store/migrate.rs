//! Brings a database to the tables of this version.

use super::{Conn, Error, db::DbError};
use crate::args;

/// Each step: the tables, then the guards of SQLite and of PostgreSQL. Steps are added, never edited.
const STEPS: &[(&str, &str, &str)] = &[
    (
        include_str!("schema/0001_council.sql"),
        include_str!("schema/0001_guards.sqlite.sql"),
        include_str!("schema/0001_guards.postgres.sql"),
    ),
    (include_str!("schema/0002_time.sql"), "", ""),
    (include_str!("schema/0003_suspension.sql"), "", ""),
    (
        include_str!("schema/0004_sealed.sql"),
        include_str!("schema/0004_guards.sqlite.sql"),
        include_str!("schema/0004_guards.postgres.sql"),
    ),
    ("", include_str!("schema/0005_guards.sqlite.sql"), include_str!("schema/0005_guards.postgres.sql")),
    (include_str!("schema/0006_fresh.sql"), "", ""),
    (
        include_str!("schema/0007_assembly.sql"),
        include_str!("schema/0007_guards.sqlite.sql"),
        include_str!("schema/0007_guards.postgres.sql"),
    ),
    (include_str!("schema/0008_seat.sql"), "", ""),
    (include_str!("schema/0009_delegation.sql"), "", ""),
    (include_str!("schema/0010_applicant.sql"), "", ""),
    (include_str!("schema/0011_packs.sql"), "", ""),
    (include_str!("schema/0012_unpacked.sql"), "", ""),
    (
        include_str!("schema/0013_attached.sql"),
        include_str!("schema/0013_guards.sqlite.sql"),
        include_str!("schema/0013_guards.postgres.sql"),
    ),
    (include_str!("schema/0014_constituents.sql"), "", ""),
    (include_str!("schema/0015_listed.sql"), "", ""),
    (include_str!("schema/0016_again.sql"), "", ""),
];

/// What no statement can do, after the tables of its step.
const MOVES: &[(i64, Move)] = &[(11, super::objects::take_over)];

type Move = fn(&mut Conn) -> Result<(), DbError>;

pub(super) fn migrate(conn: &mut Conn) -> Result<(), Error> {
    conn.batch("create table if not exists migration (step bigint primary key, at bigint not null)")?;
    conn.batch(if conn.is_pg() { "begin; select pg_advisory_xact_lock(70340)" } else { "begin immediate" })?;
    let answer = steps(conn);
    conn.batch(if answer.is_ok() { "commit" } else { "rollback" })?;
    answer
}

fn steps(conn: &mut Conn) -> Result<(), Error> {
    let done =
        conn.one("select coalesce(max(step), 0) from migration", &[])?.map_or(Ok(0), |row| row.int(0))?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if done > known {
        return Err(DbError::Address(format!(
            "this database was written by a newer version (step {done}, this version knows {known}); run that version"
        ))
        .into());
    }
    for (step, (tables, lite, pg)) in (1..).zip(STEPS).filter(|(step, _)| *step > done) {
        for text in [*tables, if conn.is_pg() { *pg } else { *lite }] {
            let (rowid, keyed, bytes) = if conn.is_pg() {
                ("bigint primary key", "", "bytea")
            } else {
                ("integer primary key", "without rowid", "blob")
            };
            let text = text.replace("{rowid}", rowid).replace("{keyed}", keyed).replace("{bytes}", bytes);
            for statement in text.split("\n--\n").filter(|statement| !statement.trim().is_empty()) {
                conn.batch(statement)?;
            }
        }
        for (_, make) in MOVES.iter().filter(|(of, _)| *of == step) {
            make(conn)?;
        }
        conn.exec("insert into migration (step, at) values (?1, ?2)", args![step, 0])?;
    }
    Ok(())
}
