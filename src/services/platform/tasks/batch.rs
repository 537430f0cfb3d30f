//! Transactional tasks of a kind that share a transaction, and so its round trips and its disk flush. If it fails, each is
//! done alone, so that one does not harm the others.

use super::attempt::{Attempt, bounded};
use super::handler::{Failure, Handler, Progress};
use super::{Task, TransactionalTask};
use crate::db;
use crate::error::Error;

/// A task that was leased, or the reason why it cannot be read.
type Leased<H> = (Attempt<H>, Result<Task, String>);

/// Splits tasks, which are ordered by kind, into those that share a transaction. A task that failed before has its own.
pub(super) fn together<H>(leased: Vec<Leased<H>>) -> Vec<Vec<Leased<H>>> {
    let mut batches: Vec<Vec<Leased<H>>> = Vec::new();
    for (attempt, task) in leased {
        let fits = |batch: &Vec<Leased<H>>| {
            let first = batch.first().map(|(first, _)| (first.kind, first.lease.attempts));
            first == Some((attempt.kind, 1))
                && attempt.lease.attempts == 1
                && batch.len() < attempt.kind.policy().batch
        };
        match batches.last_mut().filter(|batch| fits(batch)) {
            Some(batch) => batch.push((attempt, task)),
            None => batches.push(vec![(attempt, task)]),
        }
    }
    batches
}

/// Does tasks: all in one transaction or, if that fails, one after the other.
pub(super) async fn run<H: Handler>(batch: Vec<Leased<H>>) {
    if batch.len() > 1 {
        match shared(&batch).await {
            Ok(()) => return,
            Err(error) => {
                tracing::debug!(tasks = batch.len(), ?error, "tasks failed together and are done one by one")
            }
        }
    }
    for (attempt, task) in batch {
        attempt.run(task).await;
    }
}

async fn shared<H: Handler>(batch: &[Leased<H>]) -> Result<(), Failure> {
    let Some((first, _)) = batch.first() else { return Ok(()) };
    let mut tasks = Vec::with_capacity(batch.len());
    for (_, task) in batch {
        match task {
            Ok(Task::Transactional(task)) => tasks.push(task.clone()),
            Ok(Task::External(_)) | Err(_) => return Err(alone("a task has no transaction")),
        }
    }
    let _place = first.places.acquire().await.map_err(|e| Error::internal(format!("places: {e}")))?;
    bounded(first.kind.policy().time_limit, in_one_transaction(batch, tasks)).await
}

async fn in_one_transaction<H: Handler>(
    batch: &[Leased<H>],
    tasks: Vec<TransactionalTask>,
) -> Result<(), Failure> {
    let Some((first, _)) = batch.first() else { return Ok(()) };
    let leases: Vec<_> = batch.iter().map(|(attempt, _)| attempt.lease).collect();
    let mut tx = first.core.begin().await?;
    if !db::tasks::take(&tx, &leases).await.map_err(Error::from)? {
        return Err(alone("a task was taken over"));
    }
    for task in tasks {
        match first.handler.in_transaction(&mut tx, task).await? {
            Progress::Done => {}
            Progress::More => return Err(alone("a task has more to do")),
        }
    }
    tx.commit().await?;
    batch.iter().for_each(|(attempt, _)| attempt.done(Progress::Done));
    Ok(())
}

fn alone(why: &str) -> Failure {
    Failure::Final(why.to_owned())
}
