//! Logging in at a provider (OpenID Connect). Here are the beginning and the end of a sign-in, and changing between it and
//! a password; what is proven by whom is in `credentials::openid`, whose account an identity is in `account`.

mod account;
mod flow;
mod switch;

use super::login::{self, LoggedIn};
use crate::db;
use crate::error::{Error, Kind, Result};
use crate::services::audits::{self, Client};
use crate::services::core::Core;
use crate::services::credentials::Provider;
use crate::services::mail;
use crate::wire::{Millis, OrgId};
use flow::{Flow, Link, opened};

pub use flow::Back;
pub use switch::{Switch, switch};

/// What accounts that log in so are marked with.
pub(super) const SERVICE: &str = "openid";

const ACTION: &str = "/signup/openid/complete";

/// Characters of what a browser brings back.
const MAX_BROUGHT: usize = 4096;

/// A sign-in that began.
#[derive(Debug)]
pub struct Begun {
    /// Where the provider asks who they are.
    pub url: String,
    /// What the browser keeps until it comes back.
    pub kept: String,
    /// For how long, in seconds.
    pub seconds: i64,
}

/// What a browser comes back with.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the words of the standard")]
pub struct Returned {
    pub kept: String,
    pub state: String,
    pub code: String,
}

/// A sign-in that ended well.
#[derive(Debug)]
pub struct Completed {
    /// The session.
    pub begun: LoggedIn,
    /// Where to go.
    pub back: Back,
    /// The address of the house, to which that belongs.
    pub house: String,
}

/// Begins a sign-in, after which the browser goes to `back`. With `link`, the account that [`switch`] named signs in so
/// from then on.
pub async fn begin(core: &Core, org: OrgId, back: Back, link: Option<&str>) -> Result<Begun> {
    let provider = provider(core)?;
    let now = now(core).await?;
    let link = match link {
        Some(text) => Some(linked(core, org, text, now).ok_or_else(stale)?),
        None => None,
    };
    let (url, proofs) = provider.begin(&redirect(&house(core, org).await?)).await?;
    let user = link.map(|link| link.user);
    let kept = Flow::new(org, proofs, back, user, now).seal(core)?;
    Ok(Begun { url, kept, seconds: flow::LASTS / 1000 })
}

/// Ends a sign-in: a session for whoever came back.
pub async fn complete(core: &Core, org: OrgId, returned: Returned, client: &Client) -> Result<Completed> {
    let provider = provider(core)?;
    if returned.code.len() > MAX_BROUGHT || returned.kept.len() > MAX_BROUGHT {
        return Err(stale());
    }
    let now = now(core).await?;
    let flow = Flow::open(core, &returned.kept, &returned.state, now).filter(|flow| flow.org == org);
    let flow = flow.ok_or_else(stale)?;
    let house = house(core, org).await?;
    let who = match provider.finish(&redirect(&house), returned.code, &flow.proofs).await {
        Ok(who) => who,
        Err(error) => {
            note_failure(core, org, client).await?;
            return Err(error);
        }
    };
    let row = match flow.link {
        Some(user) => account::link(core, org, user, &who, client).await?,
        None => account::find(core, org, &who, client).await?,
    };
    login::admissible(core, &row)?;
    let begun = login::begin(core, &row, None, String::new(), client).await?;
    Ok(Completed { begun, back: flow.back, house })
}

fn linked(core: &Core, org: OrgId, text: &str, now: Millis) -> Option<Link> {
    let link: Link = opened(core, text)?;
    (link.org == org && now < link.ends_at).then_some(link)
}

/// The address of an organisation, without a slash at the end.
async fn house(core: &Core, org: OrgId) -> Result<String> {
    Ok(mail::sender(core, &mut *core.read().await?, org).await?.url)
}

/// Where the provider sends people back to.
fn redirect(house: &str) -> String {
    format!("{house}{ACTION}")
}

fn provider(core: &Core) -> Result<&Provider> {
    core.openid.as_ref().ok_or_else(|| {
        let message = "Single sign-on is not configured here.";
        Error::new(Kind::NotBuilt, "api.user.login_by_oauth.not_available.app_error", message)
    })
}

async fn now(core: &Core) -> Result<Millis> {
    Ok(db::jobs::now(&mut *core.read().await?).await?)
}

async fn note_failure(core: &Core, org: OrgId, client: &Client) -> Result<()> {
    let mut tx = core.begin().await?;
    audits::stranger(&mut tx, org, ACTION, client).await?;
    tx.commit().await
}

fn stale() -> Error {
    Error::invalid(
        "api.user.authorize_oauth_user.invalid_state.app_error",
        "This sign-in took too long, or was begun in another browser. Please begin again.",
    )
}
