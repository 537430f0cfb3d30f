//! Creating, changing and removing schemes.

use serde::Deserialize;

use super::scheme_list::find;
use super::{missing, shape};
use crate::db::schemes::{MAX, Scheme as Row, SchemeChanges};
use crate::db::{self};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::auth::audits::{self, Subject};
use crate::services::auth::permissions::{Permission, SchemeRole, scheme_role};
use crate::services::channels::Core;
use crate::services::platform::Tx;
use crate::wire::{Scheme, SchemeId, SchemeScope, UnknownWord};

/// A scheme to be created.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields of the protocol's scheme")]
pub struct NewScheme {
    pub name: String,
    pub display_name: String,
    pub description: String,
    pub scope: String,
}

/// The changes to a scheme; absent fields stay as they are.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields of the protocol's scheme")]
pub struct SchemePatch {
    pub name: Option<String>,
    pub display_name: Option<String>,
    pub description: Option<String>,
}

/// Creates a scheme, whose roles have the present permissions of the organisation's roles.
pub async fn create(core: &Core, caller: &Caller, new: NewScheme) -> Result<Scheme> {
    let scope: SchemeScope = new.scope.parse().map_err(|UnknownWord(_)| Error::body("scope"))?;
    display_name(&new.display_name)?;
    description(&new.description)?;
    let id = SchemeId::new();
    let name = if new.name.is_empty() { id.to_string() } else { new.name };
    check_name(&name)?;
    caller.require(Permission::WritePermissions)?;
    let mut tx = core.begin().await?;
    if db::schemes::count(&mut tx, caller.org).await? >= MAX {
        return Err(Error::invalid(
            "app.scheme.save.too_many.app_error",
            format!("An organisation has at most {MAX} schemes."),
        ));
    }
    let (display_name, description) = (new.display_name.trim(), &new.description);
    let row =
        db::schemes::NewScheme { id, org_id: caller.org, name: &name, display_name, description, scope };
    let made = db::schemes::insert(&mut tx, &row).await;
    let row = made.map_err(|e| db::translate(e, &[("schemes_name_key", taken)]))?;
    copy_roles(&mut tx, caller, &row).await?;
    finish(core, tx, caller, "/api/v4/schemes", id).await?;
    Ok(shape(&row))
}

/// Copies the organisation's changes of its roles to the roles of the new scheme.
async fn copy_roles(tx: &mut Tx, caller: &Caller, scheme: &Row) -> Result<()> {
    for part in SchemeRole::of(scheme.scope) {
        let Some(role) = caller.role_set().role(part.name()) else { continue };
        let base = role.base.permissions();
        if role.permissions == base {
            continue;
        }
        let (granted, withdrawn) =
            (role.permissions.difference(base).names(), base.difference(role.permissions).names());
        let name = scheme_role(scheme.id, *part);
        db::role_changes::put(tx, (caller.org, &name), Some(scheme.id), &granted, &withdrawn).await?;
    }
    Ok(())
}

/// Changes the names and the description of a scheme.
pub async fn patch(core: &Core, caller: &Caller, id: SchemeId, patch: SchemePatch) -> Result<Scheme> {
    patch.name.as_deref().map_or(Ok(()), check_name)?;
    patch.display_name.as_deref().map_or(Ok(()), display_name)?;
    patch.description.as_deref().map_or(Ok(()), description)?;
    caller.require(Permission::WritePermissions)?;
    let changes =
        SchemeChanges { name: patch.name, display_name: patch.display_name, description: patch.description };
    let mut tx = core.begin().await?;
    find(&mut tx, caller, id).await?;
    let updated = db::schemes::update(&mut tx, caller.org, id, &changes).await;
    let row = updated.map_err(|e| db::translate(e, &[("schemes_name_key", taken)]))?.ok_or_else(missing)?;
    finish(core, tx, caller, "/api/v4/schemes/patch", id).await?;
    Ok(shape(&row))
}

/// Removes a scheme: the teams and channels under it use the organisation's own roles again.
pub async fn delete(core: &Core, caller: &Caller, id: SchemeId) -> Result<()> {
    caller.require(Permission::WritePermissions)?;
    let mut tx = core.begin().await?;
    if !db::schemes::delete(&mut tx, caller.org, id).await? {
        return Err(missing());
    }
    finish(core, tx, caller, "/api/v4/schemes/delete", id).await
}

async fn finish(core: &Core, mut tx: Tx, caller: &Caller, action: &'static str, id: SchemeId) -> Result<()> {
    audits::note(&mut tx, caller, action, Subject::of("scheme", id.0), "").await?;
    tx.commit().await?;
    core.role_sets.changed();
    Ok(())
}

fn check_name(name: &str) -> Result<()> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    if (1..=64).contains(&name.len()) && name.bytes().all(plain) { Ok(()) } else { Err(Error::body("name")) }
}

fn display_name(text: &str) -> Result<()> {
    let fits = !text.trim().is_empty() && text.chars().count() <= 128;
    if fits { Ok(()) } else { Err(Error::body("display_name")) }
}

fn description(text: &str) -> Result<()> {
    if text.chars().count() <= 1024 { Ok(()) } else { Err(Error::body("description")) }
}

fn taken() -> Error {
    Error::conflict("app.scheme.save.name_exists.app_error", "A scheme of that name exists already.")
}
