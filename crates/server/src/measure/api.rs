//! Countermeasures, for programs.

use axum::extract::{Path, State};
use noroshi_council::{
    OrgId, ThingId,
    measure::{Content, Release},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::bodies::{
    Answers, Assessed, Call, Draft, DropBody, ExcuseAnswer, Finding, Notified, Propose, PublicReference,
    Rating, Report, Revise, Revised, Seen,
};
use crate::{
    acts::{Caller, board::Board, helped::Helped, notice::OwnReceipt},
    app::App,
    present::{self, DONE, Done, Made, ThingJson, ThingsJson},
    web::{Error, Json, Query},
};

const KIND: &str = "measure";

/// The addresses of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, draft))
        .routes(routes!(show, rewrite))
        .routes(routes!(assess))
        .routes(routes!(propose))
        .routes(routes!(approve))
        .routes(routes!(drop_proposal))
        .routes(routes!(give_up))
        .routes(routes!(answer))
        .routes(routes!(answer_for))
        .routes(routes!(excuse))
        .routes(routes!(confirm))
        .routes(routes!(close_request))
        .routes(routes!(review))
        .routes(routes!(publish))
        .routes(routes!(revise))
        .routes(routes!(acknowledge, own_receipt))
        .routes(routes!(acknowledge_for))
        .routes(routes!(rate))
        .routes(routes!(board))
        .routes(routes!(helped))
        .routes(routes!(take_help))
        .routes(routes!(note_call))
        .routes(routes!(notify_again))
}

/// The countermeasures that the caller may see, newest first.
#[utoipa::path(get, path = "/api/v1/measures", tag = "measures", operation_id = "measures_list",
    params(present::Page),
    responses((status = 200, description = "Done.", body = ThingsJson)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<present::Page>,
) -> Result<Json<ThingsJson>, Error> {
    let views = super::newest(&app, &caller.actor, page.before, page.limit()).await?;
    app.council().note_listed(&caller.actor, &views, "api").await?;
    Ok(Json(present::list(&views, page.limit(), &app.store().roster())))
}

/// Drafts a countermeasure.
#[utoipa::path(post, path = "/api/v1/measures", tag = "measures", operation_id = "measures_draft",
    params(),
    request_body = Draft,
    responses((status = 201, description = "Drafted.", body = Made)))]
async fn draft(
    State(app): State<App>,
    caller: Caller,
    Json(draft): Json<Draft>,
) -> Result<(axum::http::StatusCode, Json<Made>), Error> {
    let id = app.council().draft_measure(caller, draft.items, draft.content).await?;
    Ok((axum::http::StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// One countermeasure.
#[utoipa::path(get, path = "/api/v1/measures/{id}", tag = "measures", operation_id = "measures_show",
    params(("id" = String, Path, description = "The countermeasure."), ),
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

/// Rewrites a draft.
#[utoipa::path(put, path = "/api/v1/measures/{id}", tag = "measures", operation_id = "measures_rewrite",
    params(("id" = String, Path, description = "The countermeasure."), present::Upon),
    request_body = Content,
    responses((status = 200, description = "Done.", body = Done)))]
async fn rewrite(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(read): Query<present::Upon>,
    Json(body): Json<Content>,
) -> Result<Json<Done>, Error> {
    app.council().rewrite_measure(caller, ThingId(id), body, read.upon).await?;
    Ok(Json(DONE))
}

/// Assesses a countermeasure for itself, on grounds. While an analysis that it came of is open, it takes over what is
/// assessed there.
#[utoipa::path(post, path = "/api/v1/measures/{id}/assessments", tag = "measures", operation_id = "measures_assess",
    params(("id" = String, Path, description = "The countermeasure."), ),
    request_body = Assessed,
    responses((status = 200, description = "Done.", body = Done)))]
async fn assess(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Assessed>,
) -> Result<Json<Done>, Error> {
    app.council().assess_measure(caller, ThingId(id), body.value, body.grounds).await?;
    Ok(Json(DONE))
}

