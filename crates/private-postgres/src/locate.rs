//! Finds installed PostgreSQL binaries: a configured folder, else `PATH`, else the highest version that Debian's
//! packages put below `/usr/lib/postgresql`.

use std::cmp::Reverse;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::layout::Layout;
use super::{StartError, parse};

/// The folder in which Debian keeps each major version in a folder of its own, none of them in `PATH`.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The first version whose recovery can flush the disk with one call (`recovery_init_sync_method = syncfs`).
const OLDEST: u32 = 14;

/// Finds the folder of binaries that can serve `layout`: any version for a new folder, the same major one later.
pub(super) fn locate(configured: Option<&Path>, layout: &Layout) -> Result<PathBuf, StartError> {
    let places = configured.map_or(format!("PATH or {DEBIAN}"), |dir| dir.display().to_string());
    let mut installed = candidates(configured).into_iter().filter_map(|dir| Some((major(&dir)?, dir)));
    let found = match layout.version()? {
        Some(version) => installed
            .find(|(major, _)| major.to_string() == version)
            .ok_or_else(|| StartError::OtherVersion { data_dir: layout.data.clone(), version, places }),
        None => installed.find(|(major, _)| *major >= OLDEST).ok_or(StartError::NoBinaries { places }),
    };
    found.map(|(_, dir)| dir)
}

fn candidates(configured: Option<&Path>) -> Vec<PathBuf> {
    if let Some(dir) = configured {
        return std::path::absolute(dir).into_iter().collect();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let in_path = env::split_paths(&path).filter(|dir| dir.is_absolute());
    in_path.chain(debian()).collect()
}

/// Debian's folders, the highest version first.
fn debian() -> Vec<PathBuf> {
    let entries = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let mut dirs: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    dirs.sort_by_key(|dir| Reverse(version(dir)));
    dirs.into_iter().map(|dir| dir.join("bin")).collect()
}

/// The major version of the binaries in `dir`, if it has both that are needed.
fn major(dir: &Path) -> Option<u32> {
    if !dir.join("initdb").is_file() {
        return None;
    }
    let answer = Command::new(dir.join("postgres")).arg("--version").output().ok()?;
    parse::major_version(&String::from_utf8_lossy(&answer.stdout))
}
