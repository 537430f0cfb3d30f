//! Accounts as others meet them: how one is shown and to whom, who is told when it changes, who may act on it, and
//! switching it on and off. An account is created and edited in `users`.

mod access;
mod activation;
mod announce;
mod authority;
mod owned;
pub(crate) mod rules;
mod view;

pub(crate) use access::{
    checked as checked_roles, keep_an_admin, keep_an_operator, replace_roles, switch_person,
};
pub use access::{set_active, set_roles};
pub(crate) use activation::check_limit;
pub(crate) use announce::tell;
pub(crate) use authority::{AccountAuthority, over, over_owned};
pub(crate) use owned::{
    AffectedSessions, bound as bound_owned, bound_all as bound_all_owned, check_bounded, check_operating,
};
pub(crate) use view::{for_caller, object, profiles, team_member};
pub use view::{own, profile};

use super::{Caller, permissions};
use crate::db::users::User as Row;
use crate::db::{self, Conn};
use crate::error::{Error, Result};

/// Whether the roles of an account make it a guest.
pub(crate) fn is_guest(roles: &str) -> bool {
    roles.split(' ').any(|role| role == permissions::GUEST)
}

/// Returns the account if the caller may see it; to a guest, strangers do not exist.
pub(crate) async fn seen(conn: &mut Conn, caller: &Caller, row: Option<Row>) -> Result<Row> {
    let row = row.ok_or_else(missing)?;
    if db::users::sees(conn, caller.visibility(), row.id).await? { Ok(row) } else { Err(missing()) }
}

/// The error for an account that the caller's organisation does not have.
pub(crate) fn missing() -> Error {
    Error::not_found("app.user.missing_account.const", "Unable to find the user.")
}

/// A constraint, and the error that its violation means.
pub(crate) type Meaning = (&'static str, fn() -> Error);

/// The protocol's error id for a user name that another account has.
pub(crate) const NAME_TAKEN: &str = "app.user.save.username_exists.app_error";

/// The errors for a user name or an address that another account has.
pub(crate) const TAKEN: &[Meaning] =
    &[("users_username_key", username_taken), ("users_email_key", email_taken)];

fn username_taken() -> Error {
    Error::conflict(NAME_TAKEN, "An account with that username already exists.")
}

fn email_taken() -> Error {
    Error::conflict("app.user.save.email_exists.app_error", "An account with that email already exists.")
}
