//! Changing the permissions of a role. A change applies at once to everybody who has the role. Nobody can grant a
//! permission that they do not have, or take permissions from administrators.

use serde::Deserialize;

use super::role_list::{find, told};
use crate::db;
use crate::error::{Error, Result};
use crate::services::auth::audits::{self, Subject};
use crate::services::auth::permissions::{self, Permission, Permissions, RoleInForce};
use crate::services::auth::{Caller, Core, Permit, accounts};
use crate::services::platform::Tx;
use crate::wire::{Event, Role, id as wire_id};

/// Permissions in a request at most.
const MAX_PERMISSIONS: usize = 1000;

/// The changes to a role.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RolePatch {
    /// The complete new list of permissions; unchanged if absent.
    pub permissions: Option<Vec<String>>,
}

/// Sets the permissions of the role `id`.
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
    // Bots of owners who lost a permission lose it, too.
    let reached = accounts::bound_all_owned(&mut tx, caller.org, caller).await?;
    tx.commit().await?;
    core.role_sets.changed();
    reached.announce(core).await;
    Ok(role)
}

/// Checks that the caller may change the role: team and channel roles take another permission than system roles.
fn may_change(caller: &Caller, role: &RoleInForce) -> Result<Permit> {
    let needed =
        if role.base.scheme_managed { Permission::WritePermissions } else { Permission::WriteSystemRoles };
    caller.permit(needed)
}

/// Validates the names of permissions: the role may hold them and the caller may grant them.
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

/// Stores the difference from the built-in role, and tells everybody in the organisation.
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
