//! From the second person's approval until the last listener has heard the bell.

use std::time::{Duration, Instant};

use noroshi::{
    args,
    config::system_now,
    demo::{door::Door, story::content},
    store::{Conn, db::Purpose},
};
use serde_json::json;

use crate::{
    Options,
    crowd::Listeners,
    median, ms,
    peers::{Kind, Peer},
    raw::Writer,
    spread,
    world::{Server, World, propose},
};

/// Another program with everybody listening to it.
struct Other {
    peer: Peer,
    crowd: Listeners,
    /// Memory for each listener, kB.
    each: f64,
    times: Vec<Duration>,
}

impl Other {
    /// Starts it; nothing where it is not installed.
    async fn start(kind: Kind, count: usize) -> Option<Other> {
        let peer = Peer::start(kind).await?;
        let before = peer.memory();
        let crowd = Listeners::start(peer.port, &vec![kind.hello(); count], Some(kind));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let each = (peer.memory() - before) / count as f64;
        Some(Other { peer, crowd, each, times: Vec::new() })
    }

    async fn tell(&mut self) {
        self.crowd.quiet();
        let begun = system_now();
        self.peer.tell().await;
        self.times.push(self.crowd.heard_by_all(begun).1);
    }
}

/// Releases to all, one after another.
struct Ours {
    /// Keeps its folder.
    world: World,
    server: Server,
    door: Door,
    /// What the second person has still to approve, each by a message of its own.
    waiting: Vec<String>,
    crowd: Listeners,
    each: f64,
    ledger: Conn,
    orgs: usize,
    times: Vec<Duration>,
    /// Until the first message was on its way: what the act itself took.
    acts: Vec<Duration>,
    written: Vec<Duration>,
}

impl Ours {
    async fn start(options: &Options, messages: usize) -> Ours {
        let world = World::make(options).await;
        let server = Server::start(options, world.dir.path(), &[]);
        let door = Door::new(&server.url, world.accounts.clone()).unwrap();
        door.step_up("coordinator").await.unwrap();
        door.step_up("c1a").await.unwrap();
        let mut waiting = vec![world.measure.clone()];
        for n in 1..messages {
            let draft = json!({"items": [world.item.as_str()], "content": content(&format!("対策{n}"), "更新してください。")});
            let measure = door.make("c1a", "/api/v1/measures", draft).await.unwrap();
            propose(&door, &measure).await;
            waiting.push(measure);
        }
        let before = server.memory();
        let head = |token: &str| {
            format!("GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n")
                .into_bytes()
        };
        let heads: Vec<_> = world.people.iter().map(|(_, token)| head(token)).collect();
        let count = heads.len();
        let crowd = Listeners::start(server.port, &heads, None);
        tokio::time::sleep(Duration::from_secs(1)).await;
        let each = (server.memory() - before) / count as f64;
        let ledger = Conn::open(&world.address(), Purpose::Read).unwrap();
        let (orgs, times, acts, written) = (options.orgs, Vec::new(), Vec::new(), Vec::new());
        Ours { world, server, door, waiting, crowd, each, ledger, orgs, times, acts, written }
    }

    fn in_the_ledger(&mut self, measure: &str) -> usize {
        let sql = "select count(*) from receipt where thing = ?1 and rev = 1";
        let row = self.ledger.one(sql, args![measure]).unwrap().unwrap();
        row.int(0).unwrap() as usize
    }

    async fn tell(&mut self) {
        self.crowd.quiet();
        let measure = self.waiting[self.times.len()].clone();
        let path = format!("/api/v1/measures/{measure}/releases/high/approve");
        let (begun, moment) = (Instant::now(), system_now());
        self.door.tap("coordinator", &path).await.unwrap();
        while self.in_the_ledger(&measure) < self.orgs {
            let there = self.in_the_ledger(&measure);
            assert!(begun.elapsed() < Duration::from_secs(20), "the ledger has {there}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.written.push(begun.elapsed());
        let (first, last) = self.crowd.heard_by_all(moment);
        self.acts.push(first);
        self.times.push(last);
    }
}

pub async fn run(options: &Options, messages: usize) {
    let mut ours = Ours::start(options, messages).await;
    let count = ours.world.people.len();
    let mut writer = Writer::start();
    let hello = vec![b"GET / HTTP/1.1\r\n\r\n".to_vec(); count];
    let mut crowd = Listeners::start(writer.port, &hello, None);
    let mut others = Vec::new();
    for kind in Kind::ALL {
        match Other::start(kind, count).await {
            Some(other) => others.push(other),
            None => println!("{:<32} absent: it is not installed", kind.name()),
        }
    }
    let (mut raw, mut ratios) = (Vec::new(), Vec::new());
    // In turn, one message each: whatever else the machine does meets all.
    for _ in 0..messages {
        crowd.quiet();
        let begun = system_now();
        writer.write();
        raw.push(crowd.heard_by_all(begun).1);
        ours.tell().await;
        for other in &mut others {
            other.tell().await;
        }
        ratios.push(ms(ours.times[ours.times.len() - 1]) / ms(raw[raw.len() - 1]));
    }
    println!("{count} listeners, each as a person of its own, in {} organisations", options.orgs);
    println!(
        "raw writes of the same bytes     last after {:>7.1} ms   the first {:.1} ms",
        ms(median(raw.clone())),
        ms(raw[0])
    );
    println!(
        "release, the first of the server last after {:>7.1} ms   ratio {:.2}   first after {:.1} ms",
        ms(ours.times[0]),
        ratios[0],
        ms(ours.acts[0])
    );
    println!(
        "releases, median                 last after {:>7.1} ms   ratio {}   first after {:.1} ms",
        ms(median(ours.times)),
        spread(ratios),
        ms(median(ours.acts))
    );
    println!(
        "ledger of {} organisations       written after {:>4.1} ms",
        options.orgs,
        ms(median(ours.written))
    );
    println!("memory for each listener         {:.1} kB", ours.each);
    for other in others {
        println!(
            "{:<32} last after {:>7.1} ms   {:.1} kB for each",
            other.peer.kind.name(),
            ms(median(other.times)),
            other.each
        );
    }
    drop(ours.server);
}
