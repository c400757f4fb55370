//! Bringing STIX objects, for programs.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header::CONTENT_TYPE},
};
use noroshi_council::{Scope, ThingId};
use noroshi_wire::stix::{self, Fault, Limits, Object};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    acts::Caller,
    app::App,
    web::{BodyCap, Error, FieldFlaw, Json, Query, Shell, extract, json},
};

/// The addresses of this feature.
pub fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(bring))
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
}

/// What became of what was brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct Brought {
    /// The import, for the record.
    #[schema(value_type = String)]
    id: ThingId,
    /// How many objects there were.
    objects: u64,
    /// How many of them are new to somebody.
    added: u64,
    /// How many everybody had already.
    known: u64,
}

/// Every object of a body, or where it is wrong.
///
/// # Errors
/// Tells the first fault: the object's number, what is wrong, and at which byte.
pub fn objects(body: &[u8]) -> Result<Vec<Object>, Error> {
    let mut objects = Vec::new();
    stix::read(body, &Limits::default(), |object| {
        objects.push(object);
        Ok::<(), stix::Error>(())
    })
    .map_err(|error| match error.fault {
        Fault::Json(_) | Fault::Truncated | Fault::Utf8 | Fault::Io(_) => {
            let before = &body[..usize::try_from(error.at).unwrap_or(usize::MAX).min(body.len())];
            let line = before.split(|b| *b == b'\n').count();
            let column = before.rsplit(|b| *b == b'\n').next().map_or(0, <[u8]>::len);
            Error::Malformed(Some((line, column)))
        }
        fault => {
            let mut flaw = FieldFlaw::new(format!("objects[{}]", error.index), code(&fault));
            flaw.limit = i64::try_from(error.at).ok();
            Error::Invalid(vec![flaw])
        }
    })?;
    if objects.is_empty() {
        return Err(Error::field("objects", "missing"));
    }
    Ok(objects)
}

fn code(fault: &Fault) -> &'static str {
    match fault {
        Fault::Duplicate(_) => "duplicate",
        Fault::TooDeep(_) => "too-deep",
        Fault::TooLong(_) | Fault::TooMany(_) => "too-large",
        Fault::Missing(_) => "stix-missing",
        Fault::Id(_) => "stix-id",
        Fault::Spec(_) => "stix-version",
        Fault::Time(_) => "stix-time",
        _ => "stix-object",
    }
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
    if let Some(cap) = request.extensions().get::<Shell>().map(|shell| shell.upload) {
        request.extensions_mut().insert(BodyCap(cap));
    }
    let body = extract::body(request).await?;
    // Reading megabytes takes a while: not on a thread that others wait for.
    let objects = tokio::task::spawn_blocking(move || objects(&body)).await.map_err(Error::internal)??;
    let count = objects.len() as u64;
    let done = app.council().import(&caller, scope, "api".to_owned(), objects, |_| {}).await?;
    let (added, known) = (done.counts.added, done.counts.known);
    Ok((StatusCode::CREATED, Json(Brought { id: done.id, objects: count, added, known })))
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
