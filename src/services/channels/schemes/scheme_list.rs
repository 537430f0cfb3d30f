//! Reading schemes, and the teams and channels under them.

use super::{missing, shape};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::services::auth::Caller;
use crate::services::auth::permissions::Permission;
use crate::services::channels::{self, Core};
use crate::services::teams::{self, TeamDetail};
use crate::wire::{Channel, PageRange, Scheme, SchemeId, SchemeScope, Team};

/// Lists a page of the schemes, newest first; only those of `scope` if it is given.
pub async fn list(
    core: &Core,
    caller: &Caller,
    scope: Option<SchemeScope>,
    page: PageRange,
) -> Result<Vec<Scheme>> {
    caller.require(Permission::ReadPermissions)?;
    let rows = db::schemes::of(&mut *core.read().await?, caller.org).await?;
    let (offset, limit) =
        (usize::try_from(page.offset).unwrap_or(0), usize::try_from(page.limit).unwrap_or(0));
    let wanted = rows.iter().filter(|row| scope.is_none_or(|s| row.scope == s));
    Ok(wanted.skip(offset).take(limit).map(shape).collect())
}

/// The scheme `id`.
pub async fn get(core: &Core, caller: &Caller, id: SchemeId) -> Result<Scheme> {
    caller.require(Permission::ReadPermissions)?;
    Ok(shape(&find(&mut *core.read().await?, caller, id).await?))
}

/// Lists a page of the teams under a scheme.
pub async fn teams_of(core: &Core, caller: &Caller, id: SchemeId, page: PageRange) -> Result<Vec<Team>> {
    caller.require(Permission::ReadPermissions)?;
    let mut conn = core.read().await?;
    scoped(&mut conn, caller, id, SchemeScope::Team).await?;
    let (shown, PageRange { offset, limit }) = (db::teams::TeamScope::Under(id), page);
    let rows = db::teams::list(&mut conn, caller.org, shown, "", offset, limit).await?;
    let sight = if caller.is_admin() { TeamDetail::Admin } else { TeamDetail::Inside };
    Ok(rows.into_iter().map(|row| teams::shape(row, sight)).collect())
}

/// Lists a page of the channels under a scheme of their own.
pub async fn channels_of(
    core: &Core,
    caller: &Caller,
    id: SchemeId,
    page: PageRange,
) -> Result<Vec<Channel>> {
    caller.require(Permission::ReadPermissions)?;
    let mut conn = core.read().await?;
    scoped(&mut conn, caller, id, SchemeScope::Channel).await?;
    let shown = db::channels::ChannelScope::Under(id);
    let filter = db::channels::ChannelFilter { shown, teams: None, archived: None, term: "" };
    let rows = db::channels::list(&mut conn, caller.org, &filter, page.offset, page.limit).await?;
    Ok(rows.into_iter().map(channels::shape).collect())
}

pub(super) async fn find(conn: &mut Conn, caller: &Caller, id: SchemeId) -> Result<db::schemes::Scheme> {
    db::schemes::find(conn, caller.org, id).await?.ok_or_else(missing)
}

/// Finds a scheme of the scope `scope`; one of the other scope is a bad parameter.
pub(super) async fn scoped(conn: &mut Conn, caller: &Caller, id: SchemeId, scope: SchemeScope) -> Result<()> {
    if find(conn, caller, id).await?.scope == scope { Ok(()) } else { Err(Error::param("scheme_id")) }
}
