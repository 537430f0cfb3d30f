//! Bots.

use actix_web::HttpRequest;

use super::error::Answer;
use super::extract::{self, AppCore, Body, Page, Params};
use super::respond::{created, found};
use crate::services::auth::Caller;
use crate::services::users::bots::{self, BotQuery, ToUser};

pub(super) async fn create(core: AppCore, caller: Caller, body: Body) -> Answer {
    created(&bots::create(&core, &caller, body.read()?).await?)
}

pub(super) async fn list(core: AppCore, caller: Caller, params: Params, page: Page) -> Answer {
    let asked = BotQuery {
        include_deleted: params.flag("include_deleted"),
        only_orphaned: params.flag("only_orphaned"),
    };
    found(&bots::list(&core, &caller, asked, page.range()).await?)
}

pub(super) async fn get(core: AppCore, caller: Caller, req: HttpRequest, params: Params) -> Answer {
    let bot = extract::bot(&req)?;
    found(&bots::get(&core, &caller, bot, params.flag("include_deleted")).await?)
}

pub(super) async fn patch(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let bot = extract::bot(&req)?;
    found(&bots::patch(&core, &caller, bot, body.read()?).await?)
}

pub(super) async fn enable(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&bots::enable(&core, &caller, extract::bot(&req)?).await?)
}

pub(super) async fn disable(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&bots::disable(&core, &caller, extract::bot(&req)?).await?)
}

pub(super) async fn assign(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let bot = extract::bot(&req)?;
    let owner = extract::user(&req, &caller)?;
    found(&bots::assign(&core, &caller, bot, owner).await?)
}

pub(super) async fn to_user(
    core: AppCore,
    caller: Caller,
    req: HttpRequest,
    params: Params,
    body: Body,
) -> Answer {
    let bot = extract::bot(&req)?;
    let ask = ToUser { patch: body.read()?, set_system_admin: params.flag("set_system_admin") };
    found(&bots::to_user(&core, &caller, bot, ask).await?)
}

pub(super) async fn from_user(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&bots::from_user(&core, &caller, user).await?)
}
