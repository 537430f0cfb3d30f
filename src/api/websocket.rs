//! The WebSocket handshake.

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use actix_web_actors::ws;
use serde::Deserialize;

use super::address::RequestOrg;
use super::connection::Connection;
use super::error::Answer;
use super::extract::{AppCore, client, has_credential, identify};
use super::peer::Peer;
use crate::actors::hub::HubAddress;
use crate::actors::session::{ConnectionQuota, Frames, MAX_MESSAGE, Return, Session};
use crate::error::{Error, Kind};
use crate::services::Core;
use crate::services::users::statuses;

/// Opens a session. A handshake with a valid token needs no challenge; one with an invalid token is refused.
pub(super) async fn open(
    core: AppCore,
    home: RequestOrg,
    hub: web::Data<HubAddress>,
    back: web::Query<Back>,
    quota: web::Data<ConnectionQuota>,
    req: HttpRequest,
    stream: web::Payload,
) -> Answer {
    let peer = Peer::of(&req);
    check_origin(&core, &home, &req, &peer)?;
    let entered = quota.enter(peer.address, core.settings.limits.sockets_per_address)?;
    let caller = if has_credential(&req) { Some(identify(&core, &req).await?) } else { None };
    if let Some(caller) = &caller {
        statuses::admit(&core, caller.id)?;
    }
    let back = back.into_inner().read();
    let (actors, from) = ((core.get_ref().clone(), hub.get_ref().clone()), client(&req));
    let session = Session::new(actors, (home.id, from), caller, back, entered);
    let frames = Frames::new(stream, MAX_MESSAGE);
    let opened = ws::WsResponseBuilder::new(session, &req, frames).frame_size(MAX_MESSAGE).start();
    let opened = opened.map_err(|e| {
        Error::invalid("api.web_socket.connect.upgrade.app_error", format!("Not a WebSocket handshake: {e}."))
    })?;
    Connection::of(&req).iter().for_each(|connection| connection.let_go());
    Ok(opened)
}

/// The lost connection that a client wants to resume. Clients that lost none send empty texts, or nothing.
#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    connection_id: String,
    #[serde(default)]
    sequence_number: String,
}

impl Back {
    fn read(self) -> Option<Return> {
        Some(Return { name: self.connection_id.parse().ok()?, next: self.sequence_number.parse().ok()? })
    }
}

/// Refuses other sites' scripts, which must not use their visitor's cookie here. Browsers name the site that a script
/// is from; other clients do not, or name the server itself.
fn check_origin(core: &Core, home: &RequestOrg, req: &HttpRequest, peer: &Peer) -> Result<(), Error> {
    let Some(origin) = req.headers().get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default().trim_end_matches('/');
    let site = home.url.split('/').take(3).collect::<Vec<_>>().join("/");
    // Some clients that are no browsers name http for a server that they reach by https.
    let host = origin.split_once("://").map(|(_, host)| host);
    let is_own = (!site.is_empty() && origin == site) || host == Some(peer.host.as_str());
    if is_own || core.settings.server.allowed_origins.contain(origin) {
        return Ok(());
    }
    Err(Error::new(
        Kind::Forbidden,
        "api.web_socket.connect.check_origin.app_error",
        "This origin may not open a WebSocket here.",
    ))
}
