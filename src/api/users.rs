//! Accounts.

use std::str::FromStr;

use actix_web::HttpRequest;
use serde::Deserialize;

use super::address::RequestOrg;
use super::error::Answer;
use super::extract::{self, AppCore, Body, Page, Params, PreMfaCaller, client};
use super::invitations;
use super::respond::{created, done, found, found_unless_known};
use crate::error::Error;
use crate::services::auth::{self, Caller, accounts, audits, login};
use crate::services::membership;
use crate::services::users::{self, Listing, NewUser};
use crate::wire::{PROTOCOL_VERSION, User};

/// Creates an account, by signing up or by an administrator; with `?iid=`, or `?t=` if it was mailed, into the team
/// that invites. An invitation does not open a closed server. The first account of an organisation needs its setup
/// secret (`setup_secret` in the body, or `?setup=`) where strangers can reach the server.
pub(super) async fn create(
    core: AppCore,
    home: RequestOrg,
    req: HttpRequest,
    query: Params,
    body: Body,
) -> Answer {
    let caller = extract::identify(&core, &req).await.ok();
    let mut new: NewUser = named(body.read(), "user")?;
    if let (true, Some(secret)) = (new.setup_secret.is_empty(), query.text("setup")) {
        secret.clone_into(&mut new.setup_secret);
    }
    let key = invitations::key(&query, "t", "iid");
    created(&membership::sign_up(&core, home.id, caller.as_ref(), new, key, &client(&req)).await?)
}

/// An account. Callers who lack the second factor that is demanded may see themselves only.
pub(super) async fn get(core: AppCore, PreMfaCaller(caller): PreMfaCaller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    let caller = if user == caller.id { caller } else { auth::admitted(&core, caller)? };
    one(&req, &users::get(&core, &caller, user).await?)
}

pub(super) async fn by_username(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    one(&req, &users::by_username(&core, &caller, &extract::part(&req, "username")).await?)
}

pub(super) async fn by_email(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    one(&req, &users::by_email(&core, &caller, &extract::part(&req, "email")).await?)
}

pub(super) async fn by_ids(core: AppCore, caller: Caller, params: Params, body: Body) -> Answer {
    let ids = ids_of(&body, "user_ids")?;
    found(&users::by_ids(&core, &caller, &ids, params.number("since").unwrap_or(0)).await?)
}

pub(super) async fn by_usernames(core: AppCore, caller: Caller, body: Body) -> Answer {
    let names: Vec<String> = body.read().ok().ok_or_else(|| Error::body("usernames"))?;
    found(&users::by_usernames(&core, &caller, &names).await?)
}

pub(super) async fn group_channels(core: AppCore, caller: Caller, body: Body) -> Answer {
    let ids = ids_of(&body, "group_channel_ids")?;
    found(&users::group_channels(&core, &caller, &ids).await?)
}

pub(super) async fn list(core: AppCore, caller: Caller, params: Params, page: Page) -> Answer {
    let asked = Listing {
        in_team: params.id("in_team")?,
        not_in_team: params.id("not_in_team")?,
        in_channel: params.id("in_channel")?,
        not_in_channel: params.id("not_in_channel")?,
        without_team: params.flag("without_team"),
        active: params.flag("active"),
        inactive: params.flag("inactive"),
        role: params.text("role").map(str::to_owned),
        sort: params.text("sort").map(str::to_owned),
    };
    found(&users::list(&core, &caller, asked, page.offset, page.limit).await?)
}

pub(super) async fn search(core: AppCore, caller: Caller, body: Body) -> Answer {
    found(&users::search(&core, &caller, body.read()?).await?)
}

pub(super) async fn autocomplete(core: AppCore, caller: Caller, params: Params) -> Answer {
    let (team, channel) = (params.id("in_team")?, params.id("in_channel")?);
    let name = params.text("name").unwrap_or_default();
    found(&users::autocomplete(&core, &caller, team, channel, name, params.number("limit")).await?)
}

pub(super) async fn stats(core: AppCore, caller: Caller) -> Answer {
    found(&users::stats(&core, &caller).await?)
}

pub(super) async fn known(core: AppCore, caller: Caller) -> Answer {
    found(&users::known(&core, &caller).await?)
}

pub(super) async fn patch(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&users::patch(&core, &caller, user, body.read()?, &client(&req)).await?)
}

pub(super) async fn replace(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&users::replace(&core, &caller, user, body.read()?, &client(&req)).await?)
}

pub(super) async fn change_password(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    login::change_password(&core, &caller, user, body.read()?, &client(&req)).await?;
    done()
}

#[derive(Deserialize)]
struct Roles {
    roles: String,
}

pub(super) async fn set_roles(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    let Roles { roles } = body.read()?;
    accounts::set_roles(&core, &caller, user, &roles, &client(&req)).await?;
    done()
}

#[derive(Deserialize)]
struct Active {
    active: bool,
}

pub(super) async fn set_active(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    let Active { active } = body.read()?;
    accounts::set_active(&core, &caller, user, active, &client(&req)).await?;
    done()
}

pub(super) async fn demote(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    membership::demote(&core, &caller, extract::user(&req, &caller)?).await?;
    done()
}

pub(super) async fn promote(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    membership::promote(&core, &caller, extract::user(&req, &caller)?).await?;
    done()
}

pub(super) async fn audits(core: AppCore, caller: Caller, req: HttpRequest, page: Page) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&audits::list(&core, &caller, user, page.offset, page.limit).await?)
}

/// One account, or 304 where the client has its current state. Its own view differs from that of others.
fn one(req: &HttpRequest, user: &User) -> Answer {
    let view = if user.notify_props.is_some() { "own" } else { "profile" };
    let etag = format!("{PROTOCOL_VERSION}.{}.{}.{view}", user.id, user.update_at);
    found_unless_known(req, &etag, user)
}

/// The identifiers that a body lists; `field` is their name in the error.
pub(super) fn ids_of<T: FromStr>(body: &Body, field: &str) -> Result<Vec<T>, Error> {
    let texts: Option<Vec<String>> = body.read().ok();
    let ids = texts.and_then(|list| list.iter().map(|text| text.parse().ok()).collect());
    ids.ok_or_else(|| Error::body(field))
}

/// Names the expected content in the error of a body that cannot be parsed at all.
fn named<T>(read: Result<T, Error>, what: &str) -> Result<T, Error> {
    read.map_err(|e| if e.message == Error::body("body").message { Error::body(what) } else { e })
}
