//! Bringing information and weighing it, for programs.

use axum::extract::{Path, State};
use noroshi_council::{
    ThingId,
    item::{Contribution, MaskedText, Submission, Triage},
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::bodies::{
    Approval, AskScope, Assess, Close, Decision, DecisionKind, Excuse, Next, PostBody, Raw, Readers, Reason,
    Recognised, Redraw, Trial,
};
use super::names::{self, INDICATORS, Leaving};
use crate::{
    acts::{Caller, preview::Part, reading::ReadBy},
    app::App,
    present::{self, DONE, Done, Made, ThingJson, ThingsJson},
    web::{Error, Json, Query},
};

const KIND: &str = "item";

/// The addresses of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(recognise))
        .routes(routes!(preview))
        .routes(routes!(list, submit))
        .routes(routes!(bring))
        .routes(routes!(show))
        .routes(routes!(read_by))
        .routes(routes!(triage))
        .routes(routes!(detail))
        .routes(routes!(mask))
        .routes(routes!(check))
        .routes(routes!(confirm))
        .routes(routes!(post))
        .routes(routes!(excuse))
        .routes(routes!(assess))
        .routes(routes!(close))
        .routes(routes!(retract))
        .routes(routes!(redraw))
        .routes(routes!(supersede))
        .routes(routes!(ask_for_scope))
        .routes(routes!(refuse_scope))
}

/// What a text holds: indicators, and what looks like a name that should be masked. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/extract", tag = "items", operation_id = "items_recognise",
    params(),
    request_body = Raw,
    responses((status = 200, description = "What was recognised.", body = Recognised)))]
async fn recognise(
    State(app): State<App>,
    caller: Caller,
    Json(raw): Json<Raw>,
) -> Result<Json<Recognised>, Error> {
    let found = super::recognise(&app, &caller.actor, &raw.text)?;
    Ok(Json(Recognised {
        indicators: serde_json::to_value(&found.indicators).map_err(Error::internal)?,
        findings: serde_json::to_value(&found.findings).map_err(Error::internal)?,
    }))
}

/// Who exactly would read an item under a scope, computed by the gate itself. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/preview", tag = "items", operation_id = "items_preview",
    params(),
    request_body = Trial,
    responses((status = 200, description = "Who would read it.", body = Readers)))]
async fn preview(
    State(app): State<App>,
    caller: Caller,
    Json(trial): Json<Trial>,
) -> Result<Json<Readers>, Error> {
    let preview = {
        let part = trial.part.unwrap_or(Part::Technique);
        app.council().preview(part, &caller.actor.org, &trial.scope, trial.secret)?
    };
    let roster = app.store().roster();
    let known = super::knows_readers(&caller.actor);
    let readers = preview.readers.iter().filter(|_| known).filter_map(|id| roster.get(id));
    Ok(Json(Readers {
        count: preview.readers.len(),
        readers: readers.map(|o| present::NameJson::from(&o.name)).collect(),
        left_out: preview.left_out.len(),
    }))
}

/// The items that the caller may see, newest first.
#[utoipa::path(get, path = "/api/v1/items", tag = "items", operation_id = "items_list",
    params(present::Page),
    responses((status = 200, description = "Done.", body = ThingsJson)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<present::Page>,
) -> Result<Json<ThingsJson>, Error> {
    let (views, next) = super::newest(&app, &caller.actor, page.before, page.limit()).await?;
    app.council().note_listed(&caller.actor, &views, "api").await?;
    Ok(Json(ThingsJson { next, ..present::list(&views, page.limit(), &app.store().roster()) }))
}

/// Provides information. It waits for the coordinator.
#[utoipa::path(post, path = "/api/v1/items", tag = "items", operation_id = "items_submit",
    params(),
    request_body = Submission,
    responses((status = 201, description = "Received.", body = Made)))]
