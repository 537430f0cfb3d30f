//! The services, which hold the business rules. Each module is a noun of the product, its functions are the verbs; a
//! call begins a transaction, does its work, emits events, commits. No HTTP, no SQL, no actors.
//!
//! They lie on floors, named after the parts of the system. A floor may use those listed before it, never those listed
//! after it (`tests/architecture/`). What the functions of a floor share is its `Core`, which holds the core of the
//! floor below and dereferences to it: whoever has a core can call every floor that is further down.

pub mod platform;

pub mod realtime;

pub mod auth;

pub mod orgs;

pub mod users;

pub mod teams;

pub mod channels;

pub mod membership;

pub mod files;

pub mod posts;

pub mod operation;

pub use operation::Core;
