//! 情報提供と分析: what members bring, and how class 1 weighs it.

pub mod api;

use noroshi_council::indicator::Indicator as Listed;
use noroshi_council::{Actor, Layer, Micros, Seat};
use noroshi_matcher::{Finding, Indicator};

use crate::{
    app::App,
    store::{Error, LayerView},
};

/// What a text holds.
pub(crate) struct Found {
    /// Indicators.
    pub indicators: Vec<Indicator>,
    /// What looks like a name that should be masked.
    pub findings: Vec<Finding>,
}

/// How long a text may be that is looked through, bytes.
const TEXT_MAX: usize = 1 << 20;

/// Looks through a text. The dictionary is the names that the actor's organisation goes by.
///
/// # Errors
/// Refuses a text that is too long.
pub(crate) fn recognise(app: &App, actor: &Actor, text: &str) -> Result<Found, crate::web::Error> {
    if text.len() > TEXT_MAX {
        return Err(crate::web::Error::TooLarge(TEXT_MAX as u64));
    }
    let roster = app.store().roster();
    let own = roster.get(&actor.org);
    let dictionary: Vec<String> =
        own.into_iter().flat_map(|o| [o.name.ja.clone(), o.name.en.clone()]).collect();
    Ok(Found {
        indicators: noroshi_matcher::recognise(text),
        findings: noroshi_matcher::findings(text, &dictionary),
    })
}

/// What was recognised, as the list of an item holds it. What is inside somebody's own network is no indicator.
#[must_use]
pub(crate) fn as_indicators(found: &[Indicator]) -> Vec<Listed> {
    found
        .iter()
        .map(|i| Listed {
            id: String::new(),
            kind: i.kind.as_str().to_owned(),
            value: i.value.clone(),
            pattern: noroshi_matcher::to_stix_pattern(i).unwrap_or_default(),
            note: String::new(),
        })
        .collect()
}

/// The STIX pattern that finds a value of this kind; empty where there is none.
#[must_use]
pub(crate) fn pattern(kind: &str, value: &str) -> String {
    let found = noroshi_matcher::recognise(value);
    let same = found.iter().find(|i| i.kind.as_str() == kind && i.value == value);
    same.and_then(noroshi_matcher::to_stix_pattern).unwrap_or_default()
}

/// A text with the names in it replaced by stable pseudonyms.
///
/// # Errors
/// Refuses a text that is too long.
pub(crate) fn masked(app: &App, actor: &Actor, text: &str) -> Result<String, crate::web::Error> {
    let found = recognise(app, actor, text)?;
    Ok(noroshi_matcher::mask_default(text, &found.findings))
}

/// The indicators that a STIX 2.1 bundle, list or object holds, and what it says in words. Nothing where the text is no
/// STIX.
#[must_use]
pub(crate) fn from_stix(text: &str) -> Option<(Vec<Listed>, String)> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let objects = match &value {
        serde_json::Value::Array(list) => list.clone(),
        one if one["type"] == "bundle" => one["objects"].as_array().cloned().unwrap_or_default(),
        one if one["id"].is_string() => vec![one.clone()],
        _ => return None,
    };
    let (mut listed, mut said): (Vec<Listed>, Vec<String>) = (Vec::new(), Vec::new());
    let mut add = |found: Listed| {
        if !listed.iter().any(|known| known.kind == found.kind && known.value == found.value) {
            listed.push(found);
        }
    };
    for object in &objects {
        let text = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
        match object["type"].as_str()? {
            "indicator" => {
                let pattern = text("pattern");
                // What a pattern compares with stands in quotes; the pattern itself is kept to the letter.
                for literal in pattern.split('\'').skip(1).step_by(2).filter(|l| l.len() > 3) {
                    if let Some(found) =
                        as_indicators(&noroshi_matcher::recognise(literal)).into_iter().next()
                    {
                        add(Listed {
                            pattern: pattern.clone(),
                            note: text("name").chars().take(200).collect(),
                            ..found
                        });
                    }
                }
            }
            "ipv4-addr" | "ipv6-addr" | "domain-name" | "url" | "email-addr" => {
                as_indicators(&noroshi_matcher::recognise(&text("value")))
                    .into_iter()
                    .take(1)
                    .for_each(&mut add);
            }
            "file" => {
                for hash in object["hashes"]
                    .as_object()
                    .into_iter()
                    .flat_map(|h| h.values())
                    .filter_map(|v| v.as_str())
                {
                    as_indicators(&noroshi_matcher::recognise(hash)).into_iter().take(1).for_each(&mut add);
                }
            }
            "report" | "malware" | "campaign" | "intrusion-set" | "note" | "attack-pattern"
            | "course-of-action" => {
                for name in ["name", "abstract", "description", "content"] {
                    let line = text(name);
                    if !line.is_empty() && said.len() < 40 {
                        said.push(line);
                    }
                }
            }
            _ => {}
        }
    }
    Some((listed, said.join("\n")))
}

/// Whether somebody may know the names of readers: who sits in class 1 is known to the class 1 group only.
#[must_use]
pub(crate) fn knows_readers(actor: &Actor) -> bool {
    actor.seat.in_class1_group()
}

/// The items that somebody may see, newest first: class 1 by their masked technique, providers and the coordinator by
/// what was submitted.
pub(crate) async fn newest(
    app: &App,
    actor: &Actor,
    before: Option<Micros>,
    limit: usize,
) -> Result<Vec<LayerView>, Error> {
    let reader = app.store().as_seen_by(actor);
    let mut views = reader.newest("item", Layer::TechniqueFull, before, limit).await?;
    if actor.seat != Seat::Operator {
        views.extend(reader.newest("item", Layer::DamageDetail, before, limit).await?);
    }
    views.retain(|v| v.layer == Layer::TechniqueFull || v.key == "raw");
    views.sort_by_key(|v| std::cmp::Reverse((v.changed_at, v.layer == Layer::TechniqueFull)));
    let mut seen = std::collections::BTreeSet::new();
    views.retain(|v| seen.insert(v.thing.clone()));
    views.truncate(limit);
    Ok(views)
}
