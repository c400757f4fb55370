//! Read connections, lent to one reader at a time.

use std::sync::{Condvar, Mutex, PoisonError};

use super::{Address, Conn, Error, db::Purpose};

pub(super) struct Pool {
    address: Address,
    idle: Mutex<(Vec<Conn>, usize)>,
    freed: Condvar,
    most: usize,
}

impl Pool {
    pub(super) fn new(address: Address, most: usize) -> Pool {
        Pool { address, idle: Mutex::new((Vec::new(), 0)), freed: Condvar::new(), most }
    }

    /// Runs `body` on a connection. A connection that failed is closed, not lent again.
    pub(super) fn with<T>(&self, body: impl FnOnce(&mut Conn) -> Result<T, Error>) -> Result<T, Error> {
        let mut lent = Lent { pool: self, conn: Some(self.take()?), sound: false };
        let conn = lent.conn.as_mut().ok_or(Error::Stopped)?;
        let answer = body(conn);
        lent.sound = !matches!(&answer, Err(Error::Db(e)) if e.is_disconnect());
        answer
    }

    fn take(&self) -> Result<Conn, Error> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(conn) = idle.0.pop() {
                return Ok(conn);
            }
            if idle.1 < self.most {
                idle.1 += 1;
                drop(idle);
                return Conn::open(&self.address, Purpose::Read).map_err(|error| {
                    self.lose();
                    error.into()
                });
            }
            idle = self.freed.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lose(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).1 -= 1;
        self.freed.notify_one();
    }
}

/// Gives its connection back even where the reader panicked.
struct Lent<'a> {
    pool: &'a Pool,
    conn: Option<Conn>,
    sound: bool,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        match self.conn.take() {
            Some(conn) if self.sound => {
                self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).0.push(conn);
                self.pool.freed.notify_one();
            }
            _ => self.pool.lose(),
        }
    }
}
