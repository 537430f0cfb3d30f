//! Passwords: argon2id (19 MiB, t = 2, p = 1; OWASP's first choice), on a few threads of their own, since each takes tens
//! of milliseconds. Of their own for the memory too: the allocator keeps what a thread has freed for that thread, and
//! the runtime has hundreds of threads for blocking work.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::oneshot;

use crate::error::{Error, Kind, Result};

/// How long a request waits for its turn before it is told to come back later.
const WAIT: Duration = Duration::from_secs(10);

/// Computations that may wait for a thread.
const WAITING: usize = 1024;

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

/// A computation, which sends its own result.
type Job = Box<dyn FnOnce() + Send>;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    jobs: SyncSender<Job>,
    /// The hash of nobody's password: a login for an unknown name costs what one for a known name costs.
    nobody: Arc<str>,
}

impl Passwords {
    /// At most `at_once` computations at a time.
    pub fn new(at_once: usize) -> Result<Self> {
        let nobody = hash(b"nobody has this password")?;
        let (jobs, waiting) = mpsc::sync_channel(WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..at_once {
            let waiting = waiting.clone();
            let worker = thread::Builder::new().name("passwords".to_owned());
            worker.spawn(move || work(&waiting)).map_err(|e| Error::internal(format!("threads: {e}")))?;
        }
        Ok(Self { jobs, nobody: nobody.into() })
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

    async fn run<T: Send + 'static>(&self, compute: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = |detail: &str| Error {
            kind: Kind::Unavailable { retry_after: 2 },
            ..Error::unavailable(format!("passwords: {detail}"))
        };
        let (answer, done) = oneshot::channel();
        let job = Box::new(move || {
            // Whoever asked may have given up.
            if !answer.is_closed() {
                drop(answer.send(compute()));
            }
        });
        self.jobs.try_send(job).map_err(|e| busy(&e.to_string()))?;
        let answer = tokio::time::timeout(WAIT, done).await.map_err(|e| busy(&e.to_string()))?;
        answer.map_err(|e| Error::internal(format!("password thread: {e}")))
    }
}

/// A thread's life: until nobody can ask any more.
fn work(waiting: &Mutex<Receiver<Job>>) {
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // One that panics is answered by the end of its channel, and the thread goes on.
        drop(catch_unwind(AssertUnwindSafe(job)));
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
