//! A council of many, up to the moment before its release to all.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use noroshi::{
    app,
    config::system_now,
    demo::{
        self,
        door::{Accounts, Door},
        story::{STAGES, Story},
    },
    identity::secret,
    ids,
    store::{
        Address, Store,
        identity::{self, Person, PersonState, Reach, Token},
        roster,
    },
};
use noroshi_council::{Class, Org, OrgId, PersonId, Role, Seat, Standing, Text};

use crate::Options;

/// A council in a folder that goes with it.
pub struct World {
    pub dir: tempfile::TempDir,
    pub accounts: Accounts,
    /// Every member's person with its token.
    pub people: Vec<(Person, String)>,
    pub measure: String,
    /// What it came of.
    pub item: String,
}

impl World {
    pub fn address(&self) -> Address {
        Address::Lite(self.file())
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("noroshi.db")
    }

    pub fn store(&self) -> Store {
        Store::open(&self.address(), Arc::new(system_now)).unwrap()
    }

    /// Makes one, and plays the story until the second person's approval is all that lacks.
    pub async fn make(options: &Options) -> World {
        let dir = tempfile::tempdir().unwrap();
        let mut world = World {
            dir,
            accounts: Accounts::new(),
            people: Vec::new(),
            measure: String::new(),
            item: String::new(),
        };
        let charter = app::charter(app::FIRST_CHARTER).unwrap();
        let pledge = charter.parameters().pledge.version.clone();
        let store = world.store();
        let (named, others) = demo::fill(&store, charter.parameters(), demo::cast::parts()).await.unwrap();
        world.accounts = named.into_iter().chain(others).collect();
        world.people = populate(&store, options, &pledge).await;
        drop(store);
        let server = Server::start(options, world.dir.path(), &[]);
        let door = Door::new(&server.url, world.accounts.clone()).unwrap();
        let mut story = Story::new(&door, None, false);
        for stage in STAGES.iter().take_while(|stage| **stage != "released") {
            story.play(stage).await.unwrap();
        }
        (world.measure, world.item) = (story.made.measure.clone(), story.made.analysis.clone());
        door.step_up("c1a").await.unwrap();
        propose(&door, &world.measure).await;
        world
    }
}

/// The first of two persons wants it released to all.
pub async fn propose(door: &Door, measure: &str) {
    let path = format!("/api/v1/measures/{measure}/releases");
    door.post("c1a", &path, serde_json::json!({"release": "high"})).await.unwrap();
}

/// Adds organisations and people until there are as many as asked for. Answers the people of all members.
async fn populate(store: &Store, options: &Options, pledge: &str) -> Vec<(Person, String)> {
    let (orgs, people, pledge) = (options.orgs, options.people, pledge.to_owned());
    let known = store.roster();
    let mut members: Vec<OrgId> =
        known.active().filter(|o| matches!(o.seat, Seat::Member(_))).map(|o| o.id.clone()).collect();
    store
        .write(move |tx| {
            let now = tx.now();
            for n in members.len()..orgs {
                let id = format!("o-x{n:05}");
                let org = Org {
                    id: id.as_str().into(),
                    name: Text::same(&format!("組織{n}")),
                    seat: Seat::Member(Class::General),
                    sector: "manufacturing".into(),
                    association: false,
                    constituents: 0,
                    receives_secrets: true,
                    listed: false,
                    opening_minute: 510,
                    standing: Standing::Active,
                    joined_at: now,
                };
                roster::put(tx, &org, "")?;
                members.push(org.id);
            }
            let mut all = Vec::new();
            let mut had = 0;
            for org in &members {
                had += identity::of_org(tx.conn()?, org)?.len();
            }
            for n in had..people.max(had) {
                let org = &members[n % members.len()];
                let person = Person {
                    id: PersonId(format!("p-x{n:05}")),
                    org: org.clone(),
                    name: format!("担当{n}"),
                    email: format!("x{n}@members.example"),
                    phone: String::new(),
                    roles: [Role::Handler].into(),
                    state: PersonState::Enrolled,
                    pledge: Some((pledge.clone(), now)),
                    lang: "ja".to_owned(),
                    created_at: now,
                };
                identity::put(tx, &person, None)?;
            }
            for org in &members {
                for person in identity::of_org(tx.conn()?, org)? {
                    let secret = secret::new(secret::Kind::Token);
                    let hash = secret::hash(secret::Kind::Token, &secret).unwrap();
                    let token = Token {
                        id: ids::plain("t"),
                        name: "bench".to_owned(),
                        reach: Reach::Act,
                        created_at: now,
                        expires_at: None,
                        revoked_at: None,
                        // As in daily use: the first request of a token notes the day, which is not what is measured.
                        last_used_at: None,
                        stepped_up_until: 0,
                    };
                    identity::put_token(tx, &hash, &person.id, &token)?;
                    all.push((person, secret));
                }
            }
            Ok(all)
        })
        .await
        .unwrap()
}

/// The real program, as a process of its own.
pub struct Server {
    child: Child,
    pub url: String,
    pub port: u16,
    /// From its start until it said that it was well.
    pub started: Duration,
}

impl Server {
    pub fn start(options: &Options, dir: &Path, more: &[String]) -> Server {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let begun = Instant::now();
        let child = Command::new(&options.noroshi)
            .arg("serve")
            .args(["--data-dir", &dir.display().to_string(), "--listen", &format!("127.0.0.1:{port}")])
            .args(more)
            .stdout(Stdio::null())
            // It logs as it does by default, but not between the figures.
            .stderr(std::fs::File::create(dir.join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut server =
            Server { child, url: format!("http://127.0.0.1:{port}"), port, started: Duration::ZERO };
        while !server.is_well() {
            assert!(server.child.try_wait().unwrap().is_none(), "the server ended");
            assert!(begun.elapsed() < Duration::from_secs(60), "the server does not answer");
            std::thread::sleep(Duration::from_millis(2));
        }
        server.started = begun.elapsed();
        server
    }

    fn is_well(&self) -> bool {
        use std::io::{Read as _, Write as _};
        let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let ask = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        let mut answer = [0; 12];
        stream.write_all(ask).is_ok() && stream.read_exact(&mut answer).is_ok() && answer.ends_with(b"200")
    }

    /// Resident memory in kB.
    pub fn memory(&self) -> f64 {
        memory(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It was asked to nothing that a sudden end would lose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resident memory of a process in kB.
pub fn memory(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0.0)
}
