//! A connection that is cut when its reader does not read.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::metrics::Metrics;

/// The rate that nobody is cut for, bytes per second.
pub const HONEST_RATE: u64 = 4096;

/// How long `bytes` may take with this much grace.
pub fn allowed(grace: Duration, bytes: u64) -> Duration {
    grace + Duration::from_millis(bytes.saturating_mul(1000) / HONEST_RATE)
}

/// A stream whose writes fail once the other side has been behind for longer than the grace and an honest rate allow.
pub struct Line<T> {
    inner: T,
    grace: Duration,
    behind: Option<Behind>,
    metrics: Arc<Metrics>,
}

/// Since when the other side has not taken all, and how much it has taken since.
struct Behind {
    since: Instant,
    taken: u64,
    alarm: Pin<Box<Sleep>>,
}

impl<T> Line<T> {
    pub fn new(inner: T, grace: Duration, metrics: Arc<Metrics>) -> Line<T> {
        Line { inner, grace, behind: None, metrics }
    }

    /// What it goes over.
    pub fn inner(&self) -> &T {
        &self.inner
    }

    /// The same rule for another stream.
    pub fn over<U>(self, wrap: impl FnOnce(T) -> U) -> Line<U> {
        Line { inner: wrap(self.inner), grace: self.grace, behind: self.behind, metrics: self.metrics }
    }

    /// Judges one attempt to write.
    fn judge<R>(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<R>>,
        taken: impl Fn(&R) -> u64,
    ) -> Poll<io::Result<R>> {
        match outcome {
            Poll::Ready(Ok(done)) => {
                if let Some(behind) = &mut self.behind {
                    behind.taken += taken(&done);
                }
                Poll::Ready(Ok(done))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let grace = self.grace;
                let behind = self.behind.get_or_insert_with(|| {
                    let since = Instant::now();
                    Behind { since, taken: 0, alarm: Box::pin(tokio::time::sleep_until(since + grace)) }
                });
                let until = behind.since + allowed(grace, behind.taken);
                if behind.alarm.deadline() != until {
                    behind.alarm.as_mut().reset(until);
                }
                match behind.alarm.as_mut().poll(cx) {
                    Poll::Ready(()) => {
                        self.metrics.slow_reader_total.up();
                        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
                    }
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Line<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Line<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.judge(cx, outcome, |taken| *taken as u64)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.judge(cx, outcome, |taken| *taken as u64)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_flush(cx);
        let outcome = self.judge(cx, outcome, |()| 0);
        if matches!(outcome, Poll::Ready(Ok(()))) {
            // All of it is on its way: whoever was behind has caught up.
            self.behind = None;
        }
        outcome
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.judge(cx, outcome, |()| 0)
    }
}
