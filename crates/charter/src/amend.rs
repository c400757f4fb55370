//! What an amendment changes of a charter, and what a charter becomes by it (R53, R55).
//!
//! An amendment is its changes and not a whole new text, so that one that was proposed while another was still open can be
//! taken in after it. Where both change the same place, neither wins silently: that is a conflict.

use std::collections::BTreeMap;

use noroshi_council::Text;
use serde::{Deserialize, Serialize};
use toml_edit::{DocumentMut, Item, value};

use crate::{Flaw, Pledge, Source, Wording, called};

/// The changes that an amendment makes. What is not named stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// New values of numbers, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub numbers: BTreeMap<String, i64>,
    /// New texts of articles, by their numbers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub articles: BTreeMap<String, Text>,
    /// What is called otherwise, or newly, by its place: see [`Parameters::called`](crate::Parameters::called).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub called: BTreeMap<String, Text>,
    /// The pledge. Another version of it asks everybody to sign again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pledge: Option<Pledge>,
    /// The policies, whole, where they change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<String>,
}

/// A place that an amendment cannot change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "place", content = "name", rename_all = "snake_case")]
pub enum Conflict {
    /// There is no such number, or it has been changed since.
    Number(String),
    /// There is no such article, or it has been changed since.
    Article(String),
    /// Nothing is called so that could be called otherwise, or it has been since.
    Called(String),
    /// The pledge has been changed since.
    Pledge,
    /// The policies have been changed since.
    Policies,
}

impl Amendment {
    /// What turns `before` into `after`, of what an amendment can change.
    ///
    /// # Errors
    /// Tells which of their texts cannot be read.
    pub fn between(before: &Source, after: &Source) -> Result<Amendment, Flaw> {
        let wording = Wording::of(after)?;
        let whole = Amendment {
            numbers: wording.parameters.numbers.iter().map(|(name, n)| (name.clone(), n.value)).collect(),
            articles: wording.articles.iter().map(|a| (a.number.clone(), a.text.clone())).collect(),
            called: wording.parameters.called_by_place(),
            pledge: Some(wording.parameters.pledge),
            policies: Some(after.policies.clone()),
        };
        Ok(whole.beside(&Wording::of(before)?, before))
    }

    /// The parameters of a charter as they stand.
    ///
    /// # Errors
    /// Tells where its texts cannot be read.
    pub fn standing(source: &Source) -> Result<Amendment, Flaw> {
        let parameters = Wording::of(source)?.parameters;
        let called = parameters.called_by_place();
        let numbers = parameters.numbers.into_iter().map(|(name, n)| (name, n.value)).collect();
        Ok(Amendment { numbers, called, pledge: Some(parameters.pledge), ..Amendment::default() })
    }

    /// This amendment, and then another.
    #[must_use]
    pub fn then(mut self, later: Amendment) -> Amendment {
        self.numbers.extend(later.numbers);
        self.articles.extend(later.articles);
        self.called.extend(later.called);
        self.pledge = later.pledge.or(self.pledge);
        self.policies = later.policies.or(self.policies);
        self
    }

    /// The same without the places that `edition` does not have.
    ///
    /// # Errors
    /// Tells which of its texts cannot be read.
    pub fn within(mut self, edition: &Source) -> Result<Amendment, Flaw> {
        let wording = Wording::of(edition)?;
        self.numbers.retain(|name, _| wording.parameters.numbers.contains_key(name));
        self.articles.retain(|number, _| wording.article(number).is_some());
        let known = wording.parameters.called_by_place();
        self.called.retain(|place, _| known.contains_key(place) || called::may_be_new(place));
        Ok(self)
    }