async fn submit(
    State(app): State<App>,
    caller: Caller,
    Json(submission): Json<Submission>,
) -> Result<(axum::http::StatusCode, Json<Made>), Error> {
    let id = app.council().submit_item(caller, submission).await?;
    Ok((axum::http::StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// Brings an analysis to `class1`.
#[utoipa::path(post, path = "/api/v1/analyses", tag = "items", operation_id = "items_bring",
    params(),
    request_body = Submission,
    responses((status = 201, description = "Shared.", body = Made)))]
async fn bring(
    State(app): State<App>,
    caller: Caller,
    Json(submission): Json<Submission>,
) -> Result<(axum::http::StatusCode, Json<Made>), Error> {
    let indicators = names::lines(&submission.indicators);
    let texts = [
        ("title", &submission.title),
        ("technique", &submission.technique),
        ("damage", &submission.damage),
        ("addendum_to", &submission.addendum_to),
        (INDICATORS, &indicators),
    ];
    let leaving = Leaving {
        app: &app,
        whose: &[&caller.actor.org],
        texts: texts.map(|(field, text)| (field, text.as_str())).into(),
    };
    names::insist(&leaving, &submission.kept)?;
    let id = app.council().bring_analysis(caller, submission).await?;
    Ok((axum::http::StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// One item.
#[utoipa::path(get, path = "/api/v1/items/{id}", tag = "items", operation_id = "items_show",
    params(("id" = String, Path, description = "The item."), ),
    responses((status = 200, description = "Done.", body = ThingJson)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ThingJson>, Error> {
    let thing =
        app.store().as_seen_by(&caller.actor).thing(KIND, &ThingId(id)).await?.ok_or(Error::NotFound)?;
    app.council().note_read(&caller.actor, &thing, "api").await?;
    Ok(Json(present::thing(&thing, &app.store().roster())))
}

/// Who has read one's own item: an organisation, how many of its people, and when first (R18).
#[utoipa::path(get, path = "/api/v1/items/{id}/readers", tag = "items", operation_id = "items_read_by",
    params(("id" = String, Path, description = "The item."), ),
    responses((status = 200, description = "Done.", body = Vec<ReadBy>)))]
async fn read_by(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<ReadBy>>, Error> {
    Ok(Json(app.council().readers_of(&caller.actor, KIND, ThingId(id)).await?))
}

/// Accepts, returns or declines what came in.
#[utoipa::path(post, path = "/api/v1/items/{id}/triage", tag = "items", operation_id = "items_triage",
    params(("id" = String, Path, description = "The item."), ),
    request_body = Decision,
    responses((status = 200, description = "Done.", body = Done)))]
async fn triage(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Decision>,
) -> Result<Json<Done>, Error> {
    let decision = match body.decision {
        DecisionKind::Accept => Triage::Accept,
        DecisionKind::Return => Triage::Return(body.reason),
        DecisionKind::Decline => Triage::Decline(body.reason),
        DecisionKind::Merge => Triage::Merge(ThingId(body.into)),
    };
    app.council().triage_item(caller, ThingId(id), decision, None).await?;
    Ok(Json(DONE))
}

/// What was asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct More {
    /// In words.
    pub text: String,
}

/// Adds to one's own item what the coordinator asked for when it returned it.
#[utoipa::path(post, path = "/api/v1/items/{id}/detail", tag = "items", operation_id = "items_detail",
    params(("id" = String, Path, description = "The item."), ),
    request_body = More,
    responses((status = 200, description = "Done.", body = Done)))]
async fn detail(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<More>,
) -> Result<Json<Done>, Error> {
    app.council().detail_item(caller, ThingId(id), body.text).await?;
    Ok(Json(DONE))
}

/// Writes the masked text.
#[utoipa::path(post, path = "/api/v1/items/{id}/mask", tag = "items", operation_id = "items_mask",
    params(("id" = String, Path, description = "The item."), ),
    request_body = MaskedText,
    responses((status = 200, description = "Done.", body = Done)))]
async fn mask(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<MaskedText>,
) -> Result<Json<Done>, Error> {
    let id = ThingId(id);
    names::masked(&app, &caller.actor, &id, &body).await?;
    app.council().mask_item(caller, id, body).await?;
    Ok(Json(DONE))
}

/// Checks somebody else's masking.
#[utoipa::path(post, path = "/api/v1/items/{id}/check", tag = "items", operation_id = "items_check",
    params(("id" = String, Path, description = "The item."), present::Upon),
    responses((status = 200, description = "Done.", body = Done)))]
async fn check(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(read): Query<present::Upon>,
) -> Result<Json<Done>, Error> {
    app.council().check_masking(caller, ThingId(id), read.upon).await?;
    Ok(Json(DONE))
}

/// The provider approves or refuses the masked text, or writes it otherwise.
#[utoipa::path(post, path = "/api/v1/items/{id}/source", tag = "items", operation_id = "items_confirm",
    params(("id" = String, Path, description = "The item."), present::Upon),
    request_body = Approval,
    responses((status = 200, description = "Done.", body = Done)))]
async fn confirm(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(read): Query<present::Upon>,
    Json(body): Json<Approval>,
) -> Result<Json<Done>, Error> {
    match body.edited {
        Some(_) if body.approve => return Err(Error::field("edited", "bad-value")),
        Some(text) => {
            let id = ThingId(id);
            names::masked(&app, &caller.actor, &id, &text).await?;
            app.council().edit_source(caller, id, text).await?;
        }
        None => app.council().confirm_source(caller, ThingId(id), body.approve, read.upon).await?,
    }
    Ok(Json(DONE))
}

