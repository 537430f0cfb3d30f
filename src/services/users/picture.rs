//! The picture of an account.

use crate::db;
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::core::Core;
use crate::services::pictures;
use crate::wire::{UserId, id};

/// A PNG file, and what to tell it apart by.
#[derive(Debug)]
pub struct Picture {
    /// The file.
    pub png: Vec<u8>,
    /// The same as long as the picture is.
    pub etag: String,
}

/// The picture of `user`.
pub async fn picture(core: &Core, caller: &Caller, user: UserId) -> Result<Picture> {
    let mut conn = core.read().await?;
    db::users::find(&mut conn, caller.org, user).await?.ok_or_else(super::missing)?;
    drop(conn);
    Ok(Picture {
        png: pictures::identicon(user.0.as_u128()).map_err(|e| Error::internal(e.to_string()))?,
        etag: format!("identicon.{}", id::encode(user.0)),
    })
}
