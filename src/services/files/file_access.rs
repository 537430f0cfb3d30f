//! Reading files. Everybody who may see the channel of a file's post may read it; before it is posted, only its owner.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;

use super::kind::{self, Disposition};
use super::{PREVIEW, THUMBNAIL, key, unknown};
use crate::db::files::File;
use crate::db::{self};
use crate::error::{Error, Kind, Result};
use crate::services::auth::Caller;
use crate::services::channels::{self, attachments};
use crate::services::files::Core;
use crate::services::platform::storage::{Content, LinkOptions};
use crate::wire::{FileId, FileInfo, Millis};

/// The most bytes of a thumbnail or a preview.
const MAX_VARIANT: usize = 32 * 1024 * 1024;

/// The proof that a file may be read.
#[derive(Debug)]
pub struct Readable {
    row: File,
}

/// A smaller rendering of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// For lists.
    Thumbnail,
    /// For the conversation.
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
    /// The proof for a row that may be read.
    pub(super) fn of(row: File) -> Self {
        Self { row }
    }

    /// Its row.
    pub(super) fn into_row(self) -> File {
        self.row
    }

    /// The description that clients get.
    pub fn info(&self) -> FileInfo {
        attachments::info(self.row.clone())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.row.name
    }

    /// Its media type.
    pub fn mime(&self) -> &str {
        &self.row.mime_type
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        u64::try_from(self.row.size).unwrap_or(0)
    }

    /// Its entity tag. The bytes of a file never change.
    pub fn etag(&self) -> String {
        self.row.id.to_string()
    }

    /// The time of its creation, in milliseconds since 1970.
    pub fn since(&self) -> Millis {
        self.row.create_at
    }

    /// Its disposition. A picture that could not be decoded here is not shown in a page.
    pub fn shown(&self) -> Disposition {
        if kind::is_picture(&self.row.mime_type) && self.row.preview_type.is_empty() {
            return Disposition::Attachment;
        }
        kind::shown(&self.row.mime_type)
    }

    /// Its bytes, or a part of them.
    pub async fn content(&self, core: &Core, part: Option<Range<u64>>) -> Result<Content> {
        let content = core.storage.get(&key(&self.row), part).await?;
        content
            .ok_or_else(|| Error::not_found("app.file.get.not_found.app_error", "Unable to find the file."))
    }

    /// The storage's own address of the file, valid for `lasts`, served with `disposition`. `None` if the storage has
    /// none.
    pub async fn address(&self, core: &Core, lasts: Duration, disposition: String) -> Result<Option<String>> {
        let link = LinkOptions { lasts, content_type: self.row.mime_type.clone(), disposition };
        core.storage.link(&key(&self.row), &link).await
    }

    /// The rendering of a picture: its media type and bytes. An error if there is none.
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
