//! The program itself: configuration, exit codes, signals.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn noroshi(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_noroshi"));
    command
        .env_clear()
        .env("HOME", dir)
        .env("LANG", "en_US.UTF-8")
        .env("NOROSHI_CONFIG", dir.join("noroshi.toml"))
        .args(args);
    command
}

fn with_file(text: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("noroshi.toml"), text).unwrap();
    dir
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn flag_beats_environment_beats_file_beats_default() {
    let dir =
        with_file("listen = \"127.0.0.1:1\"\nzone = \"UTC\"\n[limits]\nbody = \"2MiB\"\nupload = 5000000\n");
    let mut command = noroshi(dir.path(), &["--json", "config", "show", "--listen", "127.0.0.1:3"]);
    let output =
        command.env("NOROSHI_LISTEN", "127.0.0.1:2").env("NOROSHI_LIMITS_BODY", "3MiB").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let shown: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    let key = |name: &str| {
        (shown["keys"][name]["value"].as_str().unwrap(), shown["keys"][name]["origin"].as_str().unwrap())
    };
    assert_eq!(key("listen"), ("127.0.0.1:3", "--listen"));
    assert_eq!(key("limits.body"), ("3MiB", "NOROSHI_LIMITS_BODY"));
    assert_eq!(key("limits.upload").0, "5000000");
    assert!(key("zone").1.ends_with("/noroshi.toml"));
    assert_eq!(key("language"), ("ja", "default"));
}

