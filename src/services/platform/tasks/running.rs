//! The tasks on which this node works.

use std::collections::HashMap;

use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use uuid::Uuid;

use super::Kind;

/// The tasks that run now. Dropping it ends them.
#[derive(Default)]
pub(super) struct Running {
    set: JoinSet<()>,
    entries: HashMap<Id, Entry>,
}

struct Entry {
    kind: Kind,
    tasks: Vec<Uuid>,
    handle: AbortHandle,
}

impl Running {
    /// Starts the work on tasks of a kind.
    pub(super) fn start(
        &mut self,
        kind: Kind,
        tasks: Vec<Uuid>,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        // An older attempt at an external task has lost its lease; at a transactional one it cannot end well.
        let older = self.external().filter(|entry| entry.tasks.iter().any(|task| tasks.contains(task)));
        older.for_each(|entry| entry.handle.abort());
        let handle = self.set.spawn(work);
        self.entries.insert(handle.id(), Entry { kind, tasks, handle });
    }

    fn external(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(|entry| !entry.kind.is_transactional())
    }

    /// The number of tasks that meet a condition.
    pub(super) fn count(&self, which: impl Fn(Kind) -> bool) -> usize {
        self.entries.values().filter(|entry| which(entry.kind)).map(|entry| entry.tasks.len()).sum()
    }

    /// Waits until a task has ended; for ever if none runs.
    pub(super) async fn one_ends(&mut self) {
        match self.set.join_next_with_id().await {
            Some(ended) => self.forget(ended),
            None => std::future::pending().await,
        }
    }

    /// Forgets all tasks that have ended.
    pub(super) fn forget_ended(&mut self) {
        while let Some(ended) = self.set.try_join_next_with_id() {
            self.forget(ended);
        }
    }

    fn forget(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => error.id(),
        };
        self.entries.remove(&id);
    }

    /// The tasks that run or wait for their transaction.
    pub(super) fn tasks(&self) -> Vec<Uuid> {
        self.entries.values().flat_map(|entry| entry.tasks.iter().copied()).collect()
    }

    /// Ends those of the external tasks that are not among `held`: another node may have them.
    pub(super) fn end_external_but(&self, held: &[Uuid]) {
        let is_lost = |entry: &&Entry| !entry.tasks.iter().any(|task| held.contains(task));
        for entry in self.external().filter(is_lost).filter(|entry| !entry.handle.is_finished()) {
            tracing::warn!(kind = entry.kind.name(), "a task was ended here: its lease was lost");
            entry.handle.abort();
        }
    }
}
