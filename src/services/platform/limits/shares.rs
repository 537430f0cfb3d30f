//! Shares of a common resource: beyond its share an account waits for its own turn, first come, first served, so that
//! an account that asks for much delays only itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Kind, Result};
use crate::wire::UserId;

/// The semaphores of accounts that have a turn or wait for one.
type Accounts = Mutex<HashMap<UserId, Arc<Semaphore>>>;

/// The shares of this node's accounts in one resource.
#[derive(Debug)]
pub struct Shares {
    at_once: usize,
    most_waiting: usize,
    accounts: Arc<Accounts>,
}

/// A turn of an account, or a place among those waiting for one. It ends on drop.
#[derive(Debug)]
pub struct Share {
    user: UserId,
    accounts: Arc<Accounts>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Shares {
    /// Creates shares of `at_once` turns for each account, while at most `most_waiting` wait.
    pub fn new(at_once: usize, most_waiting: usize) -> Self {
        Self { at_once, most_waiting, accounts: Arc::default() }
    }

    /// Waits for a turn of `user`; `TooMany` if too many of theirs wait.
    pub async fn turn(&self, user: UserId) -> Result<Share> {
        let mut share = Share { user, accounts: Arc::clone(&self.accounts), permit: None };
        let turns = {
            let mut accounts = lock(&self.accounts);
            Arc::clone(accounts.entry(user).or_insert_with(|| Arc::new(Semaphore::new(self.at_once))))
        };
        // Each turn or waiter holds a reference, and the map another; this is one of them.
        let others = Arc::strong_count(&turns).saturating_sub(2);
        if others >= self.at_once.saturating_add(self.most_waiting) {
            return Err(too_many());
        }
        let closed = |_| Error::internal("the turns of an account are over");
        share.permit = Some(turns.acquire_owned().await.map_err(closed)?);
        Ok(share)
    }

    /// Accounts that have a turn, or wait for one.
    #[cfg(test)]
    pub fn accounts(&self) -> usize {
        lock(&self.accounts).len()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut accounts = lock(&self.accounts);
        self.permit = None;
        // Nobody else of the account waits or has a turn: its semaphore is removed.
        if accounts.get(&self.user).is_some_and(|turns| Arc::strong_count(turns) == 1) {
            accounts.remove(&self.user);
        }
    }
}

fn lock(accounts: &Accounts) -> MutexGuard<'_, HashMap<UserId, Arc<Semaphore>>> {
    accounts.lock().unwrap_or_else(PoisonError::into_inner)
}

fn too_many() -> Error {
    Error::new(
        Kind::TooMany { retry_after: 1 },
        "api.context.too_much_at_once.app_error",
        "Too many requests at once. Try again in a moment.",
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn one_account_waits_for_itself_alone_and_is_forgotten() {
        let shares = Shares::new(2, 200);
        let [ann, bob] = [(); 2].map(|()| UserId::new());
        let first = shares.turn(ann).await.expect("a turn");
        let second = shares.turn(ann).await.expect("a turn");
        let soon = |user| tokio::time::timeout(Duration::from_millis(20), shares.turn(user));
        assert!(soon(ann).await.is_err(), "a third waits");
        drop(soon(bob).await.expect("another's turn").expect("is free"));
        drop(first);
        drop(soon(ann).await.expect("its turn").expect("comes"));
        assert_eq!(shares.accounts(), 1);
        drop(second);
        assert_eq!(shares.accounts(), 0);
    }

    #[tokio::test]
    async fn those_who_wait_are_bounded() {
        let shares = Shares::new(1, 200);
        let ann = UserId::new();
        let held = shares.turn(ann).await.expect("a turn");
        let mut waiting: Vec<_> = (0..200).map(|_| Box::pin(shares.turn(ann))).collect();
        for one in &mut waiting {
            assert!(futures_util::poll!(one).is_pending());
        }
        assert!(shares.turn(ann).await.is_err());
        drop(waiting);
        drop(held);
        assert_eq!(shares.accounts(), 0);
    }
}