#[test]
fn flaws_name_file_key_and_remedy() {
    let dir = with_file("listne = \"x\"\n");
    let output = noroshi(dir.path(), &["config", "show"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = err(&output);
    assert!(
        said.contains("noroshi.toml: listne: there is no such key") && said.contains("did you mean listen?"),
        "{said}"
    );

    let dir = with_file("\n\nlisten = \n");
    let output = noroshi(dir.path(), &["config", "show"]).output().unwrap();
    assert!(err(&output).contains("noroshi.toml:3"), "{}", err(&output));

    let dir = with_file(
        "debug_listen = \"0.0.0.0:9\"\n[limits]\nbody = \"lots\"\n[tls]\ncert = \"/a\"\n[smtp]\nhost = \"m\"\nfrom = \"nobody\"\n",
    );
    let output = noroshi(dir.path(), &["doctor"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = out(&output);
    for flaw in [
        "debug_listen: this address is seen",
        "limits.body: \"lots\" cannot be used",
        "tls.key: only one of",
        "smtp.from",
    ] {
        assert!(said.contains(flaw), "{flaw} not in {said}");
    }
    let output = noroshi(dir.path(), &["--lang", "ja", "serve"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("ほかの機械から見えるアドレスです"));
}

#[test]
fn passwords_are_neither_taken_by_flag_nor_shown() {
    let dir = with_file("database = \"postgres://noroshi:hunter2@db/noroshi\"\n");
    let output = noroshi(dir.path(), &["config", "show", "--origin"]).output().unwrap();
    assert!(out(&output).contains("postgres://noroshi:***@db/noroshi") && !out(&output).contains("hunter2"));
    let output =
        noroshi(dir.path(), &["config", "show", "--database", "postgres://noroshi:hunter2@db/noroshi"])
            .output()
            .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!err(&output).contains("hunter2"));
}

#[test]
fn the_template_is_a_configuration() {
    let dir = with_file("");
    let output = noroshi(dir.path(), &["config", "keys"]).output().unwrap();
    let filled: String = out(&output)
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(key) if !key.starts_with(' ') && !key.ends_with("\"\"") => format!("{key}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    std::fs::write(dir.path().join("noroshi.toml"), &filled).unwrap();
    let output = noroshi(dir.path(), &["config", "show", "--origin"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{filled}\n{}", err(&output));
    assert!(out(&output).contains("limits.body = \"1MiB\"    # ") && out(&output).contains("noroshi.toml"));
}

/// Whoever asks for JSON gets one document, whether it went well or not, or is told that there is none.
#[test]
fn json_is_one_document() {
    let dir = with_file("");
    let run = |args: &[&str]| {
        let output = noroshi(dir.path(), args).output().unwrap();
        (output.status.code(), out(&output), err(&output))
    };
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let (code, keys, _) = run(&["config", "keys", "--json", "--lang", "en"]);
    let keys = read(&keys);
    let body = keys["keys"].as_array().unwrap().iter().find(|key| key["name"] == "limits.body").unwrap();
    assert_eq!(
        (code, &body["default"], &body["variable"]),
        (Some(0), &"1MiB".into(), &"NOROSHI_LIMITS_BODY".into())
    );
    let nowhere = dir.path().join("nowhere.jsonl");
    let (code, failure, said) = run(&["verify", "ballot", nowhere.to_str().unwrap(), "--json"]);
    let failure = read(&failure);
    assert_eq!(code, Some(failure["exit"].as_i64().unwrap().try_into().unwrap()));
    assert!(code != Some(0) && said.contains(failure["said"].as_str().unwrap()), "{failure} {said}");
    let (code, shown, said) = run(&["completions", "bash", "--json", "--lang", "en"]);
    assert!(
        code == Some(2) && read(&shown)["exit"] == 2 && said.contains("writes no JSON"),
        "{shown} {said}"
    );
}

#[test]
fn help_teaches_in_both_languages() {
    let dir = with_file("");
    for (lang, words) in [("ja", "例："), ("en", "Examples:")] {
        let output = noroshi(dir.path(), &["--lang", lang, "serve", "--help"]).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(out(&output).contains(words), "{}", out(&output));
        assert!(!out(&output).contains("test-clock"));
    }
    assert_eq!(noroshi(dir.path(), &["completions", "bash"]).output().unwrap().status.code(), Some(0));
    assert_eq!(noroshi(dir.path(), &["sreve"]).output().unwrap().status.code(), Some(2));
}

/// Every command, and every one within it, as its help is asked for.
fn all_commands(lang: noroshi::lang::Lang) -> Vec<Vec<String>> {
    let whole = noroshi::cli::command(lang);
    let mut all = vec![Vec::new()];
    for one in whole.get_subcommands() {
        let name = one.get_name().to_owned();
        all.extend(one.get_subcommands().map(|within| vec![name.clone(), within.get_name().to_owned()]));
        all.push(vec![name]);
    }
    all
}

#[test]
fn japanese_help_has_no_english_headings() {
    let dir = with_file("");
    for path in all_commands(noroshi::lang::Lang::Ja) {
        for asked in ["-h", "--help"] {
            let output = noroshi(dir.path(), &["--lang", "ja"]).args(&path).arg(asked).output().unwrap();
            let said = out(&output);
            assert_eq!(output.status.code(), Some(0), "{path:?}");
            assert!(said.contains("使い方：noroshi") && said.contains("オプション:"), "{said}");
            for english in
                ["Usage", "Options:", "Commands:", "Arguments:", "Print", "possible values", "default"]
            {
                assert!(!said.contains(english), "{english} in {path:?}: {said}");
            }
        }
        let output = noroshi(dir.path(), &["--lang", "ja", "help"]).args(&path).output().unwrap();
        assert!(output.status.success() && out(&output).contains("使い方："), "{path:?}");
    }
    assert!(out(&noroshi(dir.path(), &["--lang", "ja", "-V"]).output().unwrap()).starts_with("noroshi "));
    for (args, said) in [
        (["sreve", "--x"], "「sreve」というコマンドはありません"),
        (["serve", "--x"], "「--x」という引数はここでは使えません"),
        (["serve", "--port"], "「--port <PORT>」に値がありません"),
        (["drill", "x"], "「<scenario>」に「x」は使えません"),
        (["verify", "ballot"], "必要な引数がありません：<FILE>"),
        (["help", "sreve"], "「sreve」というコマンドはありません"),
    ] {
        let output = noroshi(dir.path(), &["--lang", "ja"]).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(err(&output).starts_with(&format!("error[2]: {said}")), "{}", err(&output));
        let english = noroshi(dir.path(), &["--lang", "en"]).args(args).output().unwrap();
        assert!(english.stderr.is_ascii() && english.status.code() == Some(2), "{}", err(&english));
    }
}

#[test]
fn help_shows_what_a_command_uses_and_nothing_else() {
    let dir = with_file("");
    for lang in ["ja", "en"] {
        let help = |command: &[&str]| {
            let output = noroshi(dir.path(), &["--lang", lang]).args(command).arg("--help").output().unwrap();
            out(&output)
        };
        let demo = help(&["demo"]);
        assert!(demo.contains("empty consulted advised"), "{demo}");
        for stage in noroshi::demo::story::STAGES {
            assert!(demo.contains(stage), "{stage}");
        }
        for (command, used, not) in [
            (
                &["import"][..],
                &["--data-dir", "--database"][..],
                &["--listen", "--limits-", "--smtp-", "--tls-"][..],
            ),
            (&["doctor"], &["--listen", "--tls-cert", "--smtp-host"], &["--limits-", "--zone"]),
            (&["verify", "journal"], &["--data-dir", "--database-password-file"], &["--listen", "--limits-"]),
            (&["serve"], &["--listen", "--limits-body", "--zone"], &["--test-clock"]),
        ] {
            let said = help(command);
            for flag in used {
                assert!(said.contains(flag), "{flag} not in {command:?}");
            }
            for flag in not {
                assert!(!said.contains(flag), "{flag} in {command:?}");
            }
        }
        for words in ["verify ballot ", "verify journal "] {
            assert!(help(&["verify"]).contains(words));
        }
        assert!(!help(&["doctor"]).contains("agent"));
    }
    // What is not shown is taken nonetheless: one line of flags serves several commands.
    let output = noroshi(dir.path(), &["doctor", "--json", "--limits-body", "2MiB"]).output().unwrap();
    assert_ne!(output.status.code(), Some(2), "{}", err(&output));
    assert!(!out(&output).contains("agents"), "{}", out(&output));
}

#[test]
fn the_doctor_looks_and_touches_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = with_file("[smtp]\nhost = \"127.0.0.1\"\nport = 1\nfrom = \"council@example.jp\"\n");
    let data = dir.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let run = |more: &[&str]| {
        let mut args = vec!["--json", "doctor", "--data-dir", data.to_str().unwrap()];
        args.extend_from_slice(more);
        let output = noroshi(dir.path(), &args).output().unwrap();
        let shown: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
        let state = move |check: &str| {
            let found =
                shown["checks"].as_array().unwrap().iter().rev().find(|c| c["check"] == check).cloned();
            found.map_or(String::new(), |c| c["state"].as_str().unwrap().to_owned())
        };
        (output.status.code(), state)
    };
    let (code, state) = run(&[]);
    assert_eq!((code, state("data_dir").as_str(), state("smtp").as_str()), (Some(1), "failed", "failed"));
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700)).unwrap();
    let (_, state) = run(&[]);
    assert_eq!((state("data_dir").as_str(), state("database").as_str()), ("ok", "ok"));
    std::fs::write(
        data.join("noroshi.db"),
        "this is no database, but long enough to be looked at as one ........................",
    )
    .unwrap();
    let (code, state) = run(&[]);
    assert_eq!((code, state("database").as_str()), (Some(1), "failed"));
    let (_, state) = run(&["--database", "postgres://noroshi@127.0.0.1:1/noroshi"]);
    assert_eq!(state("database"), "failed");
    let without = noroshi(dir.path(), &["--lang", "en", "doctor"]).env("CVC5", "/nonexistent/cvc5").output();
    let line = out(&without.unwrap()).lines().find(|line| line.contains("] solver:")).unwrap().to_owned();
    assert!(line.starts_with("[ WARN ]") && line.contains("cannot be proven"), "{line}");
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1);
}

/// Founds a council in a data folder.
fn founded(dir: &Path, data: &Path) {
    let mails =
        ["--secretariat-email", "office@council.example", "--coordinator-email", "duty@centre.example"];
    let output = noroshi(dir, &["init", "--data", data.to_str().unwrap()]).args(mails).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

#[test]
fn a_council_is_founded_under_the_profile_that_is_said_and_follows_it() {
    let mails =
        ["--secretariat-email", "office@council.example", "--coordinator-email", "duty@centre.example"];
    let kept = |data: &Path| {
        let address = noroshi::store::Address::Lite(data.join("noroshi.db"));
        noroshi::charters::followed(&address).map(|(profile, parameters)| (profile, parameters.unverified))
    };
    for (said, profile) in [
        (None, "jp-2019-council"),
        (Some("generic-isac"), "generic-isac"),
        (Some("jp-2026-act"), "jp-2026-act"),
    ] {
        let dir = with_file("");
        let data = dir.path().join("data");
        let mut args = vec!["init", "--data", data.to_str().unwrap()];
        args.extend_from_slice(&mails);
        // Nobody sits at a terminal: what is not said is the first.
        args.extend(said.into_iter().flat_map(|profile| ["--charter", profile]));
        let output = noroshi(dir.path(), &args).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        let unverified = profile == "jp-2026-act";
        assert!(err(&output).contains(&format!("charter: {profile}")), "{}", err(&output));
        assert_eq!(err(&output).contains("UNVERIFIED"), unverified, "{}", err(&output));
        assert_eq!(kept(&data), Some((profile.to_owned(), unverified)));
        // A second time founds nothing, and chooses no other profile.
        let again =
            noroshi(dir.path(), &["init", "--data", data.to_str().unwrap(), "--charter", "generic-isac"])
                .args(mails)
                .output()
                .unwrap();
        assert_eq!(again.status.code(), Some(6), "{}", err(&again));
        assert_eq!(kept(&data), Some((profile.to_owned(), unverified)));
        let output = noroshi(dir.path(), &["--json", "doctor", "--data-dir", data.to_str().unwrap()])
            .output()
            .unwrap();
        let shown: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
        let found = shown["checks"].as_array().unwrap().iter().find(|c| c["check"] == "charter").unwrap();
        assert_eq!(found["state"], if unverified { "warning" } else { "ok" }, "{found}");
        assert!(found["what"].as_str().unwrap().starts_with(profile), "{found}");
    }
    let dir = with_file("");
    let output = noroshi(dir.path(), &["init", "--charter", "nobody"]).args(mails).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
}

#[test]
fn it_does_not_serve_nobody_or_in_the_clear() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = with_file("");
    let data = dir.path().join("data");
    let serve = |more: &[&str], lang: &str| {
        let mut args = vec!["--lang", lang, "serve", "--data", data.to_str().unwrap()];
        args.extend_from_slice(more);
        let output = noroshi(dir.path(), &args).output().unwrap();
        (output.status.code(), err(&output))
    };
    for (lang, words) in [("en", "found one by noroshi init"), ("ja", "noroshi init で始めて")] {
        let (code, said) = serve(&["--port", "0"], lang);
        assert_eq!(code, Some(1));
        assert!(said.contains(words), "{said}");
    }
    founded(dir.path(), &data);
    for (lang, words) in [("en", "without encryption"), ("ja", "暗号化なし")] {
        let (code, said) = serve(&["--listen", "0.0.0.0:0"], lang);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(words) && said.contains("--tls-at-proxy yes"), "{said}");
    }
    // A proxy in front may say so: then it gets as far as the address, which is no address of this machine.
    let (code, said) = serve(&["--listen", "192.0.2.1:0", "--tls-at-proxy", "yes"], "en");
    assert_eq!(code, Some(1));
    assert!(said.contains("cannot listen on"), "{said}");
    let doctor = |more: &[&str]| {
        let mut args = vec!["--json", "doctor", "--data", data.to_str().unwrap(), "--listen", "0.0.0.0:8080"];
        args.extend_from_slice(more);
        let shown: serde_json::Value =
            serde_json::from_str(&out(&noroshi(dir.path(), &args).output().unwrap())).unwrap();
        let state = |check: &str| {
            let found = shown["checks"].as_array().unwrap().iter().find(|c| c["check"] == check).cloned();
            found.unwrap()["state"].as_str().unwrap().to_owned()
        };
        [state("tls"), state("data_dir"), state("data_files")]
    };
    assert_eq!(doctor(&[]), ["failed", "ok", "ok"]);
    assert_eq!(doctor(&["--tls-at-proxy", "yes"]), ["ok", "ok", "ok"]);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&data), mode(&data.join("noroshi.db"))), (0o700, 0o600));
    std::fs::set_permissions(data.join("noroshi.db"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(doctor(&[])[2], "failed");
}

#[test]
fn it_serves_until_told_to_stop() {
    let dir = with_file("");
    founded(dir.path(), dir.path());
    let mut child = noroshi(dir.path(), &["serve", "--port", "0", "--data", dir.path().to_str().unwrap()])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let ready = lines.by_ref().map(Result::unwrap).find(|line| line.contains("\"ready\"")).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
    let addr = ready["url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    let mut stream = std::net::TcpStream::connect(&addr).unwrap();
    std::io::Write::write_all(&mut stream, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let output = noroshi(dir.path(), &["serve", "--port", "0", "--data", dir.path().to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("is in use by another server"), "{}", err(&output));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let begun = Instant::now();
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest:?}");
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert!(rest.iter().any(|line| line.contains("\"answered\"") && line.contains("/healthz")), "{rest:?}");
    // A second server on the same data, or on the same port, says so.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let again = ["serve", "--port", &port, "--data", dir.path().to_str().unwrap()];
    let output = noroshi(dir.path(), &again).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("cannot listen on"));
}

/// On SQLite only the refusing direction can be seen: there is no PostgreSQL that could prove itself.
#[test]
fn postgres_over_tls_has_to_prove_who_it_is() {
    let dir = with_file("");
    let url = std::env::var("NOROSHI_TEST_POSTGRES");
    let cert = std::env::var("NOROSHI_TEST_POSTGRES_CERT");
    let base = url.clone().unwrap_or_else(|_| "postgres://noroshi@127.0.0.1:1/postgres".into());
    let url_tls = format!("{base}?sslmode=require");
    let database = |url: &str, trusted: Option<&str>| {
        let mut command = noroshi(dir.path(), &["--json", "doctor", "--database", url, "--data-dir"]);
        command.arg(dir.path().join("data"));
        // Where nothing is named, whatever this machine trusts: not a certificate that was made for this run.
        if let Some(file) = trusted {
            command.env("SSL_CERT_FILE", file);
        }
        let shown: serde_json::Value = serde_json::from_str(&out(&command.output().unwrap())).unwrap();
        let found = shown["checks"].as_array().unwrap().iter().find(|c| c["check"] == "database").cloned();
        found.unwrap()["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(database(&url_tls, None), "failed");
    if let (Ok(_), Ok(cert)) = (url, cert) {
        assert_eq!(database(&url_tls, Some(&cert)), "ok");
        assert_eq!(database(&base, None), "ok", "in clear on this machine");
    }
}
