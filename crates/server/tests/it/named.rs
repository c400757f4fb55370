//! No name that a charter profile gives, no legal name, no number of a charter stands in code, words or pages.
//!
//! What this cannot see: a name in other words than a profile's own, a number of a charter that stands bare among other numbers
//! of code (`70` is also a width), and English names of one common word in code, where `coordinator` and `secretariat` are the
//! identifiers of seats. Comments of code may say what the glossary calls a thing. Left out on purpose: the demo and the drill
//! (`server/src/demo`), which tell the story of one council; `council` in code, which is what the software calls what it
//! runs; «operator», which whoever runs it is called under every profile.

use std::{collections::BTreeSet, path::Path};

use noroshi_charter::{PROFILES, Parameters, Source};
use noroshi_council::Text;

/// Names of laws, and how they are dated.
const LAWS: &[&str] =
    &["基本法", "対処能力", "令和", "平成", "施行令", "刑法", "Basic Act", "Act of 20", "Act No"];

/// Words of a profile that are ordinary words as well.
const ORDINARY: &[&str] = &["board", "administration", "isac", "委員会", "理事"];

fn profiles() -> Vec<Parameters> {
    PROFILES.iter().map(|profile| Parameters::of(&Source::embedded(profile).unwrap()).unwrap()).collect()
}

/// Every file under these folders of the workspace with its text, but for the demo's.
fn files(folders: &[&str], ending: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, ending: &str, all: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.path().to_string_lossy().into_owned());
            if path.is_dir() {
                walk(&path, ending, all);
            } else if name.ends_with(ending) && !name.contains("/src/demo/") {
                all.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut all = Vec::new();
    for folder in folders {
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder), ending, &mut all);
    }
    assert!(!all.is_empty(), "{folders:?}");
    all
}

fn code() -> Vec<(String, String)> {
    let crates =
        ["council", "charter", "proof", "matcher", "wire", "server"].map(|name| format!("{name}/src"));
    let crates: Vec<&str> = crates.iter().map(String::as_str).collect();
    code_of(&crates)
}

/// Code as it runs: without comments, and without the tests at its end.
pub fn code_of(folders: &[&str]) -> Vec<(String, String)> {
    let strip = |(name, text): (String, String)| {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        (name, lines.collect::<Vec<_>>().join("\n"))
    };
    let apart = |(name, _): &(String, String)| !name.ends_with("/tests.rs");
    files(folders, ".rs").into_iter().filter(apart).map(strip).collect()
}

/// What stands between the braces and brackets of templates, words and pages is for the software; the rest is said.
fn said(text: &str, pairs: &[(char, char)]) -> String {
    let mut depth = 0_u32;
    let mut said = String::new();
    for c in text.chars() {
        if pairs.iter().any(|(open, _)| *open == c) {
            depth += 1;
        } else if pairs.iter().any(|(_, close)| *close == c) {
            depth = depth.saturating_sub(1);
            said.push(' ');
        } else if depth == 0 {
            said.push(c);
        }
    }
    said
}

/// Everything that people read: words without their keys, and pages without their markup.
fn read() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (name, text) in files(&["server/words"], ".ftl") {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let values: Vec<&str> =
            lines.map(|line| line.split_once(" =").map_or(line, |(_, value)| value)).collect();
        all.push((name, said(&values.join("\n"), &[('{', '}'), ('[', ']')])));
    }
    for (name, text) in files(&["proof/words"], ".toml") {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let values = lines
            .filter_map(|line| line.split_once(" = "))
            .map(|(_, value)| value.replace("{ ja", "").replace(" }", ""));
        all.push((name, said(&values.collect::<Vec<_>>().join("\n"), &[('{', '}')])));
    }
    for (name, text) in files(&["server/pages"], ".html") {
        all.push((name, said(&text, &[('{', '}'), ('<', '>')])));
    }
    all
}

