//! One door to two databases: SQLite in this process, or PostgreSQL over a socket.
//!
//! One SQL text serves both. Placeholders are written `?1`; ids are text, moments are unix microseconds, truths are 0 or
//! 1, so that both databases agree. Statements are prepared once per connection.

use std::{collections::HashMap, path::Path, time::Duration};

use postgres::types::ToSql;

pub use super::value::{Row, Value};
use super::value::{from_lite, from_pg, lite};

/// What a database can fail with.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// SQLite said no.
    #[error("sqlite: {0}")]
    Lite(#[from] rusqlite::Error),
    /// PostgreSQL said no, or is not there.
    #[error("postgres: {}", pg_message(.0))]
    Pg(#[from] postgres::Error),
    /// A column did not hold what the statement's author expected.
    #[error("column {0} holds another type")]
    Column(usize),
    /// What was stored cannot be read back.
    #[error("stored value cannot be read: {0}")]
    Stored(String),
    /// An act that was settled failed nonetheless, and all of its transaction with it.
    #[error("an act that was settled failed: {0}")]
    Settled(String),
    /// The address of the database cannot be used.
    #[error("{0}")]
    Address(String),
}

fn pg_message(error: &postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), |e| e.message().to_owned())
}

impl From<serde_json::Error> for DbError {
    fn from(error: serde_json::Error) -> DbError {
        DbError::Stored(error.to_string())
    }
}

impl DbError {
    /// Whether a uniqueness rule of the database refused the row.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        match self {
            DbError::Lite(rusqlite::Error::SqliteFailure(e, _)) => matches!(e.extended_code, 1555 | 2067),
            DbError::Pg(e) => e.code() == Some(&postgres::error::SqlState::UNIQUE_VIOLATION),
            _ => false,
        }
    }

    /// Whether one of the database's own guards refused (the triggers of `schema/*_guards.*`).
    #[must_use]
    pub fn is_guard(&self) -> bool {
        match self {
            DbError::Lite(rusqlite::Error::SqliteFailure(e, _)) => e.extended_code == 1811,
            DbError::Pg(e) => e.code() == Some(&postgres::error::SqlState::RAISE_EXCEPTION),
            _ => false,
        }
    }

    /// The same for an act that has no way back of its own: it fails with all of its transaction.
    pub(super) fn settled(self) -> DbError {
        if self.is_disconnect() { self } else { DbError::Settled(self.to_string()) }
    }

    /// Whether the connection is gone and a new one may help.
    #[must_use]
    pub fn is_disconnect(&self) -> bool {
        matches!(self, DbError::Pg(e) if e.is_closed() || e.as_db_error().is_none())
    }
}

/// Which database an address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A file of SQLite.
    Lite(std::path::PathBuf),
    /// A PostgreSQL server.
    Pg(String),
}

impl Address {
    /// Reads `sqlite:PATH` or `postgres://…`.
    ///
    /// # Errors
    /// Fails on anything else, saying what would do.
    pub fn parse(text: &str) -> Result<Address, DbError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Address::Pg(text.to_owned()));
        }
        match text.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Address::Lite(path.trim_start_matches("//").into())),
            _ => Err(DbError::Address(format!(
                "`{text}` names no database; write sqlite:/path/to/file or postgres://user@host/database"
            ))),
        }
    }
}

/// One connection.
pub struct Conn(Inner);

#[expect(clippy::large_enum_variant, reason = "a handful of connections, none of them moved")]
enum Inner {
    Lite(rusqlite::Connection),
    Pg { client: Closing, prepared: HashMap<String, postgres::Statement> },
}

/// The synchronous client runs a small runtime of its own, which must not be ended on a thread of the server's: it is
/// closed on a thread of its own.
struct Closing(Option<postgres::Client>);

impl Closing {
    fn get(&mut self) -> Result<&mut postgres::Client, DbError> {
        self.0.as_mut().ok_or_else(|| DbError::Address("the connection is closed".into()))
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            std::thread::spawn(move || drop(client));
        }
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Reading only; the database refuses anything else.
    Read,
    /// Writing.
    Write,
}

impl Conn {
    /// Opens a connection.
    ///
    /// # Errors
    /// Fails where the database cannot be reached.
    pub fn open(address: &Address, purpose: Purpose) -> Result<Conn, DbError> {
        match address {
            Address::Lite(path) => open_lite(path, purpose).map(|c| Conn(Inner::Lite(c))),
            Address::Pg(url) => {
                let mut config: postgres::Config = url.parse()?;
                config.connect_timeout(Duration::from_secs(5)).application_name("noroshi");
                let mut client = super::pg::connect(&config)?;
                client.batch_execute(match purpose {
                    Purpose::Read => "set default_transaction_read_only = on",
                    Purpose::Write => "set synchronous_commit = on",
                })?;
                Ok(Conn(Inner::Pg { client: Closing(Some(client)), prepared: HashMap::new() }))
            }
        }
    }

    /// Whether this is PostgreSQL, for the few statements that differ.
    #[must_use]
    pub fn is_pg(&self) -> bool {
        matches!(self.0, Inner::Pg { .. })
    }

    /// Counts what others have committed, so that what was read can be kept for as long as nobody has; nothing where the
    /// database does not tell.
    ///
    /// # Errors
    /// Fails as the database does.
    pub(super) fn others(&mut self) -> Result<Option<i64>, DbError> {
        if self.is_pg() {
            return Ok(None);
        }
        self.one("pragma data_version", &[])?.map(|row| row.int(0)).transpose()
    }

