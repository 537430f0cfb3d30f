//! The server's health, configuration and version.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::address::RequestOrg;
use super::error::{self, Answer};
use super::extract::{AppCore, Params};
use super::respond::{found, json as answer};
use crate::error::Error;
use crate::services::auth::Caller;
use crate::services::operation::health;
use crate::services::operation::system::{self, Addresses};
use crate::wire::Role;

/// `GET /livez`: the process answers, and what it is of no use without is alive.
pub(super) async fn live(core: AppCore) -> Answer {
    let dead = health::dead(&core);
    if dead.is_empty() {
        return Ok(HttpResponse::Ok().content_type("text/plain").body("ok"));
    }
    Ok(answer(StatusCode::SERVICE_UNAVAILABLE, &json!({"status": "dead", "down": dead})))
}

/// `GET /readyz`: the database answers too, and every part works. The answer names what does not.
pub(super) async fn ready(core: AppCore) -> Answer {
    let health = health::of(&core).await;
    if health.is_ready() {
        return found(&health);
    }
    tracing::warn!(down = ?health.down, "this node is not ready");
    let error = Error::unavailable(String::new());
    let mut body = error::body(&error);
    if let (Value::Object(body), Value::Object(health)) = (&mut body, json!(health)) {
        body.extend(health);
    }
    let mut refusal = answer(error::status(error.kind), &body);
    refusal.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    Ok(refusal)
}

pub(super) async fn ping(core: AppCore, params: Params) -> Answer {
    let mut body = json!({
        "status": "OK", "ActiveSearchBackend": "database",
        "AndroidLatestVersion": "", "AndroidMinVersion": "", "IosLatestVersion": "", "IosMinVersion": "",
        "DesktopLatestVersion": "", "DesktopMinVersion": "",
    });
    if !params.flag("get_server_status") {
        return found(&body);
    }
    let health = health::of(&core).await;
    let (well, word) = (health.is_ready(), |well| if well { "OK" } else { "UNHEALTHY" });
    if let Some(body) = body.as_object_mut() {
        body.insert("status".to_owned(), json!(word(well)));
        body.insert("database_status".to_owned(), json!(word(health.has_database())));
    }
    let status = if well || params.flag("use_rest_semantics") {
        StatusCode::OK
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    };
    Ok(answer(status, &body))
}

pub(super) async fn client_config(core: AppCore, home: RequestOrg, req: HttpRequest) -> Answer {
    found(&system::client_config(&core, &home, &at(&home, &req)))
}

/// The addresses of the organisation: from the settings, or else from the request. WebSockets of an organisation below
/// a path connect below that path.
fn at(home: &RequestOrg, req: &HttpRequest) -> Addresses {
    let used = home.address(req);
    let socket = if home.path() == "/" { String::new() } else { used.replacen("http", "ws", 1) };
    Addresses { site: if home.url.is_empty() { used } else { home.url.clone() }, socket }
}

pub(super) async fn client_license() -> Answer {
    found(&json!({"IsLicensed": "false"}))
}

pub(super) async fn config(core: AppCore, caller: Caller, home: RequestOrg, req: HttpRequest) -> Answer {
    found(&system::config(&core, &caller, &home, &at(&home, &req))?)
}

pub(super) async fn limits(core: AppCore, caller: Caller) -> Answer {
    found(&system::limits(&core, &caller).await?)
}

/// Always empty, since there are no plugins.
pub(super) async fn plugins() -> Answer {
    found::<[Role]>(&[])
}
