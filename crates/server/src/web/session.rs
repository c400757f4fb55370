//! Who is asking: a browser with its cookie, or a program with its key.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use base64::Engine as _;
use http_body_util::BodyExt as _;
use noroshi_council::{Org, Refusal, refusal::Clause};

use super::{Error, Shell, api::IdempotencyKey, dress::language};
use crate::{
    acts::Caller,
    app::App,
    identity::{Known, Proof},
    lang::Lang,
    store::{
        act::{Once, Print},
        identity::Reach,
    },
};

/// The name of the session's cookie. Over TLS it carries the prefix that binds it to this host.
#[must_use]
pub fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-noroshi" } else { "noroshi" }
}

/// The cookie that keeps a session, or that ends it where there is no secret.
#[must_use]
pub fn cookie(https: bool, secret: Option<&str>, seconds: i64) -> String {
    let (value, age) = secret.map_or(("", 0), |s| (s, seconds.max(0)));
    let secure = if https { "; Secure" } else { "" };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}", cookie_name(https))
}

fn cookie_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|all| all.split(';'))
        .filter_map(|one| one.trim().split_once('='))
        .find_map(|(known, value)| (known == name).then_some(value))
}

/// The key that a program came with: `Authorization: Bearer`, or Basic with the key as password and any user. TAXII clients
/// write `Token`, too.
fn key(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = given.split_once(' ')?;
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token") {
        return Some(value.to_owned());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let pair = base64::engine::general_purpose::STANDARD.decode(value).ok()?;
        return Some(String::from_utf8(pair).ok()?.split_once(':')?.1.to_owned());
    }
    None
}

/// Where a program names its request by an idempotency key, the whole of the request is what the key stands for. The body
/// is taken up while it passes by, however long it is: nothing waits in memory for that.
pub(super) fn fingerprint(request: Request) -> Request {
    if request.method() == Method::GET || !request.headers().contains_key("idempotency-key") {
        return request;
    }
    let print = Print::default();
    print.take(format!("{}\0{}\0", request.method(), request.uri()).as_bytes());
    let passing = print.clone();
    let mut request = request.map(|body| {
        Body::new(body.map_frame(move |frame| {
            if let Some(data) = frame.data_ref() {
                passing.take(data);
            }
            frame
        }))
    });
    request.extensions_mut().insert(print);
    request
}

/// Which act a request asks for: the key that its sender gave it, and what it holds.
async fn once(parts: &mut Parts) -> Result<Once, Error> {
    let IdempotencyKey(key) = IdempotencyKey::from_request_parts(parts, &()).await?;
    let request = parts.extensions.get::<Print>().cloned().unwrap_or_default();
    Ok(Once { key, request })
}

fn measured(app: &App, parts: &Parts, known: &Known) -> Result<(), Error> {
    app.rates().request(known.person.id.as_str())?;
    if parts.method != Method::GET && parts.method != Method::HEAD {
        app.rates().write(known.person.id.as_str())?;
    }
    Ok(())
}

/// A program's user, by its key. Anything that is wrong with the key is the same 401.
#[derive(Debug, Clone)]
pub struct Program(pub Arc<Known>);

impl FromRequestParts<App> for Program {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Program, Error> {
        let secret = key(&parts.headers).ok_or(Error::Unauthorised)?;
        let known = app.identity().by_token(&secret).await?.ok_or(Error::Unauthorised)?;
        measured(app, parts, &known)?;
        let reads = parts.method == Method::GET || parts.method == Method::HEAD;
        if !reads && matches!(known.proof, Proof::Token(_, Reach::Read)) {
            return Err(Refusal::new(Clause::NotPermitted).into());
        }
        Ok(Program(known))
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Caller, Error> {
        let Program(known) = Program::from_request_parts(parts, app).await?;
        Ok(Caller { actor: known.actor.clone(), once: once(parts).await? })
    }
}

/// A person in a browser.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub known: Known,
    /// Its organisation.
    pub org: Org,
    /// The language of its pages: what it chose here, else what it is written to in.
    pub lang: Lang,
}

