//! The messages that the hub handles.

use std::sync::Arc;

use actix::prelude::*;

use crate::actors::connection::ConnectionHandle;
use crate::services::channels::subscriptions::Subscription;
use crate::services::realtime::ReplayBuffer;
use crate::wire::{ConnectionId, Frame, Topic, UserId};

/// Other nodes' frames for these topics arrive from now on; frames committed before may have been missed.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Following(pub Vec<Topic>);

/// Frames for the rooms of this node.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Route(pub Vec<Arc<Frame>>);

/// A new connection, which is in no room yet.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Connect(pub Arc<ConnectionHandle>);

/// Subscribes a connection to topics. Once this is answered, every frame that is routed later reaches the connection.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Subscribe {
    /// The connection.
    pub connection: ConnectionId,
    /// The topics, and the position in each after which it wants to hear.
    pub subscriptions: Vec<Subscription>,
}

/// Moves a connection back to positions in topics. The stream tells it where each of them begins again.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Rewind {
    /// The connection.
    pub connection: ConnectionId,
    /// The sequence number in each topic after which it wants to hear.
    pub positions: Vec<(Topic, u64)>,
}

/// A connection's request to come into the topic's new room, after the one that it was in has died.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Rejoin {
    /// The connection.
    pub connection: ConnectionId,
    /// The topic.
    pub topic: Topic,
    /// The number of the last event of the topic that it showed; `None` if it showed none.
    pub shown: Option<u64>,
}

/// A closed socket. Its connection's replay buffer waits in the resume store for the client.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Disconnect(pub ConnectionId);

/// A client's request to resume its connection. If that still lives on another socket, it is taken away from there.
#[derive(Message)]
#[rtype(result = "Option<ReplayBuffer>")]
pub struct TakeOver {
    /// The connection, by the identifier that the client knows.
    pub name: ConnectionId,
    /// The account that asks: nobody gets the connection of another account.
    pub user: UserId,
}

/// A replay buffer that was taken but not used; it goes back to the resume store.
#[derive(Message)]
#[rtype(result = "()")]
pub struct PutBack {
    /// The connection, by the identifier that the client knows.
    pub name: ConnectionId,
    /// The frames that the connection was shown.
    pub replay: ReplayBuffer,
}

/// Closes every connection because the server stops. Answers how many there were.
#[derive(Message)]
#[rtype(result = "usize")]
pub struct SendAway;

/// A question whether the hub still works. It is answered in its turn, like everything else.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Ping;
