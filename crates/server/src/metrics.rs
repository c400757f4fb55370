//! Counters for the operator. Totals only: no member, no thing, no address can be told from them.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident: $kind:literal, $help:literal;)+) => {
        /// All counters of one server.
        #[derive(Debug, Default)]
        pub struct Metrics { $($(#[$doc])* pub $name: Count,)+ answers: [Count; 5], slower: [Count; BOUNDS.len()], taken: Count, took_us: Count }

        impl Metrics {
            fn simple(&self, out: &mut String) {
                $(line(out, concat!("noroshi_", stringify!($name)), $kind, $help, self.$name.get());)+
            }
        }
    };
}

counters! {
    /// Connections now open.
    connections: "gauge", "connections now open";
    /// Connections accepted so far.
    connections_total: "counter", "connections accepted";
    /// Connections turned away because one address held too many.
    connections_refused_total: "counter", "connections turned away because one address held too many";
    /// Connections cut for sending their head, or nothing, too slowly.
    slow_head_total: "counter", "connections cut before their first request was complete";
    /// Bodies cut for coming too slowly.
    slow_body_total: "counter", "request bodies that came too slowly";
    /// Connections cut for not reading what they asked for.
    slow_reader_total: "counter", "connections cut because the reader did not read";
    /// TLS handshakes that failed or took too long.
    tls_failed_total: "counter", "TLS handshakes that failed";
    /// Live streams (SSE) now open.
    streams: "gauge", "live streams now open";
    /// Requests being answered now.
    requests: "gauge", "requests being answered now";
    /// Requests refused for coming too often.
    limited_total: "counter", "requests refused for coming too often";
    /// Unsafe requests refused for coming from a foreign page.
    foreign_total: "counter", "unsafe requests refused for coming from a foreign page";
    /// Handlers that ran out of time.
    handler_timeout_total: "counter", "handlers that ran out of time";
    /// Handlers that panicked.
    panics_total: "counter", "handlers that panicked";
    /// Times that a stored audience let somebody read what the rules do not, so that nothing was shown.
    disagreements_total: "counter", "views not shown because their stored audience and the rules disagree";
    /// Answers with a reference number that only the log explains.
    internal_total: "counter", "internal errors";
}

/// One number.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// One more.
    pub fn up(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    /// One less.
    pub fn down(&self) {
        self.0.fetch_sub(1, Relaxed);
    }

    /// Many more.
    pub fn add(&self, many: u64) {
        self.0.fetch_add(many, Relaxed);
    }

    /// Its present value.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// Upper bounds of the histogram, in milliseconds.
const BOUNDS: [u64; 8] = [1, 5, 20, 50, 200, 1_000, 5_000, 30_000];

impl Metrics {
    /// Counts one answer.
    pub fn answered(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).clamp(1, 5) - 1;
        self.answers[class].up();
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for (count, bound) in self.slower.iter().zip(BOUNDS) {
            if micros <= bound * 1_000 {
                count.up();
            }
        }
        self.taken.up();
        self.took_us.add(micros);
    }

    /// Everything in the text format of Prometheus.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(4096);
        self.simple(&mut out);
        let help = "lines of log about answered requests that were dropped because they came too fast";
        line(&mut out, "noroshi_log_lines_dropped_total", "counter", help, crate::logs::dropped());
        let name = "noroshi_answers_total";
        let _ = writeln!(out, "# HELP {name} answers by class of status\n# TYPE {name} counter");
        for (class, count) in self.answers.iter().enumerate() {
            let _ = writeln!(out, "{name}{{class=\"{}xx\"}} {}", class + 1, count.get());
        }
        let name = "noroshi_answer_seconds";
        let _ = writeln!(out, "# HELP {name} time until an answer began\n# TYPE {name} histogram");
        for (count, bound) in self.slower.iter().zip(BOUNDS) {
            let _ =
                writeln!(out, "{name}_bucket{{le=\"{}.{:03}\"}} {}", bound / 1000, bound % 1000, count.get());
        }
        let taken = self.taken.get();
        let micros = self.took_us.get();
        let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {taken}");
        let _ = writeln!(
            out,
            "{name}_sum {}.{:06}\n{name}_count {taken}",
            micros / 1_000_000,
            micros % 1_000_000
        );
        out
    }
}

fn line(out: &mut String, name: &str, kind: &str, help: &str, value: u64) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_add_up() {
        let metrics = Metrics::default();
        metrics.answered(204, Duration::from_millis(3));
        metrics.answered(503, Duration::from_secs(40));
        let text = metrics.text();
        assert!(text.contains("noroshi_answers_total{class=\"2xx\"} 1\n"), "{text}");
        assert!(text.contains("noroshi_answer_seconds_bucket{le=\"0.005\"} 1\n"));
        assert!(text.contains("noroshi_answer_seconds_bucket{le=\"30.000\"} 1\n"));
        assert!(text.contains("noroshi_answer_seconds_bucket{le=\"+Inf\"} 2\n"));
        assert!(text.contains("noroshi_answer_seconds_sum 40.003000\n"));
    }
}
