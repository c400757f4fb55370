//! What the operator decided: by flag, by environment (`NOROSHI_…`), by file (TOML), or nothing at all, in that order.
//!
//! [`Settings`] knows the words and where each came from; [`Config`] holds the values. All flaws are told at once, each with
//! the place, the key and what to do.

mod keys;
mod open;
mod settings;
mod value;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::lang::Lang;

pub use keys::{KEYS, Key, find};
pub use open::{Hold, is_open, system_now};
use settings::blot;
pub use settings::{ConfigError, Env, Origin, Settings};

/// The file that is read where no other is named.
pub const DEFAULT_FILE: &str = "/etc/noroshi/noroshi.toml";

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A file of our own.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres {
        /// The connection URL.
        url: String,
        /// The file with its password.
        password_file: Option<PathBuf>,
    },
}

/// The URL under which members reach us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The origin: scheme, host and port, no slash at the end.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.0
    }

    /// Whether browsers come by TLS, ours or a proxy's.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    fn parse(text: &str) -> Option<PublicUrl> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let good = !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b));
        good.then(|| PublicUrl(text.to_owned()))
    }
}

/// Certificate and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, PEM.
    pub cert: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
}

/// How the relay is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// Plain first, then STARTTLS, which is required.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Not at all: for a relay on this machine.
    None,
}

/// The mail server that takes our mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is spoken to.
    pub tls: SmtpTls,
    /// Who we are there, and the file with the password.
    pub login: Option<(String, PathBuf)>,
    /// The sender's address.
    pub from: String,
}

/// What one client may use of us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The largest ordinary body, bytes.
    pub body: u64,
    /// The largest body at all (files), bytes.
    pub upload: u64,
    /// How many connections at a time.
    pub connections: usize,
    /// How long the head of a request, or a TLS handshake, may take.
    pub header_timeout: Duration,
    /// How long a body may take beyond what 4 KiB/s would.
    pub body_timeout: Duration,
    /// How long an answer may take to begin, after the body has come.
    pub handler_timeout: Duration,
    /// How long a reader may be behind beyond what 4 KiB/s would allow.
    pub write_timeout: Duration,
    /// How long an HTTP/2 connection without a request is kept.
    pub idle_timeout: Duration,
}

/// The configuration, understood.
#[derive(Debug, Clone)]
pub struct Config {
    /// The directory that holds the council's data.
    pub data_dir: PathBuf,
    /// Where the database is.
    pub database: Database,
    /// Where members reach us.
    pub listen: SocketAddr,
    /// Where the operator does; always on this machine.
    pub debug_listen: Option<SocketAddr>,
    /// The URL that members use.
    pub public_url: Option<PublicUrl>,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Certificate and key, if we speak TLS ourselves.
    pub tls: Option<TlsFiles>,
    /// Whether a proxy in front of us ends TLS, so that we may be reached without.
    pub tls_at_proxy: bool,
    /// The mail relay, if there is one.
    pub smtp: Option<Smtp>,
    /// What one client may use.
    pub limits: Limits,
    /// The language where the user has chosen none.
    pub language: Lang,
    /// The zone of screens and mail.
    pub zone: jiff::tz::TimeZone,
    /// The level of the log.
    pub log: tracing::level_filters::LevelFilter,
    /// A file that moves the clock, in tests.
    pub test_clock: Option<PathBuf>,
}

