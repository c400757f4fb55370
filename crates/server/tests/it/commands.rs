//! Commands as they are typed: the drill, a story that is watched, a bar that moves, completions.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use noroshi::{
    args,
    store::{Address, Conn, db::Purpose},
};
use serde_json::Value;

use crate::house;

/// A folder and a database of one's own: a file there, or on the PostgreSQL of the run.
struct Place {
    dir: tempfile::TempDir,
    database: Option<String>,
}

impl Place {
    fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("noroshi.toml"), "").unwrap();
        let database = match house::fresh(dir.path()) {
            Address::Pg(url) => Some(url),
            _ => None,
        };
        Place { dir, database }
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    fn env(&self, command: &mut Command) {
        command
            .env_clear()
            .env("HOME", self.dir.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "en_US.UTF-8")
            .env("TERM", "xterm")
            .env("NOROSHI_CONFIG", self.path("noroshi.toml"));
        if let Some(url) = &self.database {
            command.env("NOROSHI_DATABASE", url);
        }
    }

    fn noroshi(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_noroshi"));
        self.env(&mut command);
        command.args(args);
        command
    }
}

/// A demo council that is ended with the test.
struct Demo(Child, String);

impl Demo {
    fn start(place: &Place, args: &[&str]) -> Demo {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let data = place.path("data");
        let mut all = vec!["demo", "--listen", &listen, "--data", &data];
        all.extend(args);
        let said = std::fs::File::create(place.path("said")).unwrap();
        let child = place.noroshi(&all).stdout(said).stderr(Stdio::null()).spawn().unwrap();
        let demo = Demo(child, format!("http://{listen}"));
        until("the demo is healthy", Duration::from_secs(120), || demo.get("/healthz", None).is_some());
        demo
    }

