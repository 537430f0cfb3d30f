//! Roles.

use actix_web::HttpRequest;

use super::error::Answer;
use super::extract::{AppCore, Body, part};
use super::respond::found;
use crate::error::Error;
use crate::services::auth::{Caller, roles};

pub(super) async fn all(caller: Caller) -> Answer {
    found(&roles::all(&caller)?)
}

pub(super) async fn by_names(caller: Caller, body: Body) -> Answer {
    let names: Vec<String> = body.read().ok().ok_or_else(|| Error::body("rolenames"))?;
    found(&roles::by_names(&caller, &names)?)
}

pub(super) async fn by_name(caller: Caller, req: HttpRequest) -> Answer {
    found(&roles::by_name(&caller, &part(&req, "role_name"))?)
}

pub(super) async fn get(caller: Caller, req: HttpRequest) -> Answer {
    found(&roles::by_id(&caller, &part(&req, "role_id"))?)
}

pub(super) async fn patch(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&roles::patch(&core, &caller, &part(&req, "role_id"), body.read()?).await?)
}
