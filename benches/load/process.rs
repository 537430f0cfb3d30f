//! What `/proc` says of a process: processor time and memory.

use std::fs;
use std::ops::Sub;

use super::{Outcome, sys};

/// Seconds of processor time, of the server and of all of PostgreSQL.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cpu {
    pub(super) server: f64,
    pub(super) postgres: f64,
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self { server: self.server - before.server, postgres: self.postgres - before.postgres }
    }
}

/// Seconds that the process itself has used.
pub(super) fn cpu(pid: u32) -> Outcome<f64> {
    let times = Times::of(pid)?;
    Ok((times.own as f64) / sys::ticks())
}

/// Seconds that the process and its children have used, those that are gone included.
pub(super) fn cpu_of_family(pid: u32) -> Outcome<f64> {
    let parent = Times::of(pid)?;
    let mut ticks = parent.own + parent.gone;
    for entry in fs::read_dir("/proc")?.flatten() {
        let child = entry.file_name().to_string_lossy().parse().ok();
        // One that ended meanwhile is counted with its parent the next time.
        if let Some(times) = child.and_then(|child| Times::of(child).ok()).filter(|t| t.parent == pid) {
            ticks += times.own + times.gone;
        }
    }
    Ok((ticks as f64) / sys::ticks())
}

/// Bytes of memory that the process has in use.
pub(super) fn memory(pid: u32) -> Outcome<u64> {
    status(pid, "VmRSS:")
}

/// Bytes of memory that the process had in use at most.
pub(super) fn peak(pid: u32) -> Outcome<u64> {
    status(pid, "VmHWM:")
}

fn status(pid: u32, name: &str) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line =
        status.lines().find_map(|line| line.strip_prefix(name)).ok_or("a strange /proc/<pid>/status")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").trim().parse()?;
    Ok(kib * 1024)
}

/// Processor times in ticks.
struct Times {
    parent: u32,
    own: u64,
    /// Of children that have ended.
    gone: u64,
}

impl Times {
    fn of(pid: u32) -> Outcome<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name before the last parenthesis may contain anything.
        let (_, rest) = stat.rsplit_once(')').ok_or("a strange /proc/<pid>/stat")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number =
            |at: usize| fields.get(at).and_then(|f| f.parse::<u64>().ok()).ok_or("a short /proc/<pid>/stat");
        Ok(Self {
            parent: u32::try_from(number(1)?)?,
            own: number(11)? + number(12)?,
            gone: number(13)? + number(14)?,
        })
    }
}
