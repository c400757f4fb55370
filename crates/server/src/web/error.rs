//! What a request gets instead of what it asked for: a page, a problem (RFC 9457) or a TAXII error, in both languages.
//!
//! Handlers return [`Error`]; it travels to [`dress`] as an extension of a bare response, because only there is it known who
//! asked and in which form. What the client sees never holds SQL, a path, a version or anything of another member; an
//! internal error is a random reference number that the log explains once.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT, ACCEPT_LANGUAGE, ALLOW, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use noroshi_council::Refusal;
use noroshi_council::refusal::Clause;
use serde_json::json;

use super::Shell;
use crate::lang::Lang;
use crate::logs;
use crate::words::{Spoken, Words};

/// What a handler answers instead of what was asked for.
#[derive(Debug)]
pub enum Error {
    /// The council's rules said no: 403, 409 or 422 by their clause.
    Refused(Refusal),
    /// There is no such thing, or this reader may not know that there is: 404, alike to the byte.
    NotFound,
    /// Fields cannot be taken as they are: 422.
    Invalid(Vec<FieldFlaw>),
    /// The form of what was sent is broken: 400. Line and column where known.
    Malformed(Option<(usize, usize)>),
    /// Somebody was faster: 409.
    Conflict,
    /// A parameter of the address cannot be read: 400. The parameter, and what is wrong with it.
    Query(&'static str, &'static str),
    /// The client takes no kind of answer that there is: 406.
    NotAcceptable,
    /// This address takes other methods: 405.
    Method,
    /// The body is too large: 413, with the limit in bytes where known.
    TooLarge(u64),
    /// The body is of another kind than this one: 415.
    MediaType(&'static str),
    /// The body came too slowly: 408.
    TooSlow,
    /// Too many requests: 429.
    TooMany(Duration),
    /// Nobody is signed in: 401.
    Unauthorised,
    /// The act needs fresh proof of presence: 401.
    StepUpNeeded,
    /// An unsafe request that did not come from our own pages: 403.
    Foreign,
    /// Out of time or out of resources, may work later: 503.
    Busy,
    /// The database is away: 503.
    Unavailable,
    /// Storage takes no more: 507.
    Full,
    /// Something broke: 500. The words are for the log only.
    Internal(String),
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFlaw {
    /// The field, as the form or the JSON names it (`scope.kind`, `files[2]`).
    pub field: String,
    /// What is wrong: `missing`, `too-long`, `too-large`, `bad-value`, `unknown-field`, `duplicate`, `control-character`.
    pub code: Cow<'static, str>,
    /// The number that the message names.
    pub limit: Option<i64>,
    /// What is wrong, in words that are not ours to write: those of a parser, say.
    pub detail: String,
}

impl FieldFlaw {
    /// A flaw of a field.
    #[must_use]
    pub fn new(field: impl Into<String>, code: &'static str) -> FieldFlaw {
        FieldFlaw { field: field.into(), code: Cow::Borrowed(code), limit: None, detail: String::new() }
    }

    /// A flaw that somebody else tells.
    #[must_use]
    pub fn told(field: impl Into<String>, code: &'static str, detail: String) -> FieldFlaw {
        FieldFlaw { detail, ..FieldFlaw::new(field, code) }
    }

    /// The flaw in words.
    #[must_use]
    pub fn said(&self, (lang, words): Spoken<'_>) -> String {
        let args = [("limit", self.limit.unwrap_or(0).to_string()), ("detail", self.detail.clone())];
        words
            .word(lang, &format!("field-{}", self.code), &args)
            .or_else(|| words.word(lang, &format!("clause-{}", self.code), &args))
            .or_else(|| words.word(lang, "field-other", &args))
            .unwrap_or_default()
    }
}

impl Error {
    /// An internal error from whatever failed; only the log hears of it.
    #[must_use]
    pub fn internal(cause: impl std::fmt::Display) -> Error {
        Error::Internal(cause.to_string())
    }

    /// One flawed field.
    #[must_use]
    pub fn field(field: impl Into<String>, code: &'static str) -> Error {
        Error::Invalid(vec![FieldFlaw::new(field, code)])
    }

    /// The status that says it.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Error::Refused(refusal) => match refusal.clause {
                Clause::StepUpMissing => StatusCode::UNAUTHORIZED,
                Clause::SomebodyWasFaster
                | Clause::WrongState
                | Clause::DeadlinePassed
                | Clause::PeriodOpen
                | Clause::NothingMissing
                | Clause::ReviewedAlready
                | Clause::HearingOpen
                | Clause::RoundOpen => StatusCode::CONFLICT,
                _ if refusal.field.is_some() => StatusCode::UNPROCESSABLE_ENTITY,
                _ => StatusCode::FORBIDDEN,
            },
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Malformed(_) | Error::Query(..) => StatusCode::BAD_REQUEST,
            Error::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Error::Conflict => StatusCode::CONFLICT,
            Error::Method => StatusCode::METHOD_NOT_ALLOWED,
            Error::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Error::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Error::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Error::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Error::Unauthorised | Error::StepUpNeeded => StatusCode::UNAUTHORIZED,
            Error::Foreign => StatusCode::FORBIDDEN,
            Error::Busy | Error::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Error::Full => StatusCode::INSUFFICIENT_STORAGE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The identifier that programs read.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Error::Refused(refusal) if refusal.clause == Clause::StepUpMissing => "step-up-needed",
            Error::Refused(refusal) => refusal.clause.as_str(),
            Error::NotFound => "not-found",
            Error::Invalid(_) => "invalid",
            Error::Malformed(_) | Error::Query(..) => "malformed",
            Error::NotAcceptable => "not-acceptable",
            Error::Conflict => "conflict",
            Error::Method => "method",
            Error::TooLarge(_) => "too-large",
            Error::MediaType(_) => "media-type",
            Error::TooSlow => "too-slow",
            Error::TooMany(_) => "too-many",
            Error::Unauthorised => "unauthorised",
            Error::StepUpNeeded => "step-up-needed",
            Error::Foreign => "foreign",
            Error::Busy => "busy",
            Error::Unavailable => "unavailable",
            Error::Full => "full",
            Error::Internal(_) => "internal",
        }
    }

    /// The error behind a bare status, as axum and its extractors answer it.
    fn of_status(status: StatusCode) -> Option<Error> {
        Some(match status.as_u16() {
            401 => Error::Unauthorised,
            403 => Error::Foreign,
            404 => Error::NotFound,
            405 => Error::Method,
            406 => Error::NotAcceptable,
            408 => Error::TooSlow,
            409 => Error::Conflict,
            413 => Error::TooLarge(0),
            415 => Error::MediaType("application/json"),
            400..=499 => Error::Malformed(None),
            503 => Error::Busy,
            500..=599 => Error::Internal(format!("a handler answered a bare {status}")),
            _ => return None,
        })
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::Refused(refusal)
    }
}

