//! The least that an answer could cost: hyper, a handler that returns bytes it has, and nothing else. And a client that
//! asks the same again on as many connections as it is told.

use std::{
    convert::Infallible,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Serves as many bytes to whoever asks for anything.
pub async fn serve(bytes: usize) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    let body = Bytes::from(vec![b'x'; bytes]);
    while let Ok((stream, _)) = listener.accept().await {
        stream.set_nodelay(true).unwrap();
        let body = body.clone();
        tokio::spawn(async move {
            let answer = hyper::service::service_fn(move |_| {
                let response = hyper::Response::new(Full::new(body.clone()));
                async move { Ok::<_, Infallible>(response) }
            });
            // A client that goes away is no failure.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

/// That handler in a process of its own.
pub struct Bare {
    child: Child,
    pub port: u16,
}

impl Bare {
    pub fn start(bytes: usize) -> Bare {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["bare", &bytes.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Bare { child, port: line.trim().parse().unwrap() }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One connection that stays open.
struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Line {
    async fn open(port: u16) -> Line {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Line { stream, buffer: Vec::with_capacity(1 << 18) }
    }

    /// Asks, and reads the whole answer: the place where its body begins.
    async fn ask(&mut self, head: &str) -> usize {
        self.stream.write_all(head.as_bytes()).await.unwrap();
        self.buffer.clear();
        let (mut begins, mut ends) = (0, usize::MAX);
        while self.buffer.len() < ends {
            assert!(self.stream.read_buf(&mut self.buffer).await.unwrap() > 0, "the server hung up");
            if begins == 0
                && let Some(at) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n")
            {
                begins = at + 4;
                let text = String::from_utf8_lossy(&self.buffer[..at]).to_ascii_lowercase();
                assert!(text.starts_with("http/1.1 200"), "{text}");
                let length = text.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap();
                ends = begins + length.parse::<usize>().unwrap();
            }
        }
        begins
    }
}

/// The body of one answer.
pub async fn ask(port: u16, head: &str) -> Vec<u8> {
    let mut line = Line::open(port).await;
    let begins = line.ask(head).await;
    line.buffer.split_off(begins)
}

/// Asks again and again on `clients` connections, in turn as each of those whose heads these are: nobody may ask too often. Answers how many a second were answered, and the slowest but one in a
/// hundred.
pub async fn load(port: u16, heads: &Arc<[String]>, clients: usize, time: Duration) -> (f64, Duration) {
    let begun = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let heads = heads.clone();
            tokio::spawn(async move {
                let mut turn = client * heads.len() / clients;
                let mut line = Line::open(port).await;
                let mut times = Vec::new();
                while begun.elapsed() < time {
                    let asked = Instant::now();
                    line.ask(&heads[turn % heads.len()]).await;
                    turn += 1;
                    times.push(asked.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    times.sort_unstable();
    (rate, times.get(times.len() * 99 / 100).copied().unwrap_or_default())
}
