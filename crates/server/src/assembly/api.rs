//! The assembly, for programs.

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use noroshi_charter::{Amendment, Pledge};
use noroshi_council::{
    Layer, Micros, OrgId, Text, Thing, ThingId,
    assembly::{Body, Choice, Motion},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::roll::{Receipt, Roll};
use crate::{
    acts::{
        Caller,
        assembly::{Draft, Drafted, Move, Unfit},
    },
    app::App,
    present::{self, DONE, Done, Made, ThingJson, ThingsJson},
    web::{Error, FieldFlaw, Json, Query},
};

/// The addresses of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, draft))
        .routes(routes!(show, rewrite))
        .routes(routes!(notice))
        .routes(routes!(drop_motion))
        .routes(routes!(cast, own))
        .routes(routes!(roll))
}

/// A motion to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MotionBody {
    /// Who is to decide: `assembly` or, for resolutions, `committee`.
    #[serde(default = "assembly")]
    #[schema(value_type = String)]
    pub body: Body,
    /// What it is called.
    pub title: String,
    /// Why.
    #[serde(default)]
    pub reasons: String,
    /// What is moved.
    pub matter: MatterBody,
}

fn assembly() -> Body {
    Body::Assembly
}

/// What is moved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum MatterBody {
    /// A text that binds by being carried.
    Resolution {
        /// The text.
        text: String,
    },
    /// An amendment of the charter. What is not named stays as it is.
    Amendment {
        /// New values of numbers, by their names.
        #[serde(default)]
        numbers: BTreeMap<String, i64>,
        /// New texts of articles, by their numbers.
        #[serde(default)]
        articles: BTreeMap<String, Text>,
        /// What is called otherwise, or newly: by its place, such as `names.steering`, `words.class1-short`, `sector.finance` or
        /// `just_cause.investigation`. A sector or just cause of a new id is added.
        #[serde(default)]
        called: BTreeMap<String, Text>,
        /// The text of the pledge, where it changes. Everybody is asked to sign the new one.
        #[serde(default)]
        pledge: Option<Text>,
        /// The Cedar policies, whole, where they change.
        #[serde(default)]
        policies: Option<String>,
        /// When it takes effect if it is carried, unix microseconds.
        effective_at: Micros,
    },
}

impl From<MotionBody> for Draft {
    fn from(body: MotionBody) -> Draft {
        let matter = match body.matter {
            MatterBody::Resolution { text } => Move::Resolution(text),
            MatterBody::Amendment { numbers, articles, called, pledge, policies, effective_at } => {
                let pledge = pledge.map(|text| Pledge { ja: text.ja, en: text.en, ..Pledge::default() });
                Move::Amendment(Amendment { numbers, articles, called, pledge, policies }, effective_at)
            }
        };
        Draft { body: body.body, title: body.title, reasons: body.reasons, matter }
    }
}

/// Between which moments votes are to be taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeBody {
    /// From, unix microseconds.
    pub opens_at: Micros,
    /// Until, unix microseconds.
    pub closes_at: Micros,
}

/// The number of a motion.
#[derive(Debug, Serialize, ToSchema)]
pub struct Numbered {
    /// 1, 2, 3 …
    pub no: u32,
}

/// A vote.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VoteBody {
    /// yes, no or abstain.
    #[schema(value_type = String)]
    pub choice: Choice,
    /// What is published beside it after the close.
    #[serde(default)]
    pub opinion: String,
    /// On the steering committee: whose vote it is, where that is not one's own but one that one was entrusted with.
    #[serde(default)]
    pub of: Option<OrgId>,
}

/// Why an amendment makes no charter, each flaw at its field.
#[must_use]
pub fn unfit(unfit: &Unfit) -> Vec<FieldFlaw> {
    use noroshi_charter::Conflict;
    match unfit {
        Unfit::Places(places) => places
            .iter()
            .map(|place| match place {
                Conflict::Number(name) => FieldFlaw::new(format!("numbers.{name}"), "bad-value"),
                Conflict::Article(number) => FieldFlaw::new(format!("articles.{number}"), "bad-value"),
                Conflict::Called(place) => FieldFlaw::new(format!("called.{place}"), "bad-value"),
                Conflict::Pledge => FieldFlaw::new("pledge", "bad-value"),
                Conflict::Policies => FieldFlaw::new("policies", "bad-value"),
            })
            .collect(),
        Unfit::Flaws(flaws) => flaws
            .iter()
            .map(|flaw| {
                let number = flaw.message.split('`').nth(1).filter(|_| flaw.part == "parameters");
                let article = flaw.article.as_deref();
                let field = match (number, article) {
                    (Some(place), _) if place.contains('.') => format!("called.{place}"),
                    (Some(name), _) => format!("numbers.{name}"),
                    (None, Some(number)) if flaw.part == "articles" => format!("articles.{number}"),
                    _ => flaw.part.to_owned(),
                };
                // As whoever writes policies names it there.
                let named = article.map(|number| format!("@article(\"{number}\"): ")).unwrap_or_default();
                let detail = format!("{named}{}", flaw.message);
                // A line of parameters is none that the drafter has before its eyes.
                match flaw.line.and_then(|line| i64::try_from(line).ok()).filter(|_| flaw.part == "policies")
                {
                    Some(line) => {
                        FieldFlaw { limit: Some(line), ..FieldFlaw::told(field, "charter-flaw-line", detail) }
                    }
                    None => FieldFlaw::told(field, "charter-flaw", detail),
                }
            })
            .collect(),
    }
}

