//! The second factor of an account. Callers who must have one and have none yet may use these operations.

use actix_web::HttpRequest;
use serde::Deserialize;

use super::error::Answer;
use super::extract::{self, AppCore, Body, PreMfaCaller, client};
use super::respond::found;
use crate::services::auth::{self, login};

/// Makes a new secret. The protocol's clients send no body: they do not replace a second factor that is active.
pub(super) async fn generate(
    core: AppCore,
    PreMfaCaller(caller): PreMfaCaller,
    req: HttpRequest,
    body: Body,
) -> Answer {
    let user = extract::user(&req, &caller)?;
    let proof = body.read_or_default()?;
    found(&login::new_second_factor(&core, &caller, user, &proof, &client(&req)).await?)
}

/// Sets up or removes a second factor. Callers who lack the one that is demanded may set up their own only.
pub(super) async fn change(
    core: AppCore,
    PreMfaCaller(caller): PreMfaCaller,
    req: HttpRequest,
    body: Body,
) -> Answer {
    let user = extract::user(&req, &caller)?;
    let caller = if user == caller.id { caller } else { auth::admitted(&core, caller)? };
    found(&login::change_second_factor(&core, &caller, user, &body.read()?, &client(&req)).await?)
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

pub(super) async fn recovery_codes(
    core: AppCore,
    PreMfaCaller(caller): PreMfaCaller,
    req: HttpRequest,
    body: Body,
) -> Answer {
    let user = extract::user(&req, &caller)?;
    let Code { code } = body.read()?;
    found(&login::new_recovery_codes(&core, &caller, user, &code, &client(&req)).await?)
}
