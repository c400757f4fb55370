//! `noroshi drill wannacry`: plays the story at full speed and says whether its promises were kept.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};

use super::{Context, Entry, Exit, Failure, opened, serve, with_config_of};
use crate::{
    config::{Config, Database, Origin, Smtp, SmtpTls},
    demo::{
        self,
        door::{Door, DoorError},
        drill::{self, Report, Watch},
        sink::Sink,
    },
    logs::{self, Kept},
    store::Store,
};

pub const ENTRY: Entry = Entry {
    command: |lang| {
        let command = Command::new("drill")
            .about(lang.pick("訓練を全速力で行い、約束が守られたかを調べる", "play an exercise at full speed and check its promises"))
            .after_help(lang.pick(
                "例：\n  noroshi drill wannacry                 一時的な新しい協議会で\n  noroshi drill wannacry --database postgres://noroshi@db/drill\n  noroshi drill wannacry --server http://127.0.0.1:8080 --accounts DIR --json\n\n約束が1つでも破られると、終了コードは1です。メールは訓練が自分で受け取り、外には出しません（--send-mail を除く）。",
                "Examples:\n  noroshi drill wannacry                 in a fresh, passing council\n  noroshi drill wannacry --database postgres://noroshi@db/drill\n  noroshi drill wannacry --server http://127.0.0.1:8080 --accounts DIR --json\n\nThe exit code is 1 where one promise is broken. The drill takes its mail itself and lets none out (but for --send-mail).",
            ))
            .arg(Arg::new("scenario").required(true).value_parser(["wannacry"]).help(lang.pick("筋書き", "the scenario")))
            .arg(Arg::new("server").long("server").value_name("URL").value_hint(ValueHint::Url).requires("accounts").help(
                lang.pick("動いている協議会（noroshi demo --until empty）", "a council that is running (noroshi demo --until empty)"),
            ))
            .arg(
                Arg::new("accounts")
                    .long("accounts")
                    .value_name("PATH")
                    .value_parser(clap::value_parser!(PathBuf))
                    .help(lang.pick("その demo-accounts.json か、そのフォルダー", "its demo-accounts.json, or the folder of it")),
            )
            .arg(Arg::new("send-mail").long("send-mail").action(ArgAction::SetTrue).help(lang.pick(
                "訓練のメールを smtp.host のサーバーに渡す（実際の宛先に届きます）",
                "hand the drill's mail to the server of smtp.host, and so to real mailboxes",
            )));
        with_config_of(
            command,
            lang,
            &["database", "database_password_file", "smtp", "limits", "language", "zone"],
        )
    },
    run,
};

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Failed, error.to_string())
}

/// What a drill that could not be held tells.
fn stopped(context: &Context, error: &DoorError) -> Failure {
    let exit = match error {
        DoorError::Net(_) => Exit::Network,
        DoorError::Used(_) | DoorError::Nobody(_) => Exit::Rejected,
        _ => Exit::Failed,
    };
    Failure::new(exit, error.said(context.lang))
}

fn run(args: &ArgMatches, context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings(args)?;
    let mut config = settings.config().map_err(|flaws| context.flawed(&flaws))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| failed(&e))?;
    let sends = args.get_flag("send-mail");
    if let Some(server) = args.get_one::<String>("server") {
        let _log = logs::start(tracing::level_filters::LevelFilter::ERROR);
        let path = args.get_one::<PathBuf>("accounts").cloned().unwrap_or_default();
        let accounts = demo::read_accounts(&path).map_err(|e| {
            let place = path.display();
            Failure::new(
                Exit::Rejected,
                context.lang.pick(
                    &format!("{place}: 口座を読めません（{e}）。noroshi demo が書いた demo-accounts.json か、そのフォルダーを指定してください"),
                    &format!("{place}: the accounts cannot be read ({e}); name the demo-accounts.json that noroshi demo wrote, or its folder"),
                ),
            )
        })?;
        if let Some(real) = accounts.values().find(|account| !account.email.ends_with(".example"))
            && !sends
        {
            return Err(Failure::new(
                Exit::Rejected,
                context.lang.pick(
                    &format!("口座に実在しうる宛先（{}）があり、そのサーバーはメールを出すかもしれません。出してよいときだけ --send-mail を付けてください", real.email),
                    &format!("the accounts hold an address that may be real ({}), and that server may send mail; add --send-mail only where it may", real.email),
                ),
            ));
        }
        let door = Door::new(server, accounts).map_err(|e| failed(&e))?;
        let watch = Watch { sends, ..Watch::default() };
        let report = runtime.block_on(drill::wannacry(&door, &watch)).map_err(|e| stopped(context, &e))?;
        return Ok(say(context, &report));
    }
    // What the server logs is looked at, too: all of it.
    let log = Kept::start(tracing::level_filters::LevelFilter::DEBUG);
    let folder = tempfile::tempdir().map_err(|e| failed(&e))?;
    config.data_dir = folder.path().to_path_buf();
    if settings.origin("database") == Origin::Default {
        config.database = Database::Sqlite(folder.path().join("noroshi.db"));
    }
    config.listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    config.debug_listen = None;
    config.tls = None;
    config.public_url = None;
    let store = opened::store(&config, config.clock(), context)?;
    let report = runtime.block_on(fresh(&mut config, store, Watch { sink: None, log, sends }, context))?;
    Ok(say(context, &report))
}

/// A drill on a server of its own, whose mail goes to a relay of its own.
async fn fresh(
    config: &mut Config,
    store: Store,
    mut watch: Watch,
    context: &Context,
) -> Result<Report, Failure> {
    if !watch.sends {
        let sink = Sink::start().await.map_err(|e| failed(&e))?;
        config.smtp = Some(Smtp {
            host: sink.addr.ip().to_string(),
            port: sink.addr.port(),
            tls: SmtpTls::None,
            login: None,
            from: "noroshi@drill.example".to_owned(),
        });
        watch.sink = Some(sink);
    }
    let used = demo::last_act(&store).await.map_err(|e| failed(&e))?.is_some();
    if used {
        return Err(stopped(context, &DoorError::Used("members")));
    }
    let app = serve::open(store.clone(), config)?;
    let filled = demo::fill(&store, app.charter().parameters(), demo::cast::parts()).await;
    let (named, others) = filled.map_err(|e| failed(&format!("{e:?}")))?;
    let host = serve::Host::start(config, &app, Arc::new(AtomicBool::new(true)), context).await?;
    let door =
        Door::new(&host.running.url(), named.into_iter().chain(others).collect()).map_err(|e| failed(&e))?;
    drill::wannacry(&door, &watch).await.map_err(|e| stopped(context, &e))
}

fn say(context: &Context, report: &Report) -> Exit {
    if context.json {
        context.print_json(&serde_json::to_value(report).unwrap_or_default());
    } else {
        for (stage, took) in &report.stages {
            context.print(&format!("{stage:<14}{took:>10.1} ms"));
        }
        for check in &report.checks {
            let mark = if check.passed { "ok  " } else { "FAIL" };
            context.print(&format!("{mark} {} {}\n        {}", check.id, check.promise, check.seen));
        }
    }
    if report.passed { Exit::Done } else { Exit::Failed }
}