/// Gives an opinion, says that there is no material, or remarks something.
#[utoipa::path(post, path = "/api/v1/items/{id}/posts", tag = "items", operation_id = "items_post",
    params(("id" = String, Path, description = "The item."), ),
    request_body = PostBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn post(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<PostBody>,
) -> Result<Json<Done>, Error> {
    let contribution = match (body.opinion, body.note, body.no_material) {
        (Some(opinion), None, false) => Contribution::Opinion(opinion),
        (None, Some(note), false) => Contribution::Note(note),
        (None, None, true) => Contribution::NoMaterial,
        // Whoever sends nothing by mistake has not answered.
        (None, None, false) => return Err(Error::field("opinion", "missing")),
        _ => return Err(Error::field("note", "bad-value")),
    };
    app.council().give_opinion(caller, ThingId(id), contribution, body.author_shown).await?;
    Ok(Json(DONE))
}

/// Excuses a `class1` member from its answer.
#[utoipa::path(post, path = "/api/v1/items/{id}/excuse", tag = "items", operation_id = "items_excuse",
    params(("id" = String, Path, description = "The item."), ),
    request_body = Excuse,
    responses((status = 200, description = "Done.", body = Done)))]
async fn excuse(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Excuse>,
) -> Result<Json<Done>, Error> {
    app.council().excuse_expert(caller, ThingId(id), body.org, body.reason).await?;
    Ok(Json(DONE))
}

/// Assesses the confidence, on grounds.
#[utoipa::path(post, path = "/api/v1/items/{id}/assessments", tag = "items", operation_id = "items_assess",
    params(("id" = String, Path, description = "The item."), ),
    request_body = Assess,
    responses((status = 200, description = "Done.", body = Done)))]
async fn assess(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Assess>,
) -> Result<Json<Done>, Error> {
    app.council().assess_confidence(caller, ThingId(id), body.value, body.grounds, body.post).await?;
    Ok(Json(DONE))
}

/// Closes an item with its outcome.
#[utoipa::path(post, path = "/api/v1/items/{id}/close", tag = "items", operation_id = "items_close",
    params(("id" = String, Path, description = "The item."), ),
    request_body = Close,
    responses((status = 200, description = "Done.", body = Done)))]
async fn close(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Close>,
) -> Result<Json<Done>, Error> {
    app.council().close_item(caller, ThingId(id), body.outcome, body.note).await?;
    Ok(Json(DONE))
}

/// The provider takes its item back.
#[utoipa::path(post, path = "/api/v1/items/{id}/retract", tag = "items", operation_id = "items_retract",
    params(("id" = String, Path, description = "The item."), ),
    request_body = Reason,
    responses((status = 200, description = "Done.", body = Done)))]
async fn retract(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Reason>,
) -> Result<Json<Done>, Error> {
    app.council().retract_item(caller, ThingId(id), body.reason).await?;
    Ok(Json(DONE))
}

/// The provider draws the scope anew.
#[utoipa::path(put, path = "/api/v1/items/{id}/scope", tag = "items", operation_id = "items_redraw",
    params(("id" = String, Path, description = "The item."), ),
    request_body = Redraw,
    responses((status = 200, description = "Done.", body = Done)))]
async fn redraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Redraw>,
) -> Result<Json<Done>, Error> {
    app.council().redraw_item(caller, ThingId(id), body.damage, body.scope, body.granting).await?;
    Ok(Json(DONE))
}

/// Gives another item of one's own in the place of this one.
#[utoipa::path(post, path = "/api/v1/items/{id}/supersede", tag = "items", operation_id = "items_supersede",
    params(("id" = String, Path, description = "The item."), ),
    request_body = Next,
    responses((status = 200, description = "Done.", body = Done)))]
async fn supersede(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Next>,
) -> Result<Json<Done>, Error> {
    app.council().supersede_item(caller, ThingId(id), ThingId(body.by)).await?;
    Ok(Json(DONE))
}

/// Asks the provider to draw the scope wider. Nothing is wider by that; a request that is refused lapses like one that is
/// not answered.
#[utoipa::path(post, path = "/api/v1/items/{id}/scope-requests", tag = "items", operation_id = "items_ask_for_scope",
    params(("id" = String, Path, description = "The item."), ),
    request_body = AskScope,
    responses((status = 200, description = "Asked.", body = Done)))]
async fn ask_for_scope(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<AskScope>,
) -> Result<Json<Done>, Error> {
    app.council().ask_for_scope(caller, ThingId(id), body.text, body.proposed).await?;
    Ok(Json(DONE))
}

/// The provider refuses a request to draw the scope wider. It grants one by drawing the scope (`granting`).
#[utoipa::path(post, path = "/api/v1/items/{id}/scope-requests/{no}/refuse", tag = "items", operation_id = "items_refuse_scope",
    params(("id" = String, Path, description = "The item."), ("no" = u32, Path, description = "The number of the request."), ),
    responses((status = 200, description = "Done.", body = Done)))]
async fn refuse_scope(
    State(app): State<App>,
    caller: Caller,
    Path((id, no)): Path<(String, u32)>,
) -> Result<Json<Done>, Error> {
    app.council().refuse_scope(caller, ThingId(id), no).await?;
    Ok(Json(DONE))
}
