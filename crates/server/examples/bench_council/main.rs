//! A release to very many: how long until the last of the listeners has heard it and the relay has the last mail, and how
//! fast a burst of acknowledgements becomes durable. Each beside what the machine allows at all, in the same run.
//!
//! `cargo run --release --example bench_council -- live|acks|mail|import|taxii|still`

#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement, not a program")]

mod acks;
mod bare;
mod crowd;
mod live;
mod mail;
mod medallion;
mod peers;
mod raw;
mod still;
mod stix;
mod world;

use std::time::Duration;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Options {
    /// How many organisations.
    #[arg(long, default_value_t = 1000, global = true)]
    orgs: usize,
    /// How many people of theirs, all told.
    #[arg(long, default_value_t = 10_000, global = true)]
    people: usize,
    /// The program that is measured.
    #[arg(long, default_value = "target/release/noroshi", global = true)]
    noroshi: std::path::PathBuf,
    /// Another TAXII server, to be measured beside ours.
    #[arg(long, global = true)]
    medallion: Option<std::path::PathBuf>,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// A release until the last listener has heard it.
    Live {
        /// Releases, each of a countermeasure of its own.
        #[arg(long, default_value_t = 25)]
        messages: usize,
    },
    /// A burst of acknowledgements.
    Acks {
        /// How many wait for their answer at a time.
        #[arg(long, default_value_t = 256)]
        at_once: usize,
        #[arg(long, default_value_t = 7)]
        rounds: usize,
    },
    /// A release until the relay has the last mail.
    Mail,
    /// STIX objects going in.
    Import {
        /// How many are there already.
        #[arg(long, default_value_t = 200_000)]
        there: usize,
        #[arg(long, default_value_t = 400)]
        batches: usize,
    },
    /// Pages of TAXII going out.
    Taxii {
        /// How many objects there are, one measurement each.
        #[arg(long, value_delimiter = ',', default_value = "20000,1000000")]
        objects: Vec<usize>,
        #[arg(long, default_value_t = 16)]
        clients: usize,
        /// How many times a second of either side is measured, in turn.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
    },
    /// Start, memory at rest, sizes of pages.
    Still,
    /// The raw writer that `live` compares with.
    #[command(hide = true)]
    Raw,
    /// Those who listen to what `live` compares.
    #[command(hide = true)]
    Crowd { port: u16, kind: Option<peers::Kind> },
    /// The bare handler that `taxii` compares with.
    #[command(hide = true)]
    Bare { bytes: usize },
}

/// The middle one.
fn median(mut of: Vec<Duration>) -> Duration {
    of.sort_unstable();
    of.get(of.len() / 2).copied().unwrap_or_default()
}

/// The middle one of several ratios, with the least and the greatest.
fn spread(mut of: Vec<f64>) -> String {
    of.sort_by(f64::total_cmp);
    match of.as_slice() {
        [] => "-".to_owned(),
        [least, .., most] => format!("{:.2} ({least:.2} to {most:.2})", of[of.len() / 2]),
        [one] => format!("{one:.2}"),
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    match options.what {
        What::Live { messages } => live::run(&options, messages).await,
        What::Acks { at_once, rounds } => acks::run(&options, at_once, rounds).await,
        What::Mail => mail::run(&options).await,
        What::Still => still::run(&options).await,
        What::Import { there, batches } => stix::import(&options, there, batches).await,
        What::Taxii { ref objects, clients, seconds } => {
            stix::taxii(&options, objects, clients, seconds).await
        }
        What::Raw => raw::serve(),
        What::Crowd { port, kind } => crowd::serve(port, kind).await,
        What::Bare { bytes } => bare::serve(bytes).await,
    }
}
