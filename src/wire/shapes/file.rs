//! Files and uploads.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::wire::id::or_empty;
use crate::wire::{ChannelId, FileId, Millis, PostId, UserId};

/// The metadata of a file.
#[derive(Debug, Clone, Serialize)]
pub struct FileInfo {
    /// Its identifier.
    pub id: FileId,
    /// The account that uploaded it.
    pub user_id: UserId,
    /// The post that it is attached to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_id: Option<PostId>,
    /// The channel that it was uploaded to.
    #[serde(with = "or_empty")]
    pub channel_id: Option<ChannelId>,
    /// The time at which its upload was complete.
    pub create_at: Millis,
    /// The time of its last change.
    pub update_at: Millis,
    /// The time of its deletion; 0 if it is not deleted.
    pub delete_at: Millis,
    /// The name that its owner gave it, sanitised.
    pub name: String,
    /// The extension of the name, without the dot.
    pub extension: String,
    /// Its size in bytes.
    pub size: i64,
    /// The type of its content, independent of its name.
    pub mime_type: String,
    /// The width of a picture, in pixels.
    #[serde(skip_serializing_if = "is_zero")]
    pub width: i32,
    /// The height of a picture, in pixels.
    #[serde(skip_serializing_if = "is_zero")]
    pub height: i32,
    /// Whether there is a preview.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub has_preview_image: bool,
    /// A thumbnail: a tiny JPEG in base64.
    pub mini_preview: Option<String>,
    /// Always empty: there are no files of other servers.
    pub remote_id: String,
    /// Always false: no file is out of reach.
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

/// The answer to an upload.
#[derive(Debug, Clone, Serialize)]
pub struct FileUploadResponse {
    /// The files, in the order of the request.
    pub file_infos: Vec<FileInfo>,
    /// The client's own identifiers of the files; none if it sent none.
    pub client_ids: Option<Vec<String>>,
}

/// The result of a file search.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FileInfoList {
    /// The identifiers, newest first.
    pub order: Vec<FileId>,
    /// The files by id.
    pub file_infos: BTreeMap<String, FileInfo>,
    /// The first file of the next page, if there is one.
    pub next_file_info_id: String,
    /// Always empty: not supported.
    pub prev_file_info_id: String,
    /// Always 0: no file is hidden.
    pub first_inaccessible_file_time: Millis,
}

/// A resumable upload.
#[derive(Debug, Clone, Serialize)]
pub struct UploadSession {
    /// Its identifier, and that of the file that it becomes.
    pub id: FileId,
    /// Always `attachment`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The time at which it began.
    pub create_at: Millis,
    /// The account that uploads.
    pub user_id: UserId,
    /// The channel that the file is for.
    #[serde(with = "or_empty")]
    pub channel_id: Option<ChannelId>,
    /// The name of the file.
    pub filename: String,
    /// The size of the complete file, in bytes.
    pub file_size: i64,
    /// Bytes that were received.
    pub file_offset: i64,
    /// Always empty: there are no files of other servers.
    pub remote_id: String,
    /// Always empty: no other server requests files.
    pub req_file_id: String,
}
