//! Changing what a role permits. It holds for everybody who has the role, at once; nobody gives what they do not have,
//! and nobody takes from administrators what makes them that.

use serde::Deserialize;

use super::read::{find, told};
use crate::db;
use crate::error::{Error, Result};
use crate::services::audits::{self, Subject};
use crate::services::auth::{Caller, Permit};
use crate::services::core::{Core, Tx};
use crate::services::permissions::{self, Permission, Permissions, RoleInForce};
use crate::services::users;
use crate::wire::{Event, Role, id as wire_id};

/// Permissions that a list may name.
const MAX_PERMISSIONS: usize = 1000;

/// What of a role is to change.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RolePatch {
    /// All that it is to permit; what is absent stays.
    pub permissions: Option<Vec<String>>,
}

/// Makes the role `id` permit what the patch says.
pub async fn patch(core: &Core, caller: &Caller, id: &str, patch: RolePatch) -> Result<Role> {
    let role = find(caller, id)?;
    let permit = may_change(caller, role)?;
    let Some(names) = patch.permissions else { return Ok(told(role, role.permissions)) };
    let wanted = checked(caller, role, &names)?;
    if wanted == role.permissions {
        return Ok(told(role, wanted));
    }
    let mut tx = core.begin().await?;
    let role = write(&mut tx, caller, permit, (role, wanted)).await?;
    let subject = wire_id::decode(&role.id).map_or_else(|_| Subject::none(), |id| Subject::of("role", id));
    audits::note(&mut tx, caller, "/api/v4/roles/patch", subject, &role.name).await?;
    // Who lost something by it owns nothing any more that has it still.
    let reached = users::bound_all_owned(&mut tx, caller.org, caller).await?;
    tx.commit().await?;
    core.role_sets.changed();
    reached.announce(core).await;
    Ok(role)
}

/// The roles of members need one permission, those of managers another.
fn may_change(caller: &Caller, role: &RoleInForce) -> Result<Permit> {
    let needed =
        if role.base.scheme_managed { Permission::WritePermissions } else { Permission::WriteSystemRoles };
    caller.permit(needed)
}

/// The permissions of that name, if the role may hold them and the caller may give them.
fn checked(caller: &Caller, role: &RoleInForce, names: &[String]) -> Result<Permissions> {
    if names.len() > MAX_PERMISSIONS || !names.iter().all(|n| Permission::named(n).is_some()) {
        return Err(Error::body("permissions"));
    }
    let wanted = Permissions::known(names);
    let new = wanted.difference(role.permissions);
    if !new.iter().all(|p| role.may_hold(p)) {
        return Err(Error::body("permissions"));
    }
    if role.base.name == permissions::ADMIN && wanted != Permissions::all() {
        return Err(Error::invalid(
            "api.roles.patch_roles.not_allowed_permission.error",
            "Administrators of the organisation have every permission, and keep it.",
        ));
    }
    if caller.permissions().covers(new) { Ok(wanted) } else { Err(Error::forbidden()) }
}

/// Keeps in what the role differs from the built-in one, and tells everybody of the organisation.
async fn write(
    tx: &mut Tx,
    caller: &Caller,
    _: Permit,
    (role, wanted): (&RoleInForce, Permissions),
) -> Result<Role> {
    let base = role.base.permissions();
    let (granted, withdrawn) = (wanted.difference(base).names(), base.difference(wanted).names());
    let key = (caller.org, role.name.as_str());
    let row = db::role_changes::put(tx, key, role.scheme, &granted, &withdrawn).await?;
    let role = Role { update_at: row.update_at, ..told(role, wanted) };
    tx.emit(Event::RoleUpdated { org_id: caller.org, role: role.clone() });
    Ok(role)
}
