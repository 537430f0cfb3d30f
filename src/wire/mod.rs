//! The data that crosses a socket: identifiers, the shapes of REST bodies, events and their frames, and the requests of
//! clients on a WebSocket. Facts of the protocol only; imports nothing of ours and decides nothing.

pub mod blank;
mod channel_kind;
pub mod command;
pub mod event;
mod event_data;
pub mod frame;
pub mod id;
mod json;
mod page_range;
mod presence_status;
mod scheme_scope;
pub mod shapes;
pub mod topic;
#[cfg(test)]
mod typescript;
mod words;

pub use channel_kind::ChannelKind;
pub use event::Event;
pub use frame::Frame;
pub use id::{
    AuditId, ChannelId, ConnectionId, EmojiId, FileId, NodeId, OrgId, PostId, SchemeId, SessionId, TeamId,
    TokenId, UserId,
};
pub use json::to_text;
pub use page_range::PageRange;
pub use presence_status::PresenceStatus;
pub use scheme_scope::SchemeScope;
pub use shapes::*;
pub use topic::Topic;
pub use words::UnknownWord;

/// The version of the protocol that the server reports, as clients compare it.
pub const PROTOCOL_VERSION: &str = "11.0.0";

/// Milliseconds since 1970; 0 means never.
pub type Millis = i64;

/// A free-form JSON object.
pub type Object = serde_json::Map<String, serde_json::Value>;
