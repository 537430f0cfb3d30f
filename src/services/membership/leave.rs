//! Leaving a team, or being removed from it, with all its channels.

use crate::db::{self};
use crate::error::{Error, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, accounts, audits};
use crate::services::channels::{self, Person, TOWN_SQUARE, append};
use crate::services::membership::Core;
use crate::services::platform::Tx;
use crate::services::teams;
use crate::wire::{ChannelId, Event, TeamId, Topic, UserId};

/// Removes `user` from a team: the caller themselves, or others if the caller may remove people. From an archived team,
/// people can only remove themselves, and no notice is posted.
pub async fn leave_team(core: &Core, caller: &Caller, team: TeamId, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    let access = teams::access(&mut tx, caller, team).await?;
    if user != caller.id {
        access.require(Permission::RemoveUserFromTeam)?;
    }
    let is_archived = db::teams::lock(&mut tx, team).await?.delete_at != 0;
    if is_archived && user != caller.id {
        return Err(teams::unknown());
    }
    // The team membership goes first: joining a channel locks it, so a concurrent join is either seen below or refused.
    if !db::team_members::delete(&mut tx, team, user).await? {
        return Err(Error::invalid(
            "api.team.remove_user_from_team.missing.app_error",
            "The user does not appear to be part of this team.",
        ));
    }
    let mine = db::channels::ids_in_team(&mut tx, team, user).await?;
    db::channels::lock(&tx, &mine).await?;
    if !is_archived {
        say_goodbye(&mut tx, caller, team, user).await?;
    }
    db::channel_members::delete(&mut tx, &mine, user).await?;
    tell(&mut tx, team, user, &mine);
    if user != caller.id {
        audits::note(&mut tx, caller, "/api/v4/teams/members/remove", team, &format!("user_id={user}"))
            .await?;
    }
    tx.commit().await
}

async fn say_goodbye(tx: &mut Tx, caller: &Caller, team: TeamId, user: UserId) -> Result<()> {
    let gone = db::users::find(tx, caller.org, user).await?.ok_or_else(accounts::missing)?;
    let town = db::channels::ids_by_name(tx, team, &[TOWN_SQUARE]).await?;
    let Some((_, town)) = town.into_iter().next() else { return Ok(()) };
    let (kind, said) = if user == caller.id {
        ("system_leave_team", "left the team.")
    } else {
        ("system_remove_from_team", "removed from the team.")
    };
    let who = Person { id: user, name: &gone.username };
    let notice = append::Notice { by: caller.id, ..channels::plain(town, who, kind, said) };
    append::notices(tx, vec![notice]).await
}

/// Emits the departure to the team, the leaver included, who receives nothing more of it or its channels.
fn tell(tx: &mut Tx, team_id: TeamId, user_id: UserId, channels: &[ChannelId]) {
    tx.emit(Event::LeaveTeam { team_id, user_id });
    for channel in channels {
        tx.emit(Event::Unsubscribed { topic: Topic::Channel(*channel), user_id });
    }
}
