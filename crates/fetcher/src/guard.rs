//! The rules about addresses that may be called, in one place: for the text of an address, for the result of its name's
//! resolution, and for the target of a redirect.

use std::net::IpAddr;

use ipnet::IpNet;
use reqwest::Url;

use super::address::is_public;
use super::{FetchError, OptionsError};

/// The longest address, in bytes.
const LONGEST: usize = 2048;

/// The rules of a deployment.
#[derive(Debug)]
pub struct Guard {
    /// The allowed ports; empty for any.
    ports: Vec<u16>,
    /// The inner networks that may be called all the same.
    inner: Vec<IpNet>,
}

/// Parses a network: `10.0.0.0/8`, `fd00::/8`, or a single address.
fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

impl Guard {
    /// Parses lists of ports and of networks, separated by commas.
    pub fn new(ports: &str, inner: &str) -> Result<Self, OptionsError> {
        let port = |p: &str| p.parse().ok().ok_or_else(|| OptionsError::Port(p.to_owned()));
        let inner_network = |n: &str| network(n).ok_or_else(|| OptionsError::Network(n.to_owned()));
        Ok(Self {
            ports: parts(ports).map(port).collect::<Result<_, _>>()?,
            inner: parts(inner).map(inner_network).collect::<Result<_, _>>()?,
        })
    }

    /// Parses an address; an error if it may not be called.
    pub fn read(&self, text: &str) -> Result<Url, FetchError> {
        if text.len() > LONGEST {
            return Err(FetchError::Refused("too long"));
        }
        let mut url = Url::parse(text.trim()).map_err(|_bad| FetchError::Refused("not an address"))?;
        url.set_fragment(None);
        self.check(&url)?;
        Ok(url)
    }

    /// The target of a redirect from `at`. A redirect from https to http is refused.
    pub fn follow(&self, at: &Url, to: &str) -> Result<Url, FetchError> {
        let to = self.read(to)?;
        if at.scheme() == "https" && to.scheme() != "https" {
            return Err(FetchError::Refused("a redirect out of encryption"));
        }
        Ok(to)
    }

    fn check(&self, url: &Url) -> Result<(), FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::Refused("neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Refused("it names a user"));
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if !self.ports.is_empty() && !self.ports.contains(&port) {
            return Err(FetchError::Refused("its port"));
        }
        match literal(url.host_str().ok_or(FetchError::Refused("no host"))?) {
            Some(ip) if !self.allows(ip) => Err(FetchError::Refused("not a public address")),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether `ip` may be connected to.
    pub fn allows(&self, ip: IpAddr) -> bool {
        is_public(ip) || self.inner.iter().any(|network| network.contains(&ip))
    }
}

fn parts(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// The IP address that a host is, if it is no name. Other notations of one (decimal, octal, hexadecimal, short, with
/// full-width digits) became this one when the address was parsed.
fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}
