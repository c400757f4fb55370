//! 提供前の確認: from the draft of a countermeasure to its release by two persons, and what follows a release.

use axum::{
    Router,
    extract::Path,
    routing::{get, post},
};
use noroshi_council::{
    Action, Layer, OrgId,
    measure::{Release, Wish, are_two},
};
use serde_json::{Value, json};

use super::{
    analysis::ladder,
    desk::{Desk, Page, Stop, id},
    drafting::edit,
    typed::{Renamed as _, Typed},
};
use crate::{
    analysis,
    app::App,
    present,
    web::{Error, Form, Query},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/release/{id}", get(show))
        .route("/release/{id}/assess", post(assess))
        .route("/release/{id}/propose", post(propose))
        .route("/release/{id}/approve", post(approve))
        .route("/release/{id}/drop", post(drop_it))
        .route("/release/{id}/give-up", post(give_up))
        .route("/release/{id}/review", post(review))
        .route("/release/{id}/publish", post(publish))
}

#[derive(serde::Deserialize)]
struct Mode {
    #[serde(default)]
    edit: Option<String>,
    /// Which of the indicators are asked for.
    #[serde(default)]
    indicators: Option<usize>,
}

async fn show(desk: Desk, Path(measure): Path<String>, Query(mode): Query<Mode>) -> Page {
    if mode.edit.is_some() {
        return edit(&desk, &measure).await;
    }
    let ctx = preflight(&desk, &measure, mode.indicators, &Typed::default().form()).await?;
    desk.page("release.html", "analysis", ctx).await
}

