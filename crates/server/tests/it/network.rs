//! Slow, large, silent and impatient clients; TLS; HTTP/2; closing.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::response::sse::{Event, Sse};
use axum::routing::{get, post};
use bytes::Bytes;
use noroshi::config::TlsFiles;
use noroshi::web::Json;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_stream::StreamExt as _;

use crate::common::{Answer, hangs_up, start, until};

const SOON: Duration = Duration::from_secs(3);

fn features() -> Router {
    Router::new()
        .route("/hello", get(|| async { "hello" }))
        .route("/api/echo", post(|Json(value): Json<serde_json::Value>| async { Json(value) }))
        .route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_millis(400)).await;
                "at last"
            }),
        )
        .route(
            "/live",
            get(|| async {
                let ticks = tokio_stream::iter(0..).throttle(Duration::from_millis(20));
                Sse::new(ticks.map(|n: u64| Ok::<_, Infallible>(Event::default().data(n.to_string()))))
            }),
        )
        .route(
            "/flood",
            get(|| async {
                let text = "x".repeat(60_000);
                Sse::new(
                    tokio_stream::iter(0..)
                        .map(move |_: u64| Ok::<_, Infallible>(Event::default().data(&text))),
                )
            }),
        )
}

#[tokio::test]
async fn slow_heads_are_cut_and_others_do_not_notice() {
    let server = start(features(), |c| c.limits.header_timeout = Duration::from_millis(300)).await;
    let mut slow = Vec::new();
    for start in ["", "G", "PRI", "PRI * HTTP/2.0\r\n", "GET /hello HTTP/1.1\r\nHost: a\r\n"] {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(server.addr()).await.unwrap();
            stream.write_all(start.as_bytes()).await.unwrap();
            slow.push(stream);
        }
    }
    // One that is never silent for long.
    let mut dripping = TcpStream::connect(server.addr()).await.unwrap();
    let drip = tokio::spawn(async move {
        let begun = Instant::now();
        dripping.write_all(b"GET /hello HTTP/1.1\r\n").await.unwrap();
        while dripping.write_all(b"X-A: b\r\n").await.is_ok() && begun.elapsed() < SOON {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        begun.elapsed()
    });
    assert_eq!(server.get("/hello").await.text(), "hello");
    for mut stream in slow {
        assert!(hangs_up(&mut stream, SOON).await);
    }
    assert!(drip.await.unwrap() < SOON);
    until("all are gone", || server.metrics.connections.get() == 0).await;
}

#[tokio::test]
async fn slow_bodies_are_cut() {
    let server = start(features(), |c| c.limits.body_timeout = Duration::from_millis(300)).await;
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    let head = "POST /api/echo HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n\"";
    stream.write_all(head.as_bytes()).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let drip = tokio::spawn(async move {
        while write.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    });
    let answer = tokio::time::timeout(SOON, Answer::read(&mut read)).await.unwrap();
    drip.abort();
    assert_eq!(answer.status, 408, "{answer:?}");
    assert_eq!(answer.json()["type"], "urn:noroshi:problem:too-slow");
    assert_eq!(server.metrics.slow_body_total.get(), 1);
}

