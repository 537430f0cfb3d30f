//! The client of a request.

use std::net::IpAddr;

use crate::services::auth::credentials::Requester;
use crate::services::platform::limits::household;

/// The origin of a request.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The client's network address, as far as it is known.
    pub address: String,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// Whether its headers name a client on another machine, whether or not they are believed.
    pub is_handed_on: bool,
}

impl Client {
    /// The requester for password hashing.
    pub fn requester(&self) -> Requester {
        Requester::at(self.address.parse().ok())
    }

    /// The client's address; for IPv6 its network, since one client usually has all addresses of it.
    pub fn household(&self) -> String {
        let address: Option<IpAddr> = self.address.parse().ok();
        address.map(|a| household(a).to_string()).unwrap_or_default()
    }
}
