//! Bots never have more rights than their owners. Granting a bot more is refused, and a bot loses rights in the same
//! transaction as its owner, on open sockets too. Bots of guests are switched off, and so are bots of deactivated
//! accounts unless the settings say otherwise.

use super::activation::switch;
use super::is_guest;
use crate::db::{self, users::User as Row};
use crate::error::{Error, Result};
use crate::services::auth::permissions::{self, RoleSet};
use crate::services::auth::{Caller, Core, audits};
use crate::services::platform::Tx;
use crate::wire::{Event, OrgId, SessionId, UserId};

const ROLES: &str = "/api/v4/users/roles";
const DISABLE: &str = "/api/v4/bots/disable";

/// The sessions that an act affected besides those of the account that it was about.
#[derive(Debug, Default)]
#[must_use = "what nodes remember of sessions must be settled once the act is committed"]
pub(crate) struct AffectedSessions {
    /// The sessions that ended.
    pub(crate) ended: Vec<SessionId>,
    /// The sessions whose rights changed.
    pub(crate) changed: Vec<SessionId>,
}

impl AffectedSessions {
    /// Makes the nodes forget what they remember of the sessions. To be called after the commit.
    pub(crate) async fn announce(self, core: &Core) {
        core.sessions.revoke(&self.ended).await;
        core.sessions.refresh(&self.changed).await;
    }

    /// Adds the sessions of `user`, whose roles changed.
    pub(crate) async fn with_sessions_of(mut self, tx: &mut Tx, user: UserId) -> Result<Self> {
        self.changed.extend(db::sessions::ids_of_user(tx, user).await?);
        Ok(self)
    }
}

/// Takes from the bots of `owner`, and from the bots of those, the rights that their owners lost. A guest's bots are
/// switched off: even a bot without roles may do more than a guest.
pub(crate) async fn bound(tx: &mut Tx, owner: Row, by: Option<&Caller>) -> Result<AffectedSessions> {
    let role_set = role_set(tx, owner.org_id).await?;
    bound_by(tx, &role_set, owner, by).await
}

async fn bound_by(
    tx: &mut Tx,
    role_set: &RoleSet,
    owner: Row,
    by: Option<&Caller>,
) -> Result<AffectedSessions> {
    let mut reached = AffectedSessions::default();
    let mut owners = vec![owner];
    while let Some(owner) = owners.pop() {
        if is_guest(&owner.roles) {
            reached.ended.extend(switch_off(tx, (owner.org_id, owner.id), by, "its owner is a guest").await?);
            continue;
        }
        for bot in db::bots::of_owner(tx, owner.id).await? {
            let Some(roles) = within(role_set, &owner.roles, &bot.roles) else { continue };
            let row =
                db::users::set_roles(tx, bot.org_id, bot.id, &roles).await?.ok_or_else(super::missing)?;
            tx.emit(Event::UserRoleUpdated { user_id: row.id, roles: row.roles.clone() });
            note(tx, by, &row, ROLES, "with its owner").await?;
            reached = reached.with_sessions_of(tx, row.id).await?;
            owners.push(row);
        }
    }
    Ok(reached)
}

/// Does the same as [`bound`] for all bots of `org`, after the permissions of its roles changed.
pub(crate) async fn bound_all(tx: &mut Tx, org: OrgId, by: &Caller) -> Result<AffectedSessions> {
    let role_set = role_set(tx, org).await?;
    let mut reached = AffectedSessions::default();
    for owner in db::bots::owners_of_more(tx, org).await? {
        let more = bound_by(tx, &role_set, owner, Some(by)).await?;
        reached.ended.extend(more.ended);
        reached.changed.extend(more.changed);
    }
    Ok(reached)
}

/// Switches off the bots of `owner`, and the bots of those; returns the sessions that ended.
pub(crate) async fn switch_off(
    tx: &mut Tx,
    (org, owner): (OrgId, UserId),
    by: Option<&Caller>,
    why: &str,
) -> Result<Vec<SessionId>> {
    let mut ended = Vec::new();
    let mut owners = vec![owner];
    while let Some(owner) = owners.pop() {
        for bot in db::bots::owned(tx, owner).await? {
            if let Some((row, sessions)) = switch(tx, org, bot, false).await? {
                note(tx, by, &row, DISABLE, why).await?;
                ended.extend(sessions);
                owners.push(row.id);
            }
        }
    }
    Ok(ended)
}

/// Fails if a bot with these roles would have more rights than `owner`.
pub(crate) async fn check_bounded(tx: &mut Tx, owner: &Row, roles: &str) -> Result<()> {
    let role_set = role_set(tx, owner.org_id).await?;
    let fits = !is_guest(&owner.roles) && within(&role_set, &owner.roles, roles).is_none();
    if fits { Ok(()) } else { Err(exceeds()) }
}

/// Fails unless `owner` is an operator, as their bot is.
pub(crate) async fn check_operating(tx: &mut Tx, owner: UserId) -> Result<()> {
    if db::operators::contains(tx, owner).await? { Ok(()) } else { Err(exceeds()) }
}

/// The organisation's role set, as the open transaction sees it.
async fn role_set(tx: &mut Tx, org: OrgId) -> Result<RoleSet> {
    let (changes, schemes) = (db::role_changes::of(tx, org).await?, db::schemes::of(tx, org).await?);
    Ok(RoleSet::new(org, changes, schemes))
}

/// The roles of a bot that its owner's roles cover; `None` if that is all of them.
fn within(role_set: &RoleSet, owner: &str, bot: &str) -> Option<String> {
    let held = role_set.of_account(owner);
    let stays = |role: &&str| {
        matches!(*role, permissions::USER | permissions::GUEST) || held.covers(role_set.of_account(role))
    };
    let kept: Vec<&str> = bot.split(' ').filter(stays).collect();
    let kept = kept.join(" ");
    (kept != bot).then_some(kept)
}

/// Writes to the audit log of the bot's organisation. A caller without an account there is not named.
async fn note(tx: &mut Tx, by: Option<&Caller>, bot: &Row, action: &'static str, why: &str) -> Result<()> {
    match by {
        Some(caller) if caller.org == bot.org_id => audits::note(tx, caller, action, bot.id, why).await,
        Some(_) | None => audits::from_outside(tx, bot.org_id, action, bot.id.into(), why).await,
    }
}

/// The error for a bot that would have more rights than its owner.
pub(super) fn exceeds() -> Error {
    Error::invalid(
        "app.bot.exceeds_owner.app_error",
        "A bot may be no more than its owner is: its owner lacks some of its roles, or is a guest or deactivated. Assign \
         the bot to somebody else first.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bot_keeps_of_its_roles_what_its_owner_has() {
        let role_set = RoleSet::new(OrgId::new(), Vec::new(), Vec::new());
        let left = |owner, bot| within(&role_set, owner, bot);
        assert_eq!(left("system_admin system_user", "system_user system_admin"), None);
        assert_eq!(left("system_user", "system_user"), None);
        assert_eq!(left("system_user", "system_admin system_user").as_deref(), Some("system_user"));
        let manager = "system_user system_user_manager";
        let both = "system_user system_user_manager system_user_access_token";
        assert_eq!(left(manager, both).as_deref(), Some(manager));
    }
}
