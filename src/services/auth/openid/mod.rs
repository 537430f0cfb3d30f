//! Single sign-on at a provider (OpenID Connect). This module begins and ends a sign-in and switches between it and a
//! password. `credentials::openid` verifies identities, `account` finds the account of one, and
//! `membership::provider` makes new accounts, since people may come with an invitation.

mod account;
mod flow;
mod switch;

use crate::db;
use crate::db::users::User as Row;
use crate::error::{Error, Kind, Result};
use crate::services::auth::audits::{self, Client};
use crate::services::auth::credentials::Provider;
use crate::services::auth::login::{self, LoggedIn};
use crate::services::auth::{Caller, Core};
use crate::services::platform::mail;
use crate::wire::{Millis, OrgId, UserId};
use flow::{Flow, LinkProof, opened};

pub(crate) use account::{Newcomer, Who, closed, taken};
pub use flow::{Back, Brought, Going};
pub use switch::{Switch, Switched, switch};

const ACTION: &str = "/signup/openid/complete";

/// Bytes at most of each value that a browser brings back.
const MAX_BROUGHT: usize = 4096;

/// A sign-in that has begun.
#[derive(Debug)]
pub struct Begun {
    /// The address of the provider's login page.
    pub url: String,
    /// The sealed state for the browser to keep, for [`SECONDS`].
    pub kept: String,
}

/// The lifetime of the state that a browser keeps of a sign-in, in seconds.
pub const SECONDS: i64 = flow::LASTS / 1000;

/// The state that the browser kept, and what the provider sent it back with.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the words of the standard")]
pub struct Returned {
    pub kept: String,
    pub state: String,
    pub code: String,
}

/// The rest of a sign-in, once the person came back from the provider.
#[derive(Debug)]
pub(crate) struct Onward {
    going: Going,
    house: String,
}

/// A sign-in that succeeded.
#[derive(Debug)]
pub struct Completed {
    /// The session.
    pub begun: LoggedIn,
    /// The destination.
    pub back: Back,
    /// The address of the organisation to which the destination belongs.
    pub house: String,
}

/// Begins a sign-in.
pub async fn begin(core: &Core, org: OrgId, going: Going) -> Result<Begun> {
    set_out(core, org, going, None).await
}

/// Begins a sign-in that links the account named by [`switch`] to the identity. `link` is what the browser kept of
/// that; it is refused in another browser, or if another account is logged in here.
pub async fn begin_link(
    core: &Core,
    org: OrgId,
    going: Going,
    link: &str,
    caller: Option<&Caller>,
) -> Result<Begun> {
    provider(core)?;
    let linked = linked(core, org, link, now(core).await?);
    let linked = linked.filter(|link| caller.is_none_or(|caller| caller.id == link.user));
    set_out(core, org, going, Some(linked.ok_or_else(stale)?.user)).await
}

async fn set_out(core: &Core, org: OrgId, going: Going, link: Option<UserId>) -> Result<Begun> {
    let provider = provider(core)?;
    let now = now(core).await?;
    let (url, proofs) = provider.begin(&redirect(&house(core, org).await?)).await?;
    let kept = Flow::new(org, proofs, going, link, now).seal(core)?;
    Ok(Begun { url, kept })
}

/// Finds the person who came back from the provider, and the rest of their sign-in.
pub(crate) async fn arrive(
    core: &Core,
    org: OrgId,
    returned: Returned,
    client: &Client,
) -> Result<(Who, Onward)> {
    let provider = provider(core)?;
    if returned.code.len() > MAX_BROUGHT || returned.kept.len() > MAX_BROUGHT {
        return Err(stale());
    }
    let now = now(core).await?;
    let flow = Flow::open(core, &returned.kept, &returned.state, now).filter(|flow| flow.org == org);
    let flow = flow.ok_or_else(stale)?;
    let house = house(core, org).await?;
    let who = provider.finish(&redirect(&house), returned.code, &flow.proofs).await;
    let who = unless_let_in(core, org, client, who).await?;
    let whose = match flow.link {
        Some(user) => account::link(core, org, user, &who, client).await.map(|row| Who::Known(Box::new(row))),
        None => account::find(core, org, &who, client).await,
    };
    let who = unless_let_in(core, org, client, whose).await?;
    Ok((who, Onward { going: Going { back: flow.back, brought: flow.brought }, house }))
}

impl Onward {
    /// The invitation that the sign-in carries along.
    pub(crate) fn brought(&self) -> Option<&Brought> {
        self.going.brought.as_ref()
    }

    /// Goes on to the invitation's page: a person with an account accepts it there, like everybody who is logged in.
    pub(crate) fn via_invitation(mut self) -> Self {
        if let (Back::Page(_), Some(brought)) = (&self.going.back, &self.going.brought) {
            self.going.back = brought.page();
        }
        self
    }

    /// Begins a session.
    pub(crate) async fn let_in(self, core: &Core, row: &Row, client: &Client) -> Result<Completed> {
        unless_let_in(core, row.org_id, client, login::admissible(core, row)).await?;
        let begun = login::begin(core, row, None, String::new(), client).await?;
        Ok(Completed { begun, back: self.going.back, house: self.house })
    }
}

fn linked(core: &Core, org: OrgId, text: &str, now: Millis) -> Option<LinkProof> {
    let link: LinkProof = opened(core, text)?;
    (link.org == org && now < link.ends_at).then_some(link)
}

/// The address of an organisation, without a slash at the end.
async fn house(core: &Core, org: OrgId) -> Result<String> {
    Ok(mail::sender(core, &mut *core.read().await?, org).await?.url)
}

/// The address to which the provider sends people back.
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
    Ok(db::clock::now(&mut *core.read().await?).await?)
}

/// Passes on the outcome of a part of a sign-in; a failure is written to the audit log first.
pub(crate) async fn unless_let_in<T>(
    core: &Core,
    org: OrgId,
    client: &Client,
    outcome: Result<T>,
) -> Result<T> {
    if outcome.is_err() {
        let mut tx = core.begin().await?;
        audits::stranger(&mut tx, org, ACTION, client).await?;
        tx.commit().await?;
    }
    outcome
}

fn stale() -> Error {
    Error::invalid(
        "api.user.authorize_oauth_user.invalid_state.app_error",
        "This sign-in took too long, or was begun in another browser. Please begin again.",
    )
}
