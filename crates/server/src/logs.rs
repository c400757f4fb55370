//! The log: JSON lines on stderr, with no text of any thing and no id as it is.
//!
//! A line about something that went wrong or was refused is written where it happens, before anything else: it is there
//! whatever comes after. Only the lines of requests that went well ([`ANSWERED`]) are gathered for a moment and written
//! together, because a write for each took a quarter of the time of a server that answers from memory. Of those the last
//! few may be lost with a machine that dies, and some where they come faster than they can be written; how many is counted.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use sha2::{Digest, Sha256};
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::prelude::*;

/// The target of the lines that are gathered.
const ANSWERED: &str = "noroshi::answered";
/// So many gathered lines wait at most, about 2 MB; the next are dropped and counted.
const WAITING: usize = 8192;
/// For so long they are gathered.
const PAUSE: Duration = Duration::from_millis(20);
/// So many bytes are written at once.
const FULL: usize = 64 * 1024;

/// Where gathered lines go, once the log has started.
static GATHERED: OnceLock<NonBlocking> = OnceLock::new();

/// How many lines were dropped.
#[must_use]
pub fn dropped() -> u64 {
    GATHERED.get().map_or(0, |gathered| gathered.error_counter().dropped_lines() as u64)
}

/// A request that went well: its route as it is declared, and how long it took.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// GET and the like.
    pub method: &'a str,
    /// The route, with names in the place of what was asked for.
    pub route: &'a str,
    /// The status that was answered.
    pub status: u16,
    /// From the head of the request to the head of the answer, microseconds.
    pub micros: u64,
}

impl Answered<'_> {
    /// Writes its line, which looks like all the others. It goes straight to those that are gathered: by way of a visitor for
    /// each field it took a twentieth of the time of a server that answers from memory.
    pub fn log(self) {
        #[derive(Serialize)]
        struct Line<'a> {
            timestamp: String,
            level: &'a str,
            message: &'a str,
            method: &'a str,
            route: &'a str,
            status: u16,
            micros: u64,
            target: &'a str,
        }
        let Answered { method, route, status, micros } = self;
        if !tracing::enabled!(target: ANSWERED, tracing::Level::INFO) {
            return;
        }
        let Some(gathered) = GATHERED.get() else {
            tracing::info!(target: ANSWERED, method, route, status, micros, "answered");
            return;
        };
        let timestamp = format!("{:.6}", jiff::Timestamp::now());
        let line = Line {
            timestamp,
            level: "INFO",
            message: "answered",
            method,
            route,
            status,
            micros,
            target: ANSWERED,
        };
        let Ok(mut line) = serde_json::to_vec(&line) else { return };
        line.push(b'\n');
        // One that does not fit any more is counted there.
        let _ = gathered.clone().write_all(&line);
    }
}

/// Writes what is still gathered when it goes.
#[must_use]
pub struct Log {
    _gathering: WorkerGuard,
}

/// Standard error, many lines at a time.
#[derive(Default)]
struct Gathered(Vec<u8>);

impl Gathered {
    fn put(&mut self) -> io::Result<()> {
        // Locked for all of it, so that nothing stands in the middle of a line.
        let written = io::stderr().lock().write_all(&self.0);
        self.0.clear();
        written
    }
}

impl Write for Gathered {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(line);
        if self.0.len() >= FULL {
            self.put()?;
        }
        Ok(line.len())
    }

    /// Called whenever no line is waiting: more will come within the pause, and whoever writes them need not wake this
    /// thread, which costs more than the line.
    fn flush(&mut self) -> io::Result<()> {
        std::thread::sleep(PAUSE);
        self.put()
    }
}

/// Starts the log of this process, for as long as the answer is kept. A second call changes nothing.
///
/// Libraries speak only when something is wrong: some of them would print addresses and queries.
pub fn start(level: LevelFilter) -> Log {
    let (gathered, gathering) =
        NonBlockingBuilder::default().buffered_lines_limit(WAITING).finish(Gathered::default());
    if start_into(level, io::stderr) {
        let _ = GATHERED.set(gathered);
    }
    Log { _gathering: gathering }
}

/// A log that is kept instead of written, for whoever wants to look what it tells.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    /// Starts the log of this process into memory. Nothing where it has been started already.
    #[must_use]
    pub fn start(level: LevelFilter) -> Option<Kept> {
        let kept = Kept::default();
        let writer = kept.clone();
        start_into(level, move || writer.clone()).then_some(kept)
    }

    /// Everything that was logged.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
            .into_owned()
    }
}

impl std::io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn start_into<W>(level: LevelFilter, writer: W) -> bool
where
    W: for<'w> tracing_subscriber::fmt::MakeWriter<'w> + Send + Sync + 'static,
{
    let ours = tracing_subscriber::filter::Targets::new()
        .with_default(LevelFilter::WARN.min(level))
        .with_target("noroshi", level);
    let json = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(writer);
    let first = tracing_subscriber::registry().with(json.with_filter(ours)).try_init().is_ok();
    if first {
        // Where, but not what: the words of a panic may hold what it was about.
        std::panic::set_hook(Box::new(|panic| {
            let at = panic.location().map(ToString::to_string);
            tracing::error!(at, "panic");
        }));
    }
    first
}

/// `len` random bytes in base 32 without look-alikes: request and reference numbers.
#[must_use]
pub fn random_name(len: usize) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let mut bytes = vec![0_u8; len];
    if getrandom::fill(&mut bytes).is_err() {
        // Without randomness a number still has to be told apart from the next one.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        return format!("n{}", NEXT.fetch_add(1, Ordering::Relaxed));
    }
    bytes.iter().map(|b| char::from(LETTERS[usize::from(b & 31)])).collect()
}

/// A name for an id that holds for one day in one process: lines of one actor can be put side by side, and nobody can
/// tell from the log who that is.
#[must_use]
pub fn pseudonym(id: &str) -> String {
    static KEY: Mutex<Option<(u64, [u8; 32])>> = Mutex::new(None);
    let today = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() / 86_400);
    let key = {
        let mut slot = KEY.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match *slot {
            Some((day, key)) if day == today => key,
            _ => {
                let mut key = [0_u8; 32];
                if getrandom::fill(&mut key).is_err() {
                    return "-".to_owned();
                }
                *slot = Some((today, key));
                key
            }
        }
    };
    let digest = Sha256::new().chain_update(key).chain_update(id.as_bytes()).finalize();
    digest.iter().take(6).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudonym_holds_and_hides() {
        assert_eq!(pseudonym("org-1"), pseudonym("org-1"));
        assert_ne!(pseudonym("org-1"), pseudonym("org-2"));
        assert!(!pseudonym("org-1").contains("org"));
        assert_ne!(random_name(12), random_name(12));
    }
}
