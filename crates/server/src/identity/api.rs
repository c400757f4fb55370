//! Oneself, one's organisation and its handlers, for programs.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use noroshi_council::{Micros, Org, OrgId, PersonId, Seat, Standing};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Made, Nominee, OrgSettings};
use crate::{
    acts::{Caller, membership::Receipt},
    app::App,
    present::{DONE, Done, NameJson},
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
        .routes(routes!(change_password))
        .routes(routes!(own, settings))
        .routes(routes!(tokens, make_token))
        .routes(routes!(revoke_token))
        .routes(routes!(invite))
        .routes(routes!(set_state))
        .routes(routes!(set_roles))
        .routes(routes!(withdraw))
        .merge(super::export::api())
        .merge(super::roll::api())
        .routes(routes!(directory))
        .routes(routes!(listing))
        .merge(super::charter::api())
}

/// Which roles a person is to have.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoles {
    /// All of them: `handler`, `admin`, `voter`, `steering`, `auditor`, `emergency`. Everybody is a handler, said or not.
    pub roles: Vec<String>,
    /// Why. For a seat on the committee, date or number of its resolution.
    #[serde(default)]
    pub reason: String,
}

/// 脱退の届出.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// The id of one's own organisation, so that nobody leaves by a slip.
    pub org: OrgId,
    /// Why; need not be said.
    #[serde(default)]
    pub reason: String,
}

/// 受領証: a notice of withdrawal was received, and took effect. Keep it: it cannot be asked for again.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptJson {
    /// Its number.
    pub number: String,
    /// Which organisation left.
    pub org: String,
    /// What it is called.
    pub name: NameJson,
    /// Who filed the notice.
    pub person: String,
    /// When the notice was received and took effect, unix microseconds.
    pub at: Micros,
    /// Profile, version and hash of the charter that it left.
    pub charter: String,
    /// How many handlers it had who go on being bound by their pledge.
    pub bound: u64,
    /// The hash of the journal's line that records the notice.
    pub line: String,
}

impl From<&Receipt> for ReceiptJson {
    fn from(receipt: &Receipt) -> ReceiptJson {
        ReceiptJson {
            number: receipt.number.clone(),
            org: receipt.org.0.clone(),
            name: NameJson::from(&receipt.name),
            person: receipt.person.0.clone(),
            at: receipt.at,
            charter: receipt.charter.clone(),
            bound: receipt.bound,
            line: receipt.line.clone(),
        }
    }
}

/// An organisation, as those who may know it get it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OrgJson {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: NameJson,
    /// Its class, of those that the charter has, or `coordinator`, `secretariat` or `operator`.
    pub seat: String,
    /// Its sector.
    pub sector: String,
    /// Whether it is a mutual-aid body with constituents.
    pub association: bool,
    /// How many constituents it has.
    pub constituents: u32,
    /// R11: whether it receives secrets.
    pub receives_secrets: bool,
    /// R12: whether it has chosen to stand in the list that the members see.
    pub listed: bool,
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
            listed: org.listed,
            opening_minute: org.opening_minute,
            standing: org.standing.as_str().to_owned(),
        }
    }
}

/// An organisation that can be named in a scope: what is needed for that, and nothing of how it sits or what it chose (R12).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: NameJson,
    /// Its sector.
    pub sector: String,
}

impl From<&Org> for Listed {
    fn from(org: &Org) -> Listed {
        Listed { id: org.id.0.clone(), name: NameJson::from(&org.name), sector: org.sector.clone() }
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
    /// `nominated`, `verified`, `enrolled`, `locked` or `former`.
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
    /// Whom it speaks for where it is an association, as it has listed them.
    pub constituents: Vec<String>,
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

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The one until now.
    #[schema(format = Password)]
    pub present: String,
    /// The one from now on.
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

/// Whether a secret stands in this answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// It does, this once.
    Now,
    /// It goes by mail only: whoever holds it becomes somebody who has been in already.
    ByMail,
    /// This request was answered before under the same idempotency key, and the secret was shown then. It is kept nowhere;
    /// where that answer was lost, revoke what was made and make another under a new key.
    Before,
}

impl Made {
    /// The secret, where there is one to show, and whether there is.
    fn said(self) -> (Option<String>, Shown) {
        match self {
            Made::Now(secret) => (Some(secret), Shown::Now),
            Made::ByMail => (None, Shown::ByMail),
            Made::Before => (None, Shown::Before),
        }
    }
}

/// A key that was made. The secret is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeToken {
    /// Its id.
    pub id: String,
    /// Its secret; nothing where the same request was answered before.
    pub secret: Option<String>,
    /// Whether the secret stands here.
    pub shown: Shown,
}

/// Somebody who was invited.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invited {
    /// The person.
    pub id: String,
    /// The path of the link that was mailed, for the case that mail does not work. Nothing for somebody who has been in
    /// already, and where the same request was answered before.
    pub link: Option<String>,
    /// Whether the link stands here.
    pub shown: Shown,
}

/// Where a person is to stand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewState {
    /// `verified`, `enrolled`, `locked` or `former`.
    pub state: String,
    /// Why; of somebody who was invited, how it was checked who that is.
    #[serde(default)]
    pub reason: String,
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

/// Changes the password of the person behind the key. Every session ends; keys stay.
#[utoipa::path(put, path = "/api/v1/password", tag = "identity", operation_id = "password_change",
    request_body = NewPassword,
    responses((status = 200, description = "Done.", body = Done)))]
