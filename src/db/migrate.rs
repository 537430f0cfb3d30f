//! Brings a database to the schema of this binary.

use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::error::{Error, Result};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Runs the pending migrations, one node at a time. Must be called on a multi-threaded runtime.
pub async fn run(url: &str) -> Result<()> {
    let mut conn = connect(url).await?;
    lock(&mut conn).await?;
    let mut harness = AsyncMigrationHarness::new(conn);
    harness.run_pending_migrations(MIGRATIONS).map_err(|e| Error::internal(format!("migrations: {e}")))?;
    Ok(())
}

/// Reverts every migration and runs them again, which proves the down files.
pub async fn redo_all(url: &str) -> Result<()> {
    let conn = connect(url).await?;
    let mut harness = AsyncMigrationHarness::new(conn);
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| Error::internal(format!("migrations: {e}"));
    harness.run_pending_migrations(MIGRATIONS).map_err(failed)?;
    harness.revert_all_migrations(MIGRATIONS).map_err(failed)?;
    harness.run_pending_migrations(MIGRATIONS).map_err(failed)?;
    Ok(())
}

async fn connect(url: &str) -> Result<AsyncPgConnection> {
    AsyncPgConnection::establish(url)
        .await
        .map_err(|e| Error::unavailable(format!("cannot connect to the database: {e}")))
}

/// Takes the lock that keeps nodes which start together from migrating together. It is released with the connection.
async fn lock(conn: &mut AsyncPgConnection) -> Result<()> {
    conn.batch_execute("select pg_advisory_lock(7244093250)")
        .await
        .map_err(|e| Error::unavailable(format!("migration lock: {e}")))
}
