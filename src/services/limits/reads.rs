//! How many questions of one account are answered at a time. Each holds a connection to the database; the others wait for
//! their turn, first come, first served, so that whoever asks for much at once waits for themselves, and nobody else for
//! them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Kind, Result};
use crate::wire::UserId;

/// Questions of one account that wait at most; a browser has no more under way than a few.
const MOST_WAITING: usize = 200;

/// The questions that are being answered here.
#[derive(Debug)]
pub struct Reads {
    at_once: usize,
    of: Arc<Mutex<HashMap<UserId, Arc<Semaphore>>>>,
}

/// A question that is being answered, until this is dropped.
#[derive(Debug)]
pub struct ReadTurn {
    user: UserId,
    of: Arc<Mutex<HashMap<UserId, Arc<Semaphore>>>>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Reads {
    /// Of so many connections one account holds half.
    pub fn sharing(connections: usize) -> Self {
        Self { at_once: (connections / 2).max(1), of: Arc::default() }
    }

    /// Waits until it is the turn of a question of `user`; refused where too many wait.
    pub async fn turn(&self, user: UserId) -> Result<ReadTurn> {
        let turns = {
            let mut of = lock(&self.of);
            Arc::clone(of.entry(user).or_insert_with(|| Arc::new(Semaphore::new(self.at_once))))
        };
        // Each question that waits or is answered has one, the map another; this is one of them.
        if Arc::strong_count(&turns) >= self.at_once + MOST_WAITING + 2 {
            return Err(too_many());
        }
        let closed = |_| Error::internal("the turns of an account are over");
        let permit = turns.acquire_owned().await.map_err(closed)?;
        Ok(ReadTurn { user, of: Arc::clone(&self.of), permit: Some(permit) })
    }
}

impl Drop for ReadTurn {
    fn drop(&mut self) {
        let mut of = lock(&self.of);
        self.permit = None;
        // Nobody else waits or is answered: it is forgotten.
        if of.get(&self.user).is_some_and(|turns| Arc::strong_count(turns) == 1) {
            of.remove(&self.user);
        }
    }
}

fn lock(of: &Mutex<HashMap<UserId, Arc<Semaphore>>>) -> MutexGuard<'_, HashMap<UserId, Arc<Semaphore>>> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
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
        let reads = Reads::sharing(4);
        let [ann, bob] = [(); 2].map(|()| UserId::new());
        let first = reads.turn(ann).await.expect("a turn");
        let second = reads.turn(ann).await.expect("a turn");
        let soon = |user| tokio::time::timeout(Duration::from_millis(20), reads.turn(user));
        assert!(soon(ann).await.is_err(), "a third waits");
        drop(soon(bob).await.expect("another's turn").expect("is free"));
        drop(first);
        drop(soon(ann).await.expect("its turn").expect("comes"));
        assert_eq!(lock(&reads.of).len(), 1);
        drop(second);
        assert_eq!(lock(&reads.of).len(), 0);
    }

    #[tokio::test]
    async fn those_who_wait_are_bounded() {
        let reads = Reads::sharing(1);
        let ann = UserId::new();
        let held = reads.turn(ann).await.expect("a turn");
        let mut waiting: Vec<_> = (0..MOST_WAITING).map(|_| Box::pin(reads.turn(ann))).collect();
        for one in &mut waiting {
            assert!(futures_util::poll!(one).is_pending());
        }
        assert!(reads.turn(ann).await.is_err());
        drop(waiting);
        drop(held);
        assert_eq!(lock(&reads.of).len(), 0);
    }
}