/// The page on which two persons decide.
pub(super) async fn preflight(
    desk: &Desk,
    measure: &str,
    indicators: Option<usize>,
    form: &Value,
) -> Result<Value, Stop> {
    let view = desk.reader().thing("measure", &id(measure)).await?.ok_or(Error::NotFound)?;
    let layer = view.named(Layer::Countermeasure, "draft").ok_or(Error::NotFound)?;
    desk.app.council().note_read(&desk.who.known.actor, &view, "portal").await?;
    let draft = layer.body.clone();
    let content = &draft["content"];
    let confidence = draft["confidence"].as_u64();
    let charter = desk.app.charter();
    let limits = charter.parameters();
    let length = |name: &str| content[name].as_str().map_or(0, |t| t.chars().count());
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let (title, body) = (count(length("title")), count(length("body")));
    let texts = ["executives", "technicians", "door", "phone"].iter().filter(|n| length(n) > 0).count();
    let firm = confidence.and_then(|c| i64::try_from(c).ok()).unwrap_or(-1);
    // Whatever leaves with it, the values of indicators aside.
    let mut text = String::new();
    leaving(content, &mut text);
    let names = names_in(desk, &text)?;
    let state = draft["state"].as_str().unwrap_or_default().to_owned();
    let proposal = draft["proposal"].clone();
    let mine = proposal["person"].as_str() == Some(desk.who.known.person.id.as_str());
    let may = |action| desk.may(action, false, false, &state, confidence);
    let (high, medium) = (limits.number("confidence_high"), limits.number("confidence_medium"));
    let council = desk.app.council();
    let reached = council.release_reach(&desk.who.known.actor, &view.id).await?.ok_or(Error::NotFound)?;
    let release = proposal["release"].as_str().unwrap_or_default().to_owned();
    let approves = match release.as_str() {
        "low" => may(Action::ApproveLowRelease),
        "high" => may(Action::ApproveHighRelease),
        "precautionary" => may(Action::ApprovePrecautionaryRelease),
        _ => false,
    };
    let approves = approves && second(desk, &proposal);
    let released = view
        .layers
        .iter()
        .any(|v| v.layer == Layer::Countermeasure && v.body["rev"].is_u64() && v.key.is_empty());
    let indicators =
        super::measure::leaf_of(&content["indicators"], &format!("/release/{}", view.id), indicators);
    // What class 2 was told, where everybody is told something else.
    let early =
        Some(&draft["early"]["content"]).filter(|early| released && early.is_object() && *early != content);
    let zone = desk.app.pages().zone().clone();
    let due = super::when::local(desk.now() + limits.hours("answer_hours"), &zone);
    let mut form = form.clone();
    if form["values"]["due"].as_str().is_none_or(str::is_empty) {
        form["values"]["due"] = json!(due);
    }
    let low_gone = state != "drafted";
    // What class 2 has had is no secret draft any more, and not for everybody.
    let secret = if matches!(state.as_str(), "drafted" | "given_up") {
        "release-secret"
    } else {
        "release-secret-early"
    };
    let open = matches!(state.as_str(), "drafted" | "low_released");
    let weighed = confidence.is_some();
    let assess = open && may(Action::AssessConfidence) && !analysis_open(desk, &draft).await?;
    Ok(json!({
        "id": view.id.0, "draft": draft, "content": content, "state": state, "proposal": proposal, "proposed_by": desk.named(&proposal, "org"),
        "release": release, "mine": mine, "approves": approves && !mine, "confidence": confidence, "ladder": ladder(desk), "reach": reached,
        "checks": [
            {"key": "confidence", "ok": firm >= high, "value": confidence.unwrap_or(0), "limit": high},
            {"key": "masked", "ok": names.is_empty(), "value": names.len(), "limit": 0},
            {"key": "title", "ok": title <= limits.number("title_max"), "value": title, "limit": limits.number("title_max")},
            {"key": "body", "ok": body <= limits.number("body_max"), "value": body, "limit": limits.number("body_max")},
            {"key": "texts", "ok": texts == 4, "value": texts, "limit": 4},
            {"key": "consent", "ok": reached.agreed == reached.sources, "value": reached.agreed, "limit": reached.sources},
            {"key": "excluded", "ok": true, "value": reached.excluded, "limit": 0},
            {"key": "undo", "ok": length("undo") > 0, "value": length("undo"), "limit": 1},
        ],
        "upon": present::upon(layer).get("approve"), "found": names,
        "may": {
            "low": !low_gone && weighed && may(Action::ProposeLowRelease) && proposal.is_null(),
            "high": open && may(Action::ProposeHighRelease) && proposal.is_null() && firm >= high,
            "precautionary": open && may(Action::ProposePrecautionaryRelease) && proposal.is_null() && firm >= medium,
            "assess": assess,
            "edit": open && may(Action::DraftCountermeasure),
            "give_up": !low_gone && proposal.is_null() && may(Action::DraftCountermeasure),
            "revise": matches!(state.as_str(), "high_released" | "low_released") && may(Action::UpdateCountermeasure),
            "review": state == "high_released" && draft["precaution"]["review_by"].is_i64()
                && draft["precaution"]["review"].is_null() && draft["precaution"]["over"] != true && may(Action::ReviewPrecaution),
            "publish": state == "high_released" && content["handling"]["tlp"] == "clear" && content["exercise"] != true
                && may(Action::PublishCountermeasure),
        },
        "early_issued": state == "low_released", "early": early, "indicators": indicators.0, "leaf": indicators.1,
        "weighed": weighed, "released": released, "form": form, "sources": draft["sources"],
        "secret": (!released).then(|| desk.say(secret, &[])),
    }))
}

/// What looks like somebody's name in a text.
pub(super) fn names_in(desk: &Desk, text: &str) -> Result<Vec<String>, Error> {
    use noroshi_matcher::FindingKind::{Dictionary, Organisation, Person, PrivateAddress};
    let found = analysis::recognise(&desk.app, &desk.who.known.actor, text)?.findings;
    let names =
        found.into_iter().filter(|f| matches!(f.kind, Organisation | Person | PrivateAddress | Dictionary));
    Ok(names.map(|f| f.value).collect())
}

/// Whether somebody of this organisation is the second person that a proposal waits for.
pub(super) fn second(desk: &Desk, proposal: &Value) -> bool {
    let first = proposal["org"].as_str().map(OrgId::from);
    let roster = desk.app.store().roster();
    first.and_then(|org| roster.get(&org).map(|o| o.seat)).is_some_and(|first| are_two(first, desk.seat()))
}

/// Every text of a countermeasure, one after another.
pub(super) fn leaving(value: &Value, text: &mut String) {
    match value {
        Value::String(said) => {
            text.push_str(said);
            text.push('\n');
        }
        Value::Array(all) => all.iter().for_each(|one| leaving(one, text)),
        Value::Object(all) => {
            let said = all.iter().filter(|(key, _)| !matches!(key.as_str(), "value" | "pattern" | "kind"));
            said.for_each(|(_, one)| leaving(one, text));
        }
        _ => {}
    }
}

