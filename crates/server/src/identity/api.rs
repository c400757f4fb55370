//! Oneself, one's organisation and its handlers, for programs.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use noroshi_council::{Micros, Org, OrgId, PersonId, Seat, Standing, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Nominee, OrgSettings};
use crate::{
    acts::Caller,
    app::App,
    ids,
    present::{DONE, Done, Made, NameJson},
    store::{
        identity::{self, Person, PersonState, Reach, Token},
        roster,
    },
    web::{Error, Json, session::Program},
};

/// The addresses of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(me))
        .routes(routes!(step_up))
        .routes(routes!(own, settings))
        .routes(routes!(tokens, make_token))
        .routes(routes!(revoke_token))
        .routes(routes!(invite))
        .routes(routes!(set_state))
        .routes(routes!(members))
        .routes(routes!(administer))
        .routes(routes!(directory))
        .routes(routes!(charter))
}

/// An organisation, as those who may know it get it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrgJson {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: NameJson,
    /// `general`, `class2`, `class1`, `coordinator`, `secretariat` or `operator`.
    pub seat: String,
    /// Its sector.
    pub sector: String,
    /// Whether it is a mutual-aid body with constituents.
    pub association: bool,
    /// How many constituents it has.
    pub constituents: u32,
    /// R11: whether it receives secrets.
    pub receives_secrets: bool,
    /// When its staff start work, minutes after midnight.
    pub opening_minute: u16,
    /// Where its membership stands.
    pub standing: String,
}

impl From<&Org> for OrgJson {
    fn from(org: &Org) -> OrgJson {
        OrgJson {
            id: org.id.0.clone(),
            name: NameJson::from(&org.name),
            seat: org.seat.as_str().to_owned(),
            sector: org.sector.clone(),
            association: org.association,
            constituents: org.constituents,
            receives_secrets: org.receives_secrets,
            opening_minute: org.opening_minute,
            standing: org.standing.as_str().to_owned(),
        }
    }
}

/// A person, as its own organisation gets it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonJson {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// Its telephone number.
    pub phone: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// `nominated`, `enrolled`, `locked` or `former`.
    pub state: String,
    /// When it signed the pledge, unix microseconds.
    pub pledged_at: Option<Micros>,
    /// `ja` or `en`.
    pub lang: String,
}

impl From<&Person> for PersonJson {
    fn from(person: &Person) -> PersonJson {
        PersonJson {
            id: person.id.0.clone(),
            name: person.name.clone(),
            email: person.email.clone(),
            phone: person.phone.clone(),
            roles: person.roles.iter().map(|r| r.as_str().to_owned()).collect(),
            state: person.state.as_str().to_owned(),
            pledged_at: person.pledge.as_ref().map(|p| p.1),
            lang: person.lang.clone(),
        }
    }
}

/// A key for programs, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TokenJson {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// How far it reaches.
    pub reach: Reach,
    /// When it was made, unix microseconds.
    pub created_at: Micros,
    /// When it ends.
    pub expires_at: Option<Micros>,
    /// When it was revoked.
    pub revoked_at: Option<Micros>,
    /// When it was last used, to within ten minutes.
    pub last_used_at: Option<Micros>,
}

impl From<&Token> for TokenJson {
    fn from(token: &Token) -> TokenJson {
        TokenJson {
            id: token.id.clone(),
            name: token.name.clone(),
            reach: token.reach,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            last_used_at: token.last_used_at,
        }
    }
}

/// Oneself.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The person.
    pub person: PersonJson,
    /// Its organisation.
    pub org: OrgJson,
    /// Whether the present version of the pledge is signed.
    pub pledged: bool,
    /// Whether presence has been proved within the last minutes.
    pub present: bool,
}

/// One's organisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnOrg {
    /// The organisation.
    pub org: OrgJson,
    /// The number that the coordinator calls.
    pub phone: String,
    /// Its handlers.
    pub people: Vec<PersonJson>,
    /// Who supervises it under a law of its own.
    pub regulators: Vec<OrgJson>,
}

