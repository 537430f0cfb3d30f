//! Does tasks: the dispatch from each kind to the function of the service that owns it. A task's work is a bounded part;
//! what has more to do says so, and is due again at once.

use uuid::Uuid;

use crate::error::Result;
use crate::services::core::{Core, Tx};
use crate::services::mail::Mailer;
use crate::services::tasks::{
    self, ExternalTask, Failure, Handler, Job, Progress, Runner, TransactionalTask,
};
use crate::services::users;

/// Rows that one turn of periodic work changes at most.
const ROWS: i64 = 500;

/// Does tasks for ever.
pub async fn run(core: Core) {
    let mailer = Mailer::new(&core.settings);
    Runner::new(core, Worker { mailer }).run().await;
}

/// The handler of all kinds.
struct Worker {
    mailer: Mailer,
}

impl Handler for Worker {
    async fn in_transaction(
        &self,
        core: &Core,
        tx: &mut Tx,
        task: TransactionalTask,
    ) -> std::result::Result<Progress, Failure> {
        match task {
            TransactionalTask::PasswordReset(asked) => users::mail_reset(core, tx, &asked).await?,
            TransactionalTask::Verification(asked) => users::mail_verification(core, tx, &asked).await?,
            TransactionalTask::Job(job) => return Ok(turn(core, tx, job).await?),
        }
        Ok(Progress::Done)
    }

    async fn outside(
        &self,
        core: &Core,
        id: Uuid,
        task: ExternalTask,
    ) -> std::result::Result<Progress, Failure> {
        match task {
            ExternalTask::Mail(mail) => self.mailer.deliver(core, id, mail).await,
        }
    }
}

/// Does a turn of periodic work.
async fn turn(core: &Core, tx: &mut Tx, job: Job) -> Result<Progress> {
    let has_more = match job {
        Job::DeadTasks => tasks::forget_dead(core, tx, ROWS).await? == ROWS,
    };
    Ok(if has_more { Progress::More } else { Progress::Done })
}
