//! System calls that std does not offer.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Allows this process and its children `needed` open files, as far as the hard limit goes.
pub(super) fn allow_open_files(needed: u64) -> io::Result<()> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a value of ours, which the call fills.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } != 0 {
        return Err(io::Error::last_os_error());
    }
    if limit.rlim_cur >= needed {
        return Ok(());
    }
    if limit.rlim_max < needed {
        let hint = format!("{needed} open files are needed and {} allowed: raise ulimit -Hn", limit.rlim_max);
        return Err(io::Error::other(hint));
    }
    limit.rlim_cur = needed;
    // SAFETY: the pointer is to a value of ours, which the call reads.
    if unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Ticks a second of the times in `/proc`.
pub(super) fn ticks() -> f64 {
    // SAFETY: asks for a number.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    u32::try_from(ticks).ok().filter(|t| *t > 0).map_or(100.0, f64::from)
}

/// Has the kernel kill the command's process when the thread that spawns it ends: no load outlives the bench.
pub(super) fn end_with_us(command: &mut Command) {
    // SAFETY: between fork and exec only one call is made, which is async-signal-safe.
    unsafe {
        command.pre_exec(|| match libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        });
    }
}
