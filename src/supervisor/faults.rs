//! Faults for tests, in builds with debug assertions alone: a file in the folder that the variable `RUSTCHAT_FAULTS`
//! names strikes the part of the same name, again and again for as long as it is there. Its text is the fault.

use std::path::PathBuf;
use std::pin::pin;
use std::sync::OnceLock;
use std::time::Duration;

/// The interval at which a part checks whether it is struck.
pub const LOOK: Duration = Duration::from_millis(20);

/// A fault of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It ends as if it were done.
    Return,
    /// It panics.
    Panic,
    /// It does nothing any more, and does not end.
    Hang,
}

/// Whether faults can strike in this process.
pub fn are_possible() -> bool {
    folder().is_some()
}

/// The fault that strikes the part now.
pub fn of(name: &str) -> Option<Fault> {
    let text = std::fs::read_to_string(folder()?.join(name)).ok()?;
    match text.trim() {
        "return" => Some(Fault::Return),
        "panic" => Some(Fault::Panic),
        "hang" => Some(Fault::Hang),
        _ => None,
    }
}

/// Runs a part's task until it ends, or until a fault strikes it.
pub(super) async fn struck(name: &'static str, task: impl Future<Output = ()>) {
    if !are_possible() {
        return task.await;
    }
    let mut task = pin!(task);
    loop {
        match of(name) {
            Some(Fault::Return) => return,
            Some(Fault::Panic) => panic!("{name} was struck by a fault of a test"),
            Some(Fault::Hang) => std::future::pending().await,
            None => {}
        }
        tokio::select! {
            () = &mut task => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

fn folder() -> Option<&'static PathBuf> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOLDER.get_or_init(|| std::env::var_os("RUSTCHAT_FAULTS").map(PathBuf::from)).as_ref()
}
