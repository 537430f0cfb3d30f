//! The objects of REST bodies and event data, one file per resource. Field names and types are the protocol's
//! (`v4-openapi.yaml`); the services decide which of them a caller may see.

mod account;
mod channel;
mod emoji;
mod file;
mod organization;
mod post;
mod preference;
mod scheme;
mod status;
mod team;

pub use account::*;
pub use channel::*;
pub use emoji::*;
pub use file::*;
pub use organization::*;
pub use post::*;
pub use preference::*;
pub use scheme::*;
pub use status::*;
pub use team::*;

use serde::Serialize;

/// The answer of an action that has no body of its own.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct StatusOk {
    /// Always `OK`.
    pub status: &'static str,
}

/// `{"status": "OK"}`.
pub const OK: StatusOk = StatusOk { status: "OK" };
