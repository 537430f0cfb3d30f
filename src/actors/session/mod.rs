//! A session: one WebSocket. It authenticates, subscribes to its topics, says hello, shows frames under its own `seq`,
//! and answers the client's requests. Its mailbox is its outbound queue. A client that does not read freezes this
//! actor, timers included: it is ended then by the room that finds the mailbox full, or by TCP's own timeout.

mod commands;
mod entering;
mod frames;
mod limits;
mod resume;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actix::prelude::*;
use actix_web_actors::ws::{self, WebsocketContext};

use self::limits::Rate;
use super::connection::{CloseReason, ConnectionHandle, QUEUE, SessionMessage, State};
use super::hub::{Disconnect, Hub};
use crate::error::{Error, Kind};
use crate::services::Core;
use crate::services::auth::{self, Caller, Client};
use crate::services::realtime::ReplayBuffer;
use crate::services::users::statuses;
use crate::wire::{ChannelId, ConnectionId, Frame, OrgId, Topic, event};

use entering::Greeting;
pub use entering::Return;

/// How long a connection may take to authenticate.
const AUTH_DEADLINE: Duration = Duration::from_secs(5);

/// A login that ends later than this gets no timer in its connections; the job that sweeps sessions ends them.
const LONG: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a login may be cached, and a little more.
const MEMORY: Duration = Duration::from_millis(1100);

/// The largest message of a client, in bytes.
pub const MAX_MESSAGE: usize = 8 * 1024;

pub use frames::Frames;
pub use limits::{ConnectionQuota, QuotaSlot};

/// One WebSocket connection.
pub struct Session {
    core: Core,
    hub: Addr<Hub>,
    /// The organisation whose accounts may log in here.
    org: OrgId,
    connection: ConnectionId,
    /// The identifier by which the client knows the connection.
    name: ConnectionId,
    /// The client's address and the like; until it is authenticated.
    client: Option<Client>,
    caller: Option<Caller>,
    /// The connection that the client wants to resume.
    back: Option<Return>,
    /// The replay buffer, the queue's counters and the channel on the screen.
    state: Arc<State>,
    /// Topics that are being rewound, each with how often: their frames are outdated until then.
    rewinding: BTreeMap<Topic, u32>,
    /// The channel on the client's screen, as the client says.
    looks_at: Option<ChannelId>,
    heard_at: Instant,
    subscribed: bool,
    /// Requests of the client that are in progress.
    answering: usize,
    rate: Option<Rate>,
    _entered: QuotaSlot,
}

impl Session {
    /// A connection to `org` from `client`; with a `caller` if the handshake authenticated one, and with `back` if the
    /// client wants to resume a connection. It counts against its address's quota as long as it holds `entered`.
    pub fn new(
        (core, hub): (Core, Addr<Hub>),
        (org, client): (OrgId, Client),
        caller: Option<Caller>,
        back: Option<Return>,
        entered: QuotaSlot,
    ) -> Self {
        let connection = ConnectionId(uuid::Uuid::new_v4());
        let limits = &core.settings.limits;
        let (messages, bytes) = (limits.socket_messages_per_second, limits.socket_bytes_per_second);
        Self {
            rate: limits.enabled.then(|| Rate::new(messages, bytes, Instant::now())),
            _entered: entered,
            core,
            hub,
            org,
            connection,
            name: connection,
            client: Some(client),
            caller,
            back,
            state: Arc::default(),
            rewinding: BTreeMap::new(),
            looks_at: None,
            heard_at: Instant::now(),
            subscribed: false,
            answering: 0,
        }
    }

