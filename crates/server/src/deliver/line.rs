//! One connection to a mail relay, over which one mail after the other goes.
//!
//! Our own rather than a pool's, because a mail ends in a small packet of its own: a socket that waits for the relay to
//! acknowledge what went before holds that back for 40 ms, and ten thousand mails took 45 seconds.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters},
        extension::ClientId,
        response::Category,
    },
};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::mail::{MailerError, Relay};
use crate::config::SmtpTls;

/// For how long the relay may take to greet.
const GREETING: Duration = Duration::from_secs(20);
/// For how long the relay may take for one mail; some look for spam while the sender waits.
const MAIL: Duration = Duration::from_secs(60);

/// How the relay is connected to.
pub(super) struct Lines {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
}

enum Tls {
    None,
    Start(TlsParameters),
    FromTheStart(TlsConnector, ServerName<'static>),
}

impl Lines {
    /// How `relay` is connected to.
    ///
    /// # Errors
    /// Fails on TLS that cannot be set up.
    pub(super) fn new(relay: &Relay) -> Result<Lines, MailerError> {
        let tls = match relay.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::StartTls => Tls::Start(TlsParameters::new(relay.host.clone())?),
            SmtpTls::Tls => {
                let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
                let config = rustls::ClientConfig::builder_with_provider(Arc::new(
                    rustls::crypto::ring::default_provider(),
                ))
                .with_safe_default_protocol_versions()?
                .with_root_certificates(roots)
                .with_no_client_auth();
                let name = ServerName::try_from(relay.host.clone());
                let name = name.map_err(|_| MailerError::Host(relay.host.clone()))?;
                Tls::FromTheStart(TlsConnector::from(Arc::new(config)), name)
            }
        };
        let credentials = relay
            .credentials
            .as_ref()
            .map(|(user, password)| Credentials::new(user.clone(), password.clone()));
        let (host, port, hello) = (relay.host.clone(), relay.port, ClientId::default());
        Ok(Lines { host, port, tls, credentials, hello })
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, String> {
        match timeout(GREETING, self.connect()).await {
            Ok(opened) => opened,
            Err(_) => Err("the relay did not greet in time".to_owned()),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let failed = |error: lettre::transport::smtp::Error| error.to_string();
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(|e| e.to_string())?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        let stream: Box<dyn AsyncTokioStream> = match &self.tls {
            Tls::FromTheStart(connector, name) => {
                let secured = connector.connect(name.clone(), stream).await.map_err(|e| e.to_string())?;
                Box::new(Secured(secured))
            }
            Tls::None | Tls::Start(_) => Box::new(stream),
        };
        let mut open =
            AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await.map_err(failed)?;
        if let Tls::Start(parameters) = &self.tls {
            open.starttls(parameters.clone(), &self.hello).await.map_err(failed)?;
        }
        if let Some(credentials) = &self.credentials {
            open.auth(DEFAULT_MECHANISMS, credentials).await.map_err(failed)?;
        }
        Ok(open)
    }
}

/// Why a mail was not handed over.
pub(super) struct NotTaken {
    pub(super) why: String,
    /// The relay will not take this mail later either.
    pub(super) for_good: bool,
}

impl NotTaken {
    /// It may go another time.
    fn for_now(why: String) -> NotTaken {
        NotTaken { why, for_good: false }
    }

    /// As the relay answered to one mail. Only the codes about mailboxes (55x) speak of the mail; the other permanent ones
    /// speak of us or of the connection, which can be mended.
    fn answered(error: &Error) -> NotTaken {
        let mailbox = error.status().is_some_and(|code| code.category == Category::MailSystem);
        NotTaken { why: error.to_string(), for_good: error.is_permanent() && mailbox }
    }
}

/// A connection that is opened when there is something to send, and again where it broke.
pub(super) struct Line<'a> {
    lines: &'a Lines,
    open: Option<AsyncSmtpConnection>,
}

impl<'a> Line<'a> {
    pub(super) fn new(lines: &'a Lines) -> Line<'a> {
        Line { lines, open: None }
    }

    /// Hands over one mail. Where a connection that has already carried one ends, as it may after as many mails as the
    /// relay takes of it, the mail is tried once more on a new one.
    pub(super) async fn send(&mut self, message: &Message) -> Result<(), NotTaken> {
        let (envelope, content) = (message.envelope(), message.formatted());
        loop {
            let (mut open, used) = match self.open.take() {
                Some(open) => (open, true),
                None => (self.lines.open().await.map_err(NotTaken::for_now)?, false),
            };
            let why = match timeout(MAIL, open.send(envelope, &content)).await {
                Ok(Ok(_)) => {
                    self.open = Some(open);
                    return Ok(());
                }
                Ok(Err(error)) if used && !error.is_permanent() && !error.is_client() => continue,
                Ok(Err(error)) => NotTaken::answered(&error),
                Err(_) => NotTaken::for_now("the relay did not answer in time".to_owned()),
            };
            return Err(why);
        }
    }

    /// Takes leave.
    pub(super) async fn end(self) {
        if let Some(mut open) = self.open {
            // Whatever it answers: every mail is handed over.
            let _ = timeout(Duration::from_secs(5), open.quit()).await;
        }
    }
}

/// TLS from the first byte on.
#[derive(Debug)]
struct Secured(TlsStream<TcpStream>);

impl AsyncTokioStream for Secured {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
