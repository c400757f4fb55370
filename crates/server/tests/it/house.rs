//! A whole council of one's own: the demo's cast behind a real server, on SQLite or on the PostgreSQL of the run.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
};

use noroshi::{
    app::{App, FIRST_CHARTER},
    args,
    charters::Charters,
    config::{Config, Database, Smtp, SmtpTls, system_now},
    demo::{
        self,
        door::{Accounts, Door},
        story::{STAGES, Story},
    },
    metrics::Metrics,
    serve::{Running, serve},
    store::{Address, Conn, Store, db::Purpose},
    web::{self, Shell},
};
use noroshi_council::Actor;
use serde_json::{Value, json};

/// The seats from which the story is looked at: every kind of reader.
pub const READERS: &[&str] = &[
    "coordinator",
    "secretariat",
    "operator",
    "c1a",
    "c1b",
    "c1c",
    "c1d",
    "c2a",
    "c2b",
    "c2c",
    "ga",
    "gc",
    "rt",
    "rm",
    "rf",
];

/// A council with its server.
pub struct House {
    pub app: App,
    pub running: Running,
    pub door: Door,
    pub accounts: Accounts,
    /// Microseconds by which its clock is ahead.
    pub ahead: Arc<AtomicI64>,
    _dir: tempfile::TempDir,
}

/// An empty database of its own: a file, or where `NOROSHI_TEST_POSTGRES` says so a schema there.
pub fn fresh(dir: &std::path::Path) -> Address {
    let Ok(url) = std::env::var("NOROSHI_TEST_POSTGRES") else {
        return Address::Lite(dir.join("noroshi.db"));
    };
    let name = noroshi::ids::plain("it").to_lowercase().replace('-', "_");
    let base = Address::Pg(url.clone());
    // The client of PostgreSQL has a runtime of its own, so it cannot be started inside ours.
    let make = move || {
        let mut conn = Conn::open(&base, Purpose::Write).unwrap();
        conn.exec(&format!("create database {name}"), args![]).unwrap();
        name
    };
    let name = std::thread::spawn(make).join().unwrap();
    let (head, _) = url.rsplit_once('/').unwrap();
    Address::Pg(format!("{head}/{name}"))
}

/// A council with the cast, before anything has happened.
pub async fn open() -> House {
    open_with(|_| {}).await
}

/// The same, after `tweak` has changed its configuration.
pub async fn open_with(tweak: impl FnOnce(&mut Config)) -> House {
    opened(FIRST_CHARTER, tweak).await
}

/// The same under another profile. Whoever of the cast is of a class that it does not have is a general member.
pub async fn open_under(profile: &str) -> House {
    opened(profile, |_| {}).await
}

/// The cast as it stood a year before the story.
pub async fn open_a_year_before() -> House {
    opened_with(FIRST_CHARTER, demo::cast::a_year_before(), |_| {}).await
}

async fn opened(profile: &str, tweak: impl FnOnce(&mut Config)) -> House {
    opened_with(profile, demo::cast::parts(), tweak).await
}

async fn opened_with(profile: &str, cast: Vec<demo::cast::Part>, tweak: impl FnOnce(&mut Config)) -> House {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::local(dir.path()).unwrap();
    tweak(&mut config);
    let address = fresh(dir.path());
    if let Address::Pg(url) = &address {
        config.database = Database::Postgres { url: url.clone(), password_file: None };
    }
    let ahead = Arc::new(AtomicI64::new(0));
    let clock = {
        let ahead = ahead.clone();
        Arc::new(move || system_now() + ahead.load(Relaxed))
    };
    let store = Store::open(&address, clock).unwrap();
    // Here as `init` does it: the charter lies there before anything opens the council.
    Charters::open(&store, profile).unwrap();
    let app = App::open(store.clone(), &config).unwrap();
    assert_eq!(app.charter().profile(), profile);
    app.start_workers();
    let (named, others) = demo::fill(&store, app.charter().parameters(), cast).await.unwrap();
    let accounts: Accounts = named.into_iter().chain(others).collect();
    let metrics = Arc::new(Metrics::default());
    let shell = Shell::new(&config, app.renderer(), metrics.clone(), Arc::new(|| true));
    let router = web::furnish(app.router(), &shell);
    let running = serve(&config, router, web::debug_router(metrics.clone()), metrics).await.unwrap();
    let door = Door::new(&running.url(), accounts.clone()).unwrap();
    House { app, running, door, accounts, ahead, _dir: dir }
}

