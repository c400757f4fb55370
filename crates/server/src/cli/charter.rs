//! `noroshi charter`: a charter's texts to edit, and whether an edited one holds.

use std::{
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Arg, ArgMatches, Command, ValueHint};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use noroshi_charter::{Charter, Flaw, PROFILES, Parameters, Reason, Source};
use noroshi_council::Text;
use noroshi_proof::{Finding, Limits, Outcome, Progress, Report, Solver, Summary, Verdict, prove};
use serde_json::{Value, json};

use super::{Context, Entry, Exit, Failure};
use crate::{app::FIRST_CHARTER, charters::report::document, lang::Lang};

/// What a charter consists of, in a folder.
const FILES: [&str; 4] = ["articles.toml", "charter.cedar", "parameters.toml", "schema.cedarschema"];

pub const ENTRY: Entry = Entry {
    command: |lang| {
        let dir = |id: &'static str, ja: &'static str, en: &'static str| {
            Arg::new(id)
                .value_name("DIR")
                .value_parser(clap::value_parser!(PathBuf))
                .value_hint(ValueHint::DirPath)
                .help(lang.pick(ja, en))
        };
        let check = Command::new("check")
            .about(lang.pick("規約の案を検査し、何が変わるかを証明する", "check an edited charter and prove what it changes"))
            .after_help(lang.pick(
                "証明には cvc5 が要ります（Debian：apt-get install cvc5）。\n終了コード：0 よい　1 規約として成り立たないか、守られるべき性質が破れる　2 証明できない　6 読めない",
                "Proofs need cvc5 (Debian: apt-get install cvc5).\nExit codes: 0 good, 1 no valid charter or an entrenched property is broken, 2 not proven, 6 cannot be read",
            ))
            .arg(dir("dir", "規約の案のフォルダー", "the folder of the edited charter").required(true))
            .arg(
                dir("against", "比べる規約：フォルダーかひな形の名前（既定は、フォルダーと同じ名前のひな形）", "the charter to compare with: a folder or a profile (default: the profile that is called as the folder is)")
                    .long("against")
                    .value_name("DIR|PROFILE"),
            )
            .arg(
                Arg::new("timeout")
                    .long("timeout")
                    .value_name("SECONDS")
                    .default_value("60")
                    .value_parser(clap::value_parser!(u64).range(1..=86_400))
                    .help(lang.pick("証明にかけてよい時間", "how long the proof may take")),
            )
            .arg(Arg::new("solver").long("solver").value_name("PROGRAM").value_hint(ValueHint::CommandName).help(
                lang.pick("証明器（既定は環境変数 CVC5、なければ cvc5）", "the solver (default: the variable CVC5, else cvc5)"),
            ));
        let export = Command::new("export")
            .about(lang.pick("ひな形の規約を、編集できるように書き出す", "write a profile's texts to edit"))
            .arg(
                dir(
                    "dir",
                    "書き出す先のフォルダー（なければ作る）",
                    "the folder to write to (made where it is missing)",
                )
                .required(true),
            )
            .arg(
                Arg::new("profile")
                    .long("profile")
                    .value_name("NAME")
                    .default_value(FIRST_CHARTER)
                    .value_parser(PROFILES.to_vec())
                    .help(lang.pick("規約のひな形", "the charter profile")),
            )
            .after_help(profiles(lang));
        Command::new("charter")
            .about(lang.pick("規約を書き出す・案を検査する", "export a charter, check an edited one"))
            .after_help(lang.pick(
                "例：\n  noroshi charter export draft\n  noroshi charter check draft --against jp-2019-council",
                "Examples:\n  noroshi charter export draft\n  noroshi charter check draft --against jp-2019-council",
            ))
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(check)
            .subcommand(export)
    },
    run: |args, context| match args.subcommand() {
        Some(("check", args)) => check(args, context),
        Some((_, args)) => export(args, context),
        None => Ok(Exit::Usage),
    },
};

/// The profiles, a line each.
fn profiles(lang: Lang) -> String {
    let lines = PROFILES.iter().map(|profile| {
        let about =
            Source::embedded(profile).and_then(|source| Parameters::of(&source).ok()).map(|p| p.about);
        let about = about.unwrap_or_default();
        format!("  {profile}\n      {}", lang.pick(&about.ja, &about.en))
    });
    format!("{}\n{}", lang.pick("ひな形：", "Profiles:"), lines.collect::<Vec<_>>().join("\n"))
}

/// The solver that a command is to use: the variable names it, or it is on the path.
pub(super) fn solver(context: &Context) -> Solver {
    context.env.get("CVC5").filter(|program| !program.is_empty()).map_or_else(Solver::default, Solver::at)
}

/// What a profile is for, in one line.
pub(super) fn about(profile: &str, context: &Context) -> String {
    let parameters = Source::embedded(profile).and_then(|source| Parameters::of(&source).ok());
    parameters.map(|p| words(context, &p.about)).unwrap_or_default()
}

