//! One attempt at a task: the work, and what is recorded of it.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::Semaphore;

use super::backoff::{chance, pause};
use super::handler::{Failure, Handler, Progress};
use super::{ExternalTask, Kind, Task, TransactionalTask};
use crate::db::{self, tasks::Lease};
use crate::error::{Error, Result};
use crate::services::platform::{Core, Tx};
use crate::wire::{Millis, id};

/// Characters of an error that are kept with the task.
const MAX_ERROR: usize = 500;

/// The attempts to record that a task is done outside of the database, and the pause between two: without the record
/// it is done again.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// A task on which this node works.
pub(super) struct Attempt<H> {
    pub(super) core: Core,
    pub(super) handler: Arc<H>,
    /// The transactions that tasks may have open at a time.
    pub(super) places: Arc<Semaphore>,
    pub(super) kind: Kind,
    pub(super) lease: Lease,
}

impl<H: Handler> Attempt<H> {
    /// Does the task and records the outcome; never fails and never panics. `task` is the reason why there is none if
    /// it could not be read.
    pub(super) async fn run(self, task: std::result::Result<Task, String>) {
        let policy = self.kind.policy();
        let outcome = match task {
            Err(why) => Err(Failure::Final(why)),
            Ok(_) if policy.attempts.is_some_and(|most| self.lease.attempts > most) => {
                Err(Failure::Final("its node died or lost it in every attempt".to_owned()))
            }
            Ok(Task::Transactional(task)) => self.transactional(task).await,
            Ok(Task::External(task)) => self.external(task).await,
        };
        match outcome {
            Ok(()) => {}
            Err(failure) => self.failed(failure).await,
        }
    }

    async fn transactional(&self, task: TransactionalTask) -> std::result::Result<(), Failure> {
        let _place = self.places.acquire().await.map_err(|e| Error::internal(format!("places: {e}")))?;
        bounded(self.kind.policy().time_limit, self.in_transaction(task)).await
    }

    async fn in_transaction(&self, task: TransactionalTask) -> std::result::Result<(), Failure> {
        let mut tx = self.core.begin().await?;
        if !self.own(&mut tx).await? {
            tracing::debug!(kind = self.kind.name(), task = self.name(), "a task was taken over");
            return Ok(());
        }
        let again = self.kind.period().is_none().then(|| Task::Transactional(task.clone()));
        let progress = self.handler.in_transaction(&mut tx, task).await?;
        match (self.next(progress), again) {
            (None, _) => {}
            (Some(pause), None) => drop(db::tasks::again(&tx, self.lease, pause).await.map_err(Error::from)?),
            (Some(_), Some(task)) => drop(super::enqueue(&mut tx, &task).await?),
        }
        if progress == Progress::More {
            tx.wakes_runner();
        }
        tx.commit().await?;
        self.done(progress);
        Ok(())
    }

    /// Makes sure that nobody else has the task, or gets it before the transaction ends.
    async fn own(&self, tx: &mut Tx) -> Result<bool> {
        Ok(match self.kind.period() {
            None => db::tasks::take(tx, &[self.lease]).await?,
            Some(_) => db::tasks::hold(tx, self.lease).await?,
        })
    }

    async fn external(&self, task: ExternalTask) -> std::result::Result<(), Failure> {
        let work = self.handler.outside(self.lease.id, task);
        let progress = bounded(self.kind.policy().time_limit, work).await?;
        for _ in 0..TRIES {
            match self.settle(progress).await {
                Ok(()) => {
                    self.done(progress);
                    return Ok(());
                }
                Err(error) => {
                    tracing::warn!(kind = self.kind.name(), task = self.name(), %error, "a task is done and that could not be recorded");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        // The lease runs out, and the task is done again.
        Ok(())
    }

    async fn settle(&self, progress: Progress) -> Result<()> {
        let conn = self.core.read().await?;
        match self.next(progress) {
            None => db::tasks::remove(&conn, self.lease).await?,
            Some(pause) => db::tasks::again(&conn, self.lease, pause).await?,
        };
        if progress == Progress::More {
            self.core.tasks_due.notify_one();
        }
        Ok(())
    }

    /// The pause until the task is due again; `None` if it is done for good.
    fn next(&self, progress: Progress) -> Option<Millis> {
        match progress {
            Progress::Done => self.kind.period(),
            Progress::More => Some(0),
        }
    }

    /// Says that the task was done.
    pub(super) fn done(&self, progress: Progress) {
        tracing::debug!(kind = self.kind.name(), task = self.name(), ?progress, "a task was done");
    }

    async fn failed(&self, failure: Failure) {
        let attempts = self.lease.attempts;
        let (pause, error) = match failure {
            Failure::Passing(error) => (pause(&self.kind.policy(), attempts, chance()), error.to_string()),
            Failure::Final(why) => (None, why),
        };
        let error: String = error.chars().take(MAX_ERROR).collect();
        let (kind, task) = (self.kind.name(), self.name());
        match self.record(pause, &error).await {
            Ok(false) => tracing::debug!(kind, task, error, "a task that was taken over failed here"),
            Ok(true) if pause.is_none() => tracing::error!(kind, task, attempts, error, "a task is dead"),
            Ok(true) => {
                tracing::warn!(kind, task, attempts, pause, error, "a task failed and is tried again later")
            }
            Err(unrecorded) => {
                tracing::warn!(kind, task, error, %unrecorded, "a task failed, and its lease runs out")
            }
        }
    }

    async fn record(&self, pause: Option<Millis>, error: &str) -> Result<bool> {
        Ok(db::tasks::fail(&mut *self.core.read().await?, self.lease, pause, error).await?)
    }

    fn name(&self) -> String {
        id::encode(self.lease.id)
    }
}

/// Does `work` within a time; a panic in it is a failure like any other.
pub(super) async fn bounded<T>(
    limit: Duration,
    work: impl Future<Output = std::result::Result<T, Failure>>,
) -> std::result::Result<T, Failure> {
    match tokio::time::timeout(limit, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(panic)) => Err(Error::internal(format!("panicked: {}", said(panic.as_ref()))).into()),
        Err(_elapsed) => Err(Error::internal(format!("it took longer than {} s", limit.as_secs())).into()),
    }
}

/// The message of a panic.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}
