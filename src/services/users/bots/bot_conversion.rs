//! Converting bots to people and people to bots. Their posts and memberships stay.

use super::{managed, shape};
use crate::db::{self, bots::BotChanges};
use crate::error::{Error, Result};
use crate::services::auth::accounts::{self, AffectedSessions, tell};
use crate::services::auth::credentials::PlainPassword;
use crate::services::auth::permissions::{self, Permission};
use crate::services::auth::{Caller, audits, login};
use crate::services::users::{self, Core, UserPatch};
use crate::wire::{Bot, User, UserId};

/// A request to convert a bot to a person.
#[derive(Debug)]
pub struct ToUser {
    /// The person's profile; the password is required.
    pub patch: UserPatch,
    /// Whether the person becomes an administrator of the organisation.
    pub set_system_admin: bool,
}

/// Converts a bot to a person, who logs in with the password and counts towards the organisation's limit. For callers
/// who may make accounts and who manage the bot; only administrators may make it an administrator.
pub async fn to_user(core: &Core, caller: &Caller, bot: UserId, ask: ToUser) -> Result<User> {
    caller.require(Permission::WriteUsers)?;
    if ask.set_system_admin {
        caller.admin()?;
    }
    let password =
        ask.patch.password.clone().filter(|p| !p.is_empty()).ok_or_else(|| Error::body("password"))?;
    let changes = users::checked(ask.patch)?;
    let turn = core.passwords.admit(caller.client().requester().trusted())?;
    let hash = core.passwords.hash(turn, PlainPassword::new(password, &core.settings.password)?).await?;
    let mut tx = core.begin().await?;
    let house = db::orgs::lock(&mut tx, caller.org).await?.ok_or_else(Error::forbidden)?;
    let before = managed(&mut tx, caller, bot).await?.0;
    let over = accounts::over(&mut tx, caller, before.id, Permission::WriteUsers).await?;
    let before = over.into_row(&mut tx, caller).await?;
    db::bots::update(&mut tx, before.id, &BotChanges::person()).await?;
    accounts::check_limit(&mut tx, &house).await?;
    db::users::set_password(&mut tx, caller.org, before.id, None, &hash).await?;
    let row = db::users::update(&mut tx, caller.org, before.id, &changes).await;
    let mut row = row.map_err(|e| db::translate(e, accounts::TAKEN))?.ok_or_else(accounts::missing)?;
    let mut reached = AffectedSessions::default();
    if ask.set_system_admin {
        let both = format!("{} {}", permissions::ADMIN, permissions::USER);
        let id = row.id;
        reached = accounts::replace_roles(&mut tx, row, &both, Some(caller)).await?;
        row = db::users::find(&mut tx, caller.org, id).await?.ok_or_else(accounts::missing)?;
    }
    tell(&mut tx, &row).await?;
    audits::note(&mut tx, caller, "/api/v4/bots/convert_to_user", row.id, &row.roles).await?;
    let reached = reached.with_sessions_of(&mut tx, row.id).await?;
    tx.commit().await?;
    reached.announce(core).await;
    Ok(accounts::own(&row))
}

/// Converts a person to a bot that the caller owns: the password is removed and every session ends. Personal access
/// tokens stay. For callers who may switch the account off and create bots.
pub async fn from_user(core: &Core, caller: &Caller, user: UserId) -> Result<Bot> {
    caller.require(Permission::CreateBot)?;
    if caller.is_bot() {
        // The person could be this bot's owner.
        return Err(Error::forbidden());
    }
    let mut tx = core.begin().await?;
    caller.require(Permission::WriteUsers)?;
    let over = accounts::over(&mut tx, caller, user, Permission::WriteUsers).await?;
    let is_own = over.is_own();
    let row = over.into_row(&mut tx, caller).await?;
    if is_own || row.is_bot() {
        return Err(Error::param("user_id"));
    }
    accounts::keep_an_admin(&mut tx, caller.org, row.id).await?;
    accounts::keep_an_operator(&mut tx, row.id).await?;
    let changes =
        BotChanges { bot_description: Some(Some(String::new())), ..BotChanges::owned_by(caller.id) };
    // An empty hash, which no password matches.
    db::users::set_password(&mut tx, caller.org, row.id, None, "").await?;
    // Bots have no second factor.
    db::second_factors::delete(&mut tx, row.id).await?;
    db::recovery_codes::delete_all(&mut tx, row.id).await?;
    db::users::set_mfa_active(&mut tx, caller.org, row.id, false).await?;
    // A bot cannot own other bots.
    db::bots::hand_over(&mut tx, row.id, caller.id).await?;
    let row = db::bots::update(&mut tx, row.id, &changes).await?;
    let ended = login::end_all(&mut tx, row.id).await?;
    tell(&mut tx, &row).await?;
    audits::note(&mut tx, caller, "/api/v4/users/convert_to_bot", row.id, "").await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(shape(row))
}
