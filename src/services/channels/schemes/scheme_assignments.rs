//! Assigning schemes to teams and channels, with effect at once for everybody in them.

use super::scheme_list::scoped;
use crate::db;
use crate::error::{Error, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, audits};
use crate::services::channels::{self, Core};
use crate::services::teams;
use crate::wire::{ChannelId, Event, SchemeId, SchemeScope, TeamId};

/// Sets or removes the scheme of a team and its channels.
pub async fn set_of_team(core: &Core, caller: &Caller, team: TeamId, scheme: Option<SchemeId>) -> Result<()> {
    caller.require(Permission::WritePermissions)?;
    let mut tx = core.begin().await?;
    let access = teams::access(&mut tx, caller, team).await?;
    if let Some(scheme) = scheme {
        scoped(&mut tx, caller, scheme, SchemeScope::Team).await?;
    }
    // Making a channel in the team takes this lock, and gives the channel the team's scheme.
    db::teams::lock(&mut tx, access.id()).await?;
    db::schemes::set_of_team(&mut tx, access.id(), scheme).await?;
    let row =
        db::teams::find(&mut tx, caller.org, team).await?.ok_or_else(|| Error::internal("a locked team"))?;
    teams::tell(&mut tx, &row, |team| Event::UpdateTeamScheme { team });
    audits::note(&mut tx, caller, "/api/v4/teams/scheme", team, "").await?;
    tx.commit().await
}

/// Sets or removes the scheme of a channel in a team.
pub async fn set_of_channel(
    core: &Core,
    caller: &Caller,
    channel: ChannelId,
    scheme: Option<SchemeId>,
) -> Result<()> {
    caller.require(Permission::WritePermissions)?;
    let mut tx = core.begin().await?;
    let access = channels::access(&mut tx, caller, channel).await?;
    if access.channel().is_direct() {
        return Err(Error::param("channel_id"));
    }
    if let Some(scheme) = scheme {
        scoped(&mut tx, caller, scheme, SchemeScope::Channel).await?;
    }
    db::channels::lock(&tx, &[channel]).await?;
    db::schemes::set_of_channel(&mut tx, channel, scheme).await?;
    tx.emit(Event::ChannelSchemeUpdated { channel_id: channel });
    audits::note(&mut tx, caller, "/api/v4/channels/scheme", channel, "").await?;
    tx.commit().await
}
