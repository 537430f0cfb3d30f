//! The services, which hold the business rules. Each module is a noun of the product, its functions are the verbs; a
//! call begins a transaction, does its work, emits events, commits. A module may use those listed earlier, never those
//! listed later (`tests/architecture/`). No HTTP, no SQL, no actors.

pub mod realtime;

pub mod addresses;
pub mod limits;
pub mod texts;

pub mod credentials;
pub mod permissions;

pub mod fetch;
pub mod pictures;
pub mod post_queue;
pub mod storage;

pub mod core;
pub mod tasks;

pub mod auth;

pub mod audits;

pub mod orgs;

pub mod emoji;

pub mod mail;

pub mod roles;
pub mod users;

pub mod bots;
pub mod tokens;

pub mod preferences;
pub mod statuses;

pub mod system;

pub mod append;
pub mod attachments;

pub mod teams;

pub mod channels;

pub mod files;
pub mod membership;
pub mod schemes;

pub mod previews;

pub mod posts;

pub mod reactions;
pub mod search;
pub mod subscriptions;
pub mod typing;
pub mod unreads;

pub mod console;
pub mod worker;
