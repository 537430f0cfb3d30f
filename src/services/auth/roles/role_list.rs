//! Reading roles. Everybody may: clients show and hide features by them.

use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::auth::permissions::{Permission, Permissions, RoleInForce};
use crate::wire::Role;

/// Names in one request at most.
const MAX_NAMES: usize = 100;

/// All roles of the organisation, for callers who may read permissions.
pub fn all(caller: &Caller) -> Result<Vec<Role>> {
    caller.require(Permission::ReadPermissions)?;
    Ok(caller.role_set().roles().iter().map(shape).collect())
}

/// The roles with the names `names`; unknown ones are left out.
pub fn by_names(caller: &Caller, names: &[String]) -> Result<Vec<Role>> {
    let names: Vec<&str> = names.iter().map(|n| n.trim()).filter(|n| !n.is_empty()).collect();
    if !(1..=MAX_NAMES).contains(&names.len()) {
        return Err(Error::body("rolenames"));
    }
    let roles = caller.role_set().roles().iter();
    Ok(roles.filter(|role| names.contains(&role.name.as_str())).map(shape).collect())
}

/// The role with the name `name`.
pub fn by_name(caller: &Caller, name: &str) -> Result<Role> {
    caller.role_set().role(name).map(shape).ok_or_else(missing)
}

/// The role with the identifier `id`.
pub fn by_id(caller: &Caller, id: &str) -> Result<Role> {
    find(caller, id).map(shape)
}

/// The role in force with the identifier `id`.
pub(super) fn find<'a>(caller: &'a Caller, id: &str) -> Result<&'a RoleInForce> {
    caller.role_set().roles().iter().find(|role| role.id == id).ok_or_else(missing)
}

fn missing() -> Error {
    Error::not_found("app.role.get.app_error", "Unable to get role.")
}

/// A role in the protocol's form.
pub fn shape(role: &RoleInForce) -> Role {
    told(role, role.permissions)
}

/// A role in the protocol's form, with `permissions` as its permissions.
pub(super) fn told(role: &RoleInForce, permissions: Permissions) -> Role {
    Role {
        id: role.id.clone(),
        name: role.name.clone(),
        display_name: format!("authentication.roles.{}.name", key(role.base.name)),
        description: format!("authentication.roles.{}.description", key(role.base.name)),
        create_at: role.create_at,
        update_at: role.update_at,
        delete_at: 0,
        permissions: permissions.names(),
        scheme_managed: role.base.scheme_managed,
        built_in: role.scheme.is_none(),
        scheme_id: role.scheme,
    }
}

/// The part of a role's name in the protocol's translation keys, which call system roles global.
fn key(name: &str) -> String {
    name.replace("system_", "global_")
}
