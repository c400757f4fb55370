//! A server of one's own, and a client without manners.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use noroshi::config::Config;
use noroshi::metrics::Metrics;
use noroshi::serve::{Running, serve};
use noroshi::web::error::Plain;
use noroshi::web::{self, Shell};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A running server with its counters.
pub struct Server {
    pub running: Running,
    pub metrics: Arc<Metrics>,
    _dir: tempfile::TempDir,
}

impl Server {
    pub fn addr(&self) -> SocketAddr {
        self.running.addr()
    }

    /// One request on a connection of its own; `head` without its last empty line.
    pub async fn ask(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.addr()).await.unwrap();
        let length =
            if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let head = format!("{head}\r\nHost: {}\r\nConnection: close\r\n{length}\r\n", self.addr());
        stream.write_all(head.as_bytes()).await.unwrap();
        // The server may have answered and gone before it has taken everything.
        let _ = stream.write_all(body).await;
        Answer::read(&mut stream).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(&format!("GET {path} HTTP/1.1"), b"").await
    }
}

/// Starts one with these features, after `tweak` has changed its configuration.
pub async fn start(features: Router, tweak: impl FnOnce(&mut Config)) -> Server {
    let dir = tempfile::tempdir().unwrap();
    let mut config = Config::local(dir.path()).unwrap();
    tweak(&mut config);
    let metrics = Arc::new(Metrics::default());
    let shell = Shell::new(&config, Arc::new(Plain::default()), metrics.clone(), Arc::new(|| true));
    let router = web::furnish(features, &shell);
    let running = serve(&config, router, web::debug_router(metrics.clone()), metrics.clone()).await.unwrap();
    Server { running, metrics, _dir: dir }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads to the end of the connection.
    pub async fn read(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Answer {
        let mut all = Vec::new();
        let mut buf = [0; 16 * 1024];
        // An error at the end is the end.
        while let Ok(Ok(read @ 1..)) =
            tokio::time::timeout(Duration::from_secs(20), stream.read(&mut buf)).await
        {
            all.extend_from_slice(&buf[..read]);
        }
        let split = all.windows(4).position(|w| w == b"\r\n\r\n").map_or(all.len(), |at| at + 4);
        let head = String::from_utf8_lossy(&all[..split]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Answer { status, head, body: all[split..].to_vec() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

/// Whether the other side hangs up within this time.
pub async fn hangs_up(stream: &mut TcpStream, within: Duration) -> bool {
    let mut buf = [0; 1024];
    tokio::time::timeout(within, async { while stream.read(&mut buf).await.is_ok_and(|read| read > 0) {} })
        .await
        .is_ok()
}

/// Waits until something is so.
pub async fn until(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..500 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}
