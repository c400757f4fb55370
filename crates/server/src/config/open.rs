//! From the configuration to what it names: the database's address, the clock, the data directory.

use std::fs::File;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use noroshi_council::Micros;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rustix::fs::Mode;

use super::{Config, ConfigError, Database};
use crate::store::{Address, Clock};

/// Keeps a second server off the same data while it lives.
#[derive(Debug)]
pub struct Hold {
    _file: File,
}

impl Config {
    /// The database's address, with the password from its file.
    ///
    /// # Errors
    /// Fails where the password cannot be read or the URL has no place for it.
    pub fn address(&self) -> Result<Address, Vec<ConfigError>> {
        let (url, file) = match &self.database {
            Database::Sqlite(path) => return Ok(Address::Lite(path.clone())),
            Database::Postgres { url, password_file: None } => return Ok(Address::Pg(url.clone())),
            Database::Postgres { url, password_file: Some(file) } => (url, file),
        };
        let flaw = |why: (&str, &str), todo: (&str, &str)| {
            vec![ConfigError::new(file.display().to_string(), "database_password_file", why, todo)]
        };
        let password = std::fs::read_to_string(file).map_err(|error| {
            flaw(
                (&format!("読めません（{error}）"), &format!("cannot be read ({error})")),
                ("パスと権限を確かめてください", "check the path and its permissions"),
            )
        })?;
        let password = utf8_percent_encode(password.trim_end_matches(['\r', '\n']), NON_ALPHANUMERIC);
        match url.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?))) {
            Some((scheme, (user, host))) if !user.contains(':') => {
                Ok(Address::Pg(format!("{scheme}://{user}:{password}@{host}")))
            }
            _ => Err(flaw(
                (
                    "database のURLに利用者名がないか、パスワードもあります",
                    "the database URL has no user name, or a password too",
                ),
                ("postgres://利用者@ホスト/名前 の形にしてください", "write postgres://user@host/name"),
            )),
        }
    }

    /// The clock that deadlines are judged by: the system's, unless a test moves it.
    #[must_use]
    pub fn clock(&self) -> Clock {
        match &self.test_clock {
            None => Arc::new(system_now),
            Some(path) => {
                let path = self.data_dir.join(path);
                Arc::new(move || moved(&path, system_now()))
            }
        }
    }

    /// Makes the data directory, for our eyes only, and holds it against a second server.
    ///
    /// # Errors
    /// Fails where it cannot be made, or another server holds it.
    pub fn hold_data_dir(&self) -> Result<Hold, Vec<ConfigError>> {
        let place = self.data_dir.display().to_string();
        let flaw =
            |why: (&str, &str), todo: (&str, &str)| vec![ConfigError::new(&place, "data_dir", why, todo)];
        let cannot = |error: std::io::Error| {
            flaw(
                (&format!("使えません（{error}）"), &format!("cannot be used ({error})")),
                ("所有者と権限を確かめてください", "check its owner and permissions"),
            )
        };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.data_dir).map_err(cannot)?;
        self.close_to_others().map_err(cannot)?;
        let file = File::create(self.data_dir.join("lock")).map_err(cannot)?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            flaw(
                ("ほかのサーバーが使っています", "is in use by another server"),
                (
                    "そちらを止めるか、別の data_dir を指定してください",
                    "stop that one or choose another data_dir",
                ),
            )
        })?;
        Ok(Hold { _file: file })
    }
}

impl Config {
    /// Every file that holds what members gave: the database with its journals, and the accounts of a demo.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let beside = |path: &Path, more: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(more);
            PathBuf::from(name)
        };
        let database = match &self.database {
            Database::Sqlite(path) => ["", "-wal", "-shm"].map(|more| beside(path, more)).to_vec(),
            Database::Postgres { .. } => Vec::new(),
        };
        let own = ["lock", crate::demo::ACCOUNTS, crate::demo::OTHERS].map(|name| self.data_dir.join(name));
        database.into_iter().chain(own).collect()
    }

    /// Closes the files to other users of this machine, also those that an earlier start has left open. The folder is
    /// closed where it holds nothing but ours: somebody else's is not for us to lock.
    fn close_to_others(&self) -> std::io::Result<()> {
        // Whatever is made from here on is for our eyes only.
        rustix::process::umask(Mode::RWXG | Mode::RWXO);
        let files = self.files();
        for file in &files {
            close(file, 0o600)?;
        }
        let ours = |entry: std::io::Result<std::fs::DirEntry>| entry.is_ok_and(|e| files.contains(&e.path()));
        if std::fs::read_dir(&self.data_dir)?.all(ours) {
            close(&self.data_dir, 0o700)?;
        }
        if is_open(&self.data_dir) {
            let dir = self.data_dir.display().to_string();
            tracing::warn!(
                dir,
                "the data folder is open to other users of this machine; chmod 700 closes it"
            );
        }
        Ok(())
    }
}

