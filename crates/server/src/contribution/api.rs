//! Contribution and class reviews, for programs.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use noroshi_council::{
    Class, Layer, Micros, OrgId, Roster, Thing as _, ThingId,
    contribution::{
        Period, Review, Tally,
        review::{self, ClassDecision},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Line, Record};
use crate::{
    acts::Caller,
    app::App,
    present::{self, DONE, Done, Made, NameJson, ThingJson, ThingsJson},
    web::{Error, Json, Query},
};

/// The addresses of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(own))
        .routes(routes!(step_down))
        .routes(routes!(list))
        .routes(routes!(of_member))
        .routes(routes!(give_notice))
        .routes(routes!(reviews))
        .routes(routes!(show))
        .routes(routes!(explain))
        .routes(routes!(retract))
        .routes(routes!(put))
}

/// What a member gave and owes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContributionJson {
    /// Which member.
    pub org: String,
    /// What it is called.
    pub name: NameJson,
    /// The class that it holds.
    pub class: Class,
    /// The period that goes on, so far. Only the member itself gets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<Tally>,
    /// The latest periods that are over, the last first.
    pub earlier: Vec<Tally>,
}

impl ContributionJson {
    fn new(record: Record, roster: &Roster) -> ContributionJson {
        let name = named(&record.org, roster);
        ContributionJson {
            org: record.org.0,
            name,
            class: record.class,
            current: record.now,
            earlier: record.earlier,
        }
    }
}

/// One member of a class with duties, as the offices see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContributionLineJson {
    /// Which member.
    pub org: String,
    /// What it is called.
    pub name: NameJson,
    /// The class that it holds.
    pub class: Class,
    /// `met`, `unmet`, `too_few` or `no_duty` for the period that ended last; absent where it held no class then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgement: Option<noroshi_council::contribution::Judgement>,
    /// Its review that is open, or the one about that period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<String>,
    /// Where that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_state: Option<String>,
}

/// The members of the classes with duties, by name: no ranks.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContributionsJson {
    /// The period that ended last.
    pub period: Period,
    /// Each member.
    pub members: Vec<ContributionLineJson>,
}

fn named(org: &OrgId, roster: &Roster) -> NameJson {
    roster
        .get(org)
        .map_or_else(|| NameJson { ja: org.0.clone(), en: org.0.clone() }, |org| NameJson::from(&org.name))
}

fn line(line: Line, roster: &Roster) -> ContributionLineJson {
    let state = |state: review::State| serde_json::to_value(state).ok()?.as_str().map(str::to_owned);
    ContributionLineJson {
        name: named(&line.org, roster),
        org: line.org.0,
        class: line.class,
        judgement: line.tally.map(|tally| tally.judgement),
        review_state: line.review.as_ref().and_then(|(_, stands)| state(*stands)),
        review: line.review.map(|(id, _)| id.0),
    }
}

/// A notice of what was missing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeBody {
    /// The first moment of the period that ended last, unix microseconds: `period.from` of its tally.
    pub from: Micros,
    /// What is said beside the numbers.
    pub reason: String,
}

/// Taking a notice back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetractionBody {
    /// Why.
    pub reason: String,
}

/// 弁明.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplanationBody {
    /// What the member says.
    pub text: String,
}

/// What one of the committee proposes that it decide.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposalBody {
    /// `kept` or `demoted`.
    pub outcome: ClassDecision,
    /// Why.
    pub reasons: String,
}

/// The committee's motion on a class review.
#[derive(Debug, Serialize, ToSchema)]
pub struct PutReviewJson {
    /// The motion.
    pub motion: String,
}

/// Stepping down to `general`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepDownBody {
    /// The id of one's own organisation, so that nobody steps down by a slip.
    pub org: OrgId,
    /// Why; need not be said.
    #[serde(default)]
    pub reason: String,
}

/// What one's own organisation gave and owes in the period that goes on, with what is missing, and in those before. `missing` of
/// a duty is how many more would meet it: of answers while the period goes on, how many of the next.
#[utoipa::path(get, path = "/api/v1/org/contribution", tag = "contribution", operation_id = "contribution_own",
    responses((status = 200, description = "Done.", body = ContributionJson)))]
async fn own(State(app): State<App>, caller: Caller) -> Result<Json<ContributionJson>, Error> {
    let org = caller.actor.org.clone();
    let record = app.council().contribution(&caller.actor, &org, &app.calendar()).await?;
    Ok(Json(ContributionJson::new(record, &app.store().roster())))
}

/// Gives up one's own class, at once: `general` from now on. For administrators.
#[utoipa::path(post, path = "/api/v1/org/step-down", tag = "contribution", operation_id = "contribution_step_down",
    params(),
    request_body = StepDownBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn step_down(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<StepDownBody>,
) -> Result<Json<Done>, Error> {
    app.council().step_down(caller, body.org, body.reason).await?;
    Ok(Json(DONE))
}

