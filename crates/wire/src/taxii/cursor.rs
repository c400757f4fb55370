//! Where a page ended: everything that is needed to go on, in the client's hands.
//!
//! The token carries the collection, the filters and the position, because clients send it without the parameters it
//! belongs to. It is authenticated so that nobody makes up positions, but it opens nothing: whoever presents it reads
//! with its own rights.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::Match;

const TAG: usize = 16;

/// What tokens are authenticated with.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// The key of these bytes.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Key {
        // A key shorter than a block is filled up with zeros: so HMAC has it.
        let mut block = [0; 64];
        block[..bytes.len()].copy_from_slice(bytes);
        Key(Hmac::new(&block.into()))
    }

    fn tag(&self, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(b"taxii cursor 1");
        mac.update(body);
        mac
    }
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// In which collection.
    #[serde(rename = "c")]
    pub collection: String,
    /// What was asked for.
    #[serde(rename = "m")]
    pub matching: Match,
    /// From when on.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub added_after: Option<i64>,
    /// The last moment that was on the page.
    #[serde(rename = "p")]
    pub position: i64,
    /// How many objects the pages have.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A token that is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this token was not given out by this server; begin again without `next`")]
pub struct CursorError;

impl Cursor {
    /// The token, which can stand in an address as it is.
    #[must_use]
    pub fn token(&self, key: &Key) -> String {
        // Texts and numbers always become JSON.
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        let tag = key.tag(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&tag[..TAG]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token.
    ///
    /// # Errors
    /// Fails where this key has not authenticated it.
    pub fn read(token: &str, key: &Key) -> Result<Cursor, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| CursorError)?;
        let (body, tag) = bytes.split_last_chunk::<TAG>().ok_or(CursorError)?;
        key.tag(body).verify_truncated_left(tag).map_err(|_| CursorError)?;
        serde_json::from_slice(body).map_err(|_| CursorError)
    }

    /// What is left of the token for another collection: some clients take the last token of one to the next. Where that
    /// one is to begin is the moment that the client began with.
    #[must_use]
    pub fn elsewhere(&self, collection: &str) -> Option<Option<i64>> {
        (self.collection != collection).then_some(self.added_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taxii::Version;
    use proptest::prelude::*;

    fn key(n: u8) -> Key {
        Key::new(&[n; 32])
    }

    fn cursor() -> impl Strategy<Value = Cursor> {
        let version = prop_oneof![
            Just(Version::Last),
            Just(Version::First),
            Just(Version::All),
            any::<i64>().prop_map(Version::Exact)
        ];
        let texts = || prop::collection::vec(".{0,12}", 0..3);
        let matching = (texts(), texts(), prop::collection::vec(version, 0..3), texts())
            .prop_map(|(id, kind, version, spec)| Match { id, kind, version, spec });
        (".{0,40}", matching, any::<Option<i64>>(), any::<i64>(), any::<Option<u32>>()).prop_map(
            |(collection, matching, added_after, position, limit)| Cursor {
                collection,
                matching,
                added_after,
                position,
                limit,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_given_out_comes_back(cursor in cursor()) {
            let token = cursor.token(&key(1));
            prop_assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
            prop_assert_eq!(Cursor::read(&token, &key(1)), Ok(cursor));
            prop_assert_eq!(Cursor::read(&token, &key(2)), Err(CursorError));
        }

        #[test]
        fn one_changed_letter_is_noticed(cursor in cursor(), at: prop::sample::Index, put in "[A-Za-z0-9_-]") {
            let token = cursor.token(&key(1));
            let at = at.index(token.len());
            let mut changed = token.clone();
            changed.replace_range(at..=at, &put);
            prop_assume!(changed != token);
            prop_assert_eq!(Cursor::read(&changed, &key(1)), Err(CursorError));
        }

        #[test]
        fn arbitrary_tokens_never_panic(token in ".{0,80}") {
            prop_assert!(Cursor::read(&token, &key(1)).is_err());
        }
    }

    #[test]
    fn a_token_of_another_collection_still_says_from_when_on() {
        let cursor = Cursor {
            collection: "a".into(),
            matching: Match::default(),
            added_after: Some(5),
            position: 9,
            limit: None,
        };
        assert_eq!(cursor.elsewhere("a"), None);
        assert_eq!(cursor.elsewhere("b"), Some(Some(5)));
    }
}
