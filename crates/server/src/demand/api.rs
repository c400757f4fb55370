//! Demands for information, and the committee's delegations, for programs.

use std::collections::BTreeSet;

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use noroshi_council::{
    Layer, Micros, OrgId, Scope, Thing as _, ThingId,
    demand::{self, Addressees, Check, Demand, Facts, Writing},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    acts::{Caller, committee::Delegation, demand::Reply},
    app::App,
    present::{self, DONE, Done, Made, ThingJson, ThingsJson},
    web::{Error, Json, Query},
};

/// The addresses of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(draft))
        .routes(routes!(show))
        .routes(routes!(rewrite))
        .routes(routes!(check))
        .routes(routes!(put))
        .routes(routes!(drop_draft))
        .routes(routes!(acknowledge))
        .routes(routes!(answers))
        .routes(routes!(answer))
        .routes(routes!(regard))
        .routes(routes!(end))
        .routes(routes!(report))
        .routes(routes!(delegations))
        .routes(routes!(delegate))
}

/// A demand to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DemandBody {
    /// What it is called.
    pub title: String,
    /// What happened.
    pub facts: Facts,
    /// What is asked for.
    pub wanted: String,
    /// Of whom.
    pub addressees: Addressees,
    /// Who is to read the answers; each addressee draws the scope of its own answer.
    #[serde(default = "Scope::class1_group")]
    pub readers: Scope,
    /// Until when an answer is asked for, unix microseconds.
    pub due: Micros,
    /// When it ends, unix microseconds.
    pub ends_at: Micros,
    /// What else ends it.
    #[serde(default)]
    pub ending: String,
}

impl From<DemandBody> for Writing {
    fn from(body: DemandBody) -> Writing {
        let DemandBody { title, facts, wanted, addressees, readers, due, ends_at, ending } = body;
        Writing { title, facts, wanted, addressees, readers, due, ends_at, ending }
    }
}

/// An answer to a demand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    /// `complied`, `partly` or `just_cause`.
    pub answer: demand::Answer,
    /// Which just cause of the charter's.
    #[serde(default)]
    pub cause: String,
    /// Why not, or why not all. The committee and the secretariat read it.
    #[serde(default)]
    pub reason: String,
    /// What is given. Only those read it that `scope` reaches.
    #[serde(default)]
    pub text: String,
    /// Who reads what is given.
    #[serde(default = "Scope::class1_group")]
    pub scope: Scope,
}

/// The committee's view of a just cause.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegardBody {
    /// Whose.
    pub org: OrgId,
    /// Whether it is taken for just.
    pub accepted: bool,
    /// Why.
    pub reasons: String,
}

/// Why a demand ends, or what is reported of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordsBody {
    /// In words.
    pub text: String,
}

/// The committee's motion on a demand.
#[derive(Debug, Serialize, ToSchema)]
pub struct PutJson {
    /// The motion.
    pub motion: String,
}

/// What an answer made.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnsweredJson {
    /// What was given, as a thing of its own; absent where nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<String>,
}

/// A trigger beside what is stated.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckJson {
    /// Whether a demand may be issued.
    pub met: bool,
    /// Each condition.
    pub conditions: Vec<Check>,
}

/// Entrusts another member of the committee.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DelegateBody {
    /// Whom; nobody from now on where it is absent.
    #[serde(default)]
    pub to: Option<OrgId>,
    /// Until when, unix microseconds.
    #[serde(default)]
    pub until: Micros,
}

/// Who has entrusted whom.
#[derive(Debug, Serialize, ToSchema)]
pub struct DelegationJson {
    /// Who entrusts.
    pub org: String,
    /// Whom.
    pub to: String,
    /// Until when, unix microseconds.
    pub until: Micros,
}

/// The delegations that hold, and who sits on the committee.
#[derive(Debug, Serialize, ToSchema)]
pub struct DelegationsJson {
    /// Members of the committee.
    pub committee: Vec<String>,
    /// Delegations.
    pub delegations: Vec<DelegationJson>,
}

