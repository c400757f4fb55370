//! 規約: the charter in force, every version before it, and what changed between two of them (R55).

use axum::{
    Router,
    extract::{Path, Query},
    routing::get,
};
use noroshi_charter::{Source, Wording};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    amended,
    desk::{Desk, Page},
    numbers,
};
use crate::{
    app::App,
    charters::{self, Version},
    web::Error,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/charter", get(in_force))
        .route("/charter/compare", get(compare))
        .route("/charter/versions/{version}", get(version))
}

/// Every version that was ever in force, oldest first.
pub(super) async fn all(desk: &Desk) -> Result<Vec<Version>, Error> {
    let mut all = desk.app.store().read(|conn| Ok(charters::versions(conn)?)).await?;
    all.retain(|v| v.in_force_at.is_some());
    Ok(all)
}

async fn in_force(desk: Desk) -> Page {
    let all = all(&desk).await?;
    let last = all.last().ok_or(Error::NotFound)?.source.version;
    show(&desk, &all, last).await
}

async fn version(desk: Desk, Path(version): Path<String>) -> Page {
    let all = all(&desk).await?;
    let wanted = version.parse().ok().filter(|v| all.iter().any(|known| known.source.version == *v));
    show(&desk, &all, wanted.ok_or(Error::NotFound)?).await
}

/// What a version says. One that was written for much older software may not be read any more.
fn wording(source: &Source) -> Result<Wording, Error> {
    Wording::of(source).map_err(|_| Error::NotFound)
}

async fn show(desk: &Desk, all: &[Version], wanted: u32) -> Page {
    let shown = all.iter().find(|v| v.source.version == wanted).ok_or(Error::NotFound)?;
    let source = &shown.source;
    let Wording { articles, parameters } = wording(source)?;
    let articles: Vec<Value> = articles
        .iter()
        .map(|a| {
            json!({"number": a.number, "title": {"ja": a.title.ja, "en": a.title.en}, "text": {"ja": a.text.ja, "en": a.text.en}})
        })
        .collect();
    let numbers = numbers::by_group(&parameters, |_, n| json!({"value": n.value}));
    let last = all.last().map_or(wanted, |v| v.source.version);
    let history: Vec<Value> = all
        .iter()
        .rev()
        .map(|v| {
            json!({"version": v.source.version, "at": v.in_force_at, "motion": v.motion, "hash": v.hash.get(..16),
                "shown": v.source.version == wanted, "current": v.source.version == last,
                "before": all.iter().rfind(|b| b.source.version < v.source.version).map(|b| b.source.version)})
        })
        .collect();
    let ctx = json!({
        "articles": articles, "numbers": numbers, "version": source.version, "hash": shown.hash,
        "profile": source.profile, "unverified": parameters.unverified, "pledge": {"ja": parameters.pledge.ja, "en": parameters.pledge.en},
        "history": history, "current": wanted == last, "since": shown.in_force_at, "policies": source.policies,
    });
    desk.page(
        "charter.html",
        if desk.seat() == noroshi_council::Seat::Operator { "charter" } else { "assembly" },
        ctx,
    )
    .await
}

#[derive(Deserialize)]
struct Two {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

async fn compare(desk: Desk, Query(two): Query<Two>) -> Page {
    let all = all(&desk).await?;
    let of = |text: &str| {
        let wanted: Option<u32> = text.parse().ok();
        all.iter().find(|v| Some(v.source.version) == wanted)
    };
    let last = all.last().ok_or(Error::NotFound)?;
    let to = of(&two.to).unwrap_or(last);
    let before = all.iter().rfind(|v| v.source.version < to.source.version).unwrap_or(to);
    let from = of(&two.from).unwrap_or(before);
    let (old, new) = (wording(&from.source)?, wording(&to.source)?);
    let versions: Vec<Value> =
        all.iter().rev().map(|v| json!([v.source.version.to_string(), v.source.version])).collect();
    let ctx = json!({
        "diff": amended::between((&from.source, &old), (&to.source, &new)), "versions": versions,
        "from": from.source.version.to_string(), "to": to.source.version.to_string(),
    });
    desk.page("charter-compare.html", "assembly", ctx).await
}
