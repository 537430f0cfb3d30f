//! Changing an organisation: operators may change everything, its administrators a part.

use serde::Deserialize;

use super::org_list::shape;
use super::power::{OrgAuthority, note_more};
use super::{DEFAULT, rules};
use crate::db::{self, Meaning, orgs::OrgChanges};
use crate::error::{Error, Result};
use crate::services::orgs::Core;
use crate::services::platform::Tx;
use crate::wire::{Event, OrgId, Organization};

/// The changes to an organisation; absent fields stay as they are.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of an organisation, described in its shape")]
pub struct Patch {
    pub slug: Option<String>,
    pub name: Option<String>,
    pub domains: Option<Vec<String>>,
    pub sign_up_policy: Option<String>,
    pub email_domains: Option<Vec<String>>,
    pub max_users: Option<i64>,
    pub max_storage_bytes: Option<i64>,
    pub max_file_bytes: Option<i64>,
    pub retention_days: Option<i32>,
    pub enforce_second_factor: Option<bool>,
}

/// The errors for a slug or a domain that another organisation has.
pub(crate) const TAKEN: &[Meaning<'static>] =
    &[("orgs_slug_key", slug_taken), ("org_domains_pkey", domain_taken)];

/// Changes an organisation. Only operators change addresses and limits.
pub async fn patch(core: &Core, say: OrgAuthority<'_>, org: OrgId, patch: Patch) -> Result<Organization> {
    let operators = patch.slug.is_some()
        || patch.domains.is_some()
        || patch.max_users.is_some()
        || patch.max_storage_bytes.is_some()
        || patch.max_file_bytes.is_some();
    if operators && matches!(say, OrgAuthority::Own(_)) {
        return Err(Error::forbidden());
    }
    let changes = checked(&patch)?;
    let domains = patch.domains.as_deref().map(|d| rules::domains(d, "domains")).transpose()?;
    let mut tx = core.begin().await?;
    let (before, _) = db::orgs::find(&mut tx, org).await?.ok_or_else(super::missing)?;
    if before.slug == DEFAULT && changes.slug.as_deref().is_some_and(|s| s != DEFAULT) {
        return Err(Error::body("slug"));
    }
    db::orgs::update(&mut tx, org, &changes).await.map_err(|e| db::translate(e, TAKEN))?;
    if let Some(domains) = domains {
        set_domains(&mut tx, org, &domains).await?;
    }
    note_more(&mut tx, say, org, "/api/v4/organizations/{org_id}/patch", &told(&changes)).await?;
    if changes.enforce_second_factor == Some(true) && !before.enforce_second_factor {
        // Connections end, so that the new rule holds for all: those with a second factor reconnect at once, those
        // without one are let in only to set one up, and receive no events.
        tx.emit(Event::OrgConnectionsEnded { org_id: org });
    }
    let changed = db::orgs::find(&mut tx, org).await?.ok_or_else(super::missing)?;
    tx.commit().await?;
    core.addresses.forget();
    core.sessions.refresh_all();
    Ok(shape(core, changed))
}

/// The text of the audit entry of a change: the parts that concern the safety of accounts.
fn told(changes: &OrgChanges) -> String {
    let policy = changes.enforce_second_factor.map(|on| format!("enforce_second_factor={on}"));
    policy.unwrap_or_default()
}

fn checked(patch: &Patch) -> Result<OrgChanges> {
    Ok(OrgChanges {
        slug: patch.slug.as_deref().map(rules::slug).transpose()?,
        name: patch.name.as_deref().map(rules::name).transpose()?,
        sign_up: patch.sign_up_policy.as_deref().map(rules::sign_up).transpose()?,
        email_domains: patch
            .email_domains
            .as_deref()
            .map(|d| rules::domains(d, "email_domains"))
            .transpose()?,
        max_users: patch.max_users.map(|n| rules::limit(n, "max_users")).transpose()?,
        max_bytes: patch.max_storage_bytes.map(|n| rules::limit(n, "max_storage_bytes")).transpose()?,
        max_file_bytes: patch.max_file_bytes.map(rules::file_size).transpose()?,
        retention_days: patch.retention_days.map(rules::days).transpose()?,
        enforce_second_factor: patch.enforce_second_factor,
    })
}

pub(crate) async fn set_domains(tx: &mut Tx, org: OrgId, domains: &[String]) -> Result<()> {
    db::orgs::set_domains(tx, org, domains).await.map_err(|e| db::translate(e, TAKEN))?;
    Ok(())
}

fn slug_taken() -> Error {
    Error::conflict("api.organization.slug_taken.app_error", "An organization with this slug exists already.")
}

fn domain_taken() -> Error {
    Error::conflict(
        "api.organization.domain_taken.app_error",
        "One of these domains leads to another organization already.",
    )
}
