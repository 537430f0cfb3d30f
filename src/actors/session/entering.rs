//! The start of a session: as a new connection, or as one that its client lost on another socket and resumes.

use std::sync::Arc;

use actix::prelude::*;

use crate::actors::connection::ConnectionHandle;
use crate::actors::hub::{Connect, Hub, PutBack, Subscribe, TakeOver};
use crate::error::Result;
use crate::services::Core;
use crate::services::auth::Caller;
use crate::services::channels::subscriptions::{self, Subscription};
use crate::services::realtime::ReplayBuffer;
use crate::wire::{ConnectionId, Frame};

/// A client's request to resume a connection, from its handshake.
#[derive(Debug, Clone, Copy)]
pub struct Return {
    /// The connection that the client lost.
    pub name: ConnectionId,
    /// The number of the event that the client expects next.
    pub next: u64,
}

/// The first thing that a client is sent.
pub(super) enum Greeting {
    /// `hello`: this is a new connection.
    Hello,
    /// The events from this number on, which were sent on another socket and may be lost.
    Again(u64, Vec<Arc<Frame>>),
}

/// Subscribes a connection to its topics: those of the lost one if it can be resumed exactly, or else all topics of the
/// caller. When this is done, every later event reaches the mailbox. Answers the identifier that the client knows it
/// by.
pub(super) async fn enter(
    core: &Core,
    caller: &Caller,
    hub: &Addr<Hub>,
    mut handle: ConnectionHandle,
    back: Option<Return>,
) -> Result<(ConnectionId, Greeting)> {
    let (connection, state) = (handle.connection, handle.state.clone());
    let resumed = match back {
        Some(back) => resume(core, caller, hub, back).await?,
        None => None,
    };
    let (replay, subscriptions, greeting) = match resumed {
        Some((mut held, subscriptions, greeting)) => {
            handle.name = held.name;
            (held.replay.take(), subscriptions, greeting)
        }
        None => (Some(ReplayBuffer::new(caller.id)), subscriptions::of(core, caller).await?, Greeting::Hello),
    };
    let name = handle.name;
    // No await between the two: what ends the session from here on gives the replay buffer to the hub.
    state.replay.put(replay);
    let connect = hub.send(Connect(Arc::new(handle)));
    // A hub that is gone ends the process; there is nothing to do here.
    let _gone = connect.await;
    let _gone = hub.send(Subscribe { connection, subscriptions }).await;
    Ok((name, greeting))
}

/// The connection that the client lost; `None` unless it is the caller's own and every event that it lacks is
/// available.
async fn resume(
    core: &Core,
    caller: &Caller,
    hub: &Addr<Hub>,
    back: Return,
) -> Result<Option<(Held, Vec<Subscription>, Greeting)>> {
    let taken = hub.send(TakeOver { name: back.name, user: caller.id }).await;
    let Ok(Some(replay)) = taken else { return Ok(None) };
    let again = replay.since(back.next).map(|frames| frames.cloned().collect());
    let Some(again) = again else { return Ok(None) };
    let positions = replay.positions().clone();
    let held = Held { hub: hub.clone(), name: back.name, replay: Some(replay) };
    let Some(again) = subscriptions::afresh(core, again).await? else { return Ok(None) };
    let subscriptions = subscriptions::resumed(core, caller, &positions).await?;
    Ok(subscriptions.map(|subscriptions| (held, subscriptions, Greeting::Again(back.next, again))))
}

/// A replay buffer held by a session that may still fail; if it does, the buffer goes back to the resume store.
struct Held {
    hub: Addr<Hub>,
    name: ConnectionId,
    replay: Option<ReplayBuffer>,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(replay) = self.replay.take() {
            self.hub.do_send(PutBack { name: self.name, replay });
        }
    }
}
