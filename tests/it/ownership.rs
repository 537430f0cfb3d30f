//! Whose the data folder is: its account's, also when root looks into it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::server::bare_command;

/// An account that is not root.
const SOMEBODY: u32 = 65534;

/// Everything below a folder that is not `owner`'s.
fn strays(folder: &Path, owner: u32) -> Vec<String> {
    let metadata = fs::symlink_metadata(folder).unwrap();
    let own = (metadata.uid() != owner).then(|| folder.display().to_string());
    let inside = if metadata.is_dir() { fs::read_dir(folder).unwrap().collect() } else { Vec::new() };
    own.into_iter()
        .chain(inside.into_iter().flat_map(|entry| strays(&entry.unwrap().path(), owner)))
        .collect()
}

/// `rustchat user list` on a folder, without a server.
fn lists(mut command: Command, data: &Path) {
    let output = command.env("RUSTCHAT__DATA_DIR", data).args(["user", "list"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn as_somebody() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", env!("CARGO_BIN_EXE_rustchat")]);
    for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("RUSTCHAT")) {
        command.env_remove(key);
    }
    command.stdin(Stdio::null()).current_dir("/");
    command
}

#[test]
fn root_that_looks_into_a_stopped_server_takes_nothing_from_its_account() {
    let folder = TempDir::new().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let data = folder.path().join("data");
    let us = fs::metadata("/proc/self").unwrap().uid();
    if us != 0 {
        lists(bare_command(), &data);
        assert_eq!(strays(&data, us), [""; 0]);
        return;
    }
    fs::create_dir(&data).unwrap();
    chown(&data, Some(SOMEBODY), Some(SOMEBODY)).unwrap();
    lists(as_somebody(), &data);
    assert_eq!(strays(&data, SOMEBODY), [""; 0]);
    lists(bare_command(), &data);
    assert_eq!(strays(&data, SOMEBODY), [""; 0], "what root left there");
    lists(as_somebody(), &data);
    // A folder of root's own stays root's.
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    lists(bare_command(), &own);
    assert_eq!(fs::metadata(&own).unwrap().uid(), 0);
}
