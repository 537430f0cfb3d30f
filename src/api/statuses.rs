//! Presence and custom statuses.

use actix_web::HttpRequest;

use super::error::Answer;
use super::extract::{self, AppCore, Body};
use super::respond::{done, found};
use super::users::ids_of;
use crate::services::auth::Caller;
use crate::services::users::statuses;

pub(super) async fn get(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&statuses::get(&core, &caller, user).await?)
}

pub(super) async fn by_ids(core: AppCore, caller: Caller, body: Body) -> Answer {
    let ids = ids_of(&body, "user_ids")?;
    found(&statuses::list(&core, &caller, &ids).await?)
}

pub(super) async fn set(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&statuses::set(&core, &caller, user, body.read()?).await?)
}

pub(super) async fn set_custom(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    statuses::set_custom(&core, &caller, user, body.read()?).await?;
    done()
}

pub(super) async fn clear_custom(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    statuses::clear_custom(&core, &caller, user).await?;
    done()
}

pub(super) async fn forget_recent(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    statuses::forget_recent(&core, &caller, user, body.read()?).await?;
    done()
}
