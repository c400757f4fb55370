//! The command line: data on stdout, messages on stderr, exit codes that scripts can rely on.
//!
//! A command is an [`Entry`] in [`COMMANDS`]: how it is written, and what it does.

mod charter;
mod configure;
mod demo;
mod doctor;
mod drill;
mod import;
mod init;
mod opened;
mod serve;
mod verify;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint};

use crate::config::{Config, ConfigError, Env, KEYS, Key, Settings};
use crate::lang::Lang;

/// What a command tells the shell. 10 and above: it worked, and somebody should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, nothing found.
    Done = 0,
    /// Failed.
    Failed = 1,
    /// Not written as it should be, configuration included; of `charter check`: not proven.
    Usage = 2,
    /// Not signed in, or no longer.
    NotSignedIn = 3,
    /// The server or the network did not answer.
    Network = 4,
    /// The charter said no.
    Refused = 5,
    /// The input was not taken.
    Rejected = 6,
    /// Indicators were seen.
    Seen = 10,
    /// An emergency waits for an answer.
    Unanswered = 11,
    /// A source could not be read.
    Incomplete = 12,
    /// Interrupted.
    Interrupted = 130,
}

/// Why a command did not do what it should.
#[derive(Debug)]
pub struct Failure {
    /// What the shell is told.
    pub exit: Exit,
    /// What the person is told.
    pub said: String,
}

impl Failure {
    /// A failure with its words.
    #[must_use]
    pub fn new(exit: Exit, said: impl Into<String>) -> Failure {
        Failure { exit, said: said.into() }
    }
}

/// What every command has at hand.
#[derive(Debug)]
pub struct Context {
    /// In which language people are spoken to.
    pub lang: Lang,
    /// Whether stdout is read by a program.
    pub json: bool,
    /// The environment.
    pub env: Env,
    /// Whether anything was written to stdout.
    wrote: AtomicBool,
}

impl Context {
    /// A command in its surroundings.
    #[must_use]
    pub fn new(lang: Lang, json: bool, env: &Env) -> Context {
        Context { lang, json, env: env.clone(), wrote: AtomicBool::new(false) }
    }

    /// The configuration's words: flags of this command, environment, file.
    ///
    /// # Errors
    /// Tells what is wrong with the file.
    pub fn settings(&self, args: &ArgMatches) -> Result<Settings, Failure> {
        let given = |name: &str| args.try_get_one::<String>(name).ok().flatten().cloned();
        let mut flags: BTreeMap<String, String> =
            KEYS.iter().filter_map(|key| given(key.name).map(|value| (key.name.to_owned(), value))).collect();
        if let Some(port) = args.try_get_one::<u16>("port").ok().flatten() {
            flags.entry("listen".to_owned()).or_insert_with(|| format!("127.0.0.1:{port}"));
        }
        let file = args.try_get_one::<PathBuf>("config").ok().flatten();
        Settings::gather(&flags, &self.env, file.map(PathBuf::as_path)).map_err(|flaws| self.flawed(&flaws))
    }

    /// The configuration, understood.
    ///
    /// # Errors
    /// Tells everything that is wrong with it.
    pub fn config(&self, args: &ArgMatches) -> Result<Config, Failure> {
        self.settings(args)?.config().map_err(|flaws| self.flawed(&flaws))
    }

    /// The failure that flaws of the configuration are.
    #[must_use]
    pub fn flawed(&self, flaws: &[ConfigError]) -> Failure {
        let said: Vec<String> = flaws.iter().map(|flaw| flaw.said(self.lang)).collect();
        Failure::new(Exit::Usage, said.join("\n"))
    }

    /// Writes a line of data.
    pub fn print(&self, line: &str) {
        self.wrote.store(true, Relaxed);
        // A reader that has gone away (`| head`) is no error.
        let _ = writeln!(std::io::stdout(), "{line}");
    }

    /// Writes the one JSON document of this command.
    pub fn print_json(&self, document: &serde_json::Value) {
        self.print(&document.to_string());
    }

    /// Says something to the person.
    pub fn say(&self, ja: &str, en: &str) {
        let _ = writeln!(std::io::stderr(), "{}", self.lang.pick(ja, en));
    }
}

/// One command.
pub struct Entry {
    /// How it is written, with its help.
    pub command: fn(Lang) -> Command,
    /// What it does.
    pub run: fn(&ArgMatches, &Context) -> Result<Exit, Failure>,
}

