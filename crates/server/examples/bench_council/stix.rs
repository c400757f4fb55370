//! STIX going in, durable, beside plain commits of the same rows; and pages of TAXII going out, beside a bare handler that
//! serves the same bytes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use noroshi::{
    acts::Caller,
    app::App,
    config::{Config, system_now},
    identity,
    import::Heading,
    import::Imported,
    store::{Address, Store},
};
use noroshi_council::{Actor, Class, Scope, import::Given};
use noroshi_wire::stix::{self, Limits, Object};

use crate::{
    Options,
    bare::{self, Bare},
    medallion, median, ms, spread,
    world::{Server, World},
};

/// As programs send them.
const BATCH: usize = 100;
/// The collection, by its alias.
const PAGE: &str = "/taxii2/noroshi/collections/library/objects/?limit=100";

/// An indicator of about the size that is usual, with a random id.
pub fn objects(count: usize) -> Vec<Object> {
    let mut text = String::from(
        "{\"type\":\"bundle\",\"id\":\"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d\",\"objects\":[",
    );
    for n in 0..count {
        let id = uuid::Uuid::new_v4();
        let comma = if n > 0 { "," } else { "" };
        text.push_str(&format!(
            "{comma}{{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--{id}\",\
             \"created\":\"2017-05-12T12:00:00.000Z\",\"modified\":\"2017-05-12T12:00:00.000Z\",\
             \"name\":\"Command and control {n}\",\"description\":\"{}\",\"indicator_types\":[\"malicious-activity\"],\
             \"pattern\":\"[domain-name:value = 'c{n}.{id}.example']\",\"pattern_type\":\"stix\",\
             \"valid_from\":\"2017-05-12T12:00:00Z\"}}",
            "Seen in the logs of several organisations on the same night. ".repeat(4),
        ));
    }
    text.push_str("]}");
    let mut all = Vec::with_capacity(count);
    stix::read(text.as_bytes(), &Limits::default(), |object| {
        all.push(object);
        Ok::<(), stix::Error>(())
    })
    .unwrap();
    all
}

fn heading() -> Heading {
    let scope = Scope::classes([Class::General, Class::Class1, Class::Class2]);
    Heading { scope, secret: false, source: "bench".into(), given: Given::default() }
}

/// A council in process, and somebody who may bring objects.
struct Place {
    app: App,
    actor: Actor,
}

impl Place {
    fn open(world: &World) -> Place {
        let store = world.store();
        let app = App::open(store.clone(), &Config::local(world.dir.path()).unwrap()).unwrap();
        let pledge = app.charter().parameters().pledge.version.clone();
        let id = &world.accounts["c1a"].org;
        let (person, _) = world.people.iter().find(|(p, _)| p.org.0 == *id).unwrap();
        let actor = identity::actor(person, &store.roster(), &pledge, false).unwrap();
        Place { app, actor }
    }

    async fn begin(&self, first: Vec<Object>) -> Imported {
        let caller = Caller::new(self.actor.clone());
        let council = self.app.council();
        council.begin_import(caller, heading(), first).await.unwrap()
    }

    /// Brings until there are `count` of them.
    async fn fill(&self, count: usize) {
        let mut done = 0;
        while done < count {
            let next = (count - done).min(20_000);
            let caller = Caller::new(self.actor.clone());
            let council = self.app.council();
            let all = objects(next);
            council.import(&caller, heading(), all, |_| {}).await.unwrap();
            done += next;
        }
    }
}

pub async fn import(options: &Options, there: usize, batches: usize) {
    for clients in [1, 4] {
        import_by(options, there, batches, clients).await;
    }
}