    /// Whether it changes nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Amendment::default()
    }

    /// The same without what is said already.
    #[must_use]
    pub fn beside(mut self, wording: &Wording, source: &Source) -> Amendment {
        let numbers = &wording.parameters.numbers;
        self.numbers.retain(|name, new| numbers.get(name).is_none_or(|n| n.value != *new));
        self.articles.retain(|number, new| text_of(wording, number) != Some(new));
        let known = wording.parameters.called_by_place();
        self.called.retain(|place, new| known.get(place) != Some(new));
        let is = &wording.parameters.pledge;
        self.pledge = self.pledge.filter(|new| (&new.ja, &new.en) != (&is.ja, &is.en));
        self.policies = self.policies.filter(|policies| *policies != source.policies);
        self
    }

    /// The texts that `base` becomes, as version `version`.
    ///
    /// # Errors
    /// Names the places that are not there.
    pub fn apply(&self, base: &Source, version: u32) -> Result<Source, Vec<Conflict>> {
        let mut conflicts = Vec::new();
        let mut source = Source { version, ..base.clone() };
        if !self.numbers.is_empty() || !self.called.is_empty() || self.pledge.is_some() {
            let mut document: DocumentMut = base.parameters.parse().unwrap_or_default();
            for (place, text) in &self.called {
                if !called::put(&mut document, place, text) {
                    conflicts.push(Conflict::Called(place.clone()));
                }
            }
            if let Some(Pledge { version, ja, en }) = &self.pledge {
                for (name, text) in [("version", version), ("ja", ja), ("en", en)] {
                    match document.get_mut("pledge").and_then(|pledge| pledge.get_mut(name)) {
                        Some(place) => replace(place, value(text)),
                        None => conflicts.push(Conflict::Pledge),
                    }
                }
            }
            for (name, new) in &self.numbers {
                // To ask for one that is not there would make it.
                let there = document.get("numbers").and_then(|n| n.get(name)?.get("value")).is_some();
                let number = document.get_mut("numbers").filter(|_| there);
                match number.and_then(|numbers| numbers.get_mut(name)?.get_mut("value")) {
                    Some(place) => replace(place, value(*new)),
                    None => conflicts.push(Conflict::Number(name.clone())),
                }
            }
            source.parameters = document.to_string();
        }
        if !self.articles.is_empty() {
            let mut document: DocumentMut = base.articles.parse().unwrap_or_default();
            for (number, new) in &self.articles {
                let articles = document.get_mut("article").and_then(Item::as_array_of_tables_mut);
                let article = articles.and_then(|articles| {
                    articles.iter_mut().find(|a| a.get("number").and_then(Item::as_str) == Some(number))
                });
                let mut both = article.and_then(|article| article.get_mut("text"));
                let mut put = |lang: &str, text: &str| {
                    let place = both.as_mut().and_then(|both| both.get_mut(lang));
                    place.map(|place| replace(place, value(text))).is_some()
                };
                if !put("ja", &new.ja) || !put("en", &new.en) {
                    conflicts.push(Conflict::Article(number.clone()));
                }
            }
            source.articles = document.to_string();
        }
        if let Some(policies) = &self.policies {
            source.policies.clone_from(policies);
        }
        if conflicts.is_empty() { Ok(source) } else { Err(conflicts) }
    }

    /// The same amendment upon `now`, which `base`, that it was written for, has since become. Nothing that has been changed
    /// meanwhile is changed back.
    ///
    /// # Errors
    /// Names the places that are no longer as they were.
    pub fn rebase(
        &self,
        base: (&Source, &Wording),
        now: (&Source, &Wording),
        version: u32,
    ) -> Result<Source, Vec<Conflict>> {
        let mut conflicts = Vec::new();
        for name in self.numbers.keys() {
            let of = |wording: &Wording| wording.parameters.numbers.get(name).map(|n| n.value);
            if of(base.1) != of(now.1) {
                conflicts.push(Conflict::Number(name.clone()));
            }
        }
        for number in self.articles.keys() {
            if text_of(base.1, number) != text_of(now.1, number) {
                conflicts.push(Conflict::Article(number.clone()));
            }
        }
        let (was, is) = (base.1.parameters.called_by_place(), now.1.parameters.called_by_place());
        let changed = self.called.keys().filter(|place| was.get(*place) != is.get(*place));
        conflicts.extend(changed.cloned().map(Conflict::Called));
        if self.pledge.is_some() && base.1.parameters.pledge != now.1.parameters.pledge {
            conflicts.push(Conflict::Pledge);
        }
        if self.policies.is_some() && base.0.policies != now.0.policies {
            conflicts.push(Conflict::Policies);
        }
        if conflicts.is_empty() { self.apply(now.0, version) } else { Err(conflicts) }
    }
}