impl Config {
    /// The defaults, with data in `dir` and free ports of this machine: for tests, demonstrations and drills.
    ///
    /// # Errors
    /// Fails where the time zone database is missing.
    pub fn local(dir: &Path) -> Result<Config, Vec<ConfigError>> {
        let flags: BTreeMap<String, String> = [
            ("data_dir", dir.display().to_string()),
            ("listen", "127.0.0.1:0".to_owned()),
            ("debug_listen", "127.0.0.1:0".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        Settings::gather(&flags, &Env::new(), Some(Path::new("/dev/null")))?.config()
    }

    /// Whether other machines could reach us without any encryption, and nobody said that a proxy sees to it.
    #[must_use]
    pub fn is_in_the_clear(&self) -> bool {
        self.tls.is_none() && !self.tls_at_proxy && !self.listen.ip().is_loopback()
    }

    fn understand(said: &Settings, flaws: &mut Vec<ConfigError>) -> Config {
        let path = |name: &str| Some(said.get(name)).filter(|v| !v.is_empty()).map(PathBuf::from);
        let data_dir = path("data_dir").unwrap_or_else(|| PathBuf::from("noroshi-data"));
        let limits = Limits {
            body: size(said, "limits.body", flaws),
            upload: size(said, "limits.upload", flaws),
            connections: number(said, "limits.connections", 1, 1_000_000, flaws),
            header_timeout: time(said, "limits.header_timeout", flaws),
            body_timeout: time(said, "limits.body_timeout", flaws),
            handler_timeout: time(said, "limits.handler_timeout", flaws),
            write_timeout: time(said, "limits.write_timeout", flaws),
            idle_timeout: time(said, "limits.idle_timeout", flaws),
        };
        let tls = match (path("tls.cert"), path("tls.key")) {
            (Some(cert), Some(key)) => Some(TlsFiles { cert, key }),
            (None, None) => None,
            (cert, _) => {
                let missing = if cert.is_some() { "tls.key" } else { "tls.cert" };
                flaws.push(said.flaw(
                    missing,
                    ("証明書と鍵の一方しか指定されていません", "only one of certificate and key is given"),
                    ("tls.cert と tls.key の両方を指定してください", "give both tls.cert and tls.key"),
                ));
                None
            }
        };
        Config {
            database: database(said, &data_dir, flaws),
            listen: address(said, "listen", flaws),
            debug_listen: debug_listen(said, flaws),
            public_url: public_url(said, tls.is_some(), flaws),
            trusted_proxies: proxies(said, flaws),
            tls_at_proxy: choice(said, "tls.at_proxy", "yes, no", yes_or_no, flaws).unwrap_or(false),
            smtp: smtp(said, flaws),
            language: choice(said, "language", "ja, en", Lang::parse, flaws).unwrap_or_default(),
            zone: zone(said, flaws),
            log: choice(said, "log", "error, warn, info, debug", |v| v.parse().ok(), flaws)
                .unwrap_or(tracing::level_filters::LevelFilter::INFO),
            test_clock: path("test_clock"),
            data_dir,
            tls,
            limits,
        }
    }
}

fn yes_or_no(words: &str) -> Option<bool> {
    match words {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

fn size(said: &Settings, name: &str, flaws: &mut Vec<ConfigError>) -> u64 {
    choice(said, name, "64KiB, 1MiB, 25MiB (1KiB–1GiB)", value::size, flaws).unwrap_or(1 << 20)
}

fn time(said: &Settings, name: &str, flaws: &mut Vec<ConfigError>) -> Duration {
    choice(said, name, "500ms, 5s, 2m (1ms–24h)", value::duration, flaws).unwrap_or(Duration::from_secs(5))
}

fn number(said: &Settings, name: &str, from: usize, to: usize, flaws: &mut Vec<ConfigError>) -> usize {
    let parse = |v: &str| v.parse::<usize>().ok().filter(|n| (from..=to).contains(n));
    choice(said, name, &format!("{from}–{to}"), parse, flaws).unwrap_or(from)
}

/// A value that `parse` understands, or a flaw that shows what it would.
fn choice<T>(
    said: &Settings,
    name: &str,
    like: &str,
    parse: impl Fn(&str) -> Option<T>,
    flaws: &mut Vec<ConfigError>,
) -> Option<T> {
    let words = said.get(name);
    let value = parse(words);
    if value.is_none() {
        flaws.push(said.flaw(
            name,
            (&format!("「{words}」は使えません"), &format!("\"{words}\" cannot be used")),
            (&format!("書けるもの：{like}"), &format!("it takes {like}")),
        ));
    }
    value
}

fn address(said: &Settings, name: &str, flaws: &mut Vec<ConfigError>) -> SocketAddr {
    let parse = |v: &str| v.replace("localhost:", "127.0.0.1:").parse().ok();
    choice(said, name, "127.0.0.1:8080, 0.0.0.0:443, [::]:443", parse, flaws)
        .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0)))
}

fn debug_listen(said: &Settings, flaws: &mut Vec<ConfigError>) -> Option<SocketAddr> {
    if matches!(said.get("debug_listen"), "" | "off") {
        return None;
    }
    let address = address(said, "debug_listen", flaws);
    if !address.ip().is_loopback() {
        flaws.push(said.flaw(
            "debug_listen",
            ("ほかの機械から見えるアドレスです", "this address is seen by other machines"),
            ("127.0.0.1:ポート にしてください", "use 127.0.0.1:PORT"),
        ));
    }
    Some(address)
}

fn public_url(said: &Settings, tls: bool, flaws: &mut Vec<ConfigError>) -> Option<PublicUrl> {
    if said.get("public_url").is_empty() {
        return None;
    }
    let url = choice(said, "public_url", "https://noroshi.example.jp", PublicUrl::parse, flaws)?;
    if tls && !url.is_https() {
        flaws.push(said.flaw(
            "public_url",
            ("証明書があるのに http:// です", "says http:// although there is a certificate"),
            ("https:// にしてください", "use https://"),
        ));
    }
    Some(url)
}

fn proxies(said: &Settings, flaws: &mut Vec<ConfigError>) -> Vec<IpAddr> {
    let parse = |v: &str| {
        v.split(',')
            .map(str::trim)
            .filter(|ip| !ip.is_empty())
            .map(|ip| ip.parse().ok())
            .collect::<Option<Vec<_>>>()
    };
    choice(said, "trusted_proxies", "10.0.0.5,10.0.0.6", parse, flaws).unwrap_or_default()
}

fn zone(said: &Settings, flaws: &mut Vec<ConfigError>) -> jiff::tz::TimeZone {
    let parse = |v: &str| jiff::tz::TimeZone::get(v).ok();
    choice(said, "zone", "Asia/Tokyo, UTC", parse, flaws).unwrap_or(jiff::tz::TimeZone::UTC)
}

fn database(said: &Settings, data_dir: &Path, flaws: &mut Vec<ConfigError>) -> Database {
    let words = said.get("database");
    let password_file = Some(said.get("database_password_file")).filter(|v| !v.is_empty()).map(PathBuf::from);
    if words.starts_with("postgres://") || words.starts_with("postgresql://") {
        if blot(words) != words && said.origin("database") == Origin::Flag {
            flaws.push(said.flaw(
                "database",
                (
                    "コマンド行のパスワードは、この機械のだれにでも見えます",
                    "a password on the command line is seen by everybody on this machine",
                ),
                (
                    "database_password_file に書いたファイルを指定してください",
                    "put it in a file and name that by database_password_file",
                ),
            ));
        }
        return Database::Postgres { url: words.to_owned(), password_file };
    }
    if words.is_empty() {
        return Database::Sqlite(data_dir.join("noroshi.db"));
    }
    let file = words.strip_prefix("sqlite:").unwrap_or(words);
    let file = file.strip_prefix("//").unwrap_or(file);
    if file.contains("://") || file.is_empty() || (words == file && words.contains(':')) {
        flaws.push(said.flaw(
            "database",
            ("この種類のデータベースは使えません", "this kind of database cannot be used"),
            (
                "sqlite:/パス か postgres://利用者@ホスト/名前 にしてください",
                "use sqlite:/path or postgres://user@host/name",
            ),
        ));
    }
    Database::Sqlite(PathBuf::from(file))
}

fn smtp(said: &Settings, flaws: &mut Vec<ConfigError>) -> Option<Smtp> {
    let host = said.get("smtp.host");
    if host.is_empty() {
        return None;
    }
    let (user, password) = (said.get("smtp.user"), said.get("smtp.password_file"));
    if user.is_empty() != password.is_empty() {
        flaws.push(said.flaw(
            if user.is_empty() { "smtp.user" } else { "smtp.password_file" },
            ("利用者名とパスワードの一方しか指定されていません", "only one of user and password is given"),
            ("両方を指定するか、両方を消してください", "give both or neither"),
        ));
    }
    let mail = |v: &str| {
        let (name, host) = v.split_once('@')?;
        (!name.is_empty() && host.contains('.') && v.is_ascii() && !v.contains([' ', '<', '>', '\r', '\n']))
            .then(|| v.to_owned())
    };
    let tls = |v: &str| match v {
        "starttls" => Some(SmtpTls::StartTls),
        "tls" => Some(SmtpTls::Tls),
        "none" => Some(SmtpTls::None),
        _ => None,
    };
    Some(Smtp {
        host: host.to_owned(),
        port: u16::try_from(number(said, "smtp.port", 1, 65_535, flaws)).unwrap_or(587),
        tls: choice(said, "smtp.tls", "starttls, tls, none", tls, flaws).unwrap_or(SmtpTls::StartTls),
        login: (!user.is_empty()).then(|| (user.to_owned(), PathBuf::from(password))),
        from: choice(said, "smtp.from", "noroshi@example.jp", mail, flaws).unwrap_or_default(),
    })
}
