//! The reasons why options are refused, and why a fetch fails.

/// The reason why options are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// This part of the ports is none.
    #[error("{0} is no port")]
    Port(String),
    /// This part of the inner networks is none.
    #[error("{0} is no network")]
    Network(String),
}

/// The reason why a fetch failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address may not be called, for this reason.
    #[error("the address may not be called: {0}")]
    Refused(&'static str),
    /// The site does not answer, or not properly.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer is of an unwanted status, type or size.
    #[error("not what was asked for: {0}")]
    Unwanted(&'static str),
    /// The fetch took too long.
    #[error("it took too long")]
    Slow,
    /// Too many fetches are running.
    #[error("too much is being fetched")]
    Busy,
}