/// The demands that the caller may see, newest first: those addressed to it; for the offices all; for every member those that
/// are over and reported.
#[utoipa::path(get, path = "/api/v1/demands", tag = "demands", operation_id = "demands_list",
    params(present::Page),
    responses((status = 200, description = "Done.", body = ThingsJson)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<present::Page>,
) -> Result<Json<ThingsJson>, Error> {
    let reader = app.store().as_seen_by(&caller.actor);
    let mut views = reader.newest(Demand::KIND, Layer::DemandText, page.before, page.limit()).await?;
    // What the offices keep beside the text is read with the demand itself.
    views.retain(|view| view.key.is_empty());
    let told = reader.newest(Demand::KIND, Layer::DemandReport, page.before, page.limit()).await?;
    let known: BTreeSet<ThingId> = views.iter().map(|view| view.thing.clone()).collect();
    views.extend(told.into_iter().filter(|view| !known.contains(&view.thing)));
    views.sort_by_key(|view| std::cmp::Reverse(view.changed_at));
    views.truncate(page.limit());
    Ok(Json(present::list(&views, page.limit(), &app.store().roster())))
}

/// Drafts a demand.
#[utoipa::path(post, path = "/api/v1/demands", tag = "demands", operation_id = "demands_draft",
    params(),
    request_body = DemandBody,
    responses((status = 201, description = "Drafted.", body = Made)))]
async fn draft(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<DemandBody>,
) -> Result<(StatusCode, Json<Made>), Error> {
    let id = app.council().draft_demand(caller, None, body.into()).await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// One demand: its text, how it stands with each addressee that the caller may know of, and the report.
#[utoipa::path(get, path = "/api/v1/demands/{id}", tag = "demands", operation_id = "demands_show",
    params(("id" = String, Path, description = "The demand."), ),
    responses((status = 200, description = "Done.", body = ThingJson)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ThingJson>, Error> {
    let reader = app.store().as_seen_by(&caller.actor);
    let thing = reader.thing(Demand::KIND, &ThingId(id)).await?.ok_or(Error::NotFound)?;
    Ok(Json(present::thing(&thing, &app.store().roster())))
}

/// Rewrites a draft.
#[utoipa::path(put, path = "/api/v1/demands/{id}", tag = "demands", operation_id = "demands_rewrite",
    params(("id" = String, Path, description = "The demand."), ),
    request_body = DemandBody,
    responses((status = 200, description = "Done.", body = Made)))]
async fn rewrite(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<DemandBody>,
) -> Result<Json<Made>, Error> {
    let id = app.council().draft_demand(caller, Some(ThingId(id)), body.into()).await?;
    Ok(Json(Made { id: id.0 }))
}

/// What happened beside the trigger of the charter in force, condition by condition.
#[utoipa::path(get, path = "/api/v1/demands/{id}/check", tag = "demands", operation_id = "demands_check",
    params(("id" = String, Path, description = "The demand."), ),
    responses((status = 200, description = "Done.", body = CheckJson)))]
async fn check(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<CheckJson>, Error> {
    let conditions = app.council().check_demand(&caller.actor, &ThingId(id)).await?;
    let conditions = conditions.ok_or(Error::NotFound)?;
    Ok(Json(CheckJson { met: conditions.iter().all(|check| check.met), conditions }))
}

/// Puts a demand to the steering committee, which votes from now on. It is refused where what happened does not reach the
/// trigger; the draft is kept. Once the committee carries it, it is issued.
#[utoipa::path(post, path = "/api/v1/demands/{id}/put", tag = "demands", operation_id = "demands_put",
    params(("id" = String, Path, description = "The demand."), ),
    responses((status = 200, description = "Done.", body = PutJson)))]
async fn put(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<PutJson>, Error> {
    let motion = app.council().put_demand(caller, ThingId(id)).await?;
    Ok(Json(PutJson { motion: motion.0 }))
}

/// Gives up a draft.
#[utoipa::path(post, path = "/api/v1/demands/{id}/drop", tag = "demands", operation_id = "demands_drop",
    params(("id" = String, Path, description = "The demand."), ),
    responses((status = 200, description = "Done.", body = Done)))]
async fn drop_draft(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Done>, Error> {
    app.council().drop_demand(caller, ThingId(id)).await?;
    Ok(Json(DONE))
}

/// Says that the demand was read.
#[utoipa::path(post, path = "/api/v1/demands/{id}/acknowledge", tag = "demands", operation_id = "demands_acknowledge",
    params(("id" = String, Path, description = "The demand."), ),
    responses((status = 200, description = "Done.", body = Done)))]
