//! 添付: files that come with a post of a consultation (R43). Here is what is said of them; their bytes are kept beside the
//! consultation, are read by whoever reads it, and go with it.

use serde::{Deserialize, Serialize};

use crate::{
    Refusal,
    refusal::{self, Clause, require},
};

/// How large one file may be, bytes.
pub const FILE_MAX: u64 = 10 << 20;
/// How many files may come with one post.
pub const FILES_MAX: usize = 10;
/// How many files one consultation holds.
pub const HELD_MAX: usize = 100;
/// How long the name of a file may be, in characters.
const NAME_MAX: usize = 200;

/// A file as it is brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// What whoever brings it calls it.
    pub name: String,
    /// How large it is, bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A file of a consultation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// 1, 2, 3 … within the consultation.
    pub no: u32,
    /// What whoever brought it called it. To be shown, never to be opened by.
    pub name: String,
    /// How large it is, bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// Numbers files that follow `held` others.
///
/// # Errors
/// Refuses a file without a name, an empty or too large one, and too many of them, at `files`.
pub(super) fn numbered(brought: &[Brought], held: usize) -> Result<Vec<Attachment>, Refusal> {
    let most = FILES_MAX.min(HELD_MAX.saturating_sub(held));
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    require(brought.len() <= most, Clause::TooManyAttachments).map_err(|r| r.at("files").limit(limit))?;
    let first = u32::try_from(held).unwrap_or(u32::MAX).saturating_add(1);
    (first..)
        .zip(brought)
        .map(|(no, file)| {
            let name = refusal::line(&file.name, "files", NAME_MAX)?;
            require(file.size > 0, Clause::AttachmentEmpty).map_err(|r| r.at("files"))?;
            let limit = i64::try_from(FILE_MAX >> 20).unwrap_or(i64::MAX);
            require(file.size <= FILE_MAX, Clause::AttachmentTooLarge)
                .map_err(|r| r.at("files").limit(limit))?;
            Ok(Attachment { no, name, size: file.size, sha256: file.sha256.clone() })
        })
        .collect()
}
