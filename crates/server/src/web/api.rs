//! The interface for programs, described by what is really there.
//!
//! A feature has `pub fn api() -> OpenApiRouter<App>` with `OpenApiRouter::new().routes(routes!(list, create))`, paths with
//! their `/api/…` prefix in `#[utoipa::path]`. [`build`] merges them, and `/api/openapi.json` is made from the same merge, so
//! that no route can be forgotten in it.

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::routing::get;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required,
    ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use noroshi_council::Class;
use serde_json::Value;

use super::{Error, FieldFlaw};

/// An error as programs get it (RFC 9457, `application/problem+json`).
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what dress::problem writes")]
pub struct Problem {
    /// `urn:noroshi:problem:` and a code that does not change.
    r#type: String,
    /// What happened, in the language asked for.
    title: String,
    /// The HTTP status.
    status: u16,
    /// Why.
    detail: String,
    /// What to do now.
    todo: String,
    /// The article of the charter that a refusal rests on.
    article: Option<String>,
    /// The number under which the operator's log knows more.
    instance: Option<String>,
    /// Flawed fields.
    errors: Option<Vec<ProblemField>>,
}

/// One flawed field.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what dress::problem writes")]
pub struct ProblemField {
    /// Its path in the body, or its name in the query.
    field: String,
    /// What is wrong, for programs.
    code: String,
    /// What is wrong, in words.
    detail: String,
}

/// Merges the features, completes the description and serves it at `/api/openapi.json`. What concerns only a class that is not
/// among `classes` is not described.
pub fn build<S: Clone + Send + Sync + 'static>(
    features: impl IntoIterator<Item = OpenApiRouter<S>>,
    classes: &[Class],
) -> (Router<S>, OpenApi) {
    let merged = features.into_iter().fold(OpenApiRouter::with_openapi(frame()), OpenApiRouter::merge);
    let (router, mut description) = merged.split_for_parts();
    complete(&mut description);
    let mut told = serde_json::to_value(&description).unwrap_or_default();
    if !classes.contains(&Class::Class2) {
        leave_out(&mut told, Class::Class2.as_str());
    }
    let text = told.to_string();
    let router = router.route(
        "/api/openapi.json",
        get(move || {
            let text = text.clone();
            async move { ([(CONTENT_TYPE, "application/json")], text) }
        }),
    );
    (router, description)
}

/// Operations, by their ids, and schemas that are about class 2 alone.
const OF_CLASS2: &[&str] = &[
    "measures_answer",
    "measures_answer_for",
    "measures_excuse",
    "measures_confirm",
    "measures_close_request",
];

/// Takes out of a description what concerns class 2 alone, and the values that only it has.
fn leave_out(told: &mut Value, class: &str) {
    if let Some(paths) = told["paths"].as_object_mut() {
        for item in paths.values_mut().filter_map(Value::as_object_mut) {
            item.retain(|_, operation| {
                operation["operationId"].as_str().is_none_or(|id| !OF_CLASS2.contains(&id))
            });
        }
        paths.retain(|_, item| item.as_object().is_none_or(|item| !item.is_empty()));
    }
    without_value(told, class);
}

fn without_value(told: &mut Value, value: &str) {
    match told {
        Value::Object(entries) => {
            if let Some(Value::Array(values)) = entries.get_mut("enum") {
                values.retain(|v| v != value);
            }
            entries.values_mut().for_each(|entry| without_value(entry, value));
        }
        Value::Array(entries) => entries.iter_mut().for_each(|entry| without_value(entry, value)),
        _ => {}
    }
}

fn frame() -> OpenApi {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A key of your organisation, made under /org. 組織設定で発行した鍵。"))
        .build();
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Noroshi")
                .version("1")
                .description(Some(
                    "狼煙：サイバー攻撃を知らせ合う窓口。What you may not see does not exist here.",
                ))
                .build(),
        )
        .components(Some(
            ComponentsBuilder::new()
                .schema(Problem::name(), Problem::schema())
                .schema(ProblemField::name(), ProblemField::schema())
                .security_scheme("bearer", SecurityScheme::Http(bearer))
                .build(),
        ))
        .security(Some([SecurityRequirement::new("bearer", Vec::<String>::new())]))
        .build()
}

/// Adds to every operation what every operation has: the form of its errors, and on those that write the key of repetition.
fn complete(description: &mut OpenApi) {
    let problem = || {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
        ResponseBuilder::new()
            .description("What happened, why, and what to do now.")
            .content("application/problem+json", content)
            .build()
    };
    let writes = |operation: &mut Operation| {
        let key = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "1–64 visible ASCII characters. The same key with the same body has its effect once.",
            ))
            .schema(Some(String::schema()))
            .build();
        operation.parameters.get_or_insert_default().push(RefOr::T(key));
    };
    for item in description.paths.paths.values_mut() {
        for operation in
            [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
        {
            writes(operation);
        }
        let all = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in all.into_iter().flatten() {
            operation.responses.responses.entry("default".to_owned()).or_insert_with(|| RefOr::T(problem()));
        }
    }
}

/// The client's name for this request, so that sending it twice does it once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<IdempotencyKey, Error> {
        let mut given = parts.headers.get_all("idempotency-key").iter();
        let Some(key) = given.next() else { return Ok(IdempotencyKey(None)) };
        let good = |key: &&str| (1..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        match (key.to_str().ok().filter(good), given.next()) {
            (Some(key), None) => Ok(IdempotencyKey(Some(key.to_owned()))),
            _ => Err(Error::Invalid(vec![FieldFlaw::new("Idempotency-Key", "bad-value")])),
        }
    }
}
