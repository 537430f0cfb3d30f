//! Preferences.

use actix_web::HttpRequest;

use super::error::Answer;
use super::extract::{self, AppCore, Body, part};
use super::respond::{done, found};
use crate::services::auth::Caller;
use crate::services::users::preferences;

pub(super) async fn list(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&preferences::list(&core, &caller, user).await?)
}

pub(super) async fn by_category(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&preferences::by_category(&core, &caller, user, &part(&req, "category")).await?)
}

pub(super) async fn find(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    let (category, name) = (part(&req, "category"), part(&req, "name"));
    found(&preferences::find(&core, &caller, user, &category, &name).await?)
}

pub(super) async fn set(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    preferences::set(&core, &caller, user, body.read()?).await?;
    done()
}

pub(super) async fn delete(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    preferences::delete(&core, &caller, user, body.read()?).await?;
    done()
}
