//! 一者の回答: what one organisation has answered, indicator by indicator, for whoever may read it (R33, R34): itself, the
//! coordinator, and whom it lets read who answered what.

use axum::{Router, extract::Path, routing::get};
use noroshi_council::Layer;
use serde_json::{Value, json};

use super::{
    answers::{SOURCES, question},
    desk::{Desk, Page, id, is},
    leaf::Leaf,
};
use crate::{
    app::App,
    web::{Error, Query},
};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/feedback/{id}/by/{org}", get(show))
}

/// How many answers are on one page.
const ROWS: usize = 50;

#[derive(serde::Deserialize)]
struct Which {
    #[serde(default)]
    page: Option<usize>,
}

async fn show(desk: Desk, Path((measure, org)): Path<(String, String)>, Query(which): Query<Which>) -> Page {
    let view = desk.reader().thing("measure", &id(&measure)).await?.ok_or(Error::NotFound)?;
    desk.app.council().note_listed(&desk.who.known.actor, &view.layers, "portal").await?;
    let named = org.as_str().into();
    let sheet = view.all(Layer::SimpleFeedbackEach).into_iter();
    let sheet = sheet.map(|v| &v.body).find(|body| is(body, "org", &named) && body["answers"].is_object());
    let (sheet, (asked, indicators)) = sheet.zip(question(&view)).ok_or(Error::NotFound)?;
    let rows: Vec<Value> = indicators
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|indicator| {
            let answer = &sheet["answers"][indicator["id"].as_str()?];
            answer
                .is_object()
                .then(|| json!({"kind": indicator["kind"], "value": indicator["value"], "said": answer}))
        })
        .collect();
    let leaf = Leaf::new(rows.len(), ROWS, which.page);
    let path = format!("/feedback/{}/by/{org}", view.id);
    let ctx = json!({
        "id": view.id, "body": asked, "org": desk.name(&org), "own": named == *desk.org(), "sheet": sheet, "rows": leaf.cut(&rows), "known": SOURCES,
        "leaf": leaf.json(&path, "page", &[]),
        // Who answered what is more than the countermeasure tells, whatever that is marked with.
        "secret": desk.say("work-secret", &[]),
    });
    desk.page("answered.html", "feedback", ctx).await
}
