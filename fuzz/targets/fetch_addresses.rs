//! The guard in front of the fetcher: whatever text is let through is an address of the public network, however it is
//! spelled. What is public is judged by the standard library's own tables. The input is an address; with further lines,
//! the target of a redirect from it, and the options.

#![no_main]

use std::net::{Ipv4Addr, Ipv6Addr};

use fetcher::{Guard, Url};
use libfuzzer_sys::fuzz_target;
use url::Host;

/// The longest address.
const LONGEST: usize = 2048;

fuzz_target!(|text: &str| {
    let mut lines = text.splitn(4, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let (address, redirect, ports, inner) = (next(), next(), next(), next());
    // Refused or not: options never panic.
    let _ = Guard::new(ports, inner);
    let guard = Guard::new("", "").expect("no options");
    let Ok(url) = guard.read(address) else { return };
    is_harmless(&url);
    if url.as_str().len() <= LONGEST {
        assert_eq!(guard.read(url.as_str()), Ok(url.clone()), "read again");
    }
    if let Ok(to) = guard.follow(&url, redirect) {
        is_harmless(&to);
        assert!(url.scheme() == "http" || to.scheme() == "https", "{url} leads to {to}");
    }
});

fn is_harmless(url: &Url) {
    assert!(matches!(url.scheme(), "http" | "https"), "{url}");
    assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none(), "{url}");
    match url.host().expect("a host") {
        Host::Ipv4(ip) => assert!(is_public_v4(ip), "{url}"),
        Host::Ipv6(ip) => assert!(is_public_v6(ip), "{url}"),
        Host::Domain(name) => assert!(name.parse::<Ipv4Addr>().is_err(), "{url}"),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let is_inner = ip.is_unspecified() || ip.is_loopback() || ip.is_private() || ip.is_link_local();
    let is_of_nobody = ip.is_multicast() || ip.is_broadcast() || ip.is_documentation();
    !is_inner && !is_of_nobody
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let is_inner =
        ip.is_unspecified() || ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local();
    // The addresses that embed one of IPv4: mapped, compatible, translated, 6to4.
    let embedded = match ip.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some((high, low)),
        _ => ip.to_ipv4().map(|ip| {
            let [a, b, c, d] = ip.octets();
            (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
        }),
    };
    let embedded = embedded.map(|(high, low)| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    !is_inner && !ip.is_multicast() && embedded.is_none_or(is_public_v4)
}
