//! What somebody typed into a form: kept whole, so that a form that fails shows it again.

use std::collections::BTreeMap;

use noroshi_council::Micros;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    ids,
    store::audience::hex,
    web::{Error, FieldFlaw},
    words::Spoken,
};

/// Fields that are never shown again nor counted.
const PASSING: &[&str] = &["password", "present", "_once", "_then"];

/// The fields of a form by name.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Typed(BTreeMap<String, Vec<String>>);

impl Typed {
    /// A field; empty where it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", |text| text.trim())
    }

    /// A field to the letter, as passwords are.
    #[must_use]
    pub fn raw(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// A field as an owned text.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.get(name).to_owned()
    }

    /// A field as an owned text, or nothing where it is empty.
    #[must_use]
    pub fn text_or_none(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.get(name).into_iter().flatten().map(|text| text.trim())
    }

    /// Whether a box is ticked.
    #[must_use]
    pub fn on(&self, name: &str) -> bool {
        self.get(name) == "1"
    }

    /// A number, if the field holds one.
    #[must_use]
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name).parse().ok()
    }

    /// A number between these, or nothing where the field is empty.
    ///
    /// # Errors
    /// Names the field where it holds anything else.
    pub fn between<T: std::str::FromStr + PartialOrd>(
        &self,
        name: &str,
        least: T,
        most: T,
    ) -> Result<Option<T>, Error> {
        self.one_or_none(name, |text| text.parse().ok().filter(|number| (least..=most).contains(number)))
    }

    /// One of several words.
    ///
    /// # Errors
    /// Names the field where it holds anything else.
    pub fn one_of<T>(&self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
        parse(self.get(name)).ok_or_else(|| Error::field(name, "bad-value"))
    }

    /// A moment in the council's zone, if the field holds one.
    #[must_use]
    pub fn moment(&self, name: &str, zone: &jiff::tz::TimeZone) -> Option<Micros> {
        super::when::of_local(self.get(name), zone)
    }

    /// A moment in the council's zone, or nothing where the field is empty.
    ///
    /// # Errors
    /// Names the field where it holds anything else.
    pub fn moment_or_none(&self, name: &str, zone: &jiff::tz::TimeZone) -> Result<Option<Micros>, Error> {
        self.one_or_none(name, |text| super::when::of_local(text, zone))
    }

    /// One of several words, or nothing where the field is empty.
    ///
    /// # Errors
    /// Names the field where it holds anything else.
    pub fn one_or_none<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        if self.get(name).is_empty() { Ok(None) } else { self.one_of(name, parse).map(Some) }
    }

    /// The same with a field set: what a page offers before anybody has typed.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Typed {
        self.0.insert(name.to_owned(), vec![value.into()]);
        self
    }

    /// The same with a field that has these values.
    #[must_use]
    pub fn with_all(mut self, name: &str, values: Vec<String>) -> Typed {
        self.0.insert(name.to_owned(), values);
        self
    }

    /// All fields with one value each, in order: for passing them on.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(name, values)| values.iter().map(move |v| (name.as_str(), v.as_str())))
    }

    /// A key under which this very form, sent twice, acts once. Another content is another act.
    #[must_use]
    pub fn key(&self, path: &str) -> Option<String> {
        let once = self.get("_once");
        if once.is_empty() {
            return None;
        }
        let mut digest = Sha256::new();
        for part in [once, path] {
            digest.update(part);
            digest.update([0]);
        }
        for (name, value) in self.pairs().filter(|(name, _)| !PASSING.contains(name)) {
            digest.update(name);
            digest.update([0]);
            digest.update(value);
            digest.update([0]);
        }
        Some(hex(&digest.finalize()).chars().take(48).collect())
    }

    /// What the form macros need, with nothing wrong.
    #[must_use]
    pub fn form(&self) -> Value {
        self.flawed(&[])
    }

    /// What the form macros need: the values, a fresh key, and what is wrong by field.
    #[must_use]
    pub fn flawed(&self, flaws: &[(String, String)]) -> Value {
        let values: BTreeMap<&str, &str> = self
            .0
            .iter()
            .filter(|(name, _)| !PASSING.contains(&name.as_str()))
            .filter_map(|(name, values)| Some((name.as_str(), values.first()?.as_str())))
            .collect();
        let shown = |name: &str| !PASSING.contains(&name);
        let lists: BTreeMap<&str, &Vec<String>> =
            self.0.iter().filter(|(name, _)| shown(name)).map(|(n, v)| (n.as_str(), v)).collect();
        let by_field: BTreeMap<&str, &str> = flaws.iter().map(|(f, t)| (f.as_str(), t.as_str())).collect();
        let list: Vec<Value> =
            flaws.iter().map(|(field, text)| json!({"field": field, "text": text})).collect();
        json!({"once": ids::plain("f"), "values": values, "lists": lists, "flaws": by_field, "list": list, "unsent": []})
    }
}

