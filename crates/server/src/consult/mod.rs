//! 相談: asking in private.

pub mod api;
