//! Passwords: argon2id (19 MiB, t = 2, p = 1; OWASP's first choice), on a few threads of their own, since each takes
//! tens of milliseconds. Threads of their own save memory too: the allocator keeps what a thread has freed for that
//! thread, and the runtime has hundreds of threads for blocking work.
//!
//! Every computation needs a [`HashPermit`], and waits in the queue of its client's address
//! ([`queue`](super::queue)): requests of others, however many, delay it by one computation.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::oneshot;

use super::hash_permit::{Buckets, HashPermit, Requester, Source, too_many};
use super::queue::{Full, Queue};
use crate::config::Password as Rules;
use crate::error::{Error, Kind, Result};
use crate::services::platform::limits::Limits;
use crate::wire::UserId;

/// How long a request waits for its turn before it fails.
const WAIT: Duration = Duration::from_secs(10);

/// Computations that may wait for a thread.
const WAITING: usize = 1024;

/// Computations of one address that may wait, if addresses are limited.
const WAITING_OF_ONE: usize = 64;

/// The longest password, in bytes.
const MAX_LENGTH: usize = 72;

/// A violated rule for passwords: the protocol's error name, and a sentence.
type Lack = (&'static str, &'static str);

const NO_LOWERCASE: Lack = (
    "model.user.is_valid.pwd_lowercase.app_error",
    "Your password must contain at least one lowercase letter.",
);
const NO_UPPERCASE: Lack = (
    "model.user.is_valid.pwd_uppercase.app_error",
    "Your password must contain at least one uppercase letter.",
);
const NO_NUMBER: Lack =
    ("model.user.is_valid.pwd_number.app_error", "Your password must contain at least one number.");
const NO_SYMBOL: Lack =
    ("model.user.is_valid.pwd_symbol.app_error", "Your password must contain at least one symbol.");

/// A password that satisfies the rules, whether or not an account has it.
pub struct PlainPassword(String);

impl PlainPassword {
    /// Checks the rules: the length in bytes, and a character of each required kind.
    pub fn new(text: String, rules: &Rules) -> Result<Self> {
        if !(rules.minimum_length..=MAX_LENGTH).contains(&text.len()) {
            let message = format!(
                "Your password must contain between {} and {MAX_LENGTH} characters.",
                rules.minimum_length
            );
            return Err(Error::invalid("model.user.is_valid.pwd.app_error", message));
        }
        let lacks = |demanded: bool, has: fn(char) -> bool| demanded && !text.chars().any(has);
        for (is_lacking, id, message) in [
            (lacks(rules.lowercase, char::is_lowercase), NO_LOWERCASE.0, NO_LOWERCASE.1),
            (lacks(rules.uppercase, char::is_uppercase), NO_UPPERCASE.0, NO_UPPERCASE.1),
            (lacks(rules.number, char::is_numeric), NO_NUMBER.0, NO_NUMBER.1),
            (lacks(rules.symbol, |c| !c.is_alphanumeric()), NO_SYMBOL.0, NO_SYMBOL.1),
        ] {
            if is_lacking {
                return Err(Error::invalid(id, message));
            }
        }
        Ok(Self(text))
    }
}

/// A computation, which sends its own result.
type Job = Box<dyn FnOnce() + Send>;

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    line: Arc<Line>,
    buckets: Buckets,
    /// A hash that no password matches: a login with an unknown name takes as long as one with a known name.
    nobody: Arc<str>,
    /// The memory of a computation, which determines its time.
    kibibytes: u32,
}

/// The queue of jobs; the threads end when it is dropped.
struct Line(Arc<Queue<Source, Job>>);

impl Drop for Line {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Passwords {
    /// Starts `at_once` threads, whose computations use `kibibytes` of memory each; `limits` bounds the permits of a
    /// client.
    pub fn new(at_once: usize, kibibytes: u32, limits: Option<Arc<Limits>>) -> Result<Self> {
        let nobody = hash(b"nobody has this password", kibibytes)?;
        let of_one = if limits.is_some() { WAITING_OF_ONE } else { WAITING };
        let queue = Arc::new(Queue::new(of_one, WAITING));
        for _ in 0..at_once {
            let queue = queue.clone();
            let worker = thread::Builder::new().name("passwords".to_owned());
            worker.spawn(move || work(&queue)).map_err(|e| Error::internal(format!("threads: {e}")))?;
        }
        Ok(Self { line: Arc::new(Line(queue)), buckets: Buckets(limits), nobody: nobody.into(), kibibytes })
    }

    /// A permit for one computation; `TooMany` if the client had too many. Costs nothing: to be asked for before
    /// anything else is done.
    pub fn admit(&self, requester: Requester) -> Result<HashPermit> {
        self.buckets.admit(requester)
    }

    /// Counts the computation for the account that it is about, too.
    pub fn charge(&self, turn: &HashPermit, account: UserId) -> Result<()> {
        self.buckets.charge(turn, account)
    }

    /// The hash to store for a password.
    pub async fn hash(&self, turn: HashPermit, password: PlainPassword) -> Result<String> {
        let kibibytes = self.kibibytes;
        self.run(turn, move || hash(password.0.as_bytes(), kibibytes)).await?
    }

    /// Whether `password` matches the stored hash `kept`. Without one the answer is no, after the same work.
    pub async fn verify(&self, turn: HashPermit, password: String, kept: Option<String>) -> Result<bool> {
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.nobody.to_string());
        let fits = self.run(turn, move || verify(password.as_bytes(), &kept)).await?;
        Ok(fits && known)
    }

