//! Who may act on which account: the one check that every act on an account makes. Reading another account is not an
//! act on it (`Caller::may_look_for`). What the caller may do in a team or a channel, also to other members there, is
//! checked by their access.
//!
//! The rule: everybody may act on their own account. Acting on another account takes the permission that the act asks
//! for and every permission that the roles of that account grant; acting on an operator's account takes an operator.
//! So nobody gains rights through another account.

use crate::db::{self, Conn, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::auth::permissions::Permission;
use crate::wire::UserId;

/// Proof that the caller may act on an account.
#[derive(Debug)]
#[must_use = "the proof is what the act takes"]
pub(crate) struct AccountAuthority {
    id: UserId,
    other: Option<Box<Row>>,
}

impl AccountAuthority {
    /// The account.
    pub(crate) fn id(&self) -> UserId {
        self.id
    }

    /// Whether it is the caller's own.
    pub(crate) fn is_own(&self) -> bool {
        self.other.is_none()
    }

    /// The row of the account: another's as it was when it was checked, the caller's own as it is now.
    pub(crate) async fn into_row(self, conn: &mut Conn, caller: &Caller) -> Result<Row> {
        match self.other {
            Some(row) => Ok(*row),
            None => db::users::find(conn, caller.org, self.id).await?.ok_or_else(super::missing),
        }
    }
}

/// Checks that the caller may act on the account `user`, which takes `needed` unless the account is their own. Does not
/// query the database for the caller's own.
pub(crate) async fn over(
    conn: &mut Conn,
    caller: &Caller,
    user: UserId,
    needed: Permission,
) -> Result<AccountAuthority> {
    if user == caller.id {
        return Ok(AccountAuthority { id: user, other: None });
    }
    caller.require(needed)?;
    let row = db::users::find(conn, caller.org, user).await?.ok_or_else(super::missing)?;
    check_covers(conn, caller, &row).await?;
    Ok(AccountAuthority { id: user, other: Some(Box::new(row)) })
}

/// Checks that the caller may act on a bot because they own it, without a permission.
pub(crate) async fn over_owned(conn: &mut Conn, caller: &Caller, bot: Row) -> Result<AccountAuthority> {
    if bot.bot_owner_id != Some(caller.id) {
        return Err(Error::forbidden());
    }
    check_covers(conn, caller, &bot).await?;
    Ok(AccountAuthority { id: bot.id, other: Some(Box::new(bot)) })
}

/// Fails unless the caller has every permission of the account, and is an operator if it is one.
async fn check_covers(conn: &mut Conn, caller: &Caller, row: &Row) -> Result<()> {
    let theirs = caller.role_set().of_account(&row.roles);
    if !caller.permissions().covers(theirs) {
        return Err(Error::forbidden());
    }
    if !caller.is_operator() && db::operators::contains(conn, row.id).await? {
        return Err(Error::forbidden());
    }
    Ok(())
}
