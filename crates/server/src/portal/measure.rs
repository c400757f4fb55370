//! Countermeasures as members read them: the list, the page with its texts and four answers, the poster, one page for the
//! management.

use axum::{
    Router,
    extract::Path,
    http::StatusCode,
    response::IntoResponse,
    routing::{get, post},
};
use noroshi_council::{Action, Layer, ThingId, receipt::Status};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, Stop, id},
    leaf::{self, Leaf},
    look::Look,
    typed::Typed,
    when,
};
use crate::{
    app::App,
    store::ThingView,
    web::{Error, Form, Query},
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/info", get(list))
        .route("/info/{id}", get(show))
        .route("/info/{id}/report", post(report))
        .route("/info/{id}/rating", post(rate))
        .route("/info/{id}/poster", get(poster))
        .route("/summary", get(summary))
}

/// A released countermeasure with what one's own organisation has said about it.
///
/// # Errors
/// [`Error::NotFound`] where there is none, or it has not gone to this reader.
pub(super) async fn notice(desk: &Desk, id: &ThingId) -> Result<Value, Stop> {
    let thing = desk.reader().thing("measure", id).await?.ok_or(Error::NotFound)?;
    desk.app.council().note_read(&desk.who.known.actor, &thing, "portal").await?;
    told(desk, &thing).await
}

/// The layers of a countermeasure that everybody reads, the draft aside.
pub(super) fn public(thing: &ThingView) -> Option<&crate::store::LayerView> {
    thing.plain(Layer::Countermeasure)
}

async fn told(desk: &Desk, thing: &ThingView) -> Result<Value, Stop> {
    let view = public(thing).ok_or(Error::NotFound)?;
    let body = view.body.clone();
    let released = body["rev"].is_u64();
    let receipt = if released && desk.is_member() {
        desk.app.council().own_receipt(&desk.who.known.actor, &thing.id).await?
    } else {
        None
    };
    let now = desk.now();
    let opening = when::next_opening(now, desk.who.org.opening_minute, desk.app.pages().zone());
    let layer = |layer| thing.plain(layer).map(|v| v.body.clone()).unwrap_or_default();
    // On what the confidence rests, for whoever reads that: class 2, too, once everybody has the rest.
    let rests = thing.named(Layer::Confidence, "grounds").map(|v| v.body["grounds"].clone());
    let grounds = rests.unwrap_or_else(|| layer(Layer::Confidence)["grounds"].clone());
    let ladder = desk.app.charter().terms().release.ladder;
    let status = receipt.as_ref().and_then(|r| r.status).map(Status::as_str);
    let asked = body["rev_to_acknowledge"].as_i64().unwrap_or(0);
    // A receipt is there as soon as a notice is on its way: to report again is for whoever reported before.
    let reported = receipt.as_ref().filter(|r| r.acked_at.is_some());
    let acked = reported.is_some_and(|r| r.acked_rev >= asked);
    let secret = !released || !matches!(body["tlp"].as_str(), Some("green" | "clear"));
    let mut revisions: Vec<Value> = body["revisions"].as_array().cloned().unwrap_or_default();
    revisions.reverse();
    let full = body["title"].is_string();
    let passes = desk.who.org.association && body["onward"] == true;
    let of = desk.org().clone();
    let constituents = match passes {
        true => desk.app.store().read(move |conn| Ok(crate::store::roster::constituents(conn, &of)?)).await?,
        false => Vec::new(),
    };
    Ok(json!({
        "id": thing.id, "body": body, "released": released, "full": full, "revisions": revisions,
        "indicators": layer(Layer::TechniqueSubset)["indicators"], "confidence": layer(Layer::Confidence)["value"],
        "grounds": grounds, "presence": layer(Layer::DamagePresence)["damage_present"],
        "high": ladder.high, "medium": ladder.medium, "secret": secret,
        "in_force": body["state"] == "high_released",
        "receipt": receipt, "status": status, "acked": acked, "again": reported.is_some() && !acked,
        "opening": opening, "todo": when::until(now, opening, desk.app.pages().zone()), "opening_minute": desk.who.org.opening_minute,
        "may_report": released && desk.may(Action::Acknowledge, true, false, body["state"].as_str().unwrap_or(""), None),
        "constituents": desk.who.org.association.then_some(desk.who.org.constituents),
        "constituent_names": constituents,
        "may_board": desk.coordinates() && released,
        "may_release": thing.all(Layer::Countermeasure).iter().any(|v| v.key == "draft"),
        "answers_open": desk.answers() && super::answers::question(thing).is_some_and(|(asked, _)| super::answers::is_open(&asked)),
        "coordinator_phone": coordinator_phone(desk).await?,
    }))
}

