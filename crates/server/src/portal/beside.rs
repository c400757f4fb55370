//! What stands beside an item's thread: requests to draw its scope wider, and where else it went on.

use noroshi_council::Layer;
use serde_json::{Value, json};

use super::{desk::Desk, reach};
use crate::{
    store::{LayerView, ThingView},
    web::Error,
};

/// How many other items of one's own are offered.
const OTHERS: usize = 60;

/// Everything of it, for the page.
///
/// # Errors
/// Fails as the database does.
pub(super) async fn beside(desk: &Desk, view: &ThingView, own: bool) -> Result<Value, Error> {
    let requests = requests(desk, view);
    let asked = requests.iter().any(|r| r["mine"] == true && r["state"] == "asked");
    let merged = view.layers.iter().find(|v| v.layer == Layer::Identity && v.key == "merged");
    let others = if own { own_items(desk, &view.id.0).await? } else { Vec::new() };
    Ok(json!({
        "requests": requests, "asked": asked, "others": others, "merged_into": merged.map(|v| v.body["into"].clone()),
    }))
}

/// Requests to draw the scope wider: those that its provider got, or the reader's own.
fn requests(desk: &Desk, view: &ThingView) -> Vec<Value> {
    view.all(Layer::ScopeRequest)
        .into_iter()
        .map(|v| {
            let r = &v.body;
            json!({
                "no": r["no"], "by": desk.named(r, "by"), "text": r["text"], "state": r["state"], "mine": r["asked_by_me"],
                "at": r["asked_at"], "due": r["due"], "reach": reach::sentence(desk, &r["proposed"]),
            })
        })
        .collect()
}

/// Other items of one's own that could stand in the place of this one, newest first.
async fn own_items(desk: &Desk, but: &str) -> Result<Vec<Value>, Error> {
    let views = desk.reader().newest("item", Layer::DamageDetail, None, OTHERS).await?;
    let live = |v: &LayerView| {
        let state = v.body["state"].as_str().unwrap_or_default();
        v.key == "raw"
            && v.thing.0 != but
            && !matches!(state, "declined" | "merged_into" | "superseded" | "retracted")
    };
    Ok(views.iter().filter(|v| live(v)).map(|v| json!([v.thing, v.body["title"]])).collect())
}
