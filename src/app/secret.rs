//! The data folder, and the secret that signs tokens where none is configured.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use crate::config::Settings;
use crate::error::{Error, Result};

/// Creates the data folder if it does not exist. An existing one belongs to the account that runs the server: as root,
/// the process becomes that account, so that new files stay its own and it loses access to none.
pub(super) fn prepare_data_dir(path: &Path) -> Result<()> {
    match fs::metadata(path) {
        Ok(folder) => Ok(private_postgres::become_owner(path, folder.uid(), folder.gid())?),
        Err(_) => make_data_dir(path),
    }
}

/// Creates the data folder if it does not exist. Others may pass through it, since the private PostgreSQL may run under
/// another account; secret files in it have a mode of their own.
fn make_data_dir(path: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o755).create(path);
    made.map_err(|e| {
        Error::unavailable(format!("cannot make the data folder {} (setting data_dir): {e}", path.display()))
    })
}

/// The configured secret, or the one kept in the data folder, made at the first start.
pub(super) fn load(settings: &Settings) -> Result<Vec<u8>> {
    if !settings.auth.secret.is_empty() {
        return Ok(settings.auth.secret.expose().as_bytes().to_vec());
    }
    let path = settings.data_dir.join("secret");
    let failed =
        |e: std::io::Error| Error::unavailable(format!("cannot use the secret in {}: {e}", path.display()));
    match make(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    let mut secret = Vec::new();
    fs::File::open(&path).and_then(|mut f| f.read_to_end(&mut secret)).map_err(failed)?;
    if secret.len() < 32 {
        return Err(Error::unavailable(format!(
            "the secret in {} is too short: remove the file to have a new one made",
            path.display()
        )));
    }
    Ok(secret)
}

/// Writes a secret of two random UUIDs: 244 random bits. Written beside and linked into place, so that a crash leaves
/// none or a whole one.
fn make(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let draft = path.with_extension(format!("new{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    writeln!(file, "{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    linked
}
