//! How long «what is new for me» takes among a million views, beside the same question without any access control.
//!
//! `cargo run --release --example bench_feed -- [--views N] [--audiences N] [--orgs N] [--dir DIR]`

#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement, not a program")]

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use clap::Parser;
use noroshi::{
    args,
    store::{Address, Conn, LayerView, Store, db::Purpose, roster},
};
use noroshi_council::{Actor, Class, Layer, Org, PersonId, Role, Seat, Sight, Standing, Text, ThingId};

#[derive(Parser)]
struct Options {
    #[arg(long, default_value_t = 1_000_000)]
    views: u32,
    #[arg(long, default_value_t = 3000)]
    audiences: u32,
    #[arg(long, default_value_t = 1000)]
    orgs: u32,
    /// Measurements of each kind.
    #[arg(long, default_value_t = 2000)]
    runs: usize,
    /// Where the database goes; a temporary folder if not said.
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// The same dice on every machine.
struct Dice(u64);
impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
    fn below(&mut self, n: u32) -> u32 {
        (self.roll() * f64::from(n)) as u32
    }
}

/// The last twenty organisations see a five-hundredth of what the others see: new general members.
const NEWCOMERS: u32 = 20;
/// The organisation before them is in the last five hundred audiences, which have had nothing for long: the hardest reader.
const QUIET: u32 = 500;
const PAGE: usize = 50;
const RARE: u32 = 1000;

fn org(n: u32) -> String {
    format!("org{n:04}")
}

fn reader(n: u32) -> Actor {
    Actor {
        person: PersonId(format!("p{n}")),
        org: org(n).as_str().into(),
        seat: Seat::Member(Class::Class2),
        standing: Standing::Active,
        roles: BTreeSet::from([Role::Handler]),
        pledged: true,
        stepped_up: false,
    }
}

/// Readers are members: what is read is held against the membership.
async fn enrol(store: &Store, orgs: u32) {
    let enrolled = store.write(move |tx| {
        for n in 0..orgs {
            let member = Org {
                id: org(n).as_str().into(),
                name: Text::same(&org(n)),
                seat: Seat::Member(Class::Class2),
                sector: "railway".into(),
                association: false,
                constituents: 0,
                receives_secrets: true,
                listed: false,
                opening_minute: 510,
                standing: Standing::Active,
                joined_at: 0,
            };
            roster::put(tx, &member, "")?;
        }
        Ok(())
    });
    enrolled.await.unwrap();
}

fn fill(address: &Address, options: &Options) {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let mut conn = Conn::open(address, Purpose::Write).unwrap();
    conn.batch("pragma synchronous = off; pragma cache_size = -400000; begin").unwrap();
    let mut members = 0_u64;
    for audience in 0..options.audiences {
        conn.exec(
            "insert into audience (id, content, size) values (?1, ?2, 1)",
            args![audience, format!("{audience:064x}")],
        )
        .unwrap();
        // A tenth goes to everybody, half to about a sixth, the rest to about a third.
        let share = match audience % 10 {
            0 => 1.0,
            1..=5 => 0.02 + 0.3 * dice.roll(),
            _ => 0.15 + 0.3 * dice.roll(),
        };
        for n in 0..options.orgs {
            let newcomer = n >= options.orgs - NEWCOMERS;
            let share = if newcomer { share * 0.002 } else { share };
            let quiet = audience >= options.audiences.saturating_sub(QUIET);
            let in_it = if n == options.orgs - NEWCOMERS - 1 { quiet } else { dice.roll() < share };
            if in_it {
                conn.exec("insert into audience_member values (?1, ?2)", args![org(n), audience]).unwrap();
                members += 1;
            }
        }
    }
    let body = format!(
        "{{\"title\":{{\"ja\":\"国鉄系列の制御端末における不審な通信への対策\",\"en\":\"A countermeasure\"}},\"text\":\"{}\"}}",
        "0123456789abcdef".repeat(16)
    );
    for n in 0..options.views {
        let (kind, layer) = if dice.below(RARE) == 0 {
            ("consultation", Layer::Inquiry)
        } else {
            ("measure", Layer::Countermeasure)
        };
        let loud = options.audiences.saturating_sub(if n < options.views / 100 { 0 } else { QUIET });
        let audience = (dice.roll().powi(2) * f64::from(loud)) as u32;
        let seq = 1_700_000_000_000_000_i64 + i64::from(n) * 1000;
        // Ids are random, as the real ones are.
        let thing = format!("C-{:08X}{n:06X}", dice.below(u32::MAX));
        conn.exec(
            "insert into view values (?1, ?2, ?3, ?4, 'full', '', ?5, null, ?6, ?1)",
            args![seq, thing, kind, layer.as_str(), audience, body.as_str()],
        )
        .unwrap();
    }
    conn.batch("commit; pragma wal_checkpoint(truncate)").unwrap();
    println!(
        "{} views, {} audiences with {members} memberships, {} organisations",
        options.views, options.audiences, options.orgs
    );
}

struct Figure {
    p50: f64,
    p99: f64,
    most: f64,
    rows: f64,
}

fn figure(mut times: Vec<Duration>, rows: usize) -> Figure {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6;
    Figure { p50: at(0.5), p99: at(0.99), most: at(1.0), rows: rows as f64 / times.len() as f64 }
}

