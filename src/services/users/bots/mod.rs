//! Bots: accounts for programs. A bot is made by an account with the permission, uses a personal access token
//! (`tokens`), is shown with a badge, and has no password. Its owner is responsible for it; the description says what
//! it is for. In everything else it is an account.

mod bot_activation;
mod bot_conversion;
mod bot_list;
mod bot_settings;

use crate::db::{self, Conn, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, accounts};
use crate::wire::{Bot, UserId};

pub use bot_activation::{disable, enable};
pub use bot_conversion::{ToUser, from_user, to_user};
pub use bot_list::{BotQuery, get, list};
pub use bot_settings::{BotPatch, NewBot, assign, create, patch};

/// A bot that the caller may see or manage.
struct Managed(Row);

/// Finds a bot that the caller may manage: its owner may, and callers who may manage others' bots, unless the bot has
/// more rights than they have, since whoever manages a bot can act as it. To everybody else it does not exist.
async fn managed(conn: &mut Conn, caller: &Caller, bot: UserId) -> Result<Managed> {
    let bot = seen(conn, caller, bot, Permission::ManageOthersBots).await?;
    let over = if bot.0.bot_owner_id == Some(caller.id) {
        accounts::over_owned(conn, caller, bot.0).await?
    } else {
        accounts::over(conn, caller, bot.0.id, Permission::ManageOthersBots).await?
    };
    Ok(Managed(over.into_row(conn, caller).await?))
}

/// Finds the bot, for its owner and for callers with the permission `needed`.
async fn seen(conn: &mut Conn, caller: &Caller, bot: UserId, needed: Permission) -> Result<Managed> {
    let row = db::users::find(conn, caller.org, bot).await?.filter(Row::is_bot).ok_or_else(missing)?;
    let may = caller.may(needed) || row.bot_owner_id == Some(caller.id);
    if may { Ok(Managed(row)) } else { Err(missing()) }
}

fn missing() -> Error {
    Error::not_found("store.sql_bot.get.missing.app_error", "Bot does not exist.")
}

/// The bot in the protocol's form.
fn shape(row: Row) -> Bot {
    Bot {
        user_id: row.id,
        username: row.username,
        display_name: row.first_name,
        description: row.bot_description.unwrap_or_default(),
        owner_id: row.bot_owner_id,
        create_at: row.create_at,
        update_at: row.update_at,
        delete_at: row.delete_at,
    }
}
