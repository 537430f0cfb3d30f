//! IP networks, as settings name them.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::Deserialize;

/// A list of networks: `10.0.0.0/8, 192.168.1.7, fd00::/8`; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether one of them contains the address.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl TryFrom<String> for Networks {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
        let network = |part: &str| read(part).ok_or_else(|| format!("{part} is no network"));
        parts.map(network).collect::<Result<_, _>>().map(Self)
    }
}

/// Parses a network. A single address is a network of one.
fn read(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(text: &str) -> Networks {
        Networks::try_from(text.to_owned()).expect(text)
    }

    #[test]
    fn a_network_has_its_addresses_and_no_others() {
        for (text, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.1"),
            ("192.168.1.7", "192.168.1.7", "192.168.1.8"),
            ("fd00::/8, 172.16.0.0/12", "fd12::1", "fe80::1"),
            ("fd00::/8 172.16.0.0/12", "172.31.255.255", "172.32.0.0"),
            ("0.0.0.0/0", "203.0.113.9", "::1"),
            ("::/0", "2001:db8::1", "10.0.0.1"),
            ("10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:11.0.0.1"),
        ] {
            let networks = networks(text);
            assert!(networks.contain(inside.parse().expect(inside)), "{text} has {inside}");
            assert!(!networks.contain(outside.parse().expect(outside)), "{text} has not {outside}");
        }
        assert!(!networks("").contain(IpAddr::from([127, 0, 0, 1])));
    }

    #[test]
    fn what_is_no_network_is_refused_by_name() {
        for bad in ["10.0.0.0/33", "::/129", "proxy.example.org", "10.0.0.0/x", "10.0.0"] {
            let error = Networks::try_from(format!("127.0.0.1, {bad}")).expect_err(bad);
            assert!(error.contains(bad), "{error}");
        }
    }
}
