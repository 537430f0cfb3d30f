//! Organisations: whose house it is. One is made at the first start, and its first account administrates it.

use crate::db::{self, Pool};
use crate::error::Result;
use crate::wire::OrgId;

/// The name in addresses of the organisation that answers where no address leads elsewhere.
pub const DEFAULT: &str = "default";

/// The organisation that answers at the root, made if it is not there.
pub async fn default(pool: &Pool) -> Result<OrgId> {
    let mut conn = pool.get().await?;
    Ok(db::orgs::ensure(&mut conn, DEFAULT).await?)
}
