//! How often is too often. Each member has its own measure, and none of them shows in another's answers.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use axum::extract::ConnectInfo;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::{Error, Shell};

/// How many keys are measured one by one; beyond that strangers share.
const MOST_KEYS: usize = 50_000;

/// How many shared measures there are then.
const SHARED: u64 = 1 << 12;

/// Allows a burst per key and a steady rate after it. Its memory is bounded.
pub struct Limiter {
    exact: DefaultKeyedRateLimiter<u64>,
    shared: DefaultKeyedRateLimiter<u64>,
    hasher: RandomState,
    clock: DefaultClock,
    most: usize,
    swept: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for Limiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Limiter").field("keys", &self.exact.len()).finish()
    }
}

impl Limiter {
    /// `burst` at once, and one more every `period`.
    #[must_use]
    pub fn new(burst: u32, period: Duration) -> Limiter {
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let period = period.max(Duration::from_millis(1));
        let quota =
            Quota::with_period(period).map_or(Quota::per_second(burst), |quota| quota.allow_burst(burst));
        Limiter {
            exact: RateLimiter::keyed(quota),
            shared: RateLimiter::keyed(quota),
            hasher: RandomState::new(),
            clock: DefaultClock::default(),
            most: MOST_KEYS,
            swept: Mutex::new(None),
        }
    }

    /// Forgets who has long been quiet; at most once a second, because it looks at every key.
    fn sweep(&self) {
        let mut swept = self.swept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if swept.is_none_or(|last| last.elapsed() >= Duration::from_secs(1)) {
            self.exact.retain_recent();
            self.shared.retain_recent();
            *swept = Some(Instant::now());
        }
    }

    /// Takes one from the measure of `key`.
    ///
    /// # Errors
    /// [`Error::TooMany`] with the time to wait.
    pub fn check(&self, key: &impl Hash) -> Result<(), Error> {
        let key = self.hasher.hash_one(key);
        let mut held = self.exact.len();
        if held >= self.most {
            self.sweep();
            held = self.exact.len();
        }
        let outcome = if held < self.most {
            self.exact.check_key(&key)
        } else {
            self.shared.check_key(&(key % SHARED))
        };
        outcome.map_err(|until| Error::TooMany(until.wait_time_from(self.clock.now())))
    }
}

/// The measures of this server.
#[derive(Debug)]
pub struct Rates {
    /// Requests of one account.
    account: Limiter,
    /// Writes of one account.
    writes: Limiter,
    /// Attempts to sign in from one address.
    sign_in_address: Limiter,
    /// Attempts to sign in as one account.
    sign_in_name: Limiter,
    /// Applications from one address.
    apply_address: Limiter,
    /// Applications from everywhere.
    apply: Limiter,
}

impl Default for Rates {
    fn default() -> Rates {
        Rates {
            account: Limiter::new(600, Duration::from_millis(50)),
            writes: Limiter::new(600, Duration::from_millis(100)),
            sign_in_address: Limiter::new(30, Duration::from_secs(2)),
            sign_in_name: Limiter::new(10, Duration::from_secs(30)),
            apply_address: Limiter::new(5, Duration::from_secs(120)),
            apply: Limiter::new(50, Duration::from_secs(20)),
        }
    }
}

impl Rates {
    /// One request of an account: 600 at once, 20 a second.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn request(&self, account: &str) -> Result<(), Error> {
        self.account.check(&account)
    }

    /// One write of an account: 600 at once, 10 a second.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn write(&self, account: &str) -> Result<(), Error> {
        self.writes.check(&account)
    }

    /// One attempt to sign in: by address (30, then one in 2 s) and by account in any spelling (10, then one in 30 s).
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn sign_in(&self, from: ClientAddr, account: &str) -> Result<(), Error> {
        self.sign_in_address.check(&from.network())?;
        self.sign_in_account(account)
    }

    /// One application by itself, of somebody whom nobody knows: by address (5, then one in two minutes) and from everywhere
    /// (50, then one in 20 s). Each of them is read by a person, and writes a mail to an address that is not proven.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn apply(&self, from: ClientAddr) -> Result<(), Error> {
        self.apply_address.check(&from.network())?;
        self.apply.check(&())
    }

    /// One attempt to prove presence as an account, in any spelling (10, then one in 30 s).
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn sign_in_account(&self, account: &str) -> Result<(), Error> {
        let spelling: String = account.trim().chars().flat_map(char::to_lowercase).take(320).collect();
        self.sign_in_name.check(&spelling)
    }
}

