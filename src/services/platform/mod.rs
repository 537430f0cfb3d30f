//! The lowest floor: what every service needs and nothing of chat. The transaction ([`Tx`]), the bus that it publishes to,
//! addresses, keys, limits, texts, the object storage, the
//! queue of durable tasks, mail. Who delivers what is published is in `realtime`; who may do something
//! is in `auth`.

pub mod addresses;
mod bus;
mod core;
pub mod keys;
pub mod limits;
pub mod mail;
pub mod storage;
pub mod tasks;
pub mod texts;
mod transaction;

pub use bus::Bus;
pub use core::{Core, Parts, Shared};
pub use transaction::{Numbers, Tx};
