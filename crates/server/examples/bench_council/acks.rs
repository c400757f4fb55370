//! Everybody acknowledges at once. Beside it: one thread that commits the same rows in groups and does nothing else.

use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use noroshi::{
    acts::Caller,
    app::App,
    config::{Config, system_now},
    identity,
    store::{Address, Store},
};
use noroshi_council::{Action, ThingId, receipt::Status};
use tokio::sync::{Semaphore, oneshot};

use crate::{
    Options, median, ms, spread,
    world::{Server, World},
};

pub async fn run(options: &Options, at_once: usize, rounds: usize) {
    let world = World::make(options).await;
    {
        let server = Server::start(options, world.dir.path(), &[]);
        let door = noroshi::demo::door::Door::new(&server.url, world.accounts.clone()).unwrap();
        door.step_up("coordinator").await.unwrap();
        let path = format!("/api/v1/measures/{}/releases/high/approve", world.measure);
        door.tap("coordinator", &path).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let store = world.store();
    let app = App::open(store.clone(), &Config::local(world.dir.path()).unwrap()).unwrap();
    let pledge = app.charter().parameters().pledge.version.clone();
    let roster = store.roster();
    let actors: Vec<_> = world
        .people
        .iter()
        .filter_map(|(person, _)| identity::actor(person, &roster, &pledge, false))
        .collect();
    let id = ThingId(world.measure.clone());
    let raw = Arc::new(Raw::start(&world));
    let all = Arc::new(actors);
    let (mut ours, mut limit, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut ours_slow, mut limit_slow) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let (mut acts, mut bare) = (Duration::ZERO, Duration::ZERO);
        // In turn, a little of each: whatever else the machine does meets both.
        for begin in (0..all.len()).step_by(SLICE) {
            let count = SLICE.min(all.len() - begin);
            let (app, id, actors) = (app.clone(), id.clone(), all.clone());
            let (time, times) = burst(count, at_once, move |n| {
                let (app, id, actor) = (app.clone(), id.clone(), actors[begin + n].clone());
                async move {
                    let caller = Caller::new(actor);
                    app.council().acknowledge(caller, id, Status::Doing, String::new(), None).await.unwrap();
                }
            })
            .await;
            acts += time;
            let raw = raw.clone();
            let (time, raw_times) = burst(count, at_once, move |n| {
                let raw = raw.clone();
                async move { raw.commit(begin + n).await }
            })
            .await;
            bare += time;
            // The first round warms up.
            if round > 0 {
                ours_slow.extend(times);
                limit_slow.extend(raw_times);
            }
        }
        if round > 0 {
            ratios.push(bare.as_secs_f64() / acts.as_secs_f64());
            ours.push(acts);
            limit.push(bare);
        }
    }
    let rate = |times: Vec<Duration>| all.len() as f64 / median(times).as_secs_f64();
    let slow = |mut times: Vec<Duration>| {
        times.sort_unstable();
        ms(times[times.len() * 99 / 100])
    };
    println!("{} acknowledgements, {at_once} at a time, each durable when it is answered", all.len());
    println!(
        "group commit of the same rows   {:>8.0} a second, p99 {:>6.1} ms",
        rate(limit),
        slow(limit_slow)
    );
    println!(
        "acknowledgements                {:>8.0} a second, p99 {:>6.1} ms   ratio {}",
        rate(ours),
        slow(ours_slow),
        spread(ratios)
    );
}

/// So many of either side before it is the other's turn.
const SLICE: usize = 1000;

/// Does `count` of something, some at a time. Answers how long all of it took, and each.
async fn burst<F: Future<Output = ()> + Send + 'static>(
    count: usize,
    at_once: usize,
    one: impl Fn(usize) -> F,
) -> (Duration, Vec<Duration>) {
    let begun = Instant::now();
    let places = Arc::new(Semaphore::new(at_once));
    let mut tasks = Vec::with_capacity(count);
    for n in 0..count {
        let place = places.clone().acquire_owned().await.unwrap();
        let one = one(n);
        tasks.push(tokio::spawn(async move {
            let begun = Instant::now();
            one.await;
            drop(place);
            begun.elapsed()
        }));
    }
    let mut times = Vec::with_capacity(count);
    for task in tasks {
        times.push(task.await.unwrap());
    }
    (begun.elapsed(), times)
}

type Asked = (usize, oneshot::Sender<()>);

/// The limit: the tables and durability of the council, the two rows of an acknowledgement, and nothing else.
struct Raw(mpsc::SyncSender<Asked>);

impl Raw {
    fn start(world: &World) -> Raw {
        let file = world.dir.path().join("raw.db");
        drop(Store::open(&Address::Lite(file.clone()), Arc::new(|| 1)).unwrap());
        let people = world.people.clone();
        let (send, asked) = mpsc::sync_channel::<Asked>(8192);
        std::thread::spawn(move || {
            let conn = rusqlite::Connection::open(file).unwrap();
            conn.execute_batch("pragma synchronous = full; pragma wal_autocheckpoint = 8000;").unwrap();
            let mut receipt = conn
                .prepare(
                    "insert into receipt (thing, org, rev, queued_at, acked_at, acked_rev, person, proxy, status,
                            status_at, note) values ('C-00000000', ?1, 1, ?2, ?2, 1, ?3, 0, 'doing', ?2, '')
                     on conflict (thing, org) do update set acked_at = excluded.acked_at, person = excluded.person,
                            status_at = excluded.status_at",
                )
                .unwrap();
            let mut journal = conn
                .prepare(
                    "insert into journal (seq, at, person, org, action, thing, event, charter, reason, content, hash)
                     values (?1, ?1, ?2, ?3, ?4, 'C-00000000', 'acknowledged', ?5, '', ?5, ?5)",
                )
                .unwrap();
            let hash = "0".repeat(64);
            let mut seq = system_now();
            while let Ok(first) = asked.recv() {
                conn.execute_batch("begin immediate").unwrap();
                let mut waiting = Vec::new();
                let mut next = Some(first);
                while let Some((n, done)) = next {
                    let person = &people[n].0;
                    seq += 1;
                    receipt.execute((&person.org.0, seq, &person.id.0)).unwrap();
                    let action = Action::Acknowledge.as_str();
                    journal.execute((seq, &person.id.0, &person.org.0, action, &hash)).unwrap();
                    waiting.push(done);
                    next = if waiting.len() < 512 { asked.try_recv().ok() } else { None };
                }
                conn.execute_batch("commit").unwrap();
                for done in waiting {
                    let _ = done.send(());
                }
            }
        });
        Raw(send)
    }

    async fn commit(&self, n: usize) {
        let (done, receive) = oneshot::channel();
        self.0.send((n, done)).unwrap();
        receive.await.unwrap();
    }
}