    /// What it answers with 200.
    fn get(&self, path: &str, token: Option<&str>) -> Option<String> {
        let host = self.1.strip_prefix("http://").unwrap();
        let mut stream = std::net::TcpStream::connect(host).ok()?;
        let token = token.map(|t| format!("Authorization: Bearer {t}\r\n")).unwrap_or_default();
        let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{token}Connection: close\r\n\r\n");
        std::io::Write::write_all(&mut stream, head.as_bytes()).ok()?;
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        head.starts_with("HTTP/1.1 200").then(|| body.to_owned())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn until(what: &str, patience: Duration, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + patience;
    while !holds() {
        assert!(Instant::now() < limit, "never: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn report(output: &std::process::Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{e}: {text} {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn the_drill_is_one_command() {
    let output = Place::new().noroshi(&["drill", "wannacry", "--json"]).output().unwrap();
    let report = report(&output);
    assert_eq!(output.status.code(), Some(0), "{report:#}");
    assert_eq!((&report["schema"], &report["passed"]), (&"noroshi.drill/1".into(), &true.into()));
    let ids: Vec<&str> =
        report["checks"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["A1", "A2", "A3", "A4", "A5", "A6", "A7"]);
    assert!(report["readable_by_all_ms"].as_f64().unwrap() > 0.0, "{report:#}");
    assert_eq!(report["members"], 322);
}

/// Beside a server that runs it is what `drill.rs` plays; here is what it says where it cannot be held.
#[test]
fn a_drill_that_cannot_be_held_says_why_by_its_exit_code() {
    let place = Place::new();
    let demo = Demo::start(&place, &["--until", "consulted", "--skip-year"]);
    let accounts = place.path("data");
    the_cast_is_introduced(&place, &demo);
    for (server, code, said) in
        [(demo.1.as_str(), 6, "needs an empty one"), ("http://127.0.0.1:1", 4, "http://127.0.0.1:1")]
    {
        let drill = ["drill", "wannacry", "--json", "--server", server, "--accounts", &accounts];
        let output = place.noroshi(&drill).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{err}");
        assert!(err.contains(said), "{err}");
    }
}

/// One link to sign in for each role, and a file with what programs need for each of the cast.
fn the_cast_is_introduced(place: &Place, demo: &Demo) {
    let file = std::fs::read_to_string(place.path("data/demo-accounts.json")).unwrap();
    let accounts: Value = serde_json::from_str(&file).unwrap();
    let cast = "coordinator secretariat c1a c1b c1c c1d c2a c2b c2c c2d c2e c2f ga gb gc gd ge rt rm rf";
    for short in cast.split(' ') {
        for field in ["organisation", "class", "email", "password", "api_token"] {
            let said = accounts[short][field].as_str().unwrap_or_default();
            assert!(!said.is_empty(), "{short} {field}");
        }
    }
    let links = || {
        let said = std::fs::read_to_string(place.path("said")).unwrap();
        let links = said.split_whitespace().filter(|word| word.contains("/sign-in?as="));
        links.map(str::to_owned).collect::<Vec<_>>()
    };
    until("the links are printed", Duration::from_secs(20), || links().len() >= 12);
    for role in ["coordinator", "secretariat", "operator", "c1a", "c2b", "ga", "rt"] {
        let link = links().into_iter().find(|link| link.ends_with(&format!("as={role}")));
        let link = link.unwrap_or_else(|| panic!("no link for {role}: {:?}", links()));
        let page = demo.get(link.strip_prefix(&demo.1).unwrap(), None).unwrap();
        let first = page.split("name=\"as\" value=\"").nth(1).unwrap();
        assert!(first.starts_with(&format!("{role}\"")), "{role} stands first");
    }
}

#[test]
fn a_story_that_is_watched_happens_stage_by_stage() {
    let place = Place::new();
    let demo = Demo::start(&place, &["--live", "--pace", "1", "--skip-year", "--until", "advised"]);
    let accounts = std::fs::read_to_string(place.path("data/demo-accounts.json")).unwrap();
    let accounts: Value = serde_json::from_str(&accounts).unwrap();
    let token = accounts["coordinator"]["api_token"].as_str().unwrap();
    let asked = || {
        let list: Value =
            serde_json::from_str(&demo.get("/api/v1/consultations", Some(token)).unwrap()).unwrap();
        list["things"].as_array().unwrap().first().map(|c| {
            let layers = c["layers"].as_array().cloned().unwrap_or_else(|| vec![c["layer"].clone()]);
            Value::from(layers).to_string()
        })
    };
    assert_eq!(asked(), None, "nothing has happened when it opens");
    until("the railway consults", Duration::from_secs(30), || asked().is_some());
    until("it is advised", Duration::from_secs(30), || {
        asked().is_some_and(|said| said.contains("LANケーブル"))
    });
}

/// Whoever watches sees a bar move; whoever reads what was written gets none.
#[test]
fn a_bar_moves_while_something_is_brought_in() {
    let place = Place::new();
    drop(Demo::start(&place, &["--until", "empty"]));
    let objects: Vec<Value> = (0..40_000)
        .map(|n| {
            serde_json::json!({
                "type": "indicator", "spec_version": "2.1", "id": format!("indicator--{}", uuid::Uuid::from_u128(n | 4 << 76 | 8 << 60)),
                "created": "2020-01-01T00:00:00.000Z", "modified": "2020-01-01T00:00:00.000Z", "pattern_type": "stix",
                "pattern": format!("[domain-name:value = 'n{n}.example']"), "valid_from": "2020-01-01T00:00:00Z",
            })
        })
        .collect();
    let (file, data) = (place.path("many.json"), place.path("data"));
    let bundle = serde_json::json!({"type": "bundle", "id": "bundle--0d2bff0a-2b43-4a3a-9f0a-000000000000", "objects": objects});
    std::fs::write(&file, bundle.to_string()).unwrap();
    let import = ["import", &file, "--data", &data];
    let line = format!("'{}' {}", env!("CARGO_BIN_EXE_noroshi"), import.join(" "));
    // A terminal of its own, by Debian's script.
    let mut watched = Command::new("script");
    place.env(&mut watched);
    watched.args(["-qec", &line, "/dev/null"]).stdin(Stdio::null());
    let seen = watched.output().unwrap();
    let seen = String::from_utf8_lossy(&seen.stdout).into_owned();
    assert!(seen.contains("bringing in") && seen.contains("many.json"), "{seen}");
    assert!(seen.contains('█') && seen.contains('/'), "{seen}");
    let silent = place.noroshi(&import).output().unwrap();
    assert!(!String::from_utf8_lossy(&silent.stderr).contains('█'));
}

/// What a journal says of itself, whole and with one line altered behind the council's back.
#[test]
fn the_journal_is_walked_to_the_line_that_was_altered() {
    let place = Place::new();
    let data = place.path("data");
    let verify = |data: &str, more: &[&str]| {
        let output = place.noroshi(&["verify", "journal", "--data", data]).args(more).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let doctor = || {
        let output = place.noroshi(&["doctor", "--json", "--data", &data]).output().unwrap();
        let checks = report(&output)["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["check"] == "journal")
    };
    // Where there is no council, nothing is said to hold.
    assert_eq!(verify(&data, &["--database", "sqlite:/nowhere/noroshi.db"]).0, Some(6));
    drop(Demo::start(&place, &["--until", "advised", "--skip-year"]));
    let address = match &place.database {
        Some(url) => Address::Pg(url.clone()),
        None => Address::Lite(place.path("data/noroshi.db").into()),
    };
    let (count, middle) = {
        let mut conn = Conn::open(&address, Purpose::Read).unwrap();
        let rows = conn.rows("select seq from journal order by seq", args![]).unwrap();
        (rows.len(), rows[rows.len() / 2].int(0).unwrap())
    };
    assert!(count > 3, "{count}");
    let (code, said) = verify(&data, &["--json"]);
    let told: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &told["holds"], &told["lines"]), (Some(0), &true.into(), &count.into()), "{said}");
    assert_eq!(told["last"].as_str().unwrap().len(), 64);
    assert!(verify(&data, &[]).1.contains(&format!("{count} lines are one unbroken chain")));
    let found = doctor().unwrap();
    assert_eq!(found["state"], "ok", "{found}");
    assert!(found["what"].as_str().unwrap().contains(&format!("newest {count} lines")), "{found}");
    // What no statement of the council's could do: its guard is taken away first.
    let mut conn = Conn::open(&address, Purpose::Write).unwrap();
    let on = if conn.is_pg() { " on journal" } else { "" };
    conn.batch(&format!("drop trigger journal_is_never_changed{on}")).unwrap();
    conn.exec("update journal set person = 'p-somebody' where seq = ?1", args![middle]).unwrap();
    drop(conn);
    let (code, said) = verify(&data, &["--json"]);
    let told: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &told["holds"], &told["lines"]), (Some(1), &false.into(), &Value::Null), "{said}");
    let at = (&told["broken"]["line"], &told["broken"]["seq"]);
    assert_eq!(at, (&(count / 2 + 1).into(), &middle.into()), "{said}");
    assert!(verify(&data, &[]).1.contains(&format!("breaks at line {} (seq {middle})", count / 2 + 1)));
    assert_eq!(doctor().unwrap()["state"], "failed");
}

/// What stands in the way is said with what to do, in the language that was asked for, and makes nothing.
#[test]
fn what_a_command_cannot_open_is_said_with_what_to_do() {
    let place = Place::new();
    let nowhere = place.path("nowhere");
    let nowhere = nowhere.as_str();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let file = place.path("one.json");
    std::fs::write(&file, "[]").unwrap();
    let file = file.as_str();
    let lite = format!("sqlite:{nowhere}/noroshi.db");
    let founds = [
        "init",
        "--secretariat-email",
        "a@b.example",
        "--coordinator-email",
        "A@b.example",
        "--data",
        nowhere,
    ];
    let lost = "postgres://noroshi@127.0.0.1:1/none";
    for (args, code, said) in [
        (&["import", file, "--data", nowhere, "--database", &lite][..], 1, ["noroshi init", "noroshi init"]),
        (&founds, 2, ["別の人", "two people"]),
        (&["serve", "--data", nowhere, "--database", lost], 4, ["noroshi doctor", "noroshi doctor"]),
        (
            &["demo", "--skip-year", "--until", "empty", "--listen", &taken],
            1,
            ["ほかのプログラムが使っています", "another program listens there"],
        ),
    ] {
        for (lang, words) in ["ja", "en"].iter().zip(said) {
            let output = place.noroshi(args).args(["--lang", lang]).output().unwrap();
            let told = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(code), "{args:?} {told}");
            assert!(told.contains(words), "{lang} {args:?}: {told}");
        }
    }
    assert!(!std::path::Path::new(nowhere).join("noroshi.db").exists());
}

#[test]
fn completions_are_taken_by_the_shells_that_they_are_for() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = place.noroshi(&["completions", shell]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = String::from_utf8(output.stdout).unwrap();
        for command in ["demo", "serve", "init", "import", "doctor", "drill", "charter", "verify"] {
            assert!(script.contains(command), "{shell} completes {command}");
        }
    }
    assert_eq!(place.noroshi(&["completions", "cmd"]).output().unwrap().status.code(), Some(2));
    // And a real one does what it says.
    let bash = "source <(\"$0\" completions bash); COMP_WORDS=(noroshi dr); COMP_CWORD=1; _noroshi noroshi dr noroshi; echo ${COMPREPLY[@]}";
    let output = Command::new("bash").args(["-c", bash, env!("CARGO_BIN_EXE_noroshi")]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said.trim(), "drill", "{}", String::from_utf8_lossy(&output.stderr));
}