/// The address that a request came from; what a proxy says counts only where the proxy is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);

impl ClientAddr {
    /// What is measured: the address, or the /64 of an IPv6 one, which belongs to one customer.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() >> 64 << 64).into()),
        }
    }

    /// The nearest address in `forwarded` that is not one of our proxies.
    fn behind(peer: IpAddr, forwarded: Option<&str>, trusted: &[IpAddr]) -> ClientAddr {
        let mut nearest = peer.to_canonical();
        let mut hops = forwarded.unwrap_or("").rsplit(',').map(|hop| hop.trim().parse::<IpAddr>());
        while trusted.contains(&nearest) {
            match hops.next() {
                Some(Ok(hop)) => nearest = hop.to_canonical(),
                _ => break,
            }
        }
        ClientAddr(nearest)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddr {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<ClientAddr, Error> {
        let peer = parts.extensions.get::<ConnectInfo<std::net::SocketAddr>>();
        let peer = peer.map_or(IpAddr::from([127, 0, 0, 1]), |info| info.0.ip());
        let trusted = parts.extensions.get::<Shell>().map_or(&[][..], |shell| &shell.trusted);
        let forwarded: Vec<&str> =
            parts.headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).collect();
        Ok(ClientAddr::behind(peer, Some(&forwarded.join(",")), trusted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_no_more() {
        let limiter = Limiter::new(3, Duration::from_secs(60));
        for _ in 0..3 {
            assert!(limiter.check(&"a").is_ok());
        }
        let Err(Error::TooMany(wait)) = limiter.check(&"a") else { panic!("a fourth was let through") };
        assert!(wait > Duration::from_secs(50) && wait <= Duration::from_secs(60), "{wait:?}");
        assert!(limiter.check(&"b").is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let mut limiter = Limiter::new(1, Duration::from_secs(3600));
        limiter.most = 100;
        let taken = (0..20_000_u32).filter(|key| limiter.check(key).is_ok()).count();
        let shared = usize::try_from(SHARED).unwrap();
        assert!(limiter.exact.len() <= 100 && limiter.shared.len() <= shared);
        assert!(taken <= 100 + shared, "{taken}");
    }

    #[test]
    fn another_spelling_is_the_same_account() {
        let rates = Rates::default();
        let from = |n: u8| ClientAddr(IpAddr::from([192, 0, 2, n]));
        for n in 0..10 {
            assert!(rates.sign_in(from(n), "Minato").is_ok());
        }
        assert!(rates.sign_in(from(11), " mINATO ").is_err());
    }

    #[test]
    fn only_our_proxy_is_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let trusted = [ip("10.0.0.5")];
        let behind = |peer: &str, said: &str| ClientAddr::behind(ip(peer), Some(said), &trusted).0;
        assert_eq!(behind("203.0.113.9", "198.51.100.1"), ip("203.0.113.9"));
        assert_eq!(behind("10.0.0.5", "198.51.100.1, 203.0.113.9"), ip("203.0.113.9"));
        assert_eq!(behind("10.0.0.5", "nonsense"), ip("10.0.0.5"));
        assert_eq!(behind("10.0.0.5", ""), ip("10.0.0.5"));
        assert_eq!(ClientAddr(ip("2001:db8::1:2:3:4")).network(), ClientAddr(ip("2001:db8::9")).network());
    }
}
