//! Bringing STIX objects, for programs.

use axum::{
    extract::{Path, Request, State},
    http::{StatusCode, header::CONTENT_TYPE},
};
use noroshi_council::{
    Micros, Scope, Thing as _, ThingId,
    import::Given,
    item::{Basis, Consent},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    acts::{Caller, reading::ReadBy},
    app::App,
    import::{Heading, unpack::Sent},
    present::{self, DONE, Done},
    web::{BodyCap, Error, Json, Query, Shell, extract, json},
};

/// The addresses of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, bring))
        .routes(routes!(redraw))
        .routes(routes!(retract))
        .routes(routes!(read_by))
}

/// Who may read what is brought.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct For {
    /// A scope as JSON, such as `{"classes":["class1"]}`, which is what holds where none is given.
    #[serde(default)]
    #[param(nullable = false)]
    scope: Option<String>,
    /// Whether the objects are secret, so that members who receive no secrets get none of them; they are where nothing is
    /// said.
    #[serde(default = "secret")]
    #[param(nullable = false, default = true)]
    secret: bool,
    /// Why they are given; voluntarily where nothing is said.
    #[serde(default)]
    #[param(nullable = false)]
    basis: Option<Basis>,
    /// Whether a countermeasure may come of them; they may be used without waiting where nothing is said.
    #[serde(default)]
    #[param(nullable = false)]
    consent: Option<Consent>,
}

fn secret() -> bool {
    true
}

/// The scope drawn anew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScope {
    /// The scope.
    scope: Scope,
}

/// Why something is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// In words.
    #[serde(default)]
    reason: String,
}

/// What became of what was brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct Brought {
    /// The import, for the record.
    #[schema(value_type = String)]
    id: ThingId,
    /// How many objects there were.
    objects: u64,
    /// How many of them are new to you.
    added: u64,
    /// How many you could read before. Whom you let read them now gets them all the same.
    known: u64,
}

/// One of the caller's own imports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportJson {
    /// Its id.
    #[schema(value_type = String)]
    id: ThingId,
    /// When it began, unix microseconds.
    at: Micros,
    /// What it was read from: the name of a file, or `api`.
    source: String,
    /// `open`, or `retracted` once it was taken back.
    state: String,
    /// Whether its objects are secret.
    secret: bool,
    /// Why they were given.
    basis: Basis,
    /// Whether a countermeasure may come of them.
    consent: Consent,
    /// Who may read them, as it was drawn last.
    scope: Scope,
}

/// The caller's own imports, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportsJson {
    /// The imports.
    imports: Vec<ImportJson>,
    /// Give this as `before` to get the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Micros>,
}

/// What the caller's organisation has brought in, newest first.
#[utoipa::path(get, path = "/api/v1/stix", tag = "stix", operation_id = "stix_list",
    params(present::Page),
    responses((status = 200, description = "Done.", body = ImportsJson)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<present::Page>,
) -> Result<Json<ImportsJson>, Error> {
    let own = app.council().imports_of(&caller.actor, page.before, page.limit()).await?;
    let next = own.last().filter(|_| own.len() == page.limit()).map(|(_, at, _)| *at);
    let imports = own.into_iter().map(|(id, at, import)| ImportJson {
        id,
        at,
        source: import.source().to_owned(),
        state: import.state().to_owned(),
        secret: import.secret(),
        basis: import.given().basis,
        consent: import.given().consent,
        scope: import.scope().expression().clone(),
    });
    Ok(Json(ImportsJson { imports: imports.collect(), next }))
}

/// Brings STIX objects: a bundle, a list, or objects one after another. Bringing the same again changes nothing.
#[utoipa::path(post, path = "/api/v1/stix", tag = "stix", operation_id = "stix_import",
    params(For),
    request_body(content = Bundle, content_type = "application/stix+json", description = "A STIX 2.1 bundle."),
    responses((status = 201, description = "In.", body = Brought)))]
async fn bring(
    State(app): State<App>,
    caller: Caller,
    Query(wish): Query<For>,
    mut request: Request,
) -> Result<(StatusCode, Json<Brought>), Error> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
        return Err(Error::MediaType("application/stix+json"));
    }
    let scope = match &wish.scope {
        None => Scope::class1_group(),
        Some(text) => json::read(text.as_bytes()).map_err(|_| Error::field("scope", "bad-value"))?,
    };
    let limit = request.extensions().get::<Shell>().map_or(1 << 20, |shell| shell.upload);
    request.extensions_mut().insert(BodyCap(limit));
    let body = extract::body(request).await?;
    // Reading megabytes takes a while: not on a thread that others wait for.
    let read = move || {
        let mut objects = Vec::new();
        Sent { field: "objects", bytes: &body, limit }.objects(|object| objects.push(object)).map(|_| objects)
    };
    let objects = tokio::task::spawn_blocking(read).await.map_err(Error::internal)??;
    let count = objects.len() as u64;
    let usual = Given::default();
    let given =
        Given { basis: wish.basis.unwrap_or(usual.basis), consent: wish.consent.unwrap_or(usual.consent) };
    let heading = Heading { scope, secret: wish.secret, source: "api".to_owned(), given };
    let done = app.council().import(&caller, heading, objects, |_| {}).await?;
    let (added, known) = (done.counts.added, done.counts.known);
    Ok((StatusCode::CREATED, Json(Brought { id: done.id, objects: count, added, known })))
}

/// Who has read something of one's own import, as far as it is secret: an organisation, how many of its people, and when first
/// (R18).
#[utoipa::path(get, path = "/api/v1/stix/{id}/readers", tag = "stix", operation_id = "stix_read_by",
    params(("id" = String, Path, description = "The import."), ),
    responses((status = 200, description = "Done.", body = Vec<ReadBy>)))]
async fn read_by(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<ReadBy>>, Error> {
    let id = ThingId(id);
    app.council().import_of(&caller.actor, &id).await?.ok_or(Error::NotFound)?;
    Ok(Json(app.council().read_by(&caller.actor, &id).await?))
}

/// Draws the scope of one's own import anew. Whoever is left out loses what it brought, at once; to whoever has come to stand inside
/// it is brought now.
#[utoipa::path(put, path = "/api/v1/stix/{id}/scope", tag = "stix", operation_id = "stix_redraw",
    params(("id" = String, Path, description = "The import."), ),
    request_body = NewScope,
    responses((status = 200, description = "Done.", body = Done)))]
async fn redraw(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<NewScope>,
) -> Result<Json<Done>, Error> {
    app.council().redraw_import(caller, ThingId(id), body.scope).await?;
    Ok(Json(DONE))
}

/// Takes back what one's own import brought, from everybody.
#[utoipa::path(post, path = "/api/v1/stix/{id}/retract", tag = "stix", operation_id = "stix_retract",
    params(("id" = String, Path, description = "The import."), ),
    request_body = Why,
    responses((status = 200, description = "Done.", body = Done)))]
async fn retract(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    Json(body): Json<Why>,
) -> Result<Json<Done>, Error> {
    app.council().retract_import(caller, ThingId(id), body.reason).await?;
    Ok(Json(DONE))
}

/// A STIX bundle, described as far as programs need it.
#[derive(Debug, ToSchema)]
#[schema(as = StixBundle)]
#[expect(dead_code, reason = "describes what is read as a stream")]
pub struct Bundle {
    /// `bundle`.
    r#type: String,
    /// The objects.
    objects: Vec<std::collections::BTreeMap<String, serde_json::Value>>,
}
