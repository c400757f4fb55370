//! The network: who may hold a connection, for how long, and how it ends.
//!
//! A slow client costs itself a connection and nobody else anything: heads, bodies, handlers and readers have their own
//! clocks. Live streams have none, but are cut when their reader does not read, and end when the server closes.

mod body;
mod line;
mod live;

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::{http1, http2};
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::config::{Config, Limits};
use crate::metrics::Metrics;
use crate::tls::{Certificate, TlsError};
use crate::web::extract::PATIENCE;
use body::{Answer, Doing, Open, Watched};
use line::Line;
use live::{Begun, Wire};

pub use body::{BodyFlaw, Progress};

/// How long requests may take to end once the server closes.
pub const CLOSING_TIME: Duration = Duration::from_secs(10);

/// The largest head of a request, bytes; also the largest buffer of a resting connection.
const HEAD: usize = 16 * 1024;

/// Whether this request came by TLS that we ended ourselves.
#[derive(Debug, Clone, Copy)]
pub struct Secure(pub bool);

/// Becomes true when the server closes; for handlers that wait for something.
#[derive(Debug, Clone)]
pub struct Closing(pub watch::Receiver<bool>);

/// Why the server cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Nobody can listen there.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A server that serves.
#[derive(Debug)]
pub struct Running {
    addr: SocketAddr,
    debug_addr: Option<SocketAddr>,
    certificate: Option<Arc<Certificate>>,
    close: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Running {
    /// Where members reach it; the port that was really taken.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Where the operator does.
    #[must_use]
    pub fn debug_addr(&self) -> Option<SocketAddr> {
        self.debug_addr
    }

    /// `http://` or `https://` with the bound address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", if self.certificate.is_some() { "https" } else { "http" }, self.addr)
    }

    /// Reads certificate and key again. What is in use stays where the new ones are bad.
    ///
    /// # Errors
    /// Fails where the files cannot be used.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.certificate.as_ref().map_or(Ok(()), |certificate| certificate.reload())
    }

    /// Becomes true when the server closes.
    #[must_use]
    pub fn closing(&self) -> Closing {
        Closing(self.close.subscribe())
    }

    /// Closes: takes no more connections, ends live streams, lets requests end for up to [`CLOSING_TIME`].
    pub async fn stop(mut self) {
        self.close.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
    }

    /// Serves until SIGTERM or SIGINT, or until `broken` ends, then closes. SIGHUP reads certificate and key again. Answers
    /// whether it was told to stop.
    ///
    /// # Errors
    /// Fails where signals cannot be heard.
    pub async fn until_told(self, broken: impl Future<Output = ()>) -> std::io::Result<bool> {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut term, mut int, mut hup) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
            signal(SignalKind::hangup())?,
        );
        let mut broken = std::pin::pin!(broken);
        let told = loop {
            tokio::select! {
                _ = term.recv() => break true,
                _ = int.recv() => break true,
                () = broken.as_mut() => break false,
                _ = hup.recv() => match self.reload() {
                    Ok(()) => tracing::info!("certificate and key read again"),
                    Err(error) => tracing::error!(%error, "certificate kept as it was"),
                },
            }
        };
        tracing::info!(told, "closing");
        self.stop().await;
        Ok(told)
    }
}

/// Binds the listeners and serves `router` to members and `debug` to the operator, in the background.
///
/// # Errors
/// Fails where an address is taken or the certificate cannot be used.
pub async fn serve(
    config: &Config,
    router: Router,
    debug: Router,
    metrics: Arc<Metrics>,
) -> Result<Running, ServeError> {
    let certificate = match &config.tls {
        Some(files) => Some(Arc::new(Certificate::load(files)?)),
        None => None,
    };
    let acceptor = match &certificate {
        Some(certificate) => Some(TlsAcceptor::from(certificate.server_config()?)),
        None => None,
    };
    let bind = |addr| async move { TcpListener::bind(addr).await.map_err(|e| ServeError::Listen(addr, e)) };
    let listener = bind(config.listen).await?;
    let debug_listener = match config.debug_listen {
        Some(addr) => Some(bind(addr).await?),
        None => None,
    };
    let addr = listener.local_addr().map_err(|e| ServeError::Listen(config.listen, e))?;
    let debug_addr = debug_listener.as_ref().and_then(|listener| listener.local_addr().ok());
    let (close, closing) = watch::channel(false);
    let house = |router, acceptor| {
        Arc::new(House {
            router,
            acceptor,
            limits: config.limits.clone(),
            http1: http1(&config.limits),
            http2: http2(),
            metrics: metrics.clone(),
            closing: closing.clone(),
            guests: Guests {
                most: (config.limits.connections / 4).max(16),
                exempt: config.trusted_proxies.clone(),
                by_address: Mutex::new(HashMap::new()),
            },
        })
    };
    let mut tasks = JoinSet::new();
    tasks.spawn(accept(listener, house(router, acceptor)));
    if let Some(listener) = debug_listener {
        tasks.spawn(accept(listener, house(debug, None)));
    }
    Ok(Running { addr, debug_addr, certificate, close, tasks })
}

