//! The drill's own mail relay: takes every mail and sends none of them on, so that a drill reaches nobody's mailbox unless
//! it is told to.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The address that it was for.
    pub to: String,
    /// Head and text, decoded.
    pub text: String,
    /// When.
    pub at: Instant,
}

/// What a relay says to a recipient.
type Answers = dyn Fn(&str) -> &'static str + Send + Sync;

/// A relay on this machine that keeps what it takes.
#[derive(Clone)]
pub struct Sink {
    taken: Arc<Mutex<Vec<Mail>>>,
    answers: Arc<Answers>,
    /// Where it listens.
    pub addr: SocketAddr,
}

impl Sink {
    /// Starts one on a free port of this machine, which takes mail for anybody. It ends with the runtime.
    ///
    /// # Errors
    /// Fails where no port is free.
    pub async fn start() -> std::io::Result<Sink> {
        Sink::answering(|_| "250 yes").await
    }

    /// The same, with its own answer to each recipient.
    ///
    /// # Errors
    /// Fails where no port is free.
    pub async fn answering(
        answers: impl Fn(&str) -> &'static str + Send + Sync + 'static,
    ) -> std::io::Result<Sink> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let sink = Sink { taken: Arc::default(), answers: Arc::new(answers), addr: listener.local_addr()? };
        let taking = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sink = taking.clone();
                // A sender that hangs up in the middle has handed over nothing.
                tokio::spawn(async move { sink.take(stream).await });
            }
        });
        Ok(sink)
    }

    /// Everything taken so far.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn take(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 drill.example ESMTP\r\n").await?;
        let (mut to, mut mail) = (String::new(), None::<String>);
        while let Some(line) = lines.next_line().await? {
            if let Some(text) = &mut mail {
                if line != "." {
                    text.push_str(&line);
                    text.push('\n');
                    continue;
                }
                let taken = Mail { to: to.clone(), text: decoded(text), at: Instant::now() };
                self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(taken);
                mail = None;
                write.write_all(b"250 taken\r\n").await?;
                continue;
            }
            let answer = match line.get(..4).unwrap_or_default() {
                "EHLO" => "250-drill.example\r\n250-8BITMIME\r\n250 SMTPUTF8",
                "RCPT" => {
                    line.split(['<', '>']).nth(1).unwrap_or_default().clone_into(&mut to);
                    (self.answers)(&to)
                }
                "DATA" => {
                    mail = Some(String::new());
                    "354 go on"
                }
                _ => "250 yes",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}

/// A mail as its reader sees it: encoded words of the head and a text in base64 undone, anything else as it came.
fn decoded(mail: &str) -> String {
    let undo = |text: &str| STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let (head, body) = mail.split_once("\n\n").unwrap_or((mail, ""));
    let head = head.replace("\n ", " ");
    let lines = head.lines().map(|line| {
        let (mut read, mut before) = (String::new(), None);
        for word in line.split(' ') {
            let inner = word.strip_prefix("=?utf-8?b?").and_then(|w| w.strip_suffix("?="));
            let word_read = inner.and_then(undo);
            let encoded = word_read.is_some();
            // Between two encoded words a space means nothing (RFC 2047, section 6.2).
            if before.is_some_and(|before| !(before && encoded)) {
                read.push(' ');
            }
            read.push_str(word_read.as_deref().unwrap_or(word));
            before = Some(encoded);
        }
        read
    });
    let head: Vec<String> = lines.collect();
    let body = undo(&body.replace('\n', "")).unwrap_or_else(|| body.to_owned());
    format!("{}\n\n{body}", head.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_reads_as_it_was_written() {
        let mail = "To: <a@b.example>\nSubject: =?utf-8?b?44CQ6KiT57e044CR?= x\n\n6KiT\n57e0\n";
        assert_eq!(decoded(mail), "To: <a@b.example>\nSubject: 【訓練】 x\n\n訓練");
        let mail = "Subject: =?utf-8?b?44CQ6KiT?=\n =?utf-8?b?57e044CR?=\nTo: <a@b.example>\n\n";
        assert!(decoded(mail).starts_with("Subject: 【訓練】\nTo: "), "{}", decoded(mail));
        assert!(decoded("Subject: plain\n\nnot base64!\n").ends_with("\n\nnot base64!\n"));
    }
}
