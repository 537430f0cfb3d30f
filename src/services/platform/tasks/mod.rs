//! The queue of durable tasks: what is asked for now and done later. A task is enqueued in the transaction that asks
//! for it, so it is done if, and only if, that commits. Whatever node has a free place leases it; the lease of a node
//! that died runs out, and another node takes the task over.
//!
//! A *transactional* task is done in one transaction with the removal of its row: exactly once. An *external* one
//! (mail, a request to another site) is done before its row goes: at least once, and what receives it may see it twice.
//!
//! Here are the kinds with their policies, the way in, and the runner. What a kind does is a function of the service
//! that owns it; the dispatch from one to the other is in `worker`, above all of them.

mod attempt;
mod backoff;
mod batch;
mod dead;
mod handler;
mod job;
mod kind;
mod payload;
mod policy;
mod runner;
mod running;

use uuid::Uuid;

pub use dead::{Dead, Selection, Summary, drop_dead, forget_dead, list, retry, summary};
pub use handler::{Failure, Handler, Progress};
pub use job::Job;
pub use kind::Kind;
pub use payload::{ExternalTask, FileRef, PostRef, SealedMail, Task, TransactionalTask, WhoAsked};
pub use policy::Policy;
pub use runner::Runner;

use crate::db;
use crate::db::tasks::NewTasks;
use crate::error::{Error, Result};
use crate::services::platform::Tx;
use crate::wire::Millis;

/// Bytes of a payload at most, as JSON.
const MAX_PAYLOAD: usize = 64 * 1024;

/// The outcome of enqueueing a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It waits.
    New,
    /// A task with its key waits already, and does the same; or its organisation has as many of the kind as it may.
    Refused,
}

/// Enqueues a task in the open transaction; it is due as soon as that commits. A task with a key replaces none: if one
/// waits, that one stands for both; one that is being done does not, because of what it may have read before.
pub async fn enqueue(tx: &mut Tx, task: &Task) -> Result<Enqueued> {
    enqueue_at(tx, task, None).await
}

/// The same, due not before a time, in milliseconds since 1970.
pub async fn enqueue_at(tx: &mut Tx, task: &Task, not_before: Option<Millis>) -> Result<Enqueued> {
    if let (Task::External(_), Some(key)) = (task, task.key()) {
        db::tasks::release_key(tx, task.kind().name(), &key).await?;
    }
    let mut new = NewTasks::default();
    add(&mut new, task, not_before)?;
    tx.wakes_runner();
    let inserted = db::tasks::insert(tx, &new).await?;
    Ok(if inserted.is_empty() { Enqueued::Refused } else { Enqueued::New })
}

/// The rows of tasks that are due at once, for a statement among others of a transaction; whoever sends it says
/// [`Tx::wakes_runner`].
pub fn rows(tasks: &[Task]) -> Result<NewTasks> {
    let mut new = NewTasks::default();
    tasks.iter().try_for_each(|task| add(&mut new, task, None))?;
    Ok(new)
}

fn add(new: &mut NewTasks, task: &Task, not_before: Option<Millis>) -> Result<()> {
    let payload = task.payload()?;
    if payload.to_string().len() > MAX_PAYLOAD {
        return Err(Error::internal(format!("a task of kind {} is too large", task.kind().name())));
    }
    new.ids.push(Uuid::now_v7());
    new.kinds.push(task.kind().name());
    new.payloads.push(payload);
    new.org_ids.push(task.org());
    new.unique_keys.push(task.key());
    new.not_before.push(not_before);
    new.bounds.push(task.kind().policy().waiting);
    Ok(())
}
