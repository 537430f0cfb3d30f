//! The kinds of tasks.

use super::Job;
use crate::wire::Millis;

const DAY: Millis = 86_400_000;

/// The kind of a task, which decides its policy and who does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A mail to send.
    Mail,
    /// A request for a new password, for an address that may or may not be an account's.
    PasswordReset,
    /// A request for a link that proves an address.
    Verification,
    /// The links of a post to look at.
    Preview,
    /// A document whose text is to be extracted.
    Document,
    /// Periodic work on the storage: what was never completed there is removed.
    Unfinished,
    /// Periodic work on the database.
    Job(Job),
}

impl Kind {
    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        let others = [
            Self::Mail,
            Self::PasswordReset,
            Self::Verification,
            Self::Preview,
            Self::Document,
            Self::Unfinished,
        ];
        others.into_iter().chain(Job::ALL.map(Self::Job))
    }

    /// The name in the database and in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::PasswordReset => "password_reset",
            Self::Verification => "verification",
            Self::Preview => "preview",
            Self::Document => "document",
            Self::Unfinished => "unfinished",
            Self::Job(job) => job.name(),
        }
    }

    /// The kind of this name; `None` for one that only another version of the program knows.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.name() == name)
    }

    /// Whether its tasks are done in one transaction with the removal of their row.
    pub fn is_transactional(self) -> bool {
        match self {
            Self::PasswordReset | Self::Verification | Self::Job(_) => true,
            Self::Mail | Self::Preview | Self::Document | Self::Unfinished => false,
        }
    }

    /// The milliseconds between two turns of periodic work; `None` for tasks that are done once.
    pub fn period(self) -> Option<Millis> {
        match self {
            Self::Mail | Self::PasswordReset | Self::Verification | Self::Preview | Self::Document => None,
            Self::Unfinished => Some(DAY),
            Self::Job(job) => Some(job.period()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_kind_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = Kind::all().map(Kind::name).collect();
        assert_eq!(names.len(), Kind::all().count());
        assert!(Kind::all().all(|kind| Kind::named(kind.name()) == Some(kind)));
        assert_eq!(Kind::named("of a later version"), None);
    }
}
