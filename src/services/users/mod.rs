//! Accounts: creating, editing, listing and finding them, their pictures, statuses and preferences, bots, and the first
//! account of an organisation. What others see of an account and who may act on it is in `auth::accounts`, logins are in
//! `auth::login`; what an account may do in a team or a channel is checked in those services.

pub mod bots;
mod core;
mod create;
mod edit;
mod founding;
mod list;
mod notify;
mod picture;
pub mod preferences;
pub mod setup;
pub mod statuses;

pub use core::{Core, Parts};
pub use create::{NewUser, Way};
pub(crate) use create::{address_of_bot, admitted, belongs, for_bot, foreign, insert, prepare, way};
pub(crate) use edit::checked;
pub use edit::{FullUser, UserPatch, patch, replace};
pub use founding::{FirstAdmin, NewOrg, create_org};
pub use list::{
    Listing, MAX_IDS, Search, autocomplete, by_ids, by_usernames, group_channels, known, list, search, stats,
};
pub use picture::{Picture, PictureSubject, default_picture, picture, reset_picture, set_picture, sitter};

use crate::db;
use crate::error::Result;
use crate::services::auth::Caller;
use crate::services::auth::accounts::{for_caller, seen};
use crate::wire::{User, UserId};

/// The account `user` of the caller's organisation, as the caller may see it.
pub async fn get(core: &Core, caller: &Caller, user: UserId) -> Result<User> {
    let mut conn = core.read().await?;
    let row = db::users::find(&mut conn, caller.org, user).await?;
    Ok(for_caller(caller, &seen(&mut conn, caller, row).await?))
}

/// The account with the user name `username`.
pub async fn by_username(core: &Core, caller: &Caller, username: &str) -> Result<User> {
    let mut conn = core.read().await?;
    let name = username.to_lowercase();
    let row = db::users::by_username(&mut conn, caller.org, &name).await?;
    Ok(for_caller(caller, &seen(&mut conn, caller, row).await?))
}

/// The account with the address `email`.
pub async fn by_email(core: &Core, caller: &Caller, email: &str) -> Result<User> {
    let mut conn = core.read().await?;
    let email = email.to_lowercase();
    let row = db::users::by_email(&mut conn, caller.org, &email).await?;
    Ok(for_caller(caller, &seen(&mut conn, caller, row).await?))
}
