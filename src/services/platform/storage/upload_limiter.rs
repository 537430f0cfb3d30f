//! Limits concurrent uploads: the number that are sent to the storage at a time, with a share of it for each account,
//! and the number of files that are inspected afterwards, which needs the whole file in memory.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};
use crate::services::platform::limits::{Share, Shares};
use crate::wire::UserId;

/// The longest wait for a slot.
const PATIENCE: Duration = Duration::from_secs(60);

/// Uploads of one account that may wait for a slot.
const WAITING_OF_ONE: usize = 200;

/// The files that are inspected at a time.
const LOOKS: usize = 2;

/// The upload slots of this node.
pub struct UploadLimiter {
    all: Arc<Semaphore>,
    each: Shares,
    patience: Duration,
    looks: Arc<Semaphore>,
}

/// An upload slot. It is released when this is dropped.
pub struct UploadPermit {
    _all: OwnedSemaphorePermit,
    _own: Share,
}

impl UploadLimiter {
    /// A limiter of `at_once` uploads; one account gets a quarter of the slots at most.
    pub fn new(at_once: usize) -> Self {
        Self::with_patience(at_once, PATIENCE)
    }

    fn with_patience(at_once: usize, patience: Duration) -> Self {
        Self {
            all: Arc::new(Semaphore::new(at_once)),
            each: Shares::new(at_once.div_ceil(4), WAITING_OF_ONE),
            patience,
            looks: Arc::new(Semaphore::new(LOOKS)),
        }
    }

    /// Waits for an upload slot of `user`; `TooMany` if too many of theirs wait, `Unavailable` if it takes too long.
    pub async fn next(&self, user: UserId) -> Result<UploadPermit> {
        let turn = async {
            let own = self.each.turn(user).await?;
            let all = self.all.clone().acquire_owned().await;
            let all = all.map_err(|e| Error::internal(format!("the slots of uploads are over: {e}")))?;
            Ok(UploadPermit { _all: all, _own: own })
        };
        let taken = tokio::time::timeout(self.patience, turn).await;
        taken.unwrap_or_else(|_| Err(Error::unavailable("too many uploads wait for their turn")))
    }

    /// Waits until a file may be read into memory; an error if that takes too long.
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
    use crate::error::Kind;

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

    #[tokio::test]
    async fn only_so_many_of_one_account_wait() {
        let upload_limiter = UploadLimiter::with_patience(4, Duration::from_secs(60));
        let (ann, bob) = (UserId::new(), UserId::new());
        let held = upload_limiter.next(ann).await.expect("the first");
        let mut waiting = Vec::new();
        for _ in 0..WAITING_OF_ONE {
            let mut next = Box::pin(upload_limiter.next(ann));
            assert!(futures_util::poll!(&mut next).is_pending());
            waiting.push(next);
        }
        let refused = upload_limiter.next(ann).await.err().expect("one too many");
        assert!(matches!(refused.kind, Kind::TooMany { .. }), "{refused}");
        upload_limiter.next(bob).await.expect("bob's");
        drop(held);
        waiting.remove(0).await.expect("whoever waited longest");
    }
}
