//! Files as they are shown on posts. Everybody who sees a post sees its files; uploading and reading them is in
//! `files`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::db::files::File;
use crate::db::posts::Post as Row;
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::wire::{FileId, FileInfo, PostId};

/// The most files of a post.
pub const MAX_FILES: usize = 10;

/// The description of a file that clients get.
pub fn info(row: File) -> FileInfo {
    FileInfo {
        id: row.id,
        user_id: row.user_id,
        post_id: row.post_id,
        channel_id: row.channel_id,
        create_at: row.create_at,
        update_at: row.update_at,
        delete_at: row.delete_at,
        name: row.name,
        extension: row.extension,
        size: row.size,
        mime_type: row.mime_type,
        width: row.width,
        height: row.height,
        has_preview_image: !row.preview_type.is_empty(),
        mini_preview: row.mini_preview.map(|bytes| STANDARD.encode(bytes)),
        remote_id: String::new(),
        archived: false,
    }
}

/// The files of those of `rows` that have any, in the order of the posts, with at most one statement.
pub async fn of_posts(conn: &Conn, rows: &[Row]) -> Result<BTreeMap<PostId, Vec<FileInfo>>> {
    let having: Vec<&Row> = rows.iter().filter(|r| !r.file_ids.is_empty()).collect();
    if having.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<PostId> = having.iter().map(|r| r.id).collect();
    let limit = i64::try_from(having.iter().map(|r| r.file_ids.len()).sum::<usize>()).unwrap_or(i64::MAX);
    let found = db::files::of_posts(conn, &ids, limit).await?;
    let mut infos: BTreeMap<FileId, FileInfo> = found.into_iter().map(|f| (f.id, info(f))).collect();
    let mut of = |row: &Row| row.file_ids.iter().filter_map(|id| infos.remove(id)).collect();
    Ok(having.into_iter().map(|row| (row.id, of(row))).collect())
}

/// The file identifiers that a post's sender lists, without duplicates; an error if they are more than a post may have.
pub fn named(texts: &[String]) -> Result<Vec<FileId>> {
    if texts.len() > MAX_FILES {
        let message = format!("A post has at most {MAX_FILES} files.");
        return Err(Error::invalid("model.post.is_valid.file_ids.app_error", message));
    }
    let mut ids: Vec<FileId> = Vec::new();
    for text in texts {
        let id = text.parse().ok().ok_or_else(|| Error::body("file_ids"))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}
