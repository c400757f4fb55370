//! From the second person's approval until the relay has the last mail.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use noroshi::demo::door::Door;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::{
    Options, ms,
    world::{Server, World},
};

/// A relay that takes everything and keeps who it was for.
#[derive(Default)]
struct Relay {
    count: AtomicUsize,
    last: Mutex<Option<Instant>>,
    to: Mutex<BTreeSet<String>>,
}

impl Relay {
    async fn start() -> (Arc<Relay>, u16) {
        let relay = Arc::new(Relay::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taking = relay.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let relay = taking.clone();
                tokio::spawn(async move { relay.take(stream).await });
            }
        });
        (relay, port)
    }

    async fn take(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read);
        write.write_all(b"220 relay.example ESMTP\r\n").await?;
        let mut line = Vec::new();
        let mut body = false;
        let mut to = String::new();
        loop {
            line.clear();
            if lines.read_until(b'\n', &mut line).await? == 0 {
                return Ok(());
            }
            if body {
                if line == b".\r\n" {
                    body = false;
                    *self.last.lock().unwrap() = Some(Instant::now());
                    self.to.lock().unwrap().insert(std::mem::take(&mut to));
                    self.count.fetch_add(1, SeqCst);
                    write.write_all(b"250 taken\r\n").await?;
                }
                continue;
            }
            let verb = line.iter().take(4).map(u8::to_ascii_uppercase).collect::<Vec<_>>();
            let answer: &[u8] = match &verb[..] {
                b"EHLO" => b"250-relay.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
                b"RCPT" => {
                    to = String::from_utf8_lossy(&line).trim().to_ascii_lowercase();
                    b"250 yes\r\n"
                }
                b"DATA" => {
                    body = true;
                    b"354 go on\r\n"
                }
                b"QUIT" => {
                    write.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => b"250 yes\r\n",
            };
            write.write_all(answer).await?;
        }
    }
}

pub async fn run(options: &Options) {
    let world = World::make(options).await;
    let (relay, port) = Relay::start().await;
    let port = port.to_string();
    let more = [
        "--smtp-host",
        "127.0.0.1",
        "--smtp-port",
        &port,
        "--smtp-tls",
        "none",
        "--smtp-from",
        "council@council.example",
    ];
    let server = Server::start(options, world.dir.path(), &more.map(str::to_owned));
    let door = Door::new(&server.url, world.accounts.clone()).unwrap();
    door.step_up("coordinator").await.unwrap();
    // What the story has left in the outbox goes out first.
    let mut before = usize::MAX;
    while before != relay.count.load(SeqCst) {
        before = relay.count.load(SeqCst);
        tokio::time::sleep(Duration::from_millis(1500)).await;
    }
    relay.to.lock().unwrap().clear();
    let begun = Instant::now();
    let path = format!("/api/v1/measures/{}/releases/high/approve", world.measure);
    door.tap("coordinator", &path).await.unwrap();
    let answered = begun.elapsed();
    let wanted = world.people.len();
    while relay.to.lock().unwrap().len() < wanted {
        let taken = relay.to.lock().unwrap().len();
        assert!(begun.elapsed() < Duration::from_secs(120), "the relay has {taken} of {wanted}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let all = relay.last.lock().unwrap().unwrap().duration_since(begun);
    println!("{wanted} people, one mail each, to a relay on the same machine that keeps nothing");
    println!("the approval was answered after {:.0} ms", ms(answered));
    println!(
        "the relay had the last mail after {:.2} s: {:.0} a second",
        all.as_secs_f64(),
        wanted as f64 / all.as_secs_f64()
    );
}
