//! `noroshi import`: brings STIX objects from files.

use std::{
    fs::File,
    io::{BufReader, IsTerminal as _, Read},
    path::{Path, PathBuf},
};

use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use noroshi_charter::Charter;
use noroshi_council::{
    Actor, Class, Scope, ThingId,
    import::Given,
    item::{Basis, Consent},
};
use noroshi_wire::stix::{self, Limits, Object};
use serde_json::json;

use super::{Context, Entry, Exit, Failure, opened, with_config_of};
use crate::{
    acts::{Caller, Council},
    app::App,
    identity,
    import::{Heading, unpack::unpacked},
    logs,
    store::{Error, identity::PersonState, objects::Counts},
};

/// So many objects become durable together.
const BATCH: usize = 1000;

pub const ENTRY: Entry = Entry {
    command: |lang| {
        let command = Command::new("import")
            .about(lang.pick("STIXのファイルを取り込む", "bring in STIX files"))
            .after_help(lang.pick(
                "例：\n  noroshi import ics-attack.json --data-dir /var/lib/noroshi\n  noroshi import *.json.gz --as analyst@example.jp --scope all\n  noroshi import - \\\n      --scope '{\"classes\":[\"class1\",\"class2\"],\"except_my_regulators\":true}' < bundle.json\n\nバンドル、一覧、続けて並べたオブジェクトを読みます（gzipも）。取り込む前に全体を確かめ、1つでも誤りがあれば何も入れません。同じものを再び取り込んでも変わりません。サーバーが動いていても使えます。",
                "Examples:\n  noroshi import ics-attack.json --data-dir /var/lib/noroshi\n  noroshi import *.json.gz --as analyst@example.jp --scope all\n  noroshi import - \\\n      --scope '{\"classes\":[\"class1\",\"class2\"],\"except_my_regulators\":true}' < bundle.json\n\nReads bundles, lists, and objects one after another (gzip too). Everything is checked first; where anything is wrong, nothing goes in. Bringing the same again changes nothing. The server may be running.",
            ))
            .arg(
                Arg::new("file")
                    .value_name("FILE")
                    .required(true)
                    .num_args(1..)
                    .value_parser(clap::value_parser!(PathBuf))
                    .value_hint(ValueHint::FilePath)
                    .help(lang.pick("ファイル（- は標準入力）", "files; - is standard input")),
            )
            .arg(Arg::new("as").long("as").value_name("MAIL").help(lang.pick(
                "取り込む人（既定は分析を受け付ける組織の担当者）",
                "who brings them (default: a handler of the coordinator)",
            )))
            .arg(
                Arg::new("scope").long("scope").value_name("all|class1|class2|JSON").default_value("class1").help(
                    lang.pick("読める範囲：全員、分析する構成員、早く受け取る構成員まで、またはJSON", "who may read: everybody, those who analyse, down to those who get it early, or JSON"),
                ),
            )
            .arg(Arg::new("basis").long("basis").value_name("voluntary|duty|demand").value_parser(basis).help(
                lang.pick("提供の根拠（既定は任意の提供）", "why it is given (default: voluntarily)"),
            ))
            .arg(Arg::new("consent").long("consent").value_name("prior|each|never").value_parser(consent).help(
                lang.pick(
                    "対策情報の元にしてよいか（既定は prior：待たずに使ってよい）",
                    "whether countermeasures may come of it (default: prior, without waiting)",
                ),
            ))
            .arg(Arg::new("not-secret").long("not-secret").action(ArgAction::SetTrue).help(lang.pick(
                "秘密を含まない（秘密を受け取らない構成員にも渡す）",
                "nothing of it is secret: members who receive no secrets get it too",
            )));
        with_config_of(command, lang, &["data_dir", "database", "database_password_file", "log"])
    },
    run,
};

fn basis(text: &str) -> Result<Basis, String> {
    Basis::parse(text).ok_or_else(|| "voluntary, duty, demand".to_owned())
}

fn consent(text: &str) -> Result<Consent, String> {
    Consent::parse(text).ok_or_else(|| "prior, each, never".to_owned())
}

/// What ends an import of a file early.
enum Stop {
    /// The file is not what it should be.
    Flaw(stix::Error),
    /// The council did not take it.
    Store(Error),
}