async fn change_password(
    State(app): State<App>,
    Program(known): Program,
    Json(given): Json<NewPassword>,
) -> Result<Json<Done>, Error> {
    app.rates().sign_in_account(&known.person.email)?;
    app.identity().change_password(&known, given.present, given.password).await?;
    Ok(Json(DONE))
}

/// One's organisation, its handlers and its regulators.
#[utoipa::path(get, path = "/api/v1/org", tag = "identity", operation_id = "org_show",
    responses((status = 200, description = "Done.", body = OwnOrg)))]
async fn own(State(app): State<App>, Program(known): Program) -> Result<Json<OwnOrg>, Error> {
    let id = known.person.org.clone();
    let (people, phone, constituents) = app
        .store()
        .read(move |conn| {
            Ok((identity::of_org(conn, &id)?, roster::phone(conn, &id)?, roster::constituents(conn, &id)?))
        })
        .await?;
    let roster = app.store().roster();
    let org = roster.get(&known.person.org).ok_or(Error::NotFound)?;
    let regulators =
        roster.active().filter(|o| roster.is_regulator_of(&o.id, &org.id)).map(OrgJson::from).collect();
    Ok(Json(OwnOrg {
        constituents,
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
    let id = known.person.id.clone();
    let tokens = app.store().read(move |conn| Ok(identity::tokens_of(conn, &id)?)).await?;
    Ok(Json(tokens.iter().map(TokenJson::from).collect()))
}

/// Makes a key. Asks for fresh proof of presence.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "identity", operation_id = "tokens_make",
    request_body = NewToken,
    responses((status = 201, description = "Made.", body = MadeToken)))]
async fn make_token(
    State(app): State<App>,
    caller: Caller,
    Json(new): Json<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Error> {
    let (id, made) = app.identity().make_token(caller, &new.name, new.reach, new.days).await?;
    let (secret, shown) = made.said();
    Ok((StatusCode::CREATED, Json(MadeToken { id, secret, shown })))
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
    caller: Caller,
    Json(nominee): Json<Nominee>,
) -> Result<(StatusCode, Json<Invited>), Error> {
    let (id, made) = app.identity().invite(caller, nominee).await?;
    let (secret, shown) = made.said();
    let link = secret.map(|secret| format!("/invitation/{secret}"));
    Ok((StatusCode::CREATED, Json(Invited { id: id.0, link, shown })))
}

/// Gives a handler its roles: its organisation's administrator does, but for `steering`, which the secretariat records as the
/// committee's resolution. Asks for fresh proof of presence.
#[utoipa::path(put, path = "/api/v1/people/{id}/roles", tag = "identity", operation_id = "people_set_roles",
    params(("id" = String, Path, description = "The person's id.")),
    request_body = NewRoles,
    responses((status = 200, description = "Done.", body = Done)))]
async fn set_roles(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(new): Json<NewRoles>,
) -> Result<Json<Done>, Error> {
    app.identity().set_roles(caller, PersonId(id), new.roles, new.reason).await?;
    Ok(Json(DONE))
}

/// 脱退の届出: leaves the council, at once and for good. Every session, key and live event of the organisation's people ends
/// with this answer, the key that asked included. Asks for fresh proof of presence.
#[utoipa::path(post, path = "/api/v1/org/withdrawal", tag = "identity", operation_id = "org_withdraw",
    request_body = Withdrawal,
    responses((status = 200, description = "The receipt.", body = ReceiptJson)))]
async fn withdraw(
    State(app): State<App>,
    caller: Caller,
    Json(notice): Json<Withdrawal>,
) -> Result<Json<ReceiptJson>, Error> {
    let receipt = app.council().withdraw(caller, notice.org, notice.reason).await?;
    Ok(Json(ReceiptJson::from(&receipt)))
}

/// Records that an invited person's identity was checked; locks, unlocks or dismisses a handler.
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

/// The organisations that one can name in a scope: one's regulators, the coordinator, and for `class1` with the coordinator everybody.
#[utoipa::path(get, path = "/api/v1/directory", tag = "identity", operation_id = "directory",
    responses((status = 200, description = "Done.", body = Vec<Listed>)))]
async fn directory(State(app): State<App>, Program(known): Program) -> Result<Json<Vec<Listed>>, Error> {
    Ok(Json(nameable(&app, &known.actor).iter().map(Listed::from).collect()))
}

/// 構成員の一覧: the members that have chosen to be shown to the others (R12); the offices are shown all. `settings.listed` of one's
/// own organisation chooses.
#[utoipa::path(get, path = "/api/v1/listing", tag = "identity", operation_id = "listing",
    responses((status = 200, description = "Done.", body = Vec<Listed>)))]
async fn listing(State(app): State<App>, Program(known): Program) -> Result<Json<Vec<Listed>>, Error> {
    Ok(Json(listed_to(&app, &known.actor).iter().map(Listed::from).collect()))
}

/// The members that somebody is shown, by sector and name.
#[must_use]
pub fn listed_to(app: &App, actor: &noroshi_council::Actor) -> Vec<Org> {
    let (roster, charter) = (app.store().roster(), app.charter());
    let gate = noroshi_council::Gate { law: &*charter, roster: &roster };
    let mut listed: Vec<Org> =
        noroshi_council::listing::listed_to(&gate, actor).into_iter().cloned().collect();
    listed.sort_by(|a, b| (&a.sector, &a.name.ja, &a.id).cmp(&(&b.sector, &b.name.ja, &b.id)));
    listed
}

/// The organisations that somebody can name in a scope.
#[must_use]
pub fn nameable(app: &App, actor: &noroshi_council::Actor) -> Vec<Org> {
    if !actor.pledged || actor.standing != Standing::Active {
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
