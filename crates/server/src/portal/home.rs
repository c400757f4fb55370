//! Home: in an emergency, what to do this morning and one tap to report it; otherwise what waits for somebody.

use axum::{
    Router,
    response::{IntoResponse as _, Redirect},
    routing::get,
};
use noroshi_council::{Seat, Standing, receipt::Stage, refusal::Clause};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page},
    look::Look,
    measure,
    typed::Typed,
};
use crate::{app::App, web::Error};

/// For how many notices the board is looked at.
const NOTICES: usize = 8;
/// How many tasks are on the page; the pages that the navigation counts have the others.
const TASKS: usize = 25;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/", get(home))
}

/// Everything that waits for somebody, the most pressing first.
fn tasks(desk: &Desk, look: &Look) -> Vec<Value> {
    let mut tasks = Vec::new();
    let mut add = |kind: &str, of: &Value, href: String, due: &Value, at: &Value| {
        let (title, exercise) = (&of["title"], &of["exercise"]);
        tasks.push(
            json!({"kind": kind, "title": title, "exercise": exercise, "href": href, "due": due, "at": at}),
        );
    };
    let none = Value::Null;
    for notice in look.notices.iter().filter(|n| desk.is_member() && n.waits()) {
        let kind = if notice.in_force() { "acknowledge" } else { "acknowledge-end" };
        let at = if notice.in_force() { &notice.body["at"] } else { &notice.body["changed_at"] };
        add(kind, &notice.body, format!("/info/{}", notice.id), &none, at);
    }
    for request in look.requests.iter().filter(|r| r["waits"] == true) {
        let href = format!("/feedback/{}", text(&request["id"]));
        add("answer", &request["body"], href, &request["body"]["due"], &request["body"]["at"]);
    }
    for request in look.requests.iter().filter(|r| r["waits"] == false && r["confirms"] == true) {
        let href = format!("/feedback/{}", text(&request["id"]));
        add("confirm-early", &request["body"], href, &none, &request["body"]["early"]["changed_at"]);
    }
    for ask in look.asks.iter().filter(|a| a["waits"] == true) {
        let kind = if ask["own"] == true { "permission" } else { "reply" };
        add(kind, ask, format!("/ask/{}", text(&ask["id"])), &none, &ask["at"]);
    }
    for demand in &look.demands {
        add("demand", demand, format!("/demands/{}", text(&demand["id"])), &demand["due"], &none);
    }
    for ballot in &look.ballots {
        add("ballot", ballot, format!("/assembly/{}", text(&ballot["id"])), &ballot["closes_at"], &none);
    }
    for ask in look.asks.iter().filter(|a| a["unassigned"] == true && a["waits"] != true) {
        add("assign", ask, format!("/ask/{}", text(&ask["id"])), &none, &ask["at"]);
    }
    for inquiry in look.inquiries.iter().filter(|i| i["waits"] == true) {
        add("inquiry", inquiry, format!("/ask/{}", text(&inquiry["id"])), &inquiry["due"], &inquiry["at"]);
    }
    for draft in look.drafts.iter().filter(|d| !d["body"]["proposal"].is_null()) {
        if super::release::second(desk, &draft["body"]["proposal"]) {
            let href = format!("/release/{}", text(&draft["id"]));
            add("approve", &draft["body"]["content"], href, &none, &draft["at"]);
        }
    }
    for draft in look.drafts.iter().filter(|d| d["body"]["unreviewed"] == true) {
        let href = format!("/release/{}", text(&draft["id"]));
        add("review-source", &draft["body"]["content"], href, &none, &draft["at"]);
    }
    for item in &look.items {
        let href = format!("/analysis/{}", text(&item["id"]));
        if !item["due"].is_null() {
            add("debt", item, href, &item["due"], &item["at"]);
        } else if item["confirm"] == true {
            add("confirm", item, href, &none, &item["at"]);
        } else if item["triage"] == true {
            add("triage", item, href, &none, &item["at"]);
        }
    }
    tasks
}

