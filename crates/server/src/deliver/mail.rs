//! Handing mails to the organisation's own relay.

use std::sync::atomic::{AtomicUsize, Ordering};

use lettre::{
    Message,
    message::{
        Mailbox,
        header::{ContentType, Header, HeaderName, HeaderValue, MIME_VERSION_1_0},
    },
};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;

use super::{
    Recipient,
    line::{Line, Lines, NotTaken},
};
use crate::{config::SmtpTls, store::audience::hex};

/// Connections to the relay at a time. Ten reach what one relay on the same machine takes.
const CONNECTIONS: usize = 10;

/// Says that no person wrote the mail, so that nobody's absence notice answers it (RFC 3834).
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// A mail: subject and text, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The subject.
    pub subject: String,
    /// The text, plain.
    pub text: String,
}

/// A person whose mail was not handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The person.
    pub person: String,
    /// Why.
    pub why: String,
    /// Trying again is of no use.
    pub for_good: bool,
}

/// Where mails go.
#[derive(Debug, Clone)]
pub struct Relay {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is spoken to.
    pub tls: SmtpTls,
    /// User and password, where it asks for them.
    pub credentials: Option<(String, String)>,
    /// The sender's address.
    pub from: String,
}

/// Why there is no mailer.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// The sender's address is not one.
    #[error("`{0}` is no mail address for the sender")]
    From(String),
    /// TLS cannot be set up.
    #[error("the mail relay cannot be reached by TLS: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
    /// There is no TLS to be had at all.
    #[error("the mail relay cannot be reached by TLS: {0}")]
    Rustls(#[from] rustls::Error),
    /// The relay's name is none that a certificate could have.
    #[error("`{0}` is no name of a mail relay")]
    Host(String),
}

/// Hands mails to a relay.
pub struct Mailer {
    lines: Lines,
    from: Mailbox,
    domain: String,
}

impl Mailer {
    /// A mailer for `relay`. Connects with the first mail.
    ///
    /// # Errors
    /// Fails on a sender that is no address and on TLS that cannot be set up.
    pub fn new(relay: &Relay) -> Result<Mailer, MailerError> {
        let from: Mailbox = relay.from.parse().map_err(|_| MailerError::From(relay.from.clone()))?;
        let domain = from.email.domain().to_owned();
        Ok(Mailer { lines: Lines::new(relay)?, from, domain })
    }

    /// Hands over all of them, each to one person, a few at a time. Answers who could not be written to, and why.
    pub async fn send_all(&self, stem: &str, letters: &[(&Recipient, Letter)]) -> Vec<Failed> {
        let failed = Mutex::new(Vec::new());
        let next = AtomicUsize::new(0);
        let lane = || async {
            let mut line = Line::new(&self.lines);
            while let Some((to, letter)) = letters.get(next.fetch_add(1, Ordering::Relaxed)) {
                let sent = match self.message(stem, to, letter) {
                    Ok(message) => line.send(&message).await,
                    Err(why) => Err(NotTaken { why, for_good: true }),
                };
                if let Err(NotTaken { why, for_good }) = sent {
                    failed.lock().await.push(Failed { person: to.person.clone(), why, for_good });
                }
            }
            line.end().await;
        };
        futures_util::future::join_all((0..CONNECTIONS.min(letters.len())).map(|_| lane())).await;
        failed.into_inner()
    }

    fn message(&self, stem: &str, to: &Recipient, letter: &Letter) -> Result<Message, String> {
        let address = to.email.parse().map_err(|_| "no mail address".to_owned())?;
        // The same mail has the same name, however often it is tried; the name tells nobody else's.
        let id = hex(&Sha256::digest(format!("{stem}\n{}", to.person))[..16]);
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .message_id(Some(format!("<{id}@{}>", self.domain)))
            .subject(&letter.subject)
            .header(MIME_VERSION_1_0)
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|e| e.to_string())
    }
}
