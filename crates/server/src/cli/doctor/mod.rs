//! `noroshi doctor`: whether this machine is ready, and what to do where it is not.

mod database;
mod network;

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Command;
use noroshi_council::Text;
use serde_json::json;

use super::{Context, Entry, Exit, with_config_of};
use crate::config::{Config, Database, Settings};
use crate::serve::raise_file_limit;

/// The oldest PostgreSQL that the tables are written for.
const OLDEST_POSTGRES: i64 = 130_000;

/// How long others are waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// So many of the journal's newest lines are walked: a doctor answers within seconds, however old the council is.
const LINES: u64 = 100_000;

/// 2026-01-01: a clock before this program was written is wrong.
const WRITTEN: u64 = 1_767_225_600;

pub const ENTRY: Entry = Entry {
    command: |lang| {
        let command = Command::new("doctor")
            .about(lang.pick("この機械で動かせるかを調べる", "check whether this machine is ready"))
            .after_help(lang.pick(
                "何も変更しません。だめなものが1つでもあれば終了コード1。",
                "Changes nothing. Exit code 1 where anything fails.",
            ));
        with_config_of(
            command,
            lang,
            &["data_dir", "database", "database_password_file", "listen", "public_url", "tls", "smtp"],
        )
    },
    run: |args, context| {
        let settings = context.settings(args)?;
        let mut findings = of_settings(&settings);
        findings.push(solver(&super::charter::solver(context)));
        match settings.config() {
            Ok(config) => findings.extend(examine(&config)),
            Err(flaws) => findings.extend(flaws.iter().map(|flaw| {
                let said = |lang| flaw.said(lang);
                Finding {
                    check: "config",
                    state: State::Bad,
                    what: Text::new(&said(crate::lang::Lang::Ja), &said(crate::lang::Lang::En)),
                    todo: Text::default(),
                }
            })),
        }
        report(&findings, context);
        let bad = findings.iter().any(|finding| finding.state == State::Bad);
        Ok(if bad { Exit::Failed } else { Exit::Done })
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Good,
    Doubtful,
    Bad,
}

/// What was found, and what to do.
#[derive(Debug)]
struct Finding {
    check: &'static str,
    state: State,
    what: Text,
    todo: Text,
}

fn good(check: &'static str, ja: &str, en: &str) -> Finding {
    Finding { check, state: State::Good, what: Text::new(ja, en), todo: Text::default() }
}

fn found(check: &'static str, state: State, what: (&str, &str), todo: (&str, &str)) -> Finding {
    Finding { check, state, what: Text::new(what.0, what.1), todo: Text::new(todo.0, todo.1) }
}

fn report(findings: &[Finding], context: &Context) {
    if context.json {
        let checks: Vec<_> = findings
            .iter()
            .map(|f| {
                let state = ["ok", "warning", "failed"][f.state as usize];
                let pick = |text: &Text| context.lang.pick(&text.ja, &text.en).to_owned();
                json!({"check": f.check, "state": state, "what": pick(&f.what), "todo": pick(&f.todo)})
            })
            .collect();
        context.print_json(&json!({"schema": "noroshi.doctor/1", "checks": checks}));
        return;
    }
    for finding in findings {
        let mark = match (finding.state, context.lang) {
            (State::Good, _) => "  OK  ",
            (State::Doubtful, crate::lang::Lang::Ja) => " 注意 ",
            (State::Doubtful, crate::lang::Lang::En) => " WARN ",
            (State::Bad, crate::lang::Lang::Ja) => " だめ ",
            (State::Bad, crate::lang::Lang::En) => " FAIL ",
        };
        context.print(&format!(
            "[{mark}] {}: {}",
            finding.check,
            context.lang.pick(&finding.what.ja, &finding.what.en)
        ));
        let todo = context.lang.pick(&finding.todo.ja, &finding.todo.en);
        if !todo.is_empty() {
            context.print(&format!("         {} {todo}", context.lang.pick("→", "->")));
        }
    }
}

fn of_settings(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![match settings.file() {
        Some(file) => {
            good("config", &format!("{} を読みました", file.display()), &format!("read {}", file.display()))
        }
        None => good(
            "config",
            "設定ファイルはありません（既定と環境変数だけ）",
            "no configuration file (defaults and environment only)",
        ),
    }];
    for stranger in settings.strangers() {
        findings.push(found(
            "config",
            State::Doubtful,
            (
                &format!("環境変数 {stranger} という設定はありません"),
                &format!("there is no key for the variable {stranger}"),
            ),
            ("綴りを確かめてください（noroshi config keys）", "check its spelling (noroshi config keys)"),
        ));
    }
    findings
}

fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![
        data_dir(&config.data_dir),
        own_files(config),
        disk(&config.data_dir),
        database::database(&config.database),
        clock(),
        files(),
    ];
    findings.extend(database::charter(config));
    findings.extend(database::journal(config));
    findings.extend(secrets(config));
    findings.push(match &config.tls {
        Some(files) => network::tls(files),
        None if config.listen.ip().is_loopback() => good(
            "tls",
            "TLSは前段に任せます（この機械の中だけで待ち受け）",
            "left to a proxy (listening on this machine only)",
        ),
        None if config.tls_at_proxy => good(
            "tls",
            "TLSは前段の中継サーバーが終端します（tls.at_proxy）",
            "ended by a proxy in front (tls.at_proxy)",
        ),
        None => found(
            "tls",
            State::Bad,
            (
                "暗号化なしで、ほかの機械から見えるところで待ち受けます",
                "listens without encryption where other machines see it",
            ),
            (
                "tls.cert と tls.key を指定してください。TLSを前段の中継サーバーが終端するときは tls.at_proxy = \"yes\" です。このままでは serve は始まりません",
                "give tls.cert and tls.key, or say tls.at_proxy = \"yes\" where a proxy in front ends TLS; serve does not start as it is",
            ),
        ),
    });
    if config.public_url.is_none() {
        findings.push(found(
            "public_url",
            State::Doubtful,
            ("構成員から見えるURLがありません", "the URL that members use is not set"),
            (
                "public_url を指定してください。メールのリンクと、ほかのサイトからの操作の見分けに使います",
                "set public_url; links in mail and the check of foreign pages need it",
            ),
        ));
    }
    findings.push(match &config.smtp {
        Some(smtp) => network::mail(smtp),
        None => found(
            "smtp",
            State::Doubtful,
            ("メールを渡すサーバーがありません", "there is no mail server"),
            (
                "smtp.host と smtp.from を指定してください。無いと、知らせは画面にしか届きません",
                "set smtp.host and smtp.from; without them alerts reach only screens",
            ),
        ),
    });
    findings
}

