//! Whether the certificate holds and the mail relay answers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};

use super::{Finding, PATIENCE, State, found, good, unix_now};
use crate::{
    config::{Smtp, SmtpTls, TlsFiles},
    tls::Certificate,
};

pub(super) fn tls(files: &TlsFiles) -> Finding {
    let certificate = match Certificate::load(files) {
        Ok(certificate) => certificate,
        Err(error) => {
            return found(
                "tls",
                State::Bad,
                (
                    &format!("証明書を使えません（{error}）"),
                    &format!("the certificate cannot be used ({error})"),
                ),
                (
                    "証明書と鍵が同じ組で、PEM形式かを確かめてください",
                    "check that certificate and key belong together and are PEM",
                ),
            );
        }
    };
    let days = certificate.ends().map(|end| (end - i64::try_from(unix_now()).unwrap_or(0)) / 86_400);
    let todo = ("更新して、サーバーに SIGHUP を送ってください", "renew it and send SIGHUP to the server");
    match days {
        Some(days) if days < 0 => {
            found("tls", State::Bad, ("証明書の期限が切れています", "the certificate has expired"), todo)
        }
        Some(days) if days < 21 => found(
            "tls",
            State::Doubtful,
            (&format!("証明書はあと{days}日です"), &format!("the certificate ends in {days} days")),
            todo,
        ),
        Some(days) => {
            good("tls", &format!("証明書はあと{days}日"), &format!("the certificate is good for {days} days"))
        }
        None => found(
            "tls",
            State::Doubtful,
            ("証明書の期限を読めません", "the end of the certificate cannot be read"),
            ("", ""),
        ),
    }
}

pub(super) fn mail(smtp: &Smtp) -> Finding {
    let place = format!("{}:{}", smtp.host, smtp.port);
    match greet(smtp) {
        Ok(()) => good("smtp", &format!("{place} が応答しました"), &format!("{place} answers")),
        Err(error) => found(
            "smtp",
            State::Bad,
            (&format!("{place} と話せません（{error}）"), &format!("cannot talk to {place} ({error})")),
            (
                "名前とポート、途中の防火壁、smtp.tls を確かめてください",
                "check name, port, firewalls and smtp.tls",
            ),
        ),
    }
}

/// Connects, hears the greeting, and asks for STARTTLS where it is wanted. Sends no mail and no password.
fn greet(smtp: &Smtp) -> Result<(), String> {
    let told = |error: std::io::Error| error.to_string();
    let addr = (smtp.host.as_str(), smtp.port).to_socket_addrs().map_err(told)?.next().ok_or("no address")?;
    let stream = TcpStream::connect_timeout(&addr, PATIENCE).map_err(told)?;
    if smtp.tls == SmtpTls::Tls {
        // The greeting comes only after the handshake, which sending mail will do.
        return Ok(());
    }
    stream.set_read_timeout(Some(PATIENCE)).map_err(told)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(told)?;
    let mut reader = BufReader::new(stream.try_clone().map_err(told)?);
    let mut answer = |wanted: &str| -> Result<String, String> {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            if reader.by_ref().take(1024).read_line(&mut line).map_err(told)? == 0 || all.len() > 16_384 {
                return Err("it hung up".to_owned());
            }
            all.push_str(&line);
            if !line.starts_with(wanted) {
                return Err(format!("it said {:?}", line.trim()));
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(all);
            }
        }
    };
    answer("220")?;
    (&stream).write_all(b"EHLO localhost\r\n").map_err(told)?;
    let offers = answer("250")?;
    let _ = (&stream).write_all(b"QUIT\r\n");
    if smtp.tls == SmtpTls::StartTls && !offers.to_ascii_uppercase().contains("STARTTLS") {
        return Err("no STARTTLS".to_owned());
    }
    Ok(())
}
