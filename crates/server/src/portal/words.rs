//! The words of the pages, in both languages.

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use include_dir::{Dir, include_dir};

use crate::lang::Lang;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/words");

type Bundle = FluentBundle<FluentResource>;

static JA: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::Ja));
static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Lang::En));

/// Every file of a language, by its name.
fn texts(lang: Lang) -> impl Iterator<Item = (String, &'static str)> {
    let ending = format!(".{}.ftl", lang.as_str());
    FOLDER.files().filter_map(move |file| {
        let name = file.path().to_string_lossy().into_owned();
        name.ends_with(&ending).then_some((name, file.contents_utf8()?))
    })
}

fn bundle(lang: Lang) -> Bundle {
    let mut bundle = Bundle::new_concurrent(lang.as_str().parse().into_iter().collect());
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(grouped(number.value)),
        _ => None,
    }));
    for (_, text) in texts(lang) {
        // A flaw in a file leaves out one message; the tests below keep it from happening.
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
        let _ = bundle.add_resource(resource);
    }
    bundle
}

/// A number with its thousands apart: `1,204`.
#[must_use]
pub fn grouped(number: f64) -> String {
    let plain = format!("{number}");
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut out = sign.to_owned();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// A message or, with a part after a dot, one of its attributes. `None` where there is none, or where it names something
/// that it was not given.
#[must_use]
pub fn say(lang: Lang, key: &str, args: &FluentArgs<'_>) -> Option<String> {
    let bundle: &Bundle = match lang {
        Lang::Ja => &JA,
        Lang::En => &EN,
    };
    let (id, part) = key.split_once('.').map_or((key, None), |(id, part)| (id, Some(part)));
    let message = bundle.get_message(id)?;
    let pattern = match part {
        Some(part) => message.get_attribute(part)?.value(),
        None => message.value()?,
    };
    let mut flaws = Vec::new();
    let said = bundle.format_pattern(pattern, Some(args), &mut flaws).into_owned();
    flaws.is_empty().then_some(said)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Every message of a language with the variables that it uses.
    fn known(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
        let mut known = BTreeMap::new();
        for (name, text) in texts(lang) {
            FluentResource::try_new(text.to_owned()).unwrap_or_else(|(_, flaws)| panic!("{name}: {flaws:?}"));
            let mut id = String::new();
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                let opens = !line.starts_with([' ', '}']) && line.contains(" =");
                if let Some((name, _)) = line.split_once(" =").filter(|_| opens) {
                    id = name.to_owned();
                    let double = known.insert(id.clone(), BTreeSet::new());
                    assert!(double.is_none(), "{id} is said twice");
                } else if let Some((part, _)) = line.trim().strip_prefix('.').and_then(|l| l.split_once(" ="))
                {
                    let whole = id.split('.').next().unwrap_or_default().to_owned();
                    id = format!("{whole}.{part}");
                    known.insert(id.clone(), BTreeSet::new());
                }
                let names = line.split('$').skip(1).map(|rest| {
                    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>()
                });
                known.entry(id.clone()).or_default().extend(names);
            }
        }
        known.remove("");
        known
    }

    #[test]
    fn both_languages_say_the_same_things_about_the_same_things() {
        let (ja, en) = (known(Lang::Ja), known(Lang::En));
        let ids = |all: &BTreeMap<String, BTreeSet<String>>| all.keys().cloned().collect::<BTreeSet<_>>();
        let apart: Vec<_> = ids(&ja).symmetric_difference(&ids(&en)).cloned().collect();
        assert!(apart.is_empty(), "only in one language: {apart:?}");
        for (id, variables) in &ja {
            assert_eq!(variables, &en[id], "{id}");
        }
    }

    #[test]
    fn thousands_stand_apart() {
        let said: Vec<String> = [0.0, 322.0, 1204.0, 1_000_000.0, -1234.5].map(grouped).to_vec();
        assert_eq!(said, ["0", "322", "1,204", "1,000,000", "-1,234.5"]);
    }
}
