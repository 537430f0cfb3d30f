//! Signing in at an OpenID provider, as a browser does it: to the provider, back, and in. Errors are pages for people.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};

use super::address::RequestOrg;
use super::error::{Answer, status};
use super::extract::{self, AppCore, Body, Params, client};
use super::respond::found;
use super::sessions::{add, is_script, is_secure, set_cookies};
use crate::error::{Error, Kind};
use crate::services::auth::openid::{self, Back, Begun, Brought, Completed, Going, Returned, Switch};
use crate::services::membership;
use crate::telemetry::request_id;

/// The cookie that a browser keeps while it is at the provider.
const KEPT: &str = "RCSIGNIN";

/// The cookie that proves the ownership of an account that is to be linked with the provider.
const LINK: &str = "RCLINK";

/// The policy of the sign-in's pages, which have nothing but text, a link, and the client's style for such pages.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Redirects to the provider. `?redirect_to=` is our page to which the sign-in leads in the end, `?t=` or `?iid=` the
/// invitation that is used, `?link=` asks to link the account that this browser has proven.
pub(super) async fn login(core: AppCore, home: RequestOrg, req: HttpRequest, params: Params) -> Answer {
    match begin(&core, &home, &req, &params).await {
        Ok(begun) => away(&core, &home, &req, &begun),
        Err(error) => Ok(page(&error)),
    }
}

async fn begin(
    core: &AppCore,
    home: &RequestOrg,
    req: &HttpRequest,
    params: &Params,
) -> Result<Begun, Error> {
    let back = Back::read(params.text("redirect_to").unwrap_or("/"));
    let brought = Brought::read(params.text("t"), params.text("iid"))?;
    let going = Going { back, brought };
    if params.text("link").is_none() {
        return openid::begin(core, home.id, going).await;
    }
    // The link is in the cookie, never in the address, which might be passed on.
    let link = req.cookie(LINK).map(|c| c.value().to_owned()).unwrap_or_default();
    let caller = extract::identify(core, req).await.ok();
    openid::begin_link(core, home.id, going, &link, caller.as_ref()).await
}

/// The way back from the provider.
pub(super) async fn complete(core: AppCore, home: RequestOrg, req: HttpRequest, params: Params) -> Answer {
    let text = |name| params.text(name).unwrap_or_default().to_owned();
    if let Some(error) = params.text("error") {
        return Ok(page(&declined(error)));
    }
    let kept = req.cookie(KEPT).map(|c| c.value().to_owned()).unwrap_or_default();
    let returned = Returned { kept, state: text("state"), code: text("code") };
    match membership::sign_in(&core, home.id, returned, &client(&req)).await {
        Ok(completed) => into_the_house(&core, &home, &req, &completed),
        Err(error) => Ok(page(&error)),
    }
}

pub(super) async fn switch(core: AppCore, home: RequestOrg, req: HttpRequest, body: Body) -> Answer {
    let caller = extract::identify(&core, &req).await.ok();
    let asked: Switch = body.read()?;
    let switched = openid::switch(&core, home.id, caller.as_ref(), asked, client(&req)).await?;
    let mut response = found(&switched.followed)?;
    // Another site's form cannot send this header: it must not make this browser link another account.
    if is_script(&req)
        && let Some(link) = &switched.link
    {
        add(&mut response, crumb(&core, &home, &req, (LINK, link), openid::SECONDS))?;
    }
    Ok(response)
}

fn away(core: &AppCore, home: &RequestOrg, req: &HttpRequest, begun: &Begun) -> Answer {
    let mut response = to(&begun.url);
    add(&mut response, crumb(core, home, req, (KEPT, &begun.kept), openid::SECONDS))?;
    if req.cookie(LINK).is_some() {
        add(&mut response, crumb(core, home, req, (LINK, ""), 0))?;
    }
    Ok(response)
}

/// Ends a sign-in: a page of ours gets the session as cookies, a phone app in its callback address.
fn into_the_house(core: &AppCore, home: &RequestOrg, req: &HttpRequest, completed: &Completed) -> Answer {
    let begun = &completed.begun;
    let mut response = match &completed.back {
        Back::Page(path) => {
            let mut response = to(&format!("{}{path}", completed.house));
            set_cookies(core, home, req, begun, &mut response)?;
            response
        }
        Back::App(app) => to(&format!("{app}?MMAUTHTOKEN={}&MMCSRF={}", begun.token, begun.csrf)),
    };
    add(&mut response, crumb(core, home, req, (KEPT, ""), 0))?;
    Ok(response)
}

fn to(address: &str) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, address))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// A cookie of the sign-in. It is `Lax`, since the browser comes back from another site.
fn crumb<'a>(
    core: &AppCore,
    home: &'a RequestOrg,
    req: &HttpRequest,
    (name, value): (&'a str, &'a str),
    seconds: i64,
) -> Cookie<'a> {
    Cookie::build(name, value)
        .path(home.path())
        .max_age(Duration::seconds(seconds))
        .same_site(SameSite::Lax)
        .secure(is_secure(core, req))
        .http_only(true)
        .finish()
}

/// The error that the provider answered with, a code of the standard.
fn declined(word: &str) -> Error {
    let word: String = word.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(64).collect();
    let message = format!("The sign-in provider did not let you in ({word}).");
    Error::new(Kind::Forbidden, "api.user.login_by_oauth.declined.app_error", message)
}

fn page(error: &Error) -> HttpResponse {
    if error.detail.is_some() {
        tracing::warn!(request_id = request_id(), %error, "a sign-in failed");
    }
    let text = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <link rel=\"stylesheet\" href=\"../../plain.css\"><title>Not signed in</title>\
         <h1>Not signed in</h1><p>{}</p><p><a href=\"../../login\">Back to the login page</a></p>\
         <p><small>{}</small></p></html>",
        text(&error.message),
        text(error.id),
    );
    HttpResponse::build(status(error.kind))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("text/html; charset=utf-8")
        .body(body)
}
