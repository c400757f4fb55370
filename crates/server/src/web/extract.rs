//! What handlers take in: JSON, forms, queries and files, strictly. What is wrong comes out as [`Error`], and nothing of it is
//! repeated to the client but the names of its own fields.

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Multipart, Request};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use noroshi_council::refusal::hidden;

use super::error::Error;
use super::{Shell, form};
use crate::serve::BodyFlaw;

/// How many fields and files one upload may have.
const PARTS: usize = 64;

/// How much a form of somebody who is signed in may hold without its files, bytes: far more than anything that takes text takes,
/// so that whoever wrote more is told on the form, which keeps it.
pub const TYPED: u64 = 8 << 20;

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
        Ok(Json(super::json::read(&text)?))
    }
}

/// The same of up to `limits.upload`, where files come in it.
#[derive(Debug, Clone)]
pub struct Large<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Large<T> {
    type Rejection = Error;

    async fn from_request(mut request: Request, state: &S) -> Result<Large<T>, Error> {
        let limit = request.extensions().get::<Shell>().map_or(1 << 20, |shell| shell.upload);
        request.extensions_mut().insert(BodyCap(limit));
        Json::from_request(request, state).await.map(|Json(read)| Large(read))
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
        form::query(parts.uri.query().unwrap_or("")).map(Query)
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

/// A form with files (`multipart/form-data`), within `limits.upload`; a form of the other kind is one without. Where its files
/// are larger than that, they pass by and are not kept, and what was typed is there to be shown again.
#[derive(Debug, Clone)]
pub struct Upload<T> {
    /// The text fields.
    pub fields: T,
    /// The files; an unfilled file field is none. Nothing where they are over.
    pub files: Vec<File>,
    /// How large the whole could have been, bytes.
    pub cap: u64,
    /// Whether the files were larger.
    pub over: bool,
}

/// How many times as much as is accepted passes by before a connection is given up.
pub const PATIENCE: u64 = 4;

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Upload<T> {
    type Rejection = Error;

    async fn from_request(mut request: Request, state: &S) -> Result<Upload<T>, Error> {
        let cap = request.extensions().get::<Shell>().map_or(1 << 20, |shell| shell.upload);
        match media_type(request.headers()).as_str() {
            "multipart/form-data" => {}
            "application/x-www-form-urlencoded" => {
                let Form(fields) = Form::from_request(request, state).await?;
                return Ok(Upload { fields, files: Vec::new(), cap, over: false });
            }
            _ => return Err(Error::MediaType("multipart/form-data")),
        }
        let most = cap.saturating_mul(PATIENCE);
        announced(request.headers(), most).map_err(|_| Error::TooLarge(cap))?;
        DefaultBodyLimit::disable().apply(&mut request);
        let request =
            request.map(|body| Body::new(Limited::new(body, usize::try_from(most).unwrap_or(usize::MAX))));
        let mut parts = Multipart::from_request(request, state).await.map_err(|_| Error::Malformed(None))?;
        let (mut pairs, mut files) = (Vec::new(), Vec::new());
        let (mut count, mut typed) = (0, 0);
        let (mut taken, mut over) = (0, false);
        while let Some(mut part) = parts.next_field().await.map_err(|error| broken(&error, cap))? {
            count += 1;
            if count > PARTS {
                return Err(Error::field("", "too-large"));
            }
            let field = part.name().map(str::to_owned).ok_or(Error::Malformed(None))?;
            let Some(name) = part.file_name().map(bare_name) else {
                let mut text = Vec::new();
                while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error, cap))? {
                    typed += chunk.len() as u64;
                    if typed > TYPED {
                        return Err(Error::TooLarge(TYPED));
                    }
                    text.extend_from_slice(&chunk);
                }
                let text = String::from_utf8(text).map_err(|_| Error::Malformed(None))?;
                pairs.push((field, text));
                continue;
            };
            let kind = part.content_type().unwrap_or("application/octet-stream").to_owned();
            let mut content = BytesMut::new();
            while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error, cap))? {
                taken += chunk.len() as u64;
                if taken > cap {
                    over = true;
                    content = BytesMut::new();
                    files.clear();
                } else {
                    content.extend_from_slice(&chunk);
                }
            }
            let unfilled = name.is_empty() && content.is_empty();
            if !(over || unfilled) {
                files.push(File { field, name, kind, content: content.freeze() });
            }
        }
        Ok(Upload { fields: form::typed(pairs)?, files, cap, over })
    }
}

/// The error of a body that goes on past all patience names what is accepted, as every other does.
fn broken(error: &(dyn std::error::Error + 'static), cap: u64) -> Error {
    match of_body(error, cap) {
        Error::TooLarge(_) => Error::TooLarge(cap),
        other => other,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_lose_their_folders() {
        assert_eq!(bare_name("../../etc/passwd"), "passwd");
        assert_eq!(bare_name("C:\\temp\\検体.zip"), "検体.zip");
        assert_eq!(bare_name("a\u{202e}gpj.exe\r\n"), "agpj.exe");
    }
}
