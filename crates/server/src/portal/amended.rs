//! What an amendment changes, side by side, as people read it.

use std::collections::BTreeSet;

use noroshi_charter::{Amendment, Parameters, Source, Wording};
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};

/// A part of a text: kept, or only in the one or in the other.
fn parts(tag: ChangeTag, text: &str) -> Value {
    let kind = match tag {
        ChangeTag::Equal => "same",
        ChangeTag::Delete => "del",
        ChangeTag::Insert => "ins",
    };
    json!([kind, text])
}

/// Joins neighbours of one kind.
fn joined(changes: impl Iterator<Item = (ChangeTag, String)>) -> Vec<Value> {
    let mut all: Vec<(ChangeTag, String)> = Vec::new();
    for (tag, text) in changes {
        match all.last_mut() {
            Some((last, before)) if *last == tag => before.push_str(&text),
            _ => all.push((tag, text)),
        }
    }
    all.iter().map(|(tag, text)| parts(*tag, text)).collect()
}

/// How many signs have to be alike between two changes to be shown as kept.
const LEAST_ALIKE: usize = 3;

/// A text before and after, each with what is only in it marked.
fn side_by_side(before: &str, after: &str) -> (Vec<Value>, Vec<Value>) {
    let diff = TextDiff::from_unicode_words(before, after);
    let changes: Vec<(ChangeTag, &str)> = diff.iter_all_changes().map(|c| (c.tag(), c.value())).collect();
    let runs: Vec<(ChangeTag, String)> = changes
        .chunk_by(|one, next| one.0 == next.0)
        .filter_map(|run| Some((run.first()?.0, run.iter().map(|(_, text)| *text).collect())))
        .collect();
    // What is alike is shown as kept where it can be read on its own: a sign or two between changes are only in the way.
    let kept = |n: usize, text: &str| n == 0 || n + 1 == runs.len() || text.chars().count() >= LEAST_ALIKE;
    let of = |side: ChangeTag| {
        joined(runs.iter().enumerate().filter_map(|(n, (tag, text))| match tag {
            ChangeTag::Equal if kept(n, text) => Some((ChangeTag::Equal, text.clone())),
            tag if *tag == side || *tag == ChangeTag::Equal => Some((side, text.clone())),
            _ => None,
        }))
    };
    (of(ChangeTag::Delete), of(ChangeTag::Insert))
}

/// The sentences of a text that are only in the one, and only in the other.
fn sentences(before: &str, after: &str) -> Value {
    let (old, new) = (split(before), split(after));
    let diff = TextDiff::from_slices(&old, &new);
    let only = |side: ChangeTag| {
        let of_side = diff.iter_all_changes().filter(|change| change.tag() == side);
        of_side.map(|change| change.value().to_owned()).collect::<Vec<String>>()
    };
    json!({"old": only(ChangeTag::Delete), "new": only(ChangeTag::Insert)})
}

/// A text in sentences.
fn split(text: &str) -> Vec<&str> {
    let parts = text.split_inclusive('。').flat_map(|part| part.split_inclusive(". "));
    parts.map(str::trim).filter(|sentence| !sentence.is_empty()).collect()
}

/// Lines around every change, groups of them apart.
fn lines(before: &str, after: &str) -> Vec<Value> {
    let diff = TextDiff::from_lines(before, after);
    let mut shown = Vec::new();
    for (no, group) in diff.grouped_ops(3).iter().enumerate() {
        if no > 0 {
            shown.push(json!(["same", "…\n"]));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Equal => "  ",
                ChangeTag::Delete => "- ",
                ChangeTag::Insert => "+ ",
            };
            shown.push(parts(change.tag(), &format!("{sign}{change}")));
        }
    }
    shown
}