/// A relay on a port of this machine, as the configuration says it.
pub fn relay(port: u16) -> Smtp {
    let (host, from) = ("127.0.0.1".to_owned(), "noroshi@council.example".to_owned());
    Smtp { host, port, tls: SmtpTls::None, login: None, from }
}

/// What a story has made, with the house in which it happened.
pub async fn lived(until: &str) -> (House, demo::story::Made) {
    lived_under(FIRST_CHARTER, until).await
}

/// The same under another profile.
pub async fn lived_under(profile: &str, until: &str) -> (House, demo::story::Made) {
    let house = open_under(profile).await;
    let made = house.live(until, false).await;
    (house, made)
}

impl House {
    /// Another node on the same database: its server, and a door to it.
    pub async fn second_node(&self) -> (Running, Door) {
        let config = Config::local(self._dir.path()).unwrap();
        let store = Store::open(self.app.store().address(), Arc::new(system_now)).unwrap();
        let app = App::open(store, &config).unwrap();
        let metrics = Arc::new(Metrics::default());
        let shell = Shell::new(&config, app.renderer(), metrics.clone(), Arc::new(|| true));
        let router = web::furnish(app.router(), &shell);
        let running = serve(&config, router, web::debug_router(metrics.clone()), metrics).await.unwrap();
        let door = Door::new(&running.url(), self.accounts.clone()).unwrap();
        (running, door)
    }

    /// Listens to live events at a door, until they end.
    pub async fn listen(&self, url: &str, who: &str) -> Events {
        let token = &self.accounts[who].api_token;
        let answer = browser().get(format!("{url}/api/v1/events")).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{who} listens");
        Events::of(answer)
    }

    /// Plays the story up to a stage, as a drill or in earnest.
    pub async fn live(&self, until: &str, exercise: bool) -> demo::story::Made {
        let mut story = Story::new(&self.door, None, exercise);
        for stage in STAGES {
            story.play(stage).await.unwrap();
            if *stage == until {
                break;
            }
        }
        story.made.clone()
    }

