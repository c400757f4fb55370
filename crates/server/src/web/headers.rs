//! The headers that every answer carries.

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, HeaderName};
use axum::response::Response;

/// What a page may load and do: only what comes from here.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// Sent with every answer, errors included. A handler that set one of them itself keeps its own.
static ALWAYS: [(HeaderName, HeaderValue); 9] = [
    always("content-security-policy", CONTENT_SECURITY_POLICY),
    always("cross-origin-opener-policy", "same-origin"),
    always("cross-origin-resource-policy", "same-origin"),
    always("cross-origin-embedder-policy", "require-corp"),
    always("x-content-type-options", "nosniff"),
    always("x-frame-options", "DENY"),
    always("referrer-policy", "no-referrer"),
    always(
        "permissions-policy",
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), \
         geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
         publickey-credentials-get=(self), screen-wake-lock=(), usb=(), xr-spatial-tracking=()",
    ),
    always("cache-control", "no-store"),
];

const fn always(name: &'static str, value: &'static str) -> (HeaderName, HeaderValue) {
    (HeaderName::from_static(name), HeaderValue::from_static(value))
}

/// Adds them, and HSTS where browsers come by TLS.
pub(super) fn add(response: &mut Response, tls: bool) {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    let headers = response.headers_mut();
    headers.reserve(ALWAYS.len() + 4);
    for (name, value) in &ALWAYS {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    if tls {
        headers
            .entry("strict-transport-security")
            .or_insert(HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    // An error is never worth keeping, whatever the handler thought when it began.
    if failed {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
