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
    task: Uuid,
    handle: AbortHandle,
}

impl Running {
    /// Starts the work on a task. An older attempt at it, whose lease was lost, ends.
    pub(super) fn start(&mut self, kind: Kind, task: Uuid, work: impl Future<Output = ()> + Send + 'static) {
        for older in self.entries.values().filter(|entry| entry.task == task) {
            older.handle.abort();
        }
        let handle = self.set.spawn(work);
        self.entries.insert(handle.id(), Entry { kind, task, handle });
    }

    /// The number of tasks that meet a condition.
    pub(super) fn count(&self, which: impl Fn(Kind) -> bool) -> usize {
        self.entries.values().filter(|entry| which(entry.kind)).count()
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

    /// The tasks whose lease has to be renewed: those with effects outside of the database. The others hold the lock
    /// of their row.
    pub(super) fn leased(&self) -> Vec<Uuid> {
        let external = self.entries.values().filter(|entry| !entry.kind.is_transactional());
        external.map(|entry| entry.task).collect()
    }

    /// Ends those of the leased tasks that are not among `held`: another node may have them.
    pub(super) fn end_leased_but(&self, held: &[Uuid]) {
        let external = self.entries.values().filter(|entry| !entry.kind.is_transactional());
        for entry in external.filter(|entry| !held.contains(&entry.task) && !entry.handle.is_finished()) {
            tracing::warn!(kind = entry.kind.name(), "a task was ended here: its lease was lost");
            entry.handle.abort();
        }
    }
}
