//! Personal access tokens, which programs use in place of a password until they are revoked. A token is shown once,
//! when it is made; `credentials` stores and finds it. It has the permissions of its account.

mod policy;
mod sessions;
mod token_issuing;
mod token_list;

use crate::db::access_tokens::{Above, AccessToken as Row};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, accounts};
use crate::wire::{AccessToken, OrgId, TokenId, UserId};

pub use policy::{count_non_compliant, revoke_non_compliant};
pub use token_issuing::{NewToken, Rotation, create, disable, enable, revoke, rotate};
pub use token_list::{all, get, list, search};

/// Proof that the caller may manage the tokens of an account.
struct Holder {
    id: UserId,
    is_bot: bool,
}

/// Checks that the caller may manage the tokens of `user`. An owner may manage those of their bots, unless a bot has
/// more rights. Otherwise it takes the permission `needed`, and for accounts of others the permission to edit them,
/// too: a token gives all the rights of its account.
async fn holder(conn: &mut Conn, caller: &Caller, user: UserId, needed: Permission) -> Result<Holder> {
    let bot = db::users::find(conn, caller.org, user).await?.filter(db::users::User::is_bot);
    let over = match bot {
        Some(bot) if bot.bot_owner_id == Some(caller.id) => accounts::over_owned(conn, caller, bot).await?,
        Some(_) | None => {
            caller.require(needed)?;
            accounts::over(conn, caller, user, Permission::EditOtherUsers).await?
        }
    };
    let row = over.into_row(conn, caller).await?;
    Ok(Holder { id: row.id, is_bot: row.is_bot() })
}

/// Proof that the caller may manage the tokens of all others in their organisation.
struct Overseer {
    org: OrgId,
    /// The accounts whose tokens the caller may not see, since they have more rights.
    above: Above,
}

/// Checks that the caller has the permission `needed` and may edit other accounts.
fn overseer(caller: &Caller, needed: Permission) -> Result<Overseer> {
    caller.require(needed)?;
    caller.require(Permission::EditOtherUsers)?;
    let roles = caller.role_set().beyond(caller.permissions());
    Ok(Overseer { org: caller.org, above: Above { roles, operators: !caller.is_operator() } })
}

/// Finds the token `id` if the caller may manage it. A caller who may not edit other accounts gets the same error for
/// an unknown token as for another's.
async fn managed(conn: &mut Conn, caller: &Caller, id: TokenId, needed: Permission) -> Result<(Row, Holder)> {
    let row = db::access_tokens::find(conn, caller.org, id).await?;
    let Some(row) = row else {
        return Err(if caller.may(Permission::EditOtherUsers) { missing() } else { Error::forbidden() });
    };
    let holder = holder(conn, caller, row.user_id, needed).await?;
    Ok((row, holder))
}

fn missing() -> Error {
    Error::not_found("app.user_access_token.get_by_user.app_error", "Unable to get the user access token.")
}

/// The token in the protocol's form, without its secret.
fn shape(row: Row) -> AccessToken {
    AccessToken {
        id: row.id,
        token: String::new(),
        user_id: row.user_id,
        description: row.description,
        is_active: row.active,
        expires_at: row.expires_at,
    }
}
