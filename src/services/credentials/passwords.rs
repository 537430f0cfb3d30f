//! Passwords: argon2id (19 MiB, t = 2, p = 1; OWASP's first choice), off the async threads, behind a bounded number of
//! permits, since each takes memory and tens of milliseconds.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::{Error, Kind, Result};

/// How long a request waits for its turn before it is told to come back later.
const WAIT: Duration = Duration::from_secs(10);

/// A password that keeps the rules: 8 to 72 bytes. Holding one does not mean that it is anybody's.
pub struct PlainPassword(String);

impl PlainPassword {
    /// Checks the rules.
    pub fn new(text: String) -> Result<Self> {
        if (8..=72).contains(&text.len()) {
            return Ok(Self(text));
        }
        Err(Error::invalid(
            "model.user.is_valid.pwd.app_error",
            "Your password must contain between 8 and 72 characters.",
        ))
    }
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// The hash of nobody's password: a login for an unknown name costs what one for a known name costs.
    nobody: Arc<str>,
}

impl Passwords {
    /// At most `at_once` computations at a time.
    pub fn new(at_once: usize) -> Result<Self> {
        let nobody = hash(b"nobody has this password")?;
        Ok(Self { permits: Arc::new(Semaphore::new(at_once)), nobody: nobody.into() })
    }

    /// The hash to keep for a password.
    pub async fn hash(&self, password: PlainPassword) -> Result<String> {
        self.run(move || hash(password.0.as_bytes())).await?
    }

    /// Whether `password` is the one behind `kept`. Without a kept hash the answer is no, after the same work.
    pub async fn verify(&self, password: String, kept: Option<String>) -> Result<bool> {
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.nobody.to_string());
        let fits = self.run(move || verify(password.as_bytes(), &kept)).await?;
        Ok(fits && known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let permit = tokio::time::timeout(WAIT, self.permits.clone().acquire_owned())
            .await
            .map_err(|_elapsed| Error {
                kind: Kind::Unavailable { retry_after: 2 },
                ..Error::unavailable("password permits")
            })?
            .map_err(|e| Error::internal(format!("password permits: {e}")))?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        done.await.map_err(|e| Error::internal(format!("password thread: {e}")))
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| Error::internal(format!("argon2: {e}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8]) -> Result<String> {
    let hash = argon2()?.hash_password(password).map_err(|e| Error::internal(format!("argon2: {e}")))?;
    Ok(hash.to_string())
}

/// The parameters of the kept hash apply, so that those of today can change.
fn verify(password: &[u8], kept: &str) -> bool {
    PasswordHash::new(kept).is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_nobody_has_the_dummy() {
        let passwords = Passwords::new(1).expect("argon2 works");
        let plain = || "correct horse".to_owned();
        let kept = passwords.hash(PlainPassword::new(plain()).expect("long enough")).await.expect("hashed");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.verify(plain(), Some(kept.clone())).await.expect("checked"));
        assert!(!passwords.verify("battery staple".into(), Some(kept)).await.expect("checked"));
        assert!(!passwords.verify("nobody has this password".into(), None).await.expect("checked"));
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(PlainPassword::new("1234567".into()).is_err());
        assert!(PlainPassword::new("x".repeat(73)).is_err());
    }
}
