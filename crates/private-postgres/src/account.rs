//! The account that PostgreSQL runs as. It refuses to be root, so a server that is root needs another way:
//!
//! - a user namespace, in which our own id appears as that of nobody: the files stay ours, and folders that only we
//!   may enter can be entered, but a container's default seccomp profile forbids it;
//! - else the account `postgres` or `nobody`, which then owns the data and must be able to reach it.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::StartError;
use super::layout::Layout;
use super::sys::{self, Ids};

/// The account that PostgreSQL's programs run as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// The account of this process.
    Own,
    /// The account of this process, which appears as nobody inside a user namespace.
    Namespace,
    /// Another account. Only root can use one.
    Other(Ids),
}

impl Account {
    /// Chooses the first way that runs `postgres` and reaches the data folder.
    pub(super) fn choose(postgres: &Path, layout: &Layout) -> Result<Self, StartError> {
        let own = sys::effective_ids();
        if own.uid != 0 {
            // A bare user id, as containers are given, has no name, and initdb insists on one.
            let nameless = sys::account_of(own.uid).is_none();
            let namespace = nameless && Self::Namespace.works(postgres, layout.parent());
            return Ok(if namespace { Self::Namespace } else { Self::Own });
        }
        let named = [c"postgres", c"nobody"].into_iter().filter_map(sys::account_named).map(Self::Other);
        [Self::Namespace]
            .into_iter()
            .chain(named)
            .find(|account| account.works(postgres, layout.parent()))
            .ok_or_else(|| StartError::NoAccount { data_dir: layout.data.clone() })
    }

    /// Makes `command` run as this account, and get `farewell` when the thread that spawns it ends.
    pub(super) fn apply(self, command: &mut Command, farewell: i32) {
        match self {
            Self::Own => {}
            Self::Namespace => sys::enter_namespace(command),
            Self::Other(Ids { uid, gid }) => {
                command.uid(uid).gid(gid);
            }
        }
        sys::end_with_parent(command, farewell);
    }

    /// Makes the account the owner of a folder and all that is in it. An earlier start may have run as another account.
    pub(super) fn own(self, dir: &Path) -> Result<(), StartError> {
        let us = sys::effective_ids();
        if us.uid != 0 {
            return Ok(());
        }
        let owner = match self {
            Self::Own | Self::Namespace => us,
            Self::Other(ids) => ids,
        };
        give(dir, owner).map_err(|source| StartError::folder(dir, source))
    }

    /// Tries whether `postgres` can run this way, and open the files in `dir`.
    fn works(self, postgres: &Path, dir: &Path) -> bool {
        let mut command = Command::new(postgres);
        command.arg("--version").current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
        self.apply(&mut command, libc::SIGKILL);
        let reached = sys::require_access(&mut command, dir).and_then(|()| command.status());
        reached.is_ok_and(|status| status.success())
    }
}

/// Changes the owner of a folder and all that is in it. The folder itself comes last, so that its owner tells whether
/// everything in it was changed.
fn give(path: &Path, owner: Ids) -> io::Result<()> {
    let metadata = fs::symlink_metadata(path)?;
    if metadata.uid() == owner.uid {
        return Ok(());
    }
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), owner)?;
        }
    }
    lchown(path, Some(owner.uid), Some(owner.gid))
}