impl From<crate::store::Error> for Error {
    fn from(error: crate::store::Error) -> Error {
        use crate::store::{DbError, Error as Store};
        match error {
            Store::Refused(refusal) => Error::Refused(refusal),
            Store::NotFound => Error::NotFound,
            Store::Stopped => Error::Unavailable,
            Store::Db(DbError::Lite(rusqlite::Error::SqliteFailure(failure, _)))
                if failure.code == rusqlite::ErrorCode::DiskFull =>
            {
                Error::Full
            }
            Store::Db(DbError::Pg(error)) if error.is_closed() => Error::Unavailable,
            Store::Db(DbError::Pg(error)) if error.code() == Some(&postgres::error::SqlState::DISK_FULL) => {
                Error::Full
            }
            Store::Db(error) => Error::internal(error),
        }
    }
}

/// The error on its way from the handler to [`dress`].
#[derive(Clone)]
struct Flaw(Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Flaw(Arc::new(self)));
        response
    }
}

/// An error in words, ready to be shown.
#[derive(Debug, Clone)]
pub struct ErrorView {
    /// The status.
    pub status: u16,
    /// The identifier that programs read.
    pub code: &'static str,
    /// What happened.
    pub title: String,
    /// Why.
    pub why: String,
    /// What to do now.
    pub todo: String,
    /// The article of the charter that a refusal rests on.
    pub article: Option<String>,
    /// The number under which the log knows more.
    pub reference: Option<String>,
    /// Flawed fields: name, code, words.
    pub fields: Vec<(String, String, String)>,
    /// After how many seconds to try again.
    pub retry_after: Option<u64>,
}

/// Turns errors into pages. Written by whoever draws the other pages; [`Plain`] serves until then.
pub trait Renderer: Send + Sync {
    /// The whole page.
    fn error_page(&self, view: &ErrorView, lang: Lang) -> String;

    /// The words of the council.
    fn words(&self) -> &Words;

    /// The article of the charter in force that a clause rests on, if the charter names one.
    fn article(&self, _clause: Clause, _lang: Lang) -> Option<String> {
        None
    }
}

/// A page without any template.
#[derive(Debug, Clone, Default)]
pub struct Plain(pub Arc<Words>);

