//! What keeps a deployment going: what clients ask about the system, the operators' command line, and the worker, which
//! knows who does which task. Nothing builds on this floor.

pub mod console;
pub mod health;
pub mod system;
pub mod worker;

pub use crate::services::posts::Core;
