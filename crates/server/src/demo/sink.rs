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

/// A relay on this machine that keeps what it takes.
#[derive(Debug, Clone)]
pub struct Sink {
    taken: Arc<Mutex<Vec<Mail>>>,
    /// Where it listens.
    pub addr: SocketAddr,
}

impl Sink {
    /// Starts one on a free port of this machine. It ends with the runtime.
    ///
    /// # Errors
    /// Fails where no port is free.
    pub async fn start() -> std::io::Result<Sink> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let sink = Sink { taken: Arc::default(), addr: listener.local_addr()? };
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
            let answer: &[u8] = match line.get(..4).unwrap_or_default() {
                "EHLO" => b"250-drill.example\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
                "RCPT" => {
                    line.split(['<', '>']).nth(1).unwrap_or_default().clone_into(&mut to);
                    b"250 yes\r\n"
                }
                "DATA" => {
                    mail = Some(String::new());
                    b"354 go on\r\n"
                }
                _ => b"250 yes\r\n",
            };
            write.write_all(answer).await?;
        }
        Ok(())
    }
}

/// A mail as its reader sees it: encoded words of the head and a text in base64 undone, anything else as it came.
fn decoded(mail: &str) -> String {
    let undo = |text: &str| STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let (head, body) = mail.split_once("\n\n").unwrap_or((mail, ""));
    let head: Vec<String> = head
        .replace("\n ", " ")
        .split(' ')
        .map(|word| {
            let inner = word.strip_prefix("=?utf-8?b?").and_then(|w| w.strip_suffix("?="));
            inner.and_then(undo).unwrap_or_else(|| word.to_owned())
        })
        .collect();
    let body = undo(&body.replace('\n', "")).unwrap_or_else(|| body.to_owned());
    format!("{}\n\n{body}", head.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_reads_as_it_was_written() {
        let mail = "To: <a@b.example>\nSubject: =?utf-8?b?44CQ6KiT57e044CR?= x\n\n6KiT\n57e0\n";
        assert_eq!(decoded(mail), "To: <a@b.example>\nSubject: 【訓練】 x\n\n訓練");
        assert!(decoded("Subject: plain\n\nnot base64!\n").ends_with("\n\nnot base64!\n"));
    }
}
