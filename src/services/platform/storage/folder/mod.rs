//! A folder of this node. An object is written to a temporary file, flushed to the disk, and renamed in one step, so
//! that a part of it is never visible. For one node: others do not see the folder.

mod writing;

use std::fs::DirBuilder;
use std::io::{ErrorKind, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use uuid::Uuid;

use super::{Aside, Back, Content, Key, LinkOptions, Writing};
use crate::error::{Error, Result};
use writing::Draft;

/// The folder of unfinished files; no organisation has this name.
const UNFINISHED: &str = "unfinished";

/// The bytes that are read at a time.
const CHUNK: usize = 128 * 1024;

/// The folder.
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at `root`, created if it does not exist.
    pub(super) fn open(root: PathBuf) -> Result<Self> {
        make_folder(&root.join(UNFINISHED)).map_err(|e| {
            Error::unavailable(format!("cannot make {} (setting data_dir): {e}", root.display()))
        })?;
        Ok(Self { root })
    }

    fn place(&self, key: &Key) -> PathBuf {
        self.root.join(key.fanned_out())
    }

    /// The path of the unfinished object with this name. Names are made by us and read back from the database.
    fn unfinished(&self, name: &str) -> Result<PathBuf> {
        let name: Uuid = name.parse().map_err(|e| Error::internal(format!("an unfinished file: {e}")))?;
        Ok(self.root.join(UNFINISHED).join(name.simple().to_string()))
    }
}

#[async_trait]
impl Back for Folder {
    async fn begin(&self, key: Key, aside: Option<Aside>) -> Result<Box<dyn Writing>> {
        let place = self.place(&key);
        let draft = match aside {
            None => {
                let name = Uuid::now_v7();
                Draft::new(place, self.unfinished(&name.to_string())?, name).await?
            }
            Some(aside) => Draft::go_on(place, self.unfinished(&aside.name)?, aside).await?,
        };
        Ok(Box::new(draft))
    }

    async fn abandon(&self, _: &Key, aside: &Aside) -> Result<()> {
        remove(&self.unfinished(&aside.name)?).await
    }

    async fn get(&self, key: &Key, part: Option<Range<u64>>) -> Result<Option<Content>> {
        let mut file = match File::open(self.place(key)).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&error)),
        };
        let (start, length) = match part {
            None => (0, u64::MAX),
            Some(part) => (part.start, part.end.saturating_sub(part.start)),
        };
        if start > 0 {
            file.seek(SeekFrom::Start(start)).await.map_err(|e| failed(&e))?;
        }
        Ok(Some(content(file, length)))
    }

    async fn size(&self, key: &Key) -> Result<Option<u64>> {
        match fs::metadata(self.place(key)).await {
            Ok(file) => Ok(Some(file.len())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        remove(&self.place(key)).await
    }

    async fn delete_under(&self, prefix: &str) -> Result<u64> {
        let folder = self.root.join(prefix);
        blocking(move || {
            let files = count(&folder)?;
            match std::fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(files),
            }
        })
        .await
    }

    async fn link(&self, _: &Key, _: &LinkOptions) -> Result<Option<String>> {
        Ok(None)
    }

    async fn sweep(&self, older: Duration) -> Result<()> {
        let folder = self.root.join(UNFINISHED);
        blocking(move || {
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                let age = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
                if age > older {
                    std::fs::remove_file(entry.path())?;
                }
            }
            Ok(())
        })
        .await
    }
}

/// At most `length` bytes of a file, from its current position.
fn content(file: File, length: u64) -> Content {
    Box::pin(stream::try_unfold((file, length), |(mut file, left)| async move {
        let mut bytes = BytesMut::with_capacity(CHUNK.min(usize::try_from(left).unwrap_or(CHUNK)));
        let read = (&mut file).take(left).read_buf(&mut bytes).await.map_err(|e| failed(&e))?;
        let bytes: Bytes = bytes.freeze();
        let left = left - u64::try_from(read).unwrap_or(0);
        Ok((read > 0).then_some((bytes, (file, left))))
    }))
}

/// Counts the files below a folder.
fn count(folder: &Path) -> std::io::Result<u64> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut files = 0;
    for entry in entries {
        let entry = entry?;
        files += if entry.file_type()?.is_dir() { count(&entry.path())? } else { 1 };
    }
    Ok(files)
}

/// Creates a folder, and those above it, for our account alone.
fn make_folder(path: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Removes a file if it is there.
async fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path).await {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(&error)),
        _ => Ok(()),
    }
}

/// Runs blocking file operations on a thread for them.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| Error::internal(format!("files: {e}")))?.map_err(|e| failed(&e))
}

/// The error for a folder that is away, full, or not ours.
fn failed(error: &std::io::Error) -> Error {
    Error::unavailable(format!("the folder of the files: {error}"))
}