    /// Subscribes an authenticated caller, then says hello, then answers the challenge if there was one. In this order:
    /// when the client gets hello, every later event reaches it.
    fn enter(&mut self, caller: Caller, challenge: Option<i64>, ctx: &mut WebsocketContext<Self>) {
        if statuses::admit(&self.core, caller.id).is_err() {
            end(ctx, ws::CloseCode::Policy, "too many connections");
            return;
        }
        (self.caller, self.client) = (Some(caller.clone()), None);
        expire(&caller, ctx);
        let handle = self.connection_handle(&caller, ctx);
        let (core, hub, back) = (self.core.clone(), self.hub.clone(), self.back);
        let enter = async move { entering::enter(&core, &caller, &hub, handle, back).await };
        let enter = enter.into_actor(self).map(move |entered, session, ctx| match entered {
            Ok((name, greeting)) => {
                session.name = name;
                session.welcome(greeting, challenge, ctx);
            }
            Err(error) if error.kind == Kind::Unauthenticated => {
                end(ctx, ws::CloseCode::Policy, "session ended");
            }
            Err(error) => {
                tracing::error!(error = %error, "a connection could not be subscribed");
                end(ctx, ws::CloseCode::Again, "try again");
            }
        });
        // Nothing else is handled meanwhile: frames of the new subscriptions wait in the mailbox until hello is sent.
        ctx.wait(enter);
    }

    fn connection_handle(&self, caller: &Caller, ctx: &WebsocketContext<Self>) -> ConnectionHandle {
        ConnectionHandle {
            connection: self.connection,
            name: self.name,
            user: caller.id,
            guest: caller.is_guest(),
            session: caller.session,
            recipient: ctx.address().recipient(),
            state: self.state.clone(),
        }
    }

    /// Notes which channel the client shows now, if any.
    fn look(&mut self, channel: Option<ChannelId>) {
        self.core.presence.look(self.looks_at, channel);
        self.looks_at = channel;
        self.state.viewed.turn(channel);
    }

    /// Sends hello, or again the events that the client missed of a connection that it resumed.
    fn welcome(&mut self, greeting: Greeting, challenge: Option<i64>, ctx: &mut WebsocketContext<Self>) {
        let Some(caller) = self.caller.clone() else { return };
        self.subscribed = true;
        match greeting {
            Greeting::Hello => {
                if let Some(number) = self.state.replay.with(ReplayBuffer::greet) {
                    ctx.text(numbered(&event::hello(caller.id, self.name), number));
                }
            }
            Greeting::Again(from, frames) => {
                for (number, frame) in (from..).zip(&frames) {
                    ctx.text(numbered(&frame.body, number));
                }
            }
        }
        if let Some(seq) = challenge {
            ctx.text(crate::wire::command::ok(seq, None));
        }
        statuses::connected(&self.core, caller.id);
    }

    /// Sends an event under the connection's next number, unless the connection was resumed on another socket.
    fn show(&mut self, frame: &Arc<Frame>, ctx: &mut WebsocketContext<Self>) {
        if let Some(number) = self.state.replay.with(|replay| replay.record(frame)) {
            ctx.text(numbered(&frame.body, number));
        }
    }

    /// Silence after which the client counts as gone.
    fn silence(&self) -> Duration {
        Duration::from_secs(self.core.settings.limits.socket_silence_seconds.into())
    }

    fn close(&self, close: CloseReason, ctx: &mut WebsocketContext<Self>) {
        match close {
            CloseReason::Slow => end(ctx, ws::CloseCode::Policy, "slow"),
            CloseReason::Ended => end(ctx, ws::CloseCode::Policy, "session ended"),
            CloseReason::Replaced => end(ctx, ws::CloseCode::Policy, "replaced"),
            CloseReason::TooOld => end(ctx, ws::CloseCode::Again, "too old"),
            CloseReason::Interrupted => end(ctx, ws::CloseCode::Again, "try again"),
            CloseReason::GoingAway => {
                // Spread over half a second: all these clients reconnect elsewhere.
                let jitter = u64::from(self.connection.0.as_bytes().first().copied().unwrap_or(0));
                ctx.run_later(Duration::from_millis(2 * jitter), |_, ctx| {
                    end(ctx, ws::CloseCode::Away, "going away")
                });
            }
        }
    }

    fn heartbeat(&mut self, ctx: &mut WebsocketContext<Self>) {
        if self.heard_at.elapsed() > self.silence() {
            end(ctx, ws::CloseCode::Away, "silent");
        } else {
            ctx.ping(b"");
        }
    }
}

