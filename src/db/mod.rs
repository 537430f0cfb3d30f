//! The only place with SQL. Each table has one file: its row, its new row, its queries; the connection is the first
//! argument and a [`Query`] is the result. The services decide what a row means, and who may see it.

pub mod access_tokens;
pub mod audits;
pub mod bots;
pub mod channel_members;
pub mod channels;
pub mod clock;
mod conn;
pub mod dead_tasks;
pub mod emoji;
pub mod events;
mod failure;
pub mod file_search;
pub mod files;
mod fragment;
mod functions;
mod ids;
mod kinds;
pub mod known_places;
pub mod links;
pub mod login_attempts;
pub mod mailed_tokens;
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
pub mod tasks;
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

/// The result of a query.
pub type Query<T> = diesel::QueryResult<T>;

/// Converts the error of a statement that no constraint was expected to fail: an unavailable database, or a bug.
impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        use DatabaseErrorKind::{
            ClosedConnection, ReadOnlyTransaction, SerializationFailure, UnableToSendCommand,
        };
        if let DieselError::RollbackErrorOnCommit { commit_error, .. } = error {
            return Self::from(*commit_error);
        }
        let away = if let DieselError::DatabaseError(kind, _) = &error {
            // The connection has told apart by its own state what PostgreSQL's kinds of errors leave open (`failure`).
            matches!(
                kind,
                ClosedConnection | SerializationFailure | ReadOnlyTransaction | UnableToSendCommand
            )
        } else {
            matches!(error, DieselError::BrokenTransactionManager)
        };
        let detail = format!("database: {error}");
        if away { Self::unavailable(detail) } else { Self::internal(detail) }
    }
}

/// A constraint's name, and the error that its violation means.
pub type Meaning<'a> = (&'a str, fn() -> Error);

/// Converts the violation of a named constraint to the error that is listed beside its name; every other error stays
/// what it is.
pub fn translate(error: DieselError, constraints: &[Meaning<'_>]) -> Error {
    let name = if let DieselError::DatabaseError(_, info) = &error { info.constraint_name() } else { None };
    match constraints.iter().find(|(constraint, _)| Some(*constraint) == name) {
        Some((_, meaning)) => meaning(),
        None => error.into(),
    }
}

/// A `like` pattern for texts that begin with `prefix`, whose own wildcards are escaped.
fn starts_with(prefix: &str) -> String {
    format!("{}%", escaped(prefix))
}

/// A `like` pattern for texts that contain `part`, whose own wildcards are escaped.
fn contains(part: &str) -> String {
    format!("%{}%", escaped(part))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
