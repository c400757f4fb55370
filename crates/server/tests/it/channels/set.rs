//! The set itself: who reads what of a thing, worked out from the thing's own state by the rules alone, and in words.

use std::collections::{BTreeMap, BTreeSet};

use noroshi::args;
use noroshi_council::{
    Gate, Layer, OrgId, Role, Sight, Thing, View,
    assembly::Motion,
    consult::Consultation,
    contribution::Review,
    demand::{Demand, answer::Given},
    gate::Principal,
    item::Item,
    measure::Measure,
};
use serde_json::Value;

use crate::house::House;

/// A thing that is looked at, as a test calls it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub name: &'static str,
    pub kind: &'static str,
    pub id: String,
}

impl Seen {
    pub fn new(name: &'static str, kind: &'static str, id: &str) -> Seen {
        Seen { name, kind, id: id.to_owned() }
    }
}

/// Where things of a kind are found.
pub struct Kind {
    pub kind: &'static str,
    /// Its list in the interface, where each stands under it by its id.
    pub list: &'static str,
    /// The pages under which each has one of its own.
    pub rooms: &'static [&'static str],
    /// The pages that list those which have a page: all of them, on one or another.
    pub listed: &'static [&'static str],
}

pub const KINDS: &[Kind] = &[
    Kind { kind: "consultation", list: "consultations", rooms: &["ask"], listed: &["/ask"] },
    Kind { kind: "item", list: "items", rooms: &["analysis"], listed: &["/analysis", "/trail"] },
    Kind { kind: "measure", list: "measures", rooms: &["info", "feedback", "release"], listed: &[] },
    Kind { kind: "demand", list: "demands", rooms: &["demands"], listed: &["/demands"] },
    Kind { kind: "motion", list: "motions", rooms: &["assembly"], listed: &["/assembly"] },
    Kind { kind: "review", list: "class-reviews", rooms: &["duties/reviews"], listed: &[] },
];

/// What one reader may read of everything, by the name of the thing.
pub type Sights = BTreeMap<&'static str, Vec<View>>;

/// What everybody may read of everything.
pub type Everything = BTreeMap<&'static str, Sights>;

/// Who looks.
#[derive(Debug, Clone)]
pub struct Readers {
    pub all: Vec<&'static str>,
    /// Of those, who reads by a seat on the steering committee as well.
    pub steering: Vec<&'static str>,
    /// Of those, who reads nothing: not pledged, former, locked out, or of a suspended organisation.
    pub silent: Vec<&'static str>,
}

/// The views of a thing, from its state alone.
async fn views(house: &House, seen: &Seen) -> Vec<View> {
    let id = seen.id.clone();
    let read = house.app.store().read(move |conn| {
        Ok(conn.one("select body from thing where id = ?1", args![id])?.map(|row| row.text(0)).transpose()?)
    });
    let Some(body) = read.await.unwrap() else { return Vec::new() };
    // As the database has it: what the node remembers follows a moment later.
    let roster = house.app.store().read(|conn| Ok(noroshi::store::roster::load(conn)?)).await.unwrap();
    let charter = house.app.charter();
    let gate = Gate { law: &*charter, roster: &roster };
    fn of<T: Thing>(body: &str, gate: &Gate<'_>) -> Vec<View> {
        serde_json::from_str::<T>(body).unwrap().views(gate)
    }
    match seen.kind {
        "consultation" => of::<Consultation>(&body, &gate),
        "item" => of::<Item>(&body, &gate),
        "measure" => of::<Measure>(&body, &gate),
        "demand" => of::<Demand>(&body, &gate),
        "demand_answer" => of::<Given>(&body, &gate),
        "motion" => of::<Motion>(&body, &gate),
        "review" => of::<Review>(&body, &gate),
        other => panic!("{other}"),
    }
}

