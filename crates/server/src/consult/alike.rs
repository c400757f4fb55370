//! 似た相談: consultations that name the same indicators, for the coordinator alone (R45). A consulter never learns of another.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Uri;
use noroshi_council::{Actor, Layer, ThingId};
use noroshi_matcher::{Indicator, Kind};
use serde_json::Value;

use super::api::KIND;
use crate::{
    app::App,
    store::{Error, LayerView},
};

/// Among so many of the newest consultations likeness is looked for.
const NEWEST: usize = 200;

/// Another consultation that is like one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Alike {
    /// Which.
    #[schema(value_type = String)]
    pub id: ThingId,
    /// The indicators that both name.
    pub shared: BTreeSet<String>,
}

/// For each of the newest consultations that `actor` reads those that are like it, most alike first. Nothing for anybody but
/// the coordinator.
///
/// # Errors
/// Fails as the database does.
pub(crate) async fn alike(app: &App, actor: &Actor) -> Result<BTreeMap<ThingId, Vec<Alike>>, Error> {
    if actor.seat != noroshi_council::Seat::Coordinator {
        return Ok(BTreeMap::new());
    }
    let views = app.store().as_seen_by(actor).newest(KIND, Layer::Consultation, None, NEWEST).await?;
    // Reading many texts takes a while: not on a thread that others wait for.
    let worked = tokio::task::spawn_blocking(move || {
        // A drill is like another one, and like nothing that is real.
        let (drills, real): (Vec<_>, Vec<_>) =
            views.into_iter().partition(|view| view.body["exercise"] == true);
        let within = |views: Vec<LayerView>| {
            among(&views.iter().map(|view| (view.thing.clone(), named(view))).collect())
        };
        let mut found = within(real);
        found.extend(within(drills));
        found
    });
    Ok(worked.await.unwrap_or_default())
}

/// What the consulter itself names in its posts.
fn named(view: &LayerView) -> BTreeSet<String> {
    let posts = view.body["posts"].as_array().into_iter().flatten();
    let own =
        posts.filter(|post| post["voice"] == "consulter").filter_map(|post: &Value| post["text"].as_str());
    own.flat_map(noroshi_matcher::recognise).flat_map(values).collect()
}

/// What of an indicator may be the same elsewhere: of an address within a site its site, too.
fn values(indicator: Indicator) -> impl Iterator<Item = String> {
    let uri = Some(&indicator.value).filter(|_| indicator.kind == Kind::Url);
    let host = uri.and_then(|uri| Some(uri.parse::<Uri>().ok()?.host()?.to_ascii_lowercase()));
    [Some(indicator.value), host].into_iter().flatten()
}

fn among(named: &BTreeMap<ThingId, BTreeSet<String>>) -> BTreeMap<ThingId, Vec<Alike>> {
    let mut by_value: BTreeMap<&str, Vec<&ThingId>> = BTreeMap::new();
    for (id, values) in named {
        for value in values {
            by_value.entry(value).or_default().push(id);
        }
    }
    let mut pairs: BTreeMap<&ThingId, BTreeMap<&ThingId, BTreeSet<String>>> = BTreeMap::new();
    for (value, ids) in by_value {
        for one in &ids {
            for other in ids.iter().filter(|other| *other != one) {
                pairs.entry(one).or_default().entry(other).or_default().insert(value.to_owned());
            }
        }
    }
    let sorted = |others: BTreeMap<&ThingId, BTreeSet<String>>| {
        let mut list: Vec<Alike> =
            others.into_iter().map(|(id, shared)| Alike { id: id.clone(), shared }).collect();
        list.sort_by_key(|alike| std::cmp::Reverse(alike.shared.len()));
        list
    };
    pairs.into_iter().map(|(id, others)| (id.clone(), sorted(others))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_the_same_is_alike_and_the_most_alike_comes_first() {
        let thing = |id: &str, values: &[&str]| {
            (ThingId(id.into()), values.iter().map(|v| (*v).to_owned()).collect::<BTreeSet<_>>())
        };
        let named = BTreeMap::from([
            thing("R-1", &["192.0.2.1", "kill.example"]),
            thing("R-2", &["192.0.2.1"]),
            thing("R-3", &["192.0.2.1", "kill.example"]),
            thing("R-4", &["other.example"]),
            thing("R-5", &[]),
        ]);
        let found = among(&named);
        let of = |id: &str| {
            let list = found.get(&ThingId(id.into())).into_iter().flatten();
            list.map(|a| (a.id.as_str().to_owned(), a.shared.len())).collect::<Vec<_>>()
        };
        assert_eq!(of("R-1"), [("R-3".to_owned(), 2), ("R-2".to_owned(), 1)]);
        assert_eq!(of("R-2").len(), 2);
        assert!(of("R-4").is_empty() && of("R-5").is_empty());
    }
}
