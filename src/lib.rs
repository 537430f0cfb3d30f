//! rustchat: self-hosted team chat for many organisations that speaks the Mattermost v4 protocol.
//!
//! The one idea: **every durable event is a numbered row, committed in the same transaction as the change that it
//! reports** (`docs/ARCHITECTURE.md`). From it follow the invariants that hold everywhere:
//!
//! - data flows one way: `api` or a socket's command → one service call → database, log, commit → bus → hub → room →
//!   session → socket; nothing walks backwards;
//! - only `db` knows SQL, only `api` knows HTTP, only `actors` delivers, and only services decide;
//! - permission is a value: what needs it takes the proof;
//! - a frame is encoded once, at its origin.
//!
//! Reading order: [`wire`] (the data types), [`services::platform`] (how a change is made), [`services::channels::append`]
//! (how a post is made), [`actors`] (how it is delivered), [`api`] (how it is requested), [`app`] (how all is put together).

pub mod actors;
pub mod api;
pub mod app;
pub mod config;
pub mod db;
pub mod error;
pub mod services;
pub mod supervisor;
pub mod telemetry;
pub mod wire;
