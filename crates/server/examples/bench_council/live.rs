//! From the second person's approval until the last listener has heard the bell.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use noroshi::demo::door::Door;
use noroshi::{
    args,
    store::{Conn, db::Purpose},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Semaphore,
};

use crate::{
    Options, median, ms,
    peers::{Kind, Peer},
    raw::Writer,
    world::{Server, World},
};

/// Everybody who listens: how many have heard each message, and when the last did.
#[derive(Default)]
struct Crowd {
    ready: AtomicUsize,
    heard: AtomicUsize,
    last: Mutex<Option<Instant>>,
    lost: AtomicUsize,
}

impl Crowd {
    /// Lets all of them connect, each by what it writes first; `is_ready` sees by the answer that it listens.
    async fn gather(
        port: u16,
        heads: Vec<Vec<u8>>,
        is_ready: impl Fn(&[u8]) -> bool + Copy + Send + Sync + 'static,
    ) -> Arc<Crowd> {
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
                    while !is_ready(&begun) {
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
                            *crowd.last.lock().unwrap() = Some(Instant::now());
                            crowd.heard.fetch_add(1, SeqCst);
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
            assert!(begun.elapsed() < Duration::from_secs(60), "only {ready} of {count} listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(crowd.lost.load(SeqCst), 0, "some could not listen");
        crowd
    }

    /// How long after `begun` the last of them heard it.
    async fn heard_by_all(&self, begun: Instant) -> Duration {
        let count = self.ready.load(SeqCst);
        while self.heard.load(SeqCst) < count && begun.elapsed() < Duration::from_secs(20) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let heard = self.heard.load(SeqCst);
        assert!(heard >= count, "only {heard} of {count} have heard it");
        self.last.lock().unwrap().unwrap().duration_since(begun)
    }

    async fn quiet(&self) {
        loop {
            let before = self.heard.load(SeqCst);
            tokio::time::sleep(Duration::from_millis(400)).await;
            if self.heard.load(SeqCst) == before {
                self.heard.store(0, SeqCst);
                return;
            }
        }
    }
}

fn answered(answer: &[u8]) -> bool {
    answer.starts_with(b"HTTP/1.1 200") && answer.windows(4).any(|w| w == b"\r\n\r\n")
}

/// What another program takes for the same: until the last has it, and memory for each.
async fn of_peer(kind: Kind, count: usize, messages: usize) -> Option<(Duration, f64)> {
    let mut peer = Peer::start(kind).await?;
    let before = peer.memory();
    let crowd = Crowd::gather(peer.port, vec![kind.hello(); count], move |a| kind.is_ready(a)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let each = (peer.memory() - before) / count as f64;
    let mut times = Vec::new();
    for _ in 0..messages {
        crowd.quiet().await;
        let begun = Instant::now();
        peer.tell().await;
        times.push(crowd.heard_by_all(begun).await);
    }
    Some((median(times), each))
}

pub async fn run(options: &Options, messages: usize) {
    let world = World::make(options).await;
    let count = world.people.len();

    let mut writer = Writer::start();
    let crowd = Crowd::gather(writer.port, vec![b"GET / HTTP/1.1\r\n\r\n".to_vec(); count], answered).await;
    let mut raw = Vec::new();
    for _ in 0..messages {
        crowd.quiet().await;
        let begun = Instant::now();
        writer.write();
        raw.push(crowd.heard_by_all(begun).await);
    }
    drop(writer);
    tokio::time::sleep(Duration::from_millis(500)).await;

    let server = Server::start(options, world.dir.path(), &[]);
    let door = Door::new(&server.url, world.accounts.clone()).unwrap();
    door.step_up("coordinator").await.unwrap();
    let before = server.memory();
    let head = |token: &str| {
        format!("GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n")
            .into_bytes()
    };
    let heads = world.people.iter().map(|(_, token)| head(token)).collect();
    let crowd = Crowd::gather(server.port, heads, answered).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let each = (server.memory() - before) / count as f64;
    let mut conn = Conn::open(&world.address(), Purpose::Read).unwrap();
    let mut ledger = |rev: usize| {
        let sql = "select count(*) from receipt where thing = ?1 and rev = ?2";
        let row = conn.one(sql, args![world.measure.as_str(), rev]).unwrap().unwrap();
        row.int(0).unwrap() as usize
    };
    let (mut ours, mut written) = (Vec::new(), Vec::new());
    for n in 0..messages {
        crowd.quiet().await;
        let (door, measure) = (door.clone(), world.measure.clone());
        let begun = Instant::now();
        let told = tokio::spawn(async move {
            let path = |rest: &str| format!("/api/v1/measures/{measure}/{rest}");
            if n == 0 {
                door.tap("coordinator", &path("releases/high/approve")).await.unwrap();
            } else {
                let update = json!({"change": "update", "note": format!("{n}")});
                door.post("coordinator", &path("revisions"), update).await.unwrap();
            }
        });
        let time = crowd.heard_by_all(begun).await;
        told.await.unwrap();
        while ledger(n + 1) < options.orgs {
            assert!(begun.elapsed() < Duration::from_secs(20), "the ledger has {}", ledger(n + 1));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        written.push(begun.elapsed());
        ours.push(time);
    }
    drop((crowd, server));
    let (release, ratio) = (ours[0], ms(median(ours.clone())) / ms(median(raw.clone())));
    println!("{count} listeners, each as a person of its own, in {} organisations", options.orgs);
    println!("raw writes of the same bytes     last after {:>7.1} ms", ms(median(raw)));
    println!("release                          last after {:>7.1} ms", ms(release));
    println!("release and updates, median      last after {:>7.1} ms   ratio {ratio:.2}", ms(median(ours)));
    println!("ledger of {} organisations       written after {:>4.1} ms", options.orgs, ms(median(written)));
    println!("memory for each listener         {each:.1} kB");
    for kind in Kind::ALL {
        // The sockets of the one before are closed first.
        tokio::time::sleep(Duration::from_secs(1)).await;
        match of_peer(kind, count, messages).await {
            Some((time, each)) => {
                println!("{:<32} last after {:>7.1} ms   {each:.1} kB for each", kind.name(), ms(time));
            }
            None => println!("{:<32} absent: it is not installed", kind.name()),
        }
    }
}
