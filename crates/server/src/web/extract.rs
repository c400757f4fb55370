//! What handlers take in: JSON, forms, queries and files, strictly. What is wrong comes out as [`Error`], and nothing of it is
//! repeated to the client but the names of its own fields.

use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Multipart, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::error::{Error, FieldFlaw};
use super::{Shell, form};
use crate::serve::BodyFlaw;

/// How deep JSON may be nested.
const DEPTH: usize = 64;

/// How many fields and files one upload may have.
const PARTS: usize = 64;

/// The longest text field of an upload, bytes.
const PART_TEXT: usize = 256 * 1024;

/// Another limit than `limits.body` for the routes it is layered on: `.layer(Extension(BodyCap(8 << 20)))`.
#[derive(Debug, Clone, Copy)]
pub struct BodyCap(pub u64);

/// A JSON body: one value, no key twice, at most 64 levels, no U+0000. Answers with itself, too.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Json<T>, Error> {
        let kind = media_type(request.headers());
        if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
            return Err(Error::MediaType("application/json"));
        }
        let text = body(request).await?;
        let read = json(&text)?;
        // Serde would take a list for an object, value by value, and an empty one for an object of defaults.
        if text.trim_ascii_start().first() == Some(&b'[') {
            return Err(Error::field("", "bad-value"));
        }
        Ok(Json(read))
    }
}

impl<T: Serialize> axum::response::IntoResponse for Json<T> {
    fn into_response(self) -> axum::response::Response {
        match serde_json::to_vec(&self.0) {
            Ok(text) => ([(CONTENT_TYPE, "application/json")], text).into_response(),
            Err(error) => Error::internal(error).into_response(),
        }
    }
}

/// Reads JSON as strictly as [`Json`] does.
///
/// # Errors
/// [`Error::Malformed`] for what is no JSON we take, [`Error::Invalid`] for values that do not fit.
pub fn json<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    let mut strict = serde_json::Deserializer::from_slice(text);
    let outcome = Strict { left: DEPTH }.deserialize(&mut strict).and_then(|()| strict.end());
    outcome.map_err(|error| Error::Malformed(Some((error.line(), error.column()))))?;
    let mut reader = serde_json::Deserializer::from_slice(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        field_flaw(&path, &error.into_inner().to_string())
    })
}

/// The flaw that serde means; only the name of the field is taken from its words.
fn field_flaw(path: &str, said: &str) -> Error {
    let named = said.split('`').nth(1).unwrap_or("");
    let path = if path == "." { "" } else { path };
    let join = |name: &str| match (path, path.ends_with(name)) {
        ("", _) => name.to_owned(),
        (path, true) => path.to_owned(),
        (path, false) => format!("{path}.{name}"),
    };
    let (field, code) = if said.starts_with("missing field") {
        (join(named), "missing")
    } else if said.starts_with("unknown field") {
        (join(named), "unknown-field")
    } else if said.starts_with("duplicate field") {
        (join(named), "duplicate")
    } else if said.starts_with(CONTROL) {
        (path.to_owned(), "control-character")
    } else {
        (path.to_owned(), "bad-value")
    };
    let field: String = field.chars().filter(|c| !hidden(*c)).take(120).collect();
    Error::Invalid(vec![FieldFlaw::new(field, code)])
}

/// Walks JSON without keeping it, and stops where it is deeper, doubled or stranger than we take.
struct Strict {
    left: usize,
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Strict {
    fn deeper<E: de::Error>(&self) -> Result<usize, E> {
        self.left.checked_sub(1).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        // Whole numbers that no integer holds; nobody means them, and other readers round them differently.
        if value.fract() == 0.0 && value.abs() >= 1e18 { Err(E::custom("huge number")) } else { Ok(()) }
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        // PostgreSQL cannot keep it, and it ends strings elsewhere.
        if text.contains('\0') { Err(E::custom("U+0000")) } else { Ok(()) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let left = self.deeper()?;
        while items.next_element_seed(Strict { left })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let left = self.deeper()?;
        let mut seen = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key.contains('\0') || !seen.insert(key) {
                return Err(de::Error::custom("a key twice"));
            }
            entries.next_value_seed(Strict { left })?;
        }
        Ok(())
    }
}

/// A form (`application/x-www-form-urlencoded`): each field once, unless it is a list in `T`; line ends are `\n`.
#[derive(Debug, Clone)]
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Form<T>, Error> {
        if media_type(request.headers()) != "application/x-www-form-urlencoded" {
            return Err(Error::MediaType("application/x-www-form-urlencoded"));
        }
        let body = body(request).await?;
        let text = std::str::from_utf8(&body).map_err(|_| Error::Malformed(None))?;
        form::read(text).map(Form)
    }
}

