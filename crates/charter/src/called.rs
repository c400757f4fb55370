//! What a charter calls things: names of bodies and classes, words within sentences, sectors and just causes. Each has a place,
//! `names.steering`, `words.class1-short`, `sector.finance` or `just_cause.investigation`, at which an amendment changes it.

use std::collections::BTreeMap;

use noroshi_council::Text;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use crate::{Parameters, amend::replace};

/// The lists that an amendment may add to.
const LISTS: [&str; 2] = ["sector", "just_cause"];

impl Parameters {
    /// Every place with what is called so there, in the order in which people read them.
    #[must_use]
    pub fn called(&self) -> Vec<(String, Text)> {
        let own = &self.names;
        let names = [
            ("council", Some(&own.council)),
            ("steering", Some(&own.steering)),
            ("secretariat", Some(&own.secretariat)),
            ("coordinator", Some(&own.coordinator)),
            ("operator", Some(&own.operator)),
            ("class1", Some(&own.class1)),
            ("class1_group", Some(&own.class1_group)),
            ("class2", own.class2.as_ref()),
            ("general", Some(&own.general)),
        ];
        let names =
            names.into_iter().filter_map(|(name, text)| Some((format!("names.{name}"), text?.clone())));
        let words = self.words.iter().map(|(name, text)| (format!("words.{name}"), text.clone()));
        let lists = [("sector", &self.sectors), ("just_cause", &self.just_causes)];
        let lists = lists.into_iter().flat_map(|(list, all)| {
            all.iter().map(move |one| (format!("{list}.{}", one.id), Text::new(&one.ja, &one.en)))
        });
        names.chain(words).chain(lists).collect()
    }

    /// The same by its place.
    #[must_use]
    pub fn called_by_place(&self) -> BTreeMap<String, Text> {
        self.called().into_iter().collect()
    }
}

/// Whether something new may be called so at this place: a sector or a just cause of a new id.
pub(crate) fn may_be_new(place: &str) -> bool {
    place.split_once('.').is_some_and(|(kind, id)| LISTS.contains(&kind) && !id.is_empty())
}

/// Calls what stands at `place` by another name, or adds it to its list. Says whether there is such a place.
pub(crate) fn put(document: &mut DocumentMut, place: &str, text: &Text) -> bool {
    let Some((kind, name)) = place.split_once('.') else { return false };
    if LISTS.contains(&kind) {
        if name.is_empty() {
            return false;
        }
        let list = document.entry(kind).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        let Some(list) = list.as_array_of_tables_mut() else { return false };
        let known = list.iter().position(|one| one.get("id").and_then(Item::as_str) == Some(name));
        let Some(one) = known.and_then(|index| list.get_mut(index)) else {
            let mut one = Table::new();
            for (key, text) in [("id", name), ("ja", &text.ja), ("en", &text.en)] {
                one.insert(key, value(text));
            }
            list.push(one);
            return true;
        };
        return written(one.get_mut("ja"), &text.ja) && written(one.get_mut("en"), &text.en);
    }
    // To ask for one that is not there would make it.
    let there = document.get(kind).and_then(|names| names.get(name)).is_some();
    let Some(one) = document.get_mut(kind).filter(|_| there && matches!(kind, "names" | "words")) else {
        return false;
    };
    let Some(one) = one.get_mut(name) else { return false };
    written(one.get_mut("ja"), &text.ja) && written(one.get_mut("en"), &text.en)
}

/// Writes one of both languages.
fn written(place: Option<&mut Item>, text: &str) -> bool {
    place.map(|place| replace(place, value(text))).is_some()
}
