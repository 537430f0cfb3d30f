//! Entries about refused acts. A refused act opens no transaction of its own, so its entry is written in the
//! background: the caller learns nothing from the time that it takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::future::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use super::{Outcome, Row, Subject, insert, subject};
use crate::services::auth::{Caller, Core};
use crate::wire::UserId;

/// How long one entry stands for all refusals of the same operation to the same caller: asking a thousand times must
/// not write a thousand rows.
const PAUSE: Duration = Duration::from_secs(60);

/// Refusals remembered at most.
const CAPACITY: u64 = 10_000;

/// Entries that are being written, or wait for a connection to the database, at most. A refusal beyond them is
/// counted: the next entry tells of it in the log.
const AT_ONCE: usize = 64;

/// The recent refusals, by caller and operation. Clones share them.
#[derive(Clone)]
pub struct Refusals {
    written: Cache<(UserId, String), ()>,
    turns: Arc<Semaphore>,
    dropped: Arc<AtomicU64>,
}

impl Default for Refusals {
    fn default() -> Self {
        Self {
            written: Cache::builder().max_capacity(CAPACITY).time_to_live(PAUSE).build(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            dropped: Arc::default(),
        }
    }
}

impl Refusals {
    /// A turn to write an entry; `None` if too many are being written, which the log tells with the next one.
    fn turn(&self) -> Option<OwnedSemaphorePermit> {
        let Ok(turn) = self.turns.clone().try_acquire_owned() else {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        let dropped = self.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(dropped, "refusals were not written down: too many came at once");
        }
        Some(turn)
    }
}

/// Writes an entry about a refused operation: its method, and its path with parameter names. `named` is the path's
/// first parameter that is an identifier.
pub fn refused(
    core: &Core,
    known: &Refusals,
    caller: &Caller,
    (method, path): (&str, &str),
    named: Option<(&str, Uuid)>,
) {
    let subject = named.and_then(|(name, id)| subject::of_parameter(name, id)).unwrap_or(Subject::none());
    let Some(turn) = known.turn() else { return };
    let (core, known, caller) = (core.clone(), known.clone(), caller.clone());
    let (method, path) = (method.to_owned(), path.to_owned());
    tokio::spawn(async move {
        let _turn = turn;
        let key = (caller.id, format!("{method} {path}"));
        if !known.written.entry(key).or_insert(()).await.is_fresh() {
            return;
        }
        let written = async {
            let mut tx = core.begin().await?;
            let outcome = Outcome::Refused;
            let row = Row { action: &path, subject, outcome, extra: &method, ..Row::by(&caller) };
            insert(&mut tx, row).await?;
            tx.commit().await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, "a refusal was not written down");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_are_written_at_a_time() {
        let refusals = Refusals::default();
        let mut held: Vec<_> = (0..AT_ONCE).map_while(|_| refusals.turn()).collect();
        assert_eq!(held.len(), AT_ONCE);
        assert!(refusals.turn().is_none() && refusals.turn().is_none());
        assert_eq!(refusals.dropped.load(Ordering::Relaxed), 2);
        held.pop();
        assert!(refusals.turn().is_some(), "there is space again");
        assert_eq!(refusals.dropped.load(Ordering::Relaxed), 0, "they were told");
    }
}
