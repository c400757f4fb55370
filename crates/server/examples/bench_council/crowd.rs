//! Everybody who listens, in a process of their own: a connection is a file, and no process may have very many.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use noroshi::config::system_now;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
};

use crate::peers::Kind;

/// How many have heard the message, and when the first and the last did, in unix microseconds.
#[derive(Default)]
struct Crowd {
    ready: AtomicUsize,
    heard: AtomicUsize,
    first: Mutex<i64>,
    last: Mutex<i64>,
    lost: AtomicUsize,
}

/// To whom they listen: a peer, or whoever speaks HTTP.
fn is_ready(kind: Option<Kind>, answer: &[u8]) -> bool {
    match kind {
        Some(kind) => kind.is_ready(answer),
        None => answer.starts_with(b"HTTP/1.1 200") && answer.windows(4).any(|w| w == b"\r\n\r\n"),
    }
}

impl Crowd {
    /// Lets all of them connect, each by what it writes first.
    async fn gather(port: u16, heads: Vec<Vec<u8>>, kind: Option<Kind>) -> Arc<Crowd> {
        let crowd = Arc::new(Crowd::default());
        let doors = Arc::new(Semaphore::new(64));
        let count = heads.len();
        for head in heads {
            let (crowd, doors) = (crowd.clone(), doors.clone());
            tokio::spawn(async move {
                let listens = async {
                    let turn = doors.acquire().await.unwrap();
                    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
                    stream.write_all(&head).await?;
                    let mut begun = Vec::new();
                    let mut buffer = [0; 512];
                    while !is_ready(kind, &begun) {
                        let read = stream.read(&mut buffer).await?;
                        if read == 0 {
                            return Err(std::io::ErrorKind::UnexpectedEof.into());
                        }
                        begun.extend_from_slice(&buffer[..read]);
                    }
                    drop(turn);
                    crowd.ready.fetch_add(1, SeqCst);
                    loop {
                        let read = stream.read(&mut buffer).await?;
                        if read == 0 {
                            return Err(std::io::ErrorKind::UnexpectedEof.into());
                        }
                        // A message is one small frame; what else comes is a pulse.
                        if buffer[..read].windows(4).any(|w| w == b"bell") {
                            crowd.hears();
                        }
                    }
                };
                let ended: std::io::Result<()> = listens.await;
                drop(ended);
                crowd.lost.fetch_add(1, SeqCst);
            });
        }
        let begun = Instant::now();
        while crowd.ready.load(SeqCst) + crowd.lost.load(SeqCst) < count {
            let ready = crowd.ready.load(SeqCst);
            assert!(begun.elapsed() < Duration::from_secs(120), "only {ready} of {count} listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(crowd.lost.load(SeqCst), 0, "some could not listen");
        crowd
    }

    fn hears(&self) {
        let now = system_now();
        *self.last.lock().unwrap() = now;
        if self.heard.fetch_add(1, SeqCst) == 0 {
            *self.first.lock().unwrap() = now;
        }
    }

    async fn heard_by_all(&self) {
        let (begun, count) = (Instant::now(), self.ready.load(SeqCst));
        while self.heard.load(SeqCst) < count && begun.elapsed() < Duration::from_secs(30) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let heard = self.heard.load(SeqCst);
        assert!(heard >= count, "only {heard} of {count} have heard it");
    }

    async fn quiet(&self) {
        loop {
            let before = self.heard.load(SeqCst);
            tokio::time::sleep(Duration::from_millis(300)).await;
            if self.heard.load(SeqCst) == before {
                self.heard.store(0, SeqCst);
                return;
            }
        }
    }
}

/// What the process does: reads what each writes first, one a line in hexadecimal, until an empty line; then one line for
/// each message to come.
pub async fn serve(port: u16, kind: Option<Kind>) {
    let mut lines = std::io::stdin().lines().map(Result::unwrap);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let head = |line: String| line.as_bytes().chunks(2).map(byte).collect();
    let heads = lines.by_ref().take_while(|line| !line.is_empty()).map(head).collect();
    let crowd = Crowd::gather(port, heads, kind).await;
    println!("ready");
    for _ in lines {
        crowd.quiet().await;
        println!("quiet");
        crowd.heard_by_all().await;
        println!("{} {}", crowd.first.lock().unwrap(), crowd.last.lock().unwrap());
    }
}

/// That process.
pub struct Listeners {
    child: Child,
    tell: ChildStdin,
    said: BufReader<ChildStdout>,
}

impl Listeners {
    /// Starts it, and waits until all listen.
    pub fn start(port: u16, heads: &[Vec<u8>], kind: Option<Kind>) -> Listeners {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["crowd", &port.to_string()]);
        command.args(kind.map(|kind| format!("{kind:?}").to_lowercase()));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut tell, said) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut text = String::new();
        for head in heads {
            text.extend(head.iter().map(|byte| format!("{byte:02x}")));
            text.push('\n');
        }
        text.push('\n');
        tell.write_all(text.as_bytes()).unwrap();
        let mut listeners = Listeners { child, tell, said };
        assert_eq!(listeners.line(), "ready");
        listeners
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    /// Waits until none hears anything any more.
    pub fn quiet(&mut self) {
        self.tell.write_all(b"next\n").unwrap();
        assert_eq!(self.line(), "quiet");
    }

    /// How long after `begun`, in unix microseconds, the first and the last of them heard the message.
    pub fn heard_by_all(&mut self, begun: i64) -> (Duration, Duration) {
        let line = self.line();
        let (first, last) = line.split_once(' ').unwrap();
        let after = |at: &str| Duration::from_micros((at.parse::<i64>().unwrap() - begun).unsigned_abs());
        (after(first), after(last))
    }
}

impl Drop for Listeners {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
