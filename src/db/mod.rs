//! The only SQL. One table, one file: its row, its new row, its queries; the connection comes first and a
//! [`Query`] result goes back. What a row means, and who may see it, is decided by the services.

pub mod access_tokens;
pub mod audits;
pub mod bots;
pub mod channel_members;
pub mod channels;
mod conn;
pub mod emoji;
pub mod events;
pub mod file_search;
pub mod files;
mod fragment;
mod functions;
mod ids;
pub mod jobs;
mod kinds;
pub mod known_places;
pub mod links;
pub mod login_attempts;
pub mod mailed_tokens;
pub mod mails;
pub mod migrate;
pub mod nodes;
pub mod operators;
pub mod orgs;
pub mod pool;
pub mod post_events;
pub mod posts;
pub mod preferences;
pub mod proxied;
pub mod reactions;
pub mod recovery_codes;
pub mod role_changes;
mod schema;
pub mod schemes;
pub mod search;
pub mod second_factors;
pub mod sessions;
mod statement;
pub mod statuses;
pub mod team_invitations;
pub mod team_members;
pub mod teams;
pub mod topics;
pub mod uploads;
pub mod users;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

use crate::error::Error;

pub use conn::{Bounds, Conn, Plans};
pub use pool::{Pool, Pooled};

/// What a query answers.
pub type Query<T> = diesel::QueryResult<T>;

/// A statement failed where no constraint was expected to: an unavailable database, or a bug.
impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        use DatabaseErrorKind::{
            ClosedConnection, ReadOnlyTransaction, SerializationFailure, UnableToSendCommand,
        };
        if let DieselError::RollbackErrorOnCommit { commit_error, .. } = error {
            return Self::from(*commit_error);
        }
        let away = if let DieselError::DatabaseError(kind, info) = &error {
            let known = matches!(
                kind,
                ClosedConnection | SerializationFailure | ReadOnlyTransaction | UnableToSendCommand
            );
            known || is_outage(info.message())
        } else {
            matches!(error, DieselError::BrokenTransactionManager)
        };
        let detail = format!("database: {error}");
        if away { Self::unavailable(detail) } else { Self::internal(detail) }
    }
}

/// Messages of a server that is starting, stopping or gone: PostgreSQL has codes for them, which diesel does not pass.
fn is_outage(message: &str) -> bool {
    [
        "connection closed",
        "terminating connection",
        "shutting down",
        "starting up",
        "recovery mode",
        "error communicating",
        "statement timeout",
        "lock timeout",
        "deadlock detected",
        "no answer from the database",
        "too many clients",
    ]
    .iter()
    .any(|m| message.contains(m))
}

/// A constraint's name, and what its violation means.
pub type Meaning<'a> = (&'a str, fn() -> Error);

/// Answers the violation of a named constraint with the error that stands beside its name; whatever else failed stays
/// what it is.
pub fn translate(error: DieselError, constraints: &[Meaning<'_>]) -> Error {
    let name = if let DieselError::DatabaseError(_, info) = &error { info.constraint_name() } else { None };
    match constraints.iter().find(|(constraint, _)| Some(*constraint) == name) {
        Some((_, meaning)) => meaning(),
        None => error.into(),
    }
}

/// Text for a `like` pattern that begins with `prefix`, whose own wildcards mean themselves.
fn starts_with(prefix: &str) -> String {
    format!("{}%", escaped(prefix))
}

/// Text for a `like` pattern that contains `part`, whose own wildcards mean themselves.
fn contains(part: &str) -> String {
    format!("%{}%", escaped(part))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
