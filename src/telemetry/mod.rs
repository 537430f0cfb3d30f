//! Logs: JSON in production, lines for people in development; and the identifier that a request's lines and its
//! answer share.

use std::cell::RefCell;
use std::future::Future;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::prelude::*;

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For a person at a terminal.
    Pretty,
}

/// Starts logging. `filter` is a level or a list of `target=level`; it was checked by the settings.
pub fn start(filter: &str, format: Format) {
    // What strangers send that is no HTTP is no error of ours.
    let noise = "actix_http::h1::dispatcher=off";
    let filter = EnvFilter::try_new(format!("{filter},{noise}")).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let result = match format {
        Format::Json => registry
            .with(tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr))
            .try_init(),
        Format::Pretty => {
            registry.with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr)).try_init()
        }
    };
    // A second start in one process (tests) keeps the first subscriber.
    drop(result);
}

/// Whether `filter` can be understood.
pub fn is_filter(filter: &str) -> bool {
    EnvFilter::try_new(filter).is_ok()
}

tokio::task_local! {
    static REQUEST_ID: RefCell<String>;
}

/// The identifier of the request that is being answered; empty outside of one.
pub fn request_id() -> String {
    REQUEST_ID.try_with(|id| id.borrow().clone()).unwrap_or_default()
}

/// Runs `work` as part of the request `id`.
pub async fn within<F: Future>(id: String, work: F) -> F::Output {
    REQUEST_ID.scope(RefCell::new(id), work).await
}
