//! From where somebody asks.

/// From where a request came.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The client's network address, as far as it is known.
    pub address: String,
    /// What it calls itself.
    pub user_agent: String,
}