/// Everything in which two charters differ.
pub(super) fn between(old: (&Source, &Wording), new: (&Source, &Wording)) -> Value {
    let (before, after) = (&old.1.parameters.numbers, &new.1.parameters.numbers);
    let mut numbers: Vec<Value> = after
        .iter()
        .filter(|(name, n)| before.get(*name).map(|b| b.value) != Some(n.value))
        .map(|(name, n)| {
            json!({"name": name, "label": {"ja": n.ja, "en": n.en}, "unit": n.unit, "switch": n.is_switch(), "after": n.value,
                "before": before.get(name).map(|b| b.value)})
        })
        .collect();
    numbers.extend(before.iter().filter(|(name, _)| !after.contains_key(*name)).map(|(name, n)| {
        json!({"name": name, "label": {"ja": n.ja, "en": n.en}, "unit": n.unit, "switch": n.is_switch(), "before": n.value, "after": null})
    }));
    let changed = after.iter().filter(|(name, n)| before.get(*name).is_some_and(|b| b.value != n.value));
    let of_numbers: BTreeSet<&str> = changed.filter_map(|(_, n)| n.article.as_deref()).collect();
    let mut articles = Vec::new();
    for article in &new.1.articles {
        let known = old.1.article(&article.number);
        let text = known.map(|a| a.text.clone()).unwrap_or_default();
        if text == article.text && known.is_some() {
            continue;
        }
        let (ja, en) = (side_by_side(&text.ja, &article.text.ja), side_by_side(&text.en, &article.text.en));
        // A text may speak of a number in words; what the software goes by is the number.
        let numbers: Vec<Value> = after
            .values()
            .filter(|n| n.article.as_ref() == Some(&article.number))
            .map(|n| json!({"label": {"ja": n.ja, "en": n.en}, "unit": n.unit, "switch": n.is_switch(), "value": n.value}))
            .collect();
        articles.push(json!({
            "number": article.number, "title": {"ja": article.title.ja, "en": article.title.en}, "numbers": numbers,
            "sentences": {"ja": sentences(&text.ja, &article.text.ja), "en": sentences(&text.en, &article.text.en)},
            "old": {"ja": ja.0, "en": en.0}, "new": {"ja": ja.1, "en": en.1}, "added": known.is_none(),
            "only": if text.en == article.text.en { "ja" } else if text.ja == article.text.ja { "en" } else { "" },
        }));
    }
    for article in old.1.articles.iter().filter(|a| new.1.article(&a.number).is_none()) {
        let (ja, en) = (side_by_side(&article.text.ja, ""), side_by_side(&article.text.en, ""));
        articles.push(json!({
            "number": article.number, "title": {"ja": article.title.ja, "en": article.title.en},
            "old": {"ja": ja.0, "en": en.0}, "new": {"ja": ja.1, "en": en.1}, "removed": true, "only": "", "numbers": [],
            "sentences": {"ja": sentences(&article.text.ja, ""), "en": sentences(&article.text.en, "")},
        }));
    }
    let changes = |number: &str| articles.iter().any(|article| article["number"] == number);
    // What articles say and what rules do are two things, and a vote changes either without the other.
    let mut apart: Vec<String> = noroshi_charter::articles_of_changed_rules(&old.0.policies, &new.0.policies);
    apart.retain(|number| !changes(number));
    // Beside a new number or rule stands what its article says, so that its reader sees whether that is still true.
    let beside: Vec<Value> = new
        .1
        .articles
        .iter()
        .filter(|a| of_numbers.contains(a.number.as_str()) || apart.contains(&a.number))
        .filter(|a| !changes(&a.number))
        .map(|a| {
            json!({"number": a.number, "title": {"ja": a.title.ja, "en": a.title.en}, "text": {"ja": a.text.ja, "en": a.text.en}})
        })
        .collect();
    let (was, is) = (old.1.parameters.called_by_place(), new.1.parameters.called_by_place());
    let mut places: Vec<String> = [&new.1.parameters, &old.1.parameters]
        .iter()
        .flat_map(|p| p.called())
        .map(|(place, _)| place)
        .collect();
    let mut told = BTreeSet::new();
    places.retain(|place| was.get(place) != is.get(place) && told.insert(place.clone()));
    let called = |place: &String| {
        let kind = place.split_once('.').map_or("", |(kind, _)| kind);
        json!({"kind": kind, "before": was.get(place), "after": is.get(place)})
    };
    let called: Vec<Value> = places.iter().map(called).collect();
    let (was, is) = (&old.1.parameters.pledge, &new.1.parameters.pledge);
    let pledge = ((&was.ja, &was.en) != (&is.ja, &is.en)).then(|| {
        let (ja, en) = (side_by_side(&was.ja, &is.ja), side_by_side(&was.en, &is.en));
        json!({"old": {"ja": ja.0, "en": en.0}, "new": {"ja": ja.1, "en": en.1}})
    });
    let schema = lines(&old.0.schema, &new.0.schema);
    json!({
        "numbers": numbers, "articles": articles, "beside": beside, "called": called, "pledge": pledge, "policies": lines(&old.0.policies, &new.0.policies), "schema": schema, "apart": apart,
        "old": {"version": old.0.version, "hash": old.0.hash()}, "new": {"version": new.0.version, "hash": new.0.hash()},
    })
}

/// What an amendment makes of the charter that it was written for.
pub(super) struct Amended {
    /// Everything in which the two differ, as a page shows it.
    pub(super) differences: Value,
    /// The numbers and names before.
    pub(super) before: Parameters,
    /// And after.
    pub(super) after: Parameters,
}

/// The same; nothing where that charter cannot be read any more.
pub(super) fn by(amendment: &Amendment, base: &Source) -> Option<Amended> {
    let new = amendment.apply(base, base.version + 1).ok()?;
    let (before, after) = (Wording::of(base).ok()?, Wording::of(&new).ok()?);
    let differences = between((base, &before), (&new, &after));
    Some(Amended { differences, before: before.parameters, after: after.parameters })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_marked_on_its_side_and_nothing_else() {
        let (old, new) = side_by_side("確度が40以上の対策情報", "確度が30以上の対策情報");
        assert_eq!(json!(old), json!([["same", "確度が"], ["del", "40"], ["same", "以上の対策情報"]]));
        assert_eq!(json!(new), json!([["same", "確度が"], ["ins", "30"], ["same", "以上の対策情報"]]));
    }

    #[test]
    fn the_sentences_that_change_are_told_whole() {
        let told = sentences("求める。応じるか、応じない。報告する。", "求める。応じる。報告する。");
        assert_eq!(told, json!({"old": ["応じるか、応じない。"], "new": ["応じる。"]}));
        let told = sentences("It asks. It may say no. It ends", "It asks. It ends");
        assert_eq!(told, json!({"old": ["It may say no."], "new": []}));
    }

    #[test]
    fn a_change_is_not_cut_by_a_sign_that_is_alike() {
        let (old, new) = side_by_side("応じるか、応じない。", "応じなければならない。");
        assert_eq!(json!(old), json!([["same", "応じ"], ["del", "るか、応じな"], ["same", "い。"]]));
        assert_eq!(json!(new), json!([["same", "応じ"], ["ins", "なければならな"], ["same", "い。"]]));
    }

    #[test]
    fn lines_far_from_a_change_are_left_out() {
        let before: String = (0..50).map(|n| format!("line {n}\n")).collect();
        let after = before.replace("line 25\n", "line xxv\n");
        let shown = lines(&before, &after);
        assert_eq!(shown.len(), 8);
        assert_eq!(shown[3], json!(["del", "- line 25\n"]));
        assert!(lines(&before, &before).is_empty());
    }
}
