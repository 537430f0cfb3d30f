//! Resumable uploads, which continue after a pause, a restart, or on another node. The progress is stored while bytes
//! arrive; bytes in the storage beyond the stored progress are ignored. One request writes at a time.

use bytes::Bytes;
use futures_util::TryStreamExt;
use serde::Deserialize;

use super::arrival::{full, may_bring, settle};
use super::kind::{self, HEAD};
use super::lease::Lease;
use super::{Allowance, key, look, name, sweep, too_large};
use crate::db;
use crate::db::files::{File, NewFile};
use crate::db::uploads::Upload;
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::files::Core;
use crate::services::platform::storage::{Aside, UploadPermit, Writer};
use crate::wire::{ChannelId, FileId, FileInfo, UploadSession, UserId};

/// The most unfinished uploads of one account.
const MAX_OPEN: i64 = 20;

/// The bytes after which the progress of an upload is stored.
const NOTED: u64 = 32 * 1024 * 1024;

/// An upload as its sender describes it.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields are the protocol's")]
pub struct NewUpload {
    pub channel_id: ChannelId,
    pub filename: String,
    pub file_size: i64,
}

/// Begins an upload.
pub async fn open(
    core: &Core,
    caller: &Caller,
    allowance: Allowance,
    new: NewUpload,
) -> Result<UploadSession> {
    check_size(allowance, new.file_size)?;
    may_bring(core, caller, new.channel_id).await?;
    let mut tx = core.begin().await?;
    // Checked again when the upload ends; without space it is refused before the bytes are sent.
    let space = allowance.space;
    if space > 0 && db::files::usage(&mut tx, caller.org).await?.saturating_add(new.file_size) > space {
        return Err(full());
    }
    let begun = db::uploads::of_user(&mut tx, caller.org, caller.id, MAX_OPEN).await?;
    if i64::try_from(begun.len()).unwrap_or(i64::MAX) >= MAX_OPEN {
        let message = format!("At most {MAX_OPEN} uploads can be open at a time.");
        return Err(Error::invalid("api.upload.create.too_many.app_error", message));
    }
    let name = name::cleaned(&new.filename);
    let (id, extension) = (FileId::new(), name::extension(&name));
    let (org_id, user_id, channel_id) = (caller.org, caller.id, Some(new.channel_id));
    let row = NewFile { id, org_id, user_id, channel_id, name: &name, extension: &extension };
    db::files::insert(&mut tx, &row).await?;
    db::uploads::insert(&mut tx, id, new.file_size).await?;
    let found = db::uploads::find(&mut tx, caller.org, caller.id, id).await?.ok_or_else(unknown)?;
    tx.commit().await?;
    session(found)
}

/// An upload of the caller's.
pub async fn upload(core: &Core, caller: &Caller, id: FileId) -> Result<UploadSession> {
    let found = db::uploads::find(&mut *core.read().await?, caller.org, caller.id, id).await?;
    session(found.ok_or_else(unknown)?)
}

/// The unfinished uploads of `user`; visible to that account only.
pub async fn uploads(core: &Core, caller: &Caller, user: UserId) -> Result<Vec<UploadSession>> {
    if user != caller.id {
        return Err(Error::forbidden());
    }
    let found = db::uploads::of_user(&mut *core.read().await?, caller.org, user, MAX_OPEN).await?;
    found.into_iter().map(session).collect()
}

/// An upload that continues. While this is held, no other request writes to it.
pub struct Continuation {
    core: Core,
    caller: Caller,
    allowance: Allowance,
    row: File,
    /// The bytes in all, and those that were written.
    size: u64,
    written: u64,
    /// The stored progress, and the bytes since then.
    aside: Option<Aside>,
    unnoted: u64,
    writer: Option<Writer>,
    lease: Lease,
    _turn: UploadPermit,
}

/// Takes an upload of the caller's to continue it, with `length` bytes if the sender declares that.
pub async fn go_on(
    core: &Core,
    caller: &Caller,
    allowance: Allowance,
    (id, length): (FileId, Option<u64>),
) -> Result<Continuation> {
    let turn = core.upload_limiter.next(caller.id).await?;
    let mut conn = core.read().await?;
    let (row, known) = db::uploads::find(&mut conn, caller.org, caller.id, id).await?.ok_or_else(unknown)?;
    may_bring(core, caller, row.channel_id.ok_or_else(unknown)?).await?;
    if length.is_some_and(|length| length > left(&known)) {
        return Err(too_many_bytes());
    }
    let (lease, upload) = Lease::take(core, &mut conn, id).await?.ok_or_else(taken)?;
    let aside = aside(&upload)?;
    let written = aside.as_ref().map_or(0, |a| a.size);
    let size = u64::try_from(upload.size).unwrap_or(0);
    let (core, caller) = (core.clone(), caller.clone());
    let (unnoted, writer) = (0, None);
    Ok(Continuation {
        core,
        caller,
        allowance,
        row,
        size,
        written,
        aside,
        unnoted,
        writer,
        lease,
        _turn: turn,
    })
}

