//! What keeps a deployment going: what clients ask about the system, the operators' command line, and the jobs that run
//! from time to time. Nothing builds on this floor.

pub mod console;
pub mod health;
pub mod jobs;
pub mod system;

pub use crate::services::posts::Core;
