//! What PostgreSQL's programs and lock files say, and what another program left in their place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use private_postgres::parse;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    if let Some(major) = parse::major_version(&text) {
        assert!(text.contains(&major.to_string()));
    }
    let pid = parse::recorded_pid(&text);
    if parse::is_ready(&text, pid.unwrap_or(1)) {
        assert_eq!(pid.is_some(), true, "only a file with a pid makes a postmaster ready");
    }
    let complaint = parse::complaint(&text);
    assert!(!complaint.is_empty() && !complaint.contains('\n'));
    for line in text.split('\n') {
        let (_, message) = parse::log_line(line);
        assert!(line.ends_with(message));
    }
});
