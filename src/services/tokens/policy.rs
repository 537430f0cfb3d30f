//! How long a token may last, where the settings bound it. A bot's may last for ever: nobody is there to renew it.

use super::change::end;
use super::{Holder, Overseer, overseer};
use crate::db;
use crate::error::{Error, Result};
use crate::services::audits::{self, Subject};
use crate::services::auth::Caller;
use crate::services::core::Core;
use crate::services::permissions::Permission;
use crate::wire::Millis;

const DAY: Millis = 24 * 60 * 60 * 1000;

/// Tokens that one request revokes.
const AT_ONCE: i64 = 10_000;

/// The longest life of a person's token, in milliseconds; none where it is not bounded.
fn bound(core: &Core) -> Option<Millis> {
    let days = core.settings.auth.access_token_days;
    (days > 0).then(|| Millis::from(days) * DAY)
}

/// Refused unless a token of `holder` may end at `expires_at` (0: never), as of `now`.
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

/// How many active tokens of people last longer than the settings let new ones, among those that the caller may manage.
pub async fn count_non_compliant(core: &Core, caller: &Caller) -> Result<usize> {
    let Overseer { org, above } = overseer(caller, Permission::ReadUserAccessToken)?;
    let Some(bound) = bound(core) else { return Ok(0) };
    let mut conn = core.read().await?;
    let rows = db::access_tokens::outlasting(&mut conn, org, &above, bound, AT_ONCE).await?;
    Ok(rows.len())
}

/// Revokes them; how many they were.
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
