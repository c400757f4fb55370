//! Bodies that know their limits: requests that must arrive at an honest rate, answers that end with the server.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::sync::watch;
use tokio::time::{Instant, Sleep};

use super::line::allowed;
use crate::metrics::Metrics;

/// Why a body was not taken in whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyFlaw {
    /// It came more slowly than anybody honest sends.
    #[error("the body came too slowly")]
    TooSlow,
    /// It is larger than anything that is accepted.
    #[error("the body is larger than {0} bytes")]
    TooLarge(u64),
}

/// When the body of a request last moved, so that a handler is not blamed for a slow sender.
#[derive(Debug, Clone)]
pub struct Progress {
    start: Instant,
    moved: Arc<AtomicU64>,
}

impl Progress {
    pub(super) fn new() -> Progress {
        Progress { start: Instant::now(), moved: Arc::new(AtomicU64::new(0)) }
    }

    fn mark(&self) {
        self.moved.store(u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX), Relaxed);
    }

    /// The last moment at which something of the body came, or the start.
    #[must_use]
    pub fn last(&self) -> Instant {
        self.start + Duration::from_millis(self.moved.load(Relaxed))
    }
}

/// The body of a request under watch.
pub struct Watched {
    inner: Incoming,
    grace: Duration,
    limit: u64,
    since: Option<Instant>,
    taken: u64,
    alarm: Option<Pin<Box<Sleep>>>,
    progress: Progress,
    metrics: Arc<Metrics>,
}

impl Watched {
    pub fn new(
        inner: Incoming,
        grace: Duration,
        limit: u64,
        progress: Progress,
        metrics: Arc<Metrics>,
    ) -> Watched {
        Watched { inner, grace, limit, since: None, taken: 0, alarm: None, progress, metrics }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let since = *this.since.get_or_insert_with(Instant::now);
        match Pin::new(&mut this.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                this.progress.mark();
                this.taken += frame.data_ref().map_or(0, |data| data.len() as u64);
                if this.taken > this.limit {
                    return Poll::Ready(Some(Err(BodyFlaw::TooLarge(this.limit).into())));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let until = since + allowed(this.grace, this.taken);
                let alarm = this.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
                if alarm.deadline() != until {
                    alarm.as_mut().reset(until);
                }
                match alarm.as_mut().poll(cx) {
                    Poll::Ready(()) => {
                        this.metrics.slow_body_total.up();
                        Poll::Ready(Some(Err(BodyFlaw::TooSlow.into())))
                    }
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// What a connection is doing, for the one who decides whether to cut it.
#[derive(Debug)]
pub struct Doing {
    start: Instant,
    begun: AtomicU32,
    open: AtomicU32,
    rested: AtomicU64,
}

impl Doing {
    pub fn new() -> Arc<Doing> {
        Arc::new(Doing {
            start: Instant::now(),
            begun: AtomicU32::new(0),
            open: AtomicU32::new(0),
            rested: AtomicU64::new(0),
        })
    }

    /// Whether no request has ever been complete.
    pub fn never_asked(&self) -> bool {
        self.begun.load(Relaxed) == 0
    }

    /// For how long nothing has been asked or answered.
    pub fn resting(&self) -> Option<Duration> {
        (self.open.load(Relaxed) == 0)
            .then(|| self.start.elapsed().saturating_sub(Duration::from_millis(self.rested.load(Relaxed))))
    }
}

/// One request from its head to the end of its answer.
pub struct Open {
    doing: Arc<Doing>,
    metrics: Arc<Metrics>,
}

impl Open {
    pub fn new(doing: Arc<Doing>, metrics: Arc<Metrics>) -> Open {
        doing.begun.store(1, Relaxed);
        doing.open.fetch_add(1, Relaxed);
        metrics.requests.up();
        Open { doing, metrics }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let now = u64::try_from(self.doing.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.doing.rested.store(now, Relaxed);
        self.doing.open.fetch_sub(1, Relaxed);
        self.metrics.requests.down();
    }
}

/// A live stream: counted, and ended when the server closes.
struct Live {
    closing: Pin<Box<dyn Future<Output = ()> + Send>>,
    metrics: Arc<Metrics>,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.metrics.streams.down();
    }
}

/// The body of an answer.
pub struct Answer {
    inner: Body,
    live: Option<Live>,
    _open: Open,
}

impl Answer {
    pub fn new(inner: Body, is_stream: bool, open: Open, mut closing: watch::Receiver<bool>) -> Answer {
        let live = is_stream.then(|| {
            open.metrics.streams.up();
            let metrics = open.metrics.clone();
            let closing = Box::pin(async move {
                // An error means that the server is gone, which is a reason to end as well.
                let _ = closing.wait_for(|closed| *closed).await;
            });
            Live { closing, metrics }
        });
        Answer { inner, live, _open: open }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(live) = &mut self.live
            && live.closing.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
