//! Periodic jobs: each runs on one node at a time, and on another when that one dies. A job's row is locked by the
//! transaction in which the job runs, so its changes, its events and the time of its next run are committed together or
//! not at all. A job does a bounded part and is due again at once while there is more. A job is here if it needs no
//! node's memory; caches and rate limits are swept by each node itself.

use std::time::Duration;

use crate::db;
use crate::error::Result;
use crate::services::auth::{audits, login};
use crate::services::operation::Core;
use crate::services::platform::Tx;
use crate::services::posts::{self, previews};
use crate::services::users::statuses;
use crate::services::{files, membership, orgs};
use crate::wire::Millis;

/// How often a node checks for jobs that are due.
const LOOK: Duration = Duration::from_secs(1);

/// The pause after that check failed.
const AWAY: Duration = Duration::from_secs(5);

/// The time until a failed job is tried again, in milliseconds.
const RETRY: Millis = 60_000;

/// Rows that one run of a job changes at most.
const ROWS: i64 = 500;

/// Custom statuses that one run clears at most: each clearing is an event to everybody who knows the account.
const TOLD: i64 = 50;

/// Files that one run deletes at most: each takes a request to the storage.
const FILES: i64 = 20;

/// Documents that one run indexes at most.
const DOCUMENTS: i64 = 10;

/// The jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Job {
    /// Creates the log's next partitions and drops expired ones.
    Partitions,
    /// Ends expired sessions, on open sockets too.
    Sessions,
    /// Clears expired custom statuses.
    CustomStatuses,
    /// Ends expired "do not disturb".
    DoNotDisturb,
    /// Removes expired counts of wrong passwords.
    LoginAttempts,
    /// Removes entries of the audit log beyond their retention.
    Audits,
    /// Removes expired mailed tokens.
    MailedTokens,
    /// Removes expired mailed invitations.
    Invitations,
    /// Removes expired files with their bytes.
    Files,
    /// Removes uploads in the storage that were never completed.
    Unfinished,
    /// Removes old previews of links.
    Links,
    /// Removes old pictures from the image proxy's cache.
    Proxied,
    /// Extracts the text of documents that was not extracted at their upload.
    Documents,
    /// Removes the contents of deleted organisations.
    Organisations,
    /// Deletes posts beyond their organisation's retention.
    Retention,
}