async fn import_by(options: &Options, there: usize, batches: usize, clients: usize) {
    let world = World::make(options).await;
    let place = Place::open(&world);
    place.fill(there).await;
    let mut raw = Raw::open(&world.dir.path().join("raw.db"), false);
    let mut ordered = Raw::open(&world.dir.path().join("ordered.db"), true);
    // In commits of the size that ours had, so that both have logs of the same length to write over: one that was never
    // written to its end is neither checkpointed nor made longer while it is measured, and then looks eight times as fast.
    for batch in objects(there).chunks(1000) {
        raw.commit(batch);
        ordered.commit(batch);
    }
    let import = place.begin(objects(1)).await.id;
    let (mut ours, mut limit, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut indexed, mut indexed_ratios) = (Vec::new(), Vec::new());
    for round in 0..=5 {
        let (mut acts, mut bare, mut found) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        // In turn, a little of each: whatever else the machine does meets all.
        for _ in 0..batches.div_ceil(SLICE) {
            let given: Vec<Vec<Object>> = (0..SLICE).map(|_| objects(BATCH)).collect();
            let same = given.clone();
            let begun = Instant::now();
            let council = place.app.council();
            stream::iter(given)
                .map(|batch| council.go_on_importing(Caller::new(place.actor.clone()), import.clone(), batch))
                .buffer_unordered(clients)
                .for_each(|done| async move { assert!(done.is_ok()) })
                .await;
            acts += begun.elapsed();
            let begun = Instant::now();
            for batch in &same {
                raw.commit(batch);
            }
            bare += begun.elapsed();
            let begun = Instant::now();
            for batch in &same {
                ordered.commit(batch);
            }
            found += begun.elapsed();
        }
        // The first round warms up.
        if round > 0 {
            ratios.push(bare.as_secs_f64() / acts.as_secs_f64());
            indexed_ratios.push(found.as_secs_f64() / acts.as_secs_f64());
            ours.push(acts);
            limit.push(bare);
            indexed.push(found);
        }
    }
    let done = batches.div_ceil(SLICE) * SLICE * BATCH;
    let rate = |times: Vec<Duration>| done as f64 / median(times).as_secs_f64();
    let (ours, limit, indexed) = (rate(ours), rate(limit), rate(indexed));
    println!(
        "batches of {BATCH} objects of about 700 bytes, each batch durable, {there} objects already there, {clients} at a time"
    );
    println!("brought to the council                             {ours:>8.0} objects a second");
    println!(
        "plain SQLite commits of the same rows, no index    {limit:>8.0} objects a second   ratio {}",
        spread(ratios)
    );
    println!(
        "the same, with the indexes that pages are read by  {indexed:>8.0} objects a second   ratio {}",
        spread(indexed_ratios)
    );
}

/// So many batches of either side before it is the other's turn.
const SLICE: usize = 20;

/// The limit: the same durability and the columns of the same rows, found by nothing but the order of their coming; or by
/// what pages are read by as well, which is in order too, but not by their ids.
struct Raw {
    conn: rusqlite::Connection,
    seq: i64,
}

impl Raw {
    fn open(file: &std::path::Path, indexed: bool) -> Raw {
        drop(Store::open(&Address::Lite(file.to_owned()), Arc::new(|| 1)).unwrap());
        let conn = rusqlite::Connection::open(file).unwrap();
        conn.execute_batch(
            "pragma synchronous = full; pragma wal_autocheckpoint = 8000; pragma cache_size = -16000;
             create table plain (seq integer primary key, lane, type, stix_id, version, said, spec, size, body);",
        )
        .unwrap();
        if indexed {
            conn.execute_batch(
                "create index plain_feed on plain (lane, seq, size);
                 create index plain_by_type on plain (type, lane, seq, size);",
            )
            .unwrap();
        }
        Raw { conn, seq: system_now() }
    }

    fn commit(&mut self, objects: &[Object]) {
        self.conn.execute_batch("begin immediate").unwrap();
        {
            let mut insert = self
                .conn
                .prepare_cached("insert into plain values (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
                .unwrap();
            for object in objects {
                self.seq += 1;
                let (text, spec) = (object.text(), object.spec.as_str());
                let row = (
                    self.seq,
                    &object.kind,
                    &object.id,
                    object.version,
                    &object.version_text,
                    spec,
                    text.len() as i64,
                    text,
                );
                insert.execute(row).unwrap();
            }
        }
        self.conn.execute_batch("commit").unwrap();
    }
}

pub async fn taxii(options: &Options, counts: &[usize], clients: usize, seconds: u64) {
    let world = World::make(options).await;
    let head = |token: &String| {
        format!(
            "GET {PAGE} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
             accept: application/taxii+json;version=2.1\r\n\r\n"
        )
    };
    let heads: Arc<[String]> = world.people.iter().map(|(_, token)| head(token)).collect();
    let mut there = 0;
    println!("pages of 100 objects, {clients} clients");
    for count in counts {
        let place = Place::open(&world);
        place.fill(count - there).await;
        drop(place);
        there = *count;
        let server = Server::start(options, world.dir.path(), &[]);
        let body = bare::ask(server.port, &heads[0]).await;
        let handler = Bare::start(body.len());
        let time = Duration::from_secs(1);
        // Everybody once, because the first request of a token notes the day.
        bare::load(server.port, &heads, clients, 4 * time).await;
        let (mut ours, mut limit, mut ratios, mut p99) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..seconds {
            let (rate, slow) = bare::load(server.port, &heads, clients, time).await;
            let (bare, _) = bare::load(handler.port, &heads, clients, time).await;
            ratios.push(rate / bare);
            ours.push(rate);
            p99.push(slow);
            limit.push(bare);
        }
        let middle = |mut rates: Vec<f64>| {
            rates.sort_by(f64::total_cmp);
            rates[rates.len() / 2]
        };
        println!("{there:>8} objects there, a page has {} bytes", body.len());
        println!("  bare hyper handler, same bytes   {:>8.0} pages a second", middle(limit));
        println!(
            "  TAXII                            {:>8.0} pages a second, p99 {:>5.1} ms   ratio {}",
            middle(ours),
            ms(median(p99)),
            spread(ratios)
        );
    }
    medallion::measure(options, Duration::from_secs(seconds)).await;
}
