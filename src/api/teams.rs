//! Teams and their members.

use actix_web::HttpRequest;
use serde::Deserialize;
use serde_json::json;

use super::error::Answer;
use super::extract::{self, AppCore, Body, Page, Params, part};
use super::respond::{created, done, found};
use crate::error::Error;
use crate::services::auth::Caller;
use crate::services::membership;
use crate::services::teams::{self, TeamSearch};
use crate::wire::{Exists, TeamId, UserId};

#[derive(Deserialize)]
struct Roles {
    roles: String,
}

#[derive(Deserialize)]
struct Privacy {
    privacy: String,
}

fn team(req: &HttpRequest) -> Result<TeamId, Error> {
    extract::id(req)
}

pub(super) async fn create(core: AppCore, caller: Caller, body: Body) -> Answer {
    created(&membership::create_team(&core, &caller, body.read()?).await?)
}

pub(super) async fn list(core: AppCore, caller: Caller, page: Page, params: Params) -> Answer {
    let listing = teams::list(&core, &caller, page.offset, page.limit).await?;
    if params.flag("include_total_count") {
        return found(&json!({"teams": listing.teams, "total_count": listing.total}));
    }
    found(&listing.teams)
}

pub(super) async fn search(core: AppCore, caller: Caller, body: Body) -> Answer {
    let search: TeamSearch = body.read()?;
    let listing = teams::search(&core, &caller, &search).await?;
    if search.page.is_some() && search.per_page.is_some() {
        return found(&json!({"teams": listing.teams, "total_count": listing.total}));
    }
    found(&listing.teams)
}

pub(super) async fn get(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&teams::get(&core, &caller, team(&req)?).await?)
}

pub(super) async fn by_name(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&teams::by_name(&core, &caller, &part(&req, "team_name")).await?)
}

pub(super) async fn exists(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&Exists { exists: teams::exists(&core, &caller, &part(&req, "team_name")).await? })
}

pub(super) async fn replace(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&teams::replace(&core, &caller, team(&req)?, body.read()?).await?)
}

pub(super) async fn patch(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&teams::patch(&core, &caller, team(&req)?, body.read()?).await?)
}

pub(super) async fn set_privacy(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let wanted = body.read::<Privacy>()?;
    found(&teams::set_privacy(&core, &caller, team(&req)?, &wanted.privacy).await?)
}

pub(super) async fn archive(core: AppCore, caller: Caller, req: HttpRequest, params: Params) -> Answer {
    let id = team(&req)?;
    if params.flag("permanent") {
        return Err(teams::delete_for_good().into());
    }
    teams::archive(&core, &caller, id).await?;
    done()
}

pub(super) async fn restore(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&teams::restore(&core, &caller, team(&req)?).await?)
}

pub(super) async fn regenerate_invite(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&teams::regenerate_invite(&core, &caller, team(&req)?).await?)
}

pub(super) async fn stats(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&teams::stats(&core, &caller, team(&req)?).await?)
}

pub(super) async fn members(core: AppCore, caller: Caller, req: HttpRequest, page: Page) -> Answer {
    found(&teams::members(&core, &caller, team(&req)?, page.offset, page.limit).await?)
}

pub(super) async fn member(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&teams::member(&core, &caller, team(&req)?, user).await?)
}

pub(super) async fn members_by_ids(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&teams::members_by_ids(&core, &caller, team(&req)?, &body.read::<Vec<UserId>>()?).await?)
}

pub(super) async fn add(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    created(&membership::add(&core, &caller, team(&req)?, body.read()?).await?)
}

pub(super) async fn add_many(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    params: Params,
    body: Body,
) -> Answer {
    let (team, entries) = (team(&req)?, body.read::<Vec<membership::Entry>>()?);
    if params.flag("graceful") {
        return created(&membership::add_many_gracefully(&core, &caller, team, &entries).await?);
    }
    created(&membership::add_many(&core, &caller, team, &entries).await?)
}

pub(super) async fn remove(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    membership::leave_team(&core, &caller, team(&req)?, user).await?;
    done()
}

pub(super) async fn set_roles(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let (team, user) = (team(&req)?, extract::user(&req, &caller)?);
    teams::set_roles(&core, &caller, team, user, &body.read::<Roles>()?.roles).await?;
    done()
}

pub(super) async fn set_scheme_roles(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let (team, user) = (team(&req)?, extract::user(&req, &caller)?);
    teams::set_scheme_roles(&core, &caller, team, user, &body.read()?).await?;
    done()
}

pub(super) async fn of_user(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&teams::of_user(&core, &caller, user).await?)
}

pub(super) async fn places_of_user(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&teams::places_of_user(&core, &caller, user).await?)
}
