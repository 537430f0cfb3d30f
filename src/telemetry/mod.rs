//! Logging: JSON in production, readable lines in development; and the identifier that a request's log lines and its
//! response share.

use std::cell::RefCell;
use std::future::Future;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::prelude::*;

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// Readable lines, for a terminal.
    Pretty,
}

/// Starts logging. `filter` is a level or a list of `target=level`; the settings have checked it.
pub fn start(filter: &str, format: Format) {
    // Input of strangers that is not HTTP is no error of ours.
    let noise = "actix_http::h1::dispatcher=off";
    let filter = normal(filter).unwrap_or_else(|_| "info".to_owned());
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

/// The reason why `filter` is invalid, in one sentence; `None` if it is valid.
pub fn mistake(filter: &str) -> Option<String> {
    normal(filter).err()
}

/// The filter in the syntax of the library. The library takes a word that is no level for a target that is to be logged
/// alone, so that a typo would silence everything else: unknown words are refused here, common synonyms accepted, and
/// errors are logged for every target that is not named.
fn normal(filter: &str) -> Result<String, String> {
    let mut parts = Vec::new();
    let mut is_for_all = false;
    for part in filter.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.rsplit_once('=') {
            // Brackets contain field names, which have values.
            Some((target, word)) if !word.contains(']') => {
                let level = level(word).ok_or_else(|| unknown(part, word))?;
                parts.push(format!("{target}={level}"));
            }
            Some(_) => parts.push(part.to_owned()),
            None => {
                is_for_all = true;
                parts.push(level(part).ok_or_else(|| unknown(part, part))?.to_owned());
            }
        }
    }
    if parts.is_empty() {
        return Err("it is empty; off silences everything".to_owned());
    }
    if !is_for_all {
        parts.insert(0, "error".to_owned());
    }
    let filter = parts.join(",");
    match EnvFilter::try_new(&filter) {
        Ok(_) => Ok(filter),
        Err(error) => Err(error.to_string()),
    }
}

/// The level that a word stands for, common synonyms included.
fn level(word: &str) -> Option<&'static str> {
    match word.trim().to_ascii_lowercase().as_str() {
        "off" | "none" => Some("off"),
        "error" | "err" | "errors" | "fatal" | "critical" => Some("error"),
        "warn" | "warning" | "warnings" => Some("warn"),
        "info" | "information" | "notice" => Some("info"),
        "debug" | "verbose" => Some("debug"),
        "trace" | "all" => Some("trace"),
        _ => None,
    }
}

fn unknown(part: &str, word: &str) -> String {
    let of = if part == word { String::new() } else { format!(" in \"{part}\"") };
    format!("\"{word}\"{of} is no level: error, warn, info, debug, trace or off")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_means_what_people_mean() {
        for (filter, understood) in [
            ("info", "info"),
            ("warning", "warn"),
            ("WARNING", "warn"),
            (" info , rustchat::actors=verbose", "info,rustchat::actors=debug"),
            ("rustchat::actors=debug", "error,rustchat::actors=debug"),
            ("off", "off"),
        ] {
            assert_eq!(normal(filter).as_deref(), Ok(understood), "{filter}");
        }
        for (mistake, named) in [
            ("wran", "wran"),
            ("rustchat", "rustchat"),
            ("info,rustchat=loud", "loud"),
            ("info,", ""),
            ("", "empty"),
        ] {
            match normal(mistake) {
                Err(why) => assert!(why.contains(named), "{mistake}: {why}"),
                Ok(understood) => assert_eq!(understood, "info", "{mistake}"),
            }
        }
    }
}
