//! Whether the database can be reached and written, and holds what it should.

use std::path::Path;

use noroshi_council::Text;

use super::{Finding, LINES, OLDEST_POSTGRES, PATIENCE, State, found, good, unix_now};
use crate::{
    charters,
    config::{Config, Database},
    store::{
        Address, Conn, DbError,
        db::Purpose,
        journal::{self as record, Broken, Unbroken},
        pg,
    },
};

pub(super) fn database(database: &Database) -> Finding {
    match database {
        Database::Sqlite(file) if !file.exists() => good(
            "database",
            &format!("SQLite。{} は最初の起動で作られます", file.display()),
            &format!("SQLite; {} is made at the first start", file.display()),
        ),
        Database::Sqlite(file) => {
            let flags =
                rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let checked = rusqlite::Connection::open_with_flags(file, flags).and_then(|conn| {
                conn.busy_timeout(PATIENCE)?;
                conn.query_row("SELECT sqlite_version(), (SELECT count(*) FROM sqlite_schema)", [], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
                })
            });
            match checked {
                Ok((version, tables)) => good(
                    "database",
                    &format!("SQLite {version}、表と索引 {tables}"),
                    &format!("SQLite {version}, {tables} tables and indexes"),
                ),
                Err(error) => found(
                    "database",
                    State::Bad,
                    (
                        &format!("{} を開けません（{error}）", file.display()),
                        &format!("{} cannot be opened ({error})", file.display()),
                    ),
                    (
                        "権限と、正しいファイルかどうかを確かめてください。壊れているときは控えから戻してください",
                        "check permissions and whether it is the right file; restore the backup if it is damaged",
                    ),
                ),
            }
        }
        Database::Postgres { url, password_file } => postgres(url, password_file.as_deref()),
    }
}

/// Which profile the council here follows; nothing where there is no council yet.
pub(super) fn charter(config: &Config) -> Option<Finding> {
    let address = config.address().ok()?;
    if matches!(&config.database, Database::Sqlite(file) if !file.exists()) {
        return None;
    }
    let (profile, parameters) = charters::followed(&address)?;
    let Text { ja, en } = &parameters.about;
    let what = (format!("{profile}（{ja}）"), format!("{profile} ({en})"));
    Some(if parameters.unverified {
        let todo = (
            "未確認のひな形です。法律に照らして確かめるまで、実際の協議会に使わないでください",
            "its profile is unverified; use it for no real council before somebody has held it against the law",
        );
        found("charter", State::Doubtful, (&what.0, &what.1), todo)
    } else {
        good("charter", &what.0, &what.1)
    })
}

/// Whether a database has been prepared for a council.
fn has_a_council(address: &Address) -> bool {
    let looked = Conn::open(address, Purpose::Read).and_then(|mut conn| conn.one("select 1 from meta", &[]));
    looked.is_ok()
}

/// Whether the newest lines of the journal follow from one another; nothing where there is no council yet.
pub(super) fn journal(config: &Config) -> Option<Finding> {
    let address = config.address().ok()?;
    if matches!(&config.database, Database::Sqlite(file) if !file.exists()) {
        return None;
    }
    let walked =
        Conn::open(&address, Purpose::Read).and_then(|mut conn| record::verify_newest(&mut conn, LINES));
    let walked = match walked {
        Ok(walked) => walked,
        // Where there is no council yet, another check says so.
        Err(_) if !has_a_council(&address) => return None,
        Err(error) => {
            return Some(found(
                "journal",
                State::Bad,
                (&format!("読めません：{error}"), &format!("cannot be read: {error}")),
                (
                    "データベースの権限と状態を確かめてください",
                    "look at the permissions and the state of the database",
                ),
            ));
        }
    };
    Some(match walked {
        Ok(Unbroken { lines: 0, .. }) => return None,
        Ok(Unbroken { lines, .. }) => good(
            "journal",
            &format!("新しい{lines}行が、切れ目なくつながっています"),
            &format!("its newest {lines} lines are one unbroken chain"),
        ),
        Err(Broken { seq, .. }) => found(
            "journal",
            State::Bad,
            (
                &format!("seq {seq} の行が、前の行につながっていません"),
                &format!("the line with seq {seq} does not follow from the one before"),
            ),
            (
                "書かれた後に変えられたか消されています。noroshi verify journal で全体を確かめ、このデータベースを証拠として残してください",
                "it was altered or something was taken out after it was written; walk all of it by noroshi verify journal, and keep this database as evidence",
            ),
        ),
    })
}

fn postgres(url: &str, password_file: Option<&Path>) -> Finding {
    let failed = |error: &dyn std::fmt::Display| {
        found(
            "database",
            State::Bad,
            (
                &format!("PostgreSQLにつながりません（{error}）"),
                &format!("PostgreSQL cannot be reached ({error})"),
            ),
            (
                "動いているか、URLと利用者とパスワードが正しいかを確かめてください",
                "check that it runs and that URL, user and password are right",
            ),
        )
    };
    let mut config: postgres::Config = match url.parse() {
        Ok(config) => config,
        Err(error) => return failed(&error),
    };
    config.connect_timeout(PATIENCE);
    if let Some(file) = password_file {
        match std::fs::read_to_string(file) {
            Ok(password) => config.password(password.trim_end_matches(['\r', '\n'])),
            Err(error) => return failed(&format!("{}: {error}", file.display())),
        };
    }
    let look = || -> Result<(i64, String, i64), DbError> {
        let mut client = pg::connect(&config)?;
        let row = client.query_one(
            "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding'), \
             (extract(epoch FROM now()))::bigint",
            &[],
        )?;
        Ok((row.get(0), row.get(1), row.get(2)))
    };
    let (version, encoding, now) = match look() {
        Ok(answer) => answer,
        Err(error) => return failed(&error),
    };
    if version < OLDEST_POSTGRES {
        return found(
            "database",
            State::Bad,
            (
                &format!("PostgreSQL {} は古すぎます", version / 10_000),
                &format!("PostgreSQL {} is too old", version / 10_000),
            ),
            ("13以上にしてください", "use 13 or later"),
        );
    }
    if encoding != "UTF8" {
        return found(
            "database",
            State::Bad,
            (&format!("文字コードが {encoding} です"), &format!("its encoding is {encoding}")),
            ("UTF8 のデータベースを作ってください", "make a database with UTF8"),
        );
    }
    if config.get_ssl_mode() != postgres::config::SslMode::Require && config.get_hosts().iter().any(far) {
        return found(
            "database",
            State::Doubtful,
            ("PostgreSQLへの通信が暗号化されていません", "what goes to PostgreSQL and back is not encrypted"),
            (
                "途中の回線を信頼できないなら、URLに sslmode=require を付けてください",
                "add sslmode=require to the URL unless the line between is your own",
            ),
        );
    }
    let off = now.abs_diff(i64::try_from(unix_now()).unwrap_or(i64::MAX));
    if off > 2 {
        return found(
            "database",
            State::Doubtful,
            (
                &format!("データベースの時計と {off} 秒ずれています"),
                &format!("its clock is {off} seconds off ours"),
            ),
            ("両方の時刻合わせ（NTP）を確かめてください", "check NTP on both"),
        );
    }
    good("database", &format!("PostgreSQL {}", version / 10_000), &format!("PostgreSQL {}", version / 10_000))
}

/// Whether a host of PostgreSQL may be another machine.
fn far(host: &postgres::config::Host) -> bool {
    match host {
        postgres::config::Host::Tcp(name) => {
            name != "localhost" && !name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        postgres::config::Host::Unix(_) => false,
    }
}