    /// Runs statements without arguments.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        match &mut self.0 {
            Inner::Lite(c) => Ok(c.execute_batch(sql)?),
            Inner::Pg { client, .. } => Ok(client.get()?.batch_execute(sql)?),
        }
    }

    /// Runs one statement; says how many rows it changed.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn exec(&mut self, sql: &str, args: &[Value<'_>]) -> Result<u64, DbError> {
        match &mut self.0 {
            Inner::Lite(c) => {
                let mut statement = c.prepare_cached(sql)?;
                Ok(statement.execute(rusqlite::params_from_iter(args.iter().map(lite)))? as u64)
            }
            Inner::Pg { client, prepared } => {
                let client = client.get()?;
                let statement = prepare(client, prepared, sql)?;
                let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|a| a as _).collect();
                Ok(client.execute(&statement, &args)?)
            }
        }
    }

    /// Runs one statement once for each of `rows`. What a row has in common with the one before is not given to SQLite
    /// again, which copies every text that it is given.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn exec_each<'v, R: AsRef<[Value<'v>]>>(
        &mut self,
        sql: &str,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<(), DbError> {
        match &mut self.0 {
            Inner::Lite(c) => {
                let mut statement = c.prepare_cached(sql)?;
                let mut before: Option<R> = None;
                for args in rows {
                    let (given, wanted) = (args.as_ref().len(), statement.parameter_count());
                    if given != wanted {
                        return Err(rusqlite::Error::InvalidParameterCount(given, wanted).into());
                    }
                    for (n, value) in args.as_ref().iter().enumerate() {
                        if before.as_ref().and_then(|row| row.as_ref().get(n)) != Some(value) {
                            statement.raw_bind_parameter(n + 1, lite(value))?;
                        }
                    }
                    statement.raw_execute()?;
                    before = Some(args);
                }
            }
            Inner::Pg { .. } => {
                for args in rows {
                    self.exec(sql, args.as_ref())?;
                }
            }
        }
        Ok(())
    }

    /// Runs one query.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn rows(&mut self, sql: &str, args: &[Value<'_>]) -> Result<Vec<Row>, DbError> {
        match &mut self.0 {
            Inner::Lite(c) => {
                let mut statement = c.prepare_cached(sql)?;
                let width = statement.column_count();
                let mut rows = statement.query(rusqlite::params_from_iter(args.iter().map(lite)))?;
                let mut answer = Vec::new();
                while let Some(row) = rows.next()? {
                    let mut values = Vec::with_capacity(width);
                    for column in 0..width {
                        values.push(from_lite(row.get_ref(column)?)?);
                    }
                    answer.push(Row::new(values));
                }
                Ok(answer)
            }
            Inner::Pg { client, prepared } => {
                let client = client.get()?;
                let statement = prepare(client, prepared, sql)?;
                let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|a| a as _).collect();
                client.query(&statement, &args)?.iter().map(from_pg).collect()
            }
        }
    }

    /// Runs one query that answers at most one row.
    ///
    /// # Errors
    /// Fails as the database does.
    pub fn one(&mut self, sql: &str, args: &[Value<'_>]) -> Result<Option<Row>, DbError> {
        Ok(self.rows(sql, args)?.into_iter().next())
    }

    /// Runs `body` against one unchanging picture of the database.
    ///
    /// # Errors
    /// Fails as `body` does.
    pub fn snapshot<T, E: From<DbError>>(
        &mut self,
        body: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Result<T, E> {
        self.batch(if self.is_pg() { "begin isolation level repeatable read read only" } else { "begin" })?;
        let answer = body(self);
        self.batch("rollback")?;
        answer
    }
}

fn open_lite(path: &Path, purpose: Purpose) -> Result<rusqlite::Connection, DbError> {
    use rusqlite::OpenFlags;
    let flags = match purpose {
        Purpose::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Purpose::Write => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    } | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = rusqlite::Connection::open_with_flags(path, flags)?;
    conn.set_prepared_statement_cache_capacity(256);
    // A plan does not depend on the values that it is used with. Else SQLite plans some statements anew for every new
    // value, the look for an id among them, which took half of the time of an import.
    conn.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    if purpose == Purpose::Write {
        // FULL, because NORMAL lost acknowledged commits in power cuts. A long checkpoint interval, because each
        // checkpoint rewrites the leaves of every index that the commits since have touched.
        conn.execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 8000;",
        )?;
    }
    // Little for each of the several that read: the kernel keeps the pages of the file once for all of them.
    let cache = if purpose == Purpose::Write { -16_000 } else { -2_000 };
    conn.execute_batch(&format!(
        "pragma busy_timeout = 5000; pragma foreign_keys = on; pragma trusted_schema = off; \
         pragma cache_size = {cache}; pragma temp_store = memory;",
    ))?;
    Ok(conn)
}

fn prepare(
    client: &mut postgres::Client,
    prepared: &mut HashMap<String, postgres::Statement>,
    sql: &str,
) -> Result<postgres::Statement, DbError> {
    if let Some(statement) = prepared.get(sql) {
        return Ok(statement.clone());
    }
    let statement = client.prepare(&sql.replace('?', "$"))?;
    prepared.insert(sql.to_owned(), statement.clone());
    Ok(statement)
}
