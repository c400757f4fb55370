//! TAXII 2.1: what goes over the wire, and what is asked for.

mod cursor;
mod media;
mod message;
mod query;

pub use cursor::{Cursor, CursorError, Key};
pub use media::{MEDIA_TYPE, accepts};
pub use message::{
    ApiRoot, Collection, Collections, Discovery, Envelope, ErrorMessage, Manifest, ManifestRecord, Status,
    Versions,
};
pub use query::{Match, Query, QueryError, Version};
