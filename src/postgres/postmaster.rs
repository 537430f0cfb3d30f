//! One run of the postmaster: spawned, ready, ended. What it logs goes to `tracing` under the target `postgres`.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::cluster::{Layout, Programs};
use super::{StartError, sys};

/// How it is ended: disconnecting the clients, then at the cost of a recovery, then by force.
const STEPS: [(i32, Duration); 3] = [
    (libc::SIGINT, Duration::from_secs(5)),
    (libc::SIGQUIT, Duration::from_secs(6)),
    (libc::SIGKILL, Duration::from_secs(1)),
];

const POLL: Duration = Duration::from_millis(5);

/// Given at every start, so that a new release's settings reach old data. They outrank its postgresql.conf.
const SETTINGS: [&str; 23] = [
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "recovery_init_sync_method=syncfs",
    "restart_after_crash=on",
    "wal_compression=on",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "lc_messages=C",
    "cluster_name=rustchat",
    "logging_collector=off",
    "log_destination=stderr",
    "log_line_prefix=",
    "log_checkpoints=off",
    "log_min_messages=warning",
    // What a statement held is its user's: neither it nor its values may reach a log.
    "log_statement=none",
    "log_min_duration_statement=-1",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
];

const MIB: u64 = 1024 * 1024;

/// Bytes that it keeps of its tables in memory, on a machine with `memory` bytes that is not its own alone. Pages that
/// find no place there are written by whoever needs it, and that is the one who posts. They are taken as they are
/// needed.
fn buffers(memory: u64) -> u64 {
    (memory / 8).clamp(128 * MIB, 1024 * MIB)
}

/// A running postmaster. Its owner waits for its end: it is never left as a zombie.
#[derive(Debug)]
pub(super) struct Postmaster {
    child: Child,
    log: JoinHandle<String>,
    started: Instant,
}

impl Postmaster {
    /// Spawns it; it ends with the calling thread.
    pub(super) fn spawn(
        layout: &Layout,
        programs: &Programs,
        max_connections: u32,
    ) -> Result<Self, StartError> {
        let failed = |error: io::Error| StartError::program("postgres", &layout.data, &error.to_string());
        let mut command = programs.command("postgres", libc::SIGINT);
        command.arg("-D").arg(&layout.data).arg("-k").arg(&layout.sockets);
        command.arg("-N").arg(max_connections.to_string());
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        command.arg("-c").arg(format!("shared_buffers={}MB", buffers(sys::memory()) / MIB));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let stderr = child.stderr.take();
        let log = thread::Builder::new().name("postgres-log".to_owned());
        let log = log.spawn(move || stderr.map(forward).unwrap_or_default()).map_err(StartError::Thread)?;
        Ok(Self { child, log, started: Instant::now() })
    }

    /// Whether connections are accepted; it says so in the last line of its lock file.
    pub(super) fn is_ready(&self, layout: &Layout) -> bool {
        let file = fs::read_to_string(layout.data.join("postmaster.pid")).unwrap_or_default();
        let mut lines = file.lines().map(str::trim);
        let pid = self.child.id().to_string();
        lines.next() == Some(pid.as_str()) && lines.next_back() == Some("ready")
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Since when it runs.
    pub(super) fn started(&self) -> Instant {
        self.started
    }

    /// The last complaint of one that ended, or the way it ended where it had none.
    pub(super) fn last_words(self, status: ExitStatus) -> String {
        let words = self.log.join().unwrap_or_default();
        if words.is_empty() { status.to_string() } else { words }
    }

    /// Ends it and waits until it is gone.
    pub(super) fn stop(mut self) {
        for (signal, patience) in STEPS {
            sys::signal(self.child.id(), signal);
            let deadline = Instant::now() + patience;
            while Instant::now() < deadline {
                if self.ended().is_some() {
                    return;
                }
                thread::sleep(POLL);
            }
        }
        tracing::error!(pid = self.child.id(), "the private PostgreSQL does not end");
    }
}

/// Hands PostgreSQL's log on until it closes; returns the last complaint that ended something.
fn forward(log: impl Read) -> String {
    let mut last = String::new();
    for line in BufReader::new(log).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        let (severity, message) = line.split_once(":  ").unwrap_or(("", &line));
        match severity {
            "PANIC" => tracing::error!(target: "postgres", "{message}"),
            "FATAL" | "WARNING" => tracing::warn!(target: "postgres", "{message}"),
            "LOG" => tracing::debug!(target: "postgres", "{message}"),
            // A statement's error is for the one who sent it.
            _ => {}
        }
        if matches!(severity, "PANIC" | "FATAL") {
            last = message.to_owned();
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_complaint_is_the_reason() {
        let log =
            "LOG:  starting\nFATAL:  first\nFATAL:  could not write: No space left on device\nLOG:  bye\n";
        assert_eq!(forward(log.as_bytes()), "could not write: No space left on device");
        assert_eq!(forward(&b"ERROR:  duplicate key\n\xff\n"[..]), "");
    }
}
