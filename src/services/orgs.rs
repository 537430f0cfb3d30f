//! Organisations: whose house it is. One for now, made at the first start, whose first account administrates it.

use crate::db::{self, Pool};
use crate::error::Result;
use crate::wire::OrgId;

/// The organisation that answers at the root, made if it is not there.
pub async fn default(pool: &Pool) -> Result<OrgId> {
    let mut conn = pool.get().await?;
    Ok(db::orgs::ensure(&mut conn, "default", "rustchat").await?)
}
