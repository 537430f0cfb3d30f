//! Removes files: those that never became complete, those that were not posted within a day, those of deleted posts
//! after their retention time, and those of channels that are gone. Bytes go first, rows after them.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::try_join_all;

use super::{PREVIEW, THUMBNAIL, key};
use crate::db;
use crate::db::files::File;
use crate::error::{Error, Result};
use crate::services::files::Core;
use crate::services::platform::Tx;
use crate::services::platform::storage::{Aside, Key, Storage};
use crate::wire::{FileId, Millis, OrgId};

const DAY: Millis = 86_400_000;

/// The longest time until a file is posted, and until an upload ends, in milliseconds.
const UNPOSTED: Millis = DAY;

/// The longest time for the storage to remove one file: the transaction waits for it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Removes up to `limit` files whose time is over. Answers their number.
pub async fn forget(core: &Core, tx: &mut Tx, limit: i64) -> Result<i64> {
    let now = db::clock::now(tx).await?;
    let deleted = now - Millis::from(core.settings.files.retention_days) * DAY;
    let rows = db::files::to_forget(tx, deleted, now - UNPOSTED, limit).await?;
    let ids: Vec<FileId> = rows.iter().map(|row| row.id).collect();
    let asides = asides(tx, &ids).await?;
    let removed = rows.iter().map(|row| remove(&core.storage, key(row), asides.get(&row.id)));
    try_join_all(removed).await?;
    db::files::forget(tx, &ids).await?;
    for (org, bytes) in space(&rows) {
        db::files::give_space(tx, org, bytes).await?;
    }
    Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
}

/// Removes files whose upload was cut off.
pub(super) async fn give_up(core: &Core, org: OrgId, ids: &[FileId]) -> Result<()> {
    let removed = ids.iter().map(|id| remove(&core.storage, Key::new(org, "files", id.0), None));
    try_join_all(removed).await?;
    db::files::forget_unready(&mut *core.read().await?, ids).await?;
    Ok(())
}

/// The stored progress of those files whose upload may still be continued.
async fn asides(tx: &mut Tx, ids: &[FileId]) -> Result<BTreeMap<FileId, Aside>> {
    let uploads = db::uploads::by_ids(tx, ids).await?;
    let read = |u: db::uploads::Upload| Some((u.id, serde_json::from_value(u.aside?).ok()?));
    Ok(uploads.into_iter().filter_map(read).collect())
}

async fn remove(storage: &Storage, key: Key, aside: Option<&Aside>) -> Result<()> {
    let gone = async {
        if let Some(aside) = aside {
            storage.abandon(&key, aside).await?;
        }
        for variant in [THUMBNAIL, PREVIEW] {
            storage.delete(&key.variant(variant)).await?;
        }
        storage.delete(&key).await
    };
    let gone = tokio::time::timeout(PATIENCE, gone).await;
    gone.unwrap_or_else(|_elapsed| Err(Error::unavailable("the storage takes too long to forget a file")))
}

/// The bytes of complete files, by organisation.
fn space(rows: &[File]) -> BTreeMap<OrgId, i64> {
    let mut space = BTreeMap::new();
    for row in rows.iter().filter(|row| row.is_ready) {
        *space.entry(row.org_id).or_default() += row.size;
    }
    space
}