impl From<stix::Error> for Stop {
    fn from(error: stix::Error) -> Stop {
        Stop::Flaw(error)
    }
}

fn failed(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Failed, error.to_string())
}

fn said(context: &Context, exit: Exit, ja: &str, en: &str) -> Failure {
    Failure::new(exit, context.lang.pick(ja, en))
}

fn run(args: &ArgMatches, context: &Context) -> Result<Exit, Failure> {
    let config = context.config(args)?;
    let _log = logs::start(config.log.min(tracing::level_filters::LevelFilter::WARN));
    let files: Vec<PathBuf> = args.get_many("file").into_iter().flatten().cloned().collect();
    // Standard input can be read only once: it is checked while it goes in.
    for file in files.iter().filter(|file| file.as_os_str() != "-") {
        let bar = bar(context, context.lang.pick("確認", "checking"), file)?;
        read(file, &bar, |_| Ok(())).map_err(|stop| stopped(context, file, stop))?;
        bar.finish_and_clear();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| failed(&e))?;
    let store = opened::founded(&config, context)?;
    let _entered = runtime.enter();
    let council = App::open(store, &config).map_err(|e| failed(&e))?.council().clone();
    let charter = council.charters.current();
    let pledge = charter.parameters().pledge.version.clone();
    let scope = scope(args.get_one::<String>("scope").map_or("class1", String::as_str), &charter, context)?;
    let email = args.get_one::<String>("as").cloned();
    let actor = runtime.block_on(person(&council, email.clone(), pledge)).map_err(|e| failed(&e))?;
    let actor = actor.ok_or_else(|| nobody(context, email.as_deref()))?;
    let mut bringing = Bringing {
        runtime: &runtime,
        council: &council,
        actor,
        scope,
        secret: !args.get_flag("not-secret"),
        given: Given {
            basis: args.get_one("basis").copied().unwrap_or(Given::default().basis),
            consent: args.get_one("consent").copied().unwrap_or(Given::default().consent),
        },
        id: None,
        counts: Counts::default(),
    };
    let start = std::time::Instant::now();
    for file in &files {
        let bar = bar(context, context.lang.pick("取り込み", "bringing in"), file)?;
        let mut batch = Vec::with_capacity(BATCH);
        let answer = read(file, &bar, |object| {
            batch.push(object);
            if batch.len() < BATCH { Ok(()) } else { bringing.put(file, std::mem::take(&mut batch)) }
        })
        .and_then(|_| if batch.is_empty() { Ok(()) } else { bringing.put(file, std::mem::take(&mut batch)) });
        bar.finish_and_clear();
        answer.map_err(|stop| stopped(context, file, stop))?;
    }
    let Bringing { id: Some(id), counts: Counts { added, known }, .. } = bringing else {
        return Err(said(
            context,
            Exit::Rejected,
            "STIXオブジェクトがありません",
            "there are no STIX objects",
        ));
    };
    let seconds = start.elapsed().as_secs_f64();
    if context.json {
        context.print_json(&json!({
            "schema": "noroshi.import/1", "id": id, "objects": added + known, "added": added, "known": known,
            "seconds": seconds,
        }));
    } else {
        context.say(
            &format!("{id}：{added}件を取り込みました（{known}件は前からあります。{seconds:.1}秒）"),
            &format!("{id}: {added} objects are in ({known} were there before; {seconds:.1} s)"),
        );
    }
    Ok(Exit::Done)
}

fn scope(text: &str, charter: &Charter, context: &Context) -> Result<Scope, Failure> {
    match text {
        "class1" => Ok(Scope::class1_group()),
        "class2" => Ok(Scope::classes([Class::Class1, Class::Class2])),
        "all" => Ok(Scope::classes(charter.parameters().classes.iter().copied())),
        json => serde_json::from_str(json).map_err(|error| {
            said(
                context,
                Exit::Usage,
                &format!("--scope は all、class1、class2、またはJSONです：{error}"),
                &format!("--scope has to be all, class1, class2 or JSON: {error}"),
            )
        }),
    }
}

