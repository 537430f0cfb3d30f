//! HTTP in, one service call, HTTP out: one file per resource. `routes` is the URL table, in which `dispatch` finds the
//! operation of a request; an operation that is not in it is in `unbuilt` (501) or does not exist (404). No rule of the
//! product is implemented here.

pub mod address;
pub mod app_core;
pub mod error;
pub mod extract;
pub mod respond;

mod audits;
mod bots;
mod channels;
mod client;
pub mod connection;
mod cors;
mod dispatch;
mod download;
mod emoji;
mod files;
mod form;
mod headers;
pub mod holding;
mod inflow;
pub mod intake;
mod invitations;
pub mod middleware;
mod openid;
mod operation;
pub mod org_routing;
mod organizations;
pub mod peer;
mod pictures;
mod posts;
mod preferences;
mod previews;
pub mod rate_limit;
mod reactions;
mod recovery;
mod roles;
mod routes;
mod schemes;
mod second_factor;
mod sessions;
mod statuses;
mod system;
mod teams;
mod tokens;
pub mod turns;
mod unbuilt;
mod uploads;
mod users;
mod websocket;

pub use operation::Operation;
pub use routes::{operations, routes};
