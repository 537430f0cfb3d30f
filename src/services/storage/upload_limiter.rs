//! Whose turn it is to send: a bound on what is sent to the storage at a time, with a share of it for each account, and
//! a bound on what is looked into afterwards, which needs the whole file in memory.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};
use crate::services::limits::{Share, Shares};
use crate::wire::UserId;

/// How long anybody waits for a turn.
const PATIENCE: Duration = Duration::from_secs(60);

/// Files that are looked into at a time.
const LOOKS: usize = 2;

/// The turns of this node.
pub struct UploadLimiter {
    all: Arc<Semaphore>,
    each: Shares,
    patience: Duration,
    looks: Arc<Semaphore>,
}

/// A turn. It ends when this is dropped.
pub struct UploadPermit {
    _all: OwnedSemaphorePermit,
    _own: Share,
}

impl UploadLimiter {
    /// So many at once; of one account a quarter at most.
    pub fn new(at_once: usize) -> Self {
        Self::with_patience(at_once, PATIENCE)
    }

    fn with_patience(at_once: usize, patience: Duration) -> Self {
        Self {
            all: Arc::new(Semaphore::new(at_once)),
            // What waits is bounded in time.
            each: Shares::new(at_once.div_ceil(4), usize::MAX),
            patience,
            looks: Arc::new(Semaphore::new(LOOKS)),
        }
    }

    /// Waits for a turn of `user`.
    pub async fn next(&self, user: UserId) -> Result<UploadPermit> {
        let turn = async { (self.each.turn(user).await, self.all.clone().acquire_owned().await) };
        match tokio::time::timeout(self.patience, turn).await {
            Ok((Ok(own), Ok(all))) => Ok(UploadPermit { _all: all, _own: own }),
            _ => Err(Error::unavailable("too many uploads wait for their turn")),
        }
    }

    /// Waits until a file may be read into memory.
    pub async fn look(&self) -> Result<OwnedSemaphorePermit> {
        let look = tokio::time::timeout(self.patience, self.looks.clone().acquire_owned()).await;
        look.ok()
            .and_then(|look| look.ok())
            .ok_or_else(|| Error::unavailable("too many files wait to be looked into"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_account_has_a_quarter_and_the_others_the_rest() {
        let upload_limiter = UploadLimiter::with_patience(8, Duration::from_millis(1));
        let (ann, bob) = (UserId::new(), UserId::new());
        let mut held = vec![
            upload_limiter.next(ann).await.expect("first"),
            upload_limiter.next(ann).await.expect("second"),
        ];
        assert!(upload_limiter.next(ann).await.is_err(), "a third would be more than the share");
        held.push(upload_limiter.next(bob).await.expect("bob's"));
        drop(held.remove(0));
        held.push(upload_limiter.next(ann).await.expect("there is space again"));
        drop(held);
        let _bobs = upload_limiter.next(bob).await.expect("bob's");
        assert_eq!(upload_limiter.each.accounts(), 1, "ann is forgotten");
    }
}
