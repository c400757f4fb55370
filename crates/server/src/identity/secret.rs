//! Secrets that people and programs carry. Each says by its beginning what it is, so that scanners find one that leaked;
//! only its hash is kept. 256 random bits need no slow hash.

use sha2::{Digest, Sha256};

use crate::{ids, store::audience::hex};

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In the cookie of a browser.
    Session,
    /// In a program.
    Token,
    /// In the link of an invitation.
    Invitation,
    /// In the link to an application.
    Application,
}

impl Kind {
    fn prefix(self) -> &'static str {
        match self {
            Kind::Session => "nrs_",
            Kind::Token => "nrt_",
            Kind::Invitation => "nri_",
            Kind::Application => "nra_",
        }
    }
}

/// A new secret, as its owner carries it.
#[must_use]
pub fn new(kind: Kind) -> String {
    format!("{}{}", kind.prefix(), ids::secret())
}

/// What is kept of a secret; nothing where it cannot be one of this kind.
#[must_use]
pub fn hash(kind: Kind, secret: &str) -> Option<String> {
    let rest = secret.strip_prefix(kind.prefix())?;
    let good = rest.len() == 43 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    good.then(|| hex(&Sha256::digest(secret)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_of_one_kind_is_none_of_another() {
        let token = new(Kind::Token);
        assert!(hash(Kind::Token, &token).is_some());
        assert_eq!(hash(Kind::Session, &token), None);
        assert_eq!(hash(Kind::Token, &token[..20]), None);
        assert_ne!(hash(Kind::Token, &token), hash(Kind::Token, &new(Kind::Token)));
    }
}