fn http1(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(64)
        .max_buf_size(HEAD);
    builder
}

fn http2() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(10))
        .max_concurrent_streams(64)
        .max_header_list_size(u32::try_from(HEAD).unwrap_or(u32::MAX))
        .max_send_buf_size(64 * 1024)
        .initial_stream_window_size(64 * 1024)
        .initial_connection_window_size(256 * 1024);
    builder
}

/// What all connections of one listener share.
struct House {
    router: Router,
    acceptor: Option<TlsAcceptor>,
    limits: Limits,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    metrics: Arc<Metrics>,
    closing: watch::Receiver<bool>,
    guests: Guests,
}

/// How many connections each address holds.
struct Guests {
    most: usize,
    exempt: Vec<IpAddr>,
    by_address: Mutex<HashMap<IpAddr, usize>>,
}

impl Guests {
    /// Lets one more in, unless its address holds too many. This machine and its proxies hold as many as they like.
    fn enter(&self, ip: IpAddr) -> bool {
        if ip.is_loopback() || self.exempt.contains(&ip) {
            return true;
        }
        let mut held = self.by_address.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let count = held.entry(ip).or_insert(0);
        if *count >= self.most {
            return false;
        }
        *count += 1;
        true
    }

    fn leave(&self, ip: IpAddr) {
        let mut held = self.by_address.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(count) = held.get_mut(&ip) {
            *count -= 1;
            if *count == 0 {
                held.remove(&ip);
            }
        }
    }
}

async fn accept(listener: TcpListener, house: Arc<House>) {
    let seats = Arc::new(Semaphore::new(house.limits.connections));
    let mut connections = JoinSet::new();
    let mut closing = house.closing.clone();
    loop {
        while connections.try_join_next().is_some() {}
        // Beyond the cap newcomers wait in the queue of the kernel, which costs us nothing.
        let accepted = tokio::select! {
            _ = closing.wait_for(|closed| *closed) => break,
            accepted = async { (seats.clone().acquire_owned().await, listener.accept().await) } => accepted,
        };
        let (Ok(seat), Ok((stream, peer))) = accepted else {
            // Out of file descriptors, or a connection that was gone before we saw it.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let ip = peer.ip().to_canonical();
        if !house.guests.enter(ip) {
            house.metrics.connections_refused_total.up();
            continue;
        }
        let house = house.clone();
        connections.spawn(async move {
            house.metrics.connections.up();
            house.metrics.connections_total.up();
            let _leaving = Leaving { house: house.clone(), ip };
            connection(&house, stream, peer).await;
            drop(seat);
        });
    }
    drop(listener);
    let end = Instant::now() + CLOSING_TIME;
    while tokio::time::timeout_at(end, connections.join_next()).await.is_ok_and(|joined| joined.is_some()) {}
    connections.shutdown().await;
}

/// Counts a connection out, however it ends.
struct Leaving {
    house: Arc<House>,
    ip: IpAddr,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.house.metrics.connections.down();
        if !(self.ip.is_loopback() || self.house.guests.exempt.contains(&self.ip)) {
            self.house.guests.leave(self.ip);
        }
    }
}

async fn connection(house: &Arc<House>, stream: TcpStream, peer: SocketAddr) {
    // Neither matters enough to refuse the connection where the system does not offer it.
    let _ = stream.set_nodelay(true);
    let _ = socket2::SockRef::from(&stream)
        .set_tcp_keepalive(&socket2::TcpKeepalive::new().with_time(Duration::from_secs(60)));
    let Some(acceptor) = &house.acceptor else {
        let Ok(Some(h2)) = tokio::time::timeout(house.limits.header_timeout, speaks_h2(&stream)).await else {
            house.metrics.slow_head_total.up();
            return;
        };
        let line = Line::new(stream, house.limits.write_timeout, house.metrics.clone());
        return talk(house, line, Guest { peer, tls: false }, h2).await;
    };
    let line = Line::new(stream, house.limits.write_timeout, house.metrics.clone());
    match tokio::time::timeout(house.limits.header_timeout, Box::pin(acceptor.accept(line))).await {
        Ok(Ok(stream)) => {
            let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            talk(house, stream, Guest { peer, tls: true }, h2).await;
        }
        Ok(Err(_)) | Err(_) => house.metrics.tls_failed_total.up(),
    }
}