/// Proposes a release; somebody else has to approve it.
#[utoipa::path(post, path = "/api/v1/measures/{id}/releases", tag = "measures", operation_id = "measures_propose",
    params(("id" = String, Path, description = "The countermeasure."), ),
    request_body = Propose,
    responses((status = 200, description = "Done.", body = Done)))]
async fn propose(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Propose>,
) -> Result<Json<Done>, Error> {
    app.council().propose_release(caller, ThingId(id), body.release, body.wish).await?;
    Ok(Json(DONE))
}

/// The second person approves: the release happens.
#[utoipa::path(post, path = "/api/v1/measures/{id}/releases/{release}/approve", tag = "measures", operation_id = "measures_approve",
    params(("id" = String, Path, description = "The countermeasure."), ("release" = Release, Path, description = "Which release."), present::Upon),
    responses((status = 200, description = "Done.", body = Done)))]
async fn approve(
    State(app): State<App>,
    caller: Caller,
    Path((id, release)): Path<(String, Release)>,
    Query(read): Query<present::Upon>,
) -> Result<Json<Done>, Error> {
    app.council().approve_release(caller, ThingId(id), release, read.upon).await?;
    Ok(Json(DONE))
}

/// Takes a proposal back, or turns it down.
#[utoipa::path(post, path = "/api/v1/measures/{id}/releases/{release}/drop", tag = "measures", operation_id = "measures_drop_proposal",
    params(("id" = String, Path, description = "The countermeasure."), ("release" = Release, Path, description = "Which release."), ),
    request_body = DropBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn drop_proposal(
    State(app): State<App>,
    caller: Caller,
    Path((id, release)): Path<(String, Release)>,
    Json(body): Json<DropBody>,
) -> Result<Json<Done>, Error> {
    app.council().drop_proposal(caller, ThingId(id), release, body.reason).await?;
    Ok(Json(DONE))
}

/// Gives up a draft that nobody has had.
#[utoipa::path(post, path = "/api/v1/measures/{id}/give-up", tag = "measures", operation_id = "measures_give_up",
    params(("id" = String, Path, description = "The countermeasure."), ),
    request_body = DropBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn give_up(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<DropBody>,
) -> Result<Json<Done>, Error> {
    app.council().give_up_draft(caller, ThingId(id), body.reason).await?;
    Ok(Json(DONE))
}

/// Answers 来ている, 来ていない or わからない.
#[utoipa::path(post, path = "/api/v1/measures/{id}/answers", tag = "measures", operation_id = "measures_answer",
    params(("id" = String, Path, description = "The countermeasure."), ),
    request_body = Answers,
    responses((status = 200, description = "Done.", body = Done)))]
async fn answer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Answers>,
) -> Result<Json<Done>, Error> {
    app.council().answer_request(caller, ThingId(id), body.answers, body.consent, body.read).await?;
    Ok(Json(DONE))
}

/// The coordinator enters an answer given by telephone.
#[utoipa::path(post, path = "/api/v1/measures/{id}/answers/{org}", tag = "measures", operation_id = "measures_answer_for",
    params(("id" = String, Path, description = "The countermeasure."), ("org" = String, Path, description = "The organisation."), ),
    request_body = Answers,
    responses((status = 200, description = "Done.", body = Done)))]
async fn answer_for(
    State(app): State<App>,
    caller: Caller,
    Path((id, org)): Path<(String, String)>,
    Json(body): Json<Answers>,
) -> Result<Json<Done>, Error> {
    app.council().answer_on_behalf(caller, ThingId(id), OrgId(org), body.answers).await?;
    Ok(Json(DONE))
}

/// Excuses a `class2` member from its answer.
#[utoipa::path(post, path = "/api/v1/measures/{id}/excuse", tag = "measures", operation_id = "measures_excuse",
    params(("id" = String, Path, description = "The countermeasure."), ),
    request_body = ExcuseAnswer,
    responses((status = 200, description = "Done.", body = Done)))]
async fn excuse(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<ExcuseAnswer>,
) -> Result<Json<Done>, Error> {
    app.council().excuse_answer(caller, ThingId(id), body.org, body.reason).await?;
    Ok(Json(DONE))
}

