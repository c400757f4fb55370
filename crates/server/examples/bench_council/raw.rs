//! The least that a release to many could cost: one thread that writes the same bytes to as many sockets, one after the
//! other.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdin, Command, Stdio},
};

/// What every listener is told, here and there.
pub const EVENT: &[u8] = b"id: 1700000000000000\nevent: bell\ndata: {}\n\n";

/// Accepts until told to write: a line on standard input is one message to everybody.
pub fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    let sockets = std::sync::Arc::new(std::sync::Mutex::new(Vec::<TcpStream>::new()));
    let held = sockets.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0; 1024];
            let _ = stream.read(&mut asked).unwrap();
            stream.set_nodelay(true).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            held.lock().unwrap().push(stream);
        }
    });
    for _ in std::io::stdin().lines() {
        for socket in sockets.lock().unwrap().iter_mut() {
            let _ = socket.write_all(EVENT);
        }
    }
}

/// That thread in a process of its own.
pub struct Writer {
    child: Child,
    tell: ChildStdin,
    pub port: u16,
}

impl Writer {
    pub fn start() -> Writer {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("raw")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let tell = child.stdin.take().unwrap();
        Writer { child, tell, port: line.trim().parse().unwrap() }
    }

    pub fn write(&mut self) {
        self.tell.write_all(b"now\n").unwrap();
        self.tell.flush().unwrap();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