/// So many questions of one reader before it is the next one's turn: enough that what the others left in the caches is
/// soon gone.
const SLICE: usize = 200;

/// Asks of every reader in turn, whatever else the machine does meets all. The first of `who` is nobody in particular.
async fn measure(store: &Store, who: &[&[Actor]], of: (&'static str, Layer), runs: usize) -> Vec<Figure> {
    let mut all: Vec<(Vec<Duration>, usize)> = vec![(Vec::with_capacity(runs), 0); who.len()];
    for round in 0..=runs.div_ceil(SLICE) {
        for (readers, (times, rows)) in who.iter().zip(&mut all) {
            for n in 0..SLICE {
                let begun = Instant::now();
                let page = if readers.is_empty() {
                    plain(store, of).await
                } else {
                    let reader = store.as_seen_by(&readers[(round * SLICE + n) % readers.len()]);
                    reader.newest(of.0, of.1, None, PAGE).await.unwrap()
                };
                // The first round warms up.
                if round > 0 {
                    times.push(begun.elapsed());
                    *rows += page.len();
                }
            }
        }
    }
    all.into_iter().map(|(times, rows)| figure(times, rows)).collect()
}

/// The same question of the same table by the same way, and nobody asks who reads.
async fn plain(store: &Store, of: (&'static str, Layer)) -> Vec<LayerView> {
    store
        .read(move |conn| {
            let columns = "v.thing, v.kind, v.layer, v.sight, v.key, v.body, v.seq, v.added_at";
            let rows = conn.rows(
                &format!(
                    "select {columns} from view v where v.kind = ?1 and v.layer = ?2 and v.seq < ?3
                      order by v.seq desc limit ?4"
                ),
                args![of.0, of.1.as_str(), i64::MAX, PAGE],
            )?;
            rows.iter()
                .map(|row| {
                    Ok(LayerView {
                        thing: ThingId(row.text(0)?),
                        kind: row.text(1)?,
                        layer: Layer::parse(row.str(2)?).unwrap(),
                        sight: Sight::parse(row.str(3)?).unwrap(),
                        key: row.text(4)?,
                        body: row.json(5)?,
                        changed_at: row.int(6)?,
                        added_at: row.int(7)?,
                    })
                })
                .collect()
        })
        .await
        .unwrap()
}

/// Memory of this process that is its own, in MB.
fn own_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("RssAnon:")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(0.0) / 1000.0
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let folder = tempfile::tempdir().unwrap();
    let dir = options.dir.clone().unwrap_or_else(|| folder.path().to_owned());
    let file = dir.join("feed.db");
    let address = Address::Lite(file.clone());
    if !file.exists() {
        // The tables, and nobody who keeps them open while they are filled. The filling is a process of its own so that
        // its memory is not counted.
        let store = Store::open(&address, Arc::new(|| 1)).unwrap();
        enrol(&store, options.orgs).await;
        drop(store);
        fill(&address, &options);
        let again = std::process::Command::new(std::env::current_exe().unwrap())
            .args(std::env::args().skip(1))
            .args(options.dir.is_none().then(|| format!("--dir={}", dir.display())))
            .status()
            .unwrap();
        assert!(again.success());
        return;
    }
    println!("database {} MB", std::fs::metadata(&file).unwrap().len() / 1_000_000);
    let store = Store::open(&address, Arc::new(|| 1)).unwrap();
    let before = own_memory();

    let quiet = vec![reader(options.orgs - NEWCOMERS - 1)];
    let dense: Vec<Actor> = (0..options.orgs - NEWCOMERS - 1).step_by(7).map(reader).collect();
    let sparse: Vec<Actor> = (options.orgs - NEWCOMERS..options.orgs).map(reader).collect();
    let many = ("measure", Layer::Countermeasure);
    let rare = ("consultation", Layer::Inquiry);
    println!(
        "{:<46} {:>8} {:>8} {:>8} {:>6} {:>6} {:>6}",
        "", "p50 µs", "p99 µs", "max µs", "rows", "p50 ×", "p99 ×"
    );
    for (name, of) in [("newest 50", many), ("newest 50 of a rare kind", rare)] {
        let figures = measure(&store, &[&[], &dense, &sparse, &quiet], of, options.runs).await;
        let names = ["no access control", "dense reader", "sees almost nothing", "in 500 quiet audiences"];
        for (who, Figure { p50, p99, most, rows }) in names.into_iter().zip(&figures) {
            let (half, slow) = (p50 / figures[0].p50, p99 / figures[0].p99);
            let name = format!("{name}, {who}");
            println!("{name:<46} {p50:>8.0} {p99:>8.0} {most:>8.0} {rows:>6.1} {half:>6.2} {slow:>6.2}");
        }
    }
    println!("memory of one reader at a time: {:.1} MB more than before", own_memory() - before);
    // Eight at once, which opens every connection that the store reads by.
    let lanes = (0..8).map(|lane| {
        let (store, dense, sparse) = (store.clone(), dense.clone(), sparse.clone());
        tokio::spawn(async move {
            for n in 0..500 {
                let reader = store.as_seen_by(&if n % 2 == 0 { &dense } else { &sparse }[(n + lane) % 20]);
                reader.newest(many.0, many.1, None, PAGE).await.unwrap();
                reader.newest(rare.0, rare.1, None, PAGE).await.unwrap();
            }
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
    println!("memory of eight readers at once: {:.1} MB more than before", own_memory() - before);
}