/// Confirms the last revision of what `class2` has had before everybody.
#[utoipa::path(post, path = "/api/v1/measures/{id}/confirmation", tag = "measures", operation_id = "measures_confirm",
    params(("id" = String, Path, description = "The countermeasure."), Seen),
    responses((status = 200, description = "Done.", body = Done)))]
async fn confirm(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(seen): Query<Seen>,
) -> Result<Json<Done>, Error> {
    app.council().confirm_early(caller, ThingId(id), seen.read).await?;
    Ok(Json(DONE))
}

/// Closes the request to `class2`: enough is known.
#[utoipa::path(post, path = "/api/v1/measures/{id}/close-request", tag = "measures", operation_id = "measures_close_request",
    params(("id" = String, Path, description = "The countermeasure."), ),
    responses((status = 200, description = "Done.", body = Done)))]
async fn close_request(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Done>, Error> {
    app.council().close_request(caller, ThingId(id)).await?;
    Ok(Json(DONE))
}

/// Looks at a precautionary release again.
#[utoipa::path(post, path = "/api/v1/measures/{id}/review", tag = "measures", operation_id = "measures_review",
    params(("id" = String, Path, description = "The countermeasure."), ),
    request_body = Finding,
    responses((status = 200, description = "Done.", body = Done)))]
async fn review(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Finding>,
) -> Result<Json<Done>, Error> {
    app.council().review_precaution(caller, ThingId(id), body.finding).await?;
    Ok(Json(DONE))
}

/// Records that something of it was made public, and where.
#[utoipa::path(post, path = "/api/v1/measures/{id}/publication", tag = "measures", operation_id = "measures_publish",
    params(("id" = String, Path, description = "The countermeasure."), ),
    request_body = PublicReference,
    responses((status = 200, description = "Done.", body = Done)))]
async fn publish(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<PublicReference>,
) -> Result<Json<Done>, Error> {
    app.council().publish_measure(caller, ThingId(id), body.reference).await?;
    Ok(Json(DONE))
}

/// Issues an update, a correction, a cancellation or the all-clear.
#[utoipa::path(post, path = "/api/v1/measures/{id}/revisions", tag = "measures", operation_id = "measures_revise",
    params(("id" = String, Path, description = "The countermeasure."), present::Upon),
    request_body = Revise,
    responses((status = 200, description = "Done.", body = Revised)))]
async fn revise(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Query(read): Query<present::Upon>,
    Json(body): Json<Revise>,
) -> Result<Json<Revised>, Error> {
    let rev = app
        .council()
        .revise_measure(caller, ThingId(id), body.change, body.note, body.content, read.upon)
        .await?;
    Ok(Json(Revised { rev }))
}

/// Acknowledges, and reports what is being done.
#[utoipa::path(post, path = "/api/v1/measures/{id}/acknowledgement", tag = "measures", operation_id = "measures_acknowledge",
    params(("id" = String, Path, description = "The countermeasure."), ),
    request_body = Report,
    responses((status = 200, description = "Done.", body = Done)))]
async fn acknowledge(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Report>,
) -> Result<Json<Done>, Error> {
    app.council().acknowledge(caller, ThingId(id), body.status, body.note, body.rev).await?;
    Ok(Json(DONE))
}

/// What one's own organisation has reported.
#[utoipa::path(get, path = "/api/v1/measures/{id}/acknowledgement", tag = "measures", operation_id = "measures_own_receipt",
    params(("id" = String, Path, description = "The countermeasure."), ),
    responses((status = 200, description = "Done.", body = OwnReceipt)))]
async fn own_receipt(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<OwnReceipt>, Error> {
    let id = ThingId(id);
    app.store().as_seen_by(&caller.actor).thing(KIND, &id).await?.ok_or(Error::NotFound)?;
    let receipt = app.council().own_receipt(&caller.actor, &id).await?.ok_or(Error::NotFound)?;
    Ok(Json(receipt))
}

/// The coordinator enters what an organisation said by telephone.
#[utoipa::path(post, path = "/api/v1/measures/{id}/acknowledgement/{org}", tag = "measures", operation_id = "measures_acknowledge_for",
    params(("id" = String, Path, description = "The countermeasure."), ("org" = String, Path, description = "The organisation."), ),
    request_body = Report,
    responses((status = 200, description = "Done.", body = Done)))]
