//! What readers read, as programs get it: layers as the gate released them, with the names of whoever they mention.

use std::collections::BTreeMap;

use noroshi_council::{Micros, OrgId, Roster, Text};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::store::{LayerView, ThingView};

/// One layer of a thing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LayerJson {
    /// Which layer.
    pub layer: String,
    /// How much of it: full, masked, subset or meta.
    pub sight: String,
    /// Tells several of one layer apart.
    pub key: String,
    /// What there is to read.
    #[schema(value_type = Object)]
    pub body: Value,
    /// When it first appeared to this reader, unix microseconds.
    pub added_at: Micros,
    /// When it last changed for this reader, unix microseconds.
    pub changed_at: Micros,
}

/// A thing, as far as its reader may see it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ThingJson {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Its layers.
    pub layers: Vec<LayerJson>,
    /// The names of the organisations that the layers mention.
    pub names: BTreeMap<String, NameJson>,
    /// When anything of it last changed for this reader, unix microseconds.
    pub changed_at: Micros,
}

/// A name in both languages.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NameJson {
    /// 日本語.
    pub ja: String,
    /// English.
    pub en: String,
}

impl From<&Text> for NameJson {
    fn from(text: &Text) -> NameJson {
        NameJson { ja: text.ja.clone(), en: text.en.clone() }
    }
}

/// Things, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ThingsJson {
    /// The things.
    pub things: Vec<ThingJson>,
    /// Give this as `before` to get the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Micros>,
}

/// What an act made.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Made {
    /// The id of the new thing.
    pub id: String,
}

/// That an act is done.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Done {
    /// Always true: an act that is not done answers an error.
    pub done: bool,
}

/// The answer of an act that makes nothing.
pub const DONE: Done = Done { done: true };

fn layer(view: &LayerView) -> LayerJson {
    LayerJson {
        layer: view.layer.as_str().to_owned(),
        sight: view.sight.as_str().to_owned(),
        key: view.key.clone(),
        body: view.body.clone(),
        added_at: view.added_at,
        changed_at: view.changed_at,
    }
}

/// The names of the organisations that a body mentions. A body mentions none that its reader may not know.
pub fn names(body: &Value, roster: &Roster, into: &mut BTreeMap<String, NameJson>) {
    match body {
        Value::String(text) => {
            if let Some(org) = roster.get(&OrgId(text.clone())) {
                into.insert(text.clone(), NameJson::from(&org.name));
            }
        }
        Value::Array(list) => list.iter().for_each(|v| names(v, roster, into)),
        Value::Object(map) => {
            for (key, value) in map {
                names(&Value::String(key.clone()), roster, into);
                names(value, roster, into);
            }
        }
        _ => {}
    }
}

/// A thing as programs get it.
#[must_use]
pub fn thing(view: &ThingView, roster: &Roster) -> ThingJson {
    let mut known = BTreeMap::new();
    for layer in &view.layers {
        names(&layer.body, roster, &mut known);
    }
    ThingJson {
        id: view.id.0.clone(),
        kind: view.kind.clone(),
        layers: view.layers.iter().map(layer).collect(),
        names: known,
        changed_at: view.changed_at(),
    }
}

/// A page of a list, each thing by the one layer that the list is made of.
#[must_use]
pub fn list(views: &[LayerView], limit: usize, roster: &Roster) -> ThingsJson {
    let things = views
        .iter()
        .map(|view| {
            let mut known = BTreeMap::new();
            names(&view.body, roster, &mut known);
            ThingJson {
                id: view.thing.0.clone(),
                kind: view.kind.clone(),
                layers: vec![layer(view)],
                names: known,
                changed_at: view.changed_at,
            }
        })
        .collect();
    let next = if views.len() == limit { views.last().map(|v| v.changed_at) } else { None };
    ThingsJson { things, next }
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// Older than this moment, unix microseconds: the `next` of the page before.
    #[serde(default)]
    pub before: Option<Micros>,
    /// How many at most, 1 to 200; 50 where nothing is said.
    #[serde(default, deserialize_with = "page_size")]
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<usize>,
}

impl Page {
    /// How many at most.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit.unwrap_or(50)
    }
}

fn page_size<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    use serde::{Deserialize, de::Error};

    match Option::deserialize(from)? {
        Some(size) if !(1..=200).contains(&size) => Err(D::Error::custom("a page holds 1 to 200")),
        size => Ok(size),
    }
}
