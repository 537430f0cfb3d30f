//! The icon of a team.

use bytes::Bytes;
use uuid::Uuid;

use super::access::access;
use super::team_list;
use super::team_settings::tell;
use crate::db;
use crate::error::{Error, Result};
use crate::services::auth::{Caller, audits};
use crate::services::platform::storage::Key;
use crate::services::teams::Core;
use crate::wire::{Event, OrgId, TeamId, id};

/// The side of an icon, in pixels.
const SIDE: u32 = 128;

/// Bytes of a stored icon at most.
const MOST: usize = 1 << 20;

/// An icon that was found, but not yet read.
#[derive(Debug)]
pub struct Icon {
    /// The entity tag, which changes with the icon.
    pub etag: String,
    key: Key,
}

impl Icon {
    /// Reads the PNG file.
    pub async fn read(self, core: &Core) -> Result<Bytes> {
        core.storage.read(&self.key, MOST).await?.ok_or_else(missing)
    }
}

/// The icon of a team that the caller may see.
pub async fn icon(core: &Core, caller: &Caller, team: TeamId) -> Result<Icon> {
    team_list::get(core, caller, team).await?;
    let mut conn = core.read().await?;
    let row = db::teams::find(&mut conn, caller.org, team).await?;
    let icon = row.and_then(|row| row.icon_id).ok_or_else(missing)?;
    Ok(Icon { etag: format!("icon.{}", id::encode(icon)), key: key(caller.org, icon) })
}

/// Sets the icon of a team to the middle of an image.
pub async fn set_icon(core: &Core, caller: &Caller, team: TeamId, file: Bytes) -> Result<()> {
    access(&mut *core.read().await?, caller, team).await?.admin()?.living()?;
    let made = core
        .pictures
        .square(file, SIDE)
        .await
        .map_err(|refusal| Error::unusable_picture("api.team.set_team_icon.decode.app_error", refusal))?;
    let icon = Uuid::now_v7();
    core.storage.put(key(caller.org, icon), made.bytes.into()).await?;
    let changed = change(core, caller, team, Some(icon)).await;
    if changed.is_err() {
        forget(core, caller.org, icon).await;
    }
    changed
}

/// Removes a team's icon.
pub async fn remove_icon(core: &Core, caller: &Caller, team: TeamId) -> Result<()> {
    change(core, caller, team, None).await
}

/// Stores the change and tells the members; then deletes the old icon.
async fn change(core: &Core, caller: &Caller, team: TeamId, icon: Option<Uuid>) -> Result<()> {
    let mut tx = core.begin().await?;
    let access = access(&mut tx, caller, team).await?.admin()?.living()?;
    let old = db::teams::lock_icon(&mut tx, access.id()).await?;
    if old.is_none() && icon.is_none() {
        return Ok(());
    }
    let row = db::teams::set_icon(&mut tx, access.id(), icon).await?;
    tell(&mut tx, &row, |team| Event::UpdateTeam { team });
    audits::note(&mut tx, caller, "/api/v4/teams/image", team, "").await?;
    tx.commit().await?;
    if let Some(old) = old {
        forget(core, caller.org, old).await;
    }
    Ok(())
}

async fn forget(core: &Core, org: OrgId, icon: Uuid) {
    if let Err(error) = core.storage.delete(&key(org, icon)).await {
        tracing::warn!(%error, "an icon that no team has any more stays in the storage");
    }
}

fn key(org: OrgId, icon: Uuid) -> Key {
    Key::new(org, "team", icon)
}

fn missing() -> Error {
    Error::not_found("api.team.get_team_icon.read_file.app_error", "Unable to read the team icon file.")
}
