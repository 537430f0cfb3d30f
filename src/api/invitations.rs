//! Invitations to teams: sending them by mail, and joining with one.

use actix_web::HttpRequest;

use super::address::RequestOrg;
use super::error::Answer;
use super::extract::{self, AppCore, Body, Params, part};
use super::respond::{created, done, found};
use crate::error::{Error, Kind};
use crate::services::auth::Caller;
use crate::services::membership::{self, As, Invite, Key};

/// The body of a request: addresses alone, or with the channels and a message.
fn asked(body: &Body) -> Result<Invite, Error> {
    match body.read::<Vec<String>>() {
        Ok(emails) => Ok(Invite { emails, ..Invite::default() }),
        Err(_) => body.read(),
    }
}

pub(super) async fn members(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    params: Params,
    body: Body,
) -> Answer {
    mail(&core, &caller, &req, &params, (asked(&body), As::Members)).await
}

pub(super) async fn guests(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    params: Params,
    body: Body,
) -> Answer {
    if params.flag("guest_magic_link") {
        return Err(no_magic().into());
    }
    mail(&core, &caller, &req, &params, (body.read(), As::Guests)).await
}

async fn mail(
    core: &AppCore,
    caller: &Caller,
    req: &HttpRequest,
    params: &Params,
    (asked, kind): (Result<Invite, Error>, As),
) -> Answer {
    let (team, asked) = (extract::id(req)?, asked?);
    if params.flag("graceful") {
        return found(&membership::invite_gracefully(core, caller, team, &asked, kind).await?);
    }
    membership::invite(core, caller, team, &asked, kind).await?;
    done()
}

/// The error for guests without passwords, who are not supported.
fn no_magic() -> Error {
    Error::new(
        Kind::NotBuilt,
        "api.team.invite_guests_to_channels.guest_magic_link_disabled.error",
        "Guests log in with a password: there is no link that does without.",
    )
}

pub(super) async fn withdraw(core: AppCore, caller: Caller) -> Answer {
    membership::withdraw_invitations(&core, &caller).await?;
    done()
}

pub(super) async fn look_at(core: AppCore, home: RequestOrg, req: HttpRequest) -> Answer {
    found(&membership::look_at(&core, home.id, &part(&req, "invite_id")).await?)
}

pub(super) async fn join(core: AppCore, caller: Caller, params: Params) -> Answer {
    let key = key(&params, "token", "invite_id").ok_or_else(|| Error::param("invite_id"))?;
    created(&membership::by_invitation(&core, &caller, key).await?)
}

/// The invitation that a query names: a mailed token in the parameter `token`, or a team's own code in `code`.
pub(super) fn key<'a>(params: &'a Params, token: &str, code: &str) -> Option<Key<'a>> {
    params.text(token).map(Key::Token).or_else(|| params.text(code).map(Key::Code))
}