/// Whether amendments of the charter can be proven here.
fn solver(solver: &noroshi_proof::Solver) -> Finding {
    match solver.version() {
        Ok(version) => good("solver", &version, &version),
        Err(why) => found(
            "solver",
            State::Doubtful,
            (
                &format!("証明器 cvc5 がありません（{why}）。規約の案の証明ができません"),
                &format!("there is no solver cvc5 ({why}); amendments of the charter cannot be proven"),
            ),
            (
                "Debianでは apt-get install cvc5。別の場所にあるときは環境変数 CVC5 で指定してください",
                "on Debian: apt-get install cvc5; where it lies elsewhere, name it in the variable CVC5",
            ),
        ),
    }
}

fn data_dir(dir: &Path) -> Finding {
    let shown = dir.display();
    let meta = match std::fs::metadata(dir) {
        Ok(meta) if meta.is_dir() => meta,
        Ok(_) => {
            return found(
                "data_dir",
                State::Bad,
                (&format!("{shown} はディレクトリではありません"), &format!("{shown} is not a directory")),
                ("別の場所を指定してください", "choose another place"),
            );
        }
        Err(_) => {
            return found(
                "data_dir",
                State::Doubtful,
                (&format!("{shown} はまだありません"), &format!("{shown} does not exist yet")),
                (&format!("mkdir -m 700 -p {shown}"), &format!("mkdir -m 700 -p {shown}")),
            );
        }
    };
    if meta.permissions().mode() & 0o077 != 0 {
        return found(
            "data_dir",
            State::Bad,
            (
                &format!("{shown} はこの機械のほかの利用者にも開けます"),
                &format!("{shown} is open to other users of this machine"),
            ),
            (&format!("chmod 700 {shown}"), &format!("chmod 700 {shown}")),
        );
    }
    if rustix::fs::access(dir, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_err() {
        return found(
            "data_dir",
            State::Bad,
            (
                &format!("{shown} に書き込めません（所有者 uid {}）", meta.uid()),
                &format!("{shown} cannot be written (owner uid {})", meta.uid()),
            ),
            ("サーバーを動かす利用者のものにしてください", "give it to the user that runs the server"),
        );
    }
    good("data_dir", &shown.to_string(), &shown.to_string())
}

/// The database, and the accounts of a demo, are for the server's eyes only.
fn own_files(config: &Config) -> Finding {
    let open: Vec<String> = config
        .files()
        .iter()
        .filter(|file| crate::config::is_open(file))
        .map(|file| file.display().to_string())
        .collect();
    if open.is_empty() {
        return good("data_files", "ほかの利用者には開けません", "closed to other users");
    }
    let list = open.join(" ");
    let todo = format!("chmod 600 {list}");
    found(
        "data_files",
        State::Bad,
        (
            &format!("この機械のほかの利用者にも開けます：{list}"),
            &format!("open to other users of this machine: {list}"),
        ),
        (&todo, &todo),
    )
}

fn disk(dir: &Path) -> Finding {
    let there = dir.ancestors().find(|dir| dir.exists()).unwrap_or(Path::new("/"));
    let Ok(stat) = rustix::fs::statvfs(there) else {
        return found(
            "disk",
            State::Doubtful,
            ("空きを調べられません", "free space cannot be told"),
            ("", ""),
        );
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize) >> 20;
    let said = (format!("空き {free} MiB"), format!("{free} MiB free"));
    let todo = (
        "空けるか、大きい場所に移してください。1 GiB を下回ると書き込みが止まるおそれがあります",
        "free some, or move; below 1 GiB writing may stop",
    );
    match free {
        0..256 => found("disk", State::Bad, (&said.0, &said.1), todo),
        256..1024 => found("disk", State::Doubtful, (&said.0, &said.1), todo),
        _ => good("disk", &said.0, &said.1),
    }
}

fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

fn clock() -> Finding {
    let todo = (
        "時刻合わせ（NTP）を動かしてください。締切と投票は時刻で決まります",
        "run NTP; deadlines and ballots depend on the time",
    );
    if unix_now() < WRITTEN {
        return found(
            "clock",
            State::Bad,
            ("この機械の日付は過去です", "the date of this machine lies in the past"),
            todo,
        );
    }
    let synchronised = [
        "/run/systemd/timesync/synchronized",
        "/var/lib/chrony/drift",
        "/run/chrony/chronyd.pid",
        "/var/run/ntpd.pid",
    ];
    if synchronised.iter().any(|path| Path::new(path).exists()) {
        return good("clock", "時刻合わせが動いています", "kept by NTP");
    }
    found(
        "clock",
        State::Doubtful,
        ("時刻合わせが動いているかわかりません", "it cannot be told whether NTP runs"),
        todo,
    )
}

fn files() -> Finding {
    match raise_file_limit() {
        Ok(Some(limit)) if limit < 16_384 => found(
            "files",
            State::Doubtful,
            (
                &format!("開けるファイルは {limit} までです。接続は1つずつ使います"),
                &format!("at most {limit} open files; each connection takes one"),
            ),
            ("systemd なら LimitNOFILE=65536 にしてください", "set LimitNOFILE=65536 in systemd"),
        ),
        Ok(limit) => {
            let said = limit.map_or("∞".to_owned(), |n| n.to_string());
            good("files", &format!("開けるファイル {said}"), &format!("{said} open files"))
        }
        Err(error) => found("files", State::Doubtful, (&error.to_string(), &error.to_string()), ("", "")),
    }
}

fn secrets(config: &Config) -> Vec<Finding> {
    let mut files = Vec::new();
    files.extend(config.tls.iter().map(|tls| tls.key.as_path()));
    files.extend(config.smtp.iter().filter_map(|smtp| smtp.login.as_ref()).map(|(_, file)| file.as_path()));
    if let Database::Postgres { password_file: Some(file), .. } = &config.database {
        files.push(file);
    }
    let check = |file: &Path| {
        let shown = file.display();
        match std::fs::metadata(file) {
            Ok(meta) if meta.permissions().mode() & 0o007 == 0 => None,
            Ok(_) => Some(found(
                "secrets",
                State::Bad,
                (&format!("{shown} はだれにでも読めます"), &format!("{shown} can be read by everybody")),
                (&format!("chmod 600 {shown}"), &format!("chmod 600 {shown}")),
            )),
            Err(error) => Some(found(
                "secrets",
                State::Bad,
                (&format!("{shown} を読めません（{error}）"), &format!("{shown} cannot be read ({error})")),
                ("パスと権限を確かめてください", "check path and permissions"),
            )),
        }
    };
    files.into_iter().filter_map(check).collect()
}
