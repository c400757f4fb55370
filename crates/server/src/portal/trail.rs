//! What became of what somebody gave (R38).

use axum::{Router, routing::get};
use noroshi_council::{Layer, Thing as _};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, Stop, id},
    leaf::Leaf,
    look::Look,
};
use crate::{app::App, web::Query};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/trail", get(trail))
}

/// How many of each kind are looked at: what one organisation can give in years.
const MANY: usize = 1000;
/// How many things that somebody provided are on one page.
const GIVEN: usize = 10;
/// How many requests that it has answered are on one page.
const ANSWERS: usize = 20;
/// How many of its imports are on one page; a program pages through all.
const BROUGHT: usize = 20;
/// How many of a thing's readers are named here; its own page has them all.
const READERS: usize = 20;

/// Which of the things that were provided are asked for.
#[derive(serde::Deserialize)]
struct Which {
    #[serde(default)]
    given: Option<usize>,
    #[serde(default)]
    answers: Option<usize>,
}

/// How many members a countermeasure has helped, as far as that is told.
async fn helped(desk: &Desk, measure: &str) -> Result<Value, Stop> {
    Ok(json!(desk.app.council().helped(&desk.who.known.actor, &id(measure)).await?))
}

async fn trail(desk: Desk, Query(which): Query<Which>) -> Page {
    let look = Look::at(&desk).await?;
    let reader = desk.reader();
    let mut given = Vec::new();
    let outcomes = reader.newest("item", Layer::Outcome, None, MANY).await?;
    let leaf = Leaf::new(outcomes.len(), GIVEN, which.given);
    for view in leaf.cut(&outcomes) {
        let raw = reader.thing("item", &view.thing).await?;
        let raw =
            raw.iter().flat_map(|t| &t.layers).find(|v| v.layer == Layer::DamageDetail && v.key == "raw");
        let title = raw.map(|v| v.body["title"].clone());
        let read = desk.app.council().read_by(&desk.who.known.actor, &view.thing).await?;
        let people: i64 = read.iter().map(|r| r.people).sum();
        let orgs = read.len();
        let read: Vec<Value> = read.iter().take(READERS).map(|read| desk.read_by(read)).collect();
        // A countermeasure that has gone to all is named; of any other no more is told than that there is one.
        let mut measures = super::analysis::named_measures(&desk, &view.body["measures"]).await?;
        let all = measures.len();
        measures.retain(|m| m["released"] == true);
        for measure in &mut measures {
            measure["helped"] = helped(&desk, measure["id"].as_str().unwrap_or_default()).await?;
        }
        given.push(json!({
            "unseen": all - measures.len(), "measures": measures,
            "read": read, "orgs": orgs, "people": people,
            "id": view.thing, "title": title, "exercise": view.body["exercise"], "outcome": view.body, "at": view.changed_at,
            "confirm": view.body["state"] == "awaiting_source",
        }));
    }
    let outcomes = reader.newest("measure", Layer::Outcome, None, MANY).await?;
    let answers_leaf = Leaf::new(outcomes.len(), ANSWERS, which.answers);
    let mut answers = Vec::new();
    for view in answers_leaf.cut(&outcomes) {
        let measure = reader.thing("measure", &view.thing).await?;
        let said = measure.as_ref().and_then(|m| m.layer(Layer::Countermeasure)).map(|v| v.body.clone());
        let said = said.unwrap_or_default();
        let helped = match &measure {
            Some(measure) => desk.app.council().helped_by(&desk.who.known.actor, measure).await?,
            None => None,
        };
        answers.push(json!({
            "id": view.thing, "title": said["title"], "exercise": said["exercise"], "outcome": view.body,
            "released": said["rev"].is_u64(), "at": view.changed_at, "helped": helped,
        }));
    }
    let inquiries: Vec<&Value> = look.inquiries.iter().filter(|i| i["answered"] == true).collect();
    let asks: Vec<&Value> = look.asks.iter().filter(|a| a["own"] == true).collect();
    // Class 1 sees what became of the analyses to which it has answered.
    let mut weighed = Vec::new();
    if desk.weighs() && !desk.coordinates() {
        for view in reader.newest("item", Layer::ExpertFeedback, None, MANY).await? {
            let settled = view.key.starts_with("debt:") && !view.body["settled"].is_null();
            if settled
                && let Some(item) =
                    look.items.iter().find(|i| i["id"].as_str() == Some(view.thing.0.as_str()))
            {
                weighed.push(item.clone());
            }
        }
    }
    let brought: Vec<Value> = desk
        .app
        .council()
        .imports_of(&desk.who.known.actor, None, BROUGHT)
        .await?
        .into_iter()
        .map(|(id, at, import)| json!({"id": id, "at": at, "source": import.source(), "state": import.state()}))
        .collect();
    let ctx = json!({"given": given, "brought": brought, "answers": answers, "inquiries": inquiries, "asks": asks, "weighed": weighed, "member": desk.is_member(),
        "leaf": leaf.json("/trail", "given", &[]), "answers_leaf": answers_leaf.json("/trail", "answers", &[])});
    desk.page_with("trail.html", "trail", &look, ctx)
}