/// Whether the first bytes are those of HTTP/2, without taking them. `None` where none came.
async fn speaks_h2(stream: &TcpStream) -> Option<bool> {
    const PREFACE: &[u8] = b"PRI ";
    let mut first = [0; PREFACE.len()];
    loop {
        match stream.peek(&mut first).await {
            Ok(0) | Err(_) => return None,
            Ok(seen) if seen < PREFACE.len() && PREFACE.starts_with(&first[..seen]) => {
                // What was peeked at is there at once the next time, too.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok(_) => return Some(first == *PREFACE),
        }
    }
}

/// Who is on the other side.
#[derive(Debug, Clone, Copy)]
struct Guest {
    peer: SocketAddr,
    tls: bool,
}

/// Speaks HTTP until either side has had enough. Each stage is in a box of its own, which is gone when its stage is.
async fn talk(house: &Arc<House>, io: impl Wire, guest: Guest, h2: bool) {
    if h2 {
        return Box::pin(talk_http2(house, io, guest)).await;
    }
    if let Some((io, response)) = Box::pin(talk_http1(house, io, guest)).await {
        Box::pin(live::write(io, response)).await;
    }
}

/// HTTP/1.1, until the connection ends or becomes a live stream.
async fn talk_http1<T>(house: &Arc<House>, io: T, guest: Guest) -> Option<(T, Response<Answer>)>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (doing, begun) = (Doing::new(), Begun::default());
    let service = hyper::service::service_fn({
        let (house, doing, begun) = (house.clone(), doing.clone(), begun.clone());
        move |request: Request<Incoming>| {
            let (house, open, begun) =
                (house.clone(), Open::new(doing.clone(), house.metrics.clone()), begun.clone());
            Box::pin(async move {
                let get = request.method() == Method::GET;
                let (response, is_stream) = answer(&house, open, guest, request).await;
                if get && is_stream { begun.leave(response).await } else { Ok::<_, Infallible>(response) }
            })
        }
    });
    let mut connection = house.http1.serve_connection(TokioIo::new(io), service);
    let mut closing = house.closing.clone();
    let mut leaving = false;
    loop {
        tokio::select! {
            outcome = &mut connection => {
                if outcome.is_err_and(|error| error.is_timeout()) && doing.never_asked() {
                    house.metrics.slow_head_total.up();
                }
                return None;
            }
            () = begun.wait() => break,
            _ = closing.wait_for(|closed| *closed), if !leaving => {
                leaving = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
    let response = begun.take()?;
    Some((connection.into_parts().io.into_inner(), response))
}

/// HTTP/2. hyper has no clock there for a peer that asks for nothing.
async fn talk_http2<T>(house: &Arc<House>, io: T, guest: Guest)
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let doing = Doing::new();
    let service = hyper::service::service_fn({
        let (house, doing) = (house.clone(), doing.clone());
        move |request| {
            let (house, open) = (house.clone(), Open::new(doing.clone(), house.metrics.clone()));
            async move { Ok::<_, Infallible>(answer(&house, open, guest, request).await.0) }
        }
    });
    let mut connection = house.http2.serve_connection(TokioIo::new(io), service);
    let mut closing = house.closing.clone();
    let mut leaving = false;
    let mut check = std::pin::pin!(tokio::time::sleep(house.limits.header_timeout));
    loop {
        tokio::select! {
            _ = &mut connection => break,
            _ = closing.wait_for(|closed| *closed), if !leaving => {
                leaving = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
            () = check.as_mut() => {
                if doing.never_asked() {
                    house.metrics.slow_head_total.up();
                    break;
                }
                let resting = doing.resting().is_some_and(|rest| rest >= house.limits.idle_timeout);
                if resting && leaving {
                    break;
                }
                if resting {
                    leaving = true;
                    std::pin::Pin::new(&mut connection).graceful_shutdown();
                }
                check.as_mut().reset(Instant::now() + house.limits.idle_timeout);
            }
        }
    }
}

/// The answer, and whether it is a live stream.
async fn answer(
    house: &House,
    open: Open,
    guest: Guest,
    request: Request<Incoming>,
) -> (Response<Answer>, bool) {
    let progress = Progress::new();
    let (parts, body) = request.into_parts();
    let body = Watched::new(
        body,
        house.limits.body_timeout,
        // A form with files that are too large passes by, so that it can be shown again; nothing of it is kept.
        house.limits.upload.saturating_mul(PATIENCE),
        progress.clone(),
        house.metrics.clone(),
    );
    let mut request = Request::from_parts(parts, Body::new(body));
    let marks = request.extensions_mut();
    marks.insert(progress);
    marks.insert(ConnectInfo(guest.peer));
    marks.insert(Secure(guest.tls));
    marks.insert(Closing(house.closing.clone()));
    let response = match house.router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let is_stream = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    (response.map(|body| Answer::new(body, is_stream, open, house.closing.clone())), is_stream)
}

/// Raises the limit of open files to what the system allows, and tells it; `None` for no limit.
///
/// # Errors
/// Fails where the system refuses.
pub fn raise_file_limit() -> std::io::Result<Option<u64>> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        setrlimit(Resource::Nofile, limit)?;
    }
    Ok(limit.current)
}
