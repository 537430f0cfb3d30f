//! Incoming files. Each gets a row first, then is written to the storage as it arrives, then is inspected; all files of
//! one request become complete together, or none does. An upload that ends before that leaves nothing behind.

use bytes::Bytes;

use super::kind::{self, HEAD};
use super::look::{self, Look};
use super::{Allowance, name, too_large};
use crate::db;
use crate::db::files::{NewFile, Whole};
use crate::error::{Error, Kind, Result};
use crate::services::auth::Caller;
use crate::services::auth::permissions::Permission;
use crate::services::channels;
use crate::services::channels::attachments::{MAX_FILES, info};
use crate::services::files::Core;
use crate::services::platform::storage::{Key, UploadPermit, Writer};
use crate::services::platform::tasks::{self, ExternalTask, FileRef, Task};
use crate::wire::{ChannelId, FileId, FileInfo};

/// The files of one request. Dropping it before they have settled removes them.
pub struct Arrival {
    core: Core,
    caller: Caller,
    allowance: Allowance,
    channel: Option<ChannelId>,
    open: Option<Open>,
    whole: Vec<(FileId, Look)>,
    /// The files to remove if this is dropped.
    noted: Vec<FileId>,
    _turn: UploadPermit,
}

/// The file that is being received.
struct Open {
    id: FileId,
    key: Key,
    name: String,
    extension: String,
    head: Vec<u8>,
    size: u64,
    writer: Writer,
}

/// Waits for an upload slot of the caller.
pub async fn arrive(core: &Core, caller: &Caller, allowance: Allowance) -> Result<Arrival> {
    let _turn = core.upload_limiter.next(caller.id).await?;
    let (core, caller) = (core.clone(), caller.clone());
    let (channel, open, whole, noted) = (None, None, Vec::new(), Vec::new());
    Ok(Arrival { core, caller, allowance, channel, open, whole, noted, _turn })
}

/// Fails unless the caller may upload files to a channel.
pub(super) async fn may_bring(core: &Core, caller: &Caller, channel: ChannelId) -> Result<()> {
    let mut conn = core.read().await?;
    // As with posting: a channel that does not exist must look like one that is forbidden.
    let hidden = |e: Error| if e.kind == Kind::NotFound { Error::forbidden() } else { e };
    let access = channels::access(&mut conn, caller, channel).await.map_err(hidden)?;
    access.require(Permission::UploadFile)?;
    access.require(Permission::CreatePost)?;
    if !access.channel().is_archived() { Ok(()) } else { Err(Error::forbidden()) }
}

impl Arrival {
    /// Sets the channel that the files are for.
    pub async fn to(&mut self, channel: ChannelId) -> Result<()> {
        may_bring(&self.core, &self.caller, channel).await?;
        self.channel = Some(channel);
        Ok(())
    }

    /// Begins a file with this name.
    pub async fn begin(&mut self, said: &str) -> Result<()> {
        if self.whole.len() >= MAX_FILES {
            let message = format!("At most {MAX_FILES} files can be uploaded at a time.");
            return Err(Error::invalid("api.file.upload_file.too_many_files.app_error", message));
        }
        let name = name::cleaned(said);
        let extension = name::extension(&name);
        let (id, org) = (FileId::new(), self.caller.org);
        self.note(id, &name, &extension).await?;
        self.noted.push(id);
        let key = Key::new(org, "files", id.0);
        let writer = self.core.storage.begin(key.clone()).await?;
        self.open = Some(Open { id, key, name, extension, head: Vec::new(), size: 0, writer });
        Ok(())
    }

    async fn note(&self, id: FileId, name: &str, extension: &str) -> Result<()> {
        let (org_id, user_id, channel_id) = (self.caller.org, self.caller.id, self.channel);
        let mut conn = self.core.read().await?;
        db::files::insert(&mut conn, &NewFile { id, org_id, user_id, channel_id, name, extension }).await?;
        Ok(())
    }

    /// Writes the next bytes of the file.
    pub async fn take(&mut self, bytes: Bytes) -> Result<()> {
        let open = self.open.as_mut().ok_or_else(|| Error::internal("bytes of no file"))?;
        open.size += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if open.size > self.allowance.file {
            return Err(too_large());
        }
        let missing = HEAD.saturating_sub(open.head.len());
        open.head.extend_from_slice(bytes.get(..missing.min(bytes.len())).unwrap_or_default());
        open.writer.write(bytes).await
    }

    /// Ends the file.
    pub async fn end(&mut self) -> Result<()> {
        let open = self.open.take().ok_or_else(|| Error::internal("the end of no file"))?;
        let size = open.writer.finish().await?;
        let mime = kind::of(&open.head, &open.extension);
        let look = look::into(&self.core, &open.key, &open.name, mime, size).await?;
        self.whole.push((open.id, look));
        Ok(())
    }

    /// Completes all files: they belong to their owner from now on.
    pub async fn settle(mut self) -> Result<Vec<FileInfo>> {
        let channel = self.channel.ok_or_else(|| Error::body("channel_id"))?;
        if self.whole.is_empty() {
            return Err(Error::body("files"));
        }
        let whole = std::mem::take(&mut self.whole);
        let whole = whole.into_iter().map(|(id, look)| (id, look.whole(channel))).collect();
        let infos = settle(&self.core, &self.caller, self.allowance, whole).await?;
        self.noted.clear();
        Ok(infos)
    }
}

/// Completes files, together, if their organisation has space for them.
pub(super) async fn settle(
    core: &Core,
    caller: &Caller,
    allowance: Allowance,
    whole: Vec<(FileId, Whole)>,
) -> Result<Vec<FileInfo>> {
    let mut tx = core.begin().await?;
    let bytes = whole.iter().map(|(_, w)| w.size).sum();
    let mut infos = Vec::with_capacity(whole.len());
    for (id, whole) in whole {
        if whole.mime_type == kind::PDF {
            let document = ExternalTask::Document(FileRef { org: caller.org, file: id });
            tasks::enqueue(&mut tx, &Task::External(document)).await?;
        }
        let row = db::files::complete(&mut tx, id, &whole).await?;
        infos.push(info(row.ok_or_else(super::unknown)?));
    }
    // Last: the counter's row is locked from here to the commit, and every upload of the organisation waits for it.
    if !db::files::take_space(&mut tx, caller.org, bytes, allowance.space).await? {
        return Err(full());
    }
    tx.commit().await?;
    Ok(infos)
}

pub(super) fn full() -> Error {
    Error::new(
        Kind::TooLarge,
        "api.file.upload_file.quota.app_error",
        "Unable to upload file. The organization has no space left for it.",
    )
}

impl Drop for Arrival {
    fn drop(&mut self) {
        // An unfinished object removes itself.
        drop(self.open.take());
        if self.noted.is_empty() {
            return;
        }
        let (core, org, noted) = (self.core.clone(), self.caller.org, std::mem::take(&mut self.noted));
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            if let Err(error) = super::sweep::give_up(&core, org, &noted).await {
                tracing::warn!(%error, "an upload that was cut off stays until it is swept");
            }
        });
    }
}
