//! Promises broken on purpose, so that the tests can show that they would notice (`scripts/leaks`).
//!
//! Each is a feature `leak-…` of the crate that keeps the promise, and is in no other build. In a build of several, the
//! variable `NOROSHI_LEAK` says which one is broken: to build once for each of them would take longer than all else.

use std::sync::OnceLock;

/// Whether this promise is broken in this process: never, but in a build that was made with this feature.
#[doc(hidden)]
#[macro_export]
macro_rules! leaks {
    ($feature:literal) => {
        cfg!(feature = $feature) && $crate::leak::chosen($feature)
    };
}

/// Whether this one is meant: where nothing is said, all that are built in.
#[must_use]
pub fn chosen(feature: &str) -> bool {
    static CHOSEN: OnceLock<Option<String>> = OnceLock::new();
    CHOSEN.get_or_init(|| std::env::var("NOROSHI_LEAK").ok()).as_ref().is_none_or(|one| one == feature)
}