/// All commands, in the order of the help.
const COMMANDS: &[Entry] = &[
    demo::ENTRY,
    init::ENTRY,
    serve::ENTRY,
    import::ENTRY,
    drill::ENTRY,
    charter::ENTRY,
    verify::ENTRY,
    doctor::ENTRY,
    configure::ENTRY,
    COMPLETIONS,
    HELP,
];

/// Those that write something else than data for programs.
const WORDS_ONLY: &[&str] = &["demo", "serve", "completions", "help"];

/// Runs a command line and answers its exit code.
pub fn run(args: impl IntoIterator<Item = OsString>, env: &Env) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let lang = spoken(&args, env);
    let matches = match command(lang).try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => {
            match misused(&error).filter(|_| lang == Lang::Ja) {
                Some(said) => {
                    let _ = writeln!(std::io::stderr(), "error[{}]: {said}", Exit::Usage as u8);
                }
                None => {
                    let _ = error.print();
                }
            }
            return if error.use_stderr() { Exit::Usage as u8 } else { Exit::Done as u8 };
        }
    };
    let context = Context::new(lang, matches.get_flag("json"), env);
    let Some((name, args)) = matches.subcommand() else { return Exit::Usage as u8 };
    let Some(entry) = COMMANDS.iter().find(|entry| (entry.command)(lang).get_name() == name) else {
        return Exit::Usage as u8;
    };
    let done = if context.json && WORDS_ONLY.contains(&name) {
        let (ja, en) = (format!("{name} はJSONを出力しません"), format!("{name} writes no JSON"));
        Err(Failure::new(Exit::Usage, lang.pick(&ja, &en)))
    } else {
        (entry.run)(args, &context)
    };
    match done {
        Ok(exit) => exit as u8,
        Err(failure) => {
            // Whoever waits for one document gets one.
            if context.json && !context.wrote.load(Relaxed) {
                let exit = failure.exit as u8;
                context.print_json(
                    &serde_json::json!({"schema": "noroshi.failure/1", "exit": exit, "said": failure.said}),
                );
            }
            let _ = writeln!(std::io::stderr(), "error[{}]: {}", failure.exit as u8, failure.said);
            failure.exit as u8
        }
    }
}

/// The language has to be known before the arguments are read, because their help is in it.
fn spoken(args: &[OsString], env: &Env) -> Lang {
    let args: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let pair = args.windows(2).find(|pair| pair[0] == "--lang").map(|pair| pair[1]);
    pair.or_else(|| args.iter().find_map(|arg| arg.strip_prefix("--lang=")))
        .or_else(|| env.get("NOROSHI_LANG").map(String::as_str))
        .and_then(Lang::parse)
        .unwrap_or_else(|| Lang::of_terminal(|name| env.get(name).cloned()))
}

/// The whole command line.
#[must_use]
pub fn command(lang: Lang) -> Command {
    let about = lang.pick(
        "狼煙：サイバー攻撃を、間に合うように知らせ合う協議会のサーバー",
        "Noroshi: a virtual council in which organisations warn each other of cyber attacks in time",
    );
    let examples = lang.pick(
        "例：\n  noroshi doctor                         この機械で動かせるかを調べる\n  noroshi serve --data-dir /var/lib/noroshi\n  noroshi config show --origin           どの設定がどこから来たかを見る\n\n終了コード：0 済み　1 失敗　2 書き方・設定　4 通信　5 規約による断り　6 入力の断り　130 中断",
        "Examples:\n  noroshi doctor                         see whether this machine is ready\n  noroshi serve --data-dir /var/lib/noroshi\n  noroshi config show --origin           see which value came from where\n\nExit codes: 0 done, 1 failed, 2 usage or configuration, 4 network, 5 refused by the charter, 6 input refused, 130 interrupted",
    );
    let mut command = Command::new("noroshi")
        .about(about)
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(examples)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .infer_subcommands(false)
        .disable_help_subcommand(true)
        .args_override_self(false)
        .arg(
            Arg::new("json")
                .long("json")
                .global(true)
                .action(ArgAction::SetTrue)
                .help(lang.pick("標準出力をJSON1つにする", "one JSON document on stdout")),
        )
        .arg(
            Arg::new("lang")
                .long("lang")
                .global(true)
                .value_name("ja|en")
                .value_parser(["ja", "en"])
                .help(lang.pick("表示する言語（既定は LANG）", "the language of messages (default: LANG)")),
        );
    for entry in COMMANDS {
        command = command.subcommand((entry.command)(lang));
    }
    match lang {
        Lang::Ja => {
            let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
            let command =
                command.disable_help_flag(true).disable_version_flag(true).arg(version.help("版を表示する"));
            let mut command = in_japanese(command);
            command.build();
            used_in_japanese(command)
        }
        Lang::En => command,
    }
}

