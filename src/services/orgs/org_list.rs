//! Reading organisations.

use super::power::{DeploymentAuthority, OrgAuthority};
use crate::db;
use crate::db::orgs::{Counts, Housed};
use crate::error::Result;
use crate::services::orgs::Core;
use crate::services::platform::addresses::SignUp;
use crate::wire::{OrgId, Organization, OrganizationCounts, OrganizationPage, OrganizationUsage};

/// The organisation `org`.
pub async fn get(core: &Core, _say: OrgAuthority<'_>, org: OrgId) -> Result<Organization> {
    let found = db::orgs::find(&mut *core.read().await?, org).await?;
    Ok(shape(core, found.ok_or_else(super::missing)?))
}

/// The organisation with the slug `slug`.
pub async fn by_slug(core: &Core, _power: DeploymentAuthority<'_>, slug: &str) -> Result<Organization> {
    let found = db::orgs::by_slug(&mut *core.read().await?, slug).await?;
    Ok(shape(core, found.ok_or_else(super::missing)?))
}

/// Lists a page of all organisations by slug, each with its counts.
pub async fn list(
    core: &Core,
    _power: DeploymentAuthority<'_>,
    offset: i64,
    limit: i64,
) -> Result<OrganizationPage> {
    let mut conn = core.read().await?;
    let total_count = db::orgs::count(&mut conn).await?;
    let rows = db::orgs::page(&mut conn, offset, limit).await?;
    let ids: Vec<OrgId> = rows.iter().map(|(row, _)| row.id).collect();
    let counts = db::orgs::counts(&mut conn, &ids).await?;
    let with_counts = |row: Housed| {
        let counts = counts.iter().find(|c| c.id == row.0.id).map(shape_counts);
        Organization { counts, ..shape(core, row) }
    };
    Ok(OrganizationPage { organizations: rows.into_iter().map(with_counts).collect(), total_count })
}

/// The resources that an organisation uses, and its limits.
pub async fn usage(core: &Core, _say: OrgAuthority<'_>, org: OrgId) -> Result<OrganizationUsage> {
    let mut conn = core.read().await?;
    let (row, _) = db::orgs::find(&mut conn, org).await?.ok_or_else(super::missing)?;
    let counts = db::orgs::counts(&mut conn, &[org]).await?;
    let counts = counts.first().map(shape_counts).ok_or_else(super::missing)?;
    let contents = db::orgs::contents(&mut conn, org).await?;
    Ok(OrganizationUsage {
        id: org,
        counts,
        post_count: contents.posts,
        file_count: contents.files,
        storage_bytes: contents.bytes,
        max_users: row.max_users,
        max_storage_bytes: row.max_bytes,
    })
}

/// The organisation in the API's form.
pub(crate) fn shape(core: &Core, housed: Housed) -> Organization {
    let domains = housed.1.clone();
    let org = core.addresses.shape(housed);
    Organization {
        id: org.id,
        create_at: org.row.create_at,
        update_at: org.row.update_at,
        suspended_at: org.row.suspended_at,
        slug: org.slug,
        name: org.name,
        url: org.url,
        is_default: org.is_default,
        domains,
        sign_up_policy: org.sign_up.name(),
        sign_up_note: sign_up_note(core, org.sign_up),
        email_domains: org.row.email_domains,
        max_users: org.row.max_users,
        max_storage_bytes: org.row.max_bytes,
        max_file_bytes: org.row.max_file_bytes,
        retention_days: org.row.retention_days,
        enforce_second_factor: org.row.enforce_second_factor,
        counts: None,
        setup_secret: None,
        setup_link: None,
    }
}

/// A warning for whoever sets the sign-up policy, if it cannot work as configured.
fn sign_up_note(core: &Core, policy: SignUp) -> &'static str {
    if policy == SignUp::Domain && core.settings.smtp.host.is_empty() { UNPROVABLE } else { "" }
}

const UNPROVABLE: &str = "No mail server is configured, so nobody can prove their address by mail: whoever signs up with \
    a password cannot log in before an administrator verifies their address. Single sign-on is not concerned.";

fn shape_counts(counts: &Counts) -> OrganizationCounts {
    OrganizationCounts { user_count: counts.users, team_count: counts.teams, channel_count: counts.channels }
}
