//! The storage of files' bytes: a bucket of an S3 server, or a folder of this node. Both accept bytes of unknown length
//! in bounded memory, return them whole or in part, and remove them. An object that is half written is never visible.
//! Permissions and file names are handled elsewhere; nothing here knows users or names.

mod bucket;
mod folder;
mod key;
mod upload_limiter;

use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use serde::{Deserialize, Serialize};

use crate::config::Settings;
use crate::error::{Error, Result};
use crate::wire::OrgId;
use bucket::Bucket;
use folder::Folder;
pub use key::Key;
pub use upload_limiter::{UploadLimiter, UploadPermit};

/// A stream of bytes.
pub type Content = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// The time for which unfinished objects are kept, so that their uploads can be continued.
const ABANDONED: Duration = Duration::from_secs(2 * 86_400);

/// The storage of this deployment. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    back: Arc<dyn Back>,
}

/// The operations of a kind of storage. Failures of the storage itself are `Unavailable`.
#[async_trait]
trait Back: Send + Sync {
    /// Begins an object, or continues one that was put aside.
    async fn begin(&self, key: Key, aside: Option<Aside>) -> Result<Box<dyn Writing>>;
    /// Removes an object that was put aside.
    async fn abandon(&self, key: &Key, aside: &Aside) -> Result<()>;
    /// The object's bytes, or a part of them. `None` if there is no such object.
    async fn get(&self, key: &Key, part: Option<Range<u64>>) -> Result<Option<Content>>;
    /// The object's size in bytes. `None` if there is no such object.
    async fn size(&self, key: &Key) -> Result<Option<u64>>;
    /// Removes an object; it is no error if there is none.
    async fn delete(&self, key: &Key) -> Result<()>;
    /// Removes every object whose key begins with `prefix`. Answers their number.
    async fn delete_under(&self, prefix: &str) -> Result<u64>;
    /// An address from which anybody can read the object for a while. `None` where the storage has no addresses.
    async fn link(&self, key: &Key, link: &LinkOptions) -> Result<Option<String>>;
    /// Removes unfinished objects that were begun longer than `older` ago.
    async fn sweep(&self, older: Duration) -> Result<()>;
}

/// An object that is being written. Dropping it leaves nothing behind, or, if it continued an object that was put
/// aside, leaves that as it was.
#[async_trait]
trait Writing: Send {
    async fn write(&mut self, bytes: Bytes) -> Result<()>;
    async fn finish(self: Box<Self>) -> Result<u64>;
    async fn put_aside(self: Box<Self>) -> Result<Aside>;
}

/// An object that is being written, as the services use it.
pub struct Writer {
    writing: Box<dyn Writing>,
}

impl Writer {
    /// Takes the next bytes. Returns when there is space for more.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.writing.write(bytes).await
    }

    /// Ends the object: from now on it can be read. Answers its size in bytes.
    pub async fn finish(self) -> Result<u64> {
        self.writing.finish().await
    }

    /// Stores the bytes so far, to continue the object later and, where the storage is shared, on another node. It
    /// cannot be read before it is finished.
    pub async fn put_aside(self) -> Result<Aside> {
        self.writing.put_aside().await
    }
}

/// The state of an object that was put aside, with which it is continued. Valid until it is put aside again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// Bytes written so far.
    pub size: u64,
    /// The storage's name of the unfinished object; empty if it has none yet.
    name: String,
    /// The storage's name of each finished part, in order.
    parts: Vec<String>,
    /// The number of bytes after the last finished part, which are stored separately.
    tail: u64,
}

/// The options of a temporary address of an object.
#[derive(Debug, Clone)]
pub struct LinkOptions {
    /// The time for which the address is valid.
    pub lasts: Duration,
    /// The `Content-Type` that it is served with.
    pub content_type: String,
    /// The `Content-Disposition` that it is served with.
    pub disposition: String,
}

impl Storage {
    /// The bucket that the settings name, or the folder in the data folder. The bucket need not be reachable yet:
    /// operations without files work without it.
    pub fn open(settings: &Settings) -> Result<Self> {
        if !settings.s3.bucket.is_empty() {
            return Ok(Self { back: Arc::new(Bucket::new(&settings.s3)) });
        }
        if !settings.database.url.is_empty() {
            tracing::warn!(
                "files are kept in a folder of this node (setting s3.bucket is empty): other nodes on the same \
                 database cannot read them"
            );
        }
        Ok(Self { back: Arc::new(Folder::open(settings.data_dir.join("files"))?) })
    }

    /// Begins an object.
    pub async fn begin(&self, key: Key) -> Result<Writer> {
        Ok(Writer { writing: self.back.begin(key, None).await? })
    }

    /// Continues an object that was put aside.
    pub async fn go_on(&self, key: Key, aside: Aside) -> Result<Writer> {
        Ok(Writer { writing: self.back.begin(key, Some(aside)).await? })
    }

    /// Removes an object that was put aside.
    pub async fn abandon(&self, key: &Key, aside: &Aside) -> Result<()> {
        self.back.abandon(key, aside).await
    }

    /// Stores a small object whole.
    pub async fn put(&self, key: Key, bytes: Bytes) -> Result<()> {
        let mut writer = self.begin(key).await?;
        writer.write(bytes).await?;
        writer.finish().await.map(drop)
    }

    /// An object's bytes, or those of the part `[start, end)`, which must lie within it. `None` if there is no such
    /// object.
    pub async fn get(&self, key: &Key, part: Option<Range<u64>>) -> Result<Option<Content>> {
        self.back.get(key, part).await
    }

    /// A small object whole: at most `limit` bytes, or it is `TooLarge`. `None` if there is no such object.
    pub async fn read(&self, key: &Key, limit: usize) -> Result<Option<Bytes>> {
        let Some(mut content) = self.back.get(key, None).await? else { return Ok(None) };
        let mut whole = Vec::new();
        while let Some(bytes) = content.try_next().await? {
            if whole.len() + bytes.len() > limit {
                return Err(Error::too_large("app.file.read.too_large.app_error"));
            }
            whole.extend_from_slice(&bytes);
        }
        Ok(Some(whole.into()))
    }

    /// An object's size in bytes. `None` if there is no such object.
    pub async fn size(&self, key: &Key) -> Result<Option<u64>> {
        self.back.size(key).await
    }

    /// Removes an object; it is no error if there is none.
    pub async fn delete(&self, key: &Key) -> Result<()> {
        self.back.delete(key).await
    }

    /// Removes every object of an organisation, of any kind. Answers their number.
    pub async fn delete_org(&self, org: OrgId) -> Result<u64> {
        self.back.delete_under(&key::of_org(org)).await
    }

    /// Removes every object of a kind in an organisation. Answers their number.
    pub async fn delete_kind(&self, org: OrgId, kind: &'static str) -> Result<u64> {
        self.back.delete_under(&key::of_kind(org, kind)).await
    }

    /// An address from which anybody can read the object for a while, without this server. `None` where the storage has
    /// no addresses.
    pub async fn link(&self, key: &Key, link: &LinkOptions) -> Result<Option<String>> {
        self.back.link(key, link).await
    }

    /// Removes objects that were begun days ago and never finished, as when a node died meanwhile.
    pub async fn sweep(&self) -> Result<()> {
        self.back.sweep(ABANDONED).await
    }
}
