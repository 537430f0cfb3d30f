//! What PostgreSQL's programs and lock files say. Pure functions of text: a file that is cut off, empty or another
//! program's gives `None` or a poor sentence, and nothing worse.

/// The severity of a line of PostgreSQL's log, where it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Every session ends.
    Panic,
    /// A session, or the start, ends.
    Fatal,
    /// Something to look at.
    Warning,
    /// News for an administrator.
    Log,
    /// Anything else: an error of a statement, the continuation of a line before.
    Other,
}

/// The major version in the answer of `postgres --version`, such as the 15 in
/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
pub fn major_version(answer: &str) -> Option<u32> {
    let (_, version) = answer.split_once("(PostgreSQL) ")?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The process identifier in the first line of a lock file.
pub fn recorded_pid(lock_file: &str) -> Option<u32> {
    lock_file.lines().next()?.trim().parse().ok()
}

/// Whether the `postmaster.pid` of the postmaster `pid` says that connections are accepted: its last line does.
pub fn is_ready(lock_file: &str, pid: u32) -> bool {
    let mut lines = lock_file.lines().map(str::trim);
    lines.next() == Some(pid.to_string().as_str()) && lines.next_back() == Some("ready")
}

/// The line of a program's output that names the error.
pub fn complaint(output: &str) -> String {
    let marks = ["FATAL:", "PANIC:", "ERROR:", "error:"];
    let lines = || output.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines().find(|line| marks.iter().any(|mark| line.contains(mark)));
    line.or_else(|| lines().next_back()).unwrap_or("it said nothing").to_owned()
}

/// The severity and the message of a line of the log, as it is written without a prefix.
pub fn log_line(line: &str) -> (Severity, &str) {
    let (severity, message) = line.split_once(":  ").unwrap_or(("", line));
    let severity = match severity {
        "PANIC" => Severity::Panic,
        "FATAL" => Severity::Fatal,
        "WARNING" => Severity::Warning,
        "LOG" => Severity::Log,
        _ => Severity::Other,
    };
    (severity, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_major_version_of_releases_and_betas() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 19beta1\n"), Some(19));
        assert_eq!(major_version("pg_ctl: command not found"), None);
    }

    #[test]
    fn a_silent_failure_still_makes_a_sentence() {
        assert_eq!(complaint("\n \n"), "it said nothing");
        assert_eq!(complaint("one\ntwo\n"), "two");
    }

    #[test]
    fn only_its_own_and_whole_lock_file_makes_a_postmaster_ready() {
        let file = "4711\n/data/postgres\n1700000000\n5432\n/data/postgres.run\n\n  5432001 7\nready   \n";
        assert!(is_ready(file, 4711) && recorded_pid(file) == Some(4711));
        assert!(!is_ready(file, 471) && !is_ready(&file.replace("ready", "starting"), 4711));
        for cut in 0..file.len() - "ready   \n".len() + 4 {
            assert!(!is_ready(&file[..cut], 4711), "{cut}");
        }
        assert_eq!((recorded_pid(""), recorded_pid("-4\n"), recorded_pid("99999999999")), (None, None, None));
    }
}
