//! What readers read, as programs get it: layers as the gate released them, with the names of whoever they mention.

use std::collections::BTreeMap;

use noroshi_council::{Layer, Micros, OrgId, Roster, Sight, Text};
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{Object, ObjectBuilder, Type},
};

use crate::{
    acts::print,
    measure::issued,
    store::{LayerView, ThingView},
};

/// One layer of a thing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LayerJson {
    /// Which layer.
    pub layer: Layer,
    /// How much of it.
    #[schema(schema_with = sights)]
    pub sight: Sight,
    /// Tells several of one layer apart.
    pub key: String,
    /// What there is to read, by the layer. A reader of less than `full` gets fewer of these fields, or null in their place; a
    /// moment is in unix microseconds.
    ///
    /// - `identity`: who gave it (`provider`), consulted (`consulter`, with its `scope`), wrote an opinion (`author`), owes an
    ///   opinion (`debts`), or into which other item it was merged (`into`).
    /// - `damage_detail`: what was damaged (`damage`); with the key `raw` all that the provider wrote, for it and the coordinator:
    ///   `title`, `technique`, `damage`, `indicators`, `masked`, `state`, `details`, `chips` and more.
    /// - `damage_presence`: whether there is damage (`damage_present`).
    /// - `technique_full`: an item as it is shared: `title`, `technique`, `indicators`, `about`, `author` where it shows itself,
    ///   `state`, `at`, `chips` (handling, confidence, scope in counts), `measures`, `outcome`.
    /// - `technique_subset`: the `indicators` of a countermeasure; with the key `request` the `question`, and by when it was `due`.
    /// - `countermeasure`: its text: `title`, `body`, `steps`, `undo`, `check`, texts for each reader, `urgency`, `severity`,
    ///   `certainty`, `tlp`, `pap`, `state`, `confidence`, `rev`, `rev_to_acknowledge`, `revisions`, and before the release to all
    ///   `question`, `due`, `early`; with the key `draft` what is being written, for class 1 and the coordinator: `content`,
    ///   `proposal`, `sources`, `assessments` and more.
    /// - `expert_feedback`: one opinion: `no`, `kind`, `text`, `level`, `reason`, `evidence`, `author` where it shows itself; with
    ///   the key `debts` how many were `asked` and have `settled`; with a key `debt:…` the reader's own.
    /// - `simple_feedback_each`: one answer: `org`, `answers`, `consent`, `at`, `late`, or upon an inquiry `verdict` and `comment`;
    ///   with the key `asked` all `addressees`; with a key `asked:…` the reader's own line.
    /// - `simple_feedback_total`: how many answered what: `overall` and `indicators`, each `seen`, `not_seen`, `unknown`; below
    ///   `k` organisations in bands.
    /// - `confidence`: its `value`, with `history` and `evidence` or `grounds` for whoever may read them.
    /// - `consultation`: `state`, `hunch`, `anonymous`, `consulter`, `adviser`, `opened_at`, `posts` and `permissions`.
    /// - `inquiry`: the `question`, what it is called (`inquiry`), when it is `due`, and whether it is `open`.
    /// - `outcome`: what became of what the reader gave: `state`, `confidence`, `measures`, `history`, `outcome`, `released_at`.
    /// - `scope_request`: `by` whom, `text`, `proposed`, `due`, `state`.
    /// - `contribution`: a review of a class: `org`, `tally`, `state`, `notice`, `explanations`, `decision`.
    /// - `ballot_motion`: `title`, `reasons`, `matter`, `state`, `proof`, `notice`, `closed`.
    /// - `membership_case`: `about`, `org`, `state`, `screening`, `explanations`, `motions`, `closed`.
    /// - `demand_text`: `title`, `facts`, `wanted`, `readers`, `due`, `to`, `law`, `state`; with the key `office` its `addressees`.
    /// - `demand_answer`: how an addressee stands: `org`, `state`, `answer`, `cause`, `text`, `regard`; or what it gave: `demand`,
    ///   `org`, `text`, `scope`.
    /// - `demand_report`: `title`, `facts`, `wanted`, `law`, `text`, `counts`.
    ///
    /// `draft`, `board` and `member_list` are parts that the charter names; no thing has them here.
    #[schema(value_type = Object)]
    pub body: Value,
    /// Of what several write or decide upon: a print of what was read, by the act that it is for (`rewrite`, `revise`, `approve`,
    /// `check`, `source`). Sent as its `upon`, the act is refused (409, `somebody-was-faster`) where something else stands by then.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub upon: BTreeMap<&'static str, String>,
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

/// How much of a layer somebody reads: never nothing, since what is not seen is not there.
fn sights() -> Object {
    let words = Sight::ALL.iter().filter(|sight| **sight != Sight::None).map(|sight| sight.as_str());
    let about = "How much of it: only that there is something (`meta`), what a countermeasure needs (`subset`), everything but \
                 names (`masked`), or everything (`full`).";
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).description(Some(about)).build()
}

fn layer(view: &LayerView) -> LayerJson {
    LayerJson {
        layer: view.layer,
        sight: view.sight,
        key: view.key.clone(),
        body: view.body.clone(),
        upon: upon(view),
        added_at: view.added_at,
        changed_at: view.changed_at,
    }
}

/// The prints of what an act is done upon, as forms carry them.
pub(crate) fn upon(view: &LayerView) -> BTreeMap<&'static str, String> {
    let body = &view.body;
    match (view.layer, view.key.as_str()) {
        (Layer::Countermeasure, "draft") => {
            let mut upon =
                BTreeMap::from([("rewrite", print(&body["content"])), ("revise", print(issued(body)))]);
            if !body["proposal"].is_null() {
                upon.insert("approve", print(&serde_json::json!([body["content"], body["proposal"]])));
            }
            upon
        }
        (Layer::DamageDetail, "raw") if !body["masked"].is_null() => {
            let masked = print(&body["masked"]);
            BTreeMap::from([("check", masked.clone()), ("source", masked)])
        }
        _ => BTreeMap::new(),
    }
}

/// What was read before an act that is done upon it.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Upon {
    /// The print of what was read, out of the `upon` of its layer. Where something else stands by now, nothing is done.
    #[serde(default)]
    #[param(max_length = 16)]
    pub upon: Option<String>,
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