fn text_of<'a>(wording: &'a Wording, number: &str) -> Option<&'a Text> {
    wording.article(number).map(|a| &a.text)
}

/// Keeps the spaces and remarks around what it replaces.
pub(crate) fn replace(place: &mut Item, mut new: Item) {
    if let (Some(old), Some(new)) = (place.as_value(), new.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    *place = new;
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::Charter;

    fn shipped() -> (Source, Charter) {
        let source = Source::embedded("jp-2019-council").unwrap();
        let charter = Charter::compile(&source).unwrap();
        (source, charter)
    }

    fn number(name: &str, value: i64) -> Amendment {
        Amendment { numbers: [(name.to_owned(), value)].into(), ..Amendment::default() }
    }

    #[test]
    fn what_is_not_named_stays_to_the_letter() {
        let (base, charter) = shipped();
        let text = Text::new("新しい文", "A new \"text\"\nof two lines");
        let amendment = Amendment {
            numbers: [("k".to_owned(), 5)].into(),
            articles: [("9".to_owned(), text.clone())].into(),
            ..Amendment::default()
        };
        let after = amendment.apply(&base, 2).unwrap();
        let new = Charter::compile(&after).unwrap();
        assert_eq!(new.parameters().number("k"), 5);
        assert_eq!(new.version(), 2);
        assert_ne!(new.hash(), charter.hash());
        assert_eq!(text_of(new.wording(), "9"), Some(&text));
        assert_eq!(after.policies, base.policies);
        let changed = |a: &str, b: &str| a.lines().zip(b.lines()).filter(|(a, b)| a != b).count();
        assert_eq!(changed(&base.parameters, &after.parameters), 1);
        let others =
            |c: &Charter| c.articles().iter().filter(|a| a.number != "9").cloned().collect::<Vec<_>>();
        assert_eq!(others(&new), others(&charter));
        assert_eq!(amendment.clone().beside(new.wording(), &after), Amendment::default());
        assert!(amendment.clone().beside(new.wording(), &after).is_empty());
        assert!(!amendment.beside(charter.wording(), &base).is_empty());
    }

    #[test]
    fn what_is_called_otherwise_is_so_and_nothing_else_is() {
        let (base, charter) = shipped();
        let (board, new) = (Text::new("理事会", "Board"), Text::new("宇宙", "Space"));
        let called = [
            ("names.steering", &board),
            ("words.class1-short", &Text::new("一類", "first class")),
            ("sector.finance", &Text::new("金融業", "Financial services")),
            ("sector.space", &new),
            ("just_cause.orders", &Text::new("裁判所の命令", "An order of a court")),
        ];
        let called: BTreeMap<_, _> = called.map(|(place, text)| (place.to_owned(), text.clone())).into();
        let pledge = Pledge { version: "2".into(), ja: "守ります".into(), en: "I shall".into() };
        let amendment =
            Amendment { called: called.clone(), pledge: Some(pledge.clone()), ..Amendment::default() };
        let after = amendment.apply(&base, 2).unwrap();
        let amended = Charter::compile(&after).unwrap();
        let (was, is) = (charter.parameters(), amended.parameters());
        assert_eq!((&is.names.steering, &is.pledge), (&board, &pledge));
        assert_eq!(
            (is.sectors.len(), is.just_causes.len()),
            (was.sectors.len() + 1, was.just_causes.len() + 1)
        );
        let changed: BTreeMap<_, _> =
            is.called().into_iter().filter(|one| !was.called().contains(one)).collect();
        assert_eq!(changed, called);
        assert_eq!((&is.numbers, &is.classes), (&was.numbers, &was.classes));
        assert_eq!(Amendment::between(&base, &after), Ok(amendment.clone()));
        // Taken up by an edition that has none of it, all of it stays; and what has changed since is not changed back.
        let stays = Amendment::standing(&after).unwrap().within(&base).unwrap().apply(&base, 3).unwrap();
        assert_eq!(Charter::compile(&stays).unwrap().parameters(), is);
        let (old, now) = ((&base, charter.wording()), (&after, amended.wording()));
        let conflicts = amendment.rebase(old, now, 3).err().unwrap();
        assert_eq!(conflicts.len(), called.len() + 1);
        let beside = Amendment {
            called: [("names.council".to_owned(), Text::new("連合", "League"))].into(),
            ..Amendment::default()
        };
        let both = Charter::compile(&beside.rebase(old, now, 3).unwrap()).unwrap();
        assert_eq!(
            (&*both.parameters().names.council.en, &both.parameters().names.steering),
            ("League", &board)
        );
    }

    #[test]
    fn names_that_are_none_make_no_charter() {
        let (base, _) = shipped();
        let so = |place: &str, text: Text| Amendment {
            called: [(place.to_owned(), text)].into(),
            ..Amendment::default()
        };
        for (place, text) in [
            ("names.council", Text::new("", "Council")),
            ("names.council", Text::new("協議会", "Coun\ncil")),
            ("names.council", Text::new("協議\u{202e}会", "Council")),
            ("words.class1", Text::new("一\u{200b}類", "class 1")),
            ("words.class1", Text::new("一類{", "class 1")),
            ("sector.Space", Text::new("宇宙", "Space")),
            ("just_cause.x", Text::new("宇宙", " ")),
        ] {
            let after = so(place, text).apply(&base, 2).unwrap();
            assert!(Charter::compile(&after).is_err(), "{place}");
        }
        for place in ["names.nobody", "words.nothing", "sector.", "zone", "pledge.ja", "numbers.k", ""] {
            assert_eq!(
                so(place, Text::same("x")).apply(&base, 2),
                Err(vec![Conflict::Called(place.into())]),
                "{place}"
            );
        }
    }

    #[test]
    fn a_place_that_is_not_there_is_named() {
        let (base, _) = shipped();
        let article =
            Amendment { articles: [("99".to_owned(), Text::same("x"))].into(), ..Amendment::default() };
        assert_eq!(article.apply(&base, 2), Err(vec![Conflict::Article("99".into())]));
        assert_eq!(number("nothing", 1).apply(&base, 2), Err(vec![Conflict::Number("nothing".into())]));
    }

    #[test]
    fn a_number_out_of_its_bounds_makes_no_charter() {
        let (base, _) = shipped();
        let source = number("k", 1).apply(&base, 2).unwrap();
        let flaws = Charter::compile(&source).err().unwrap();
        assert!(flaws.iter().any(|f| f.part == "parameters" && f.line.is_some()), "{flaws:?}");
    }

    #[test]
    fn the_second_of_two_is_taken_in_beside_the_first_but_never_over_it() {
        let (base, charter) = shipped();
        let first = number("k", 4).apply(&base, 2).unwrap();
        let compiled = Charter::compile(&first).unwrap();
        let (old, now) = ((&base, charter.wording()), (&first, compiled.wording()));
        let beside = number("debt_hours", 48).rebase(old, now, 3).unwrap();
        let both = Charter::compile(&beside).unwrap();
        assert_eq!((both.parameters().number("k"), both.parameters().number("debt_hours")), (4, 48));
        assert_eq!(number("k", 5).rebase(old, now, 3), Err(vec![Conflict::Number("k".into())]));
        let policies = Amendment { policies: Some(base.policies.clone() + "\n"), ..Amendment::default() };
        assert!(policies.rebase(old, now, 3).is_ok());
        let changed = policies.apply(&base, 2).unwrap();
        let compiled = Charter::compile(&changed).unwrap();
        let again = Amendment { policies: Some(base.policies.clone() + "\n\n"), ..Amendment::default() };
        assert_eq!(again.rebase(old, (&changed, compiled.wording()), 3), Err(vec![Conflict::Policies]));
    }
}
