use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Every message of a language with the variables that it uses, and its text.
fn known(lang: Lang) -> BTreeMap<String, (BTreeSet<String>, String)> {
    let mut known: BTreeMap<String, (BTreeSet<String>, String)> = BTreeMap::new();
    for (name, text) in texts(lang) {
        FluentResource::try_new(text.to_owned()).unwrap_or_else(|(_, flaws)| panic!("{name}: {flaws:?}"));
        let mut id = String::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let opens = !line.starts_with([' ', '}']) && line.contains(" =");
            if let Some((name, _)) = line.split_once(" =").filter(|_| opens) {
                id = name.to_owned();
                let double = known.insert(id.clone(), Default::default());
                assert!(double.is_none(), "{id} is said twice");
            } else if let Some((part, _)) = line.trim().strip_prefix('.').and_then(|l| l.split_once(" =")) {
                let whole = id.split('.').next().unwrap_or_default().to_owned();
                id = format!("{whole}.{part}");
                known.insert(id.clone(), Default::default());
            }
            let names = line.split('$').skip(1).map(|rest| {
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>()
            });
            let (variables, whole) = known.entry(id.clone()).or_default();
            variables.extend(names);
            whole.push_str(line);
        }
    }
    known.remove("");
    known
}

fn parameters(profile: &str) -> Parameters {
    Parameters::of(&Source::embedded(profile).unwrap()).unwrap()
}

#[test]
fn both_languages_say_the_same_things_about_the_same_things() {
    let (ja, en) = (known(Lang::Ja), known(Lang::En));
    let apart: Vec<_> = ja
        .keys()
        .filter(|k| !en.contains_key(*k))
        .chain(en.keys().filter(|k| !ja.contains_key(*k)))
        .collect();
    assert!(apart.is_empty(), "only in one language: {apart:?}");
    for (id, (variables, _)) in &ja {
        assert_eq!(variables, &en[id].0, "{id}");
    }
}

/// Under every profile: whatever a sentence refers to is among the charter's words, in both languages. A sentence that names
/// class 2 says so in its text, and is not said where there is none.
#[test]
fn every_profile_has_a_word_for_all_that_sentences_name() {
    for profile in PROFILES {
        let charter = parameters(profile);
        let words = Words::new(&charter);
        for lang in [Lang::Ja, Lang::En] {
            for (id, (variables, text)) in known(lang) {
                let mut args = FluentArgs::new();
                for variable in &variables {
                    args.set(variable.clone(), 2);
                }
                let of_class2 = text.to_lowercase().contains("{ -class2");
                let chooses = text.contains("-classes.class2");
                let said = words.say(lang, &id, &args);
                let expected = charter.has_class(Class::Class2) || !of_class2 || chooses;
                // A message that is there for its parts alone has no text of its own.
                let empty = text.split_once(" =").is_some_and(|(_, rest)| rest.trim().is_empty());
                assert!(said.is_some() == expected || empty, "{profile} {lang:?} {id}: {said:?}");
            }
        }
    }
}

#[test]
fn sentences_begin_with_a_capital_and_go_on_without() {
    let words = Words::new(&parameters("generic-isac"));
    let say = |lang, key| words.say(lang, key, &FluentArgs::new()).unwrap();
    assert_eq!(say(Lang::En, "seat-coordinator"), "Operations desk");
    assert_eq!(
        say(Lang::En, "call-coordinator-hint"),
        "Only the operations desk reads it. There is no adviser"
    );
    assert_eq!(say(Lang::Ja, "people-roles-steering"), "理事かどうかは、管理室が記録します。");
    assert_eq!(
        say(Lang::En, "duties-watch-none-text"),
        "The analysts will be listed here.",
        "there is no class 2"
    );
}

#[test]
fn errors_are_whole_in_both_languages() {
    let words = Words::default();
    for (id, _) in known(Lang::Ja) {
        if !id.contains('.')
            && (id.starts_with("error-") && !id.starts_with("error-page") || id.starts_with("clause-"))
        {
            for lang in [Lang::Ja, Lang::En] {
                for part in ["", ".why", ".todo"] {
                    assert!(words.word(lang, &format!("{id}{part}"), &[]).is_some(), "{id}{part}");
                }
            }
        }
    }
}

#[test]
fn numbers_of_errors_are_said_as_they_are() {
    let words = Words::default();
    let said = words.word(Lang::En, "error-too-large.why", &[("limit", "1048576".into())]).unwrap();
    assert_eq!(said, "At most 1048576 bytes are accepted. Nothing was changed.");
    let said = words.word(Lang::Ja, "field-too-long", &[("limit", "0".into())]).unwrap();
    assert_eq!(said, "＊長すぎます。短くしてください");
}

#[test]
fn thousands_stand_apart() {
    let said: Vec<String> = [0.0, 322.0, 1204.0, 1_000_000.0, -1234.5].map(grouped).to_vec();
    assert_eq!(said, ["0", "322", "1,204", "1,000,000", "-1,234.5"]);
}

/// Whoever it concerns is told of every number, up and down and to nothing, in whole sentences.
#[test]
fn every_number_of_a_charter_says_what_it_means() {
    use noroshi_charter::numbers::{Group, NUMBERS};
    use noroshi_council::Seat;
    let words = Words::new(&parameters("jp-2019-council"));
    for lang in [Lang::Ja, Lang::En] {
        for group in Group::ALL {
            assert!(words.say(lang, &format!("group-{}", group.as_str()), &FluentArgs::new()).is_some());
        }
        for asked in NUMBERS {
            let moves = [((0, 1), "yes"), ((1, 0), "no"), ((9, 4), "yes"), ((3, 2), "no")];
            for (seat, ((before, after), reads)) in
                Seat::ALL.iter().flat_map(|seat| moves.map(|moves| (seat, moves)))
            {
                let mut args = FluentArgs::new();
                args.set("was", "[was]");
                args.set("is", "[is]");
                args.set("n", after);
                args.set("before", before);
                args.set("way", if after < before { "down" } else { "up" });
                args.set("of", seat.as_str());
                args.set("reads", reads);
                let said = words.say(lang, &format!("number-{}", asked.name), &args);
                let said = said.unwrap_or_else(|| panic!("{lang:?}: nothing says {}", asked.name));
                assert!(!said.contains(['{', '$']) && said.chars().count() > 9, "{}: {said}", asked.name);
            }
        }
    }
}
