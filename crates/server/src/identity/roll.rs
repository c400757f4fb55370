//! The roll of members for programs: what the secretariat keeps, and what the coordinator may do about a member.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use noroshi_council::{Micros, OrgId, Seat, Text, standing::Change};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Known,
    api::{OrgJson, PersonJson},
};
use crate::{
    acts::{Caller, membership},
    app::App,
    present::{DONE, Done, Made},
    store::{identity, roster},
    web::{Error, Json, session::Program},
};

/// The addresses of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(members, administer))
        .routes(routes!(member))
        .routes(routes!(set_standing))
        .routes(routes!(set_regulator))
}

/// An organisation to be added or changed. What is not said of one that is there stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its id; a new one where nothing is said. `o-`, and letters, digits and hyphens.
    #[serde(default)]
    pub id: Option<OrgId>,
    /// Its name.
    pub name: Text,
    /// Its class, or the office that it holds.
    pub seat: String,
    /// Its sector: one of the charter's (`GET /api/v1/charter`), or one that somebody on the roll has.
    pub sector: String,
    /// Whether it is a mutual-aid body.
    #[serde(default)]
    pub association: bool,
    /// How many constituents it has.
    #[serde(default)]
    pub constituents: u32,
    /// When its staff start work, minutes after midnight.
    #[serde(default)]
    #[schema(maximum = 1439)]
    pub opening_minute: Option<u16>,
    /// The number that the coordinator calls.
    #[serde(default)]
    pub phone: Option<String>,
    /// Who supervises it under a law of its own, beside those already recorded.
    #[serde(default)]
    pub regulators: Vec<OrgId>,
    /// What this rests on.
    pub reason: String,
}

/// One organisation of the roll with its people.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberJson {
    /// The organisation.
    pub org: OrgJson,
    /// When its suspension ends by itself, unix microseconds; nothing where it is not suspended, or a suspension is confirmed.
    pub suspension_ends_at: Option<Micros>,
    /// The number that the coordinator calls.
    pub phone: String,
    /// Its handlers, former ones too.
    pub people: Vec<PersonJson>,
    /// Who supervises it under a law of its own.
    pub regulators: Vec<OrgJson>,
}

/// What is to become of a membership.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStanding {
    /// `suspend` and `reinstate` are open to the coordinator and the secretariat; `confirm` (a suspension stays), `withdraw`
    /// (a notice came on paper) and `expel` to the secretariat.
    pub change: Change,
    /// What this rests on.
    pub reason: String,
}

/// Who supervises somebody, or no longer does.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Supervision {
    /// The regulator.
    pub regulator: OrgId,
    /// Whether it supervises; `false` takes it off the record.
    pub regulates: bool,
    /// What this rests on.
    pub reason: String,
}

fn keeps_the_roll(known: &Known) -> Result<(), Error> {
    if known.actor.seat == Seat::Secretariat && known.actor.pledged { Ok(()) } else { Err(Error::NotFound) }
}

/// Every organisation: for the coordinator, who calls them, the secretariat, who keeps the roll, and the committee, which decides
/// who is on it. Registrants are not shown to others (R12).
#[utoipa::path(get, path = "/api/v1/members", tag = "identity", operation_id = "members_list",
    responses((status = 200, description = "Done.", body = Vec<OrgJson>)))]
async fn members(State(app): State<App>, Program(known): Program) -> Result<Json<Vec<OrgJson>>, Error> {
    if !app.council().reads_the_roll(&known.actor) {
        return Err(Error::NotFound);
    }
    Ok(Json(app.store().roster().orgs.values().map(OrgJson::from).collect()))
}

/// One organisation with its people: for the secretariat, who keeps the roll.
#[utoipa::path(get, path = "/api/v1/members/{id}", tag = "identity", operation_id = "members_show",
    params(("id" = String, Path, description = "The organisation's id.")),
    responses((status = 200, description = "Done.", body = MemberJson)))]
async fn member(
    State(app): State<App>,
    Program(known): Program,
    Path(id): Path<String>,
) -> Result<Json<MemberJson>, Error> {
    keeps_the_roll(&known)?;
    let roster = app.store().roster();
    let org = roster.get(&OrgId(id)).ok_or(Error::NotFound)?;
    let of = org.id.clone();
    let (people, phone, suspension_ends_at) = app
        .store()
        .read(move |conn| {
            let people = identity::of_org(conn, &of)?;
            Ok((people, roster::phone(conn, &of)?, roster::suspension_end(conn, &of)?))
        })
        .await?;
    let regulators = roster.orgs.values().filter(|o| roster.is_regulator_of(&o.id, &org.id));
    Ok(Json(MemberJson {
        org: OrgJson::from(org),
        suspension_ends_at,
        phone,
        people: people.iter().map(PersonJson::from).collect(),
        regulators: regulators.map(OrgJson::from).collect(),
    }))
}

/// Adds an organisation or changes one, as the committee decided. Asks for fresh proof of presence, as all acts upon the roll
/// do.
#[utoipa::path(post, path = "/api/v1/members", tag = "identity", operation_id = "members_administer",
    request_body = Entry,
    responses((status = 201, description = "Recorded.", body = Made)))]
async fn administer(
    State(app): State<App>,
    caller: Caller,
    Json(entry): Json<Entry>,
) -> Result<(StatusCode, Json<Made>), Error> {
    let entry = membership::Entry {
        id: entry.id,
        name: entry.name,
        seat: Seat::parse(&entry.seat).ok_or_else(|| Error::field("seat", "bad-value"))?,
        sector: entry.sector,
        association: entry.association,
        constituents: entry.constituents,
        opening_minute: entry.opening_minute,
        phone: entry.phone,
        regulators: entry.regulators.into_iter().collect(),
        reason: entry.reason,
    };
    let id = app.council().administer(caller, entry).await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// Suspends a membership, confirms or ends that, or records a withdrawal or an expulsion. What is over does not begin again:
/// whoever has left applies anew.
#[utoipa::path(put, path = "/api/v1/members/{id}/standing", tag = "identity", operation_id = "members_set_standing",
    params(("id" = String, Path, description = "The organisation's id.")),
    request_body = NewStanding,
    responses((status = 200, description = "Done.", body = Done)))]
async fn set_standing(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(new): Json<NewStanding>,
) -> Result<Json<Done>, Error> {
    app.council().change_standing(caller, OrgId(id), new.change, new.reason).await?;
    Ok(Json(DONE))
}

/// Records that an organisation supervises this one under a law of its own, or that it no longer does. Recording what is on
/// record already changes nothing.
#[utoipa::path(put, path = "/api/v1/members/{id}/regulators", tag = "identity", operation_id = "members_set_regulator",
    params(("id" = String, Path, description = "The id of the organisation that is supervised.")),
    request_body = Supervision,
    responses((status = 200, description = "Done.", body = Done)))]
async fn set_regulator(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(new): Json<Supervision>,
) -> Result<Json<Done>, Error> {
    let (regulator, regulates) = (new.regulator, new.regulates);
    app.council().set_regulator(caller, OrgId(id), regulator, regulates, new.reason).await?;
    Ok(Json(DONE))
}
