//! 周知状況: who has acknowledged, who has not, whom to call first, and who asked for help.

use axum::{
    Router,
    extract::Path,
    routing::{get, post},
};
use noroshi_council::{
    Micros, OrgId,
    receipt::{Stage, Status},
};
use serde_json::{Value, json};

use super::{
    desk::{Desk, Page, Stop, id},
    leaf::{self, Leaf},
    look::Look,
    reach,
    typed::Typed,
};
use crate::{
    acts::board::{Board, Line},
    app::App,
    web::{Error, Form, Query},
};

/// How many to call, or to help, are on one page.
const CALLS: usize = 20;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/board", get(list))
        .route("/board/{id}", get(show))
        .route("/board/{id}/again", post(again))
        .route("/board/{id}/help", post(help))
        .route("/board/{id}/call", post(call))
        .route("/board/{id}/report", post(report))
}

async fn list(desk: Desk, Query(part): Query<leaf::Part>) -> Page {
    if !desk.coordinates() {
        return Err(Error::NotFound.into());
    }
    let look = Look::at(&desk).await?;
    let shown = look.older_measures(&desk, part.before).await?;
    let notices: Vec<Value> = shown.notices.iter().map(super::look::Notice::json).collect();
    let older = leaf::older("/board", "before", part.before, shown.older.measures);
    desk.page_with("board-list.html", "board", &look, json!({"notices": notices, "older": older}))
}

#[derive(Default, serde::Deserialize)]
struct Which {
    #[serde(default)]
    sector: Option<String>,
    #[serde(default)]
    page: Option<usize>,
}

async fn show(desk: Desk, Path(measure): Path<String>, Query(which): Query<Which>) -> Page {
    let ctx = board(&desk, &measure, &which, Typed::default().form()).await?;
    desk.page("board.html", "board", ctx).await
}

async fn board(desk: &Desk, measure: &str, which: &Which, form: Value) -> Result<Value, Stop> {
    let thing = id(measure);
    let board = desk.app.council().board(&desk.who.known.actor, &thing).await?.ok_or(Error::NotFound)?;
    let view = desk.reader().thing("measure", &thing).await?.ok_or(Error::NotFound)?;
    let notice = view
        .layers
        .iter()
        .find(|v| v.body["rev"].is_u64() && v.key.is_empty())
        .map(|v| v.body.clone())
        .ok_or(Error::NotFound)?;
    let mut ctx = shown(desk, measure, &board, &notice, which);
    ctx["form"] = form;
    Ok(ctx)
}

/// What follows an act: the board, which says so, or what is wrong.
async fn after(
    desk: &Desk,
    measure: &str,
    typed: &Typed,
    done: Result<(), impl Into<Error>>,
    said: &str,
) -> Page {
    match done {
        Ok(()) => desk.go(&format!("/board/{}", id(measure)), said),
        Err(error) => {
            let form = desk.refused(error, typed).await?;
            let ctx = board(desk, measure, &Which::default(), form).await?;
            desk.again("board.html", "board", ctx).await
        }
    }
}

/// Acknowledged, and nothing begun.
const READ: [Stage; 3] = [Stage::Acknowledged, Stage::Planned, Stage::NotDone];