fn drafted(done: Drafted) -> Result<Made, Error> {
    done.map(|id| Made { id: id.0 }).map_err(|flaws| Error::Invalid(unfit(&flaws)))
}

/// The motions that the caller may see, newest first.
#[utoipa::path(get, path = "/api/v1/motions", tag = "assembly", operation_id = "motions_list",
    params(present::Page),
    responses((status = 200, description = "Done.", body = ThingsJson)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<present::Page>,
) -> Result<Json<ThingsJson>, Error> {
    let reader = app.store().as_seen_by(&caller.actor);
    let views = reader.newest(Motion::KIND, Layer::BallotMotion, page.before, page.limit()).await?;
    Ok(Json(present::list(&views, page.limit(), &app.store().roster())))
}

/// Drafts a motion. An amendment is put to the proof at once, beside everything else.
#[utoipa::path(post, path = "/api/v1/motions", tag = "assembly", operation_id = "motions_draft",
    params(),
    request_body = MotionBody,
    responses((status = 201, description = "Drafted.", body = Made)))]
async fn draft(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<MotionBody>,
) -> Result<(StatusCode, Json<Made>), Error> {
    let made = drafted(app.council().draft_motion(caller, None, body.into()).await?)?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// One motion: its text, what was proven of it, its notice and its result.
#[utoipa::path(get, path = "/api/v1/motions/{id}", tag = "assembly", operation_id = "motions_show",
    params(("id" = String, Path, description = "The motion."), ),
    responses((status = 200, description = "Done.", body = ThingJson)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ThingJson>, Error> {
    let reader = app.store().as_seen_by(&caller.actor);
    let thing = reader.thing(Motion::KIND, &ThingId(id)).await?.ok_or(Error::NotFound)?;
    Ok(Json(present::thing(&thing, &app.store().roster())))
}

/// Rewrites a draft. What was proven of the one before is gone.
#[utoipa::path(put, path = "/api/v1/motions/{id}", tag = "assembly", operation_id = "motions_rewrite",
    params(("id" = String, Path, description = "The motion."), ),
    request_body = MotionBody,
    responses((status = 200, description = "Done.", body = Made)))]
async fn rewrite(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<MotionBody>,
) -> Result<Json<Made>, Error> {
    Ok(Json(drafted(app.council().draft_motion(caller, Some(ThingId(id)), body.into()).await?)?))
}

/// Calls the assembly to vote: from here on the text is frozen, and the members of this moment may vote.
#[utoipa::path(post, path = "/api/v1/motions/{id}/notice", tag = "assembly", operation_id = "motions_notice",
    params(("id" = String, Path, description = "The motion."), ),
    request_body = NoticeBody,
    responses((status = 200, description = "Done.", body = Numbered)))]
async fn notice(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<NoticeBody>,
) -> Result<Json<Numbered>, Error> {
    let no = app.council().notice_motion(caller, ThingId(id), body.opens_at, body.closes_at).await?;
    Ok(Json(Numbered { no }))
}

/// Takes a motion back before anybody could vote.
#[utoipa::path(post, path = "/api/v1/motions/{id}/drop", tag = "assembly", operation_id = "motions_drop",
    params(("id" = String, Path, description = "The motion."), ),
    responses((status = 200, description = "Done.", body = Done)))]
async fn drop_motion(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Done>, Error> {
    app.council().drop_motion(caller, ThingId(id)).await?;
    Ok(Json(DONE))
}

/// Gives or changes the vote of the caller's organisation. Keep the answer: it is the receipt by which it can be shown that
/// the vote is counted (`noroshi verify ballot`).
#[utoipa::path(post, path = "/api/v1/motions/{id}/ballots", tag = "assembly", operation_id = "motions_vote",
    params(("id" = String, Path, description = "The motion."), ),
    request_body = VoteBody,
    responses((status = 201, description = "Taken.", body = Receipt)))]
async fn cast(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<VoteBody>,
) -> Result<(StatusCode, Json<Receipt>), Error> {
    let receipt = app.council().cast_ballot(caller, ThingId(id), body.choice, body.opinion, body.of).await?;
    Ok((StatusCode::CREATED, Json(receipt)))
}

/// The receipt of the vote of the caller's organisation that counts now.
#[utoipa::path(get, path = "/api/v1/motions/{id}/ballots", tag = "assembly", operation_id = "motions_own_vote",
    params(("id" = String, Path, description = "The motion."), ),
    responses((status = 200, description = "Done.", body = Receipt)))]
async fn own(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<Receipt>, Error> {
    let receipt = app.council().own_ballot(&caller.actor, &ThingId(id)).await?;
    Ok(Json(receipt.ok_or(Error::NotFound)?))
}

/// Every vote on a motion, once it is closed, to be counted again.
#[utoipa::path(get, path = "/api/v1/motions/{id}/roll", tag = "assembly", operation_id = "motions_roll",
    params(("id" = String, Path, description = "The motion."), ),
    responses((status = 200, description = "Done.", body = Roll)))]
async fn roll(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Json<Roll>, Error> {
    let roll = app.council().roll(&caller.actor, &ThingId(id)).await?;
    Ok(Json(roll.ok_or(Error::NotFound)?))
}