/// A command with the words that clap has in English only: headings, and what it says of help, defaults and values.
fn in_japanese(command: Command) -> Command {
    let command = command
        .help_template("{before-help}{about-with-newline}\n使い方：{usage}\n\n{all-args}{after-help}")
        .subcommand_help_heading("コマンド")
        .subcommand_value_name("コマンド")
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .help("説明を表示する（-h は要約、--help は全部）"),
        );
    let command = command.mut_args(|mut arg| {
        if arg.get_action().takes_values() {
            let mut said = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let values = arg.get_possible_values();
            let names: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
            if !names.is_empty() && !arg.is_hide_possible_values_set() {
                said.push_str(&format!("［{}］", names.join(" ")));
            }
            let defaults: Vec<_> =
                arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
            if !defaults.is_empty() {
                said.push_str(&format!("［既定 {}］", defaults.join(" ")));
            }
            arg = arg.help(said).hide_possible_values(true).hide_default_value(true);
        }
        let own = if arg.is_positional() { "引数" } else { "オプション" };
        let heading = arg.get_help_heading().unwrap_or(own).to_owned();
        arg.help_heading(heading)
    });
    command.mut_subcommands(in_japanese)
}

/// How a command is written, with the one word of it that clap has in English only. Its name in full is known once it is built.
fn used_in_japanese(mut command: Command) -> Command {
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim().replace("[OPTIONS]", "［オプション］");
    command.override_usage(usage).mut_subcommands(used_in_japanese)
}

/// What is wrong with how a command was written, what was perhaps meant, and what to do, in the place of clap's own sentences,
/// which are English. Nothing where its help is the answer.
fn misused(error: &clap::Error) -> Option<String> {
    use clap::error::{ContextKind as Of, ErrorKind as Kind};
    let of = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let what = match error.kind() {
        _ if !error.use_stderr() => return None,
        Kind::DisplayHelpOnMissingArgumentOrSubcommand => return None,
        Kind::UnknownArgument => format!("「{}」という引数はここでは使えません", of(Of::InvalidArg)),
        Kind::InvalidSubcommand => format!("「{}」というコマンドはありません", of(Of::InvalidSubcommand)),
        Kind::MissingSubcommand => "コマンドが書かれていません".to_owned(),
        Kind::MissingRequiredArgument => format!("必要な引数がありません：{}", of(Of::InvalidArg)),
        Kind::InvalidValue if of(Of::InvalidValue).is_empty() => {
            format!("「{}」に値がありません", of(Of::InvalidArg))
        }
        Kind::InvalidValue | Kind::ValueValidation => {
            format!("「{}」に「{}」は使えません", of(Of::InvalidArg), of(Of::InvalidValue))
        }
        Kind::ArgumentConflict => {
            format!("「{}」が2回書かれているか、一緒に使えない引数と並べて書かれています", of(Of::InvalidArg))
        }
        _ => "コマンドの書き方が正しくありません".to_owned(),
    };
    let meant = [Of::SuggestedArg, Of::SuggestedSubcommand, Of::SuggestedValue].map(of).concat();
    let meant = if meant.is_empty() { meant } else { format!("。もしかすると「{meant}」ですか") };
    let values = of(Of::ValidValue);
    let values = if values.is_empty() { values } else { format!("。使えるのは：{values}") };
    Some(format!("{what}{meant}{values}。コマンドに --help を付けると、書き方を見られます"))
}

/// The keys that say where a council's data is.
pub const DATA: &[&str] = &["data_dir", "database", "database_password_file"];

/// Adds the configuration's flags to a command.
pub fn with_config(command: Command, lang: Lang) -> Command {
    with_flags(command, lang, |_| true)
}