/// The query of the address, as strictly as a form.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query<T>, Error> {
        form::read(parts.uri.query().unwrap_or("")).map(Query)
    }
}

/// One file of an upload, as it came: neither its name nor its kind can be believed.
#[derive(Debug, Clone)]
pub struct File {
    /// The field it came in.
    pub field: String,
    /// Its name, without any folder, without control characters, at most 200 characters. To be shown, never to be opened.
    pub name: String,
    /// What its sender calls its kind.
    pub kind: String,
    /// Its content.
    pub content: Bytes,
}

/// A form with files (`multipart/form-data`), within `limits.upload`.
#[derive(Debug, Clone)]
pub struct Upload<T> {
    /// The text fields.
    pub fields: T,
    /// The files; an unfilled file field is none.
    pub files: Vec<File>,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Upload<T> {
    type Rejection = Error;

    async fn from_request(mut request: Request, state: &S) -> Result<Upload<T>, Error> {
        if media_type(request.headers()) != "multipart/form-data" {
            return Err(Error::MediaType("multipart/form-data"));
        }
        let cap = request.extensions().get::<Shell>().map_or(1 << 20, |shell| shell.upload);
        announced(request.headers(), cap)?;
        DefaultBodyLimit::disable().apply(&mut request);
        let request =
            request.map(|body| Body::new(Limited::new(body, usize::try_from(cap).unwrap_or(usize::MAX))));
        let mut parts = Multipart::from_request(request, state).await.map_err(|_| Error::Malformed(None))?;
        let (mut pairs, mut files) = (Vec::new(), Vec::new());
        let mut count = 0;
        while let Some(mut part) = parts.next_field().await.map_err(|error| of_body(&error, cap))? {
            count += 1;
            if count > PARTS {
                return Err(Error::field("", "too-large"));
            }
            let field = part.name().map(str::to_owned).ok_or(Error::Malformed(None))?;
            let Some(name) = part.file_name().map(bare_name) else {
                let mut text = Vec::new();
                while let Some(chunk) = part.chunk().await.map_err(|error| of_body(&error, cap))? {
                    text.extend_from_slice(&chunk);
                    if text.len() > PART_TEXT {
                        return Err(Error::field(field, "too-long"));
                    }
                }
                let text = String::from_utf8(text).map_err(|_| Error::Malformed(None))?;
                pairs.push((field, text));
                continue;
            };
            let kind = part.content_type().unwrap_or("application/octet-stream").to_owned();
            let content = part.bytes().await.map_err(|error| of_body(&error, cap))?;
            if !(name.is_empty() && content.is_empty()) {
                files.push(File { field, name, kind, content });
            }
        }
        Ok(Upload { fields: form::gather(pairs)?, files })
    }
}

fn bare_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or("");
    name.chars().filter(|c| !hidden(*c)).take(200).collect()
}

/// The media type without its parameters, in lower case.
fn media_type(headers: &HeaderMap) -> String {
    let mut kinds = headers.get_all(CONTENT_TYPE).iter();
    let kind = kinds.next().and_then(|v| v.to_str().ok()).unwrap_or("");
    if kinds.next().is_some() {
        return String::new();
    }
    kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase()
}

/// Refuses at once what says itself that it is too large.
fn announced(headers: &HeaderMap, cap: u64) -> Result<(), Error> {
    let length =
        headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
    if length.is_some_and(|length| length > cap) { Err(Error::TooLarge(cap)) } else { Ok(()) }
}

/// The whole body, within the limit of its route.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::TooSlow`], or [`Error::Malformed`] where it broke off.
pub async fn body(request: Request) -> Result<Bytes, Error> {
    let marks = request.extensions();
    let cap = match (marks.get::<BodyCap>(), marks.get::<Shell>()) {
        (Some(cap), _) => cap.0,
        (None, Some(shell)) => shell.body,
        (None, None) => 1 << 20,
    };
    announced(request.headers(), cap)?;
    let limited = Limited::new(request.into_body(), usize::try_from(cap).unwrap_or(usize::MAX));
    match limited.collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) => Err(of_body(error.as_ref(), cap)),
    }
}

