//! The core without a server, for the command line, beside a server that runs or without one. Its commits are in the
//! log, where a running server finds them: sockets receive them within fifteen seconds, requests at once.

use std::sync::Arc;

use super::Ground;
use super::Pools;
use super::core_of;
use super::database;
use super::migrate;
use super::options;
use super::secret;
use super::start_logs;
use crate::config::Settings;
use crate::db::{Plans, Pool};

use crate::error::Result;
use crate::services::Core;
use crate::services::channels::post_queue;
use crate::services::realtime::{MemoryBus, Presence};
use crate::supervisor::Supervisor;

/// Does `work` with a core on the configured database, or on the private one: that of the running server, or one that
/// is started for as long as the work takes.
pub fn console<T>(mut settings: Settings, work: impl AsyncFnOnce(&Core) -> Result<T>) -> Result<T> {
    if settings.log == "info" {
        "warn".clone_into(&mut settings.log);
    }
    start_logs(&settings)?;
    secret::prepare_data_dir(&settings.data_dir)?;
    let secret = secret::load(&settings)?;
    let (database, url) = match running(&settings)? {
        Some(url) => (None, url),
        None => database(&settings)?,
    };
    let outcome = migrate(&url).and_then(|()| perform(settings, &url, &secret, work));
    if let Some(database) = database {
        database.stop();
    }
    outcome
}

fn perform<T>(
    mut settings: Settings,
    url: &str,
    secret: &[u8],
    work: impl AsyncFnOnce(&Core) -> Result<T>,
) -> Result<T> {
    settings.database.connections = 2;
    actix_web::rt::System::new().block_on(async {
        let core = bare_core(settings, url, secret).await?;
        let outcome = work(&core).await;
        core.pool.close();
        outcome
    })
}

/// A core on the migrated database at `url`, without anything that delivers events or writes posts.
pub async fn bare_core(settings: Settings, url: &str, secret: &[u8]) -> Result<Core> {
    let pool = Pool::new(url, settings.database.connections, super::bounds(&settings), Plans::ByCost)?;
    let pools = Pools { writing: pool.clone(), all: pool };
    let (bus, _listener) = MemoryBus::new();
    let (post_queue, _inbox) = post_queue::queue();
    let presence = Arc::new(Presence::new(settings.limits.away_seconds));
    let ground = Ground { presence, secret, supervisor: Supervisor::default(), bridge: None };
    core_of(settings, pools, Arc::new(bus), post_queue, ground).await
}

/// The URL of a running server's private PostgreSQL; `None` where the database is configured, or none runs.
fn running(settings: &Settings) -> Result<Option<String>> {
    if !settings.database.url.is_empty() {
        return Ok(None);
    }
    Ok(private_postgres::running(&options::of_postgres(settings))?)
}