/// The members of the classes with duties, by name, with the period that ended last: for the coordinator, the secretariat
/// and the committee.
#[utoipa::path(get, path = "/api/v1/contributions", tag = "contribution", operation_id = "contribution_list",
    responses((status = 200, description = "Done.", body = ContributionsJson)))]
async fn list(State(app): State<App>, caller: Caller) -> Result<Json<ContributionsJson>, Error> {
    let (period, lines) = app.council().contributions(&caller.actor, &app.calendar()).await?;
    let roster = app.store().roster();
    // Keyed by name, so that no other order can be read into it.
    let members: BTreeMap<(String, String), ContributionLineJson> = lines
        .into_iter()
        .map(|one| line(one, &roster))
        .map(|one| ((one.name.ja.clone(), one.org.clone()), one))
        .collect();
    Ok(Json(ContributionsJson { period, members: members.into_values().collect() }))
}

/// What a member gave and owed in the periods that are over: for itself, the coordinator, the secretariat
/// and the committee.
#[utoipa::path(get, path = "/api/v1/members/{id}/contribution", tag = "contribution", operation_id = "contribution_of_member",
    params(("id" = String, Path, description = "The member."), ),
    responses((status = 200, description = "Done.", body = ContributionJson)))]
async fn of_member(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ContributionJson>, Error> {
    let record = app.council().contribution(&caller.actor, &OrgId(id), &app.calendar()).await?;
    Ok(Json(ContributionJson::new(record, &app.store().roster())))
}

/// Gives notice to a member of what was missing in the period that ended last, which opens a review of its class.
#[utoipa::path(post, path = "/api/v1/members/{id}/contribution-notices", tag = "contribution", operation_id = "contribution_notice",
    params(("id" = String, Path, description = "The member."), ),
    request_body = NoticeBody,
    responses((status = 201, description = "Given; the id is that of the review.", body = Made)))]
async fn give_notice(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<NoticeBody>,
) -> Result<(StatusCode, Json<Made>), Error> {
    let made = app.council().give_contribution_notice(caller, OrgId(id), body.from, body.reason).await?;
    Ok((StatusCode::CREATED, Json(Made { id: made.0 })))
}

/// The class reviews that the caller may see, newest first.
#[utoipa::path(get, path = "/api/v1/class-reviews", tag = "contribution", operation_id = "class_reviews_list",
    params(present::Page),
    responses((status = 200, description = "Done.", body = ThingsJson)))]
async fn reviews(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<present::Page>,
) -> Result<Json<ThingsJson>, Error> {
    let reader = app.store().as_seen_by(&caller.actor);
    let views = reader.newest(Review::KIND, Layer::Contribution, page.before, page.limit()).await?;
    Ok(Json(present::list(&views, page.limit(), &app.store().roster())))
}

/// One class review: the notice with its numbers, the explanations, the decision.
#[utoipa::path(get, path = "/api/v1/class-reviews/{id}", tag = "contribution", operation_id = "class_reviews_show",
    params(("id" = String, Path, description = "The review."), ),
    responses((status = 200, description = "Done.", body = ThingJson)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ThingJson>, Error> {
    let reader = app.store().as_seen_by(&caller.actor);
    let thing = reader.thing(Review::KIND, &ThingId(id)).await?.ok_or(Error::NotFound)?;
    Ok(Json(present::thing(&thing, &app.store().roster())))
}

/// Takes a notice back, before the committee votes on it. Nothing is decided about the class. For the office that gave it.
#[utoipa::path(post, path = "/api/v1/class-reviews/{id}/retract", tag = "contribution", operation_id = "class_reviews_retract",
    params(("id" = String, Path, description = "The review."), ),
    request_body = RetractionBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn retract(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<RetractionBody>,
) -> Result<Json<Done>, Error> {
    app.council().retract_contribution_notice(caller, ThingId(id), body.reason).await?;
    Ok(Json(DONE))
}

/// 弁明: the member explains itself. It can add to that until the decision.
#[utoipa::path(post, path = "/api/v1/class-reviews/{id}/explanations", tag = "contribution", operation_id = "class_reviews_explain",
    params(("id" = String, Path, description = "The review."), ),
    request_body = ExplanationBody,
    responses((status = 200, description = "Done.", body = Done)))]
async fn explain(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<ExplanationBody>,
) -> Result<Json<Done>, Error> {
    app.council().explain_contribution(caller, ThingId(id), body.text).await?;
    Ok(Json(DONE))
}

/// Proposes to the committee that the class be kept, or that the member become a general one. The committee votes from now on,
/// without whoever it concerns. For its members.
#[utoipa::path(post, path = "/api/v1/class-reviews/{id}/put", tag = "contribution", operation_id = "class_reviews_put",
    params(("id" = String, Path, description = "The review."), ),
    request_body = ProposalBody,
    responses((status = 200, description = "Put to the vote.", body = PutReviewJson)))]
async fn put(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<ProposalBody>,
) -> Result<Json<PutReviewJson>, Error> {
    let motion = app.council().put_class_review(caller, ThingId(id), body.outcome, body.reasons).await?;
    Ok(Json(PutReviewJson { motion: motion.0 }))
}
