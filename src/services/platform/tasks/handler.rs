//! Who does tasks, and what they say of an attempt.

use uuid::Uuid;

use super::{ExternalTask, TransactionalTask};
use crate::error::Error;
use crate::services::platform::Tx;

/// The progress of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The task is done; periodic work until its next turn.
    Done,
    /// A part of it is done, and the next is due at once.
    More,
}

/// The failure of an attempt.
#[derive(Debug)]
pub enum Failure {
    /// The task is tried again, as often as its policy says.
    Passing(Error),
    /// Trying again would not help: the task is a dead letter now.
    Final(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Passing(error)
    }
}

/// Does tasks. What a task of each kind does is decided above the queue.
pub trait Handler: Send + Sync + 'static {
    /// Does a task in the open transaction, which removes the task when it commits. Waits for nothing but the database.
    fn in_transaction(
        &self,
        tx: &mut Tx,
        task: TransactionalTask,
    ) -> impl Future<Output = std::result::Result<Progress, Failure>> + Send;

    /// Does a task outside of any transaction. Must bear to be done twice: `id` is the same in every attempt.
    fn outside(
        &self,
        id: Uuid,
        task: ExternalTask,
    ) -> impl Future<Output = std::result::Result<Progress, Failure>> + Send;
}
