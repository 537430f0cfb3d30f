//! Logging in and out, and the list of an account's sessions.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::address::{RequestOrg, is_https};
use super::error::Answer;
use super::extract::{self, AppCore, Body, TOKEN_COOKIE, client};
use super::respond::{done, found};
use crate::error::Error;
use crate::services::Core;
use crate::services::auth::Caller;
use crate::services::auth::login::{self, Credentials, LoggedIn};
use crate::wire::SessionId;

/// Logs in. A body that cannot be parsed counts as one without a password.
pub(super) async fn login(core: AppCore, home: RequestOrg, req: HttpRequest, body: Body) -> Answer {
    let credentials: Credentials = body.read().unwrap_or_default();
    let begun = login::login(&core, home.id, credentials, client(&req)).await?;
    let mut response = found(&begun.user)?;
    let token = HeaderValue::from_str(&begun.token).map_err(|e| Error::internal(format!("token: {e}")))?;
    response.headers_mut().insert(HeaderName::from_static("token"), token);
    if is_script(&req) {
        set_cookies(&core, &home, &req, &begun, &mut response)?;
    }
    Ok(response)
}

/// Always a password: the way in which an account logs in is not revealed before anything is proven. Whoever types a
/// name is asked for a password, and offered the provider's button.
pub(super) async fn login_type() -> Answer {
    found(&json!({"auth_service": ""}))
}

/// Logs out. Logging out twice is no error.
pub(super) async fn logout(core: AppCore, home: RequestOrg, req: HttpRequest) -> Answer {
    if let Ok(caller) = extract::recognise(&core, &req).await {
        login::logout(&core, &caller, &client(&req)).await?;
    }
    let mut response = done()?;
    if req.cookie(TOKEN_COOKIE).is_some() {
        for (name, _, http_only) in cookies("", "", "") {
            add(&mut response, cookie(&core, &home, &req, (name, "", http_only), 0))?;
        }
    }
    Ok(response)
}

pub(super) async fn list(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    found(&login::list_sessions(&core, &caller, user).await?)
}

#[derive(Deserialize)]
struct Revoked {
    session_id: SessionId,
}

pub(super) async fn revoke(core: AppCore, caller: Caller, req: HttpRequest, body: Body) -> Answer {
    let user = extract::user(&req, &caller)?;
    let Revoked { session_id } = body.read()?;
    login::revoke(&core, &caller, user, session_id, &client(&req)).await?;
    done()
}

pub(super) async fn revoke_everybodys(core: AppCore, caller: Caller) -> Answer {
    login::revoke_everybodys_sessions(&core, &caller).await?;
    done()
}

pub(super) async fn revoke_all(core: AppCore, caller: Caller, req: HttpRequest) -> Answer {
    let user = extract::user(&req, &caller)?;
    login::revoke_all(&core, &caller, user, &client(&req)).await?;
    done()
}

#[derive(Deserialize)]
struct Device {
    device_id: String,
}

pub(super) async fn set_device(core: AppCore, caller: Caller, body: Body) -> Answer {
    let Device { device_id } = body.read()?;
    login::set_device(&core, &caller, &device_id).await?;
    done()
}

/// Whether the request is from a browser's script, which gets cookies; other clients keep the token themselves.
pub(super) fn is_script(req: &HttpRequest) -> bool {
    req.headers().get("x-requested-with").is_some_and(|v| v == "XMLHttpRequest")
}

/// A cookie: name, value, and whether scripts must not read it.
type Crumb<'a> = (&'static str, &'a str, bool);

fn cookies<'a>(token: &'a str, user: &'a str, csrf: &'a str) -> [Crumb<'a>; 3] {
    [(TOKEN_COOKIE, token, true), ("MMUSERID", user, false), ("MMCSRF", csrf, false)]
}

pub(super) fn set_cookies(
    core: &Core,
    home: &RequestOrg,
    req: &HttpRequest,
    begun: &LoggedIn,
    response: &mut HttpResponse,
) -> Result<(), Error> {
    let user = begun.user.id.to_string();
    for crumb in cookies(&begun.token, &user, &begun.csrf) {
        add(response, cookie(core, home, req, crumb, begun.seconds))?;
    }
    Ok(())
}

/// Whether browsers reach this server by HTTPS.
pub(super) fn is_secure(core: &Core, req: &HttpRequest) -> bool {
    core.settings.site.url.starts_with("https://") || is_https(req)
}

/// A cookie that is bound to the organisation's path: two organisations on one host do not disturb each other.
fn cookie<'a>(
    core: &Core,
    home: &'a RequestOrg,
    req: &HttpRequest,
    (name, value, http_only): Crumb<'a>,
    seconds: i64,
) -> Cookie<'a> {
    Cookie::build(name, value)
        .path(home.path())
        .max_age(Duration::seconds(seconds))
        .same_site(SameSite::Lax)
        .secure(is_secure(core, req))
        .http_only(http_only)
        .finish()
}

pub(super) fn add(response: &mut HttpResponse, cookie: Cookie<'_>) -> Result<(), Error> {
    response.add_cookie(&cookie).map_err(|e| Error::internal(format!("cookie: {e}")))
}