impl Renderer for Plain {
    fn error_page(&self, view: &ErrorView, lang: Lang) -> String {
        let w = |key: &str| escape(&self.0.word(lang, key, &[]).unwrap_or_default());
        let mut more = String::new();
        for (field, _, said) in &view.fields {
            more.push_str(&format!("<li>{}: {}</li>", escape(field), escape(said)));
        }
        if !more.is_empty() {
            more = format!("<ul>{more}</ul>");
        }
        if let Some(article) = &view.article {
            more.push_str(&format!("<p>{}</p>", escape(article)));
        }
        if let Some(reference) = &view.reference {
            more.push_str(&format!(
                "<p>{}: <code>{}</code></p>",
                w("error-page-reference"),
                escape(reference)
            ));
        }
        let (href, go) =
            if view.status == 401 { ("/sign-in", "error-page-sign-in") } else { ("/", "error-page-go-home") };
        format!(
            "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\
             <body><main><h1>{title}</h1><p>{}</p><h2>{}</h2><p>{}</p>{more}\
             <p><a href=\"{href}\">{}</a></p></main></body></html>\n",
            lang.as_str(),
            escape(&view.why),
            w("error-page-todo"),
            escape(&view.todo),
            w(go),
            title = escape(&view.title),
        )
    }

    fn words(&self) -> &Words {
        &self.0
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The methods that exist here.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

/// In which form an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    Page,
    Problem,
    Taxii,
}

impl Face {
    fn of(path: &str, headers: &HeaderMap) -> Face {
        let under =
            |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if under("/taxii2") {
            return Face::Taxii;
        }
        let accept = headers.get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
        if under("/api") || (accept.contains("json") && !accept.contains("text/html")) {
            return Face::Problem;
        }
        Face::Page
    }
}

/// The language of a request before anybody is known to be signed in: the cookie of the choice, then the browser's wish.
pub(super) fn language(headers: &HeaderMap, fallback: Lang) -> Lang {
    let cookie =
        headers.get_all(axum::http::header::COOKIE).iter().filter_map(|v| v.to_str().ok()).find_map(|all| {
            all.split(';').find_map(|one| one.trim().strip_prefix("noroshi-lang=").and_then(Lang::parse))
        });
    cookie
        .or_else(|| headers.get(ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).and_then(Lang::accepted))
        .unwrap_or(fallback)
}

/// In what form and language whoever asks would hear of an error.
pub(super) struct Wish {
    head: bool,
    face: Face,
    lang: Lang,
}

impl Wish {
    pub(super) fn of(request: &Request, shell: &Shell) -> Wish {
        Wish {
            head: request.method() == Method::HEAD,
            face: Face::of(request.uri().path(), request.headers()),
            lang: language(request.headers(), shell.language),
        }
    }
}

/// Gives every error its final form. A response that carries [`Lang`] as an extension is answered in it: that is how the
/// session layer says what the user has chosen.
pub(super) fn dress(
    mut response: Response,
    shell: &Shell,
    Wish { head, face, lang: wish }: Wish,
) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let lang = response.extensions().get::<Lang>().copied().unwrap_or(wish);
    let error = match response.extensions_mut().remove::<Flaw>() {
        Some(Flaw(error)) => error,
        None if bare(&response) => match Error::of_status(status) {
            Some(error) => Arc::new(error),
            None => return response,
        },
        // A handler's own page, such as a form with its flaws marked.
        None => return response,
    };
    let view = view(&error, shell, lang);
    let mut answer = drawn(&error, &view, face, shell, lang);
    if head {
        *answer.body_mut() = Body::empty();
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        // One list for all, so that an address tells nothing by what it would take.
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static(METHODS));
    }
    // Cookies that the session layer wanted to set or clear.
    for cookie in response.headers().get_all(axum::http::header::SET_COOKIE) {
        answer.headers_mut().append(axum::http::header::SET_COOKIE, cookie.clone());
    }
    *answer.extensions_mut() = std::mem::take(response.extensions_mut());
    answer
}

