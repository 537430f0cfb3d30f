//! Schemes.

use actix_web::HttpRequest;
use serde::Deserialize;

use super::error::Answer;
use super::extract::{self, AppCore, Body, Page, Params};
use super::respond::{created, done, found};
use crate::error::Error;
use crate::services::auth::Caller;
use crate::services::channels::schemes;
use crate::wire::id::or_empty;
use crate::wire::{SchemeId, SchemeScope, UnknownWord};

/// The scheme that a team or channel is put under; an empty identifier for none.
#[derive(Deserialize)]
struct Under {
    #[serde(with = "or_empty")]
    scheme_id: Option<SchemeId>,
}

fn scheme(req: &HttpRequest) -> Result<SchemeId, Error> {
    extract::id(req)
}

pub(super) async fn list(core: AppCore, caller: Caller, page: Page, params: Params) -> Answer {
    let scope = params.text("scope").map(|word| word.parse::<SchemeScope>()).transpose();
    let scope = scope.map_err(|UnknownWord(_)| Error::param("scope"))?;
    found(&schemes::list(&core, &caller, scope, page.range()).await?)
}

pub(super) async fn create(core: AppCore, caller: Caller, body: Body) -> Answer {
    created(&schemes::create(&core, &caller, body.read()?).await?)
}

pub(super) async fn get(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&schemes::get(&core, &caller, scheme(&req)?).await?)
}

pub(super) async fn patch(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    found(&schemes::patch(&core, &caller, scheme(&req)?, body.read()?).await?)
}

pub(super) async fn delete(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    schemes::delete(&core, &caller, scheme(&req)?).await?;
    done()
}

pub(super) async fn teams(core: AppCore, caller: Caller, req: HttpRequest, page: Page) -> Answer {
    found(&schemes::teams_of(&core, &caller, scheme(&req)?, page.range()).await?)
}

pub(super) async fn channels(core: AppCore, caller: Caller, req: HttpRequest, page: Page) -> Answer {
    found(&schemes::channels_of(&core, &caller, scheme(&req)?, page.range()).await?)
}

pub(super) async fn set_of_team(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let team = extract::id(&req)?;
    schemes::set_of_team(&core, &caller, team, body.read::<Under>()?.scheme_id).await?;
    done()
}

pub(super) async fn set_of_channel(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let channel = extract::id(&req)?;
    schemes::set_of_channel(&core, &caller, channel, body.read::<Under>()?.scheme_id).await?;
    done()
}
