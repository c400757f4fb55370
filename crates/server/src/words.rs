//! The words of pages, refusals and mails, in both languages.
//!
//! Sentences are the software's; what classes, bodies and duties are called in them is the charter's. Each word of the
//! charter's `[words]` is a Fluent term: `{ -coordinator }` within a sentence, `{ -Coordinator }` where one begins with it.
//! `{ -classes.class2 -> [yes] … *[no] … }` chooses by whether there is a class 2; no other sentence that names it is
//! shown where there is none. Once the assembly calls something otherwise, words are made anew.

use std::sync::{Arc, PoisonError, RwLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use include_dir::{Dir, include_dir};
use noroshi_charter::{Names, PROFILES, Parameters, Source, begun};
use noroshi_council::Class;

use crate::lang::Lang;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/words");

type Bundle = FluentBundle<FluentResource>;

/// Every file of a language, by its name.
fn texts(lang: Lang) -> impl Iterator<Item = (String, &'static str)> {
    let ending = format!(".{}.ftl", lang.as_str());
    FOLDER.files().filter_map(move |file| {
        let name = file.path().to_string_lossy().into_owned();
        name.ends_with(&ending).then_some((name, file.contents_utf8()?))
    })
}

/// What a charter calls things, as terms.
fn terms(charter: &Parameters, lang: Lang) -> String {
    let class2 = if charter.has_class(Class::Class2) { "yes" } else { "no" };
    let mut terms = format!("-classes = classes\n    .class2 = {class2}\n");
    for (name, text) in &charter.words {
        let text = lang.pick(&text.ja, &text.en);
        terms += &format!("-{name} = {text}\n-{} = {}\n", begun(name), begun(text));
    }
    terms
}

fn bundle(lang: Lang, terms: &str, grouping: bool) -> Bundle {
    let mut bundle = Bundle::new_concurrent(lang.as_str().parse().into_iter().collect());
    bundle.set_use_isolating(false);
    if grouping {
        bundle.set_formatter(Some(|value, _| match value {
            FluentValue::Number(number) => Some(grouped(number.value)),
            _ => None,
        }));
    }
    for text in texts(lang).map(|(_, text)| text.to_owned()).chain([terms.to_owned()]) {
        // A flaw in a file leaves out one message; the tests below keep it from happening.
        let resource = FluentResource::try_new(text).unwrap_or_else(|(resource, _)| resource);
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

/// One language: with thousands apart for pages, and with numbers as they are for errors and mails.
struct Tongue {
    pages: Bundle,
    plain: Bundle,
}

/// Both languages, with what they were made of.
struct Tongues {
    ja: Tongue,
    en: Tongue,
    terms: [String; 2],
    names: Names,
}

impl Tongues {
    fn new(charter: &Parameters) -> Tongues {
        let terms = [Lang::Ja, Lang::En].map(|lang| terms(charter, lang));
        let tongue = |lang, terms: &String| Tongue {
            pages: bundle(lang, terms, true),
            plain: bundle(lang, terms, false),
        };
        Tongues {
            ja: tongue(Lang::Ja, &terms[0]),
            en: tongue(Lang::En, &terms[1]),
            names: charter.names.clone(),
            terms,
        }
    }

    fn of(&self, lang: Lang) -> &Tongue {
        match lang {
            Lang::Ja => &self.ja,
            Lang::En => &self.en,
        }
    }
}

/// The words of a council.
pub struct Words(RwLock<Arc<Tongues>>);

/// In which language and in whose words somebody is spoken to.
pub type Spoken<'a> = (Lang, &'a Words);

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words")
    }
}

impl Words {
    /// The words of a council under such a charter.
    #[must_use]
    pub fn new(charter: &Parameters) -> Words {
        Words(RwLock::new(Arc::new(Tongues::new(charter))))
    }

    /// Calls things from now on as this charter does.
    pub fn follow(&self, charter: &Parameters) {
        let now = self.now();
        if now.names != charter.names || now.terms != [Lang::Ja, Lang::En].map(|lang| terms(charter, lang)) {
            *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Tongues::new(charter));
        }
    }

    fn now(&self) -> Arc<Tongues> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What bodies and classes are called where they stand for themselves.
    #[must_use]
    pub fn names(&self) -> Names {
        self.now().names.clone()
    }

    /// A message for a page or, with a part after a dot, one of its attributes. `None` where there is none, or where it names
    /// something that it was not given.
    #[must_use]
    pub fn say(&self, lang: Lang, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let (said, sound) = formatted(&self.now().of(lang).pages, key, args)?;
        sound.then_some(said)
    }

    /// The same for an error or a mail: numbers stand as they are, and what was not given is left out.
    #[must_use]
    pub fn word(&self, lang: Lang, key: &str, args: &[(&str, String)]) -> Option<String> {
        let mut given = FluentArgs::new();
        for (name, value) in args {
            match value.parse::<i64>() {
                Ok(number) => given.set(*name, number),
                Err(_) => given.set(*name, value.as_str()),
            }
        }
        Some(formatted(&self.now().of(lang).plain, key, &given)?.0)
    }
}

impl Default for Words {
    /// The words of the first profile, for what speaks before any council is known.
    fn default() -> Words {
        let first = PROFILES.first().and_then(|profile| Source::embedded(profile));
        let charter = first.and_then(|source| Parameters::of(&source).ok()).unwrap_or_default();
        Words::new(&charter)
    }
}

/// A message, and whether it was given all that it names.
fn formatted(bundle: &Bundle, key: &str, args: &FluentArgs<'_>) -> Option<(String, bool)> {
    let (id, part) = key.split_once('.').map_or((key, None), |(id, part)| (id, Some(part)));
    let message = bundle.get_message(id)?;
    let pattern = match part {
        Some(part) => message.get_attribute(part)?.value(),
        None => message.value()?,
    };
    let mut flaws = Vec::new();
    let said = bundle.format_pattern(pattern, Some(args), &mut flaws).into_owned();
    Some((said, flaws.is_empty()))
}

#[cfg(test)]
mod tests;
