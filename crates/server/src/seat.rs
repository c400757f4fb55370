//! The place of one listener: what it has still to hear, and its socket once that is its own.
//!
//! A release goes to thousands of listeners at once. Waking a task for each, to write forty bytes, costs more than the
//! writing; so where a listener has a plain socket and is not behind, whoever rings the bell writes to it directly, and its
//! task goes on sleeping.

use std::{
    convert::Infallible,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use axum::body::Bytes;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_stream::Stream;

/// The place of one listener.
pub struct Seat(Mutex<State>);

struct State {
    /// Goes out before anything else: the rest of what has begun.
    begun: Bytes,
    /// The last message that it has not heard. It needs no earlier one: both say «look again».
    waiting: Bytes,
    /// Where its task sleeps.
    waker: Option<Waker>,
    /// Its task is writing.
    busy: bool,
    socket: Option<Arc<TcpStream>>,
    gone: bool,
    /// Its listener may hear no more than what is on its way.
    over: bool,
}

impl Seat {
    /// A seat whose listener hears `first` first.
    #[must_use]
    pub fn new(first: Bytes) -> Seat {
        Seat(Mutex::new(State {
            begun: first,
            waiting: Bytes::new(),
            waker: None,
            busy: false,
            socket: None,
            gone: false,
            over: false,
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether its listener has gone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.state().gone
    }

    /// Lets whoever tells write to this socket while the listener's task sleeps.
    pub fn lend(&self, socket: Arc<TcpStream>) {
        self.state().socket = Some(socket);
    }

    /// Ends what its listener hears, and its connection with it.
    pub fn end(&self) {
        let mut state = self.state();
        state.over = true;
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    /// Tells its listener something, now or as soon as it can hear.
    pub fn tell(&self, bytes: &Bytes) {
        let mut state = self.state();
        if state.gone || state.over {
            return;
        }
        let sleeps = !state.busy && state.begun.is_empty() && state.waiting.is_empty();
        match &state.socket {
            Some(socket) if sleeps => match socket.try_write(bytes) {
                Ok(written) if written == bytes.len() => return,
                Ok(written) => state.begun = bytes.slice(written..),
                // The task finds out what is wrong with it.
                Err(_) => state.waiting = bytes.clone(),
            },
            // A comment tells nothing: it must not take the place of something that does.
            _ if bytes.starts_with(b":") && !state.waiting.is_empty() => {}
            _ => state.waiting = bytes.clone(),
        }
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }
}

/// The listener's own end of its seat: what its task has to write.
pub struct Listening(pub Arc<Seat>);

impl Stream for Listening {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut state = self.0.state();
        for part in [0, 1] {
            let bytes = if part == 0 { &mut state.begun } else { &mut state.waiting };
            if !bytes.is_empty() {
                let bytes = std::mem::take(bytes);
                state.busy = true;
                return Poll::Ready(Some(Ok(bytes)));
            }
        }
        state.busy = false;
        if state.over {
            return Poll::Ready(None);
        }
        if !state.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            state.waker = Some(cx.waker().clone());
        }
        Poll::Pending
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut state = self.0.state();
        (state.gone, state.socket, state.waker) = (true, None, None);
    }
}

/// A socket that its task shares with whoever tells.
pub struct Shared(pub Arc<TcpStream>);

impl AsyncRead for Shared {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            std::task::ready!(self.0.poll_read_ready(cx))?;
            match self.0.try_read(buf.initialize_unfilled()) {
                Ok(read) => {
                    buf.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Shared {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            std::task::ready!(self.0.poll_write_ready(cx))?;
            match self.0.try_write(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                outcome => return Poll::Ready(outcome),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(socket2::SockRef::from(&*self.0).shutdown(std::net::Shutdown::Write))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_stream::StreamExt as _;

    use super::*;

    const FIRST: Bytes = Bytes::from_static(b"first");

    /// Takes what waits, without waiting for more.
    async fn heard(listening: &mut Listening) -> Vec<Bytes> {
        let mut all = Vec::new();
        while let Ok(Some(Ok(bytes))) =
            tokio::time::timeout(std::time::Duration::from_millis(20), listening.next()).await
        {
            all.push(bytes);
        }
        all
    }

    #[tokio::test]
    async fn whoever_is_behind_hears_the_last_message_and_no_pulse_instead() {
        let seat = Arc::new(Seat::new(FIRST));
        let mut listening = Listening(seat.clone());
        for text in ["one", "two", ": pulse"] {
            seat.tell(&Bytes::from(text));
        }
        assert_eq!(heard(&mut listening).await, ["first", "two"]);
        seat.tell(&Bytes::from_static(b":"));
        assert_eq!(heard(&mut listening).await, [":"]);
        drop(listening);
        assert!(seat.is_empty());
    }

    #[tokio::test]
    async fn an_ended_seat_says_what_it_has_begun_and_no_more() {
        let seat = Arc::new(Seat::new(FIRST));
        let mut listening = Listening(seat.clone());
        let task = tokio::spawn(async move {
            let mut all = Vec::new();
            while let Some(Ok(bytes)) = listening.next().await {
                all.push(bytes);
            }
            all
        });
        tokio::task::yield_now().await;
        seat.end();
        seat.tell(&Bytes::from_static(b"late"));
        assert_eq!(task.await.unwrap(), ["first"]);
        assert!(seat.is_empty(), "its place is free");
    }

    #[tokio::test]
    async fn a_lent_socket_carries_everything_in_order_whoever_writes() {
        let door = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut far = TcpStream::connect(door.local_addr().unwrap()).await.unwrap();
        let near = Arc::new(door.accept().await.unwrap().0);
        near.writable().await.unwrap();
        let seat = Arc::new(Seat::new(FIRST));
        seat.lend(near.clone());
        let task = tokio::spawn({
            let (mut io, mut listening) = (Shared(near), Listening(seat.clone()));
            async move {
                while let Some(Ok(bytes)) = listening.next().await {
                    io.write_all(&bytes).await.unwrap();
                }
            }
        });
        // Large enough that the socket fills and parts of messages are left to the task.
        let message = |n: u32| Bytes::from(format!("[{n:06}{}]", "x".repeat(100_000)));
        let mut told = 0;
        let mut text = Vec::new();
        for n in 0..200 {
            seat.tell(&message(n));
            told = n;
            if n % 10 == 9 {
                let mut some = vec![0; 700_000];
                let read = far.read(&mut some).await.unwrap();
                text.extend_from_slice(&some[..read]);
            }
        }
        let last = format!("[{told:06}");
        while !text.ends_with(b"]") || !String::from_utf8_lossy(&text).contains(&last) {
            let mut some = vec![0; 700_000];
            let read = far.read(&mut some).await.unwrap();
            text.extend_from_slice(&some[..read]);
        }
        task.abort();
        let text = String::from_utf8(text).unwrap();
        let whole: Vec<u32> = text
            .strip_prefix("first")
            .unwrap()
            .split_terminator(']')
            .map(|one| {
                assert_eq!(one.len(), 100_007, "a message is whole");
                one[1..7].parse().unwrap()
            })
            .collect();
        assert!(whole.is_sorted(), "{whole:?}");
    }
}
