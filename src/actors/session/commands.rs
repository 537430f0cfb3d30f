//! The commands of a client: parse, one service call, answer.

use std::time::Instant;

use actix::prelude::*;
use actix_web_actors::ws::{self, WebsocketContext};
use serde_json::{Value, json};

use super::limits::Verdict;
use super::{Session, end};
use crate::error::{Error, Kind, Result};
use crate::services::Core;
use crate::services::auth::{self, Caller};
use crate::services::channels::typing;
use crate::services::users::statuses;
use crate::wire::PROTOCOL_VERSION;
use crate::wire::command::{Call, Command, NotACommand, Request, fail, ok};

/// Requests of one connection that may be in progress at once.
const MAX_ANSWERING: usize = 32;

impl Session {
    /// Handles a request of the client.
    pub(super) fn request(&mut self, text: &str, ctx: &mut WebsocketContext<Self>) {
        let Ok(request) = serde_json::from_str::<Request>(text) else {
            end(ctx, ws::CloseCode::Invalid, "not a request");
            return;
        };
        let seq = request.seq;
        match self.hears(text.len(), ctx) {
            Verdict::Heard => {}
            Verdict::TooMuch => {
                ctx.text(fail(
                    seq,
                    "api.context.rate_limit.app_error",
                    "Too many requests: limit exceeded.",
                    429,
                ));
                return;
            }
            Verdict::Enough => return,
        }
        if let Some(refusal) = self.refusal(&request) {
            ctx.text(refusal);
            return;
        }
        match (request.command(), self.caller.clone()) {
            (Ok(Command::Authenticate { token }), _) => self.challenge(seq, token, ctx),
            (_, None) => ctx.text(fail(
                seq,
                "api.web_socket_router.not_authenticated.app_error",
                "WebSocket connection is not authenticated. Please log in and try again.",
                401,
            )),
            (Err(why), Some(_)) => refuse(seq, &not_understood(why), ctx),
            (Ok(Command::Ping), Some(_)) => ctx.text(ok(seq, Some(pong()))),
            (Ok(Command::Presence { channel }), Some(_)) => {
                self.look(channel);
                ctx.text(ok(seq, None));
            }
            (Ok(Command::Resume { positions }), Some(caller)) => self.resume(seq, positions, caller, ctx),
            (Ok(Command::Call(call)), Some(caller)) => self.call(seq, call, caller, ctx),
        }
    }

    /// Calls a service, and sends its answer when it is done.
    fn call(&mut self, seq: i64, call: Call, caller: Caller, ctx: &mut WebsocketContext<Self>) {
        self.answering += 1;
        let core = self.core.clone();
        let answer = async move { perform(&core, &caller, call).await };
        ctx.spawn(answer.into_actor(self).map(move |answer, session, ctx| {
            session.answering -= 1;
            match answer {
                Ok(data) => ctx.text(ok(seq, data)),
                Err(error) => refuse(seq, &error, ctx),
            }
        }));
    }

    /// Answers the client's WebSocket ping.
    pub(super) fn ping(&mut self, bytes: &[u8], ctx: &mut WebsocketContext<Self>) {
        if self.hears(bytes.len(), ctx) == Verdict::Heard {
            ctx.pong(bytes);
        }
    }

    /// Judges a message by the rate limit. A connection that keeps exceeding it is closed.
    fn hears(&mut self, bytes: usize, ctx: &mut WebsocketContext<Self>) -> Verdict {
        let verdict = self.rate.as_mut().map_or(Verdict::Heard, |rate| rate.judge(bytes, Instant::now()));
        if verdict == Verdict::Enough {
            end(ctx, ws::CloseCode::Policy, "too many messages");
        }
        verdict
    }

    /// The refusal of a request that is malformed or one too many, before its command is parsed.
    fn refusal(&self, request: &Request) -> Option<String> {
        if request.action.is_empty() {
            return Some(fail(
                request.seq,
                "api.web_socket_router.no_action.app_error",
                "No websocket action.",
                400,
            ));
        }
        if request.seq <= 0 {
            return Some(fail(
                request.seq,
                "api.web_socket_router.bad_seq.app_error",
                "Invalid sequence for WebSocket message.",
                400,
            ));
        }
        (self.answering >= MAX_ANSWERING)
            .then(|| fail(request.seq, "api.context.rate_limit.app_error", "Too many requests at once.", 429))
    }

    /// Authenticates a connection that did not do so by a header or a cookie. A second challenge is ignored.
    fn challenge(&mut self, seq: i64, token: String, ctx: &mut WebsocketContext<Self>) {
        let Some(client) = self.client.clone() else { return };
        let (core, org) = (self.core.clone(), self.org);
        let prove = async move { auth::authenticate(&core, org, &token, client).await };
        ctx.wait(prove.into_actor(self).map(move |caller, session, ctx| match caller {
            Ok(caller) => session.enter(caller, Some(seq), ctx),
            Err(error) => {
                ctx.text(refused(seq, &error));
                end(ctx, ws::CloseCode::Policy, "not authenticated");
            }
        }));
    }
}

/// Calls a service for the client. The caller and its permissions are loaded anew each time: they may have changed
/// since the connection was opened.
async fn perform(core: &Core, caller: &Caller, call: Call) -> Result<Option<Value>> {
    let caller = &auth::again(core, caller).await?;
    Ok(match call {
        Call::Typing { channel, parent } => {
            typing::announce(core, caller, channel, &parent).await?;
            None
        }
        Call::Statuses => Some(json!(statuses::online(core, caller).await?)),
        Call::StatusesOf(ids) => Some(json!(statuses::by_ids(core, caller, &ids).await?)),
        Call::SetActive { active, manual } => {
            statuses::set_active(core, caller, active, manual).await?;
            None
        }
    })
}

fn pong() -> Value {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    json!({"text": "pong", "version": PROTOCOL_VERSION, "server_time": now.as_millis() as i64, "node_id": ""})
}

/// The error for a request that is no command.
fn not_understood(why: NotACommand) -> Error {
    match why {
        NotACommand::UnknownAction => Error::new(
            Kind::Internal,
            "api.web_socket_router.bad_action.app_error",
            "Unknown WebSocket action.",
        ),
        NotACommand::Invalid(field) => Error::invalid(
            "api.websocket_handler.invalid_param.app_error",
            format!("Invalid {field} parameter."),
        ),
    }
}

/// Answers a request that failed. If the session is over, the socket is closed: the event that says so may have been
/// lost.
pub(super) fn refuse(seq: i64, error: &Error, ctx: &mut WebsocketContext<Session>) {
    ctx.text(refused(seq, error));
    if error.kind == Kind::Unauthenticated {
        end(ctx, ws::CloseCode::Policy, "session ended");
    }
}

/// The answer to a request that failed. An internal error is logged here and its detail kept from the client.
fn refused(seq: i64, error: &Error) -> String {
    let status = match error.kind {
        Kind::Invalid | Kind::Conflict => 400,
        Kind::Unauthenticated => 401,
        Kind::Forbidden => 403,
        Kind::NotFound => 404,
        Kind::TooLarge => 413,
        Kind::Late => 408,
        Kind::Unsupported => 415,
        Kind::TooMany { .. } => 429,
        Kind::Unavailable { .. } => 503,
        Kind::NotBuilt => 501,
        Kind::Internal => 500,
    };
    if error.detail.is_some() {
        tracing::error!(error = %error, "a socket's request failed");
    }
    fail(seq, error.id, &error.message, status)
}
