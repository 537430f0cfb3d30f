//! Creating organisations, with the first account if one is given.

use serde::Deserialize;

use super::create::{NewUser, Way, insert, prepare};
use super::{Core, setup};
use crate::db::{self, orgs::OrgChanges};
use crate::error::Result;
use crate::services::auth::credentials::Requester;
use crate::services::orgs::{
    DeploymentAuthority, OrgAuthority, TAKEN, missing, note, rules, set_domains, shape,
};
use crate::wire::{OrgId, Organization};

/// An organisation to be created. Absent fields are taken from the settings and the defaults.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields of an organisation, described in its shape")]
pub struct NewOrg {
    pub slug: String,
    pub name: String,
    pub domains: Vec<String>,
    pub sign_up_policy: Option<String>,
    pub email_domains: Vec<String>,
    pub max_users: i64,
    pub max_storage_bytes: i64,
    pub max_file_bytes: i64,
    pub retention_days: i32,
    pub enforce_second_factor: bool,
    /// The first account, an administrator. Without it, the first person to sign up becomes the administrator.
    pub admin: Option<FirstAdmin>,
}

/// The first account of an organisation.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields of an account")]
pub struct FirstAdmin {
    pub username: String,
    pub email: String,
    pub password: String,
}

/// Creates an organisation together with its first administrator, if one is given. If none is, and strangers can reach
/// the server, the response holds the setup secret for the first account.
pub async fn create_org(core: &Core, power: DeploymentAuthority<'_>, new: NewOrg) -> Result<Organization> {
    let id = OrgId::new();
    let slug = rules::slug(&new.slug)?;
    let changes = OrgChanges {
        slug: None,
        name: Some(rules::name(&new.name)?),
        sign_up: new.sign_up_policy.as_deref().map(rules::sign_up).transpose()?,
        email_domains: Some(rules::domains(&new.email_domains, "email_domains")?),
        max_users: Some(rules::limit(new.max_users, "max_users")?),
        max_bytes: Some(rules::limit(new.max_storage_bytes, "max_storage_bytes")?),
        max_file_bytes: Some(rules::file_size(new.max_file_bytes)?),
        retention_days: Some(rules::days(new.retention_days)?),
        enforce_second_factor: Some(new.enforce_second_factor),
    };
    let domains = rules::domains(&new.domains, "domains")?;
    let admin = match new.admin {
        Some(admin) => Some(prepare(core, id, first(admin), core.passwords.admit(requester(power))?).await?),
        None => None,
    };
    let mut tx = core.begin().await?;
    db::orgs::insert(&mut tx, id, &slug).await.map_err(|e| db::translate(e, TAKEN))?;
    db::orgs::update(&mut tx, id, &changes).await?;
    set_domains(&mut tx, id, &domains).await?;
    let is_founded = admin.is_some();
    if let Some(admin) = admin {
        insert(core, &mut tx, &admin, Way::ByAdmin).await?;
    }
    note(&mut tx, OrgAuthority::All(power), id, "/api/v4/organizations", id).await?;
    let made = db::orgs::find(&mut tx, id).await?.ok_or_else(missing)?;
    tx.commit().await?;
    core.addresses.forget();
    if is_founded || !is_secret_demanded(core, power) {
        return Ok(shape(core, made));
    }
    let setup_link = setup::link(core, &core.addresses.shape(made.clone()), "");
    Ok(Organization {
        setup_secret: Some(setup::secret(core, id)),
        setup_link: Some(setup_link),
        ..shape(core, made)
    })
}

/// Whether the first account will need the setup secret, as far as can be told from where `power` acts.
fn is_secret_demanded(core: &Core, power: DeploymentAuthority<'_>) -> bool {
    match power {
        DeploymentAuthority::Operator(operator) => setup::is_demanded_of(core, operator.caller().client()),
        DeploymentAuthority::Console => setup::is_demanded(core),
    }
}

/// The requester of password hashes: an operator has a larger allowance, but still waits in the queue.
fn requester(power: DeploymentAuthority<'_>) -> Requester {
    match power {
        DeploymentAuthority::Operator(operator) => operator.caller().client().requester().trusted(),
        DeploymentAuthority::Console => Requester::CONSOLE,
    }
}

fn first(admin: FirstAdmin) -> NewUser {
    NewUser { username: admin.username, email: admin.email, password: admin.password, ..NewUser::default() }
}
