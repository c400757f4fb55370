//! A ballot of a thousand members: how long the votes take, and how long its close, with everything counted and every signature
//! and link of the published roll checked by a member. `bench_ballot [MEMBERS]`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Instant,
};

use noroshi::{
    app::{App, FIRST_CHARTER},
    assembly::roll::{self, Roll},
    charters::Charters,
    config::{Config, system_now},
    demo::{
        self,
        cast::{self, Part},
        door::{Accounts, Door},
    },
    metrics::Metrics,
    serve::serve,
    store::{Address, Store},
    web::{self, Shell},
};
use noroshi_council::{Seat, terms::DAY};
use serde_json::json;

/// The cast, and as many more as it takes.
fn members(count: usize) -> Vec<Part> {
    let mut parts = cast::parts();
    let model = parts.iter().rfind(|part| !part.acts).cloned().unwrap();
    let is_member = |part: &Part| matches!(part.org.seat, Seat::Member(_));
    for n in parts.iter().filter(|part| is_member(part)).count()..count {
        let mut part = model.clone();
        part.short = format!("m{n:05}");
        part.org.id = format!("o-m{n:05}").as_str().into();
        part.email = format!("it@m{n:05}.example");
        parts.push(part);
    }
    parts
}

#[tokio::main]
async fn main() {
    let count = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000);
    let dir = tempfile::tempdir().unwrap();
    let ahead = Arc::new(AtomicI64::new(0));
    let clock = {
        let ahead = ahead.clone();
        Arc::new(move || system_now() + ahead.load(Relaxed))
    };
    let store = Store::open(&Address::Lite(dir.path().join("noroshi.db")), clock).unwrap();
    Charters::open(&store, FIRST_CHARTER).unwrap();
    let config = Config::local(dir.path()).unwrap();
    let app = App::open(store.clone(), &config).unwrap();
    let (named, others) = demo::fill(&store, app.charter().parameters(), members(count)).await.unwrap();
    let accounts: Accounts = named.into_iter().chain(others).collect();
    let metrics = Arc::new(Metrics::default());
    let shell = Shell::new(&config, app.renderer(), metrics.clone(), Arc::new(|| true));
    let router = web::furnish(app.router(), &shell);
    let running = serve(&config, router, web::debug_router(metrics.clone()), metrics).await.unwrap();
    let door = Door::new(&running.url(), accounts).unwrap();
    let pass = async |by: i64| {
        ahead.fetch_add(by, Relaxed);
        while app.council().let_time_pass().await.unwrap() {}
    };

    let body = json!({"title": "決議", "matter": {"kind": "resolution", "text": "総会は、これを承認する。"}});
    let motion = door.make("secretariat", "/api/v1/motions", body).await.unwrap();
    door.step_up("secretariat").await.unwrap();
    let now = store.now();
    let when = json!({"opens_at": now + 15 * DAY, "closes_at": now + 20 * DAY});
    let at = format!("/api/v1/motions/{motion}");
    door.post("secretariat", &format!("{at}/notice"), when).await.unwrap();
    pass(15 * DAY).await;

    let voters = door.accounts().iter().filter(|(_, account)| account.is_member());
    let begun = Instant::now();
    let mut votes = 0;
    for (no, (who, _)) in voters.enumerate() {
        let choice = ["yes", "yes", "no", "yes", "abstain"][no % 5];
        door.post(who, &format!("{at}/ballots"), json!({"choice": choice})).await.unwrap();
        votes += 1;
    }
    let voted = begun.elapsed();

    let begun = Instant::now();
    pass(5 * DAY).await;
    let closed = begun.elapsed();
    let read: Roll = serde_json::from_value(door.get("ga", &format!("{at}/roll")).await.unwrap()).unwrap();
    let served = begun.elapsed() - closed;
    let found = roll::verify(&read).unwrap();
    let all = begun.elapsed();
    println!("{votes} votes, one after another       {:>8.2} s", voted.as_secs_f64());
    println!("the close: counted, sealed, told      {:>8.2} s", closed.as_secs_f64());
    println!("the roll, as a member reads it        {:>8.2} s", served.as_secs_f64());
    println!("every signature and link checked      {:>8.2} s", (all - closed - served).as_secs_f64());
    println!(
        "together, after the close             {:>8.2} s   ({:?}, {} counted)",
        all.as_secs_f64(),
        found.result,
        found.tally.cast
    );
    running.stop().await;
}
