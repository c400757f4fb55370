//! Promises broken on purpose, so that the tests can show that they would notice (`scripts/leaks`).
//!
//! Each is a feature `leak-…` of the crate that keeps the promise, and is in no other build. To build once for each of them
//! would take longer than all else: in a build of all of them, with the feature `leaks-by-name`, the variable
//! `NOROSHI_LEAK` says which one is broken, and without it none is.

/// Whether this promise is broken in this process: never, but in a build that was made with this feature.
#[doc(hidden)]
#[macro_export]
macro_rules! leaks {
    ($feature:literal) => {
        cfg!(feature = $feature) && $crate::leak::chosen($feature)
    };
}

/// Whether this one is meant.
#[must_use]
#[cfg(feature = "leaks-by-name")]
pub fn chosen(feature: &str) -> bool {
    static CHOSEN: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    CHOSEN.get_or_init(|| std::env::var("NOROSHI_LEAK").ok()).as_deref() == Some(feature)
}

/// Whether this one is meant: it is the one that was built in.
#[must_use]
#[cfg(not(feature = "leaks-by-name"))]
pub const fn chosen(_: &str) -> bool {
    true
}