fn shown(desk: &Desk, measure: &str, board: &Board, notice: &Value, which: &Which) -> Value {
    let count = |stages: &[Stage]| board.lines.iter().filter(|l| stages.contains(&l.stage)).count();
    let all = board.lines.len();
    let waiting = board.lines.iter().filter(|l| l.stage.is_unreached()).count();
    let line = |l: &Line| {
        json!({
            "org": l.org, "name": desk.name(l.org.as_str()), "stage": l.stage, "status_at": l.status_at, "opening": l.opening_minute,
            "sector": reach::sector_name(desk, &l.sector), "phone": l.phone, "emergency": l.emergency, "calls": l.calls, "note": l.note, "help_by": l.help_by, "proxy": l.proxy,
            "defect": !l.defect.is_empty(),
        })
    };
    // Whose staff come first is called first.
    let mut late: Vec<&Line> = board.lines.iter().filter(|l| l.stage.is_unreached()).collect();
    if let Some(sector) = &which.sector {
        late.retain(|l| l.sector == *sector);
    }
    late.sort_by_key(|l| (l.opening_minute, l.org.clone()));
    let next = late.first().map(|l| l.opening_minute / 60);
    let soon = next.map(|hour| late.iter().filter(|l| l.opening_minute / 60 == hour).count());
    let leaf = Leaf::new(late.len(), CALLS, which.page);
    let path = format!("/board/{}", id(measure));
    let mut helps: Vec<&Line> = board.lines.iter().filter(|l| l.stage == Stage::Help).collect();
    helps.sort_by_key(|l| (l.help_by.is_some(), l.status_at));
    let mut sectors: Vec<Value> = board
        .sectors
        .iter()
        .map(|(sector, counted)| {
            let of = |stages: &[Stage]| board.lines.iter().filter(|l| l.sector == *sector && stages.contains(&l.stage)).count();
            json!({
                "sector": sector, "label": reach::sector_name(desk, sector), "all": counted.all, "waiting": counted.waiting, "percent": (counted.all - counted.waiting) * 100 / counted.all.max(1),
                "done": of(&[Stage::Done]), "doing": of(&[Stage::Doing]), "na": of(&[Stage::NotAffected]),
                "received": of(&READ), "help": of(&[Stage::Help]),
            })
        })
        .collect();
    sectors.sort_by_key(|s| std::cmp::Reverse(s["waiting"].as_u64()));
    // Since the notice whose number is said, not since the first one.
    let at = notice["changed_at"].as_i64().or(notice["at"].as_i64());
    let since: Micros = at.map_or(0, |at| desk.now() - at);
    json!({
        "id": id(measure).0, "notice": notice, "since": since, "all": all, "waiting": waiting, "acked": all - waiting,
        "percent": (all - waiting) * 100 / all.max(1), "done": count(&[Stage::Done]), "doing": count(&[Stage::Doing]),
        "na": count(&[Stage::NotAffected]), "received": count(&READ), "planned": count(&[Stage::Planned]), "not_done": count(&[Stage::NotDone]), "help": count(&[Stage::Help]),
        "help_open": helps.iter().filter(|l| l.help_by.is_none()).count(), "helps": helps.into_iter().take(CALLS).map(line).collect::<Vec<_>>(),
        "next_hour": next, "soon": soon, "calls": leaf.cut(&late).iter().map(|l| line(l)).collect::<Vec<_>>(),
        "leaf": leaf.json(&path, "page", &[("sector", which.sector.as_deref().unwrap_or_default())]),
        "sectors": sectors, "sector": which.sector, "useful": board.useful, "log": board.sent,
        "me": desk.who.known.person.id,
    })
}

async fn again(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let done = desk.app.council().notify_again(desk.caller(&typed), id(&measure)).await;
    after(&desk, &measure, &typed, done.map(drop), "notified").await
}

async fn help(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let org = OrgId(typed.text("org"));
    let done = desk.app.council().take_help(desk.caller(&typed), id(&measure), org).await;
    after(&desk, &measure, &typed, done, "helped").await
}

async fn call(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let org = OrgId(typed.text("org"));
    let done = desk.app.council().note_call(desk.caller(&typed), id(&measure), org, false).await;
    after(&desk, &measure, &typed, done, "called").await
}

/// What somebody said on the telephone.
async fn report(desk: Desk, Path(measure): Path<String>, Form(typed): Form<Typed>) -> Page {
    let org = OrgId(typed.text("org"));
    let status = match typed.one_of("status", Status::parse) {
        Ok(status) => status,
        Err(error) => return after(&desk, &measure, &typed, Err(error), "proxied").await,
    };
    let council = desk.app.council();
    // Two acts by one form: each happens once, however often it is sent.
    let mut noting = desk.caller(&typed);
    noting.once.key = noting.once.key.map(|key| format!("{key} call"));
    let done = match council.note_call(noting, id(&measure), org.clone(), true).await {
        Ok(()) => {
            let note = desk.say("board-by-phone", &[]);
            council.acknowledge_on_behalf(desk.caller(&typed), id(&measure), org, status, note).await
        }
        Err(error) => Err(error),
    };
    after(&desk, &measure, &typed, done, "proxied").await
}