/// What the profiles call things: names, and words within sentences.
fn names() -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut titles, mut words) = (BTreeSet::new(), BTreeSet::new());
    for charter in profiles() {
        let names = &charter.names;
        let class2 = names.class2.iter();
        let own: Vec<&Text> = [
            &names.council,
            &names.coordinator,
            &names.secretariat,
            &names.steering,
            &names.class1,
            &names.class1_group,
            &names.general,
        ]
        .into_iter()
        .chain(class2)
        .collect();
        titles.extend(own.iter().flat_map(|name| [name.ja.clone(), name.en.to_lowercase()]));
        words.extend(charter.words.values().flat_map(|word| [word.ja.clone(), word.en.to_lowercase()]));
    }
    let ordinary = |word: &String| ORDINARY.contains(&word.as_str());
    titles.retain(|word| !ordinary(word));
    words.retain(|word| !ordinary(word));
    (titles, words)
}

/// Whether `word` stands in `text`, whole where it is written in letters.
fn stands(text: &str, word: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(word).any(|(at, _)| {
        !word.is_ascii()
            || !letter(text[..at].chars().next_back()) && !letter(text[at + word.len()..].chars().next())
    })
}

#[test]
fn what_people_read_names_nothing_that_a_profile_names() {
    let (titles, words) = names();
    for (file, text) in read() {
        let text = text.to_lowercase();
        for name in titles.iter().chain(&words) {
            assert!(
                !stands(&text, name),
                "`{name}` stands in {file}: it is the charter's to say ({{ -term }})"
            );
        }
    }
}

#[test]
fn code_names_nothing_that_a_profile_names() {
    let (titles, words) = names();
    let named = titles.iter().chain(&words).filter(|name| !name.is_ascii() || name.contains(' '));
    let named: Vec<&String> = named.filter(|name| *name != "協議会" && *name != "the analysts").collect();
    for (file, text) in code() {
        let text = text.to_lowercase();
        for name in &named {
            assert!(!stands(&text, name), "`{name}` stands in {file}");
        }
    }
}

#[test]
fn no_law_is_named_and_no_article_of_one() {
    let numeral = |c: char| c.is_ascii_digit() || "０１２３４５６７８９一二三四五六七八九十百".contains(c);
    for (file, text) in code().into_iter().chain(read()) {
        for law in LAWS {
            assert!(!text.contains(law), "`{law}` stands in {file}");
        }
        for (at, _) in text.match_indices('条') {
            let before = text[..at].chars().next_back();
            assert!(
                !before.is_some_and(numeral),
                "an article of law stands in {file}: {:?}",
                &text[text.floor_char_boundary(at.saturating_sub(12))..at]
            );
        }
    }
}

#[test]
fn every_number_of_a_charter_is_read_by_its_name_and_none_is_written_out() {
    let code = code();
    for charter in profiles() {
        for name in charter.numbers.keys() {
            let quoted = format!("\"{name}\"");
            let read = code.iter().filter(|(file, _)| !file.ends_with("charter/src/parameters.rs"));
            let terms = code.iter().find(|(file, _)| file.ends_with("charter/src/parameters.rs")).unwrap();
            // Once in the list of what a charter has to say, and once where it becomes a term of the rules.
            let used = read.filter(|(_, text)| text.contains(&quoted)).count() > 0
                || terms.1.matches(&quoted).count() > 1;
            assert!(used, "nothing reads `{name}`");
        }
        for (file, text) in read() {
            for (name, number) in &charter.numbers {
                let (n, telling) = (number.value, number.value >= 10);
                let written: &[String] = match &*number.unit {
                    "h" => &[format!("{n}時間"), format!("{n} hours")],
                    "d" => &[format!("{n}日"), format!("{n} days")],
                    "min" => &[format!("{n}分"), format!("{n} minutes")],
                    "percent" => &[format!("{n}%"), format!("{n}％"), format!("{n} percent")],
                    "chars" => &[format!("{n}字"), format!("{n} characters")],
                    "" if telling => &[format!("{n}")],
                    _ => &[],
                };
                for written in written {
                    assert!(
                        !stands(&text, written),
                        "`{written}` stands in {file}: it is the charter's `{name}`"
                    );
                }
            }
        }
    }
}
