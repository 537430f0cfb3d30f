//! Switching an account's login from a password to the provider, and back.

use serde::{Deserialize, Serialize};

use super::flow::{LASTS, LinkProof, sealed};
use super::{house, now, provider};
use crate::db;
use crate::error::{Error, Kind, Result};
use crate::services::auth::accounts::{self, rules::OPENID};
use crate::services::auth::audits::{self, Client};
use crate::services::auth::credentials::PlainPassword;
use crate::services::auth::login::{self, Credentials, end_others, notice};
use crate::services::auth::{Caller, Core};
use crate::wire::OrgId;

const ACTION: &str = "/api/v4/users/login/switch";

/// A request to switch: both services, the proof for the current one, and what the new one needs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the protocol's own fields")]
pub struct Switch {
    pub current_service: String,
    pub new_service: String,
    pub email: String,
    pub password: String,
    pub mfa_code: String,
    pub new_password: String,
}

/// The next page for the client.
#[derive(Debug, Serialize)]
pub struct Followed {
    /// An address on this server.
    pub follow_link: String,
}

/// The outcome of a switch.
#[derive(Debug)]
pub struct Switched {
    /// The response body.
    pub followed: Followed,
    /// The sealed proof of which account is to be linked, which the browser keeps. It is not part of the address: with
    /// it, whoever is handed the link could attach their own identity to somebody else's account.
    pub link: Option<String>,
}

/// Switches the login of an account. From a password: the client is sent to the provider, and the switch is done when
/// it comes back. To a password: the caller's own account, at once.
pub async fn switch(
    core: &Core,
    org: OrgId,
    caller: Option<&Caller>,
    asked: Switch,
    client: Client,
) -> Result<Switched> {
    match (asked.current_service.as_str(), asked.new_service.as_str()) {
        ("email", OPENID) => to_provider(core, org, asked, client).await,
        (OPENID, "email") => to_password(core, caller, asked, &client).await,
        _ => Err(Error::new(
            Kind::NotBuilt,
            "api.user.switch_account_type.unknown.app_error",
            "Accounts can be switched between email and openid.",
        )),
    }
}

async fn to_provider(core: &Core, org: OrgId, asked: Switch, client: Client) -> Result<Switched> {
    provider(core)?;
    let credentials = Credentials {
        login_id: asked.email,
        password: asked.password,
        token: asked.mfa_code,
        ..Credentials::default()
    };
    let row = login::prove_password(core, org, credentials, client).await?;
    let link = LinkProof { org, user: row.id, ends_at: now(core).await? + LASTS };
    let house = house(core, org).await?;
    let followed = Followed { follow_link: format!("{house}/oauth/openid/login?link=kept") };
    Ok(Switched { followed, link: Some(sealed(core, &link)?) })
}

async fn to_password(
    core: &Core,
    caller: Option<&Caller>,
    asked: Switch,
    client: &Client,
) -> Result<Switched> {
    let caller = caller.ok_or_else(Error::unauthenticated)?;
    let password = PlainPassword::new(asked.new_password, &core.settings.password)?;
    let hash = core.passwords.hash(core.passwords.admit(client.requester())?, password).await?;
    let mut tx = core.begin().await?;
    let row = db::users::set_own(&mut tx, caller.org, caller.id, OPENID, &hash).await?;
    let row = row.ok_or_else(|| Error::body("current_service"))?;
    accounts::tell(&mut tx, &row).await?;
    let ended = end_others(&mut tx, row.id, caller.session).await?;
    let happened = "Your account now logs in with a password, and no longer with single sign-on.";
    notice(core, &mut tx, &row, "Your way of logging in was changed", happened).await?;
    audits::by_caller(&mut tx, caller, (row.id, ACTION), "", client).await?;
    tx.commit().await?;
    core.sessions.revoke(&ended).await;
    let house = house(core, caller.org).await?;
    let followed = Followed { follow_link: format!("{house}/login?extra=signin_change") };
    Ok(Switched { followed, link: None })
}
