//! Work that is done behind an answer's back: an answer that waited for it would tell by its time whether there is an
//! account.

use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Errands under way at a time on a node; they are some statements each.
static PLACES: Semaphore = Semaphore::const_new(64);

/// Sends somebody off; refused, whoever asks, while too many are under way. `what` is for the log, should it fail.
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
