//! From where somebody asks.

use std::net::IpAddr;

use crate::services::credentials::Requester;
use crate::services::limits::household;

/// From where a request came.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The client's network address, as far as it is known.
    pub address: String,
    /// What it calls itself.
    pub user_agent: String,
    /// Whether it comes from elsewhere than this machine by what its request says, whether that is believed or not.
    pub is_handed_on: bool,
}

impl Client {
    /// Whoever asks from there, as they stand in the line before passwords.
    pub fn requester(&self) -> Requester {
        Requester::at(self.address.parse().ok())
    }

    /// Its address; of version 6 the network, whose addresses all belong to one household.
    pub fn household(&self) -> String {
        let address: Option<IpAddr> = self.address.parse().ok();
        address.map(|a| household(a).to_string()).unwrap_or_default()
    }
}
