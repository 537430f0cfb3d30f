//! The system calls that the standard library does not offer. All `unsafe` of the crate is in this file.

use std::ffi::{CStr, CString};
use std::fs::{self, File};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{self, Command};
use std::ptr;

/// The user id inside a namespace of our own: that of `nobody`, which every passwd file has.
const NAMESPACE_ID: u32 = 65534;

/// A user and its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ids {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// The user and group that this process runs as.
pub(super) fn effective_ids() -> Ids {
    // SAFETY: both calls take nothing, touch no memory and cannot fail.
    unsafe { Ids { uid: libc::geteuid(), gid: libc::getegid() } }
}

/// The account with this name.
pub(super) fn account_named(name: &CStr) -> Option<Ids> {
    look_up(|entry, buffer, size, found| {
        // SAFETY: `look_up` passes pointers that are valid for the call; `name` ends with a NUL.
        unsafe { libc::getpwnam_r(name.as_ptr(), entry, buffer, size, found) }
    })
}

/// The account with this user id.
pub(super) fn account_of(uid: u32) -> Option<Ids> {
    look_up(|entry, buffer, size, found| {
        // SAFETY: `look_up` passes pointers that are valid for the call.
        unsafe { libc::getpwuid_r(uid, entry, buffer, size, found) }
    })
}

/// Switches this process to another account for good, without root's groups.
pub(super) fn become_account(ids: Ids) -> io::Result<()> {
    // SAFETY: the calls change this process alone; the first reads no list, since that has no members.
    unsafe {
        check(libc::setgroups(0, ptr::null()))?;
        check(libc::setgid(ids.gid))?;
        check(libc::setuid(ids.uid))
    }
}

fn look_up(
    call: impl Fn(*mut libc::passwd, *mut libc::c_char, usize, *mut *mut libc::passwd) -> i32,
) -> Option<Ids> {
    let mut entry = MaybeUninit::<libc::passwd>::uninit();
    let mut buffer = [0; 16 * 1024];
    let mut found = ptr::null_mut();
    call(entry.as_mut_ptr(), buffer.as_mut_ptr(), buffer.len(), &raw mut found);
    // SAFETY: `found` is null or points at `entry`, which the call has filled in then.
    let entry = unsafe { found.as_ref() }?;
    Some(Ids { uid: entry.pw_uid, gid: entry.pw_gid })
}

/// Bytes of memory of the machine, or the container's limit if that is less; 0 if neither is known.
pub(super) fn memory() -> u64 {
    // SAFETY: both calls ask for a number.
    let (pages, size) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    let machine = u64::try_from(pages).unwrap_or(0).saturating_mul(u64::try_from(size).unwrap_or(0));
    let limit =
        fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    limit.map_or(machine, |limit: u64| limit.min(machine))
}

/// Sends a signal. It is no error if the process is already gone: every caller waits for its end anyway.
pub(super) fn signal(pid: u32, signal: i32) {
    let Ok(pid) = libc::pid_t::try_from(pid) else { return };
    // SAFETY: kill touches no memory of ours.
    unsafe { libc::kill(pid, signal) };
}

/// Flushes the whole file system of `dir`: far quicker than flushing a new cluster's thousand files one by one.
pub(super) fn sync_file_system(dir: &Path) -> io::Result<()> {
    let dir = File::open(dir)?;
    // SAFETY: the descriptor is open for the whole call.
    check(unsafe { libc::syncfs(dir.as_raw_fd()) })
}

/// Runs `command` in a user namespace of its own, where it is nobody and has no privileges, while files that it creates
/// belong to us outside.
pub(super) fn enter_namespace(command: &mut Command) {
    let ids = effective_ids();
    let uid_map = format!("{NAMESPACE_ID} {} 1", ids.uid);
    let gid_map = format!("{NAMESPACE_ID} {} 1", ids.gid);
    let enter = move || {
        // SAFETY: unshare touches no memory of ours.
        check(unsafe { libc::unshare(libc::CLONE_NEWUSER) })?;
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", &uid_map)?;
        fs::write("/proc/self/gid_map", &gid_map)
    };
    // SAFETY: between fork and exec the closure makes only system calls; paths this short do not allocate.
    unsafe { command.pre_exec(enter) };
}

/// Makes the start of `command` fail if it could not open files in `dir`.
pub(super) fn require_access(command: &mut Command, dir: &Path) -> io::Result<()> {
    let dir = CString::new(dir.as_os_str().as_bytes())?;
    // SAFETY: `dir` is a C string that the closure owns; access is all that it calls.
    unsafe { command.pre_exec(move || check(libc::access(dir.as_ptr(), libc::X_OK))) };
    Ok(())
}

/// Sends `command` this signal when the spawning thread ends. To be called after any change of account, which would
/// clear the request.
pub(super) fn end_with_parent(command: &mut Command, signal: i32) {
    let parent = process::id();
    let tie = move || {
        // SAFETY: neither call touches memory of ours.
        let current = unsafe {
            check(libc::prctl(libc::PR_SET_PDEATHSIG, signal))?;
            libc::getppid()
        };
        // A parent that died before the request was made no longer sends the signal.
        if u32::try_from(current) == Ok(parent) {
            Ok(())
        } else {
            Err(io::Error::from_raw_os_error(libc::ESRCH))
        }
    };
    // SAFETY: between fork and exec the closure makes only system calls and does not allocate.
    unsafe { command.pre_exec(tie) };
}

fn check(result: i32) -> io::Result<()> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_accounts_up_both_ways() {
        let root = Ids { uid: 0, gid: 0 };
        assert_eq!(account_named(c"root"), Some(root));
        assert_eq!(account_of(0), Some(root));
        assert_eq!(account_named(c"no such account"), None);
    }
}
