//! Processes that a test starts: none outlives it, however it ends, and each can be sent signals.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

/// Ports for servers that must be found again where they were: below those that the kernel gives to whoever asks for
/// any, so that nobody takes one while its server is away.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A program that the kernel kills when the thread that spawns it ends.
pub(crate) fn tied(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).arg(program);
    command
}

/// Sends a signal by its name, such as `STOP`.
pub(crate) fn signal(pid: u32, name: &str) {
    let kill = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap();
    assert!(kill.success(), "kill -{name} {pid}");
}

/// Bytes of memory that a process has in use.
pub(crate) fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().unwrap();
    kib * 1024
}

/// Bytes of memory that a process had in use at most.
pub(crate) fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().unwrap();
    kib * 1024
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test programs that run at the same time begin at different places.
    let begin = (std::process::id() * 101 % u32::from(PORTS.end - PORTS.start)) as u16;
    let ports = PORTS.end - PORTS.start;
    (0..ports)
        .map(|_| PORTS.start + (begin + NEXT.fetch_add(1, Ordering::Relaxed)) % ports)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .unwrap()
}