/// The same for a command that uses only some keys, or tables of them: the others are taken, since one line of flags may serve
/// several commands, and not shown.
pub fn with_config_of(command: Command, lang: Lang, used: &[&str]) -> Command {
    with_flags(command, lang, |key| {
        let table = key.name.split_once('.').map_or(key.name, |(table, _)| table);
        used.contains(&key.name) || used.contains(&table)
    })
}

fn with_flags(command: Command, lang: Lang, shown: impl Fn(&Key) -> bool) -> Command {
    let heading = lang.pick(
        "設定（フラグ > 環境変数 > ファイル > 既定）",
        "Configuration (flag > environment > file > default)",
    );
    let mut command = command.arg(
        Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .value_hint(ValueHint::FilePath)
            .help_heading(heading)
            .help(lang.pick(
                "設定ファイル（TOML。既定 /etc/noroshi/noroshi.toml）",
                "the configuration file (TOML; default /etc/noroshi/noroshi.toml)",
            )),
    );
    for key in KEYS {
        let default = if key.default.is_empty() { String::new() } else { format!(" [{}]", key.default) };
        let mut arg = Arg::new(key.name)
            .long(key.flag())
            .value_name(key.value)
            .help_heading(heading)
            .hide(key.hidden || !shown(key))
            // The rare ones only in the long help.
            .hide_short_help(key.name.contains('.') || key.name.contains("trusted"))
            .help(format!("{}{default} [env: {}]", key.about(lang), key.env()));
        if key.name == "data_dir" {
            arg = arg.visible_alias("data").value_hint(ValueHint::DirPath);
        }
        if key.name == "test_clock" {
            arg = arg.num_args(0..=1).default_missing_value("clock");
        }
        command = command.arg(arg);
    }
    command
}

const COMPLETIONS: Entry = Entry {
    command: |lang| {
        Command::new("completions")
            .about(lang.pick("シェルの補完を出力する", "print completions for a shell"))
            .after_help(lang.pick(
                "例：\n  noroshi completions bash > /etc/bash_completion.d/noroshi",
                "Example:\n  noroshi completions bash > /etc/bash_completion.d/noroshi",
            ))
            .arg(Arg::new("shell").required(true).value_parser(clap::value_parser!(clap_complete::Shell)))
    },
    run: |args, context| {
        if let Some(shell) = args.get_one::<clap_complete::Shell>("shell") {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut command(context.lang), "noroshi", &mut script);
            let _ = std::io::stdout().write_all(&script);
        }
        Ok(Exit::Done)
    },
};

/// clap has one of its own, in English only.
const HELP: Entry = Entry {
    command: |lang| {
        Command::new("help").about(lang.pick("コマンドの説明を表示する", "show the help of a command")).arg(
            Arg::new("command").value_name("COMMAND").num_args(0..).help(
                lang.pick("そのコマンド（例：verify journal）", "the command (such as: verify journal)"),
            ),
        )
    },
    run: |args, context| {
        let mut whole = command(context.lang);
        whole.build();
        let mut shown = &mut whole;
        for name in args.get_many::<String>("command").into_iter().flatten() {
            shown = shown.find_subcommand_mut(name).ok_or_else(|| {
                let (ja, en) = (
                    format!("「{name}」というコマンドはありません。noroshi help で一覧を見られます"),
                    format!("there is no command `{name}`; see noroshi help for all of them"),
                );
                Failure::new(Exit::Usage, context.lang.pick(&ja, &en))
            })?;
        }
        // A reader that has gone away is no error.
        let _ = shown.print_long_help();
        Ok(Exit::Done)
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound_in_both_languages() {
        command(Lang::Ja).debug_assert();
        command(Lang::En).debug_assert();
    }

    #[test]
    fn the_language_is_known_before_the_rest() {
        let args = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        let env: Env = [("LANG".to_owned(), "en_US.UTF-8".to_owned())].into_iter().collect();
        assert_eq!(spoken(&args("noroshi --lang ja doctor"), &env), Lang::Ja);
        assert_eq!(spoken(&args("noroshi doctor --lang=ja"), &env), Lang::Ja);
        assert_eq!(spoken(&args("noroshi doctor"), &env), Lang::En);
    }

    #[test]
    fn usage_is_answered_with_two() {
        let run = |text: &str| run(text.split(' ').map(OsString::from), &Env::new());
        assert_eq!(run("noroshi nonsense"), Exit::Usage as u8);
    }
}
