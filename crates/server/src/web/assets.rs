//! Styles, scripts, fonts and pictures, embedded in the binary.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::{Path, RawQuery};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use super::Error;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets");

/// One file, ready to be sent.
struct Asset {
    kind: &'static str,
    plain: &'static [u8],
    packed: Option<Bytes>,
    hash: String,
}

static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    let mut found = BTreeMap::new();
    collect(&FOLDER, &mut found);
    found
});

fn collect(dir: &'static Dir<'static>, found: &mut BTreeMap<String, Asset>) {
    for file in dir.files() {
        let name = file.path().to_string_lossy().replace('\\', "/");
        let Some(kind) = kind(&name) else { continue };
        let plain = file.contents();
        let hash =
            Sha256::digest(plain).iter().take(8).fold(String::new(), |out, byte| format!("{out}{byte:02x}"));
        found.insert(name, Asset { kind, plain, packed: pack(kind, plain), hash });
    }
    for inner in dir.dirs() {
        collect(inner, found);
    }
}

/// The media type; files of other kinds are not served.
fn kind(name: &str) -> Option<&'static str> {
    Some(match name.rsplit('.').next()? {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

fn pack(kind: &str, plain: &[u8]) -> Option<Bytes> {
    if kind.starts_with("font/") || kind == "image/png" {
        return None;
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().filter(|packed| packed.len() < plain.len()).map(Bytes::from)
}

/// The address of a file, with its content in the address so that browsers may keep it for ever: `/assets/app.css?v=…`.
#[must_use]
pub fn url(name: &str) -> String {
    match ASSETS.get(name) {
        Some(asset) => format!("/assets/{name}?v={}", asset.hash),
        None => format!("/assets/{name}"),
    }
}

/// A file as it is.
pub(crate) fn content(name: &str) -> Option<&'static [u8]> {
    ASSETS.get(name).map(|asset| asset.plain)
}

/// `GET /assets/{*name}`.
pub(super) async fn get(Path(name): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.get(&name) else { return Error::NotFound.into_response() };
    let versioned = query.as_deref().and_then(|q| q.strip_prefix("v=")) == Some(asset.hash.as_str());
    let keep = match (versioned, asset.kind.starts_with("font/")) {
        (true, _) => "public, max-age=31536000, immutable",
        // Styles name their fonts without a version; a font is not changed under its name.
        (false, true) => "public, max-age=2592000",
        (false, false) => "public, no-cache",
    };
    let header = |headers: &HeaderMap, name: HeaderName| {
        headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned()
    };
    let etag = format!("\"{}\"", asset.hash);
    let known =
        header(&headers, IF_NONE_MATCH).split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag);
    let gzip = header(&headers, ACCEPT_ENCODING)
        .split(',')
        .any(|c| c.split(';').next().map(str::trim) == Some("gzip"));
    let mut response = Response::new(Body::empty());
    let out = response.headers_mut();
    out.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    out.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        out.insert(ETAG, etag);
    }
    if name.ends_with("sw.js") {
        // The worker that keeps the last emergency page has to reach beyond its own folder.
        out.insert("service-worker-allowed", HeaderValue::from_static("/"));
    }
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    out.insert(CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    *response.body_mut() = match &asset.packed {
        Some(packed) if gzip => {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Body::from(packed.clone())
        }
        _ => Body::from(asset.plain),
    };
    response
}
