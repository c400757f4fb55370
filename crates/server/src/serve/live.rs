//! Live streams, written without hyper once they have begun.
//!
//! hyper keeps 16 KiB of buffers for each HTTP/1.1 connection. A live stream is silent nearly always and there are as many
//! of them as there are people, so the connection is taken out of hyper when its answer turns out to be one, and from then on
//! costs little more than its socket. A plain socket is lent to the seat of its listener. The stream ends with the
//! connection.

use std::sync::{Arc, Mutex};

use axum::http::header::{CONNECTION, DATE, TRANSFER_ENCODING};
use http_body_util::BodyExt as _;
use hyper::Response;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Notify;

use super::{Line, TcpStream, body::Answer};
use crate::seat::{Seat, Shared};

/// What a connection goes over.
pub trait Wire: AsyncRead + AsyncWrite + Send + Unpin + Sized + 'static {
    /// The same, by a socket that others may write to; itself where what goes over it is not what was written.
    fn share(self) -> Result<(Line<Shared>, Arc<TcpStream>), Self>;
}

impl Wire for Line<TcpStream> {
    fn share(self) -> Result<(Line<Shared>, Arc<TcpStream>), Self> {
        let line = self.over(|stream| Shared(Arc::new(stream)));
        let socket = line.inner().0.clone();
        Ok((line, socket))
    }
}

impl Wire for tokio_rustls::server::TlsStream<Line<TcpStream>> {
    fn share(self) -> Result<(Line<Shared>, Arc<TcpStream>), Self> {
        Err(self)
    }
}

/// Where the service leaves an answer that is a live stream.
#[derive(Clone, Default)]
pub struct Begun(Arc<(Mutex<Option<Response<Answer>>>, Notify)>);

impl Begun {
    /// Leaves it, and never answers hyper.
    pub async fn leave<T>(&self, response: Response<Answer>) -> T {
        *self.0.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(response);
        self.0.1.notify_one();
        std::future::pending().await
    }

    /// Waits until one is there.
    pub async fn wait(&self) {
        self.0.1.notified().await;
    }

    /// Takes it.
    pub fn take(&self) -> Option<Response<Answer>> {
        self.0.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }
}

/// Writes the answer to its end, or until the other side is gone.
pub async fn write(mut io: impl Wire, response: Response<Answer>) {
    let (mut parts, body) = response.into_parts();
    if io.write_all(&head(&parts)).await.is_err() || io.flush().await.is_err() {
        return;
    }
    let Some(seat) = parts.extensions.remove::<Arc<Seat>>() else { return follow(io, body).await };
    drop(parts);
    match io.share() {
        Ok((io, socket)) => {
            seat.lend(socket);
            drop(seat);
            Box::pin(follow(io, body)).await;
        }
        Err(io) => Box::pin(follow(io, body)).await,
    }
}

async fn follow(mut io: impl AsyncRead + AsyncWrite + Unpin, mut body: Answer) {
    let mut ignored = [0; 64];
    loop {
        tokio::select! {
            frame = body.frame() => {
                let Some(Ok(frame)) = frame else { break };
                if let Ok(data) = frame.into_data()
                    && (io.write_all(&data).await.is_err() || io.flush().await.is_err())
                {
                    return;
                }
            }
            read = io.read(&mut ignored) => {
                // Nothing more can be asked on this connection; only its end matters.
                if read.map_or(true, |read| read == 0) {
                    return;
                }
            }
        }
    }
    // The other side sees the end either way.
    let _ = io.shutdown().await;
}

fn head(parts: &axum::http::response::Parts) -> Vec<u8> {
    let status = parts.status;
    let mut head =
        format!("HTTP/1.1 {} {}\r\n", status.as_u16(), status.canonical_reason().unwrap_or("")).into_bytes();
    for (name, value) in &parts.headers {
        if ![CONNECTION, TRANSFER_ENCODING, DATE].contains(name) {
            head.extend_from_slice(name.as_str().as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
    }
    let now = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&jiff::Timestamp::now());
    if let Ok(now) = now {
        head.extend_from_slice(format!("date: {now}\r\n").as_bytes());
    }
    head.extend_from_slice(b"connection: close\r\n\r\n");
    head
}
