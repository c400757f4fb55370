//! `noroshi demo`: a council with 322 members that has lived through the night of May 2017, or lives through it now.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{Context, Entry, Exit, Failure, opened, serve, with_config};
use crate::{
    app::App,
    config::{Config, Database, Origin},
    demo::{
        self, StoryClock, assembly, cast,
        door::{Accounts, Door, DoorError},
        story::{STAGES, Story, begins},
        year::{self, Time, Year},
    },
    logs,
    store::Store,
};

/// Who gets a sign-in link on the screen.
const SHOWN: &[&str] = &[
    "coordinator",
    "coordinator2",
    "c1a",
    "c1c",
    "c2b",
    "c2c",
    "ga",
    "gb",
    "gc",
    "rt",
    "secretariat",
    "operator",
];

/// What `--until` takes, in order.
fn stages() -> Vec<&'static str> {
    ["empty"].iter().chain(STAGES).copied().collect()
}

pub const ENTRY: Entry = Entry {
    command: |lang| {
        let listed = stages().join(" ");
        let command = Command::new("demo")
            .about(lang.pick("協議会の働きを、架空の322組織で見る", "see the council at work, with 322 invented organisations"))
            .after_help(lang.pick(
                &format!("例：\n  noroshi demo                           物語のあとの協議会を 127.0.0.1:8080 で見る\n  noroshi demo --until answered          全員への注意喚起が出る前で止める\n  noroshi demo --live                    物語が進むところを見る\n\n段階（empty ではまだ何も起きていない）：\n  {listed}"),
                &format!("Examples:\n  noroshi demo                           look at the council after the story, on 127.0.0.1:8080\n  noroshi demo --until answered          stop before the warning goes out to all\n  noroshi demo --live                    watch the story happen\n\nStages (at empty nothing has happened yet):\n  {listed}"),
            ).to_owned())
            .arg(
                Arg::new("until")
                    .long("until")
                    .value_name("STAGE")
                    .value_parser(stages())
                    .hide_possible_values(true)
                    .help(lang.pick(
                        "この段階まで進める（既定 updated、--live では最後まで）",
                        "play the story up to this stage (default: updated; with --live to its end)",
                    )),
            )
            .arg(
                Arg::new("skip-year")
                    .long("skip-year")
                    .action(ArgAction::SetTrue)
                    .help(lang.pick("物語の前の1年（加入、改正、除名など）を省く", "leave out the year before the story (who joins, what is amended, who is expelled)")),
            )
            .arg(
                Arg::new("live")
                    .long("live")
                    .action(ArgAction::SetTrue)
                    .help(lang.pick("見ている間に物語を進める", "play the story while you watch")),
            )
            .arg(
                Arg::new("pace")
                    .long("pace")
                    .value_name("SECONDS")
                    .default_value("20")
                    .value_parser(clap::value_parser!(u64).range(1..=3600))
                    .help(lang.pick("--live の1段階の秒数", "seconds for each stage of --live")),
            );
        with_config(command, lang)
    },
    run,
};

fn run(args: &ArgMatches, context: &Context) -> Result<Exit, Failure> {
    let settings = context.settings(args)?;
    let mut config = settings.config().map_err(|flaws| context.flawed(&flaws))?;
    let _log = logs::start(config.log.min(tracing::level_filters::LevelFilter::WARN));
    // Without a folder of its own a demo leaves nothing behind.
    let passing = settings.origin("data_dir") == Origin::Default;
    let folder = passing.then(tempfile::tempdir).transpose().map_err(|e| failed(&e))?;
    if let Some(folder) = &folder {
        config.data_dir = folder.path().to_path_buf();
        if matches!(config.database, Database::Sqlite(_)) {
            config.database = Database::Sqlite(folder.path().join("noroshi.db"));
        }
    }
    if settings.origin("debug_listen") == Origin::Default {
        config.debug_listen = None;
    }
    // Where nobody can listen nothing is filled: a council that was left half-way could not be gone on with.
    std::net::TcpListener::bind(config.listen)
        .map_err(|why| opened::deaf(&crate::serve::ServeError::Listen(config.listen, why), context))?;
    let _hold = config.hold_data_dir().map_err(|flaws| context.flawed(&flaws))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| failed(&e))?;
    let clock = StoryClock::default();
    clock.forward(match past(args) {
        Past::None => begins(0) - 60_000_000,
        Past::Motion => assembly::NOTICE,
        Past::Year => year::BEGINS,
    });
    let store = opened::store(&config, clock.clock(), context)?;
    runtime.block_on(live(args, context, &config, store, clock))
}

/// What the council has lived through when the story begins.
#[derive(PartialEq, Eq)]
enum Past {
    /// Nothing.
    None,
    /// A motion that is open.
    Motion,
    /// That, and the year before.
    Year,
}

fn past(args: &ArgMatches) -> Past {
    if args.get_one::<String>("until").is_some_and(|u| u == "empty") {
        Past::None
    } else if args.get_flag("skip-year") {
        Past::Motion
    } else {
        Past::Year
    }
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Failed, error.to_string())
}

