//! The setup secret. The first account of an organisation becomes its administrator. Where strangers can reach the
//! server, making it therefore needs the organisation's secret, which the log of the first start shows, or which its
//! creator passes on. It is derived from the server's own secret: all nodes agree on it and none stores it.

use crate::db;
use crate::error::{Error, Kind, Result};
use crate::services::auth::Client;
use crate::services::platform::addresses::Org;
use crate::services::platform::keys::{Purpose, is_same};
use crate::services::users::Core;
use crate::wire::OrgId;

/// Characters of a derived secret.
const LENGTH: usize = 32;

/// Whether making a first account needs the secret: not if only its own machine can reach the server, without a proxy.
pub fn is_demanded(core: &Core) -> bool {
    core.settings.is_exposed()
}

/// Whether this client needs the secret. A proxy that the settings do not mention may forward strangers.
pub fn is_demanded_of(core: &Core, client: &Client) -> bool {
    client.is_handed_on || is_demanded(core)
}

/// The secret of an organisation; the settings may fix that of the default one.
pub fn secret(core: &Core, org: OrgId) -> String {
    let set = &core.settings.auth.setup_secret;
    if org == core.default_org && !set.is_empty() {
        return set.expose().to_owned();
    }
    let digest = core.keys.digest(Purpose::Setup, &org.to_string());
    let text: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    text.chars().take(LENGTH).collect()
}

/// The link to make the first account of an organisation, with its secret in the fragment, which no proxy sees.
/// `otherwise` is the address of the server if the settings do not name it.
pub fn link(core: &Core, org: &Org, otherwise: &str) -> String {
    let base = if org.url.is_empty() { format!("{otherwise}{}", org.path()) } else { org.url.clone() };
    format!("{base}/signup#setup={}", secret(core, org.id))
}

/// The link for the first account of the default organisation; `None` if it has an account already.
pub async fn first_link(core: &Core, address: &str) -> Result<Option<String>> {
    let mut conn = core.read().await?;
    if db::users::any(&mut conn, core.default_org).await? {
        return Ok(None);
    }
    let org = db::orgs::find(&mut conn, core.default_org).await?;
    Ok(org.map(|org| link(core, &core.addresses.shape(org), address)))
}

/// Fails unless `given` is the setup secret of the organisation.
pub(super) fn check(core: &Core, org: OrgId, given: &str) -> Result<()> {
    if is_same(secret(core, org).as_bytes(), given.trim().as_bytes()) { Ok(()) } else { Err(wanted()) }
}

pub(super) fn wanted() -> Error {
    Error::new(
        Kind::Forbidden,
        "api.user.create_user.setup_secret.app_error",
        "The first account is made with the setup secret (setup_secret), which the server's log tells at its start, or \
         whoever made this organization.",
    )
}
