//! The demo council: its cast, the story that it plays through the public API, and the drill that checks it.

pub mod assembly;
pub mod cast;
pub mod door;
pub mod drill;
pub mod sink;
pub mod story;
pub mod year;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
};

use noroshi_charter::Parameters;
use noroshi_council::{Class, Micros, PersonId, Role, Seat};

use crate::{
    config::system_now,
    identity::{self, Seed, secret},
    ids,
    store::{
        Clock, Error, Store,
        identity::{Person, PersonState},
    },
};
use door::{Account, Accounts};

/// The accounts of the cast.
pub const ACCOUNTS: &str = "demo-accounts.json";
/// The accounts of the members that only receive.
pub const OTHERS: &str = "demo-members.json";

/// A clock that runs as fast as any other, from a moment of the story.
#[derive(Debug, Clone, Default)]
pub struct StoryClock(Arc<AtomicI64>);

impl StoryClock {
    /// Goes to a moment, unless it is there already or later.
    pub fn forward(&self, to: Micros) {
        let offset = to - system_now();
        if self.0.load(Relaxed) == 0 || offset > self.0.load(Relaxed) {
            self.0.store(offset, Relaxed);
        }
    }

    /// As the store reads it.
    #[must_use]
    pub fn clock(&self) -> Clock {
        let offset = self.0.clone();
        Arc::new(move || system_now() + offset.load(Relaxed))
    }
}

/// Fills a fresh council with a cast. Whoever is of a class that the charter does not have is a general member. Answers the accounts of those who can sign in, and of the others.
///
/// # Errors
/// Fails where the council is not empty.
pub async fn fill(
    store: &Store,
    charter: &Parameters,
    mut parts: Vec<cast::Part>,
) -> Result<(Accounts, Accounts), crate::web::Error> {
    for part in parts.iter_mut() {
        if matches!(part.org.seat, Seat::Member(class) if !charter.has_class(class)) {
            part.org.seat = Seat::Member(Class::General);
        }
    }
    let pledge = &charter.pledge.version;
    let password = ids::plain("noroshi-demo").to_lowercase();
    let hash = identity::seed_password(&password, "").await?;
    let now = store.now();
    let (mut named, mut others) = (BTreeMap::new(), BTreeMap::new());
    let mut people = Vec::new();
    for part in &parts {
        let token = secret::new(secret::Kind::Token);
        let account = Account {
            organisation: part.org.name.ja.clone(),
            org: part.org.id.0.clone(),
            class: part.org.seat.as_str().to_owned(),
            email: part.email.clone(),
            password: Some(password.clone()),
            api_token: token.clone(),
        };
        let mut roles: std::collections::BTreeSet<Role> = [Role::Handler, Role::Admin].into();
        if matches!(part.org.seat, Seat::Member(_)) {
            roles.insert(Role::Voter);
        }
        // Whoever may be needed at night has somebody who is called then (R62).
        if matches!(part.org.seat, Seat::Member(Class::Class1 | Class::Class2) | Seat::Coordinator) {
            roles.insert(Role::Emergency);
        }
        people.push(Seed {
            person: Person {
                id: PersonId(format!("p-{}", part.short)),
                org: part.org.id.clone(),
                name: part.person.clone(),
                email: part.email.clone(),
                phone: part.phone.clone(),
                roles,
                state: PersonState::Enrolled,
                pledge: Some((pledge.clone(), now)),
                lang: "ja".to_owned(),
                created_at: now,
            },
            password: Some(hash.clone()),
            token: Some(token),
            token_name: "demo".to_owned(),
            invitation: None,
            invitation_lasts: 0,
        });
        let accounts = if part.acts { &mut named } else { &mut others };
        accounts.insert(part.short.clone(), account);
    }
    let regulators = cast::regulators(&parts);
    // Two persons of the coordinator's are one organisation.
    let orgs: BTreeMap<_, _> =
        parts.iter().map(|p| (p.org.id.clone(), (p.org.clone(), p.phone.clone()))).collect();
    identity::seed(store, None, orgs.into_values().collect(), regulators, people).await?;
    Ok((named, others))
}

/// Writes the accounts into the data folder, for its owner's eyes only.
///
/// # Errors
/// Fails as the disk does.
pub fn write_accounts(dir: &Path, named: &Accounts, others: &Accounts) -> io::Result<PathBuf> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    for (name, accounts) in [(OTHERS, others), (ACCOUNTS, named)] {
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(dir.join(name))?;
        file.write_all(serde_json::to_string_pretty(accounts)?.as_bytes())?;
        file.sync_all()?;
    }
    Ok(dir.join(ACCOUNTS))
}

/// The accounts that a demo council wrote, those that only receive included. `path` is its data folder or the file of the
/// cast's accounts.
///
/// # Errors
/// Fails where there are none.
pub fn read_accounts(path: &Path) -> io::Result<Accounts> {
    let file = if path.is_dir() { path.join(ACCOUNTS) } else { path.to_path_buf() };
    let mut accounts: Accounts = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
    let others = file.with_file_name(OTHERS);
    if others.exists() {
        let more: Accounts = serde_json::from_str(&std::fs::read_to_string(others)?)?;
        accounts.extend(more);
    }
    Ok(accounts)
}

/// Whether a council has anybody in it, and the moment of its last act.
///
/// # Errors
/// Fails as the database does.
pub async fn last_act(store: &Store) -> Result<Option<Micros>, Error> {
    store
        .read(|conn| {
            if conn.one("select 1 from org limit 1", &[])?.is_none() {
                return Ok(None);
            }
            Ok(conn.one("select at from clock", &[])?.map(|row| row.int(0)).transpose()?)
        })
        .await
}