async fn acknowledge_for(
    State(app): State<App>,
    caller: Caller,
    Path((id, org)): Path<(String, String)>,
    Json(body): Json<Report>,
) -> Result<Json<Done>, Error> {
    app.council().acknowledge_on_behalf(caller, ThingId(id), OrgId(org), body.status, body.note).await?;
    Ok(Json(DONE))
}

/// Rates the usefulness; only the aggregate is ever shown.
#[utoipa::path(post, path = "/api/v1/measures/{id}/rating", tag = "measures", operation_id = "measures_rate",
    params(("id" = String, Path, description = "The countermeasure."), ),
    request_body = Rating,
    responses((status = 200, description = "Done.", body = Done)))]
async fn rate(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Rating>,
) -> Result<Json<Done>, Error> {
    app.council().rate_measure(caller, ThingId(id), body.useful).await?;
    Ok(Json(DONE))
}

/// Who has acknowledged and who has not.
#[utoipa::path(get, path = "/api/v1/measures/{id}/board", tag = "measures", operation_id = "measures_board",
    params(("id" = String, Path, description = "The countermeasure."), ),
    responses((status = 200, description = "Done.", body = Board)))]
async fn board(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<Board>, Error> {
    let board = app.council().board(&caller.actor, &ThingId(id)).await?.ok_or(Error::NotFound)?;
    Ok(Json(board))
}

/// How many members it has helped so far, for whoever answered about it or provided what it came of.
#[utoipa::path(get, path = "/api/v1/measures/{id}/helped", tag = "measures", operation_id = "measures_helped",
    params(("id" = String, Path, description = "The countermeasure."), ),
    responses((status = 200, description = "In steps of ten.", body = Helped)))]
async fn helped(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Helped>, Error> {
    let helped = app.council().helped(&caller.actor, &ThingId(id)).await?.ok_or(Error::NotFound)?;
    Ok(Json(helped))
}

/// Takes on a call for help.
#[utoipa::path(post, path = "/api/v1/measures/{id}/help/{org}", tag = "measures", operation_id = "measures_take_help",
    params(("id" = String, Path, description = "The countermeasure."), ("org" = String, Path, description = "The organisation."), ),
    responses((status = 200, description = "Done.", body = Done)))]
async fn take_help(
    State(app): State<App>,
    caller: Caller,
    Path((id, org)): Path<(String, String)>,
) -> Result<Json<Done>, Error> {
    app.council().take_help(caller, ThingId(id), OrgId(org)).await?;
    Ok(Json(DONE))
}

/// Notes a telephone call.
#[utoipa::path(post, path = "/api/v1/measures/{id}/calls/{org}", tag = "measures", operation_id = "measures_note_call",
    params(("id" = String, Path, description = "The countermeasure."), ("org" = String, Path, description = "The organisation."), ),
    request_body = Call,
    responses((status = 200, description = "Done.", body = Done)))]
async fn note_call(
    State(app): State<App>,
    caller: Caller,
    Path((id, org)): Path<(String, String)>,
    Json(body): Json<Call>,
) -> Result<Json<Done>, Error> {
    app.council().note_call(caller, ThingId(id), OrgId(org), body.reached).await?;
    Ok(Json(DONE))
}

/// Notifies again those who have not acknowledged.
#[utoipa::path(post, path = "/api/v1/measures/{id}/notify-again", tag = "measures", operation_id = "measures_notify_again",
    params(("id" = String, Path, description = "The countermeasure."), ),
    responses((status = 200, description = "Done.", body = Notified)))]
async fn notify_again(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Notified>, Error> {
    let count = app.council().notify_again(caller, ThingId(id)).await?;
    Ok(Json(Notified { count }))
}
