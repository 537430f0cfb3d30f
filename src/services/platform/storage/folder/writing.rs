//! An object that is being written to the folder.

use std::io::SeekFrom;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncSeekExt, AsyncWriteExt, BufWriter};
use uuid::Uuid;

use super::{blocking, failed, make_folder};
use crate::error::{Error, Result};
use crate::services::platform::storage::{Aside, Writing};

/// The bytes that are buffered in memory before they are written.
const BUFFER: usize = 256 * 1024;

/// A temporary file, which is renamed when it is complete.
pub(super) struct Draft {
    place: PathBuf,
    name: String,
    file: BufWriter<File>,
    written: u64,
    broom: Broom,
    path: PathBuf,
}

/// Removes a file when it is dropped, unless the file is to stay.
struct Broom {
    path: PathBuf,
    stays: bool,
}

impl Drop for Broom {
    fn drop(&mut self) {
        if !self.stays
            && let Err(error) = std::fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "an unfinished file stays until it is swept");
        }
    }
}

impl Draft {
    /// Begins an empty file.
    pub(super) async fn new(place: PathBuf, path: PathBuf, name: Uuid) -> Result<Self> {
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await;
        let file = BufWriter::with_capacity(BUFFER, opened.map_err(|e| failed(&e))?);
        let broom = Broom { path: path.clone(), stays: false };
        Ok(Self { place, name: name.to_string(), file, written: 0, broom, path })
    }

    /// Continues a file that was put aside. Bytes that were written after that are cut off.
    pub(super) async fn go_on(place: PathBuf, path: PathBuf, aside: Aside) -> Result<Self> {
        let opened = OpenOptions::new().write(true).open(&path).await;
        let mut file = opened.map_err(|e| failed(&e))?;
        if file.metadata().await.map_err(|e| failed(&e))?.len() < aside.size {
            return Err(Error::unavailable("an unfinished file is shorter than it was"));
        }
        file.set_len(aside.size).await.map_err(|e| failed(&e))?;
        file.seek(SeekFrom::End(0)).await.map_err(|e| failed(&e))?;
        let file = BufWriter::with_capacity(BUFFER, file);
        let broom = Broom { path: path.clone(), stays: true };
        Ok(Self { place, name: aside.name, file, written: aside.size, broom, path })
    }

    /// Flushes everything written to the disk.
    async fn settle(&mut self) -> Result<()> {
        self.file.flush().await.map_err(|e| failed(&e))?;
        self.file.get_ref().sync_all().await.map_err(|e| failed(&e))
    }
}

#[async_trait]
impl Writing for Draft {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.file.write_all(&bytes).await.map_err(|e| failed(&e))?;
        self.written += u64::try_from(bytes.len()).unwrap_or(0);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<u64> {
        self.settle().await?;
        let (from, to) = (self.path.clone(), self.place.clone());
        let moved = blocking(move || move_into_place(&from, &to)).await;
        if moved.is_ok() {
            self.broom.stays = true;
        }
        moved.map(|()| self.written)
    }

    async fn put_aside(mut self: Box<Self>) -> Result<Aside> {
        self.settle().await?;
        self.broom.stays = true;
        let aside = Aside { size: self.written, name: self.name.clone(), parts: Vec::new(), tail: 0 };
        Ok(aside)
    }
}

/// Renames a complete file to its place, and flushes the rename itself: the names in a folder are on the disk when the
/// folder is.
fn move_into_place(from: &Path, to: &Path) -> std::io::Result<()> {
    let Some(folder) = to.parent() else { return Err(std::io::ErrorKind::InvalidInput.into()) };
    let is_new = !folder.exists();
    make_folder(folder)?;
    std::fs::rename(from, to)?;
    // A new folder is itself a name in the one above it; at most five of them lie below the root.
    let depth = if is_new { 5 } else { 1 };
    for above in folder.ancestors().take(depth) {
        std::fs::File::open(above)?.sync_all()?;
    }
    Ok(())
}
