//! Who sent this request: one of our own pages, or somebody else's.
//!
//! A browser adds cookies by itself, so a request that changes something must prove that our own page sent it, by Fetch
//! Metadata or by its Origin. A bearer token is never added by itself, so requests that carry one need no such proof.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use super::{Error, Shell};
use crate::serve::Secure;

/// Where our pages are, for a link that somebody hands on: what the operator named, else what the browser asked for. That
/// may be anything, so it is shown to whoever asked and to nobody else.
pub struct Here(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Here {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Here, Infallible> {
        let shell = parts.extensions.get::<Shell>();
        if let Some(named) = shell.and_then(|shell| shell.origin.clone()) {
            return Ok(Here(named));
        }
        let tls = parts.extensions.get::<Secure>().is_some_and(|secure| secure.0);
        let scheme = if tls || shell.is_some_and(|shell| shell.https) { "https" } else { "http" };
        let asked = parts.uri.authority().map(ToString::to_string);
        let host = asked.or_else(|| text(&parts.headers, HOST.as_str()).map(str::to_owned));
        Ok(Here(host.map_or_else(String::new, |host| format!("{scheme}://{host}"))))
    }
}

/// Refuses methods that nobody documents, unsafe requests of foreign pages, and embedding by them.
pub(super) fn check(shell: &Shell, request: &Request) -> Result<(), Error> {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    if !known.contains(request.method()) {
        return Err(Error::Method);
    }
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let headers = request.headers();
    let fine = if safe {
        !embedded(headers)
    } else {
        bearer(headers) || keyless(request) || own(headers, shell.origin.as_deref())
    };
    if fine { Ok(()) } else { Err(Error::Foreign) }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // A value that is no text is a value nonetheless, and not one of ours.
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// Whether the request authenticates itself by a token alone.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> bool {
    text(headers, AUTHORIZATION.as_str())
        .and_then(|v| v.get(..7))
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer "))
}

/// Whether a program forgot its key: nothing that a browser adds is there, and the API takes nothing else. It is told so
/// (401) rather than that it is foreign.
fn keyless(request: &Request) -> bool {
    let headers = request.headers();
    let browser = [AUTHORIZATION.as_str(), COOKIE.as_str(), ORIGIN.as_str(), "sec-fetch-site"];
    request.uri().path().starts_with("/api/") && browser.iter().all(|name| !headers.contains_key(*name))
}

/// Whether our own page sent it. Our pages send `Origin: null` on forms, because of their referrer policy; then only Fetch
/// Metadata counts, which a page cannot forge.
fn own(headers: &HeaderMap, public: Option<&str>) -> bool {
    let origin = text(headers, ORIGIN.as_str());
    let same = origin.map(|origin| match public {
        Some(public) => origin == public,
        None => {
            let host = text(headers, HOST.as_str());
            origin.split_once("://").map(|(_, host)| host).is_some_and(|from| Some(from) == host)
        }
    });
    match (text(headers, "sec-fetch-site"), same) {
        (Some("same-origin"), None | Some(true)) => true,
        (Some("same-origin"), Some(false)) => origin == Some("null"),
        (Some(_), _) => false,
        (None, same) => same == Some(true),
    }
}

/// Whether another site's page asks for something to put into itself (XS-Leaks). A link that somebody follows is fine.
fn embedded(headers: &HeaderMap) -> bool {
    let foreign = matches!(text(headers, "sec-fetch-site"), Some("cross-site" | "same-site"));
    foreign
        && (text(headers, "sec-fetch-mode") != Some("navigate")
            || matches!(text(headers, "sec-fetch-dest"), Some("object" | "embed" | "iframe" | "frame")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_our_own_pages_act() {
        let public = Some("https://council.example.jp");
        let own = |pairs: &[(&'static str, &str)]| own(&headers(pairs), public);
        assert!(own(&[("origin", "https://council.example.jp")]));
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        assert!(own(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(!own(&[]));
        assert!(!own(&[("origin", "null")]));
        assert!(!own(&[("origin", "https://council.example.jp.evil.example")]));
        assert!(!own(&[("origin", "http://council.example.jp")]));
        assert!(!own(&[("sec-fetch-site", "none")]));
        assert!(!own(&[("sec-fetch-site", "same-site"), ("origin", "https://council.example.jp")]));
        assert!(!own(&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")]));
    }

    #[test]
    fn without_a_public_url_the_host_counts() {
        let pairs = headers(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]);
        assert!(own(&pairs, None));
        assert!(!own(&headers(&[("origin", "http://127.0.0.1:8081"), ("host", "127.0.0.1:8080")]), None));
        assert!(!own(&headers(&[("origin", "http://127.0.0.1:8080")]), None));
    }

    #[test]
    fn a_link_is_followed_and_a_frame_is_not() {
        assert!(!embedded(&headers(&[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document")
        ])));
        assert!(embedded(&headers(&[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "iframe")
        ])));
        assert!(embedded(&headers(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")])));
        assert!(!embedded(&headers(&[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")])));
    }
}