/// What everybody may read of these things.
pub async fn everything(house: &House, readers: &Readers, things: &[Seen]) -> Everything {
    let mut sights: Everything = readers.all.iter().map(|who| (*who, Sights::new())).collect();
    for seen in things {
        let all = views(house, seen).await;
        for (who, sights) in &mut sights {
            let org = Principal::Org(OrgId(house.accounts[*who].org.clone()));
            let steering = Principal::Role(Role::Steering);
            let reads = |view: &&View| {
                !readers.silent.contains(who)
                    && (view.readers.contains(&org)
                        || (readers.steering.contains(who) && view.readers.contains(&steering)))
            };
            sights.insert(seen.name, all.iter().filter(reads).cloned().collect());
        }
    }
    sights
}

/// A view as text, however it came.
pub fn told(layer: &str, sight: &str, key: &str, body: &Value) -> String {
    format!("{layer}/{sight}/{key} {body}")
}

/// Views as texts.
pub fn texts(views: &[View]) -> BTreeSet<String> {
    views.iter().map(|v| told(v.layer.as_str(), v.sight.as_str(), &v.key, &v.body)).collect()
}

pub fn has(views: &[View], layer: Layer, least: Sight) -> bool {
    views.iter().any(|view| view.layer == layer && view.sight >= least)
}

/// The same of the layer that has no name beside it.
fn has_main(views: &[View], layer: Layer) -> bool {
    views.iter().any(|view| view.layer == layer && view.key.is_empty())
}

/// Whether the page of a thing is there for whoever reads this of it.
pub fn page_of(kind: &str, views: &[View]) -> bool {
    match kind {
        "consultation" => {
            has(views, Layer::Consultation, Sight::Masked) || has(views, Layer::Inquiry, Sight::Subset)
        }
        "item" => {
            has(views, Layer::TechniqueFull, Sight::Masked) || has(views, Layer::DamageDetail, Sight::Full)
        }
        "measure" => has(views, Layer::Countermeasure, Sight::Meta),
        "demand" => has_main(views, Layer::DemandText) || has_main(views, Layer::DemandReport),
        "motion" => has(views, Layer::BallotMotion, Sight::Meta),
        "review" => has(views, Layer::Contribution, Sight::Meta),
        other => panic!("{other} has no page"),
    }
}

/// Whether a thing is in the list of whoever reads this of it.
pub fn leads(kind: &str, views: &[View]) -> bool {
    match kind {
        "consultation" => has(views, Layer::Consultation, Sight::Meta),
        _ => page_of(kind, views),
    }
}

/// The set of one stage in words: each layer at each sight, and who reads it.
pub fn said(stage: &str, sights: &Everything) -> String {
    let mut readers = BTreeMap::<(&str, &str, &str, String), BTreeSet<&str>>::new();
    for (who, sights) in sights {
        for (name, views) in sights {
            for view in views {
                let (layer, sight) = (view.layer.as_str(), view.sight.as_str());
                readers.entry((name, layer, sight, view.key.clone())).or_default().insert(who);
            }
        }
    }
    let mut text = format!("{stage}\n");
    let mut last = String::new();
    for ((name, layer, sight, key), who) in readers {
        // An inquiry is called by its moment, and an addressee that has no part here like all the others of its kind.
        let key = match key.strip_prefix("q-") {
            Some(called) => format!("q…{}", called.trim_start_matches(|c: char| c.is_ascii_digit())),
            None => key,
        };
        let extra = |key: &str| key.strip_prefix("o-g").is_some_and(|no| no.len() == 3);
        let key = if extra(&key) { "o-g…".to_owned() } else { key };
        let key = if key.is_empty() { String::new() } else { format!(" {key}") };
        let who: Vec<&str> = who.into_iter().collect();
        let line = format!("  {name} {layer}{key} ({sight}): {}\n", who.join(" "));
        if line != last {
            text += &line;
        }
        last = line;
    }
    text
}

/// Compares with a golden file, or writes it anew.
pub fn golden(name: &str, text: &str) {
    let path = format!("{}/tests/golden/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "who reads what has changed");
}
