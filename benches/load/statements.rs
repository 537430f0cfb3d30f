//! Counts statements: while a database logs them, the private PostgreSQL's log comes by here.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::Outcome;

static SEEN: AtomicU64 = AtomicU64::new(0);

/// Statements logged so far.
pub(super) fn seen() -> u64 {
    SEEN.load(Ordering::Relaxed)
}

/// Begins to listen to PostgreSQL's log, as the supervisor of the private cluster hands it on.
pub(super) fn listen() -> Outcome<()> {
    let log = Targets::new().with_target("postgres", Level::DEBUG).with_target("rustchat", Level::WARN);
    tracing_subscriber::registry().with(Counter.with_filter(log)).try_init()?;
    Ok(())
}

struct Counter;

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut Line { is_complaint: *event.metadata().level() <= Level::WARN });
    }
}

struct Line {
    is_complaint: bool,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() != "message" {
            return;
        }
        let text = format!("{value:?}");
        if self.is_complaint {
            // Said to connections that are open when the bench ends.
            if text.starts_with("terminating connection") {
                return;
            }
            eprintln!("postgres: {text}");
        } else if text.starts_with("execute ") || text.starts_with("statement: ") {
            SEEN.fetch_add(1, Ordering::Relaxed);
        }
    }
}
