//! Creating and ending tokens. When a token ends, its session ends at once, on this node and on open sockets.

use serde::Deserialize;

use super::sessions::end;
use super::{holder, managed, policy, shape};
use crate::db::{self, access_tokens::NewAccessToken};
use crate::error::{Error, Kind, Result};
use crate::services::auth::credentials::{Key, KeyHash};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, Core, audits};
use crate::wire::{AccessToken, Millis, TokenId, UserId};

/// The permission to create, rotate or enable a token.
const CREATE: Permission = Permission::CreateUserAccessToken;

/// Characters of a description at most.
const MAX_DESCRIPTION: usize = 255;

/// Tokens of one account at most.
const MAX_TOKENS: i64 = 100;

/// The fields of a new token.
#[derive(Debug, Deserialize)]
pub struct NewToken {
    /// The purpose of the token, for people.
    #[serde(default)]
    pub description: String,
    /// The end of its validity, in milliseconds since 1970; 0 for never.
    #[serde(default)]
    pub expires_at: Millis,
}

/// A request to replace the secret of a token.
#[derive(Debug, Deserialize)]
pub struct Rotation {
    /// The token.
    pub token_id: TokenId,
    /// The end of its validity, in milliseconds since 1970; 0 for never, `None` to keep it.
    pub expires_at: Option<Millis>,
}

/// Creates a token for `user`; only this response shows its secret.
pub async fn create(core: &Core, caller: &Caller, user: UserId, new: NewToken) -> Result<AccessToken> {
    let mut tx = core.begin().await?;
    let holder = holder(&mut tx, caller, user, CREATE).await?;
    let description = described(&new.description)?;
    let now = db::clock::now(&mut tx).await?;
    policy::check(core, &holder, new.expires_at, now)?;
    if db::access_tokens::count_of_user(&mut tx, holder.id).await? >= MAX_TOKENS {
        return Err(too_many());
    }
    let key = Key::generate();
    let hash = key.hash();
    let row = NewAccessToken {
        id: TokenId::new(),
        user_id: holder.id,
        hash: hash.bytes(),
        description,
        expires_at: new.expires_at,
    };
    let row = db::access_tokens::insert(&mut tx, &row).await?;
    audits::note(&mut tx, caller, "/api/v4/users/tokens", row.id, &format!("for user_id={user}")).await?;
    tx.commit().await?;
    Ok(AccessToken { token: key.reveal(), ..shape(row) })
}

/// Replaces the secret of a token; the old secret and its session end at once.
pub async fn rotate(core: &Core, caller: &Caller, ask: Rotation) -> Result<AccessToken> {
    let mut tx = core.begin().await?;
    let (row, holder) = managed(&mut tx, caller, ask.token_id, CREATE).await?;
    let now = db::clock::now(&mut tx).await?;
    let expires_at = ask.expires_at.unwrap_or(row.expires_at);
    policy::check(core, &holder, expires_at, now)?;
    let key = Key::generate();
    let row = db::access_tokens::rotate(&mut tx, row.id, key.hash().bytes(), expires_at).await?;
    let ended = end(&mut tx, &[row.id]).await?;
    audits::note(&mut tx, caller, "/api/v4/users/tokens/rotate", row.id, "").await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(AccessToken { token: key.reveal(), ..shape(row) })
}

/// Revokes a token for good.
pub async fn revoke(core: &Core, caller: &Caller, token: TokenId) -> Result<()> {
    let mut tx = core.begin().await?;
    let (row, _) = managed(&mut tx, caller, token, Permission::RevokeUserAccessToken).await?;
    db::access_tokens::set_active(&mut tx, row.id, false).await?;
    let ended = end(&mut tx, &[row.id]).await?;
    db::access_tokens::delete(&mut tx, &[row.id]).await?;
    audits::note(&mut tx, caller, "/api/v4/users/tokens/revoke", row.id, "").await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(())
}

/// Switches a token off; it can be switched on again.
pub async fn disable(core: &Core, caller: &Caller, token: TokenId) -> Result<()> {
    let mut tx = core.begin().await?;
    let (row, _) = managed(&mut tx, caller, token, Permission::RevokeUserAccessToken).await?;
    db::access_tokens::set_active(&mut tx, row.id, false).await?;
    let ended = end(&mut tx, &[row.id]).await?;
    audits::note(&mut tx, caller, "/api/v4/users/tokens/disable", row.id, "").await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(())
}

/// Switches a token on.
pub async fn enable(core: &Core, caller: &Caller, token: TokenId) -> Result<()> {
    let mut tx = core.begin().await?;
    let (row, holder) = managed(&mut tx, caller, token, CREATE).await?;
    let now = db::clock::now(&mut tx).await?;
    policy::check(core, &holder, row.expires_at, now)?;
    let hash = db::access_tokens::set_active(&mut tx, row.id, true).await?;
    audits::note(&mut tx, caller, "/api/v4/users/tokens/enable", row.id, "").await?;
    tx.commit().await?;
    if let Some(key) = hash.and_then(KeyHash::kept) {
        core.sessions.forget_key(key).await;
    }
    Ok(())
}

fn described(text: &str) -> Result<&str> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::body("description"));
    }
    if text.chars().count() > MAX_DESCRIPTION {
        return Err(Error::invalid(
            "model.user_access_token.is_valid.description.app_error",
            "Invalid description, must be 255 or less characters.",
        ));
    }
    Ok(text)
}

fn too_many() -> Error {
    Error::new(
        Kind::Invalid,
        "app.user_access_token.too_many.app_error",
        "This account has as many personal access tokens as it may have. Revoke one first.",
    )
}
