//! Files and uploads.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::wire::id::or_empty;
use crate::wire::{ChannelId, FileId, Millis, PostId, UserId};

/// A file, as it is told of.
#[derive(Debug, Clone, Serialize)]
pub struct FileInfo {
    /// Its identifier.
    pub id: FileId,
    /// Who brought it.
    pub user_id: UserId,
    /// The post that it hangs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_id: Option<PostId>,
    /// The channel that it was brought to.
    #[serde(with = "or_empty")]
    pub channel_id: Option<ChannelId>,
    /// When it was whole.
    pub create_at: Millis,
    /// When it last changed.
    pub update_at: Millis,
    /// When it was deleted.
    pub delete_at: Millis,
    /// What its owner called it, made harmless.
    pub name: String,
    /// The end of the name, without the dot.
    pub extension: String,
    /// Bytes.
    pub size: i64,
    /// What its content is, whatever it is called.
    pub mime_type: String,
    /// Pixels across, of a picture.
    #[serde(skip_serializing_if = "is_zero")]
    pub width: i32,
    /// Pixels down, of a picture.
    #[serde(skip_serializing_if = "is_zero")]
    pub height: i32,
    /// Whether there is a preview.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_preview_image: bool,
    /// A tiny JPEG in base64.
    pub mini_preview: Option<String>,
    /// From another server: never.
    pub remote_id: String,
    /// Whether it is out of reach: never.
    pub archived: bool,
}

fn is_zero(n: &i32) -> bool {
    *n == 0
}

impl FileInfo {
    /// Whether its content is a picture.
    pub fn is_picture(&self) -> bool {
        self.mime_type.starts_with("image/")
    }
}

/// What an upload answers.
#[derive(Debug, Clone, Serialize)]
pub struct FileUploadResponse {
    /// The files, in the order in which they came.
    pub file_infos: Vec<FileInfo>,
    /// What the client called them; none where it could not say.
    pub client_ids: Option<Vec<String>>,
}

/// What a search found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FileInfoList {
    /// Newest first.
    pub order: Vec<FileId>,
    /// The files by id.
    pub file_infos: BTreeMap<String, FileInfo>,
    /// The first file of the next page, if there is one.
    pub next_file_info_id: String,
    /// Not told.
    pub prev_file_info_id: String,
    /// Nothing is hidden: 0.
    pub first_inaccessible_file_time: Millis,
}

/// An upload that may be continued.
#[derive(Debug, Clone, Serialize)]
pub struct UploadSession {
    /// Its identifier, and that of the file that it becomes.
    pub id: FileId,
    /// Always `attachment`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// When it began.
    pub create_at: Millis,
    /// Whose.
    pub user_id: UserId,
    /// For which channel.
    #[serde(with = "or_empty")]
    pub channel_id: Option<ChannelId>,
    /// What the file is called.
    pub filename: String,
    /// Bytes that it will have.
    pub file_size: i64,
    /// Bytes that have come.
    pub file_offset: i64,
    /// From another server: never.
    pub remote_id: String,
    /// Asked for by another server: never.
    pub req_file_id: String,
}
