//! Consulting, for programs.

use axum::{
    extract::{Path, State},
    response::Response,
};
use noroshi_council::{Layer, Micros, OrgId, Scope, Seat, ThingId, answer::Verdict, consult::Purpose};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    acts::{
        Caller,
        consult::{Attached, Open, Permitted},
        reading::ReadBy,
    },
    app::App,
    leak::leaks,
    present::{self, DONE, Done, Made, ThingJson, ThingsJson},
    web::{Error, Json, Large, Query},
};

use super::alike::Alike;

pub(super) const KIND: &str = "consultation";

/// The addresses of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(inquiries))
        .routes(routes!(open_on_behalf))
        .routes(routes!(show))
        .routes(routes!(assign))
        .routes(routes!(write))
        .routes(routes!(attached))
        .routes(routes!(read_by))
        .routes(routes!(alike))
        .routes(routes!(ask))
        .routes(routes!(permit))
        .routes(routes!(ask_no_more))
        .routes(routes!(reply))
        .routes(routes!(give_back))
        .routes(routes!(close))
        .routes(routes!(reopen))
        .routes(routes!(withdraw))
        .routes(routes!(redraw))
}

/// An adviser.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adviser {
    /// A `class1` member.
    pub org: OrgId,
}

/// A post.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// What is written; may be absent where files say it all.
    #[serde(default)]
    pub text: String,
    /// Whether it is advice to act on.
    #[serde(default)]
    pub advice: bool,
    /// What comes with it.
    #[serde(default)]
    pub files: Vec<Attached>,
}

/// A request for permission.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// For what.
    pub purpose: Purpose,
    /// The exact text that would be used.
    pub text: String,
    /// Whom the asker proposes to show it.
    #[serde(default)]
    pub proposed: Scope,
    /// Until when an inquiry is to be answered, unix microseconds; as long as the charter gives for answers where nothing is
    /// said.
    #[serde(default)]
    pub due: Option<Micros>,
}

/// The consulter's answer. Without a scope it is a refusal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Permit {
    /// Who may read the text; absent to refuse.
    #[serde(default)]
    pub scope: Option<Scope>,
    /// What the consulter adds.
    #[serde(default)]
    pub note: String,
}

/// An answer to an inquiry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Seen, not seen or unknown.
    pub verdict: Verdict,
    /// What the answerer adds.
    #[serde(default)]
    pub comment: String,
}

/// A text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextBody {
    /// The text.
    pub text: String,
}

/// The consultations whose thread the caller may see, newest first. What is asked on behalf of one whose thread it does not see is
/// under `/api/v1/inquiries`.
#[utoipa::path(get, path = "/api/v1/consultations", tag = "consultations", operation_id = "consultations_list",
    params(present::Page),
    responses((status = 200, description = "Done.", body = ThingsJson)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<present::Page>,
) -> Result<Json<ThingsJson>, Error> {
    let views = app
        .store()
        .as_seen_by(&caller.actor)
        .newest(KIND, Layer::Consultation, page.before, page.limit())
        .await?;
    app.council().note_listed(&caller.actor, &views, "api").await?;
    let mut list = present::list(&views, page.limit(), &app.store().roster());
    if leaks("count") {
        // Hidden ones count, too.
        list.next = app
            .store()
            .read(|conn| {
                let row = conn.one("select count(*) from thing where kind = 'consultation'", &[])?;
                Ok(row.map(|row| row.int(0)).transpose()?.filter(|count| *count > 0))
            })
            .await?;
    }
    Ok(Json(list))
}

/// The inquiries that the caller may see, newest first: what is asked on behalf of a consulter, under the id of its consultation.
/// Each is answered under `/api/v1/consultations/{id}/inquiries/{inquiry}/reply`, where the inquiry is called as its layer says.
#[utoipa::path(get, path = "/api/v1/inquiries", tag = "consultations", operation_id = "inquiries_list",
    params(present::Page),
    responses((status = 200, description = "Done.", body = ThingsJson)))]
async fn inquiries(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<present::Page>,
) -> Result<Json<ThingsJson>, Error> {
    let reader = app.store().as_seen_by(&caller.actor);
    let views = reader.newest(KIND, Layer::Inquiry, page.before, page.limit()).await?;
    app.council().note_listed(&caller.actor, &views, "api").await?;
    Ok(Json(present::list(&views, page.limit(), &app.store().roster())))
}

/// Opens a consultation in private. Only the text is required.
#[utoipa::path(post, path = "/api/v1/consultations", tag = "consultations", operation_id = "consultations_open",
    params(),
    request_body = Open,
    responses((status = 201, description = "Opened.", body = Made)))]
