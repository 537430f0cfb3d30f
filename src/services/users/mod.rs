//! Accounts and their logins. `view` decides what others see of an account, `rules` validates its texts. Statuses and
//! preferences have services of their own. What an account may do in a team or a channel is checked in those services.

mod access;
mod activation;
mod announce;
mod attempts;
mod authority;
mod create;
mod edit;
mod list;
mod login;
mod mailed;
mod notify;
pub mod openid;
mod owned;
mod password;
mod picture;
mod reset;
pub(crate) mod rules;
mod second_factor;
mod sessions;
pub mod setup;
mod verify;
mod view;

pub(crate) use access::{
    checked as checked_roles, keep_an_admin, keep_an_operator, replace_roles, switch_person,
};
pub use access::{set_active, set_roles};
pub(crate) use announce::tell;
pub use attempts::sweep as sweep_attempts;
pub(crate) use attempts::unlock;
pub(crate) use authority::{AccountAuthority, over, over_owned};
pub use create::{NewUser, Way};
pub(crate) use create::{
    address_of_bot, admitted, belongs, check_limit, for_bot, foreign, insert, prepare, way,
};
pub(crate) use edit::checked;
pub use edit::{FullUser, UserPatch, patch, replace};
pub use list::{
    Listing, MAX_IDS, Search, autocomplete, by_ids, by_usernames, group_channels, known, list, search, stats,
};
pub use login::{Credentials, LoggedIn, login};
pub use mailed::sweep as sweep_mailed_tokens;
pub(crate) use owned::{
    AffectedSessions, bound as bound_owned, bound_all as bound_all_owned, check_bounded, check_operating,
};
pub use password::{NewPassword, change_password};
pub use picture::{Picture, PictureSubject, default_picture, picture, reset_picture, set_picture, sitter};
pub use reset::{mail_reset, reset_password, send_reset};
pub use second_factor::{
    change as change_second_factor, new_recovery_codes, new_secret as new_second_factor,
};
pub(crate) use sessions::end_all;
pub use sessions::{
    list as list_sessions, logout, revoke, revoke_all, revoke_everybodys as revoke_everybodys_sessions,
    set_device, sweep as sweep_sessions,
};
pub(crate) use verify::prove;
pub use verify::{mail_verification, send_verification, verify_email, vouch_for_email};
pub(crate) use view::team_member;
pub use view::{own, profile};

use crate::db::users::User as Row;
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::core::Core;
use crate::services::permissions;
use crate::wire::{User, UserId};

/// The account `user` of the caller's organisation, as the caller may see it.
pub async fn get(core: &Core, caller: &Caller, user: UserId) -> Result<User> {
    let mut conn = core.read().await?;
    let row = db::users::find(&mut conn, caller.org, user).await?;
    Ok(view::for_caller(caller, &seen(&mut conn, caller, row).await?))
}

/// The account with the user name `username`.
pub async fn by_username(core: &Core, caller: &Caller, username: &str) -> Result<User> {
    let mut conn = core.read().await?;
    let name = username.to_lowercase();
    let row = db::users::by_username(&mut conn, caller.org, &name).await?;
    Ok(view::for_caller(caller, &seen(&mut conn, caller, row).await?))
}

/// The account with the address `email`.
pub async fn by_email(core: &Core, caller: &Caller, email: &str) -> Result<User> {
    let mut conn = core.read().await?;
    let email = email.to_lowercase();
    let row = db::users::by_email(&mut conn, caller.org, &email).await?;
    Ok(view::for_caller(caller, &seen(&mut conn, caller, row).await?))
}

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