/// The error at the bottom of what a body said.
fn of_body(error: &(dyn std::error::Error + 'static), cap: u64) -> Error {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return Error::TooLarge(cap);
        }
        match error.downcast_ref::<BodyFlaw>() {
            Some(BodyFlaw::TooSlow) => return Error::TooSlow,
            Some(BodyFlaw::TooLarge(limit)) => return Error::TooLarge(*limit),
            None => cause = error.source(),
        }
    }
    Error::Malformed(None)
}

/// How a refused [`Line`] says so to [`field_flaw`].
const CONTROL: &str = "control character";

/// Whether a character steers instead of being read: controls, the marks that turn text around, invisible ones.
#[must_use]
pub fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// A text of one line, in which nothing is hidden: for titles, names, references, anything that goes into a subject or a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Line(String);

impl Line {
    /// The text, trimmed, if nothing is hidden in it.
    #[must_use]
    pub fn new(text: &str) -> Option<Line> {
        (!text.chars().any(hidden)).then(|| Line(text.trim().to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl Deref for Line {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Line, D::Error> {
        let text = String::deserialize(deserializer)?;
        Line::new(&text).ok_or_else(|| de::Error::custom(CONTROL))
    }
}

impl PartialSchema for Line {
    fn schema() -> RefOr<Schema> {
        String::schema()
    }
}

impl ToSchema for Line {}

/// What [`field_flaw`] makes of serde's words, for [`form`].
pub(super) fn of_serde(path: &str, said: &str) -> Error {
    field_flaw(path, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read into")]
    struct Note {
        title: Line,
        scope: Scope,
        #[serde(default)]
        count: u8,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read into")]
    struct Scope {
        kind: String,
    }

    fn flaw(text: &str) -> (String, String) {
        match json::<Note>(text.as_bytes()) {
            Err(Error::Invalid(flaws)) => (flaws[0].field.clone(), flaws[0].code.to_string()),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn good_json_is_taken() {
        let note: Note = json("{\"title\":\" 注意 \",\"scope\":{\"kind\":\"class1\"}}".as_bytes()).unwrap();
        assert_eq!(&*note.title, "注意");
    }

    #[test]
    fn broken_json_is_malformed() {
        let deep = format!("{}{}", "[".repeat(70), "]".repeat(70));
        let very_deep = "[".repeat(200_000);
        for bad in [
            "",
            "{",
            "nul",
            "{} {}",
            "{\"a\":1,\"a\":2}",
            "{\"a\":NaN}",
            "[1e999]",
            "[123456789012345678901234567890]",
            "{\"a\":\"\\u0000\"}",
            "{\"a\":\"\\ud800\"}",
            "[1,]",
            &deep,
            &very_deep,
        ] {
            assert!(
                matches!(json::<serde_json::Value>(bad.as_bytes()), Err(Error::Malformed(_))),
                "{bad:.40}"
            );
        }
        assert!(matches!(json::<serde_json::Value>(b"\"\xff\""), Err(Error::Malformed(_))));
        assert!(
            json::<serde_json::Value>(format!("{}{}", "[".repeat(60), "]".repeat(60)).as_bytes()).is_ok()
        );
    }

    #[test]
    fn flaws_name_their_field() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(flaw("{\"title\":\"a\"}"), pair("scope", "missing"));
        assert_eq!(flaw("{\"title\":\"a\",\"scope\":{}}"), pair("scope.kind", "missing"));
        assert_eq!(flaw("{\"title\":\"a\",\"scope\":{\"kind\":1}}"), pair("scope.kind", "bad-value"));
        assert_eq!(
            flaw("{\"title\":\"a\",\"scope\":{\"kind\":\"x\"},\"count\":300}"),
            pair("count", "bad-value")
        );
        assert_eq!(
            flaw("{\"title\":\"a\",\"evil\":1,\"scope\":{\"kind\":\"x\"}}"),
            pair("evil", "unknown-field")
        );
        assert_eq!(
            flaw("{\"title\":\"a\\u202eb\",\"scope\":{\"kind\":\"x\"}}"),
            pair("title", "control-character")
        );
        assert_eq!(
            flaw("{\"title\":\"a\\nb\",\"scope\":{\"kind\":\"x\"}}"),
            pair("title", "control-character")
        );
    }

    #[test]
    fn names_of_files_lose_their_folders() {
        assert_eq!(bare_name("../../etc/passwd"), "passwd");
        assert_eq!(bare_name("C:\\temp\\検体.zip"), "検体.zip");
        assert_eq!(bare_name("a\u{202e}gpj.exe\r\n"), "agpj.exe");
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = json::<serde_json::Value>(&bytes);
            let _ = json::<Note>(&bytes);
        }
    }
}
