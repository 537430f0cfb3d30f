//! Demoting users to guests and promoting guests to users. The account changes together with all its memberships. Its
//! open connections end, since it may receive other events from now on; its clients reconnect by themselves.

use super::enter::{access, first_channels};
use crate::db::users::User;
use crate::db::{self};
use crate::error::{Error, Result};
use crate::services::auth::accounts::{self, AffectedSessions, is_guest};
use crate::services::auth::permissions::{self, MemberRole, Permission};
use crate::services::auth::{Caller, audits};
use crate::services::membership::Core;
use crate::services::platform::Tx;
use crate::wire::{ChannelId, Event, TeamId, Topic, UserId};

/// Demotes a user to a guest: their memberships stay, without administration, and they see only people whom they
/// share a channel with.
pub async fn demote(core: &Core, caller: &Caller, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    let row = held(&mut tx, caller, user, Permission::DemoteToGuest).await?;
    if is_guest(&row.roles) {
        return Err(Error::invalid(
            "api.user.demote_user_to_guest.already_guest.app_error",
            "The user is already a guest.",
        ));
    }
    if db::operators::contains(&mut tx, user).await? {
        return Err(Error::invalid(
            "api.user.demote_user_to_guest.operator.app_error",
            "A guest cannot be an operator: user_id names one. Take that from them first.",
        ));
    }
    accounts::keep_an_admin(&mut tx, caller.org, user).await?;
    let (row, _) = change(&mut tx, caller, user, permissions::GUEST).await?;
    audits::note(&mut tx, caller, "/api/v4/users/demote", user, "").await?;
    let reached = accounts::bound_owned(&mut tx, row, Some(caller)).await?;
    finish(core, tx, user, reached).await
}

/// Promotes a guest to a user, and adds them to the first channels of their teams.
pub async fn promote(core: &Core, caller: &Caller, user: UserId) -> Result<()> {
    let mut tx = core.begin().await?;
    let row = held(&mut tx, caller, user, Permission::PromoteGuest).await?;
    if !is_guest(&row.roles) {
        return Err(Error::invalid(
            "api.user.promote_guest_to_user.no_guest.app_error",
            "The user is not a guest.",
        ));
    }
    let (_, teams) = change(&mut tx, caller, user, permissions::USER).await?;
    for team in teams {
        let (town, others) = first_channels(&mut tx, team).await?;
        let first: Vec<ChannelId> = town.into_iter().chain(others).collect();
        access(&mut tx, (&row, MemberRole::User), team, &first).await?;
    }
    audits::note(&mut tx, caller, "/api/v4/users/promote", user, "").await?;
    finish(core, tx, user, AffectedSessions::default()).await
}

/// Finds and locks the account, if the caller may do this to it.
async fn held(tx: &mut Tx, caller: &Caller, user: UserId, permission: Permission) -> Result<User> {
    caller.require(permission)?;
    db::users::lock(tx, caller.org, user).await?.ok_or_else(accounts::missing)?;
    accounts::over(tx, caller, user, permission).await?.into_row(tx, caller).await
}

/// Replaces the roles of the account and of its memberships. Returns the account and its teams.
async fn change(tx: &mut Tx, caller: &Caller, user: UserId, role: &str) -> Result<(User, Vec<TeamId>)> {
    let guest = role == permissions::GUEST;
    let row = db::users::set_roles(tx, caller.org, user, role).await?.ok_or_else(accounts::missing)?;
    let places = db::team_members::set_guest(tx, user, guest).await?;
    db::channel_members::set_guest(tx, user, guest).await?;
    // Events of the team and the organisation from before, which were not for them, must not be replayed to them.
    let access = places.iter().map(|place| Topic::Team(place.team_id)).chain([Topic::Org(caller.org)]);
    tx.emit(Event::Subscribed { user_id: user, topics: access.collect() });
    tx.emit(Event::UserRoleUpdated { user_id: user, roles: row.roles.clone() });
    accounts::tell(tx, &row).await?;
    Ok((row, places.into_iter().map(|place| place.team_id).collect()))
}

/// Ends the open connections, and makes the sessions take the new role.
async fn finish(core: &Core, mut tx: Tx, user: UserId, reached: AffectedSessions) -> Result<()> {
    tx.emit(Event::SessionsEnded { user_id: user, session_id: None });
    let reached = reached.with_sessions_of(&mut tx, user).await?;
    tx.commit().await?;
    reached.announce(core).await;
    Ok(())
}
