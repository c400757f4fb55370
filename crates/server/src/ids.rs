//! Random names and secrets. All of them are random and none carries time.

use noroshi_council::ThingId;

/// Without letters that are mistaken for one another on the telephone.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// An id for a thing, such as `A-7KQ4M9T2XCHW`: 60 random bits.
#[must_use]
pub fn thing(letter: char) -> ThingId {
    ThingId(format!("{letter}-{}", letters(12)))
}

/// An id of an organisation, a person or a token.
#[must_use]
pub fn plain(prefix: &str) -> String {
    format!("{prefix}-{}", letters(12))
}

/// A secret of 256 random bits, URL-safe.
#[must_use]
pub fn secret() -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes::<32>())
}

fn letters(count: usize) -> String {
    let random = bytes::<32>();
    random.iter().take(count).map(|b| char::from(ALPHABET[usize::from(b & 31)])).collect()
}

/// Random bytes.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut buffer = [0; N];
    // Without randomness there is neither secrecy nor uniqueness: there is nothing sensible left to do.
    #[expect(
        clippy::expect_used,
        reason = "the operating system's randomness does not fail on a running system"
    )]
    getrandom::fill(&mut buffer).expect("the operating system gives randomness");
    buffer
}
