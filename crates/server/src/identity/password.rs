//! Passwords: argon2id, off the async threads and only a few at a time, because each takes memory.

use std::sync::LazyLock;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash};
use noroshi_council::{Refusal, refusal::Clause};
use tokio::sync::Semaphore;

use crate::web::Error;

/// The shortest password, characters.
pub const SHORTEST: usize = 12;
/// The longest password, bytes: more would only cost time.
pub const LONGEST: usize = 256;

/// How many are hashed at once: 19 MiB each.
static PLACES: Semaphore = Semaphore::const_new(4);

/// What is verified against where there is no account or no password, so that absence takes as long as presence.
static NOBODY: LazyLock<String> = LazyLock::new(|| hashed("nobody").unwrap_or_default());

/// Refuses a password that is too short, too long, or the address itself.
///
/// # Errors
/// Names the field `password`.
pub fn check(password: &str, email: &str) -> Result<(), Refusal> {
    if password.chars().count() < SHORTEST {
        return Err(Refusal::new(Clause::TextMissing)
            .at("password")
            .limit(i64::try_from(SHORTEST).unwrap_or(0)));
    }
    if password.len() > LONGEST {
        return Err(Refusal::new(Clause::TextTooLong)
            .at("password")
            .limit(i64::try_from(LONGEST).unwrap_or(0)));
    }
    let mut letters = password.chars();
    let first = letters.next();
    if password.eq_ignore_ascii_case(email.trim()) || letters.all(|c| Some(c) == first) {
        return Err(Refusal::new(Clause::BadValue).at("password"));
    }
    Ok(())
}

fn hashed(password: &str) -> Result<String, Error> {
    Ok(Argon2::default().hash_password(password.as_bytes()).map_err(Error::internal)?.to_string())
}

/// The string that is kept of a password.
///
/// # Errors
/// Fails where there is no memory for it.
pub async fn hash(password: String) -> Result<String, Error> {
    let _place = PLACES.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || hashed(&password)).await.map_err(Error::internal)?
}

/// Whether a password is the one that `kept` was made of. Takes as long where there is none.
///
/// # Errors
/// Fails where the work cannot be done.
pub async fn verify(password: String, kept: Option<String>) -> Result<bool, Error> {
    if password.len() > LONGEST {
        return Ok(false);
    }
    let _place = PLACES.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || {
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| NOBODY.clone());
        let Ok(kept) = PasswordHash::new(&kept) else { return false };
        Argon2::default().verify_password(password.as_bytes(), &kept).is_ok() && known
    })
    .await
    .map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_is_right() {
        let kept = hash("狼煙を上げる朝に 五時".into()).await.unwrap();
        assert!(kept.starts_with("$argon2id$"));
        assert!(verify("狼煙を上げる朝に 五時".into(), Some(kept.clone())).await.unwrap());
        assert!(!verify("狼煙を上げる朝に 六時".into(), Some(kept)).await.unwrap());
        assert!(!verify("nobody".into(), None).await.unwrap());
    }

    #[test]
    fn weak_passwords_are_refused() {
        assert!(check("short", "a@b.example").is_err());
        assert!(check("aaaaaaaaaaaaaaaa", "a@b.example").is_err());
        assert!(check("someone@b.example", "Someone@b.example").is_err());
        assert!(check(&"x1".repeat(200), "a@b.example").is_err());
        assert!(check("五文字より長い十二文字のことば", "a@b.example").is_ok());
    }
}
