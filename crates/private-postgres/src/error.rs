//! The reasons why the private PostgreSQL did not start. A message states the fact; which setting mends it, the program
//! that has settings knows.

use std::io;
use std::path::{Path, PathBuf};

use super::parse;

/// The reason why the private PostgreSQL did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No usable binaries are installed, or none in the configured folder.
    #[error("no PostgreSQL 14 or newer was found in {places}")]
    NoBinaries {
        /// The places that were searched.
        places: String,
    },

    /// The data was written by another major version than those installed.
    #[error("{} was written by PostgreSQL {version}, which was not found in {places}", data_dir.display())]
    OtherVersion {
        /// The data folder.
        data_dir: PathBuf,
        /// The major version that wrote it.
        version: String,
        /// The places that were searched.
        places: String,
    },

    /// Another server holds the data folder.
    #[error(
        "another server{} already runs on {}",
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default(), data_dir.display()
    )]
    InUse {
        /// The data folder.
        data_dir: PathBuf,
        /// The process that holds it, where known.
        pid: Option<u32>,
    },

    /// The data folder holds something else.
    #[error("{} is not empty and holds no PostgreSQL data", data_dir.display())]
    NotACluster {
        /// The data folder.
        data_dir: PathBuf,
    },

    /// The server is root and no unprivileged account can reach the data.
    #[error("PostgreSQL does not run as root and no unprivileged account can reach {}", data_dir.display())]
    NoAccount {
        /// The data folder.
        data_dir: PathBuf,
    },

    /// The disk, or the account's quota on it, is full.
    #[error("the disk that holds {} is full", path.display())]
    DiskFull {
        /// The path that was being written.
        path: PathBuf,
    },

    /// The file system is mounted read-only.
    #[error("the disk that holds {} is read-only", path.display())]
    ReadOnly {
        /// The path that was being written.
        path: PathBuf,
    },

    /// Ownership or mode forbid the access.
    #[error("this account may not write {}", path.display())]
    Denied {
        /// The path that was being written.
        path: PathBuf,
    },

    /// Any other failure of the file system.
    #[error("{} cannot be used ({source})", path.display())]
    Folder {
        /// The path that was being read or written.
        path: PathBuf,
        /// The error of the system call.
        source: io::Error,
    },

    /// A process that an earlier server left does not end.
    #[error("an earlier PostgreSQL (process {pid}) still works on {} and does not end", data_dir.display())]
    Orphan {
        /// The data folder.
        data_dir: PathBuf,
        /// The process identifier.
        pid: u32,
    },

    /// One of PostgreSQL's programs failed for another reason.
    #[error("{program} failed ({reason})")]
    Failed {
        /// The program's name.
        program: &'static str,
        /// The decisive line of its output.
        reason: String,
    },

    /// PostgreSQL runs but is not ready, as during a very long recovery.
    #[error("PostgreSQL was not ready after {seconds} s on {}", data_dir.display())]
    Slow {
        /// The data folder.
        data_dir: PathBuf,
        /// The seconds that were waited.
        seconds: u64,
    },

    /// The supervising thread could not run.
    #[error("the thread that supervises PostgreSQL did not start ({0})")]
    Thread(io::Error),

    /// The name that the database is to have cannot be one.
    #[error("`{name}` is no name of a database: lowercase letters, digits and underscores, at most 32")]
    Name {
        /// The name.
        name: &'static str,
    },
}

impl StartError {
    /// The error for a failure to use `path`.
    pub(super) fn folder(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "io::ErrorKind is open; these kinds have a remedy"
        )]
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path },
            io::ErrorKind::PermissionDenied => Self::Denied { path },
            _ => Self::Folder { path, source },
        }
    }

    /// The error for `program`, working on `path`, that ended with this output (in English: it runs under `LC_ALL=C`).
    pub(super) fn program(program: &'static str, path: &Path, output: &str) -> Self {
        let path = path.to_owned();
        let says = |text| output.contains(text);
        if says("No space left on device") || says("Disk quota exceeded") {
            Self::DiskFull { path }
        } else if says("Read-only file system") {
            Self::ReadOnly { path }
        } else if says("Permission denied") {
            Self::Denied { path }
        } else {
            Self::Failed { program, reason: parse::complaint(output) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_any_other_failure() {
        let full = "fixing permissions\ninitdb: error: could not write file \"x\": No space left on device\n";
        let error = StartError::program("initdb", Path::new("/d"), full);
        assert_eq!(error.to_string(), "the disk that holds /d is full");
        let other =
            "creating directory\ninitdb: error: invalid locale name \"tlh\"\ninitdb: removing contents\n";
        let error = StartError::program("initdb", Path::new("/d"), other);
        assert!(matches!(error, StartError::Failed { reason, .. } if reason.contains("invalid locale")));
    }
}