async fn open(
    State(app): State<App>,
    caller: Caller,
    Large(open): Large<Open>,
) -> Result<(axum::http::StatusCode, Json<Made>), Error> {
    let id = app.council().open_consultation(caller, open).await?;
    Ok((axum::http::StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// A consultation told on the telephone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The member that consults.
    pub org: OrgId,
    /// What it tells, and how it wants it handled.
    pub consultation: Open,
}

/// Enters a consultation that a member tells on the telephone, as that member's own.
#[utoipa::path(post, path = "/api/v1/consultations/on-behalf", tag = "consultations", operation_id = "consultations_open_on_behalf",
    params(),
    request_body = Told,
    responses((status = 201, description = "Opened.", body = Made)))]
async fn open_on_behalf(
    State(app): State<App>,
    caller: Caller,
    Large(told): Large<Told>,
) -> Result<(axum::http::StatusCode, Json<Made>), Error> {
    let id = app.council().open_on_behalf(caller, told.org, told.consultation).await?;
    Ok((axum::http::StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// One consultation.
#[utoipa::path(get, path = "/api/v1/consultations/{id}", tag = "consultations", operation_id = "consultations_show",
    params(("id" = String, Path, description = "The consultation."), ),
    responses((status = 200, description = "Done.", body = ThingJson)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ThingJson>, Error> {
    let thing =
        app.store().as_seen_by(&caller.actor).thing(KIND, &ThingId(id)).await?.ok_or(Error::NotFound)?;
    super::note(&app, &caller.actor, &thing, "api").await?;
    Ok(Json(present::thing(&thing, &app.store().roster())))
}

/// Who has read one's own consultation: an organisation, how many of its people, and when first (R18).
#[utoipa::path(get, path = "/api/v1/consultations/{id}/readers", tag = "consultations", operation_id = "consultations_read_by",
    params(("id" = String, Path, description = "The consultation."), ),
    responses((status = 200, description = "Done.", body = Vec<ReadBy>)))]
async fn read_by(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<ReadBy>>, Error> {
    Ok(Json(app.council().readers_of(&caller.actor, KIND, ThingId(id)).await?))
}

/// Other consultations that name the same indicators, most alike first, among the newest 200. For the coordinator alone: to
/// everybody else there is nothing here, whichever consultation is asked for.
#[utoipa::path(get, path = "/api/v1/consultations/{id}/alike", tag = "consultations", operation_id = "consultations_alike",
    params(("id" = String, Path, description = "The consultation."), ),
    responses((status = 200, description = "Done.", body = Vec<Alike>)))]
async fn alike(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<Alike>>, Error> {
    if caller.actor.seat != Seat::Coordinator {
        return Err(Error::NotFound);
    }
    let id = ThingId(id);
    app.store().as_seen_by(&caller.actor).thing(KIND, &id).await?.ok_or(Error::NotFound)?;
    let mut found = super::alike::alike(&app, &caller.actor).await?;
    Ok(Json(found.remove(&id).unwrap_or_default()))
}

/// Assigns a `class1` adviser.
#[utoipa::path(post, path = "/api/v1/consultations/{id}/adviser", tag = "consultations", operation_id = "consultations_assign",
    params(("id" = String, Path, description = "The consultation."), ),
    request_body = Adviser,
    responses((status = 200, description = "Done.", body = Done)))]
async fn assign(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Adviser>,
) -> Result<Json<Done>, Error> {
    app.council().assign_adviser(caller, ThingId(id), body.org, None).await?;
    Ok(Json(DONE))
}

/// Writes in the thread.
#[utoipa::path(post, path = "/api/v1/consultations/{id}/posts", tag = "consultations", operation_id = "consultations_write",
    params(("id" = String, Path, description = "The consultation."), ),
    request_body = Post,
    responses((status = 200, description = "Done.", body = Done)))]
async fn write(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Large(body): Large<Post>,
) -> Result<Json<Done>, Error> {
    app.council().write_consultation(caller, ThingId(id), body.text, body.advice, body.files).await?;
    Ok(Json(DONE))
}

/// A file of a consultation, to the byte. `files` of a post says what there is, with the SHA-256 of each.
#[utoipa::path(get, path = "/api/v1/consultations/{id}/files/{no}", tag = "consultations", operation_id = "consultations_file",
    params(("id" = String, Path, description = "The consultation."), ("no" = u32, Path, description = "The number of the file."), ),
    responses((status = 200, description = "The file.", content_type = "application/octet-stream", body = Vec<u8>)))]
async fn attached(
    State(app): State<App>,
    caller: Caller,
    Path((id, no)): Path<(String, u32)>,
) -> Result<Response, Error> {
    let (said, content) = super::file(&app, &caller.actor, ThingId(id), no).await?;
    Ok(super::handed_over(&said, content))
}

/// Asks the consulter whether a text may be used.
#[utoipa::path(post, path = "/api/v1/consultations/{id}/permissions", tag = "consultations", operation_id = "consultations_ask",
    params(("id" = String, Path, description = "The consultation."), ),
    request_body = Ask,
    responses((status = 200, description = "Done.", body = Done)))]