/// The number under which the coordinator can be called.
pub(super) async fn coordinator_phone(desk: &Desk) -> Result<String, Error> {
    let Some(org) = desk.app.store().roster().coordinator().map(|o| o.id.clone()) else {
        return Ok(String::new());
    };
    let phone = desk.app.store().read(move |conn| Ok(crate::store::roster::phone(conn, &org)?)).await?;
    Ok(phone)
}

async fn list(desk: Desk, Query(part): Query<leaf::Part>) -> Page {
    let look = Look::at(&desk).await?;
    let shown = look.older_measures(&desk, part.before).await?;
    // Whoever weighs analyses has a page of its own for them.
    let addenda = if desk.weighs() || part.before.is_some() { Vec::new() } else { addenda(&desk).await? };
    let ctx = json!({
        "notices": shown.notices.iter().map(super::look::Notice::json).collect::<Vec<_>>(),
        "requests": shown.requests, "addenda": addenda, "drafts": if desk.weighs() { json!(shown.drafts) } else { json!([]) },
        "older": leaf::older("/info", "before", part.before, shown.older.measures),
        "ladder": super::analysis::ladder(&desk), "weighs": desk.weighs(), "member": desk.is_member(),
    });
    desk.page_with("info-list.html", "info", &look, ctx)
}

/// How many addenda are on a page.
const ADDENDA: usize = 20;

/// 補足: what others have added to what another framework has said, as far as its scope reaches the reader (R30).
async fn addenda(desk: &Desk) -> Result<Vec<Value>, Stop> {
    let newest = desk.reader().newest("item", Layer::TechniqueFull, None, ADDENDA).await?;
    let others = newest.into_iter().filter(|view| view.body["addendum_to"] != "");
    Ok(others.map(|view| json!({"id": view.thing, "at": view.changed_at, "body": view.body})).collect())
}

/// How many indicators are on one page.
const INDICATORS: usize = 100;

/// One leaf of indicators, and where it stands among all of them.
pub(super) fn leaf_of(indicators: &Value, path: &str, wanted: Option<usize>) -> (Value, Value) {
    let all = indicators.as_array().map_or(&[][..], Vec::as_slice);
    let leaf = Leaf::new(all.len(), INDICATORS, wanted);
    (json!(leaf.cut(all)), leaf.json(path, "indicators", &[]))
}

/// Which of the indicators are asked for.
#[derive(Default, serde::Deserialize)]
struct Which {
    #[serde(default)]
    indicators: Option<usize>,
}

async fn page(desk: &Desk, thing: &ThingId, which: &Which, form: Value) -> Page {
    let mut notice = notice(desk, thing).await?;
    let (indicators, leaf) = leaf_of(&notice["indicators"], &format!("/info/{thing}"), which.indicators);
    notice["indicators"] = indicators;
    if notice["full"] == false {
        // Offices know that it is out, and no more.
        notice["body"]["steps"] = json!([]);
    }
    let secret = match (notice["secret"] == true, notice["released"] == true) {
        (true, true) => desk.say("secret-released", &[]),
        (true, false) => desk.say("secret-measure", &[]),
        _ => String::new(),
    };
    let rated = notice["receipt"]["useful"].clone();
    let ctx = json!({"notice": notice, "form": form, "secret": secret, "rated": rated, "leaf": leaf});
    desk.page("info.html", "info", ctx).await
}

async fn show(desk: Desk, Path(thing): Path<String>, Query(which): Query<Which>) -> Page {
    page(&desk, &id(&thing), &which, Typed::default().form()).await
}

async fn report(desk: Desk, Path(thing): Path<String>, Form(typed): Form<Typed>) -> Page {
    let thing = id(&thing);
    let done = match typed.one_of("status", Status::parse) {
        Ok(status) => {
            let (council, caller) = (desk.app.council(), desk.caller(&typed));
            let read = typed.number("rev");
            let act = council.acknowledge(caller, thing.clone(), status, typed.text("note"), read);
            act.await.map_err(Error::from)
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) if typed.get("back") == "home" => desk.go("/", "acknowledged"),
        Ok(()) => desk.go(&format!("/info/{thing}"), "acknowledged"),
        Err(error) => {
            let form = desk.refused(error, &typed).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&desk, &thing, &Which::default(), form).await?)
                .into_response())
        }
    }
}

