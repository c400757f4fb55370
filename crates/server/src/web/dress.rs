//! How an error is dressed: in the form and the language of whoever asked.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT, ACCEPT_LANGUAGE, ALLOW, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::Shell;
use super::error::{Error, ErrorView, FieldFlaw, Flaw, Frame};
use crate::lang::Lang;
use crate::logs;
use crate::words::Spoken;

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
    let frame = response.extensions_mut().remove::<Frame>();
    let mut answer = drawn(&error, &view, face, shell, lang, frame.as_ref());
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
                let flaw = FieldFlaw::of(refusal, field);
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

fn drawn(
    error: &Error,
    view: &ErrorView,
    face: Face,
    shell: &Shell,
    lang: Lang,
    frame: Option<&Frame>,
) -> Response {
    let (kind, body) = match face {
        Face::Page => ("text/html; charset=utf-8", shell.renderer.error_page(view, lang, frame)),
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
        if face == Face::Taxii {
            // Many a client sends a password only where it is asked for one; here it is the key.
            headers.append(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"TAXII\", charset=\"UTF-8\""),
            );
        }
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
