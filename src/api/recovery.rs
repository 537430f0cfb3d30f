//! Operations for people who cannot log in: setting a new password with a mailed token, proving an address.

use actix_web::HttpRequest;
use serde::Deserialize;

use super::address::RequestOrg;
use super::error::Answer;
use super::extract::{self, AppCore, Body, client};
use super::respond::{done, found};
use crate::services::auth::{Caller, login};

#[derive(Deserialize)]
struct Address {
    email: String,
}

#[derive(Deserialize)]
struct Reset {
    code: String,
    new_password: String,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

pub(super) async fn send_reset(core: AppCore, home: RequestOrg, req: HttpRequest, body: Body) -> Answer {
    let Address { email } = body.read()?;
    login::send_reset(&core, home.id, &email, client(&req)).await?;
    done()
}

pub(super) async fn reset(core: AppCore, home: RequestOrg, req: HttpRequest, body: Body) -> Answer {
    let Reset { code, new_password } = body.read()?;
    login::reset_password(&core, home.id, &code, new_password, &client(&req)).await?;
    done()
}

pub(super) async fn send_verification(core: AppCore, home: RequestOrg, body: Body) -> Answer {
    let Address { email } = body.read()?;
    login::send_verification(&core, home.id, &email).await?;
    done()
}

pub(super) async fn verify(core: AppCore, home: RequestOrg, req: HttpRequest, body: Body) -> Answer {
    let Token { token } = body.read()?;
    login::verify_email(&core, home.id, &token, &client(&req)).await?;
    done()
}

pub(super) async fn vouch(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&login::vouch_for_email(&core, &caller, user, &client(&req)).await?)
}
