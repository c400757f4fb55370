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
    Options, median, ms,
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
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let (council, id) = (app.council().clone(), id.clone());
        let all = actors.clone();
        let acts = burst(actors.len(), at_once, move |n| {
            let (council, id, actor) = (council.clone(), id.clone(), all[n].clone());
            async move {
                council.acknowledge(Caller::new(actor), id, Status::Doing, String::new()).await.unwrap();
            }
        })
        .await;
        let raw = raw.clone();
        let bare = burst(actors.len(), at_once, move |n| {
            let raw = raw.clone();
            async move { raw.commit(n).await }
        })
        .await;
        // The first round warms up.
        if round > 0 {
            ours.push(acts);
            limit.push(bare);
        }
    }
    let rate = |time: Duration| actors.len() as f64 / time.as_secs_f64();
    let middle = |of: &[(Duration, Duration)], which: fn(&(Duration, Duration)) -> Duration| {
        median(of.iter().map(which).collect())
    };
    let (ours, ours_p99) = (middle(&ours, |t| t.0), middle(&ours, |t| t.1));
    let (limit, limit_p99) = (middle(&limit, |t| t.0), middle(&limit, |t| t.1));
    println!("{} acknowledgements, {at_once} at a time, each durable when it is answered", actors.len());
    println!("group commit of the same rows   {:>8.0} a second, p99 {:>6.1} ms", rate(limit), ms(limit_p99));
    println!(
        "acknowledgements                {:>8.0} a second, p99 {:>6.1} ms   ratio {:.2}",
        rate(ours),
        ms(ours_p99),
        rate(ours) / rate(limit)
    );
}

/// Does `count` of something, some at a time. Answers how long all of it took, and the slowest but one in a hundred.
async fn burst<F: Future<Output = ()> + Send + 'static>(
    count: usize,
    at_once: usize,
    one: impl Fn(usize) -> F,
) -> (Duration, Duration) {
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
    let all = begun.elapsed();
    times.sort_unstable();
    (all, times[times.len() * 99 / 100])
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