/// Whether others than its owner may open it.
#[must_use]
pub fn is_open(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
}

fn close(path: &Path, mode: u32) -> std::io::Result<()> {
    if !is_open(path) {
        return Ok(());
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

/// The system's clock.
#[must_use]
pub fn system_now() -> Micros {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// The moment that a test wants: `+3600` is an hour on, `2017-05-15T06:52:00+09:00` stands still; anything else, such as no
/// file yet, is now.
fn moved(path: &Path, now: Micros) -> Micros {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return now.saturating_add(seconds.saturating_mul(1_000_000));
    }
    text.parse::<jiff::Timestamp>().map_or(now, |moment| moment.as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_moves_the_clock() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::local(dir.path()).unwrap();
        config.test_clock = Some("clock".into());
        let clock = config.clock();
        let near = |a: Micros, b: Micros| a.abs_diff(b) < 5_000_000;
        assert!(near(clock(), system_now()));
        std::fs::write(dir.path().join("clock"), "+3600\n").unwrap();
        assert!(near(clock(), system_now() + 3_600_000_000));
        std::fs::write(dir.path().join("clock"), "2017-05-15T06:52:00+09:00").unwrap();
        assert_eq!(clock(), 1_494_798_720_000_000);
    }

    #[test]
    fn the_password_comes_from_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::local(dir.path()).unwrap();
        let file = dir.path().join("password");
        std::fs::write(&file, "a/b@c\n").unwrap();
        let mut with = |url: &str| {
            config.database = Database::Postgres { url: url.to_owned(), password_file: Some(file.clone()) };
            config.address()
        };
        match with("postgres://noroshi@db/noroshi").unwrap() {
            Address::Pg(url) => assert_eq!(url, "postgres://noroshi:a%2Fb%40c@db/noroshi"),
            other => panic!("{other:?}"),
        }
        assert!(with("postgres://noroshi:x@db/noroshi").is_err());
        assert!(with("postgres://db/noroshi").is_err());
    }

    #[test]
    fn one_server_holds_the_data() {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::local(dir.path()).unwrap();
        config.data_dir = dir.path().join("new");
        let hold = config.hold_data_dir().unwrap();
        assert!(config.hold_data_dir().is_err());
        drop(hold);
        assert!(config.hold_data_dir().is_ok());
    }

    #[test]
    fn what_members_gave_is_closed_to_other_users_of_the_machine() {
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let open = |path: &Path, mode: u32| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::local(dir.path()).unwrap();
        let data = dir.path().join("there");
        std::fs::create_dir(&data).unwrap();
        open(&data, 0o755);
        config.data_dir.clone_from(&data);
        config.database = Database::Sqlite(data.join("noroshi.db"));
        for name in ["noroshi.db", "noroshi.db-wal", "demo-accounts.json"] {
            std::fs::write(data.join(name), "").unwrap();
            open(&data.join(name), 0o644);
        }
        drop(config.hold_data_dir().unwrap());
        assert_eq!(mode(&data), 0o700, "nothing but ours is in it");
        for name in ["noroshi.db", "noroshi.db-wal", "demo-accounts.json", "lock"] {
            assert_eq!(mode(&data.join(name)), 0o600, "{name}");
        }
        // A folder with other people's files stays as it is; what is ours in it is closed all the same.
        std::fs::write(data.join("theirs"), "").unwrap();
        open(&data, 0o755);
        open(&data.join("noroshi.db"), 0o644);
        drop(config.hold_data_dir().unwrap());
        assert_eq!((mode(&data), mode(&data.join("noroshi.db"))), (0o755, 0o600));
    }
}