async fn ask(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Ask>,
) -> Result<Json<Done>, Error> {
    app.council()
        .ask_permission(caller, ThingId(id), body.purpose, body.text, body.proposed, body.due)
        .await?;
    Ok(Json(DONE))
}

/// The consulter permits with a scope of its own, or refuses.
#[utoipa::path(post, path = "/api/v1/consultations/{id}/permissions/{no}/answer", tag = "consultations", operation_id = "consultations_permit",
    params(("id" = String, Path, description = "The consultation."), ("no" = u32, Path, description = "The number of the request."), ),
    request_body = Permit,
    responses((status = 200, description = "Done.", body = Permitted)))]
async fn permit(
    State(app): State<App>,
    caller: Caller,
    Path((id, no)): Path<(String, u32)>,
    Json(body): Json<Permit>,
) -> Result<Json<Permitted>, Error> {
    Ok(Json(app.council().answer_permission(caller, ThingId(id), no, body.scope, body.note).await?))
}

/// Takes back what the consulter was asked to permit, before it has answered.
#[utoipa::path(post, path = "/api/v1/consultations/{id}/permissions/{no}/withdraw", tag = "consultations", operation_id = "consultations_ask_no_more",
    params(("id" = String, Path, description = "The consultation."), ("no" = u32, Path, description = "The number of the request."), ),
    responses((status = 200, description = "Done.", body = Done)))]
async fn ask_no_more(
    State(app): State<App>,
    caller: Caller,
    Path((id, no)): Path<(String, u32)>,
) -> Result<Json<Done>, Error> {
    app.council().withdraw_permission(caller, ThingId(id), no).await?;
    Ok(Json(DONE))
}

/// Answers an inquiry, which is called as its layer says.
#[utoipa::path(post, path = "/api/v1/consultations/{id}/inquiries/{inquiry}/reply", tag = "consultations", operation_id = "consultations_reply",
    params(("id" = String, Path, description = "The consultation."), ("inquiry" = String, Path, description = "The inquiry."), ),
    request_body = Reply,
    responses((status = 200, description = "Done.", body = Done)))]
async fn reply(
    State(app): State<App>,
    caller: Caller,
    Path((id, inquiry)): Path<(String, String)>,
    Json(body): Json<Reply>,
) -> Result<Json<Done>, Error> {
    app.council().answer_inquiry(caller, ThingId(id), inquiry, body.verdict, body.comment).await?;
    Ok(Json(DONE))
}

/// Returns the result to the consulter.
#[utoipa::path(post, path = "/api/v1/consultations/{id}/permissions/{no}/result", tag = "consultations", operation_id = "consultations_give_back",
    params(("id" = String, Path, description = "The consultation."), ("no" = u32, Path, description = "The number of the request."), ),
    request_body = TextBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn give_back(
    State(app): State<App>,
    caller: Caller,
    Path((id, no)): Path<(String, u32)>,
    Json(body): Json<TextBody>,
) -> Result<Json<Done>, Error> {
    app.council().return_result(caller, ThingId(id), no, body.text).await?;
    Ok(Json(DONE))
}

/// Closes the consultation.
#[utoipa::path(post, path = "/api/v1/consultations/{id}/close", tag = "consultations", operation_id = "consultations_close",
    params(("id" = String, Path, description = "The consultation."), ),
    responses((status = 200, description = "Done.", body = Done)))]
async fn close(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<Done>, Error> {
    app.council().close_consultation(caller, ThingId(id), false).await?;
    Ok(Json(DONE))
}

/// Opens it again.
#[utoipa::path(post, path = "/api/v1/consultations/{id}/reopen", tag = "consultations", operation_id = "consultations_reopen",
    params(("id" = String, Path, description = "The consultation."), ),
    responses((status = 200, description = "Done.", body = Done)))]
async fn reopen(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<Done>, Error> {
    app.council().close_consultation(caller, ThingId(id), true).await?;
    Ok(Json(DONE))
}

/// The consulter takes everything back; the contents are gone.
#[utoipa::path(post, path = "/api/v1/consultations/{id}/withdraw", tag = "consultations", operation_id = "consultations_withdraw",
    params(("id" = String, Path, description = "The consultation."), ),
    responses((status = 200, description = "Done.", body = Done)))]
async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Done>, Error> {
    app.council().withdraw_consultation(caller, ThingId(id)).await?;
    Ok(Json(DONE))
}

/// The consulter draws its scope anew.
#[utoipa::path(put, path = "/api/v1/consultations/{id}/scope", tag = "consultations", operation_id = "consultations_redraw",
    params(("id" = String, Path, description = "The consultation."), ),
    request_body = Scope,
    responses((status = 200, description = "Done.", body = Done)))]
async fn redraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Scope>,
) -> Result<Json<Done>, Error> {
    app.council().redraw_consultation(caller, ThingId(id), body).await?;
    Ok(Json(DONE))
}
