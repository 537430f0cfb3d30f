//! The longest validity of a token, if the settings limit it. Bots' tokens may be valid for ever: nobody renews them.

use super::sessions::end;
use super::{Holder, Overseer, overseer};
use crate::db;
use crate::error::{Error, Result};
use crate::services::auth::audits::{self, Subject};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, Core};
use crate::wire::Millis;

const DAY: Millis = 24 * 60 * 60 * 1000;

/// Tokens that one request counts or revokes at most.
const AT_ONCE: i64 = 10_000;

/// The longest validity of a person's token, in milliseconds; `None` if it is not limited.
fn bound(core: &Core) -> Option<Millis> {
    let days = core.settings.auth.access_token_days;
    (days > 0).then(|| Millis::from(days) * DAY)
}

/// Fails unless a token of `holder` may end at `expires_at` (0: never), as of `now`.
pub(super) fn check(core: &Core, holder: &Holder, expires_at: Millis, now: Millis) -> Result<()> {
    if expires_at != 0 && expires_at <= now {
        return Err(Error::body("expires_at"));
    }
    let Some(bound) = bound(core).filter(|_| !holder.is_bot) else { return Ok(()) };
    if expires_at == 0 || expires_at > now + bound {
        return Err(Error::invalid(
            "app.user_access_token.expires_at.too_late.app_error",
            format!("A personal access token must expire within {} days: see expires_at.", bound / DAY),
        ));
    }
    Ok(())
}

/// Counts people's active tokens that are valid for longer than the settings allow, among those the caller may manage.
pub async fn count_non_compliant(core: &Core, caller: &Caller) -> Result<usize> {
    let Overseer { org, above } = overseer(caller, Permission::ReadUserAccessToken)?;
    let Some(bound) = bound(core) else { return Ok(0) };
    let mut conn = core.read().await?;
    let rows = db::access_tokens::outlasting(&mut conn, org, &above, bound, AT_ONCE).await?;
    Ok(rows.len())
}

/// Revokes the tokens that [`count_non_compliant`] counts; returns how many.
pub async fn revoke_non_compliant(core: &Core, caller: &Caller) -> Result<usize> {
    let Overseer { org, above } = overseer(caller, Permission::RevokeUserAccessToken)?;
    let Some(bound) = bound(core) else {
        return Err(Error::invalid(
            "api.user.revoke_non_compliant_tokens.no_limit.app_error",
            "There is no bound on the life of tokens.",
        ));
    };
    let mut tx = core.begin().await?;
    let rows = db::access_tokens::outlasting(&mut tx, org, &above, bound, AT_ONCE).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let ended = end(&mut tx, &ids).await?;
    db::access_tokens::delete(&mut tx, &ids).await?;
    let how_many = format!("tokens={}", ids.len());
    audits::note(&mut tx, caller, "/api/v4/users/tokens/non_compliant/revoke", Subject::none(), &how_many)
        .await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    Ok(ids.len())
}
