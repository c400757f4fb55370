//! What a request gets instead of what it asked for: a page, a problem (RFC 9457) or a TAXII error, in both languages.
//!
//! Handlers return [`Error`]; it travels to [`dress`](super::dress::dress) as an extension of a bare response, because only there is it known who
//! asked and in which form. What the client sees never holds SQL, a path, a version or anything of another member; an
//! internal error is a random reference number that the log explains once.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use noroshi_council::Refusal;
use noroshi_council::refusal::Clause;

use crate::lang::Lang;
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
    /// How much there was, where that is more than the limit.
    pub found: Option<i64>,
    /// What is wrong, in words that are not ours to write: those of a parser, say.
    pub detail: String,
}

impl FieldFlaw {
    /// A flaw of a field.
    #[must_use]
    pub fn new(field: impl Into<String>, code: &'static str) -> FieldFlaw {
        FieldFlaw {
            field: field.into(),
            code: Cow::Borrowed(code),
            limit: None,
            found: None,
            detail: String::new(),
        }
    }

    /// What a refusal finds wrong with this field.
    #[must_use]
    pub fn of(refusal: &Refusal, field: &str) -> FieldFlaw {
        let told = FieldFlaw::new(field, refusal.clause.as_str());
        FieldFlaw { limit: refusal.limit, found: refusal.found, ..told }
    }

    /// A flaw that somebody else tells.
    #[must_use]
    pub fn told(field: impl Into<String>, code: &'static str, detail: String) -> FieldFlaw {
        FieldFlaw { detail, ..FieldFlaw::new(field, code) }
    }

    /// The flaw in words.
    #[must_use]
    pub fn said(&self, (lang, words): Spoken<'_>) -> String {
        let number = |n: Option<i64>| n.unwrap_or(0).to_string();
        let args =
            [("limit", number(self.limit)), ("found", number(self.found)), ("detail", self.detail.clone())];
        words
            // Some fields have a sentence of their own, which says what they do take.
            .word(lang, &format!("field-{}-{}", self.code, self.field), &args)
            .or_else(|| words.word(lang, &format!("field-{}", self.code), &args))
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
    pub(super) fn of_status(status: StatusCode) -> Option<Error> {
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
            Store::Refused(refusal) if refusal.field.as_deref() == Some(crate::store::act::KEY) => {
                Error::field("Idempotency-Key", "key-used")
            }
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

/// The error on its way from the handler to [`dress`](super::dress::dress).
#[derive(Clone)]
pub(super) struct Flaw(pub(super) Arc<Error>);

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

/// What stands around every page of somebody who is signed in, and on which page: it comes with the answer of the handler, since
/// where errors are drawn nobody knows who asked.
#[derive(Debug, Clone)]
pub struct Frame {
    /// As the template of all pages takes it.
    pub frame: serde_json::Value,
    /// The address.
    pub here: String,
}

/// Whether a handler had an error in place of an answer.
#[must_use]
pub fn has_failed(response: &Response) -> bool {
    response.extensions().get::<Flaw>().is_some()
}

/// Turns errors into pages. Written by whoever draws the other pages; [`Plain`] serves until then.
pub trait Renderer: Send + Sync {
    /// The whole page, in the frame of whoever asked.
    fn error_page(&self, view: &ErrorView, lang: Lang, frame: Option<&Frame>) -> String;

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
    fn error_page(&self, view: &ErrorView, lang: Lang, _: Option<&Frame>) -> String {
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
