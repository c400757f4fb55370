//! 対策情報: countermeasures, their release, the answers to them and who has acknowledged.

pub mod api;
mod bodies;

use noroshi_council::{Actor, Layer, Micros};
use serde_json::Value;

use crate::{
    app::App,
    store::{Error, LayerView},
};

/// The countermeasures that somebody may see, newest first, each by the layer that tells most about it.
pub(crate) async fn newest(
    app: &App,
    actor: &Actor,
    before: Option<Micros>,
    limit: usize,
) -> Result<Vec<LayerView>, Error> {
    let reader = app.store().as_seen_by(actor);
    let mut views = reader.newest("measure", Layer::Countermeasure, before, limit * 2).await?;
    // Class 1 sees the draft and the released text of one measure: the list shows it once.
    let mut seen = std::collections::BTreeSet::new();
    views.retain(|v| seen.insert(v.thing.clone()));
    views.truncate(limit);
    Ok(views)
}

/// What stands: class 2's text is corrected, and not what is being written for everybody meanwhile.
pub(crate) fn issued(draft: &Value) -> &Value {
    if draft["state"] == "low_released" { &draft["early"]["content"] } else { &draft["content"] }
}
