//! Cases of members, for programs.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use noroshi_council::{
    Class, Layer, OrgId, Thing as _, ThingId,
    case::{Application, Case},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    acts::Caller,
    app::App,
    present::{self, DONE, Done, Made, ThingJson, ThingsJson},
    web::{Error, Json, Query},
};

/// The addresses of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show))
        .routes(routes!(apply_for))
        .routes(routes!(wish))
        .routes(routes!(propose))
        .routes(routes!(screen))
        .routes(routes!(explain))
        .routes(routes!(put))
        .routes(routes!(decline))
        .routes(routes!(retract))
}

/// A wish for a class.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WishBody {
    /// Which.
    pub class: Class,
    /// What the organisation can bring.
    pub reasons: String,
    /// How it is reached outside of office hours.
    #[serde(default)]
    pub after_hours: String,
    /// Whether it is a foreign-capital body.
    #[serde(default)]
    pub foreign: bool,
}

/// A proposed expulsion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChargeBody {
    /// Whose.
    pub org: OrgId,
    /// The article of the charter that it rests on.
    pub article: String,
    /// What happened.
    pub ground: String,
}

/// What the secretariat found.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScreenBody {
    /// In words.
    pub note: String,
    /// Of a foreign-capital body: on what its special approval rests.
    #[serde(default)]
    pub approval: String,
}

/// A text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextBody {
    /// In words.
    pub text: String,
}

/// The committee's motion on a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct PutCaseJson {
    /// The motion.
    pub motion: String,
}

/// The cases that the caller may see, newest first: its own; for the offices all.
#[utoipa::path(get, path = "/api/v1/cases", tag = "cases", operation_id = "cases_list",
    params(present::Page),
    responses((status = 200, description = "Done.", body = ThingsJson)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<present::Page>,
) -> Result<Json<ThingsJson>, Error> {
    let reader = app.store().as_seen_by(&caller.actor);
    let views = reader.newest(Case::KIND, Layer::MembershipCase, page.before, page.limit()).await?;
    Ok(Json(present::list(&views, page.limit(), &app.store().roster())))
}

/// One case.
#[utoipa::path(get, path = "/api/v1/cases/{id}", tag = "cases", operation_id = "cases_show",
    params(("id" = String, Path, description = "The case."), ),
    responses((status = 200, description = "Done.", body = ThingJson)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ThingJson>, Error> {
    let reader = app.store().as_seen_by(&caller.actor);
    let thing = reader.thing(Case::KIND, &ThingId(id)).await?.ok_or(Error::NotFound)?;
    Ok(Json(present::thing(&thing, &app.store().roster())))
}

/// Takes in an application. For the secretariat.
#[utoipa::path(post, path = "/api/v1/cases/applications", tag = "cases", operation_id = "cases_apply",
    params(),
    request_body = Application,
    responses((status = 201, description = "Taken in.", body = Made)))]
async fn apply_for(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<Application>,
) -> Result<(StatusCode, Json<Made>), Error> {
    let id = app.council().file_application(caller, body).await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// Asks for a class for one's own organisation. For administrators.
#[utoipa::path(post, path = "/api/v1/cases/wishes", tag = "cases", operation_id = "cases_wish",
    params(),
    request_body = WishBody,
    responses((status = 201, description = "Taken in.", body = Made)))]
async fn wish(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<WishBody>,
) -> Result<(StatusCode, Json<Made>), Error> {
    let WishBody { class, reasons, after_hours, foreign } = body;
    let id = app.council().wish_for_class(caller, class, reasons, after_hours, foreign).await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// Proposes an expulsion. The member has its time to explain itself from now on.
#[utoipa::path(post, path = "/api/v1/cases/expulsions", tag = "cases", operation_id = "cases_propose",
    params(),
    request_body = ChargeBody,
    responses((status = 201, description = "Proposed.", body = Made)))]
async fn propose(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<ChargeBody>,
) -> Result<(StatusCode, Json<Made>), Error> {
    let id = app.council().propose_expulsion(caller, body.org, body.article, body.ground).await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// Puts a case to the steering committee, which votes from now on. What it carries is done with the close of its ballot.
#[utoipa::path(post, path = "/api/v1/cases/{id}/put", tag = "cases", operation_id = "cases_put",
    params(("id" = String, Path, description = "The case."), ),
    responses((status = 200, description = "Done.", body = PutCaseJson)))]
async fn put(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<PutCaseJson>, Error> {
    let motion = app.council().put_case(caller, ThingId(id)).await?;
    Ok(Json(PutCaseJson { motion: motion.0 }))
}

/// Takes an application or a wish back.
#[utoipa::path(post, path = "/api/v1/cases/{id}/retract", tag = "cases", operation_id = "cases_retract",
    params(("id" = String, Path, description = "The case."), ),
    responses((status = 200, description = "Done.", body = Done)))]
async fn retract(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Done>, Error> {
    app.council().retract_case(caller, ThingId(id)).await?;
    Ok(Json(DONE))
}

/// Says what the secretariat found, and of a foreign-capital body what its approval rests on.
#[utoipa::path(post, path = "/api/v1/cases/{id}/screen", tag = "cases", operation_id = "cases_screen",
    params(("id" = String, Path, description = "The case."), ),
    request_body = ScreenBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn screen(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<ScreenBody>,
) -> Result<Json<Done>, Error> {
    app.council().screen_case(caller, ThingId(id), body.note, body.approval).await?;
    Ok(Json(DONE))
}

/// 弁明: explains oneself to a proposed expulsion. What came on paper the secretariat enters.
#[utoipa::path(post, path = "/api/v1/cases/{id}/explanations", tag = "cases", operation_id = "cases_explain",
    params(("id" = String, Path, description = "The case."), ),
    request_body = TextBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn explain(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<TextBody>,
) -> Result<Json<Done>, Error> {
    app.council().answer_charge(caller, ThingId(id), body.text).await?;
    Ok(Json(DONE))
}

/// Declines a case before a vote, with a reason.
#[utoipa::path(post, path = "/api/v1/cases/{id}/decline", tag = "cases", operation_id = "cases_decline",
    params(("id" = String, Path, description = "The case."), ),
    request_body = TextBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn decline(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<TextBody>,
) -> Result<Json<Done>, Error> {
    app.council().decline_case(caller, ThingId(id), body.text).await?;
    Ok(Json(DONE))
}
