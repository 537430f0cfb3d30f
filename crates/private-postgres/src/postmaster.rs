//! One run of the postmaster: spawned, ready, ended. Its log goes to `tracing` under the target `postgres`.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::cluster::Programs;
use super::layout::Layout;
use super::parse::{self, Severity};
use super::{StartError, sys};

/// The signals that end it, with the time for each: disconnecting the clients, then at the cost of a recovery, then by
/// force.
const STEPS: [(i32, Duration); 3] = [
    (libc::SIGINT, Duration::from_secs(5)),
    (libc::SIGQUIT, Duration::from_secs(6)),
    (libc::SIGKILL, Duration::from_secs(1)),
];

const POLL: Duration = Duration::from_millis(5);

/// Settings that are passed at every start, so that a new release's reach old data. They override postgresql.conf.
const SETTINGS: [&str; 22] = [
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
    "logging_collector=off",
    "log_destination=stderr",
    "log_line_prefix=",
    "log_checkpoints=off",
    "log_min_messages=warning",
    // The values of a statement belong to its user: neither it nor they may reach a log.
    "log_statement=none",
    "log_min_duration_statement=-1",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
];

const MIB: u64 = 1024 * 1024;

/// The bytes of `shared_buffers`, on a machine with `memory` bytes that other programs use too. Pages that do not fit
/// are written by the backend that needs room, which delays posts. The memory is used on demand.
fn buffers(memory: u64) -> u64 {
    (memory / 8).clamp(128 * MIB, 1024 * MIB)
}

/// A running postmaster. Its owner waits for its end, so that it is never left as a zombie.
#[derive(Debug)]
pub(super) struct Postmaster {
    child: Child,
    log: JoinHandle<String>,
    started: Instant,
}

impl Postmaster {
    /// Spawns the postmaster; it ends with the calling thread.
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
        command.arg("-c").arg(format!("cluster_name={}", layout.name));
        command.arg("-c").arg(format!("shared_buffers={}MB", buffers(sys::memory()) / MIB));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let stderr = child.stderr.take();
        let log = thread::Builder::new().name("postgres-log".to_owned());
        let log = log.spawn(move || stderr.map(forward).unwrap_or_default()).map_err(StartError::Thread)?;
        Ok(Self { child, log, started: Instant::now() })
    }

    /// Whether connections are accepted, which the last line of its lock file tells.
    pub(super) fn is_ready(&self, layout: &Layout) -> bool {
        let file = fs::read_to_string(layout.data.join("postmaster.pid")).unwrap_or_default();
        parse::is_ready(&file, self.child.id())
    }

    /// Its exit status, if it has ended.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// The time of its start.
    pub(super) fn started(&self) -> Instant {
        self.started
    }

    /// The last error that an ended postmaster logged, or its exit status if it logged none.
    pub(super) fn last_words(self, status: ExitStatus) -> String {
        let words = self.log.join().unwrap_or_default();
        if words.is_empty() { status.to_string() } else { words }
    }

    /// Ends the postmaster and waits until it is gone.
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

/// Forwards PostgreSQL's log until it closes; returns the last fatal error.
fn forward(log: impl Read) -> String {
    let mut last = String::new();
    for line in BufReader::new(log).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        let (severity, message) = parse::log_line(&line);
        match severity {
            Severity::Panic => tracing::error!(target: "postgres", "{message}"),
            Severity::Fatal | Severity::Warning => tracing::warn!(target: "postgres", "{message}"),
            Severity::Log => tracing::debug!(target: "postgres", "{message}"),
            // A statement's error goes to the client that sent it.
            Severity::Other => {}
        }
        if matches!(severity, Severity::Panic | Severity::Fatal) {
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