/// Whether a response is one of axum's own, and not a handler's.
fn bare(response: &Response) -> bool {
    response.headers().get(CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
}

fn view(error: &Error, shell: &Shell, lang: Lang) -> ErrorView {
    let (mut args, mut fields, mut retry_after, mut article) = (Vec::new(), Vec::new(), None, None);
    let mut reference = None;
    let spoken: Spoken<'_> = (lang, shell.renderer.words());
    let mut root = format!("error-{}", error.code());
    match error {
        Error::Refused(refusal) => {
            root = format!("clause-{}", refusal.clause.as_str());
            args.push(("limit", refusal.limit.unwrap_or(0).to_string()));
            article = shell.renderer.article(refusal.clause, lang);
            reference = Some(logs::random_name(12));
            if let Some(field) = &refusal.field {
                let flaw = FieldFlaw {
                    field: field.clone(),
                    code: Cow::Borrowed(refusal.clause.as_str()),
                    limit: refusal.limit,
                    detail: String::new(),
                };
                fields.push((field.clone(), flaw.code.to_string(), flaw.said(spoken)));
            }
            tracing::info!(reference = reference.as_deref(), clause = refusal.clause.as_str(), "refused");
        }
        Error::Invalid(flaws) => {
            fields = flaws.iter().map(|f| (f.field.clone(), f.code.to_string(), f.said(spoken))).collect();
        }
        Error::Query(field, code) => {
            let flaw = FieldFlaw::new(*field, code);
            fields.push((flaw.field.clone(), flaw.code.to_string(), flaw.said(spoken)));
        }
        Error::TooLarge(limit) => args.push(("limit", limit.to_string())),
        Error::MediaType(wanted) => args.push(("wanted", (*wanted).to_owned())),
        Error::TooMany(wait) => {
            let seconds = wait.as_secs().max(1) + u64::from(wait.subsec_nanos() > 0 && wait.as_secs() > 0);
            args.push(("seconds", seconds.to_string()));
            retry_after = Some(seconds);
            shell.metrics.limited_total.up();
        }
        Error::Foreign => shell.metrics.foreign_total.up(),
        Error::Busy => retry_after = Some(5),
        Error::Unavailable | Error::Full => {
            retry_after = Some(10);
            reference = Some(logs::random_name(12));
            tracing::error!(reference = reference.as_deref(), code = error.code(), "storage failed");
        }
        Error::Internal(cause) => {
            shell.metrics.internal_total.up();
            reference = Some(logs::random_name(12));
            tracing::error!(reference = reference.as_deref(), cause, "internal error");
        }
        _ => {}
    }
    let say = |part: &str| spoken.1.word(lang, &format!("{root}{part}"), &args).unwrap_or_default();
    let mut why = say(".why");
    if let Error::Malformed(Some((line, column))) = error {
        why.push_str(&match lang {
            Lang::Ja => format!("（{line}行目 {column}文字目）"),
            Lang::En => format!(" (line {line}, column {column})"),
        });
    }
    ErrorView {
        status: error.status().as_u16(),
        code: error.code(),
        title: say(""),
        why,
        todo: say(".todo"),
        article,
        reference,
        fields,
        retry_after,
    }
}

fn drawn(error: &Error, view: &ErrorView, face: Face, shell: &Shell, lang: Lang) -> Response {
    let (kind, body) = match face {
        Face::Page => ("text/html; charset=utf-8", shell.renderer.error_page(view, lang)),
        Face::Problem => ("application/problem+json", problem(view).to_string()),
        Face::Taxii => ("application/taxii+json;version=2.1", taxii(view).to_string()),
    };
    let mut response = error.status().into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert("content-language", HeaderValue::from_static(lang.as_str()));
    headers.insert(VARY, HeaderValue::from_static("accept, accept-language, cookie"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    if let Some(seconds) = view.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if view.status == 401 && face != Face::Page {
        let challenge = if view.code == "step-up-needed" {
            "Bearer error=\"insufficient_user_authentication\""
        } else {
            "Bearer"
        };
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    *response.body_mut() = Body::from(body);
    response
}

fn problem(view: &ErrorView) -> serde_json::Value {
    let mut problem = json!({
        "type": format!("urn:noroshi:problem:{}", view.code),
        "title": view.title,
        "status": view.status,
        "detail": view.why,
        "todo": view.todo,
    });
    if let Some(article) = &view.article {
        problem["article"] = json!(article);
    }
    if let Some(reference) = &view.reference {
        problem["instance"] = json!(format!("urn:noroshi:reference:{reference}"));
    }
    if !view.fields.is_empty() {
        let fields = view.fields.iter();
        problem["errors"] =
            fields.map(|(field, code, said)| json!({"field": field, "code": code, "detail": said})).collect();
    }
    problem
}

fn taxii(view: &ErrorView) -> serde_json::Value {
    let mut error = json!({
        "title": view.title,
        "description": format!("{} {}", view.why, view.todo),
        "error_code": view.code,
        "http_status": view.status.to_string(),
    });
    if let Some(reference) = &view.reference {
        error["error_id"] = json!(reference);
    }
    if !view.fields.is_empty() {
        error["details"] = view
            .fields
            .iter()
            .map(|(f, _, said)| (f.clone(), json!(said)))
            .collect::<serde_json::Map<_, _>>()
            .into();
    }
    error
}