impl Job {
    const ALL: [Self; 15] = [
        Self::Partitions,
        Self::Sessions,
        Self::CustomStatuses,
        Self::DoNotDisturb,
        Self::LoginAttempts,
        Self::Audits,
        Self::MailedTokens,
        Self::Invitations,
        Self::Files,
        Self::Unfinished,
        Self::Links,
        Self::Proxied,
        Self::Documents,
        Self::Organisations,
        Self::Retention,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Partitions => "partitions",
            Self::Sessions => "sessions",
            Self::CustomStatuses => "custom_statuses",
            Self::DoNotDisturb => "do_not_disturb",
            Self::LoginAttempts => "login_attempts",
            Self::Audits => "audits",
            Self::MailedTokens => "mailed_tokens",
            Self::Invitations => "invitations",
            Self::Files => "files",
            Self::Unfinished => "unfinished",
            Self::Links => "links",
            Self::Proxied => "proxied",
            Self::Documents => "documents",
            Self::Organisations => "organisations",
            Self::Retention => "retention",
        }
    }

    /// Milliseconds between two runs.
    fn every(self) -> Millis {
        match self {
            Self::Partitions
            | Self::Audits
            | Self::MailedTokens
            | Self::Invitations
            | Self::Links
            | Self::Proxied
            | Self::Retention => 3_600_000,
            Self::Sessions
            | Self::LoginAttempts
            | Self::CustomStatuses
            | Self::DoNotDisturb
            | Self::Files
            | Self::Documents
            | Self::Organisations => 60_000,
            Self::Unfinished => 86_400_000,
        }
    }

    /// Does a part of the job. True if there may be more to do.
    async fn run(self, core: &Core, tx: &mut Tx) -> Result<bool> {
        match self {
            Self::Partitions => {
                let days = core.settings.database.event_days;
                db::events::rotate(tx, days).await?;
                // A day's events are dropped when the last of them is that old.
                let days = i32::try_from(days).unwrap_or(i32::MAX).saturating_add(2);
                Ok(i64::try_from(db::post_events::forget(tx, days, ROWS).await?) == Ok(ROWS))
            }
            Self::Sessions => Ok(login::sweep_sessions(core, tx, ROWS).await? == ROWS),
            Self::CustomStatuses => Ok(statuses::clear_over(tx, TOLD).await? == TOLD),
            Self::DoNotDisturb => Ok(statuses::end_dnd(core, tx, ROWS).await? == ROWS),
            Self::Files => Ok(files::forget(core, tx, FILES).await? == FILES),
            Self::Organisations => orgs::remove_part(core, tx, ROWS).await,
            Self::Retention => posts::retain(tx, TOLD).await,
            Self::Unfinished => {
                // Not awaited: the storage may be slow, and the transaction must not be.
                tokio::spawn(files::sweep(core.clone()));
                Ok(false)
            }
            Self::Documents => {
                // Not awaited either: a document may take seconds.
                tokio::spawn(read_documents(core.clone()));
                Ok(false)
            }
            Self::LoginAttempts => Ok(login::sweep_attempts(tx, ROWS).await? == ROWS),
            Self::Audits => Ok(audits::remove_old(core, tx, ROWS).await? == ROWS),
            Self::Links => Ok(previews::sweep(core, tx, ROWS).await? == ROWS),
            Self::Proxied => Ok(previews::sweep_proxied(core, tx, TOLD).await? == TOLD),
            Self::MailedTokens => Ok(login::sweep_mailed_tokens(tx, ROWS).await? == ROWS),
            Self::Invitations => Ok(membership::sweep_invitations(tx, ROWS).await? == ROWS),
        }
    }
}

async fn read_documents(core: Core) {
    if let Err(error) = files::texts::read_next(&core, DOCUMENTS).await {
        tracing::warn!(%error, "documents could not be read");
    }
}

/// Runs due jobs, for ever.
pub async fn run(core: Core) {
    let mut known = false;
    loop {
        let pause = match round(&core, &mut known).await {
            Ok(()) => LOOK,
            Err(error) => {
                tracing::warn!(%error, "the jobs that are due could not be read");
                AWAY
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Runs the jobs that are due now; one that fails does not stop the others.
async fn round(core: &Core, known: &mut bool) -> Result<()> {
    let mut conn = core.read().await?;
    if !*known {
        db::jobs::register(&mut conn, &Job::ALL.map(Job::name)).await?;
        *known = true;
    }
    let due = db::jobs::due(&mut conn).await?;
    drop(conn);
    // A job that only a newer version of the program knows is left to it.
    for job in Job::ALL.into_iter().filter(|job| due.iter().any(|name| name == job.name())) {
        if let Err(error) = turn(core, job).await {
            tracing::error!(job = job.name(), %error, "a job failed and is tried again later");
            put_off(core, job).await?;
        }
    }
    Ok(())
}

/// Runs a job once, unless another node has taken it.
async fn turn(core: &Core, job: Job) -> Result<()> {
    let mut tx = core.begin().await?;
    if !db::jobs::take(&mut tx, job.name()).await? {
        return Ok(());
    }
    let more = job.run(core, &mut tx).await?;
    db::jobs::put_off(&mut tx, job.name(), if more { 0 } else { job.every() }).await?;
    tx.commit().await?;
    tracing::debug!(job = job.name(), more, "a job was done");
    Ok(())
}

/// Sets a failed job's next run: that of the failed transaction was rolled back.
async fn put_off(core: &Core, job: Job) -> Result<()> {
    let mut tx = core.begin().await?;
    if db::jobs::take(&mut tx, job.name()).await? {
        db::jobs::put_off(&mut tx, job.name(), RETRY).await?;
    }
    tx.commit().await
}
