//! The web: what stands between the network and the features.
//!
//! All of it is in [`around`], in the order in which it happens. A feature only writes handlers that return
//! `Result<_, Error>`.

pub mod api;
pub mod assets;
mod dress;
pub mod error;
pub mod extract;
mod form;
pub mod headers;
pub mod json;
pub mod limit;
pub mod origin;
pub mod session;

use std::net::IpAddr;
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::FutureExt as _;
use tokio::time::Instant;

use crate::config::Config;
use crate::lang::Lang;
use crate::logs;
use crate::metrics::Metrics;
use crate::serve::{Progress, Secure};

pub use error::{Error, ErrorView, FieldFlaw, Renderer};
pub use extract::{BodyCap, Form, Json, Large, Query, Upload};
pub use limit::{ClientAddr, Rates};

/// Says whether the server can do its work, for `/healthz`.
pub type Health = Arc<dyn Fn() -> bool + Send + Sync>;

/// What the layers around the features need to know.
pub struct Parts {
    /// Draws error pages.
    pub renderer: Arc<dyn Renderer>,
    /// Counts.
    pub metrics: Arc<Metrics>,
    /// The origin of our own pages, where the operator named it.
    pub origin: Option<String>,
    /// Whether browsers come by TLS, ours or a proxy's.
    pub https: bool,
    /// Proxies that are believed.
    pub trusted: Vec<IpAddr>,
    /// The language where nobody has chosen one.
    pub language: Lang,
    /// The largest ordinary body, bytes.
    pub body: u64,
    /// The largest body at all, bytes.
    pub upload: u64,
    /// How long an answer may take to begin.
    pub handler_timeout: Duration,
    /// Whether the server can do its work.
    pub health: Health,
}

/// The layers' knowledge; cheap to clone.
#[derive(Clone)]
pub struct Shell(Arc<Parts>);

impl Deref for Shell {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Shell {
    /// As configured.
    #[must_use]
    pub fn new(config: &Config, renderer: Arc<dyn Renderer>, metrics: Arc<Metrics>, health: Health) -> Shell {
        Shell(Arc::new(Parts {
            renderer,
            metrics,
            origin: config.public_url.as_ref().map(|url| url.origin().to_owned()),
            https: config.tls.is_some() || config.public_url.as_ref().is_some_and(|url| url.is_https()),
            trusted: config.trusted_proxies.clone(),
            language: config.language,
            body: config.limits.body,
            upload: config.limits.upload,
            handler_timeout: config.limits.handler_timeout,
            health,
        }))
    }
}

/// Puts the layers around the features, with `/healthz`, `/assets/…` and the page for what is not there.
pub fn furnish(features: Router, shell: &Shell) -> Router {
    features
        .route("/healthz", get(healthz))
        .route("/assets/{*name}", get(assets::get))
        .fallback(|| async { Error::NotFound })
        .layer(from_fn_with_state(shell.clone(), around))
}

/// Middleware: all that happens to a request before and after its handler. One, and not one for each: every layer has its
/// request and its answer moved once more, and seven of them took a seventh of the time of a server that answers from
/// memory.
async fn around(State(shell): State<Shell>, request: Request, next: Next) -> Response {
    let record = Record::begin(&request);
    let tls = shell.https || request.extensions().get::<Secure>().is_some_and(|secure| secure.0);
    let wish = dress::Wish::of(&request, &shell);
    let run = AssertUnwindSafe(clocked(&shell, request, next));
    let response = run.catch_unwind().await.unwrap_or_else(|_| panicked(&shell.metrics));
    let mut response = dress::dress(response, &shell, wish);
    headers::add(&mut response, tls);
    record.end(&shell.metrics, &response);
    response
}

/// The operator's pages, for the listener that only this machine reaches.
pub fn debug_router(metrics: Arc<Metrics>) -> Router {
    Router::new().route(
        "/metrics",
        get(move || {
            let text = metrics.text();
            async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text) }
        }),
    )
}

async fn healthz(axum::Extension(shell): axum::Extension<Shell>) -> Response {
    let (status, body) = if (shell.health)() {
        (StatusCode::OK, "{\"status\":\"pass\"}\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "{\"status\":\"fail\"}\n")
    };
    (status, [(CONTENT_TYPE, "application/health+json")], body).into_response()
}

/// Lets a handler run only so long, not counting the time in which its body was still coming.
async fn clocked(shell: &Shell, mut request: Request, next: Next) -> Response {
    request.extensions_mut().insert(shell.clone());
    let progress = request.extensions().get::<Progress>().cloned();
    let start = Instant::now();
    let mut run = std::pin::pin!(handled(shell, request, next));
    loop {
        let last = progress.as_ref().map_or(start, Progress::last);
        match tokio::time::timeout_at(last + shell.handler_timeout, run.as_mut()).await {
            Ok(response) => return response,
            Err(_) if progress.as_ref().is_some_and(|progress| progress.last() > last) => {}
            Err(_) => {
                shell.metrics.handler_timeout_total.up();
                return Error::Busy.into_response();
            }
        }
    }
}

async fn handled(shell: &Shell, request: Request, next: Next) -> Response {
    if let Err(error) = origin::check(shell, &request) {
        return error.into_response();
    }
    next.run(session::fingerprint(request)).await
}

/// What a panic says may hold what it was about, so it is not repeated; the hook of [`crate::logs`] has logged where it was.
fn panicked(metrics: &Metrics) -> Response {
    metrics.panics_total.up();
    Error::Internal("a handler panicked".to_owned()).into_response()
}

/// One line of log and one count for each request; the route as it is declared, never as it was asked for.
struct Record {
    start: std::time::Instant,
    method: Method,
    route: Option<MatchedPath>,
}

impl Record {
    fn begin(request: &Request) -> Record {
        Record {
            start: std::time::Instant::now(),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
        }
    }

    fn end(self, metrics: &Metrics, response: &Response) {
        let took = self.start.elapsed();
        let status = response.status().as_u16();
        metrics.answered(status, took);
        let method = self.method.as_str();
        let route = self.route.as_ref().map_or("-", MatchedPath::as_str);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        // What was refused or failed may be somebody's attack: its line is not one that may be lost.
        if status < 400 {
            logs::Answered { method, route, status, micros }.log();
        } else {
            tracing::info!(method, route, status, micros, "answered");
        }
    }
}