/// A password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Password {
    /// The password of the person behind the key.
    #[schema(format = Password)]
    pub password: String,
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What to call it.
    pub name: String,
    /// How far it reaches.
    pub reach: Reach,
    /// After how many days it ends; never, where nothing is said.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    pub days: Option<u32>,
}

/// A key that was made. The secret is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeToken {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

/// Somebody who was invited.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invited {
    /// The person.
    pub id: String,
    /// The path of the link that was mailed, for the case that mail does not work. Nothing for somebody who has been in
    /// already: that link goes by mail only.
    pub link: Option<String>,
}

/// Where a person is to stand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewState {
    /// `enrolled`, `locked` or `former`.
    pub state: String,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// An organisation to be added or changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its id; a new one where nothing is said.
    #[serde(default)]
    pub id: Option<OrgId>,
    /// Its name.
    pub name: Text,
    /// Its class, or the office that it holds.
    pub seat: String,
    /// Its sector.
    pub sector: String,
    /// Whether it is a mutual-aid body.
    #[serde(default)]
    pub association: bool,
    /// How many constituents it has.
    #[serde(default)]
    pub constituents: u32,
    /// When its staff start work, minutes after midnight.
    #[serde(default)]
    pub opening_minute: u16,
    /// `active` or `suspended`.
    #[serde(default)]
    pub standing: Option<String>,
    /// The number that the coordinator calls.
    #[serde(default)]
    pub phone: String,
    /// Who supervises it under a law of its own.
    #[serde(default)]
    pub regulators: Vec<OrgId>,
    /// What this rests on.
    pub reason: String,
}

/// The charter in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct CharterJson {
    /// Which profile.
    pub profile: String,
    /// Which version of it.
    pub version: u32,
    /// SHA-256 over all its texts.
    pub hash: String,
    /// Its articles.
    pub articles: Vec<ArticleJson>,
    /// Its numbers.
    #[schema(value_type = Object)]
    pub numbers: serde_json::Value,
}

/// An article.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArticleJson {
    /// Its number.
    pub number: String,
    /// Its title.
    pub title: NameJson,
    /// Its text.
    pub text: NameJson,
}

/// Who the key belongs to.
#[utoipa::path(get, path = "/api/v1/me", tag = "identity", operation_id = "me",
    responses((status = 200, description = "Done.", body = Me)))]
async fn me(State(app): State<App>, Program(known): Program) -> Result<Json<Me>, Error> {
    let roster = app.store().roster();
    let org = roster.get(&known.person.org).ok_or(Error::NotFound)?;
    let (pledged, present) = (known.actor.pledged, known.actor.stepped_up);
    Ok(Json(Me { person: PersonJson::from(&known.person), org: OrgJson::from(org), pledged, present }))
}

/// Proves presence by the password of the person behind the key, for the next minutes.
#[utoipa::path(post, path = "/api/v1/step-up", tag = "identity", operation_id = "step_up",
    request_body = Password,
    responses((status = 200, description = "Done.", body = Done)))]
async fn step_up(
    State(app): State<App>,
    Program(known): Program,
    Json(given): Json<Password>,
) -> Result<Json<Done>, Error> {
    app.rates().sign_in_account(&known.person.email)?;
    if app.identity().step_up(&known, given.password).await? {
        Ok(Json(DONE))
    } else {
        Err(Error::field("password", "bad-value"))
    }
}

/// One's organisation, its handlers and its regulators.
#[utoipa::path(get, path = "/api/v1/org", tag = "identity", operation_id = "org_show",
    responses((status = 200, description = "Done.", body = OwnOrg)))]
