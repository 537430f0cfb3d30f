//! The folders of the private PostgreSQL, and the initialisation of a new one: in a temporary folder, which is flushed
//! and then renamed, so that the data folder is either absent or complete.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::account::Account;
use super::{StartError, orphans, sys};

/// The superuser and the database that the server uses.
pub(super) const NAME: &str = "rustchat";

/// The longest socket folder, in bytes. The kernel takes 107 for a socket's address; `/.s.PGSQL.5432` needs 14 of them.
const LONGEST_SOCKET_DIR: usize = 93;

/// The paths of the private PostgreSQL. All are absolute and free of symbolic links.
#[derive(Debug, Clone)]
pub(super) struct Layout {
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
    pub(super) fn new(data_dir: &Path) -> Result<Self, StartError> {
        let data = resolve(data_dir).map_err(|source| StartError::folder(data_dir, source))?;
        let beside = |suffix: &str| {
            let mut path = OsString::from(&data);
            path.push(suffix);
            PathBuf::from(path)
        };
        let sockets = Some(beside(".run")).filter(|dir| suits_socket(dir)).unwrap_or_else(|| short(&data));
        Ok(Self { draft: beside(".new"), lock: beside(".lock"), sockets, data })
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
        let host = self.sockets.display().to_string().replace('/', "%2F");
        format!("postgres://{NAME}@/{NAME}?host={host}")
    }
}

/// PostgreSQL's programs, and the account that they run as.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) bin_dir: PathBuf,
    pub(super) account: Account,
}

impl Programs {
    /// A command that gets the signal `farewell` when this thread ends. It does not receive Ctrl-C of the terminal,
    /// which the server handles, nor our environment variables: some are secrets, and the account may be another one.
    pub(super) fn command(&self, name: &str, farewell: i32) -> Command {
        let mut command = Command::new(self.bin_dir.join(name));
        let needed = ["PATH", "LD_LIBRARY_PATH"].map(|name| (name, std::env::var_os(name)));
        command
            .env_clear()
            .envs(needed.into_iter().filter_map(|(name, value)| Some((name, value?))))
            .envs([("LC_ALL", "C"), ("TZ", "UTC")])
            .current_dir("/")
            .process_group(0);
        self.account.apply(&mut command, farewell);
        command
    }
}

/// Initialises the data folder if it is new, and makes it and the folder of the socket belong to the account.
pub(super) fn ready(layout: &Layout, programs: &Programs) -> Result<(), StartError> {
    if layout.version()?.is_none() {
        initialise(layout, programs)?;
    }
    programs.account.own(&layout.data)?;
    private_dir(&layout.sockets, programs.account)
}

fn initialise(layout: &Layout, programs: &Programs) -> Result<(), StartError> {
    if fs::read_dir(&layout.data).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(StartError::NotACluster { data_dir: layout.data.clone() });
    }
    tracing::info!(data_dir = %layout.data.display(), "initialising the private PostgreSQL");
    // An interrupted initialisation may still be running in its draft.
    orphans::end(&layout.draft)?;
    let made = draft(layout, programs);
    if made.is_err() {
        // Frees the space; the cause of the failure is known already.
        let _ = remove(&layout.draft);
    }
    made?;
    publish(layout).map_err(|source| StartError::folder(&layout.data, source))
}

fn draft(layout: &Layout, programs: &Programs) -> Result<(), StartError> {
    private_dir(&layout.draft, programs.account)?;
    // A draft whose server dies is worth nothing, and an initdb that lived on to clean up would remove the next one.
    let mut initdb = programs.command("initdb", libc::SIGKILL);
    initdb.args(["--username", NAME, "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums"]);
    initdb.args(["--auth-local", "trust", "--auth-host", "reject", "--no-sync", "--no-instructions"]);
    initdb.arg("--pgdata").arg(&layout.draft);
    finish("initdb", &mut initdb, "", layout)?;

    let mut single = programs.command("postgres", libc::SIGKILL);
    single.arg("--single").arg("-D").arg(&layout.draft).args(["-c", "exit_on_error=on", "template1"]);
    // Renaming avoids copying a whole database.
    finish("postgres", &mut single, &format!("alter database postgres rename to {NAME}\n"), layout)
}

fn finish(
    program: &'static str,
    command: &mut Command,
    input: &str,
    layout: &Layout,
) -> Result<(), StartError> {
    let output = run(command, input)
        .map_err(|error| StartError::program(program, &layout.data, &error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(StartError::program(program, &layout.data, &String::from_utf8_lossy(&output.stderr)))
}

fn run(command: &mut Command, input: &str) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ended without reading says why in its output.
        let _ = stdin.write_all(input.as_bytes());
    }
    child.wait_with_output()
}

/// Moves the draft to its place once all of it is on disk.
fn publish(layout: &Layout) -> io::Result<()> {
    sys::sync_file_system(&layout.draft)?;
    fs::rename(&layout.draft, &layout.data)?;
    File::open(layout.parent())?.sync_all()
}

/// Creates an empty folder that only the account may enter, in place of any folder that exists: anybody may create
/// folders below /tmp.
fn private_dir(dir: &Path, account: Account) -> Result<(), StartError> {
    let failed = |source| StartError::folder(dir, source);
    remove(dir).map_err(failed)?;
    DirBuilder::new().mode(0o700).create(dir).map_err(failed)?;
    account.own(dir)
}

fn remove(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
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

/// Whether a path can be a socket folder: clients disagree on the encoding of other characters in a URL, and PostgreSQL
/// on their quoting in a setting.
fn suits_socket(dir: &Path) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
    let path = OsStr::as_bytes(dir.as_os_str());
    path.len() <= LONGEST_SOCKET_DIR && path.iter().all(plain)
}

/// A short path for the socket folder, the same at every start.
fn short(data: &Path) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    PathBuf::from(format!("/tmp/rustchat-{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(data: &Path) -> Layout {
        Layout::new(data).unwrap()
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
        assert_eq!(layout.url(), format!("postgres://rustchat@/rustchat?host={host}"));
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
            assert!(sockets.starts_with("/tmp") && suits_socket(&sockets), "{}", sockets.display());
        }
    }
}
