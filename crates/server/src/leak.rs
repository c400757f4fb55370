//! Promises of this crate broken on purpose, one at a time, so that the tests can show that they would notice.
//!
//! They are there only in builds with the feature `leaks`, which `scripts/leaks` makes: one build for all of them, because
//! linking is what takes long. `NOROSHI_LEAK` says which one is broken.

/// The names of all of them.
pub const LEAKS: &[&str] = &[
    "audience",
    "feed",
    "bell",
    "taxii",
    "oracle",
    "mail",
    "news",
    "board",
    "unpledged",
    "count",
    "pair",
    "guard",
    "record",
    "period",
    "amendment",
    "sealed",
    "year",
];

/// Whether this promise is broken in this process. Never, but in a build that is made for it.
#[must_use]
pub fn leaks(name: &str) -> bool {
    debug_assert!(LEAKS.contains(&name));
    cfg!(feature = "leaks") && std::env::var("NOROSHI_LEAK").is_ok_and(|leak| leak == name)
}
