//! `noroshi drill wannacry`: plays the story at full speed and says whether its promises were kept.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

use clap::{Arg, ArgMatches, Command, ValueHint};

use super::{Context, Entry, Exit, Failure, serve, with_config};
use crate::{
    config::{Config, Database, Origin},
    demo::{
        self,
        door::Door,
        drill::{self, Report},
    },
    logs,
    store::Store,
};

pub const ENTRY: Entry = Entry {
    command: |lang| {
        let command = Command::new("drill")
            .about(lang.pick("訓練を全速力で行い、約束が守られたかを調べる", "play an exercise at full speed and check its promises"))
            .after_help(lang.pick(
                "例：\n  noroshi drill wannacry                 新しい協議会で\n  noroshi drill wannacry --database postgres://noroshi@db/drill\n  noroshi drill wannacry --server http://127.0.0.1:8080 --accounts DIR --json\n\n約束が1つでも破られると、終了コードは1です。",
                "Examples:\n  noroshi drill wannacry                 in a fresh council\n  noroshi drill wannacry --database postgres://noroshi@db/drill\n  noroshi drill wannacry --server http://127.0.0.1:8080 --accounts DIR --json\n\nThe exit code is 1 where one promise is broken.",
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
            );
        with_config(command, lang)
    },
    run,
};

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Failed, error.to_string())
}

fn run(args: &ArgMatches, context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings(args)?;
    let mut config = settings.config().map_err(|flaws| context.flawed(&flaws))?;
    let _log = logs::start(tracing::level_filters::LevelFilter::ERROR);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| failed(&e))?;
    if let Some(server) = args.get_one::<String>("server") {
        let path = args.get_one::<PathBuf>("accounts").cloned().unwrap_or_default();
        let accounts = demo::read_accounts(&path).map_err(|e| failed(&format!("{}: {e}", path.display())))?;
        let door = Door::new(server, accounts).map_err(|e| failed(&e))?;
        let report = runtime.block_on(drill::wannacry(&door)).map_err(|e| failed(&e))?;
        return Ok(say(context, &report));
    }
    let folder = tempfile::tempdir().map_err(|e| failed(&e))?;
    config.data_dir = folder.path().to_path_buf();
    if settings.origin("database") == Origin::Default {
        config.database = Database::Sqlite(folder.path().join("noroshi.db"));
    }
    config.listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    config.debug_listen = None;
    config.tls = None;
    let address = config.address().map_err(|flaws| context.flawed(&flaws))?;
    let store = Store::open(&address, config.clock()).map_err(|e| failed(&e))?;
    let report = runtime.block_on(fresh(&config, store))?;
    Ok(say(context, &report))
}

async fn fresh(config: &Config, store: Store) -> Result<Report, Failure> {
    let app = serve::open(store.clone(), config)?;
    let pledge = &app.charter().parameters().pledge.version;
    let (named, others) = demo::fill(&store, pledge).await.map_err(|e| failed(&format!("{e:?}")))?;
    let host = serve::Host::start(config, &app, Arc::new(AtomicBool::new(true))).await?;
    let door =
        Door::new(&host.running.url(), named.into_iter().chain(others).collect()).map_err(|e| failed(&e))?;
    drill::wannacry(&door).await.map_err(|e| failed(&e))
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
