//! A Redis of a test's own, which it may kill and start again at the same address.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::process::{free_port, tied};

const START: Duration = Duration::from_secs(10);

/// A running Redis, or one that was killed. It keeps nothing on disk, and ends when this value is dropped.
pub(crate) struct Redis {
    child: Child,
    /// Where it answers.
    pub(crate) address: SocketAddr,
    folder: TempDir,
}

impl Redis {
    pub(crate) fn start() -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let folder = TempDir::new().unwrap();
        Self { child: launch(address, &folder), address, folder }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again. It remembers nothing.
    pub(crate) fn restart(&mut self) {
        self.child = launch(self.address, &self.folder);
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn launch(address: SocketAddr, folder: &TempDir) -> Child {
    let mut command = tied("redis-server");
    command.args(["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir"]).arg(folder.path());
    command.args(["--port", &address.port().to_string()]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + START;
    while !answers(address) {
        assert!(Instant::now() < deadline, "redis-server does not start: is it installed?");
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

fn answers(address: SocketAddr) -> bool {
    let ping = || -> std::io::Result<[u8; 5]> {
        let (mut stream, mut answer) = (TcpStream::connect(address)?, [0; 5]);
        stream.write_all(b"PING\r\n")?;
        stream.read_exact(&mut answer)?;
        Ok(answer)
    };
    ping().is_ok_and(|answer| &answer == b"+PONG")
}