/// Says so where nobody has verified a charter's profile.
pub(super) fn warned(charter: &Charter, context: &Context) {
    if charter.unverified() {
        let profile = charter.profile();
        context.say(
            &format!("注意：{profile} は【未確認】です。法律に照らして確かめた人はいません。実際の協議会には使わないでください"),
            &format!("Warning: {profile} is UNVERIFIED. Nobody has held it against the law; use it for no real council"),
        );
    }
}

fn said(context: &Context, exit: Exit, ja: &str, en: &str) -> Failure {
    Failure::new(exit, context.lang.pick(ja, en))
}

fn unusable(context: &Context, file: &Path, error: &std::io::Error) -> Failure {
    let file = file.display();
    said(
        context,
        Exit::Rejected,
        &format!("{file} を使えません：{error}"),
        &format!("{file} cannot be used: {error}"),
    )
}

fn export(args: &ArgMatches, context: &Context) -> Result<Exit, Failure> {
    let dir = args.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
    let profile = args.get_one::<String>("profile").map_or(FIRST_CHARTER, String::as_str);
    let Some(source) = Source::embedded(profile) else { return Ok(Exit::Usage) };
    std::fs::create_dir_all(&dir).map_err(|error| unusable(context, &dir, &error))?;
    let texts = [&source.articles, &source.policies, &source.parameters, &source.schema];
    if let Some(file) = FILES.iter().map(|name| dir.join(name)).find(|file| file.exists()) {
        let file = file.display();
        return Err(said(
            context,
            Exit::Rejected,
            &format!("{file} がすでにあります。何も書きませんでした"),
            &format!("{file} is there already; nothing was written"),
        ));
    }
    for (name, text) in FILES.iter().zip(texts) {
        let file = dir.join(name);
        let written = std::fs::File::create_new(&file).and_then(|mut out| out.write_all(text.as_bytes()));
        written.map_err(|error| unusable(context, &file, &error))?;
    }
    let shown = dir.display();
    let unverified = Parameters::of(&source).is_ok_and(|p| p.unverified);
    if context.json {
        context.print_json(&json!({
            "schema": "noroshi.charter-export/1", "profile": profile, "unverified": unverified, "dir": shown.to_string(), "files": FILES,
        }));
    } else {
        context.say(
            &format!("{profile} を {shown} に書き出しました。次は noroshi charter check {shown} --against {profile}"),
            &format!("{profile} is in {shown}. Next: noroshi charter check {shown} --against {profile}"),
        );
        if let Ok(charter) = Charter::compile(&source) {
            warned(&charter, context);
        }
    }
    Ok(Exit::Done)
}

/// The charter in a folder.
fn read(dir: &Path, context: &Context) -> Result<Source, Failure> {
    let text = |name: &str| {
        let file = dir.join(name);
        std::fs::read_to_string(&file).map_err(|error| unusable(context, &file, &error))
    };
    let [articles, policies, parameters, schema] = FILES;
    Ok(Source {
        profile: called(dir),
        version: 1,
        articles: text(articles)?,
        policies: text(policies)?,
        parameters: text(parameters)?,
        schema: text(schema)?,
    })
}

/// The folder's own name, also where it is written as `.`.
fn called(dir: &Path) -> String {
    let full = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    full.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What to compare with: as told, or the profile of the same name.
fn compared(args: &ArgMatches, profile: &str, context: &Context) -> Result<Option<Charter>, Failure> {
    let source = match args.get_one::<PathBuf>("against") {
        None => Source::embedded(profile),
        Some(against) => match against.to_str().and_then(Source::embedded) {
            Some(source) => Some(source),
            None => Some(read(against, context)?),
        },
    };
    let compile = |source: Source| {
        Charter::compile(&source).map_err(|flaws| {
            let list: Vec<String> = flaws.iter().map(ToString::to_string).collect();
            let list = list.join("\n");
            said(
                context,
                Exit::Failed,
                &format!("比べる相手が規約として成り立ちません\n{list}"),
                &format!("what to compare with is no charter\n{list}"),
            )
        })
    };
    source.map(compile).transpose()
}

fn check(args: &ArgMatches, context: &Context) -> Result<Exit, Failure> {
    let dir = args.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
    let source = read(&dir, context)?;
    let old = compared(args, &source.profile, context)?;
    let new = match Charter::compile(&source) {
        Ok(new) => new,
        Err(flaws) => {
            tell_flaws(&dir, &flaws, context);
            return Ok(Exit::Failed);
        }
    };
    warned(&new, context);
    let total = Duration::from_secs(args.get_one("timeout").copied().unwrap_or(60));
    let limits = Limits { total, ..Limits::default() };
    let solver = args.get_one::<String>("solver").map_or_else(|| solver(context), Solver::at);
    let bar = bar(context);
    let report = prove(old.as_ref(), &new, &solver, limits, &|Progress { done, all }| {
        bar.set_length(u64::try_from(all).unwrap_or(u64::MAX));
        bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
    });
    bar.finish_and_clear();
    if context.json {
        let mut told = document(&report);
        told["unverified"] = json!(new.unverified());
        context.print_json(&told);
    } else {
        tell(&new, &report, context)
    }
    Ok(if report.blocked() {
        Exit::Failed
    } else if report.open() {
        Exit::Usage
    } else {
        Exit::Done
    })
}

/// How far the proof is; nothing where nobody watches.
fn bar(context: &Context) -> ProgressBar {
    let shown = std::io::stderr().is_terminal();
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(Some(1), target);
    if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_prefix(context.lang.pick("証明", "proving").to_owned());
    bar
}

/// The file that a flaw is in.
fn file_of(flaw: &Flaw) -> &'static str {
    match flaw.part {
        "articles" => FILES[0],
        "policies" => FILES[1],
        "parameters" => FILES[2],
        _ => FILES[3],
    }
}