async fn rate(desk: Desk, Path(thing): Path<String>, Form(typed): Form<Typed>) -> Page {
    let thing = id(&thing);
    let useful = typed.number("useful").unwrap_or(0);
    match desk.app.council().rate_measure(desk.caller(&typed), thing.clone(), useful).await {
        Ok(()) => desk.go(&format!("/info/{thing}"), "rated"),
        Err(error) => {
            let form = desk.refused(error, &typed).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&desk, &thing, &Which::default(), form).await?)
                .into_response())
        }
    }
}

/// A text sentence by sentence: on a wall each stands by itself.
fn sentences(text: &str) -> Vec<&str> {
    text.lines()
        .flat_map(|line| line.split_inclusive('。'))
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .collect()
}

async fn poster(desk: Desk, Path(thing): Path<String>) -> Page {
    let notice = notice(&desk, &id(&thing)).await?;
    if notice["released"] == false || notice["full"] == false {
        return Err(Error::NotFound.into());
    }
    let door = notice["body"]["door"].as_str().unwrap_or_default();
    // The first line stands large; where there is but one, its first sentence does.
    let sentence = || {
        door.char_indices()
            .find(|(_, c)| "。.!！".contains(*c))
            .map(|(at, c)| door.split_at(at + c.len_utf8()))
    };
    let (title, rest) = door.split_once('\n').or_else(sentence).unwrap_or((door, ""));
    let said = |field: &str| notice["body"][field].as_str().unwrap_or_default();
    let mut lines = sentences(rest);
    // Without a text for the door it is what everybody is to do, unless that is not for everybody's eyes (R63).
    let open = notice["secret"] == false && notice["body"]["open_text"] == true;
    let bare = door.is_empty() && !open;
    let neutral = desk.say("poster-neutral", &[]);
    let title = match (door.is_empty(), bare) {
        (true, true) => neutral.as_str(),
        (true, false) => said("title"),
        _ => title,
    };
    // What is over is said to be over, and nothing of what it said (R40).
    let over = notice["in_force"] == false;
    let ended = desk.say("poster-over", &[]);
    let title = if over { ended.as_str() } else { title };
    let long = title.chars().count() > 24;
    if over {
        lines.clear();
    } else if door.is_empty() && !bare {
        lines = sentences(said("body"));
        let steps = notice["body"]["steps"].as_array().into_iter().flatten();
        lines.extend(steps.filter_map(|step| step["title"].as_str()));
    }
    let ctx = json!({"notice": notice, "headline": title, "lines": lines, "long": long, "bare": bare && !over, "over": over, "now": desk.now(), "here": desk.here,
        "org": {"ja": desk.who.org.name.ja, "en": desk.who.org.name.en}});
    Ok(desk.app.pages().page("poster.html", desk.lang(), ctx)?.into_response())
}

/// What has happened to a countermeasure at one's own organisation, in order: notices, receipt, report.
fn course(notice: &Value) -> Vec<Value> {
    let mut course: Vec<Value> = notice["revisions"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|r| json!({"at": r["at"], "what": "rev", "rev": r["rev"], "change": r["change"]}))
        .collect();
    let receipt = &notice["receipt"];
    for (what, at) in [("acked", &receipt["acked_at"]), ("status", &receipt["status_at"])] {
        // The report that acknowledges is one event.
        if at.is_i64() && !(what == "acked" && *at == receipt["status_at"]) {
            course.push(json!({"at": at, "what": what}));
        }
    }
    course.sort_by_key(|line| line["at"].as_i64());
    course
}

async fn summary(desk: Desk) -> Page {
    let look = Look::at(&desk).await?;
    // One page for the management of members and the coordinator; offices read nothing of what is released.
    if !desk.is_member() && !desk.coordinates() {
        return Err(Error::NotFound.into());
    }
    let newest = look.notices.iter().find(|n| n.in_force()).or(look.notices.first());
    let mut ctx = json!({"org": {"ja": desk.who.org.name.ja, "en": desk.who.org.name.en}, "notice": null});
    if let Some(newest) = newest {
        ctx["notice"] = notice(&desk, &id(&newest.id)).await?;
        ctx["course"] = json!(course(&ctx["notice"]));
    }
    desk.page_with("summary.html", "home", &look, ctx)
}