/// An event's text with its number on the connection.
fn numbered(body: &str, number: u64) -> String {
    let mut text = String::with_capacity(body.len() + 24);
    text.push_str(body);
    // Writing into a string cannot fail.
    let _ = writeln!(text, ",\"seq\":{number}}}");
    text
}

/// Checks the login again when it expires, and ends the connection unless it was prolonged. A client that holds up this
/// actor's timers is ended by the job that sweeps sessions.
fn expire(caller: &Caller, ctx: &mut WebsocketContext<Session>) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let at = Duration::from_millis(u64::try_from(caller.expires_at()).unwrap_or(0));
    let left = at.saturating_sub(now);
    if left > LONG {
        return;
    }
    ctx.run_later(left + MEMORY, |session, ctx| {
        let (core, caller) = (session.core.clone(), session.caller.clone());
        let look = async move { auth::again(&core, &caller.ok_or_else(Error::unauthenticated)?).await };
        ctx.spawn(look.into_actor(session).map(|found, _, ctx| match found {
            Ok(caller) => expire(&caller, ctx),
            Err(error) if error.kind == Kind::Unauthenticated => {
                end(ctx, ws::CloseCode::Policy, "session ended");
            }
            Err(error) => tracing::debug!(%error, "whether a login is over could not be asked"),
        }));
    });
}

/// Closes the connection with a code and a reason.
fn end(ctx: &mut WebsocketContext<Session>, code: ws::CloseCode, name: &str) {
    ctx.close(Some(ws::CloseReason { code, description: Some(name.to_owned()) }));
    ctx.stop();
}

impl Actor for Session {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(QUEUE as usize);
        ctx.run_interval(self.silence() / 4, Self::heartbeat);
        match self.caller.take() {
            Some(caller) => self.enter(caller, None, ctx),
            None => {
                ctx.run_later(AUTH_DEADLINE, |session, ctx| {
                    if session.caller.is_none() {
                        end(ctx, ws::CloseCode::Policy, "not authenticated in time");
                    }
                });
            }
        }
    }

    fn stopped(&mut self, _: &mut Self::Context) {
        self.hub.do_send(Disconnect(self.connection));
        self.look(None);
        if let (Some(caller), true) = (&self.caller, self.subscribed) {
            statuses::disconnected(&self.core, caller.id);
        }
    }
}

impl Handler<SessionMessage> for Session {
    type Result = ();

    fn handle(&mut self, word: SessionMessage, ctx: &mut Self::Context) {
        match word {
            SessionMessage::Show(frame) => {
                self.state.queue.take(&frame);
                if !self.is_outdated(&frame) {
                    self.show(&frame, ctx);
                }
            }
            SessionMessage::Rewound(topic) => self.rewound(topic),
            SessionMessage::RoomLost(topic) => self.rejoin(topic, ctx),
            SessionMessage::End(close) => self.close(close, ctx),
        }
    }
}

impl StreamHandler<std::result::Result<ws::Message, ws::ProtocolError>> for Session {
    fn handle(
        &mut self,
        message: std::result::Result<ws::Message, ws::ProtocolError>,
        ctx: &mut Self::Context,
    ) {
        self.heard_at = Instant::now();
        match message {
            Ok(ws::Message::Text(text)) => self.request(&text, ctx),
            Ok(ws::Message::Ping(bytes)) => self.ping(&bytes, ctx),
            Ok(ws::Message::Pong(_) | ws::Message::Nop) => {}
            Ok(ws::Message::Close(reason)) => {
                ctx.close(reason);
                ctx.stop();
            }
            Ok(ws::Message::Binary(_) | ws::Message::Continuation(_)) => {
                end(ctx, ws::CloseCode::Unsupported, "only whole text messages are understood");
            }
            Err(ws::ProtocolError::Overflow) => end(ctx, ws::CloseCode::Size, "message too large"),
            Err(_) => end(ctx, ws::CloseCode::Protocol, "not a WebSocket message"),
        }
    }
}
