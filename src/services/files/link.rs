//! Public links: addresses with which anybody can read a file, where the administrator allows them. The address
//! contains a digest that only this server can make, from a key of the file's own; removing that key revokes all links
//! to it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::file_access::Readable;
use super::{readable, unknown};
use crate::db::files::File;
use crate::db::{self};
use crate::error::{Error, Kind, Result};
use crate::services::auth::Caller;
use crate::services::auth::audits::{self, Subject};
use crate::services::auth::permissions::Permission;
use crate::services::channels;
use crate::services::files::Core;
use crate::services::platform::keys::{Purpose, is_same};
use crate::wire::FileId;

/// Creates the public link of a file on a post: a path below the server's address.
pub async fn link(core: &Core, caller: &Caller, id: FileId) -> Result<String> {
    check_allowed(core)?;
    let row = posted(core, caller, id).await?;
    let mut tx = core.begin().await?;
    if let Some(channel) = row.channel_id {
        channels::visible(&mut tx, caller, channel).await?.permit(Permission::GetPublicLink).map(drop)?;
    }
    let key = db::files::give_link_key(&mut tx, id, Uuid::new_v4()).await?.ok_or_else(unknown)?;
    audits::note(&mut tx, caller, "/api/v4/files/link", Subject::of("file", id.0), "").await?;
    tx.commit().await?;
    Ok(format!("/api/v4/files/{id}/public?h={}", digest(core, id, key)))
}

/// Removes the public links of a file. Allowed for its uploader, and for administrators of the channel.
pub async fn unlink(core: &Core, caller: &Caller, id: FileId) -> Result<()> {
    let row = posted(core, caller, id).await?;
    let mut tx = core.begin().await?;
    if let Some(channel) = row.channel_id {
        let access = channels::access(&mut tx, caller, channel).await?;
        if row.user_id != caller.id && !access.is_admin() {
            return Err(Error::forbidden());
        }
    }
    if db::files::drop_link_key(&mut tx, id).await? {
        audits::note(&mut tx, caller, "/api/v4/files/link", Subject::of("file", id.0), "ended").await?;
    }
    tx.commit().await
}

/// The file of a public link, for anybody.
pub async fn public(core: &Core, id: FileId, said: &str) -> Result<Readable> {
    check_allowed(core)?;
    let row = db::files::public(&mut *core.read().await?, id).await?.ok_or_else(invalid)?;
    let key = row.link_key.ok_or_else(invalid)?;
    if is_same(digest(core, id, key).as_bytes(), said.as_bytes()) {
        Ok(Readable::of(row))
    } else {
        Err(invalid())
    }
}

/// A file that the caller may read and that is attached to a post.
async fn posted(core: &Core, caller: &Caller, id: FileId) -> Result<File> {
    let row = readable(core, caller, id).await?.into_row();
    if row.post_id.is_some() {
        return Ok(row);
    }
    Err(Error::invalid(
        "api.file.get_public_link.no_post.app_error",
        "Unable to get public link for file. File must be attached to a post.",
    ))
}

fn digest(core: &Core, id: FileId, key: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(core.keys.digest(Purpose::PublicLink, &format!("{id}.{key}")))
}

fn check_allowed(core: &Core) -> Result<()> {
    if core.settings.files.public_links {
        return Ok(());
    }
    Err(Error::new(
        Kind::NotBuilt,
        "api.file.get_public_link.disabled.app_error",
        "Public links have been disabled by the system administrator.",
    ))
}

fn invalid() -> Error {
    Error::invalid(
        "api.file.get_file.public_invalid.app_error",
        "The public link does not appear to be valid.",
    )
}