async fn live(
    args: &ArgMatches,
    context: &Context,
    config: &Config,
    store: Store,
    clock: StoryClock,
) -> Result<Exit, Failure> {
    let app = serve::open(store.clone(), config)?;
    let ready = Arc::new(AtomicBool::new(false));
    let begun = demo::last_act(&store).await.map_err(|e| failed(&e))?;
    let accounts = if let Some(last) = begun {
        clock.forward(last);
        demo::read_accounts(&config.data_dir).map_err(|_| {
            failed(&context.lang.pick(
                "この保存先には、デモでない協議会があります。別の --data を指定してください",
                "this folder holds a council that is no demo; choose another --data",
            ))
        })?
    } else {
        let parts = if past(args) == Past::Year { cast::a_year_before() } else { cast::parts() };
        let filled = demo::fill(&store, app.charter().parameters(), parts).await;
        let (named, others) = filled.map_err(|e| failed(&format!("{e:?}")))?;
        demo::write_accounts(&config.data_dir, &named, &others).map_err(|e| failed(&e))?;
        named.into_iter().chain(others).collect()
    };
    let host = serve::Host::start(config, &app, ready.clone(), context).await?;
    let url = host.running.url();
    let until = args.get_one::<String>("until").map_or("updated", String::as_str);
    let stages =
        if begun.is_some() { 0 } else { STAGES.iter().position(|s| *s == until).map_or(0, |n| n + 1) };
    let mut door = Door::new(&url, accounts).map_err(|e| failed(&e))?;
    if begun.is_none() && past(args) == Past::Year {
        let lived = a_year(&app, &mut door, &clock, context).await;
        lived.map_err(|e| failed(&e.said(context.lang)))?;
        let (named, others) = door.accounts().clone().into_iter().partition(|(short, _)| cast::acts(short));
        demo::write_accounts(&config.data_dir, &named, &others).map_err(|e| failed(&e))?;
    }
    let accounts = door.accounts().clone();
    app.show_as_demo(accounts.clone());
    if begun.is_none() && past(args) != Past::None {
        convene(&app, &door, &clock).await.map_err(|e| failed(&e.said(context.lang)))?;
    }
    if args.get_flag("live") {
        ready.store(true, Relaxed);
        introduce(context, config, &url, &accounts);
        let pace = Duration::from_secs(args.get_one::<u64>("pace").copied().unwrap_or(20));
        let (clock, all) = (clock.clone(), if args.contains_id("until") { stages } else { STAGES.len() });
        let lang = context.lang;
        tokio::spawn(async move {
            let mut story = Story::new(&door, Some(begins(7)), false);
            for (n, stage) in STAGES.iter().enumerate().take(all) {
                tokio::time::sleep(pace).await;
                clock.forward(begins(n));
                eprintln!("{} {stage}", lang.pick("物語：", "story:"));
                if let Err(error) = story.play(stage).await {
                    eprintln!("{}", error.said(lang));
                    return;
                }
            }
        });
    } else {
        let mut story = Story::new(&door, Some(begins(7)), false);
        for (n, stage) in STAGES.iter().enumerate().take(stages) {
            clock.forward(begins(n));
            story.play(stage).await.map_err(|e| failed(&e.said(context.lang)))?;
        }
        ready.store(true, Relaxed);
        introduce(context, config, &url, &accounts);
    }
    host.until_told(context).await
}

/// The year before the story, chapter by chapter.
async fn a_year(app: &App, door: &mut Door, clock: &StoryClock, context: &Context) -> Result<(), DoorError> {
    let forward = |at| clock.forward(at);
    let mut year = Year::new(door, Time::new(app, &forward), year::BEGINS);
    for chapter in 0..Year::chapters() {
        eprintln!("{}", Year::title(chapter, context.lang));
        year.live(chapter).await?;
    }
    Ok(())
}

/// The assembly was called before the story begins, and votes while it is told.
async fn convene(app: &App, door: &Door, clock: &StoryClock) -> Result<(), DoorError> {
    let motion = assembly::convene(door).await?;
    clock.forward(assembly::OPENING);
    // It opens by time alone, which is looked at every few seconds; nobody needs to wait for that here.
    while app.council().let_time_pass().await.unwrap_or(false) {}
    clock.forward(assembly::OPENING + assembly::FIRST_DAY);
    assembly::first_votes(door, &motion).await?;
    clock.forward(begins(0) - 60_000_000);
    Ok(())
}

fn introduce(context: &Context, config: &Config, url: &str, accounts: &Accounts) {
    context.say(
        &format!("協議会を {url} で開きました。Ctrl+C で閉じます。\n\n次のリンクから、役を選んでサインインできます。"),
        &format!("The council is open at {url}. Ctrl+C closes it.\n\nSign in as one of the cast:"),
    );
    for short in SHOWN {
        if let Some(account) = accounts.get(*short) {
            context.print(&format!(
                "  {:<22} {url}/sign-in?as={short}",
                format!("{} ({short})", account.organisation)
            ));
        }
    }
    let file = config.data_dir.join(demo::ACCOUNTS);
    context.say(
        &format!("\nメールアドレス、パスワード、APIの鍵：{}", file.display()),
        &format!("\nAddresses, passwords and API keys: {}", file.display()),
    );
}