/// Which release a form is about. One that it does not name is none, and never the smallest.
fn release(typed: &Typed) -> Result<Release, Error> {
    typed.one_of("release", Release::parse)
}

async fn assess(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let read = typed
        .between("value", 0, 100)
        .and_then(|value| value.ok_or_else(|| Error::field("value", "missing")));
    let value = match read {
        Ok(value) => value,
        Err(error) => return again(&desk, &measure, error, &typed).await,
    };
    let done = desk
        .app
        .council()
        .assess_measure(desk.caller(&typed), id(&measure), value, typed.text("grounds"))
        .await;
    finish(&desk, &measure, &typed, done.map(|()| "assessed")).await
}

/// Whether an analysis that a countermeasure came of is open: then its confidence is assessed there.
async fn analysis_open(desk: &Desk, draft: &Value) -> Result<bool, Stop> {
    for item in draft["sources"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let view = desk.reader().thing("item", &id(item)).await?;
        let shared = view.as_ref().and_then(|view| view.layer(Layer::TechniqueFull));
        if shared.is_some_and(|layer| layer.body["state"] == "shared_class1") {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn propose(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let asked = release(&typed).and_then(|which| {
        let due = typed.moment_or_none("due", desk.app.pages().zone())?;
        // Only class 2 is asked until when.
        if which == Release::Low && due.is_none() {
            return Err(Error::field("due", "missing"));
        }
        Ok((which, due.unwrap_or(0)))
    });
    let (which, due) = match asked {
        Ok(asked) => asked,
        Err(error) => return again(&desk, &measure, error, &typed).await,
    };
    let wish = Wish {
        due,
        reason: typed.text("reason"),
        cheap: typed.on("cheap"),
        reversible: typed.on("reversible"),
    };
    let done = desk.app.council().propose_release(desk.caller(&typed), id(&measure), which, wish).await;
    finish(&desk, &measure, &typed, done.map(|()| "proposed")).await
}

async fn approve(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let which = match release(&typed) {
        Ok(which) => which,
        Err(error) => return again(&desk, &measure, error, &typed).await,
    };
    let done = desk
        .app
        .council()
        .approve_release(desk.caller(&typed), id(&measure), which, typed.text_or_none("upon"))
        .await;
    finish(&desk, &measure, &typed, done.map(|()| "released")).await
}

async fn give_up(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let council = desk.app.council();
    let done = council.give_up_draft(desk.caller(&typed), id(&measure), typed.text("give_up_why")).await;
    match done {
        Ok(()) => finish(&desk, &measure, &typed, Ok("given-up")).await,
        Err(error) => {
            again(&desk, &measure, Error::from(error).at_field("reason", "give_up_why"), &typed).await
        }
    }
}

async fn drop_it(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let which = match release(&typed) {
        Ok(which) => which,
        Err(error) => return again(&desk, &measure, error, &typed).await,
    };
    let council = desk.app.council();
    let done = council.drop_proposal(desk.caller(&typed), id(&measure), which, typed.text("drop_why")).await;
    match done {
        Ok(()) => finish(&desk, &measure, &typed, Ok("dropped")).await,
        Err(error) => again(&desk, &measure, Error::from(error).at_field("reason", "drop_why"), &typed).await,
    }
}

async fn review(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let finding = typed.text("finding");
    let done = desk.app.council().review_precaution(desk.caller(&typed), id(&measure), finding).await;
    finish(&desk, &measure, &typed, done.map(|()| "reviewed")).await
}

async fn publish(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let reference = typed.text("reference");
    let done = desk.app.council().publish_measure(desk.caller(&typed), id(&measure), reference).await;
    finish(&desk, &measure, &typed, done.map(|()| "published")).await
}

pub(super) async fn finish(
    desk: &Desk,
    measure: &str,
    typed: &Typed,
    done: Result<&str, crate::store::Error>,
) -> Page {
    match done {
        Ok(done) => desk.go(&format!("/release/{}", id(measure)), done),
        Err(error) => again(desk, measure, error.into(), typed).await,
    }
}

pub(super) async fn again(desk: &Desk, measure: &str, error: Error, typed: &Typed) -> Page {
    let form = desk.refused(error, typed).await?;
    let ctx = preflight(desk, measure, None, &form).await?;
    desk.again("release.html", "analysis", ctx).await
}
