//! Delivery: from the bus to sockets. These actors order, repair and fan out, and decide nothing about chat. None of
//! them may panic: a panic in a handler kills an actor for good.
//!
//! | from → to | message | how | why |
//! |---|---|---|---|
//! | subscriber → hub | `Route` | `send().await` | back-pressure |
//! | session → hub | `Connect`, `Subscribe`, `Disconnect` | `send` / `do_send` | few, small, must not be lost |
//! | hub → room | `Join`, `Leave`, `Deliver`, `Head` | `do_send` | rooms only compute; order is kept |
//! | room → session | `Deliver` | `try_send` | the outside world may stall |
//! | room, hub → session | `Close` | `do_send` | once, then the sender forgets it |

pub mod hub;
mod outlet;
mod room;
mod sequence;
pub mod session;
pub mod subscriber;
pub mod writer;

pub use outlet::{Close, Deliver, Gaze, Outlet};
