//! The folders of the private PostgreSQL: where its data, its lock and its socket lie.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{StartError, socket};

/// The longest name: PostgreSQL takes 63 bytes, a socket's folder less.
const LONGEST_NAME: usize = 32;

/// The paths of the private PostgreSQL. All are absolute and free of symbolic links.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The name of the superuser, of the database and of the cluster.
    pub(super) name: &'static str,
    /// The data folder.
    pub(super) data: PathBuf,
    /// The folder in which a new data folder is initialised.
    pub(super) draft: PathBuf,
    /// The lock file of [`super::lock`].
    pub(super) lock: PathBuf,
    /// The folder of the socket, mode 700.
    pub(super) sockets: PathBuf,
}

impl Layout {
    /// Resolves `data_dir` and creates its parent folder.
    pub(super) fn new(data_dir: &Path, name: &'static str) -> Result<Self, StartError> {
        if !is_name(name) {
            return Err(StartError::Name { name });
        }
        let data = resolve(data_dir).map_err(|source| StartError::folder(data_dir, source))?;
        let beside = |suffix: &str| {
            let mut path = OsString::from(&data);
            path.push(suffix);
            PathBuf::from(path)
        };
        let sockets = socket::folder(&data, name);
        Ok(Self { name, draft: beside(".new"), lock: beside(".lock"), sockets, data })
    }

    /// The folder that contains all of them, except perhaps the socket's.
    pub(super) fn parent(&self) -> &Path {
        self.data.parent().unwrap_or(Path::new("/"))
    }

    /// The major version that wrote the data; `None` where there is none yet.
    pub(super) fn version(&self) -> Result<Option<String>, StartError> {
        let path = self.data.join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(version) => Ok(Some(version.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StartError::folder(&path, source)),
        }
    }

    /// The database's URL, in the form that PostgreSQL clients accept.
    pub(super) fn url(&self) -> String {
        socket::url(&self.sockets, self.name)
    }
}

fn resolve(data_dir: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(data_dir)?;
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::other("it is no folder below another one"));
    };
    fs::create_dir_all(parent)?;
    match fs::canonicalize(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(fs::canonicalize(parent)?.join(name)),
        resolved => resolved,
    }
}

/// Whether a name needs no quoting anywhere: in SQL, in a URL, in a path.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(data: &Path) -> Layout {
        Layout::new(data, "house").unwrap()
    }

    #[test]
    fn everything_lies_beside_the_data() {
        let temp = tempfile::tempdir_in("/tmp").unwrap();
        let root = temp.path().canonicalize().unwrap();
        let layout = layout(&root.join("made/postgres"));
        assert_eq!(layout.parent(), root.join("made"));
        assert_eq!(layout.sockets, root.join("made/postgres.run"));
        assert_eq!(layout.lock, root.join("made/postgres.lock"));
        let host = layout.sockets.to_str().unwrap().replace('/', "%2F");
        assert_eq!(layout.url(), format!("postgres://house@/house?host={host}"));
    }

    #[test]
    fn one_folder_has_one_lock_by_whatever_path() {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir_all(temp.path().join("a/postgres")).unwrap();
        std::os::unix::fs::symlink(temp.path().join("a/postgres"), temp.path().join("b")).unwrap();
        let direct = layout(&temp.path().join("a/postgres"));
        assert_eq!(direct.lock, layout(&temp.path().join("b")).lock);
    }

    #[test]
    fn a_long_or_odd_path_gets_a_short_socket_folder() {
        let temp = tempfile::tempdir().unwrap();
        for name in ["x".repeat(100), "with, comma".to_owned(), "100%".to_owned(), "größe".to_owned()] {
            let sockets = layout(&temp.path().join(name)).sockets;
            assert!(sockets.starts_with("/tmp") && socket::suits(&sockets), "{}", sockets.display());
        }
    }

    #[test]
    fn a_name_that_would_need_quoting_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        for name in ["", "House", "1st", "a-b", "a b", "a;drop", "größe", "a23456789012345678901234567890123"]
        {
            let refused = Layout::new(&temp.path().join("postgres"), name);
            assert!(matches!(refused, Err(StartError::Name { .. })), "{name}");
        }
        assert!(!temp.path().join("postgres.lock").exists());
    }
}