/// Sends whoever is not signed in to where it can be done, and back afterwards.
fn to_sign_in(parts: &Parts) -> Response {
    if parts.method != Method::GET {
        return Error::Unauthorised.into_response();
    }
    let here = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let next = percent_encoding::utf8_percent_encode(here, percent_encoding::NON_ALPHANUMERIC);
    if here == "/" {
        Redirect::to("/sign-in").into_response()
    } else {
        Redirect::to(&format!("/sign-in?next={next}")).into_response()
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<SignedIn, Response> {
        let shell = parts.extensions.get::<Shell>().cloned();
        let https = shell.as_ref().is_some_and(|shell| shell.https);
        let Some(secret) = cookie_value(&parts.headers, cookie_name(https)).map(str::to_owned) else {
            return Err(to_sign_in(parts));
        };
        let known = app.identity().by_session(&secret).await.map_err(|e| Error::from(e).into_response())?;
        let Some(known) = known else { return Err(to_sign_in(parts)) };
        measured(app, parts, &known).map_err(IntoResponse::into_response)?;
        let org = app.store().roster().get(&known.person.org).cloned();
        let Some(org) = org else { return Err(to_sign_in(parts)) };
        let own = Lang::parse(&known.person.lang).unwrap_or_default();
        let lang = cookie_value(&parts.headers, "noroshi-lang").and_then(Lang::parse).unwrap_or(own);
        Ok(SignedIn { known, org, lang })
    }
}

/// The language of a page that anybody may open.
#[derive(Debug, Clone, Copy)]
pub struct Tongue(pub Lang);

impl<S: Send + Sync> FromRequestParts<S> for Tongue {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Tongue, std::convert::Infallible> {
        let fallback = parts.extensions.get::<Shell>().map_or_else(Lang::default, |shell| shell.language);
        Ok(Tongue(language(&parts.headers, fallback)))
    }
}

/// Somebody who listens for news: a browser or a program.
pub struct Listener(pub Arc<Known>);

impl FromRequestParts<App> for Listener {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Listener, Error> {
        if key(&parts.headers).is_some() {
            let Program(known) = Program::from_request_parts(parts, app).await?;
            return Ok(Listener(known));
        }
        match SignedIn::from_request_parts(parts, app).await {
            Ok(signed) => Ok(Listener(Arc::new(signed.known))),
            Err(_) => Err(Error::Unauthorised),
        }
    }
}

/// Where to go after signing in: only a path of ours.
#[must_use]
pub fn safe_next(next: Option<&str>) -> &str {
    match next {
        Some(path)
            if path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\n', '\r']) =>
        {
            path
        }
        _ => "/",
    }
}

/// A header value of text that is one.
#[must_use]
pub fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_in_any_of_the_usual_ways() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, header_value(value));
            key(&headers)
        };
        assert_eq!(with("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(with("bearer abc").as_deref(), Some("abc"));
        assert_eq!(with("Token abc").as_deref(), Some("abc"));
        assert_eq!(with("basic dXNlcjphYmM=").as_deref(), Some("abc"));
        assert_eq!(with("Basic !!"), None);
        assert_eq!(with("Digest abc"), None);
    }

    #[test]
    fn nobody_is_sent_elsewhere_after_signing_in() {
        assert_eq!(safe_next(Some("/info/C-1")), "/info/C-1");
        assert_eq!(safe_next(Some("//evil.example")), "/");
        assert_eq!(safe_next(Some("/\\evil.example")), "/");
        assert_eq!(safe_next(Some("https://evil.example")), "/");
        assert_eq!(safe_next(None), "/");
    }

    #[test]
    fn the_cookie_is_bound_to_this_host_over_tls() {
        assert!(cookie(true, Some("s"), 60).starts_with("__Host-noroshi=s; Path=/; HttpOnly; SameSite=Lax"));
        assert!(cookie(true, Some("s"), 60).ends_with("; Secure"));
        assert!(cookie(false, None, 60).contains("Max-Age=0"));
    }
}
