//! Resolves names to addresses. The client connects to these results and to nothing else, so a name that resolves
//! differently the second time gains nothing.

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::Guard;

/// The most addresses of one name that are tried.
const MOST: usize = 8;

/// The addresses of a name, once they are known.
pub type Addresses = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// A source of the addresses of a name.
pub trait Lookup: Send + Sync {
    /// Looks up a name. Whatever it answers is filtered before it is connected to.
    fn lookup(&self, name: String) -> Addresses;
}

/// The system's resolver.
pub(super) struct System;

impl Lookup for System {
    fn lookup(&self, name: String) -> Addresses {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// A resolver that drops addresses which may not be called.
pub(super) struct Filtered {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) guard: Arc<Guard>,
}

impl Resolve for Filtered {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.lookup.lookup(name.as_str().to_owned());
        let guard = self.guard.clone();
        Box::pin(async move {
            let mut ips = found.await?;
            ips.retain(|ip| guard.allows(*ip));
            ips.truncate(MOST);
            if ips.is_empty() {
                return Err(io::Error::other("the name has no public address").into());
            }
            let addresses: Addrs = Box::new(ips.into_iter().map(|ip| (ip, 0).into()));
            Ok(addresses)
        })
    }
}
