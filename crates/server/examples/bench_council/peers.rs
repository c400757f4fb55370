//! What others reach who carry the same bytes to as many listeners: a message broker, a web server that streams events,
//! and a broker for devices, each as a process of its own in a folder of its own.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::world::memory;

/// Where Debian puts the module that makes nginx stream events.
const NCHAN: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";
/// The subject. What is counted, `bell`, stands in the message alone.
const SUBJECT: &str = "news";
const MESSAGE: &str = "{}";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    Nats,
    Nchan,
    Mosquitto,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Nats, Kind::Nchan, Kind::Mosquitto];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Nats => "nats-server",
            Kind::Nchan => "nginx with nchan, SSE",
            Kind::Mosquitto => "mosquitto, QoS 0",
        }
    }

    fn command(self, dir: &Path, port: u16) -> Command {
        let conf = dir.join("conf");
        let write = |text: String| std::fs::write(&conf, text).unwrap();
        match self {
            Kind::Nats => {
                let mut command = Command::new("nats-server");
                command.args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--log"]);
                command.arg(dir.join("log"));
                command
            }
            Kind::Mosquitto => {
                // It gives root up unless told to stay, and could not read its folder then.
                let user = if rustix::process::getuid().is_root() { "user root\n" } else { "" };
                write(format!(
                    "listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nlog_dest none\n{user}"
                ));
                let mut command = Command::new("mosquitto");
                command.arg("-c").arg(conf);
                command
            }
            Kind::Nchan => {
                let here = dir.display();
                let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                    .map(|name| format!("  {name}_temp_path {here}/{name};\n"))
                    .concat();
                write(format!(
                    "load_module {NCHAN};\ndaemon off;\nmaster_process off;\npid {here}/pid;\n\
                     error_log {here}/log;\nevents {{ worker_connections 16000; }}\nhttp {{\n  access_log off;\n\
                     {temporary}  server {{\n    listen 127.0.0.1:{port};\n    location = /listen {{\n      \
                     nchan_subscriber eventsource;\n      nchan_channel_id {SUBJECT};\n    }}\n    \
                     location = /tell {{\n      nchan_publisher;\n      nchan_channel_id {SUBJECT};\n    }}\n  }}\n}}\n"
                ));
                let mut command = Command::new("nginx");
                command.arg("-c").arg(conf).arg("-p").arg(dir);
                command
            }
        }
    }

    /// What a listener writes first.
    pub fn hello(self) -> Vec<u8> {
        match self {
            Kind::Nats => {
                format!("CONNECT {{\"verbose\":false}}\r\nSUB {SUBJECT} 1\r\nPING\r\n").into_bytes()
            }
            Kind::Nchan => {
                b"GET /listen HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n".to_vec()
            }
            Kind::Mosquitto => {
                let mut hello = mqtt_connect();
                // Packet 1: SUBJECT, at most once.
                hello.extend([0x82, 5 + SUBJECT.len() as u8, 0, 1, 0, SUBJECT.len() as u8]);
                hello.extend(SUBJECT.bytes());
                hello.push(0);
                hello
            }
        }
    }

    /// Whether it was told that it listens.
    pub fn is_ready(self, answer: &[u8]) -> bool {
        let has = |what: &[u8]| answer.windows(what.len()).any(|w| w == what);
        match self {
            Kind::Nats => has(b"PONG\r\n"),
            Kind::Nchan => answer.starts_with(b"HTTP/1.1 200") && has(b"\r\n\r\n"),
            // Connected, and subscribed.
            Kind::Mosquitto => answer.len() >= 9 && answer.starts_with(&[0x20, 2, 0, 0, 0x90]),
        }
    }
}

/// Version 3.1.1, a clean session, no name, no pulse.
fn mqtt_connect() -> Vec<u8> {
    let mut packet = vec![0x10, 12, 0, 4];
    packet.extend(b"MQTT");
    packet.extend([4, 2, 0, 0, 0, 0]);
    packet
}

/// One of them, running.
pub struct Peer {
    pub kind: Kind,
    pub port: u16,
    child: Child,
    tell: TcpStream,
    _dir: tempfile::TempDir,
}

impl Peer {
    /// Starts it; nothing where it is not installed.
    pub async fn start(kind: Kind) -> Option<Peer> {
        if kind == Kind::Nchan && !Path::new(NCHAN).exists() {
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = kind.command(dir.path(), port);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let mut tries = 0;
        let mut tell = loop {
            match TcpStream::connect(("127.0.0.1", port)).await {
                Ok(stream) => break stream,
                Err(_) if tries < 200 && child.try_wait().unwrap().is_none() => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(25)).await;
                }
                Err(_) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return None;
                }
            }
        };
        tell.set_nodelay(true).unwrap();
        let hello = match kind {
            Kind::Nats => b"CONNECT {\"verbose\":false}\r\n".to_vec(),
            Kind::Nchan => Vec::new(),
            Kind::Mosquitto => mqtt_connect(),
        };
        tell.write_all(&hello).await.unwrap();
        if kind != Kind::Nchan {
            // It introduces itself, or agrees.
            let _ = tell.read(&mut [0; 4096]).await.unwrap();
        }
        Some(Peer { kind, port, child, tell, _dir: dir })
    }

    /// One message to everybody: the frame that our own listeners get.
    pub async fn tell(&mut self) {
        let frame = crate::raw::EVENT;
        let message = match self.kind {
            Kind::Nats => [format!("PUB {SUBJECT} {}\r\n", frame.len()).as_bytes(), frame, b"\r\n"].concat(),
            // It makes the frame itself.
            Kind::Nchan => format!(
                "POST /tell HTTP/1.1\r\nhost: localhost\r\nx-eventsource-event: bell\r\ncontent-length: {}\r\n\r\n{MESSAGE}",
                MESSAGE.len()
            )
            .into_bytes(),
            Kind::Mosquitto => {
                let length = 2 + SUBJECT.len() + frame.len();
                [&[0x30, length as u8, 0, SUBJECT.len() as u8], SUBJECT.as_bytes(), frame].concat()
            }
        };
        self.tell.write_all(&message).await.unwrap();
        if self.kind == Kind::Nchan {
            let _ = self.tell.read(&mut [0; 4096]).await.unwrap();
        }
    }

    /// Resident memory in kB.
    pub fn memory(&self) -> f64 {
        memory(self.child.id())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
