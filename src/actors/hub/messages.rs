//! What the hub is told, and what it is asked.

use std::sync::Arc;

use actix::prelude::*;

use crate::actors::connection::{CloseReason, ConnectionHandle};
use crate::services::realtime::ReplayBuffer;
use crate::services::subscriptions::Subscription;
use crate::wire::{ConnectionId, Frame, Topic, UserId};

/// Frames of other nodes come for these topics from now on: what was committed before may have passed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Following(pub Vec<Topic>);

/// Frames for whatever rooms there are.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Route(pub Vec<Arc<Frame>>);

/// A connection is there; it sits nowhere yet.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Connect(pub Arc<ConnectionHandle>);

/// A connection subscribes to topics. When the answer comes, whatever is routed later reaches it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Subscribe {
    /// Which connection.
    pub connection: ConnectionId,
    /// Where, and from where on.
    pub subscriptions: Vec<Subscription>,
}

/// A connection wants to hear topics again from positions on. It is told in the stream where each of them begins.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Rewind {
    /// Which connection.
    pub connection: ConnectionId,
    /// The numbers after which it wants to hear.
    pub positions: Vec<(Topic, u64)>,
}

/// A socket is gone. Its connection waits for the client to come back.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Disconnect(pub ConnectionId);

/// A client comes back and asks for its connection. What looks like living on another socket is taken from there.
#[derive(Message)]
#[rtype(result = "Option<ReplayBuffer>")]
pub struct TakeOver {
    /// The connection, by the name that the client knows.
    pub name: ConnectionId,
    /// Who asks: nobody gets the connection of somebody else.
    pub user: UserId,
}

/// A replay buffer that was taken and not used after all: it waits on.
#[derive(Message)]
#[rtype(result = "()")]
pub struct PutBack {
    /// The connection, by the name that the client knows.
    pub name: ConnectionId,
    /// What it was shown.
    pub replay: ReplayBuffer,
}

/// A connection has to end. If it can go on later, it waits for the client to come back.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct Evict {
    pub(in crate::actors) connection: ConnectionId,
    pub(in crate::actors) close: CloseReason,
}

/// A room has ended a connection's membership.
#[derive(Message)]
#[rtype(result = "()")]
pub(in crate::actors) struct Gone {
    pub(in crate::actors) connection: ConnectionId,
    pub(in crate::actors) topic: Topic,
    /// Which of its joins: it may have joined again since.
    pub(in crate::actors) join_id: u64,
}

/// The server stops: every connection is told to go. Answers how many there are.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct SendAway;
