//! The members of a channel.

use actix_web::HttpRequest;
use serde::Deserialize;

use super::channel;
use crate::api::error::Answer;
use crate::api::extract::{self, AppCore, Body, Page, Params};
use crate::api::respond::{created, done, found};
use crate::services::auth::Caller;
use crate::services::channels;
use crate::services::membership::{self, Joiners};
use crate::wire::{ChannelId, StringMap, UserId};

#[derive(Deserialize)]
struct Roles {
    roles: String,
}

pub(in crate::api) async fn list(core: AppCore, caller: Caller, req: HttpRequest, page: Page) -> Answer {
    found(&channels::members(&core, &caller, channel(&req)?, page.range()).await?)
}

pub(in crate::api) async fn get(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let (id, user) = (channel(&req)?, extract::user(&req, &caller)?);
    found(&channels::member(&core, &caller, id, user).await?)
}

pub(in crate::api) async fn by_ids(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&channels::members_by_ids(&core, &caller, channel(&req)?, &body.read::<Vec<UserId>>()?).await?)
}

pub(in crate::api) async fn add(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let (id, joiners) = (channel(&req)?, body.read::<Joiners>()?);
    let members = membership::join(&core, &caller, id, &joiners).await?;
    match members.first() {
        Some(only) if !joiners.are_many() => created(only),
        _ => created(&members),
    }
}

pub(in crate::api) async fn remove(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let (id, user) = (channel(&req)?, extract::user(&req, &caller)?);
    membership::part(&core, &caller, id, user).await?;
    done()
}

pub(in crate::api) async fn set_roles(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let (id, user) = (channel(&req)?, extract::user(&req, &caller)?);
    channels::set_roles(&core, &caller, id, user, &body.read::<Roles>()?.roles).await?;
    done()
}

pub(in crate::api) async fn set_scheme_roles(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    body: Body,
) -> Answer {
    let (id, user) = (channel(&req)?, extract::user(&req, &caller)?);
    channels::set_scheme_roles(&core, &caller, id, user, &body.read()?).await?;
    done()
}

pub(in crate::api) async fn set_notify_props(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    body: Body,
) -> Answer {
    let (id, user) = (channel(&req)?, extract::user(&req, &caller)?);
    channels::set_notify_props(&core, &caller, id, user, &body.read::<StringMap>()?).await?;
    done()
}

pub(in crate::api) async fn stats(core: AppCore, caller: Caller, req: HttpRequest, params: Params) -> Answer {
    let with_files = !params.flag("exclude_files_count");
    found(&channels::stats(&core, &caller, channel(&req)?, with_files).await?)
}

pub(in crate::api) async fn counts(core: AppCore, caller: Caller, body: Body) -> Answer {
    found(&channels::counts(&core, &caller, &body.read::<Vec<ChannelId>>()?).await?)
}

pub(in crate::api) async fn timezones(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&channels::timezones(&core, &caller, channel(&req)?).await?)
}

/// Always empty for callers who may see the channel, since groups are not built.
pub(in crate::api) async fn counts_by_group(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    channels::get(&core, &caller, channel(&req)?).await?;
    found(&[(); 0])
}

pub(in crate::api) async fn common_teams(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&channels::common_teams(&core, &caller, channel(&req)?).await?)
}