    /// What the router really has: every address with the methods that it takes, as it says itself.
    pub fn routes(&self) -> BTreeSet<(String, &'static str)> {
        let said = format!("{:?}", self.app.router());
        let mut routes = BTreeSet::new();
        for part in said.split("RouteId(").skip(1) {
            // `3): "/api/v1/me"` among the paths, `3): MethodRouter(…)` among the routes.
            let Some((number, rest)) = part.split_once("): ") else { continue };
            let Some(address) = rest.strip_prefix('"').and_then(|r| r.split('"').next()) else { continue };
            let mark = format!("RouteId({number}): MethodRouter");
            let taken = said.split(&mark).nth(1).unwrap_or_else(|| panic!("{address} is no method router"));
            let taken = taken.split("RouteId(").next().unwrap();
            for method in ["get", "post", "put", "patch", "delete", "options", "trace"] {
                let name = format!("{method}: ");
                if taken.split(&name).nth(1).is_some_and(|rest| !rest.starts_with("None")) {
                    routes.insert((address.to_owned(), method));
                }
            }
        }
        routes
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.url())
    }

    /// Status and body of a page, as somebody signed in with a cookie.
    pub async fn page(&self, cookie: &str, path: &str) -> (u16, String) {
        let answer = browser().get(self.url(path)).header("cookie", cookie).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Somebody of the class 1 group weighs an analysis.
    pub async fn weigh(&self, who: &str, item: &str, value: u8) {
        let said = json!({"value": value, "grounds": "別の検体でも同じ動きを見た"});
        self.door.post(who, &format!("/api/v1/items/{item}/assessments"), said).await.unwrap();
    }

    /// Signs in as a browser does; the cookie.
    pub async fn sign_in(&self, who: &str) -> String {
        self.signs_in(who).await.unwrap_or_else(|| panic!("{who} cannot sign in"))
    }

    /// The same for whoever may not be able to.
    pub async fn signs_in(&self, who: &str) -> Option<String> {
        let account = &self.accounts[who];
        let fields = [("email", account.email.as_str()), ("password", account.password.as_deref()?)];
        let answer = self.post_form("", "/sign-in", &fields).await;
        let cookie = answer.headers().get("set-cookie").filter(|_| answer.status().as_u16() == 303)?;
        Some(cookie.to_str().unwrap().split(';').next().unwrap().to_owned())
    }

    /// Sends a form as one of our own pages does.
    pub async fn post_form(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> reqwest::Response {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| {
                let encode = |t: &str| {
                    percent_encoding::utf8_percent_encode(t, percent_encoding::NON_ALPHANUMERIC).to_string()
                };
                format!("{}={}", encode(name), encode(value))
            })
            .collect();
        browser()
            .post(self.url(path))
            .header("cookie", cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.join("&"))
            .send()
            .await
            .unwrap()
    }

    /// Sends a form with a file as one of our own pages does.
    pub async fn upload(
        &self,
        cookie: &str,
        path: &str,
        fields: &[(&str, &str)],
        (field, name): (&str, &str),
        file: &[u8],
    ) -> reqwest::Response {
        const EDGE: &str = "edge-of-a-part";
        let mut body = Vec::new();
        for (name, value) in fields {
            let part =
                format!("--{EDGE}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!(
            "--{EDGE}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(format!("\r\n--{EDGE}--\r\n").as_bytes());
        browser()
            .post(self.url(path))
            .header("cookie", cookie)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", format!("multipart/form-data; boundary={EDGE}"))
            .body(body)
            .send()
            .await
            .unwrap()
    }

    /// Somebody of the cast, as the store knows who reads.
    pub async fn actor(&self, who: &str) -> Actor {
        let me = self.ask("GET", who, "/api/v1/me", None).await.1;
        let roster = self.app.store().roster();
        let org = roster.get(&me["org"]["id"].as_str().unwrap().into()).unwrap();
        Actor {
            person: me["person"]["id"].as_str().unwrap().into(),
            org: org.id.clone(),
            seat: org.seat,
            standing: org.standing,
            roles: BTreeSet::new(),
            pledged: true,
            stepped_up: false,
        }
    }

    /// Asks the API: status and JSON.
    pub async fn ask(
        &self,
        method: &'static str,
        who: &str,
        path: &str,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let (status, text) = self.door.ask(method, who, path, body).await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}

/// Live events that somebody hears.
pub struct Events(reqwest::Response, std::collections::VecDeque<i64>);

impl Events {
    /// Those that an answer brings.
    pub fn of(answer: reqwest::Response) -> Events {
        Events(answer, std::collections::VecDeque::new())
    }

    /// Waits for their end.
    pub async fn end(mut self) {
        let end = async { while self.0.chunk().await.unwrap().is_some() {} };
        tokio::time::timeout(std::time::Duration::from_secs(15), end).await.expect("they go on");
    }

    /// Waits for the next bell, and says for which moment it rings.
    pub async fn rings(&mut self) -> i64 {
        let heard = async {
            loop {
                if let Some(at) = self.1.pop_front() {
                    return at;
                }
                // Several may come at once.
                let chunk = self.0.chunk().await.unwrap().expect("they have ended");
                let chunk = String::from_utf8_lossy(&chunk).into_owned();
                let bells = chunk.split("\n\n").filter(|event| event.contains("event: bell"));
                let moment = |event: &str| {
                    event.lines().find_map(|line| line.strip_prefix("id: ")?.parse::<i64>().ok())
                };
                self.1.extend(bells.filter_map(moment));
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(15), heard).await.expect("nothing rings")
    }
}

/// A client that follows nothing and keeps nothing. It trusts nobody over TLS: nothing here speaks it, and reading what a
/// machine trusts takes longer than any answer. What has rested is not used again: the server may be about to end it.
pub fn browser() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_idle_timeout(std::time::Duration::from_secs(2))
        .tls_certs_only([])
        .build()
        .unwrap()
}

/// The value of a hidden field.
pub fn hidden<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    page.split_once(&format!("name=\"{name}\" value=\"")).and_then(|(_, rest)| rest.split('"').next())
}
