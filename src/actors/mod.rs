//! Delivery: from the bus to sockets. These actors order, repair and fan out, and decide nothing about chat. None of
//! them may panic: a panic in a handler ends an actor for good.
//!
//! | from → to | message | how | why |
//! |---|---|---|---|
//! | subscriber → hub | `Route` | `send().await` | back-pressure |
//! | session → hub | `TakeOver`, `Connect`, `Subscribe`, `Rewind`, `Disconnect` | `send` / `do_send` | few, small, must not be lost |
//! | hub → room, opened when the first of these is due | `Join`, `Leave`, `Rewind`, `Deliver`, `Head` | `do_send` | rooms only compute; order is kept |
//! | room → session | `SessionMessage::Show` | `try_send` | the outside world may stall |
//! | room → session | `SessionMessage::Rewound` | `do_send` | one for each topic that its client asked for, must not be lost |
//! | room → hub | `Report` | `do_send` | what an event, or a stalled socket, does to subscriptions |
//! | hub → session | `SessionMessage::End` | `do_send` | once, then the hub has forgotten it |

mod connection;
#[cfg(debug_assertions)]
mod faults;
pub mod hub;
pub mod liveness;
mod position;
mod report;
mod room;
mod room_member;
mod sequence;
pub mod session;
pub mod subscriber;
pub mod writer;

pub use connection::{
    CloseReason, ConnectionHandle, QueueDepth, ReplaySlot, SessionMessage, State, ViewedChannel,
};
