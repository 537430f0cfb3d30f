//! Does tasks: the dispatch from each kind to the function of the service that owns it. A task does a bounded part; what
//! has more to do says so, and is due again at once.

use uuid::Uuid;

use crate::db;
use crate::error::Result;
use crate::services::auth::{audits, login};
use crate::services::operation::Core;
use crate::services::platform::mail::Mailer;
use crate::services::platform::tasks::{
    self, ExternalTask, Failure, Handler, Job, Progress, Runner, TransactionalTask,
};
use crate::services::platform::{self, Tx};
use crate::services::posts::{self, previews};
use crate::services::users::statuses;
use crate::services::{files, membership, orgs};
use crate::supervisor::Pulse;

/// Rows that one turn of periodic work changes at most.
const ROWS: i64 = 500;

/// Custom statuses that one turn clears at most: each clearing is an event to everybody who knows the account.
const TOLD: i64 = 50;

/// Files that one turn deletes at most: each takes a request to the storage.
const FILES: i64 = 20;

/// Does tasks for ever, and gives signs of life.
pub async fn run(core: Core, pulse: Pulse) {
    let mailer = Mailer::new(&core.settings);
    let below = platform::Core::clone(&core);
    Runner::new(below, Worker { core, mailer }).run_watched(move || pulse.beat()).await;
}

/// The handler of all kinds.
struct Worker {
    core: Core,
    mailer: Mailer,
}

impl Handler for Worker {
    async fn in_transaction(
        &self,
        tx: &mut Tx,
        task: TransactionalTask,
    ) -> std::result::Result<Progress, Failure> {
        let core = &self.core;
        match task {
            TransactionalTask::PasswordReset(asked) => login::mail_reset(core, tx, &asked).await?,
            TransactionalTask::Verification(asked) => login::mail_verification(core, tx, &asked).await?,
            TransactionalTask::Job(job) => return Ok(turn(core, tx, job).await?),
        }
        Ok(Progress::Done)
    }

    async fn outside(&self, id: Uuid, task: ExternalTask) -> std::result::Result<Progress, Failure> {
        let core = &self.core;
        match task {
            ExternalTask::Mail(mail) => self.mailer.deliver(core, id, mail).await?,
            ExternalTask::Preview(of) => posts::preview(core, of.org, of.post).await?,
            ExternalTask::Document(of) => files::texts::read(core, of.org, of.file).await?,
            ExternalTask::Unfinished => core.storage.sweep().await?,
        }
        Ok(Progress::Done)
    }
}

/// Does a turn of periodic work.
async fn turn(core: &Core, tx: &mut Tx, job: Job) -> Result<Progress> {
    let has_more = match job {
        Job::Partitions => rotate_log(core, tx).await?,
        Job::Sessions => login::sweep_sessions(core, tx, ROWS).await? == ROWS,
        Job::CustomStatuses => statuses::clear_over(tx, TOLD).await? == TOLD,
        Job::DoNotDisturb => statuses::end_dnd(core, tx, ROWS).await? == ROWS,
        Job::LoginAttempts => login::sweep_attempts(tx, ROWS).await? == ROWS,
        Job::Audits => audits::remove_old(core, tx, ROWS).await? == ROWS,
        Job::MailedTokens => login::sweep_mailed_tokens(tx, ROWS).await? == ROWS,
        Job::Invitations => membership::sweep_invitations(tx, ROWS).await? == ROWS,
        Job::Files => files::forget(core, tx, FILES).await? == FILES,
        Job::Links => previews::sweep(core, tx, ROWS).await? == ROWS,
        Job::Proxied => previews::sweep_proxied(core, tx, TOLD).await? == TOLD,
        Job::Organisations => orgs::remove_part(core, tx, ROWS).await?,
        Job::Retention => posts::retain(tx, TOLD).await?,
        Job::DeadTasks => tasks::forget_dead(core, tx, ROWS).await? == ROWS,
    };
    Ok(if has_more { Progress::More } else { Progress::Done })
}

/// Makes the log's next partitions, and drops what is older than it is kept.
async fn rotate_log(core: &Core, tx: &mut Tx) -> Result<bool> {
    let days = core.settings.database.event_days;
    db::events::rotate(tx, days).await?;
    // A day's events are dropped when the last of them is that old.
    let days = i32::try_from(days).unwrap_or(i32::MAX).saturating_add(2);
    Ok(i64::try_from(db::post_events::forget(tx, days, ROWS).await?) == Ok(ROWS))
}
