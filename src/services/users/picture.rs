//! The picture of an account: its own, or one that is generated from its identifier.

use bytes::Bytes;
use uuid::Uuid;

use crate::db::{self, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::accounts::{missing, over, over_owned, seen, tell};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, audits};
use crate::services::platform::storage::Key;
use crate::services::users::Core;
use crate::wire::{OrgId, UserId, id};

/// The side of a picture, in pixels.
const SIDE: u32 = 128;

/// Bytes of a stored picture at most.
const MOST: usize = 1 << 20;

/// A picture that was found, but not yet read.
#[derive(Debug)]
pub struct Picture {
    /// The entity tag, which changes with the picture.
    pub etag: String,
    user: UserId,
    kept: Option<Key>,
}

impl Picture {
    /// Reads the PNG file.
    pub async fn read(self, core: &Core) -> Result<Bytes> {
        let kept = match &self.kept {
            Some(key) => core.storage.read(key, MOST).await?,
            None => None,
        };
        match kept {
            Some(file) => Ok(file),
            None => drawn(self.user),
        }
    }
}

/// The picture of `user`.
pub async fn picture(core: &Core, caller: &Caller, user: UserId) -> Result<Picture> {
    let mut conn = core.read().await?;
    let row = db::users::find(&mut conn, caller.org, user).await?;
    let row = seen(&mut conn, caller, row).await?;
    let own = row.picture_id.map(|own| Picture {
        etag: format!("picture.{}", id::encode(own)),
        user,
        kept: Some(key(caller.org, own)),
    });
    Ok(own.unwrap_or_else(|| default(user)))
}

/// The picture that `user` would have without one of their own.
pub async fn default_picture(core: &Core, caller: &Caller, user: UserId) -> Result<Picture> {
    let mut conn = core.read().await?;
    let row = db::users::find(&mut conn, caller.org, user).await?;
    seen(&mut conn, caller, row).await?;
    Ok(default(user))
}

/// Proof that the caller may change the picture of an account.
#[derive(Debug, Clone, Copy)]
pub struct PictureSubject<'a> {
    caller: &'a Caller,
    id: UserId,
    org: OrgId,
}

/// Checks that the caller may change the picture of `user`: their own, that of a bot that they own or may manage, or
/// another's that they may edit. An account with more rights than the caller is refused.
pub async fn sitter<'a>(core: &Core, caller: &'a Caller, user: UserId) -> Result<PictureSubject<'a>> {
    let mut conn = core.read().await?;
    let bot = db::users::find(&mut conn, caller.org, user).await?.filter(Row::is_bot);
    let of_bot = bot.is_some() && caller.may(Permission::ManageOthersBots);
    let over = match bot {
        Some(bot) if bot.bot_owner_id == Some(caller.id) => over_owned(&mut conn, caller, bot).await?,
        _ if of_bot => over(&mut conn, caller, user, Permission::ManageOthersBots).await?,
        _ => over(&mut conn, caller, user, Permission::EditOtherUsers).await?,
    };
    Ok(PictureSubject { caller, id: over.id(), org: caller.org })
}

/// Sets the picture of an account to the middle of an image.
pub async fn set_picture(core: &Core, sitter: PictureSubject<'_>, file: Bytes) -> Result<()> {
    let made = core.pictures.square(file, SIDE).await.map_err(|refusal| {
        Error::unusable_picture("api.user.upload_profile_user.decode.app_error", refusal)
    })?;
    let own = Uuid::now_v7();
    core.storage.put(key(sitter.org, own), made.bytes.into()).await?;
    let changed = change(core, sitter, Some(own)).await;
    if changed.is_err() {
        forget(core, sitter.org, own).await;
    }
    changed
}

/// Removes an account's own picture.
pub async fn reset_picture(core: &Core, sitter: PictureSubject<'_>) -> Result<()> {
    change(core, sitter, None).await
}

/// Stores the change and tells everybody who knows the account; then deletes the old picture.
async fn change(core: &Core, sitter: PictureSubject<'_>, picture: Option<Uuid>) -> Result<()> {
    let PictureSubject { caller, id: user, org } = sitter;
    let mut tx = core.begin().await?;
    let old = db::users::lock_picture(&mut tx, org, user).await?.ok_or_else(missing)?;
    if old.is_none() && picture.is_none() {
        return Ok(());
    }
    let row = db::users::set_picture(&mut tx, org, user, picture).await?;
    tell(&mut tx, &row).await?;
    if user != caller.id {
        audits::note(&mut tx, caller, "/api/v4/users/image", user, "").await?;
    }
    tx.commit().await?;
    if let Some(old) = old {
        forget(core, org, old).await;
    }
    Ok(())
}

async fn forget(core: &Core, org: OrgId, picture: Uuid) {
    if let Err(error) = core.storage.delete(&key(org, picture)).await {
        tracing::warn!(%error, "a picture that nobody has any more stays in the storage");
    }
}

fn key(org: OrgId, picture: Uuid) -> Key {
    Key::new(org, "person", picture)
}

fn default(user: UserId) -> Picture {
    Picture { etag: format!("identicon.{}", id::encode(user.0)), user, kept: None }
}

fn drawn(user: UserId) -> Result<Bytes> {
    let png = pictures::identicon(user.0.as_u128()).map_err(|e| Error::internal(format!("picture: {e}")))?;
    Ok(png.into())
}
