//! Background work for requests whose response must not depend on it: a response that waited for it would show by its
//! duration whether an account exists.

use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// The most tasks that run at a time on a node; each runs a few statements.
static PLACES: Semaphore = Semaphore::const_new(64);

/// Spawns `work`; fails, for every caller alike, while too many tasks run. `what` names it in the log if it fails.
pub(super) fn send(
    what: &'static str,
    work: impl Future<Output = Result<()>> + Send + 'static,
) -> Result<()> {
    let place = PLACES.try_acquire().map_err(|e| Error::unavailable(format!("{what}: {e}")))?;
    tokio::spawn(async move {
        let _place = place;
        if let Err(error) = work.await {
            tracing::warn!(what, %error, "an errand failed");
        }
    });
    Ok(())
}
