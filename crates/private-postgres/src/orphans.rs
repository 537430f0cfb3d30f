//! Leftovers of an earlier server: processes that still work on the data, and a lock file of PostgreSQL's own whose pid
//! now belongs to another process.
//!
//! PostgreSQL never starts while the pid in its lock file exists. It cannot tell a recycled pid, or a killed postmaster
//! that was not reaped, from a live one; but the working directory can: that of a process at work on a cluster is the
//! cluster's folder.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::layout::Layout;
use super::{StartError, parse, sys};

/// The signals that end an orphan, with the time for each: politely, then at the cost of a recovery.
const STEPS: [(i32, Duration); 2] =
    [(libc::SIGINT, Duration::from_secs(10)), (libc::SIGQUIT, Duration::from_secs(6))];

const POLL: Duration = Duration::from_millis(10);

/// Ends every PostgreSQL process at work in `dir` and waits until they are gone. Hold the folder's lock: only then does
/// no server own them.
pub(super) fn end(dir: &Path) -> Result<(), StartError> {
    for (signal, patience) in STEPS {
        let orphans = at_work(dir);
        let Some(first) = orphans.first() else { return Ok(()) };
        tracing::warn!(pid = first, dir = %dir.display(), "ending a PostgreSQL that an earlier server left");
        orphans.iter().for_each(|pid| sys::signal(*pid, signal));
        let deadline = Instant::now() + patience;
        while Instant::now() < deadline && !at_work(dir).is_empty() {
            thread::sleep(POLL);
        }
    }
    match at_work(dir).first() {
        Some(pid) => Err(StartError::Orphan { data_dir: dir.to_owned(), pid: *pid }),
        None => Ok(()),
    }
}

/// Removes PostgreSQL's lock files whose pid exists but is no postmaster of this cluster. All other stale ones are left
/// to PostgreSQL, so that its own checks keep working. To be called after [`end`].
pub(super) fn forget_foreign_pid(layout: &Layout) -> Result<(), StartError> {
    let data_lock = layout.data.join("postmaster.pid");
    let socket_lock = layout.sockets.join(".s.PGSQL.5432.lock");
    for lock in [data_lock, socket_lock] {
        let foreign = recorded_pid(&lock).is_some_and(|pid| Path::new(&format!("/proc/{pid}")).exists());
        if foreign {
            fs::remove_file(&lock).map_err(|source| StartError::folder(&lock, source))?;
        }
    }
    Ok(())
}

/// The processes that work on the cluster in `dir`. A zombie has no working directory and is not among them.
fn at_work(dir: &Path) -> Vec<u32> {
    let Ok(cluster) = fs::metadata(dir) else { return Vec::new() };
    let recorded = recorded_pid(&dir.join("postmaster.pid"));
    let works = |pid: &u32| match fs::metadata(format!("/proc/{pid}/cwd")) {
        Ok(cwd) => (cwd.dev(), cwd.ino()) == (cluster.dev(), cluster.ino()) && is_postgres(*pid),
        // Root without CAP_SYS_PTRACE may not look into another account's processes: ask the command line instead.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            recorded == Some(*pid) && is_postgres(*pid) && command_line_names(*pid, dir)
        }
        Err(_) => false,
    };
    processes().filter(works).collect()
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Whether a process is PostgreSQL, and not, for example, a shell in the folder.
fn is_postgres(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/comm")).is_ok_and(|name| name == b"postgres\n")
}

fn command_line_names(pid: u32, dir: &Path) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    line.split(|byte| *byte == 0).any(|argument| argument == dir.as_os_str().as_encoded_bytes())
}

fn recorded_pid(lock: &Path) -> Option<u32> {
    parse::recorded_pid(&fs::read_to_string(lock).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_process_that_only_stands_in_the_folder_is_spared() {
        let temp = tempfile::tempdir().unwrap();
        let mut sleeper = Command::new("sleep").arg("60").current_dir(temp.path()).spawn().unwrap();
        assert!(at_work(temp.path()).is_empty());
        end(temp.path()).unwrap();
        assert!(sleeper.try_wait().unwrap().is_none(), "it still sleeps");
        sleeper.kill().unwrap();
        sleeper.wait().unwrap();
    }
}
