//! The server: the real binary, as a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use super::cluster::Cluster;
use super::shared::redis::Redis;
use super::{Outcome, process, sys};

/// Signs the access tokens of the bench, which issues those of its crowd itself.
pub(super) const SECRET: &str = "the secret of a bench that listens on 127.0.0.1 only";

const START: Duration = Duration::from_secs(60);

pub(super) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts it on `cluster` and waits until it listens. Must be called on a thread that lives as long as it.
    pub(super) fn start(cluster: &Cluster, bind: &str) -> Outcome<Self> {
        Self::launch(cluster, &[("RUSTCHAT__SERVER__BIND", bind)])
    }

    /// A node beside others, bridged by `redis`.
    pub(super) fn node(cluster: &Cluster, redis: &Redis) -> Outcome<Self> {
        let redis = format!("redis://{}", redis.address);
        Self::launch(cluster, &[("RUSTCHAT__SERVER__BIND", "127.0.0.1:0"), ("RUSTCHAT__REDIS__URL", &redis)])
    }

    /// With settings of one's own.
    pub(super) fn launch(cluster: &Cluster, settings: &[(&str, &str)]) -> Outcome<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rustchat"));
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("RUSTCHAT_"))
        {
            command.env_remove(name);
        }
        command
            .env("RUSTCHAT__ENVIRONMENT", "test")
            .env("RUSTCHAT__DATABASE__URL", cluster.url())
            .env("RUSTCHAT__DATA_DIR", cluster.folder().join("data"))
            .env("RUSTCHAT__AUTH__SECRET", SECRET)
            .env("RUSTCHAT__LIMITS__ENABLED", "false")
            .env("RUSTCHAT__LOG", "warn,rustchat=info")
            .env("NO_COLOR", "1")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        sys::end_with_us(&mut command);
        let mut child = command.spawn()?;
        let (listens, listening) = mpsc::channel();
        if let Some(log) = child.stderr.take() {
            thread::spawn(move || follow(log, &listens));
        }
        // The other end is dropped when the server ends.
        let address =
            listening.recv_timeout(START).map_err(|error| format!("the server did not start: {error}"));
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        server.address = address?;
        Ok(server)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// `kill -9`, if it still runs, and a new one on the same database and address.
    pub(super) fn kill_and_start(&mut self, cluster: &Cluster) -> Outcome<()> {
        self.kill()?;
        *self = Self::start(cluster, &self.address.to_string())?;
        Ok(())
    }

    /// `kill -9`.
    pub(super) fn kill(&mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Seconds of processor time that it has used.
    pub(super) fn cpu(&self) -> Outcome<f64> {
        process::cpu(self.child.id())
    }

    /// Bytes of memory that it has in use.
    pub(super) fn memory(&self) -> Outcome<u64> {
        process::memory(self.child.id())
    }

    /// Bytes that it had in use at most, since that was last forgotten.
    pub(super) fn peak(&self) -> Outcome<u64> {
        process::peak(self.child.id())
    }

    /// Lets the peak begin anew.
    pub(super) fn forget_peak(&self) -> Outcome<()> {
        process::forget_peak(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that is gone already needs no ending.
        drop(self.kill());
    }
}

/// Reads its log to the end: the address that it listens on, and complaints, which are shown.
fn follow(log: impl Read, listens: &Sender<SocketAddr>) {
    for line in BufReader::new(log).lines().map_while(Result::ok) {
        if line.contains("listening") {
            let address = line.split_once("url=\"http://").and_then(|(_, rest)| rest.split_once('"'));
            if let Some(address) = address.and_then(|(address, _)| address.parse().ok()) {
                // Whoever started it may have given up.
                let _ = listens.send(address);
            }
        }
        if line.contains(" WARN ") || line.contains(" ERROR ") || line.starts_with("rustchat:") {
            eprintln!("server: {line}");
        }
    }
}
