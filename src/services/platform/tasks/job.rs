//! Periodic work: tasks without a payload, one of each kind, which are due again when they are done. Work is here if it
//! needs no node's memory; caches and rate limits are swept by each node itself.

use crate::wire::Millis;

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;

/// Periodic work on the database, each turn in one transaction with the time of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Job {
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
    /// Removes old previews of links.
    Links,
    /// Removes old pictures from the image proxy's cache.
    Proxied,
    /// Removes the contents of deleted organisations.
    Organisations,
    /// Deletes posts beyond their organisation's retention.
    Retention,
    /// Removes old dead letters of the queue of tasks.
    DeadTasks,
}

impl Job {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Partitions,
        Self::Sessions,
        Self::CustomStatuses,
        Self::DoNotDisturb,
        Self::LoginAttempts,
        Self::Audits,
        Self::MailedTokens,
        Self::Invitations,
        Self::Files,
        Self::Links,
        Self::Proxied,
        Self::Organisations,
        Self::Retention,
        Self::DeadTasks,
    ];

    /// The name in the database and in the log.
    pub fn name(self) -> &'static str {
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
            Self::Links => "links",
            Self::Proxied => "proxied",
            Self::Organisations => "organisations",
            Self::Retention => "retention",
            Self::DeadTasks => "dead_tasks",
        }
    }

    /// Milliseconds between two turns.
    pub fn period(self) -> Millis {
        match self {
            Self::Partitions
            | Self::Audits
            | Self::MailedTokens
            | Self::Invitations
            | Self::Links
            | Self::Proxied
            | Self::Retention
            | Self::DeadTasks => HOUR,
            Self::Sessions
            | Self::CustomStatuses
            | Self::DoNotDisturb
            | Self::LoginAttempts
            | Self::Files
            | Self::Organisations => MINUTE,
        }
    }
}
