//! Creating channels in a team.

use super::entry::enter;
use super::notices::{self, Person};
use super::rules::NewChannel;
use super::shape;
use crate::db::channels::Channel as Row;
use crate::db::{self};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::auth::permissions::{MemberRole, Permission};
use crate::services::channels::{Core, append};
use crate::services::platform::Tx;
use crate::services::teams::{self, TeamAccess};
use crate::wire::{Channel, ChannelId, ChannelKind, Event, TeamId, Topic};

/// Creates a public or private channel in a team of the caller, who becomes its administrator and only member.
pub async fn create(core: &Core, caller: &Caller, new: NewChannel) -> Result<Channel> {
    let mut tx = core.begin().await?;
    let team = teams::access(&mut tx, caller, new.team_id).await?.living()?;
    let kind = new.check()?;
    let needed = match kind {
        ChannelKind::Public => Permission::CreatePublicChannel,
        ChannelKind::Private | ChannelKind::Direct | ChannelKind::Group => Permission::CreatePrivateChannel,
    };
    let team = team.with(needed)?;
    room(core, &mut tx, team.id()).await?;
    let row = insert(&mut tx, caller, &team, &new, kind).await?;
    enter(&mut tx, &row, &[(caller.id, MemberRole::Admin)]).await?;
    tx.emit(Event::Subscribed { user_id: caller.id, topics: vec![Topic::Channel(row.id)] });
    append::notices(&mut tx, vec![notices::joined(row.id, Person::from(caller))]).await?;
    tx.emit(Event::ChannelCreated { user_id: caller.id, channel_id: row.id, team_id: team.id() });
    tx.commit().await?;
    Ok(shape::channel(row))
}

/// Fails if the team has as many channels as it may. Locks the team, so that concurrent requests cannot exceed that.
pub(super) async fn room(core: &Core, tx: &mut Tx, team: TeamId) -> Result<()> {
    // It may have been archived while this transaction waited for the lock.
    if db::teams::lock(tx, team).await?.delete_at != 0 {
        return Err(teams::unknown());
    }
    let limit = core.settings.limits.channels_per_team;
    if db::channels::count_in_team(tx, team).await? >= i64::from(limit) {
        return Err(Error::invalid(
            "api.channel.create_channel.max_channel_limit.app_error",
            format!("Unable to create more than {limit} channels for current team."),
        ));
    }
    Ok(())
}

async fn insert(
    tx: &mut Tx,
    caller: &Caller,
    team: &TeamAccess,
    new: &NewChannel,
    kind: ChannelKind,
) -> Result<Row> {
    let display_name = new.display_name.trim();
    let row = db::channels::NewChannel {
        id: ChannelId::new(),
        org_id: caller.org,
        team_id: Some(team.id()),
        kind,
        name: &new.name,
        display_name: if display_name.is_empty() { &new.name } else { display_name },
        header: &new.header,
        purpose: &new.purpose,
        creator_id: Some(caller.id),
        team_scheme_id: team.team().scheme_id,
    };
    db::channels::insert(tx, &row).await.map_err(|e| db::translate(e, &[("channels_team_name_key", taken)]))
}

/// The error if the team has a channel of that name, archived or not.
pub(super) fn taken() -> Error {
    Error::conflict(
        "store.sql_channel.save_channel.exists.app_error",
        "A channel with that name already exists on the same team.",
    )
}