/// Who brings the objects.
async fn person(council: &Council, email: Option<String>, pledge: String) -> Result<Option<Actor>, Error> {
    let store = council.store.clone();
    council
        .store
        .read(move |conn| {
            let roster = store.refresh_roster(conn)?;
            let found = match email {
                Some(email) => crate::store::identity::by_email(conn, &email)?.map(|(person, _)| person),
                None => match roster.coordinator() {
                    Some(org) => crate::store::identity::of_org(conn, &org.id)?
                        .into_iter()
                        .find(|person| person.state == PersonState::Enrolled),
                    None => None,
                },
            };
            Ok(found.and_then(|person| identity::actor(&person, &roster, &pledge, false)))
        })
        .await
}

fn nobody(context: &Context, email: Option<&str>) -> Failure {
    match email {
        Some(email) => said(
            context,
            Exit::Rejected,
            &format!("{email} という担当者は、この協議会にいません（誓約の前の人は使えません）"),
            &format!("nobody in this council acts as {email}, or not before having taken the pledge"),
        ),
        None => said(
            context,
            Exit::Rejected,
            "分析を受け付ける組織に担当者がいません。--as で取り込む人を指定してください",
            "the organisation that receives has no handler yet; say by --as who brings the objects",
        ),
    }
}

fn stopped(context: &Context, file: &Path, stop: Stop) -> Failure {
    let file = file.display();
    match stop {
        Stop::Flaw(flaw) => {
            let (number, at, fault) = (flaw.index + 1, flaw.at, &flaw.fault);
            said(
                context,
                Exit::Rejected,
                &format!("{file}：{number}個目のオブジェクト（{at}バイト目）で止まりました：{fault}"),
                &format!("{file}: object {number} at byte {at}: {fault}"),
            )
        }
        Stop::Store(Error::Refused(refusal)) => {
            let clause = refusal.clause.as_str();
            let (ja, en) =
                (format!("規約により断られました（{clause}）"), format!("refused by the charter ({clause})"));
            said(context, Exit::Refused, &ja, &en)
        }
        Stop::Store(error) => failed(&error),
    }
}

/// An import that goes on over several files.
struct Bringing<'a> {
    runtime: &'a tokio::runtime::Runtime,
    council: &'a Council,
    actor: Actor,
    scope: Scope,
    secret: bool,
    given: Given,
    id: Option<ThingId>,
    counts: Counts,
}

impl Bringing<'_> {
    fn put(&mut self, file: &Path, objects: Vec<Object>) -> Result<(), Stop> {
        let caller = Caller::new(self.actor.clone());
        let counts = match &self.id {
            Some(id) => self.runtime.block_on(self.council.go_on_importing(caller, id.clone(), objects)),
            None => {
                let source = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let heading =
                    Heading { scope: self.scope.clone(), secret: self.secret, source, given: self.given };
                let begun = self.council.begin_import(caller, heading, objects);
                self.runtime.block_on(begun).map(|begun| {
                    self.id = Some(begun.id);
                    begun.counts
                })
            }
        };
        let counts = counts.map_err(Stop::Store)?;
        self.counts.added += counts.added;
        self.counts.known += counts.known;
        Ok(())
    }
}

/// A progress bar over the bytes of a file; none where nobody watches.
fn bar(context: &Context, what: &str, file: &Path) -> Result<ProgressBar, Failure> {
    let unreadable = |error: std::io::Error| {
        let file = file.display();
        let ja = format!("{file} を読めません：{error}");
        said(context, Exit::Rejected, &ja, &format!("{file} cannot be read: {error}"))
    };
    let length =
        if file.as_os_str() == "-" { None } else { Some(file.metadata().map_err(unreadable)?.len()) };
    let shown = std::io::stderr().is_terminal();
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(length, target);
    let template = "{prefix} {wide_msg} [{bar:30}] {bytes}/{total_bytes} {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_prefix(what.to_owned());
    // What a narrow line has no room for is its end, and folders say less than the name.
    bar.set_message(file.file_name().unwrap_or(file.as_os_str()).display().to_string());
    Ok(bar)
}

fn read(file: &Path, bar: &ProgressBar, each: impl FnMut(Object) -> Result<(), Stop>) -> Result<u64, Stop> {
    let io = |error: std::io::Error| {
        Stop::Flaw(stix::Error { index: 0, at: 0, fault: stix::Fault::Io(error.to_string()) })
    };
    let raw: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(file).map_err(io)?)
    };
    let raw = unpacked(BufReader::with_capacity(1 << 16, bar.wrap_read(raw))).map_err(io)?;
    stix::read(raw, &Limits::default(), each)
}
