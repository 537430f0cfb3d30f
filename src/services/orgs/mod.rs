//! Organisations, the tenants of a deployment. One is made at the first start; its first account administrates it and
//! is an operator of the deployment. Operators create further ones, limit, suspend and delete them; administrators
//! manage their own. `addresses` finds the organisation of a request; `users` enforces who may sign up.

mod org_list;
mod org_settings;
mod people;
mod power;
mod removal;
pub(crate) mod rules;
mod state;

pub use crate::services::auth::Core;
pub(crate) use org_list::shape;
pub use org_list::{by_slug, get, list, usage};
pub use org_settings::{Patch, patch};
pub(crate) use org_settings::{TAKEN, set_domains};
pub use people::{add_operator, admins, make_admin, members, operators, remove_operator, unmake_admin};
pub(crate) use power::note;
pub use power::{DeploymentAuthority, OrgAuthority, say};
pub use removal::remove_part;
pub use state::{delete, resume, suspend};

use crate::db::{self, Pool};
use crate::error::{Error, Result};
use crate::wire::OrgId;

/// The slug of the organisation that answers requests whose address belongs to no other.
pub const DEFAULT: &str = "default";

/// The default organisation, which answers at the root; created if it does not exist.
pub async fn default(pool: &Pool) -> Result<OrgId> {
    let mut conn = pool.get().await?;
    Ok(db::orgs::ensure(&mut conn, DEFAULT).await?)
}

pub(crate) fn missing() -> Error {
    Error::not_found("api.organization.not_found.app_error", "There is no such organization.")
}
