//! What a room reports to the hub. It lies below both, so that a room knows no hub, only where reports go.

use actix::prelude::*;

use super::connection::CloseReason;
use crate::services::channels::subscriptions::Subscription;
use crate::wire::{ConnectionId, Topic};

/// Something that happened to a connection in a room.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) enum Report {
    /// An event subscribes the connection to topics.
    Subscribed {
        /// The connection.
        connection: ConnectionId,
        /// The topics, and where in their logs it begins.
        subscriptions: Vec<Subscription>,
    },
    /// The connection's membership of the room ended.
    Left {
        /// The connection.
        connection: ConnectionId,
        /// The room's topic.
        topic: Topic,
        /// Which of its joins ended: it may have joined again since.
        join_id: u64,
    },
    /// The connection has to end.
    Evicted {
        /// The connection.
        connection: ConnectionId,
        /// Why.
        close: CloseReason,
    },
    /// The room has ended: it was empty, or it died.
    Closed {
        /// The room's topic.
        topic: Topic,
        /// The number of the room.
        number: u64,
    },
}

/// The recipient of the reports of rooms.
pub(super) type Reports = Recipient<Report>;
