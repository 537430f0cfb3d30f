//! Personal access tokens.

use actix_web::HttpRequest;
use serde::Deserialize;
use serde_json::json;

use super::error::Answer;
use super::extract::{self, AppCore, Body, Page};
use super::respond::{done, found};
use crate::services::auth::{Caller, tokens};
use crate::wire::TokenId;

#[derive(Deserialize)]
struct Which {
    token_id: TokenId,
}

#[derive(Deserialize)]
struct Term {
    term: String,
}

/// Makes a token. Answers 200, where the protocol's description says 201, because the reference server does.
pub(super) async fn create(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&tokens::create(&core, &caller, user, body.read()?).await?)
}

pub(super) async fn list(core: AppCore, caller: Caller, req: HttpRequest, page: Page) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&tokens::list(&core, &caller, user, page.range()).await?)
}

pub(super) async fn all(core: AppCore, caller: Caller, page: Page) -> Answer {
    found(&tokens::all(&core, &caller, page.range()).await?)
}

pub(super) async fn get(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    found(&tokens::get(&core, &caller, extract::id(&req)?).await?)
}

pub(super) async fn search(core: AppCore, caller: Caller, body: Body) -> Answer {
    let Term { term } = body.read()?;
    found(&tokens::search(&core, &caller, &term).await?)
}

pub(super) async fn revoke(core: AppCore, caller: Caller, body: Body) -> Answer {
    let Which { token_id } = body.read()?;
    tokens::revoke(&core, &caller, token_id).await?;
    done()
}

pub(super) async fn disable(core: AppCore, caller: Caller, body: Body) -> Answer {
    let Which { token_id } = body.read()?;
    tokens::disable(&core, &caller, token_id).await?;
    done()
}

pub(super) async fn enable(core: AppCore, caller: Caller, body: Body) -> Answer {
    let Which { token_id } = body.read()?;
    tokens::enable(&core, &caller, token_id).await?;
    done()
}

pub(super) async fn rotate(core: AppCore, caller: Caller, body: Body) -> Answer {
    found(&tokens::rotate(&core, &caller, body.read()?).await?)
}

pub(super) async fn count_non_compliant(core: AppCore, caller: Caller) -> Answer {
    found(&json!({"count": tokens::count_non_compliant(&core, &caller).await?}))
}

pub(super) async fn revoke_non_compliant(core: AppCore, caller: Caller) -> Answer {
    found(&json!({"count": tokens::revoke_non_compliant(&core, &caller).await?}))
}
