//! The crates that do no I/O, read no clock and roll no dice do not: neither in their code nor by what they are built on.
//!
//! What this cannot see: what a crate that they are built on does behind its own functions, and the order of a hash map, which
//! nothing of theirs goes by.

use std::{collections::BTreeSet, path::PathBuf};

const PURE: &[&str] = &["council", "charter", "wire", "matcher"];

/// What the library of a pure crate may be built on.
const BUILT_ON: &[&str] = &[
    "base64",
    "bech32",
    "bs58",
    "cedar-policy",
    "hashbrown",
    "hmac",
    "jiff",
    "miette",
    "noroshi-council",
    "psl",
    "regex",
    "serde",
    "serde_json",
    "sha2",
    "thiserror",
    "toml",
    "toml_edit",
    "unicode-normalization",
    "utoipa",
    "uuid",
];

/// Names that only a clock, dice, the machine or another thread goes by.
const IMPURE: &[&str] = &[
    "SystemTime",
    "Instant",
    "RandomState",
    "getrandom",
    "rand",
    "new_v1",
    "new_v4",
    "new_v7",
    "now_v1",
    "now_v7",
    "OpenOptions",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "UnixStream",
    "stdin",
    "stdout",
    "stderr",
    "println",
    "eprintln",
    "eprint",
    "dbg",
    "tokio",
    "async",
    "await",
    "libc",
    "rustix",
    "extern",
];

/// Paths that do: the names alone are ordinary words.
const PATHS: &[&str] = &[
    "::now",
    "std::env",
    "std::fs",
    "std::process",
    "std::thread",
    "std::time",
    "fs::",
    "File::",
    "env::",
    "process::",
    "thread::",
    "TimeZone::get",
    "TimeZone::system",
    "tz::db",
    " print!",
];

/// What of a text is impure: names as whole words, paths wherever they stand but at the end of a longer name.
fn impure(text: &str) -> Vec<&'static str> {
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let path = |path: &&&str| {
        text.match_indices(**path).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            path.starts_with([':', ' ']) || before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
        })
    };
    let named = IMPURE.iter().filter(|word| words.contains(**word));
    // A group of imports names each but once: `use std::{env, fs}`.
    let flat = text.split_whitespace().collect::<String>();
    let grouped = ["fs", "env", "process", "thread", "time"].iter().filter(|name| {
        flat.split("usestd::{").skip(1).filter_map(|rest| rest.split(';').next()).any(|group| {
            let mut names = group.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            names.any(|word| {
                word == **name || word.strip_prefix(**name).is_some_and(|rest| rest.starts_with("::"))
            })
        })
    });
    named.chain(PATHS.iter().filter(path)).chain(grouped).copied().collect()
}

fn home(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

#[test]
fn no_clock_no_dice_and_no_machine_in_what_is_pure() {
    let folders: Vec<String> = PURE.iter().map(|name| format!("{name}/src")).collect();
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    // Which promise is broken is asked of the environment, in no build but those of scripts/leaks.
    let by_name = std::fs::read_to_string(home("council").join("src/leak.rs")).unwrap();
    let (head, asking) = by_name.split_once("#[cfg(feature = \"leaks-by-name\")]").unwrap();
    let (asking, rest) = asking.split_once("\n}\n").unwrap();
    assert_eq!(impure(asking), ["std::env", "env::"]);
    found.extend(impure(&format!("{head}{rest}")).into_iter().map(|what| format!("leak.rs: {what}")));
    let code = crate::named::code_of(&folders);
    for (name, code) in code.into_iter().filter(|(name, _)| !name.ends_with("council/src/leak.rs")) {
        found.extend(impure(&code).into_iter().map(|what| format!("{name}: {what}")));
    }
    assert_eq!(
        found,
        Vec::<String>::new(),
        "moments, ids and rosters come in as arguments (ARCHITECTURE.md)"
    );
}

#[test]
fn what_is_pure_is_built_on_nothing_that_is_not() {
    for name in PURE {
        let text = std::fs::read_to_string(home(name).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        assert!(
            !home(name).join("build.rs").exists() && !manifest.contains_key("build-dependencies"),
            "{name}"
        );
        for on in manifest["dependencies"].as_table().unwrap().keys() {
            assert!(BUILT_ON.contains(&on.as_str()), "{name} is built on {on}: is that as pure as it is?");
        }
    }
}

#[test]
fn whatever_is_impure_is_noticed() {
    for (code, what) in [
        ("let at = SystemTime::now();", "SystemTime"),
        ("use std::time::{Duration, Instant};", "Instant"),
        ("let at = jiff::Timestamp::now();", "::now"),
        ("let at = Zoned::now();", "::now"),
        ("getrandom::fill(&mut bytes)?;", "getrandom"),
        ("let id = Uuid::new_v4();", "new_v4"),
        ("let home = std::env::var(\"HOME\");", "std::env"),
        ("let text = std::fs::read_to_string(path)?;", "std::fs"),
        ("use std::fs;\nfs::read(path)", "fs::"),
        ("use std::{collections::BTreeMap, fs};", "fs"),
        ("use std::{\n    env,\n    fmt,\n};", "env"),
        ("use std::{fmt, time::Duration};", "time"),
        ("File::open(path)?", "File::"),
        ("println!(\"{x}\")", "println"),
        ("std::thread::spawn(work)", "std::thread"),
        ("async fn ask() {}", "async"),
    ] {
        assert!(impure(code).contains(&what), "{code}: {:?}", impure(code));
    }
    for code in [
        "fn by_time(&self, now: Micros) -> Vec<Event> { at >= now }",
        "let file: File = toml::from_str(text)?;",
        "use std::{collections::BTreeSet, fmt};",
        "use std::net::{IpAddr, Ipv4Addr};",
        "fn brief(profiles::of(x))",
    ] {
        assert_eq!(impure(code), Vec::<&str>::new(), "{code}");
    }
}
