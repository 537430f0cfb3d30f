//! Reading files. Who may see the channel of a file's post may read it; before it is posted, only who brought it.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;

use super::kind::{self, Disposition};
use super::{PREVIEW, THUMBNAIL, key, unknown};
use crate::db::files::File;
use crate::db::{self};
use crate::error::{Error, Kind, Result};
use crate::services::attachments;
use crate::services::auth::Caller;
use crate::services::channels;
use crate::services::core::Core;
use crate::services::storage::{Content, LinkOptions};
use crate::wire::{FileId, FileInfo, Millis};

/// Bytes of a thumbnail or a preview at most.
const MAX_VARIANT: usize = 32 * 1024 * 1024;

/// Proof that whoever asks may read a file.
#[derive(Debug)]
pub struct Readable {
    row: File,
}

/// What is shown of a picture instead of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// In lists.
    Thumbnail,
    /// In conversations.
    Preview,
}

/// The file, if the caller may read it.
pub async fn readable(core: &Core, caller: &Caller, id: FileId) -> Result<Readable> {
    let mut conn = core.read().await?;
    let row = db::files::find(&mut conn, caller.org, id).await?.ok_or_else(unknown)?;
    match (row.post_id, row.channel_id) {
        (Some(_), Some(channel)) => {
            channels::visible(&mut conn, caller, channel).await?.content()?;
        }
        _ if row.user_id == caller.id => {}
        _ => return Err(Error::forbidden()),
    }
    Ok(Readable { row })
}

impl Readable {
    /// The file of a row that may be read.
    pub(super) fn of(row: File) -> Self {
        Self { row }
    }

    /// Its row.
    pub(super) fn into_row(self) -> File {
        self.row
    }

    /// What is told of it.
    pub fn info(&self) -> FileInfo {
        attachments::info(self.row.clone())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.row.name
    }

    /// Its type.
    pub fn mime(&self) -> &str {
        &self.row.mime_type
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        u64::try_from(self.row.size).unwrap_or(0)
    }

    /// What tells it apart from every other: its bytes never change.
    pub fn etag(&self) -> String {
        self.row.id.to_string()
    }

    /// When it was whole.
    pub fn since(&self) -> Millis {
        self.row.create_at
    }

    /// How a browser may be given it. A picture that could not be decoded here is not to be shown in a page.
    pub fn shown(&self) -> Disposition {
        if kind::is_picture(&self.row.mime_type) && self.row.preview_type.is_empty() {
            return Disposition::Attachment;
        }
        kind::shown(&self.row.mime_type)
    }

    /// Its bytes, or those of a part.
    pub async fn content(&self, core: &Core, part: Option<Range<u64>>) -> Result<Content> {
        let content = core.storage.get(&key(&self.row), part).await?;
        content
            .ok_or_else(|| Error::not_found("app.file.get.not_found.app_error", "Unable to find the file."))
    }

    /// Where the storage itself gives it away for `lasts`, as what `disposition` says. None where it does not.
    pub async fn address(&self, core: &Core, lasts: Duration, disposition: String) -> Result<Option<String>> {
        let link = LinkOptions { lasts, content_type: self.row.mime_type.clone(), disposition };
        core.storage.link(&key(&self.row), &link).await
    }

    /// What is shown of a picture: its type, and the bytes.
    pub async fn variant(&self, core: &Core, variant: Variant) -> Result<(String, Bytes)> {
        let (mime, name) = match variant {
            Variant::Thumbnail => (&self.row.thumbnail_type, THUMBNAIL),
            Variant::Preview => (&self.row.preview_type, PREVIEW),
        };
        if mime.is_empty() {
            return Err(no_variant(variant));
        }
        let bytes = core.storage.read(&key(&self.row).variant(name), MAX_VARIANT).await?;
        Ok((mime.clone(), bytes.ok_or_else(|| no_variant(variant))?))
    }
}

fn no_variant(variant: Variant) -> Error {
    match variant {
        Variant::Thumbnail => Error::new(
            Kind::Invalid,
            "api.file.get_file_thumbnail.no_thumbnail.app_error",
            "File doesn't have a thumbnail image.",
        ),
        Variant::Preview => Error::new(
            Kind::Invalid,
            "api.file.get_file_preview.no_preview.app_error",
            "File doesn't have a preview image.",
        ),
    }
}