#[tokio::test]
async fn a_body_at_an_honest_rate_outlives_handler_and_body_clocks() {
    let server = start(features(), |c| {
        c.limits.body_timeout = Duration::from_millis(200);
        c.limits.handler_timeout = Duration::from_millis(200);
    })
    .await;
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    let head = "POST /api/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\nContent-Length: 8194\r\n\r\n\"";
    stream.write_all(head.as_bytes()).await.unwrap();
    // 8 KiB in 0.8 s: ten times the rate that nobody is cut for, four times the clocks.
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        stream.write_all(&[b'a'; 1024]).await.unwrap();
    }
    stream.write_all(b"\"").await.unwrap();
    assert_eq!(Answer::read(&mut stream).await.status, 200);
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let server = start(features(), |c| c.limits.body = 4096).await;
    let head = "POST /api/echo HTTP/1.1\r\nAuthorization: Bearer x\r\nContent-Type: application/json";
    // Announced: refused before it is sent.
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    stream
        .write_all(format!("{head}\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let answer = tokio::time::timeout(SOON, Answer::read(&mut stream)).await.unwrap();
    assert_eq!((answer.status, answer.json()["type"].as_str()), (413, Some("urn:noroshi:problem:too-large")));
    // Not announced: refused where it goes too far.
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    stream
        .write_all(format!("{head}\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").as_bytes())
        .await
        .unwrap();
    for _ in 0..8 {
        let _ = stream.write_all(format!("400\r\n{}\r\n", "1".repeat(1024)).as_bytes()).await;
    }
    let answer = tokio::time::timeout(SOON, Answer::read(&mut stream)).await.unwrap();
    assert_eq!(answer.status, 413);
    // Just small enough.
    let body = format!("\"{}\"", "a".repeat(4094));
    assert_eq!(server.ask(head, body.as_bytes()).await.status, 200);
}

#[tokio::test]
async fn ambiguous_heads_are_refused() {
    let server = start(features(), |_| ()).await;
    for bad in [
        "POST /api/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET  /hello HTTP/9.9\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(server.addr()).await.unwrap();
        stream.write_all(bad.as_bytes()).await.unwrap();
        assert_eq!(Answer::read(&mut stream).await.status, 400, "{bad:?}");
    }
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    stream
        .write_all(format!("GET /hello HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(20_000)).as_bytes())
        .await
        .unwrap();
    assert_eq!(Answer::read(&mut stream).await.status, 431);
}

#[tokio::test]
async fn handlers_have_a_clock_and_live_streams_have_none() {
    let server = start(features(), |c| c.limits.handler_timeout = Duration::from_millis(150)).await;
    let mut live = TcpStream::connect(server.addr()).await.unwrap();
    live.write_all(b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let answer = server.get("/slow").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert_eq!(server.metrics.handler_timeout_total.get(), 1);
    let mut heard = String::new();
    let mut buf = [0; 4096];
    while !heard.contains("data: 25\n") {
        let read = tokio::time::timeout(SOON, live.read(&mut buf)).await.unwrap().unwrap();
        assert!(read > 0, "cut after {heard}");
        heard.push_str(&String::from_utf8_lossy(&buf[..read]));
    }
    assert!(heard.contains("content-security-policy: ") && heard.contains("\r\ndate: "), "{heard}");
    assert_eq!(server.metrics.streams.get(), 1);
    drop(live);
    until("the stream is forgotten", || server.metrics.streams.get() == 0).await;
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_cut() {
    let server = start(features(), |c| c.limits.write_timeout = Duration::from_millis(300)).await;
    let mut lazy = TcpStream::connect(server.addr()).await.unwrap();
    lazy.write_all(b"GET /flood HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    until("it is cut", || server.metrics.slow_reader_total.get() == 1).await;
    until("it is gone", || server.metrics.connections.get() == 0 && server.metrics.streams.get() == 0).await;
}

#[tokio::test]
async fn closing_lets_requests_end_and_ends_streams() {
    let server = start(features(), |_| ()).await;
    let mut live = TcpStream::connect(server.addr()).await.unwrap();
    live.write_all(b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut idle = TcpStream::connect(server.addr()).await.unwrap();
    idle.write_all(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut slow = TcpStream::connect(server.addr()).await.unwrap();
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    until("all are being answered", || {
        server.metrics.streams.get() == 1 && server.metrics.requests.get() == 2
    })
    .await;
    let addr = server.addr();
    let begun = Instant::now();
    server.running.stop().await;
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert!(Answer::read(&mut slow).await.text().ends_with("at last"));
    assert!(hangs_up(&mut live, SOON).await);
    assert!(hangs_up(&mut idle, SOON).await);
    assert!(TcpStream::connect(addr).await.is_err());
}

#[tokio::test]
async fn metrics_are_for_the_operator_alone() {
    let server = start(features(), |_| ()).await;
    assert_eq!(server.get("/metrics").await.status, 404);
    assert_eq!(server.get("/healthz").await.json()["status"], "pass");
    let debug = server.running.debug_addr().unwrap();
    assert!(debug.ip().is_loopback());
    let mut stream = TcpStream::connect(debug).await.unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    let text = Answer::read(&mut stream).await.text();
    assert!(text.contains("noroshi_answers_total{class=\"4xx\"} 1\n"), "{text}");
    assert!(!text.contains("/hello"));
}

/// One request over HTTP/2.
async fn ask_h2<T>(io: T, path: &str, method: &str) -> (u16, Bytes, axum::http::HeaderMap)
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let (client, connection) = h2::client::handshake(io).await.unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    let request =
        axum::http::Request::builder().method(method).uri(format!("https://council.example.jp{path}"));
    let (response, _) = client.send_request(request.body(()).unwrap(), true).unwrap();
    let response = response.await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = response.into_body();
    let mut all = Vec::new();
    while let Some(chunk) = body.data().await {
        all.extend_from_slice(&chunk.unwrap());
    }
    (status, all.into(), headers)
}

#[tokio::test]
async fn http2_is_spoken_and_its_idlers_are_cut() {
    let server = start(features(), |c| {
        c.limits.header_timeout = Duration::from_millis(300);
        c.limits.idle_timeout = Duration::from_millis(200);
    })
    .await;
    let (status, body, _) = ask_h2(TcpStream::connect(server.addr()).await.unwrap(), "/hello", "GET").await;
    assert_eq!((status, &body[..]), (200, &b"hello"[..]));
    let (status, body, headers) =
        ask_h2(TcpStream::connect(server.addr()).await.unwrap(), "/nothing", "HEAD").await;
    assert_eq!((status, body.len()), (404, 0));
    assert!(headers.contains_key("content-security-policy"));
    let stream = TcpStream::connect(server.addr()).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    let request = axum::http::Request::get("http://a/hello").body(()).unwrap();
    let (response, _) = client.send_request(request, true).unwrap();
    assert_eq!(response.await.unwrap().status(), 200);
    assert!(tokio::time::timeout(Duration::from_secs(8), connection).await.is_ok());
}

/// A fresh self-signed certificate at these paths; answers it as PEM.
fn certify(files: &TlsFiles) -> String {
    let made = rcgen::generate_simple_self_signed(vec!["council.example.jp".to_owned()]).unwrap();
    std::fs::write(&files.cert, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    made.cert.pem()
}

async fn shake(
    addr: std::net::SocketAddr,
    pem: &str,
    alpn: &[&[u8]],
) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let mut config =
        rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|p| p.to_vec()).collect();
    let stream = TcpStream::connect(addr).await.unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(ServerName::try_from("council.example.jp").unwrap(), stream)
        .await
}

#[tokio::test]
async fn tls_is_spoken_and_its_certificate_renewed() {
    let dir = tempfile::tempdir().unwrap();
    let files = TlsFiles { cert: dir.path().join("cert.pem"), key: dir.path().join("key.pem") };
    let first = certify(&files);
    let server = start(features(), |c| {
        c.tls = Some(files.clone());
        c.limits.header_timeout = Duration::from_millis(500);
    })
    .await;
    assert!(server.running.url().starts_with("https://"));
    let stream = shake(server.addr(), &first, &[b"h2", b"http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (status, _, headers) = ask_h2(stream, "/hello", "GET").await;
    assert_eq!(status, 200);
    assert!(headers.contains_key("strict-transport-security"));
    let mut stream = shake(server.addr(), &first, &[b"http/1.1"]).await.unwrap();
    stream.write_all(b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    assert_eq!(Answer::read(&mut stream).await.text(), "hello");
    // Plain HTTP and silence on the port of TLS.
    let mut plain = TcpStream::connect(server.addr()).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    assert!(hangs_up(&mut plain, SOON).await);
    let mut silent = TcpStream::connect(server.addr()).await.unwrap();
    assert!(hangs_up(&mut silent, SOON).await);
    // Bad files change nothing; good ones are used at once.
    std::fs::write(&files.cert, "nonsense").unwrap();
    assert!(server.running.reload().is_err());
    assert!(shake(server.addr(), &first, &[b"h2"]).await.is_ok());
    let second = certify(&files);
    server.running.reload().unwrap();
    assert!(shake(server.addr(), &second, &[b"h2"]).await.is_ok());
    assert!(shake(server.addr(), &first, &[b"h2"]).await.is_err());
}

#[tokio::test]
async fn a_certificate_without_its_key_is_not_served() {
    let dir = tempfile::tempdir().unwrap();
    let files = TlsFiles { cert: dir.path().join("cert.pem"), key: dir.path().join("key.pem") };
    certify(&files);
    let other = TlsFiles { cert: dir.path().join("other.pem"), key: dir.path().join("other.key") };
    certify(&other);
    let mixed = TlsFiles { cert: files.cert, key: other.key };
    assert!(noroshi::tls::Certificate::load(&mixed).is_err());
}
