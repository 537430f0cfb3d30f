//! Reading positions.

use actix_web::HttpRequest;

use super::{channel, team};
use crate::api::error::Answer;
use crate::api::extract::{self, AppCore, Body, Params};
use crate::api::respond::found;
use crate::services::auth::Caller;
use crate::services::channels::unreads;
use crate::wire::ChannelId;

pub(in crate::api) async fn view(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&unreads::view(&core, &caller, user, &body.read()?).await?)
}

pub(in crate::api) async fn read(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&unreads::read(&core, &caller, user, &body.read::<Vec<ChannelId>>()?).await?)
}

pub(in crate::api) async fn read_team(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let (user, team) = (extract::user(&req, &caller)?, team(&req)?);
    found(&unreads::read_team(&core, &caller, user, team).await?)
}

pub(in crate::api) async fn read_direct(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&unreads::read_direct(&core, &caller, user).await?)
}

pub(in crate::api) async fn of_channel(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let (user, id) = (extract::user(&req, &caller)?, channel(&req)?);
    found(&unreads::of_channel(&core, &caller, user, id).await?)
}

pub(in crate::api) async fn of_teams(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    params: Params,
) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&unreads::of_teams(&core, &caller, user, params.id("exclude_team")?).await?)
}

pub(in crate::api) async fn of_team(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let (user, team) = (extract::user(&req, &caller)?, team(&req)?);
    found(&unreads::of_team(&core, &caller, user, team).await?)
}

pub(in crate::api) async fn set_unread(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&unreads::set_unread(&core, &caller, user, extract::id(&req)?).await?)
}