async fn acknowledge(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Done>, Error> {
    app.council().acknowledge_demand(caller, ThingId(id)).await?;
    Ok(Json(DONE))
}

/// What was given upon a demand, as far as its providers let the caller read it, newest first.
#[utoipa::path(get, path = "/api/v1/demands/{id}/answers", tag = "demands", operation_id = "demands_answers",
    params(("id" = String, Path, description = "The demand."), ),
    responses((status = 200, description = "Done.", body = ThingsJson)))]
async fn answers(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ThingsJson>, Error> {
    let views = app.council().demand_answers(&caller.actor, Some(&ThingId(id))).await?;
    Ok(Json(present::list(&views, super::MANY, &app.store().roster())))
}

/// Answers a demand, or changes the answer: what is given, under which scope, or which just cause there is not to.
#[utoipa::path(post, path = "/api/v1/demands/{id}/answers", tag = "demands", operation_id = "demands_answer",
    params(("id" = String, Path, description = "The demand."), ),
    request_body = AnswerBody,
    responses((status = 200, description = "Done.", body = AnsweredJson)))]
async fn answer(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<AnswerBody>,
) -> Result<Json<AnsweredJson>, Error> {
    let AnswerBody { answer, cause, reason, text, scope } = body;
    let reply = Reply { answer, cause, reason, text, scope };
    let given = app.council().answer_demand(caller, ThingId(id), reply).await?;
    Ok(Json(AnsweredJson { given: given.map(|id| id.0) }))
}

/// Records the committee's view of a just cause. Nothing follows from it.
#[utoipa::path(post, path = "/api/v1/demands/{id}/regards", tag = "demands", operation_id = "demands_regard",
    params(("id" = String, Path, description = "The demand."), ),
    request_body = RegardBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn regard(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<RegardBody>,
) -> Result<Json<Done>, Error> {
    let RegardBody { org, accepted, reasons } = body;
    app.council().regard_cause(caller, ThingId(id), org, accepted, reasons).await?;
    Ok(Json(DONE))
}

/// Ends a demand before its day.
#[utoipa::path(post, path = "/api/v1/demands/{id}/end", tag = "demands", operation_id = "demands_end",
    params(("id" = String, Path, description = "The demand."), ),
    request_body = WordsBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn end(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<WordsBody>,
) -> Result<Json<Done>, Error> {
    app.council().end_demand(caller, ThingId(id), body.text).await?;
    Ok(Json(DONE))
}

/// Reports a demand that is over to the members, with counts of the answers as far as they are not of few.
#[utoipa::path(post, path = "/api/v1/demands/{id}/report", tag = "demands", operation_id = "demands_report",
    params(("id" = String, Path, description = "The demand."), ),
    request_body = WordsBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn report(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<WordsBody>,
) -> Result<Json<Done>, Error> {
    app.council().report_demand(caller, ThingId(id), body.text).await?;
    Ok(Json(DONE))
}

/// Who sits on the steering committee, and who of it has entrusted whom with its vote: for its members and the secretariat;
/// empty for anybody else.
#[utoipa::path(get, path = "/api/v1/committee/delegations", tag = "assembly", operation_id = "committee_delegations",
    responses((status = 200, description = "Done.", body = DelegationsJson)))]
async fn delegations(State(app): State<App>, caller: Caller) -> Result<Json<DelegationsJson>, Error> {
    let committee = app.council().committee(&caller.actor).await?;
    let delegations = app.council().delegations(&caller.actor).await?;
    Ok(Json(DelegationsJson {
        committee: committee.into_iter().map(|org| org.0).collect(),
        delegations: delegations
            .into_iter()
            .map(|Delegation { org, to, until }| DelegationJson { org: org.0, to: to.0, until })
            .collect(),
    }))
}

/// Entrusts another member of the committee with the vote of the caller's organisation, for a time. Whoever votes itself goes
/// before whoever it has entrusted.
#[utoipa::path(put, path = "/api/v1/committee/delegation", tag = "assembly", operation_id = "committee_delegate",
    params(),
    request_body = DelegateBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn delegate(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<DelegateBody>,
) -> Result<Json<Done>, Error> {
    app.council().delegate_vote(caller, body.to, body.until).await?;
    Ok(Json(DONE))
}
