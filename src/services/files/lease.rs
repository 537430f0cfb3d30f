//! A lease on an upload: its holder has exclusive access for as long as it lives, and not much longer. It is renewed in
//! the background, so that a slow sender keeps it, and a node that died does not.

use std::time::Duration;

use tokio::task::AbortHandle;

use crate::db::uploads::Upload;
use crate::db::{self, Conn};
use crate::error::Result;
use crate::services::files::Core;
use crate::wire::{FileId, Millis};

/// The duration of a lease that is not renewed, in milliseconds.
const LASTS: Millis = 20_000;

/// The interval of renewals. A lease outlives three failures.
const RENEWED: Duration = Duration::from_secs(5);

/// A lease. Dropping it releases the upload, with the progress that was stored.
pub(super) struct Lease {
    core: Core,
    id: FileId,
    renewing: AbortHandle,
    is_over: bool,
}

impl Lease {
    /// Takes an upload. `None` if another request holds it.
    pub(super) async fn take(core: &Core, conn: &mut Conn, id: FileId) -> Result<Option<(Self, Upload)>> {
        let Some(upload) = db::uploads::take(conn, id, LASTS).await? else { return Ok(None) };
        let renewing = tokio::spawn(renew(core.clone(), id)).abort_handle();
        Ok(Some((Self { core: core.clone(), id, renewing, is_over: false }, upload)))
    }

    /// Releases the upload: it is free when this returns.
    pub(super) async fn end(mut self) -> Result<()> {
        self.is_over = true;
        let_go(&self.core, self.id).await
    }

    /// Ends the lease of an upload that is gone.
    pub(super) fn forget(mut self) {
        self.is_over = true;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewing.abort();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.is_over {
            return;
        }
        let (core, id) = (self.core.clone(), self.id);
        runtime.spawn(async move {
            if let Err(error) = let_go(&core, id).await {
                tracing::debug!(%error, "an upload is kept until its lease is over");
            }
        });
    }
}

async fn let_go(core: &Core, id: FileId) -> Result<()> {
    db::uploads::let_go(&mut *core.read().await?, id).await?;
    Ok(())
}

async fn renew(core: Core, id: FileId) {
    loop {
        tokio::time::sleep(RENEWED).await;
        if let Err(error) = renew_once(&core, id).await {
            tracing::debug!(%error, "the lease on an upload could not be renewed");
        }
    }
}

async fn renew_once(core: &Core, id: FileId) -> Result<()> {
    db::uploads::renew(&mut *core.read().await?, id, LASTS).await?;
    Ok(())
}
