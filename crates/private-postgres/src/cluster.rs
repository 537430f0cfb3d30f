//! The folders of the private PostgreSQL, and the initialisation of a new one: in a temporary folder, which is flushed
//! and then renamed, so that the data folder is either absent or complete.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::account::Account;
use super::layout::Layout;
use super::{StartError, orphans, sys};

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
    initdb.args(["--username", layout.name, "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums"]);
    initdb.args(["--auth-local", "trust", "--auth-host", "reject", "--no-sync", "--no-instructions"]);
    initdb.arg("--pgdata").arg(&layout.draft);
    finish("initdb", &mut initdb, "", layout)?;

    let mut single = programs.command("postgres", libc::SIGKILL);
    single.arg("--single").arg("-D").arg(&layout.draft).args(["-c", "exit_on_error=on", "template1"]);
    // Renaming avoids copying a whole database.
    finish("postgres", &mut single, &format!("alter database postgres rename to {}\n", layout.name), layout)
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