async fn own(State(app): State<App>, Program(known): Program) -> Result<Json<OwnOrg>, Error> {
    let id = known.person.org.clone();
    let (people, phone) =
        app.store().read(move |conn| Ok((identity::of_org(conn, &id)?, roster::phone(conn, &id)?))).await?;
    let roster = app.store().roster();
    let org = roster.get(&known.person.org).ok_or(Error::NotFound)?;
    let regulators =
        roster.active().filter(|o| roster.is_regulator_of(&o.id, &org.id)).map(OrgJson::from).collect();
    Ok(Json(OwnOrg {
        org: OrgJson::from(org),
        phone,
        people: people.iter().map(PersonJson::from).collect(),
        regulators,
    }))
}

/// Changes what one's organisation decides about itself.
#[utoipa::path(put, path = "/api/v1/org", tag = "identity", operation_id = "org_settings",
    request_body = OrgSettings,
    responses((status = 200, description = "Done.", body = Done)))]
async fn settings(
    State(app): State<App>,
    caller: Caller,
    Json(settings): Json<OrgSettings>,
) -> Result<Json<Done>, Error> {
    app.identity().change_settings(caller, settings).await?;
    Ok(Json(DONE))
}

/// One's keys.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "identity", operation_id = "tokens_list",
    responses((status = 200, description = "Done.", body = Vec<TokenJson>)))]
async fn tokens(State(app): State<App>, Program(known): Program) -> Result<Json<Vec<TokenJson>>, Error> {
    let id = known.person.id;
    let tokens = app.store().read(move |conn| Ok(identity::tokens_of(conn, &id)?)).await?;
    Ok(Json(tokens.iter().map(TokenJson::from).collect()))
}

/// Makes a key. Asks for fresh proof of presence.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "identity", operation_id = "tokens_make",
    request_body = NewToken,
    responses((status = 201, description = "Made.", body = MadeToken)))]
async fn make_token(
    State(app): State<App>,
    mut caller: Caller,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Error> {
    // Its secret is not kept, so it cannot be answered a second time.
    caller.once.key = None;
    let (id, secret) = app.identity().make_token(caller, &new.name, new.reach, new.days).await?;
    Ok((StatusCode::CREATED, Json(MadeToken { id, secret })))
}

/// Revokes a key, at once.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "identity", operation_id = "tokens_revoke",
    params(("id" = String, Path, description = "The key's id.")),
    responses((status = 200, description = "Done.", body = Done)))]
async fn revoke_token(
    State(app): State<App>,
    Program(known): Program,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Done>, Error> {
    app.identity().revoke_token(&known, caller, id).await?;
    Ok(Json(DONE))
}

/// Names a handler and invites it by mail.
#[utoipa::path(post, path = "/api/v1/people", tag = "identity", operation_id = "people_invite",
    request_body = Nominee,
    responses((status = 201, description = "Invited.", body = Invited)))]
async fn invite(
    State(app): State<App>,
    mut caller: Caller,
    Json(nominee): Json<Nominee>,
) -> Result<(StatusCode, Json<Invited>), Error> {
    caller.once.key = None;
    let (id, secret) = app.identity().invite(caller, nominee).await?;
    Ok((StatusCode::CREATED, Json(Invited { id: id.0, link: secret.map(|s| format!("/invitation/{s}")) })))
}

/// Locks, unlocks or dismisses a handler.
#[utoipa::path(put, path = "/api/v1/people/{id}/state", tag = "identity", operation_id = "people_set_state",
    params(("id" = String, Path, description = "The person's id.")),
    request_body = NewState,
    responses((status = 200, description = "Done.", body = Done)))]
async fn set_state(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(new): Json<NewState>,
) -> Result<Json<Done>, Error> {
    let state = PersonState::parse(&new.state).ok_or_else(|| Error::field("state", "bad-value"))?;
    app.identity().set_state(caller, PersonId(id), state, new.reason).await?;
    Ok(Json(DONE))
}

/// Every organisation: for the coordinator, who calls them, and the secretariat, who keeps the roll. Registrants are not
/// shown to others (R12).
#[utoipa::path(get, path = "/api/v1/members", tag = "identity", operation_id = "members_list",
    responses((status = 200, description = "Done.", body = Vec<OrgJson>)))]
