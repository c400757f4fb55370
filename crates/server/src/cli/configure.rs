//! `noroshi config`: what is configured, and where it came from.

use clap::{Arg, ArgAction, Command};
use serde_json::json;

use super::{Entry, Exit, with_config};
use crate::{
    config::{KEYS, Key},
    lang::Lang,
};

pub const ENTRY: Entry = Entry {
    command: |lang| {
        let show = Command::new("show")
            .about(lang.pick("いまの設定を出力する", "print the configuration in force"))
            .arg(
                Arg::new("origin")
                    .long("origin")
                    .action(ArgAction::SetTrue)
                    .help(lang.pick("どこから来た値かも出力する", "say where each value came from")),
            );
        Command::new("config")
            .about(lang.pick("設定を見る・確かめる", "see and check the configuration"))
            .after_help(lang.pick(
                "例：\n  noroshi config show --origin\n  noroshi config keys > /etc/noroshi/noroshi.toml   書き込み用のひな型",
                "Examples:\n  noroshi config show --origin\n  noroshi config keys > /etc/noroshi/noroshi.toml   a template to fill in",
            ))
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(with_config(show, lang))
            .subcommand(Command::new("keys").about(lang.pick("すべての設定と説明をTOMLで出力する", "print all keys with their meaning, as TOML")))
    },
    run: |args, context| {
        let Some(("show", args)) = args.subcommand() else {
            if context.json {
                context.print_json(&json!({"schema": "noroshi.config-keys/1", "keys": keys(context.lang)}));
            } else {
                context.print(&template(context.lang));
            }
            return Ok(Exit::Done);
        };
        let settings = context.settings(args)?;
        if context.json {
            let keys: serde_json::Map<_, _> = settings
                .listed()
                .into_iter()
                .map(|(key, value, origin)| (key.name.to_owned(), json!({"value": value, "origin": origin})))
                .collect();
            context.print_json(&json!({"schema": "noroshi.config/1", "keys": keys}));
        } else {
            for (key, value, origin) in settings.listed() {
                let origin = if args.get_flag("origin") { format!("    # {origin}") } else { String::new() };
                context.print(&format!("{} = {value:?}{origin}", key.name));
            }
        }
        for stranger in settings.strangers() {
            context.say(
                &format!("注意：環境変数 {stranger} という設定はありません"),
                &format!("note: there is no key for the variable {stranger}"),
            );
        }
        context.config(args).map(|_| Exit::Done)
    },
};

/// Every key that is shown, for programs.
fn keys(lang: Lang) -> Vec<serde_json::Value> {
    let shown = KEYS.iter().filter(|key| !key.hidden);
    let said = |key: &Key| json!({"name": key.name, "default": key.default, "variable": key.env(), "about": key.about(lang)});
    shown.map(said).collect()
}

fn template(lang: Lang) -> String {
    let mut out = String::new();
    let mut table = "";
    for key in KEYS.iter().filter(|key| !key.hidden) {
        let (group, name) = key.name.split_once('.').unwrap_or(("", key.name));
        // Keys outside of tables have to stand above all tables.
        if group != table {
            continue;
        }
        out.push_str(&format!("# {}\n#{name} = {:?}\n", key.about(lang), key.default));
    }
    for group in ["tls", "smtp", "limits"] {
        table = group;
        out.push_str(&format!("\n[{table}]\n"));
        for key in KEYS {
            if let Some((group, name)) = key.name.split_once('.')
                && group == table
            {
                out.push_str(&format!("# {}\n#{name} = {:?}\n", key.about(lang), key.default));
            }
        }
    }
    out
}
