//! Accepting an invitation, with a new account or with an existing one. New accounts that sign in at a provider are in
//! `provider`.

use super::enter::{Welcome, held, welcome};
use super::invitation::{Invitation, Key, find};
use crate::db;
use crate::db::users::User;
use crate::error::{Error, Result};
use crate::services::auth::audits::{self, Client, Entry};
use crate::services::auth::{Caller, accounts, login, permissions};
use crate::services::membership::Core;
use crate::services::platform::Tx;
use crate::services::teams;
use crate::services::users::{self, Way};
use crate::wire::{self, OrgId, TeamMember};

const ACCOUNT: &str = "/api/v4/users";

const JOIN: &str = "/api/v4/teams/members/invite";

/// Makes an account together with its membership in the team of the invitation, if there is one.
pub async fn sign_up(
    core: &Core,
    org: OrgId,
    caller: Option<&Caller>,
    new: users::NewUser,
    key: Option<Key<'_>>,
    client: &Client,
) -> Result<wire::User> {
    let role_set = core.role_sets.of(&core.pool, org).await?;
    let (mut way, mut restricted) = (Way::Alone, false);
    if let Some(key) = key {
        // An invalid invitation is refused before a password is hashed.
        let invitation = find(core, &mut *core.read().await?, &role_set, org, key).await?;
        invitation.check_address(&new.email)?;
        way = invitation.way();
        restricted = teams::is_restricted(&invitation.team().allowed_domains);
    }
    let way = users::way(org, caller, way);
    let (mut row, way) = users::admitted(core, org, new, way, client).await?;
    // Their address is what admits them to the team, so it must be verified before they log in.
    row.must_prove_email = restricted && way == Way::Invited;
    let mut tx = core.begin().await?;
    let mut user = users::insert(core, &mut tx, &row, way).await?;
    let invitation = match key {
        Some(key) => Some(find(core, &mut tx, &role_set, org, key).await?),
        None => None,
    };
    if let Some(invitation) = &invitation {
        user = add_to_team(core, &mut tx, invitation, user).await?;
    }
    if let (Way::ByAdmin, Some(caller)) = (way, caller) {
        audits::note(&mut tx, caller, ACCOUNT, user.id, "created").await?;
    } else {
        note(&mut tx, &user, invitation.as_ref(), client).await?;
    }
    tx.commit().await?;
    Ok(accounts::own(&user))
}

/// Adds a new account to the team of its invitation: a guest invitation makes it a guest, and a mailed one verifies
/// the address.
pub(super) async fn add_to_team(
    core: &Core,
    tx: &mut Tx,
    invitation: &Invitation,
    mut user: User,
) -> Result<User> {
    invitation.use_up(tx).await?;
    if let Invitation::Mailed(_, mailed) = invitation {
        if mailed.guest {
            let row = db::users::set_roles(tx, user.org_id, user.id, permissions::GUEST).await?;
            user = row.ok_or_else(accounts::missing)?;
        }
        let row = db::users::set_verified(tx, user.org_id, user.id, &mailed.email).await?;
        user = row.ok_or_else(accounts::missing)?;
    }
    welcome(core, tx, invitation.team(), &user, Welcome::Into(invitation.channels())).await?;
    Ok(user)
}

/// Writes the audit entry of a new account, with the invitation that it came by.
pub(super) async fn note(
    tx: &mut Tx,
    user: &User,
    invitation: Option<&Invitation>,
    client: &Client,
) -> Result<()> {
    let extra = invitation.map_or_else(|| "by themselves".to_owned(), Invitation::words);
    let entry = Entry { user: user.id, session: None, action: ACCOUNT, extra: &extra, client };
    audits::write(tx, user.org_id, entry).await
}

/// Makes the caller a member of the team of an invitation.
pub async fn by_invitation(core: &Core, caller: &Caller, key: Key<'_>) -> Result<TeamMember> {
    let mut tx = core.begin().await?;
    let invitation = find(core, &mut tx, caller.role_set(), caller.org, key).await?;
    let mut user = held(&mut tx, caller, caller.id).await?;
    check_kind(&invitation, &user)?;
    invitation.check_address(&user.email)?;
    invitation.use_up(&mut tx).await?;
    if let Invitation::Mailed(_, mailed) = &invitation
        && !user.email_verified
    {
        user = login::prove(&mut tx, caller.org, user.id, &mailed.email).await?;
    }
    audits::note(&mut tx, caller, JOIN, invitation.team().id, &invitation.words()).await?;
    let how = Welcome::Into(invitation.channels());
    let member = welcome(core, &mut tx, invitation.team(), &user, how).await?;
    tx.commit().await?;
    Ok(member)
}

/// Fails unless a guest uses a guest invitation, or a user another one: a guest invitation gives less than a member
/// has.
fn check_kind(invitation: &Invitation, user: &User) -> Result<()> {
    let is_guest = accounts::is_guest(&user.roles);
    match invitation {
        Invitation::Open(_) if is_guest => Err(Error::forbidden()),
        Invitation::Mailed(_, mailed) if mailed.guest != is_guest => Err(Error::invalid(
            "api.user.create_user.invalid_invitation_type.app_error",
            "This invitation is for another kind of account: one for guests makes no member, and the other way round.",
        )),
        Invitation::Open(_) | Invitation::Mailed(..) => Ok(()),
    }
}
