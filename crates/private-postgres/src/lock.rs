//! One server per data folder: a lock that the kernel drops with the process, however the process ends.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::layout::Layout;
use super::{StartError, parse};

/// The exclusive use of a data folder, until dropped.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// Takes the lock, or fails with its holder. Nothing else of the folder may be touched before.
    pub(super) fn acquire(layout: &Layout) -> Result<Self, StartError> {
        let failed = |source| StartError::folder(&layout.lock, source);
        let mut file = open(&layout.lock).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StartError::InUse { data_dir: layout.data.clone(), pid: holder(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let lock = Self(file);
        lock.sign().map_err(failed)?;
        Ok(lock)
    }

    /// Writes our pid for the message of a second server; only the lock itself decides.
    fn sign(&self) -> io::Result<()> {
        self.0.set_len(0)?;
        (&self.0).write_all(std::process::id().to_string().as_bytes())
    }
}

impl Drop for Lock {
    /// Closing the file alone is not enough: a process that was forked but has not called exec yet holds it open too.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

fn open(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    parse::recorded_pid(&text)
}
