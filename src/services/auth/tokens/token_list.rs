//! Reading tokens.

use super::{Overseer, holder, managed, overseer, shape};
use crate::db;
use crate::error::{Error, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, Core};
use crate::wire::{AccessToken, PageRange, TokenId, UserId, id};

const READ: Permission = Permission::ReadUserAccessToken;

/// Characters of a search term at most.
const MAX_TERM: usize = 128;

/// Results of a search at most.
const FOUND: i64 = 200;

/// Lists a page of the tokens of `user`, newest first.
pub async fn list(core: &Core, caller: &Caller, user: UserId, page: PageRange) -> Result<Vec<AccessToken>> {
    let mut conn = core.read().await?;
    let holder = holder(&mut conn, caller, user, READ).await?;
    let rows = db::access_tokens::of_user(&mut conn, holder.id, page).await?;
    Ok(rows.into_iter().map(shape).collect())
}

/// The token `token`.
pub async fn get(core: &Core, caller: &Caller, token: TokenId) -> Result<AccessToken> {
    let mut conn = core.read().await?;
    let (row, _) = managed(&mut conn, caller, token, READ).await?;
    Ok(shape(row))
}

/// Lists a page of all tokens in the organisation that the caller may manage, newest first.
pub async fn all(core: &Core, caller: &Caller, page: PageRange) -> Result<Vec<AccessToken>> {
    let Overseer { org, above } = overseer(caller, READ)?;
    let rows = db::access_tokens::of_org(&mut *core.read().await?, org, &above, None, page).await?;
    Ok(rows.into_iter().map(shape).collect())
}

/// Finds tokens that the caller may manage, by the token's or the account's identifier, or by the beginning of the
/// account's name.
pub async fn search(core: &Core, caller: &Caller, term: &str) -> Result<Vec<AccessToken>> {
    let Overseer { org, above } = overseer(caller, READ)?;
    let term = term.trim().to_lowercase();
    if term.is_empty() || term.chars().count() > MAX_TERM {
        return Err(Error::body("term"));
    }
    let named = Some((term.as_str(), id::decode(&term).ok()));
    let rows = db::access_tokens::of_org(
        &mut *core.read().await?,
        org,
        &above,
        named,
        PageRange { offset: 0, limit: FOUND },
    )
    .await?;
    Ok(rows.into_iter().map(shape).collect())
}
