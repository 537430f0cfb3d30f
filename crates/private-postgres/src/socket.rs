//! The socket that PostgreSQL listens on: its folder, and the URL that leads there. Pure functions; nothing is created
//! here.

use std::ffi::{OsStr, OsString};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The longest socket folder, in bytes. The kernel takes 107 for a socket's address; `/.s.PGSQL.5432` needs 14 of them.
const LONGEST: usize = 93;

/// The folder of the socket for the data in `data`: beside it, or a short path in `/tmp` that is the same at every start.
pub fn folder(data: &Path, name: &str) -> PathBuf {
    let mut beside = OsString::from(data);
    beside.push(".run");
    Some(PathBuf::from(beside)).filter(|dir| suits(dir)).unwrap_or_else(|| short(data, name))
}

/// The URL of the database `name` behind the socket in `folder`, in the form that PostgreSQL clients accept.
pub fn url(folder: &Path, name: &str) -> String {
    let host = folder.display().to_string().replace('/', "%2F");
    format!("postgres://{name}@/{name}?host={host}")
}

/// Whether a path can be a socket folder: clients disagree on the encoding of other characters in a URL, and PostgreSQL
/// on their quoting in a setting.
pub(super) fn suits(dir: &Path) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let path = OsStr::as_bytes(dir.as_os_str());
    path.len() <= LONGEST && path.iter().all(plain)
}

fn short(data: &Path, name: &str) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    PathBuf::from(format!("/tmp/{name}-{:016x}", hasher.finish()))
}
