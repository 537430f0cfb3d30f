//! Faults that strike single parts of a running server: see `src/supervisor/faults.rs`.

use std::fs;

use tempfile::TempDir;

/// The folder of the faults of a server, which is started with [`Faults::setting`].
pub(crate) struct Faults {
    folder: TempDir,
}

impl Faults {
    pub(crate) fn none() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    /// The setting that the server is started with.
    pub(crate) fn setting(&self) -> (&'static str, &str) {
        ("ENV:RUSTCHAT_FAULTS", self.folder.path().to_str().unwrap())
    }

    /// Strikes a part, again and again: `return`, `panic` or `hang`.
    pub(crate) fn strike(&self, part: &str, fault: &str) {
        // Written beside and moved: nobody reads half of it.
        let beside = self.folder.path().join(".fault");
        fs::write(&beside, fault).unwrap();
        fs::rename(&beside, self.folder.path().join(part)).unwrap();
    }

    /// Lets the part live.
    pub(crate) fn end(&self, part: &str) {
        fs::remove_file(self.folder.path().join(part)).unwrap();
    }
}
