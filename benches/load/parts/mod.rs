//! What is measured, one file for each part, and the writers that most of them share.

mod apart;
pub(super) mod bodies;
pub(super) mod crash;
pub(super) mod fanout;
pub(super) mod files;
pub(super) mod flood;
pub(super) mod joins;
pub(super) mod logins;
pub(super) mod members;
pub(super) mod memory;
pub(super) mod nodes;
pub(super) mod people;
pub(super) mod pgbench;
pub(super) mod posting;
pub(super) mod reconnect;
pub(super) mod requests;
pub(super) mod strangers;
pub(super) mod tasks;
pub(super) mod texts;
pub(super) mod writers;