impl Continuation {
    /// Writes the next bytes.
    pub async fn take(&mut self, bytes: Bytes) -> Result<()> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.written + length > self.size {
            return Err(too_many_bytes());
        }
        let mut writer = self.writer().await?;
        writer.write(bytes).await?;
        self.writer = Some(writer);
        self.written += length;
        self.unnoted += length;
        if self.unnoted >= NOTED { self.note().await } else { Ok(()) }
    }

    /// Stores the progress: the sender is gone, or continues later.
    pub async fn pause(mut self) -> Result<()> {
        self.note().await?;
        self.lease.end().await
    }

    /// Ends a request; answers the file if the upload is complete.
    pub async fn end(self) -> Result<Option<FileInfo>> {
        if self.written < self.size {
            self.pause().await?;
            return Ok(None);
        }
        // Inspecting a large picture takes a while. A client that disconnects meanwhile finds the file when it comes
        // back.
        let finished = tokio::spawn(self.finish()).await;
        finished.map_err(|e| Error::internal(format!("the end of an upload: {e}")))?.map(Some)
    }

    async fn finish(mut self) -> Result<FileInfo> {
        let size = self.writer().await?.finish().await?;
        let Self { core, caller, allowance, row, lease, _turn, .. } = self;
        let info = complete(&core, &caller, allowance, (&row, size)).await;
        if info.is_err() {
            // The bytes are an object now, and the stored progress is worthless.
            sweep::give_up(&core, caller.org, &[row.id]).await?;
        }
        // The upload is gone in either case.
        lease.forget();
        info
    }

    /// The writer, resumed from the stored progress if there is none yet.
    async fn writer(&mut self) -> Result<Writer> {
        if let Some(writer) = self.writer.take() {
            return Ok(writer);
        }
        let (storage, key) = (&self.core.storage, key(&self.row));
        match self.aside.clone() {
            Some(aside) => storage.go_on(key, aside).await,
            None => storage.begin(key).await,
        }
    }

    /// Stores the progress.
    async fn note(&mut self) -> Result<()> {
        if let Some(writer) = self.writer.take() {
            self.aside = Some(writer.put_aside().await?);
        }
        if let Some(aside) = &self.aside {
            let aside = serde_json::to_value(aside).map_err(|e| Error::internal(e.to_string()))?;
            db::uploads::note(&mut *self.core.read().await?, self.row.id, &aside).await?;
        }
        self.unnoted = 0;
        Ok(())
    }
}

/// Completes a file whose bytes have all arrived.
async fn complete(
    core: &Core,
    caller: &Caller,
    allowance: Allowance,
    (row, size): (&File, u64),
) -> Result<FileInfo> {
    let channel = row.channel_id.ok_or_else(unknown)?;
    let mime = kind::of(&head(core, row, size).await?, &row.extension);
    let look = look::into(core, &key(row), &row.name, mime, size).await?;
    let infos = settle(core, caller, allowance, vec![(row.id, look.whole(channel))]).await?;
    db::uploads::delete(&mut *core.read().await?, row.id).await?;
    infos.into_iter().next().ok_or_else(unknown)
}

/// The beginning of a complete file.
async fn head(core: &Core, row: &File, size: u64) -> Result<Vec<u8>> {
    let end = size.min(u64::try_from(HEAD).unwrap_or(u64::MAX));
    let Some(content) = core.storage.get(&key(row), Some(0..end)).await? else { return Ok(Vec::new()) };
    let bytes: Vec<Bytes> = content.try_collect().await?;
    Ok(bytes.concat())
}

fn session((row, upload): (File, Upload)) -> Result<UploadSession> {
    let come = aside(&upload)?.map_or(0, |a| a.size);
    Ok(UploadSession {
        id: row.id,
        kind: "attachment",
        create_at: row.create_at,
        user_id: row.user_id,
        channel_id: row.channel_id,
        filename: row.name,
        file_size: upload.size,
        file_offset: i64::try_from(come).unwrap_or(i64::MAX),
        remote_id: String::new(),
        req_file_id: String::new(),
    })
}

fn aside(upload: &Upload) -> Result<Option<Aside>> {
    let read = upload.aside.clone().map(serde_json::from_value).transpose();
    read.map_err(|e| Error::internal(format!("an upload's note: {e}")))
}

fn left(upload: &Upload) -> u64 {
    let come = upload.aside.as_ref().and_then(|a| a.get("size")).and_then(serde_json::Value::as_u64);
    u64::try_from(upload.size).unwrap_or(0).saturating_sub(come.unwrap_or(0))
}

fn check_size(allowance: Allowance, size: i64) -> Result<()> {
    let Some(size) = u64::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(Error::body("file_size"));
    };
    if size <= allowance.file { Ok(()) } else { Err(too_large()) }
}

fn unknown() -> Error {
    Error::not_found("app.upload.get.app_error", "Unable to get the upload session.")
}

fn taken() -> Error {
    Error::conflict("app.upload.upload_data.concurrent.app_error", "Somebody else sends this upload now.")
}

fn too_many_bytes() -> Error {
    Error::invalid(
        "api.upload.upload_data.invalid_content_length",
        "More bytes were sent than the upload has left.",
    )
}