/// What a form that failed holds of which the page that says so has no field any more.
#[must_use]
pub fn unsent(form: &Value, page: &str) -> Vec<Value> {
    if form["list"].as_array().is_none_or(Vec::is_empty) {
        return Vec::new();
    }
    let typed = form["values"].as_object().into_iter().flatten();
    typed
        .filter(|(_, value)| value.as_str().is_some_and(|value| !value.trim().is_empty()))
        .filter(|(name, _)| !page.contains(&format!("name=\"{name}\"")))
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect()
}

/// Nothing of a form is ever written to a log.
impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What is wrong, by field and in words, where an error is one that the form itself can show.
#[must_use]
pub fn flaws(error: &Error, spoken: Spoken<'_>) -> Option<Vec<(String, String)>> {
    let (lang, words) = spoken;
    match error {
        Error::Invalid(flaws) => Some(flaws.iter().map(|f| (f.field.clone(), f.said(spoken))).collect()),
        Error::Refused(refusal) => {
            let code = refusal.clause.as_str();
            if let Some(field) = &refusal.field {
                // The rules speak of a scope's parts; a page has a field for each, with what the scope is of before it.
                let field = &match field.split_once("scope.") {
                    Some((of, "sectors")) => format!("{of}sector"),
                    Some((of, part)) => format!("{of}{part}"),
                    None => field.clone(),
                };
                return Some(vec![(field.clone(), FieldFlaw::of(refusal, field).said(spoken))]);
            }
            let args = [("limit", refusal.limit.unwrap_or(0).to_string())];
            let say =
                |part: &str| words.word(lang, &format!("clause-{code}{part}"), &args).unwrap_or_default();
            let gap = lang.pick("。", ". ");
            let then = lang.pick("", " ");
            Some(vec![("form".to_owned(), format!("{}{gap}{}{then}{}", say(""), say(".why"), say(".todo")))])
        }
        Error::Conflict => {
            let say =
                |part: &str| words.word(lang, &format!("error-conflict{part}"), &[]).unwrap_or_default();
            Some(vec![("form".to_owned(), format!("{} {}", say(".why"), say(".todo")))])
        }
        _ => None,
    }
}

/// An error whose field is called otherwise on the page: the rules name the fields of their own, and a page has several
/// forms.
pub trait Renamed {
    /// The same error at another field.
    #[must_use]
    fn at_field(self, from: &str, to: &str) -> Self;
}

impl Renamed for Error {
    fn at_field(mut self, from: &str, to: &str) -> Error {
        if let Error::Refused(refusal) = &mut self
            && refusal.field.as_deref() == Some(from)
        {
            refusal.field = Some(to.to_owned());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_form_has_one_key_and_another_content_another() {
        let form = Typed::default().with("_once", "x").with("text", "a");
        assert_eq!(form.key("/ask"), form.clone().key("/ask"));
        assert_ne!(form.key("/ask"), form.clone().with("text", "b").key("/ask"));
        assert_ne!(form.key("/ask"), form.key("/other"));
        assert_eq!(form.key("/ask"), form.clone().with("password", "p").key("/ask"));
        assert_eq!(Typed::default().key("/ask"), None);
    }

    #[test]
    fn a_password_is_not_shown_again() {
        let form = Typed::default().with("password", "secret").with("email", "a@b.example");
        assert!(!form.form()["values"].to_string().contains("secret"));
        assert!(!format!("{form:?}").contains("a@b.example"));
    }
}