/// For whoever watches the board: who calls for help and who has not acknowledged, for each notice in force.
async fn watch(desk: &Desk, look: &Look) -> Result<Vec<Value>, Error> {
    let mut tasks = Vec::new();
    if !desk.coordinates() {
        return Ok(tasks);
    }
    for notice in look.notices.iter().filter(|n| n.in_force()).take(NOTICES) {
        let board = desk.app.council().board(&desk.who.known.actor, &super::desk::id(&notice.id)).await?;
        let lines = board.map(|board| board.lines).unwrap_or_default();
        let helps = lines.iter().filter(|l| l.stage == Stage::Help && l.help_by.is_none()).count();
        let unreached = lines.iter().filter(|l| l.stage.is_unreached()).count();
        for (kind, count) in [("help", helps), ("unreached", unreached)] {
            if count > 0 {
                tasks.push(json!({
                    "kind": kind, "title": notice.body["title"], "exercise": notice.body["exercise"], "href": format!("/board/{}", notice.id),
                    "count": count, "of": lines.len(),
                }));
            }
        }
    }
    Ok(tasks)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

async fn home(desk: Desk) -> Page {
    // Nothing is there for a suspended member but why, until when, and the way out.
    if desk.who.org.standing == Standing::Suspended {
        return Ok(Redirect::to("/org").into_response());
    }
    let look = Look::at(&desk).await?;
    let mut waiting = watch(&desk, &look).await?;
    waiting.extend(tasks(&desk, &look));
    waiting.extend(super::duties::waiting(&desk).await?);
    waiting.extend(super::cases::waiting(&desk).await?);
    if desk.is_member() {
        let lost = desk.app.council().contact_defects(&desk.who.known.actor).await?;
        waiting.extend(lost.iter().map(|name| json!({"kind": "contact", "title": name, "href": "/org"})));
    }
    let mut ctx = json!({
        "form": Typed::default().form(),
        "waiting": waiting.len(), "tasks": waiting.iter().take(TASKS).collect::<Vec<_>>(),
        "notices": look.notices.iter().take(8).map(super::look::Notice::json).collect::<Vec<_>>(),
        "requests": look.requests.iter().take(8).collect::<Vec<_>>(),
        "items": look.items.iter().filter(|i| desk.weighs() || i["mine"] == true).take(8).collect::<Vec<_>>(),
        "drafts": look.drafts.iter().filter(|d| d["body"]["state"] == "drafted" || !d["body"]["proposal"].is_null()).take(8).collect::<Vec<_>>(),
        "asks": look.asks.iter().filter(|a| a["state"] != "sealed").take(8).collect::<Vec<_>>(),
        "office_article": desk.app.charter().article_of(Clause::NotPermitted, None).map(|a| a.number.clone()),
        "ladder": super::analysis::ladder(&desk), "member": desk.is_member(), "weighs": desk.weighs(), "coordinates": desk.coordinates(),
    });
    let name = match desk.seat() {
        Seat::Operator => "home-operator.html",
        Seat::Secretariat => {
            let roster = desk.app.store().roster();
            let count = |seat: &str| roster.active().filter(|o| o.seat.as_str() == seat).count();
            let charter = desk.app.charter();
            let classes = charter.parameters().classes.iter().map(|class| class.as_str());
            ctx["counts"] = json!(classes.map(|class| json!([class, count(class)])).collect::<Vec<_>>());
            let mut suspended = Vec::new();
            for org in roster.orgs.values().filter(|o| o.standing == Standing::Suspended) {
                let ends_at = desk.app.council().suspension_end(&org.id).await?;
                let name = json!({"ja": org.name.ja, "en": org.name.en});
                suspended.push(json!({"id": org.id, "name": name, "ends_at": ends_at}));
            }
            ctx["suspended"] = json!(suspended);
            "home-secretariat.html"
        }
        _ => {
            if let Some(alarm) = look.alarm() {
                let id = alarm.id.clone();
                ctx["notice"] = measure::notice(&desk, &super::desk::id(&id)).await?;
                ctx["notices"] = json!(
                    look.notices
                        .iter()
                        .filter(|n| n.id != id)
                        .take(8)
                        .map(super::look::Notice::json)
                        .collect::<Vec<_>>()
                );
                "home-emergency.html"
            } else {
                "home.html"
            }
        }
    };
    desk.page_with(name, "home", &look, ctx)
}
