//! 情報提供と分析: what members bring, and how class 1 weighs it.

pub mod api;
mod bodies;
pub(crate) mod gist;
pub(crate) mod names;

use noroshi_council::indicator::Indicator as Listed;
use noroshi_council::{Actor, Layer, Micros, OrgId, Seat, ThingId};
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
pub(crate) const TEXT_MAX: usize = 1 << 20;

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

/// Whether somebody may know the names of readers: who sits in class 1 is known to the class 1 group only.
#[must_use]
pub(crate) fn knows_readers(actor: &Actor) -> bool {
    actor.seat.in_class1_group()
}

/// Whose an item is, for whoever reads that.
///
/// # Errors
/// Fails as the database does.
pub(crate) async fn provider(app: &App, actor: &Actor, id: &ThingId) -> Result<Option<OrgId>, Error> {
    let view = app.store().as_seen_by(actor).thing("item", id).await?;
    let identity = view.as_ref().and_then(|view| view.layer(Layer::Identity));
    Ok(identity.and_then(|v| v.body["provider"].as_str()).map(OrgId::from))
}

/// The items that somebody may see, newest first: class 1 by their masked technique, providers and the coordinator by
/// what was submitted. And before which moment the rest lies, if there is one.
pub(crate) async fn newest(
    app: &App,
    actor: &Actor,
    before: Option<Micros>,
    limit: usize,
) -> Result<(Vec<LayerView>, Option<Micros>), Error> {
    let reader = app.store().as_seen_by(actor);
    let mut layers = vec![reader.newest("item", Layer::TechniqueFull, before, limit).await?];
    if actor.seat != Seat::Operator {
        layers.push(reader.newest("item", Layer::DamageDetail, before, limit).await?);
    }
    // Of a layer that has more, nothing is known beyond its last; so the page ends where the first of them does.
    let full = layers.iter().filter(|views| views.len() == limit);
    let mut end = full.filter_map(|views| views.last()).map(|v| v.changed_at).max();
    let mut views: Vec<LayerView> = layers.into_iter().flatten().collect();
    // Whoever reads what was submitted reads the technique of what is shared, too; that stands for it.
    let shared = |v: &LayerView| matches!(v.body["state"].as_str(), Some("shared_class1" | "closed"));
    views.retain(|v| v.layer == Layer::TechniqueFull || (v.key == "raw" && !shared(v)));
    views.retain(|v| end.is_none_or(|end| v.changed_at >= end));
    views.sort_by_key(|v| std::cmp::Reverse((v.changed_at, v.layer == Layer::TechniqueFull)));
    let mut seen = std::collections::BTreeSet::new();
    views.retain(|v| seen.insert(v.thing.clone()));
    if views.len() > limit {
        views.truncate(limit);
        end = views.last().map(|v| v.changed_at);
    }
    Ok((views, end))
}