async fn members(State(app): State<App>, Program(known): Program) -> Result<Json<Vec<OrgJson>>, Error> {
    if !matches!(known.actor.seat, Seat::Coordinator | Seat::Secretariat) || !known.actor.pledged {
        return Err(Error::NotFound);
    }
    Ok(Json(app.store().roster().orgs.values().map(OrgJson::from).collect()))
}

/// Adds an organisation or changes one, as the committee decided.
#[utoipa::path(post, path = "/api/v1/members", tag = "identity", operation_id = "members_administer",
    request_body = Entry,
    responses((status = 201, description = "Recorded.", body = Made)))]
async fn administer(
    State(app): State<App>,
    caller: Caller,
    Json(entry): Json<Entry>,
) -> Result<(StatusCode, Json<Made>), Error> {
    let bad = |field: &'static str| Error::field(field, "bad-value");
    let org = Org {
        id: entry.id.clone().unwrap_or_else(|| OrgId(ids::plain("o"))),
        name: entry.name,
        seat: Seat::parse(&entry.seat).ok_or_else(|| bad("seat"))?,
        sector: entry.sector,
        association: entry.association,
        constituents: entry.constituents,
        receives_secrets: true,
        opening_minute: if entry.opening_minute < 24 * 60 {
            entry.opening_minute
        } else {
            return Err(bad("opening_minute"));
        },
        standing: entry
            .standing
            .as_deref()
            .map_or(Some(Standing::Active), Standing::parse)
            .ok_or_else(|| bad("standing"))?,
        joined_at: 0,
    };
    let id = org.id.clone();
    app.identity().administer(caller, org, entry.phone, entry.regulators, entry.reason).await?;
    Ok((StatusCode::CREATED, Json(Made { id: id.0 })))
}

/// The organisations that one can name in a scope: one's regulators, the coordinator, and for the class 1 group everybody.
#[utoipa::path(get, path = "/api/v1/directory", tag = "identity", operation_id = "directory",
    responses((status = 200, description = "Done.", body = Vec<OrgJson>)))]
async fn directory(State(app): State<App>, Program(known): Program) -> Result<Json<Vec<OrgJson>>, Error> {
    Ok(Json(nameable(&app, &known.actor).iter().map(OrgJson::from).collect()))
}

/// The organisations that somebody can name in a scope.
#[must_use]
pub fn nameable(app: &App, actor: &noroshi_council::Actor) -> Vec<Org> {
    if !actor.pledged {
        return Vec::new();
    }
    let roster = app.store().roster();
    let knows = |org: &&Org| {
        actor.seat.in_class1_group()
            || org.seat == Seat::Coordinator
            || (org.id != actor.org && roster.is_regulator_of(&org.id, &actor.org))
    };
    let members = roster.active().filter(|o| matches!(o.seat, Seat::Member(_) | Seat::Coordinator));
    members.filter(knows).filter(|o| o.id != actor.org).cloned().collect()
}

/// The charter in force.
#[utoipa::path(get, path = "/api/v1/charter", tag = "identity", operation_id = "charter",
    responses((status = 200, description = "Done.", body = CharterJson)))]
async fn charter(State(app): State<App>, Program(_): Program) -> Result<Json<CharterJson>, Error> {
    let charter = app.charter();
    let articles = charter.articles().iter().map(|a| ArticleJson {
        number: a.number.clone(),
        title: NameJson::from(&a.title),
        text: NameJson::from(&a.text),
    });
    let numbers = charter
        .parameters()
        .numbers
        .iter()
        .map(|(name, n)| (name.clone(), serde_json::json!(n.value)))
        .collect();
    Ok(Json(CharterJson {
        profile: charter.profile().to_owned(),
        version: charter.version(),
        hash: charter.hash().to_owned(),
        articles: articles.collect(),
        numbers: serde_json::Value::Object(numbers),
    }))
}