fn tell_flaws(dir: &Path, flaws: &[Flaw], context: &Context) {
    if context.json {
        let list: Vec<Value> = flaws
            .iter()
            .map(|flaw| {
                json!({
                    "file": file_of(flaw), "line": flaw.line, "article": flaw.article, "message": flaw.message,
                })
            })
            .collect();
        context.print_json(&json!({"schema": "noroshi.charter-check/1", "valid": false, "flaws": list}));
        return;
    }
    for flaw in flaws {
        let file = dir.join(file_of(flaw));
        let line = flaw.line.map(|line| format!(":{line}")).unwrap_or_default();
        let article = flaw.article.as_ref().map(|number| {
            context.lang.pick(&format!("（第{number}条）"), &format!(" (article {number})")).to_owned()
        });
        context.print(&format!("{}{line}{}: {}", file.display(), article.unwrap_or_default(), flaw.message));
    }
    context.say(
        "規約として成り立ちません。証明は始めませんでした",
        "this is no valid charter; nothing was put to the proof",
    );
}

fn words(context: &Context, text: &Text) -> String {
    context.lang.pick(&text.ja, &text.en).to_owned()
}

fn tell(new: &Charter, report: &Report, context: &Context) {
    let pick = |ja: &str, en: &str| context.lang.pick(ja, en).to_owned();
    let (articles, rules) = (new.articles().len(), new.policies().policies().count());
    context.print(&pick(
        &format!("規約 {}：条文 {articles}、規則 {rules}。形式は整っています", report.new),
        &format!("charter {}: {articles} articles, {rules} rules, all valid", report.new),
    ));
    context.print(&match &report.old {
        Some(old) => pick(&format!("比べる規約 {old}"), &format!("compared with {old}")),
        None => pick(
            "比べる規約がないので、何が変わるかは調べていません。例：--against jp-2019-council",
            "compared with nothing, so that what changes was not looked for. Such as: --against jp-2019-council",
        ),
    });
    for Finding { property, outcome } in &report.findings {
        let mark = match outcome.verdict() {
            Verdict::Proven => pick("証明済み", " proven "),
            Verdict::Refuted => pick("破れる  ", " BROKEN "),
            Verdict::NotProven => pick("証明なし", "unproven"),
            Verdict::NotApplicable => pick("対象なし", "  none  "),
        };
        let kept = if property.entrenched() { "*" } else { " " };
        let title = words(context, &property.title());
        context.print(&format!("[{mark}] ({}){kept} {title}", property.number()));
        match outcome {
            Outcome::Proven => {}
            Outcome::NotProven(why) | Outcome::NotApplicable(why) => {
                context.print(&format!("             {}", words(context, why)));
            }
            Outcome::Refuted(cases) => {
                for case in cases {
                    context.print(&format!(
                        "         !   {}{}",
                        words(context, &case.said),
                        cited(&case.reasons, context)
                    ));
                }
            }
        }
    }
    for Summary { said, gains, reasons, .. } in &report.summary {
        let sign = if *gains { "+" } else { "-" };
        context.print(&format!("         {sign}   {}{}", words(context, said), cited(reasons, context)));
    }
    if report.old.is_some() && report.changes.is_empty() && !report.open() {
        context.print(&pick("             何も変わりません", "             nothing changes"));
    }
    context.print(&pick(
        &format!(
            "問い {}、{:.1} 秒。* は、破れると投票に付せない性質です",
            report.questions,
            report.took.as_secs_f64()
        ),
        &format!(
            "{} questions, {:.1} s. * cannot be put to the vote where it is broken",
            report.questions,
            report.took.as_secs_f64()
        ),
    ));
}

/// The rules that a case rests on.
fn cited(reasons: &[Reason], context: &Context) -> String {
    let rules: Vec<String> = reasons
        .iter()
        .map(|reason| {
            let (rule, article) = (&reason.rule, &reason.article);
            context
                .lang
                .pick(&format!("第{article}条 {rule}"), &format!("article {article}, {rule}"))
                .to_owned()
        })
        .collect();
    if rules.is_empty() { String::new() } else { format!(" [{}]", rules.join("; ")) }
}
