//! Organisations: whose house it is. One is made at the first start, and its first account administrates it and looks
//! after the deployment. Operators make more, bound, suspend and delete them; an administrator sees to what is theirs
//! in their own. How a request finds its organisation is in `addresses`; who may sign up is held in `users`.

mod change;
mod create;
mod people;
mod power;
mod read;
mod removal;
mod rules;
mod state;

pub use change::{Patch, patch};
pub use create::{FirstAdmin, New, create};
pub use people::{add_operator, admins, make_admin, members, operators, remove_operator, unmake_admin};
pub use power::{DeploymentAuthority, OrgAuthority, say};
pub use read::{by_slug, get, list, usage};
pub use removal::remove_part;
pub use state::{delete, resume, suspend};

use crate::db::{self, Pool};
use crate::error::{Error, Result};
use crate::wire::OrgId;

/// The name in addresses of the organisation that answers where no address leads elsewhere.
pub const DEFAULT: &str = "default";

/// The organisation that answers at the root, made if it is not there.
pub async fn default(pool: &Pool) -> Result<OrgId> {
    let mut conn = pool.get().await?;
    Ok(db::orgs::ensure(&mut conn, DEFAULT).await?)
}

fn missing() -> Error {
    Error::not_found("api.organization.not_found.app_error", "There is no such organization.")
}
