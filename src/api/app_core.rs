//! The service parts, as handlers and middleware take them.

use actix_web::web;

use crate::services::Core;

/// The core, as handlers take it.
pub type AppCore = web::Data<Core>;
