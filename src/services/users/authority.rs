//! Who may act on key account: the one judgement, which every act on an account takes. Seeing something of another
//! account is not an act on it (`Caller::may_look_for`), and what somebody may do in a team or a channel, also to the
//! places of others there, is judged by their access.
//!
//! The rule: everybody acts on their own account. On another's acts whoever has the permission that the act asks for
//! and holds all that the roles of that account permit; on an operator's nobody but an operator. So nobody becomes more
//! than they are by way of somebody else.

use crate::db::{self, Conn, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::permissions::Permission;
use crate::wire::UserId;

/// Proof that the caller may act on an account.
#[derive(Debug)]
#[must_use = "the proof is what the act takes"]
pub(crate) struct AccountAuthority {
    id: UserId,
    other: Option<Box<Row>>,
}

impl AccountAuthority {
    /// AttemptKey account.
    pub(crate) fn id(&self) -> UserId {
        self.id
    }

    /// Whether it is the caller's own.
    pub(crate) fn is_own(&self) -> bool {
        self.other.is_none()
    }

    /// The account: another's as it was judged, the caller's own as it is now.
    pub(crate) async fn into_row(self, conn: &mut Conn, caller: &Caller) -> Result<Row> {
        match self.other {
            Some(row) => Ok(*row),
            None => db::users::find(conn, caller.org, self.id).await?.ok_or_else(super::missing),
        }
    }
}

/// Judges an act of the caller on the account `user`, which asks for `needed` unless it is their own. Asks the database
/// nothing about their own.
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

/// The same for those key right to act has another ground than a permission: whoever owns a bot.
pub(crate) async fn over_owned(conn: &mut Conn, caller: &Caller, bot: Row) -> Result<AccountAuthority> {
    if bot.bot_owner_id != Some(caller.id) {
        return Err(Error::forbidden());
    }
    check_covers(conn, caller, &bot).await?;
    Ok(AccountAuthority { id: bot.id, other: Some(Box::new(bot)) })
}

/// Refused unless the caller is at least what the account is.
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