    async fn run<T: Send + 'static>(
        &self,
        turn: HashPermit,
        compute: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let busy = |detail: &str| Error {
            kind: Kind::Unavailable { retry_after: 2 },
            ..Error::unavailable(format!("passwords: {detail}"))
        };
        let (answer, done) = oneshot::channel();
        let job = Box::new(move || {
            // The request may have given up.
            if !answer.is_closed() {
                drop(answer.send(compute()));
            }
        });
        self.line.0.push(turn.source, job).map_err(|full| match full {
            Full::Own => too_many(2),
            Full::All => busy("too many wait"),
        })?;
        let answer = tokio::time::timeout(WAIT, done).await.map_err(|e| busy(&e.to_string()))?;
        // The job panicked, or was dropped for a job of another address.
        answer.map_err(|_closed| busy("given up"))
    }
}

/// The loop of a thread: runs jobs until the queue is closed.
fn work(queue: &Queue<Source, Job>) {
    while let Some(job) = queue.pop() {
        // A job that panics drops its channel, which ends its request; the thread goes on.
        drop(catch_unwind(AssertUnwindSafe(job)));
    }
}

fn argon2(kibibytes: u32) -> Result<Argon2<'static>> {
    let params = Params::new(kibibytes, 2, 1, None).map_err(|e| Error::internal(format!("argon2: {e}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8], kibibytes: u32) -> Result<String> {
    let hash =
        argon2(kibibytes)?.hash_password(password).map_err(|e| Error::internal(format!("argon2: {e}")))?;
    Ok(hash.to_string())
}

/// Verifies with the parameters of the stored hash, so that those of new hashes can change.
fn verify(password: &[u8], kept: &str) -> bool {
    PasswordHash::new(kept).is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENIENT: Rules =
        Rules { minimum_length: 8, lowercase: false, uppercase: false, number: false, symbol: false };

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_nobody_has_the_dummy() {
        let passwords = Passwords::new(1, 19 * 1024, None).expect("argon2 works");
        let turn = || passwords.admit(Requester::CONSOLE).expect("no limits");
        let plain = || "correct horse".to_owned();
        let plain_enough = PlainPassword::new(plain(), &LENIENT).expect("long enough");
        let kept = passwords.hash(turn(), plain_enough).await.expect("hashed");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.verify(turn(), plain(), Some(kept.clone())).await.expect("checked"));
        assert!(!passwords.verify(turn(), "battery staple".into(), Some(kept)).await.expect("checked"));
        assert!(!passwords.verify(turn(), "nobody has this password".into(), None).await.expect("checked"));
    }

    /// A hundred jobs of one address wait for one busy thread, and then a job of another address is added.
    #[test]
    fn a_flood_from_one_address_delays_another_by_one_computation() {
        let passwords = Passwords::new(1, 64, None).expect("argon2 works");
        let (done, order) = std::sync::mpsc::channel();
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let at = |last| Requester::at(Some(std::net::IpAddr::from([10, 0, 0, last]))).source;
        let blocks = move || {
            let _ = gate.recv();
        };
        passwords.line.0.push(at(1), Box::new(blocks)).expect("room");
        for last in std::iter::repeat_n(1, 100).chain([2]) {
            let done = done.clone();
            let tells = move || {
                let _ = done.send(last);
            };
            passwords.line.0.push(at(last), Box::new(tells)).expect("room");
        }
        drop((open, done));
        let order: Vec<u8> = order.iter().collect();
        assert!(order.iter().position(|last| *last == 2).is_some_and(|place| place <= 1), "{order:?}");
        assert_eq!(order.len(), 101);
    }

    #[tokio::test]
    async fn an_address_and_an_account_have_a_bucket_each_and_the_console_has_none() {
        let limits = Arc::new(Limits::new(1, 3));
        let passwords = Passwords::new(1, 64, Some(limits)).expect("argon2 works");
        let at = |last| Requester::at(Some(std::net::IpAddr::from([10, 0, 0, last])));
        let admitted = |requester| (0..10).filter(|_| passwords.admit(requester).is_ok()).count();
        assert_eq!((admitted(at(1)), admitted(at(2)), admitted(at(1))), (3, 3, 0));
        assert_eq!((admitted(at(1).trusted()), admitted(Requester::CONSOLE)), (10, 10));
        let account = UserId::new();
        let charged = (3..12).filter(|last| {
            passwords.admit(at(*last)).is_ok_and(|turn| passwords.charge(&turn, account).is_ok())
        });
        assert_eq!(charged.count(), 3);
        let refused = passwords.admit(at(1)).expect_err("none left");
        assert_eq!(refused.kind, Kind::TooMany { retry_after: 1 });
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(PlainPassword::new("1234567".into(), &LENIENT).is_err());
        assert!(PlainPassword::new("x".repeat(73), &LENIENT).is_err());
        assert!(PlainPassword::new("x".repeat(72), &LENIENT).is_ok());
    }

    #[test]
    fn each_kind_that_is_demanded_must_be_there() {
        let strict =
            Rules { minimum_length: 10, lowercase: true, uppercase: true, number: true, symbol: true };
        for (password, lack) in [
            ("Sw0rdfish", "pwd."),
            ("SW0RDFISH!", "pwd_lowercase."),
            ("sw0rdfish!", "pwd_uppercase."),
            ("Swordfish!", "pwd_number."),
            ("Sw0rdfishes", "pwd_symbol."),
        ] {
            let error = PlainPassword::new(password.into(), &strict).err().expect(password);
            assert!(error.id.contains(lack), "{password}: {}", error.id);
        }
        assert!(PlainPassword::new("Sw0rdfish!".into(), &strict).is_ok());
    }
}
