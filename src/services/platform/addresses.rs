//! The organisation that an address belongs to: the one of its host name or of its path prefix `/o/<slug>`, or the
//! default one. Each address is queried at most once a second, however many requests it gets; a change on this node
//! applies at once. Organisations themselves are in `orgs`.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use crate::config::Site;
use crate::db::orgs::{self, Housed};
use crate::db::{self, Pool};
use crate::error::{Error, Result};
use crate::wire::OrgId;

/// The time for which a result of the database is cached.
const FRESH: Duration = Duration::from_secs(1);

/// Addresses in the cache at most, since requests can name any address.
const CAPACITY: u64 = 10_000;

/// Characters of a slug, and of a host name, at most.
pub const MAX_SLUG: usize = 64;
const MAX_HOST: usize = 253;

/// The part of a request that names an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// The slug in the path prefix `/o/<slug>`.
    Slug(String),
    /// The host name, in lower case and without a port. An unknown one stands for the default organisation.
    Host(String),
}

/// The policy for sign-ups: who may make an account by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignUp {
    /// Everybody.
    Open,
    /// People with an invitation to a team.
    Invitation,
    /// People with an address of certain email domains.
    Domain,
    /// Nobody.
    Closed,
}

impl SignUp {
    /// The policy with a name; `None` for an unknown name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Open, Self::Invitation, Self::Domain, Self::Closed].into_iter().find(|p| p.name() == name)
    }

    /// The policy's name in rows and bodies.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invitation => "invitation",
            Self::Domain => "domain",
            Self::Closed => "closed",
        }
    }
}

/// An organisation with the settings that apply to it.
#[derive(Debug, Clone)]
pub struct Org {
    /// The identifier.
    pub id: OrgId,
    /// The slug, its name in addresses.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// The address for people, without a trailing slash; empty if the settings do not name it.
    pub url: String,
    /// Whether it is the default organisation.
    pub is_default: bool,
    /// The policy for sign-ups.
    pub sign_up: SignUp,
    /// Whether it is suspended: its logins and its sessions are refused.
    pub is_suspended: bool,
    /// The row.
    pub row: orgs::Org,
}

impl Org {
    /// The path prefix on the site's own host: empty, or `/o/<slug>`.
    pub fn path(&self) -> String {
        if self.is_default { String::new() } else { format!("/o/{}", self.slug) }
    }
}

/// The cache of addresses.
pub struct Addresses {
    found: Cache<Address, Option<Arc<Org>>>,
    default: OrgId,
    site: Site,
    /// The policy of organisations without one of their own.
    otherwise: SignUp,
}

impl Addresses {
    /// Creates an empty cache; `default` is the organisation of unknown hosts.
    pub fn new(default: OrgId, site: Site, open_signup: bool) -> Self {
        let otherwise = if open_signup { SignUp::Open } else { SignUp::Closed };
        let found = Cache::builder().max_capacity(CAPACITY).time_to_live(FRESH).build();
        Self { found, default, site, otherwise }
    }

    /// The organisation of an address, suspended or not. Concurrent requests share one query.
    pub async fn find(&self, pool: &Pool, address: Address) -> Result<Option<Arc<Org>>> {
        if let Some(known) = self.found.get(&address).await {
            return Ok(known);
        }
        let asked = address.clone();
        // Boxed, so that the future of a request with a cached address stays small.
        let load = Box::pin(async {
            Ok::<_, Error>(self.load(pool, &asked).await?.map(|o| Arc::new(self.shape(o))))
        });
        self.found.try_get_with(address, load).await.map_err(|e: Arc<Error>| e.again())
    }

    async fn load(&self, pool: &Pool, address: &Address) -> Result<Option<Housed>> {
        Ok(match address {
            Address::Slug(slug) if !is_slug(slug) => None,
            Address::Slug(slug) => db::orgs::by_slug(&mut *pool.get().await?, slug).await?,
            Address::Host(host) => {
                let host = if host.len() > MAX_HOST { "" } else { host };
                db::orgs::by_host(&mut *pool.get().await?, host, self.default).await?
            }
        })
    }

    /// Empties the cache after a change of organisations.
    pub fn forget(&self) {
        self.found.invalidate_all();
    }

    /// The policy with the name in a row, or that of the settings if it has none.
    pub fn sign_up(&self, said: Option<&str>) -> SignUp {
        said.and_then(SignUp::of).unwrap_or(self.otherwise)
    }

    /// The organisation of a row, with the settings that apply to it.
    pub fn shape(&self, (row, domains): Housed) -> Org {
        let is_default = row.id == self.default;
        let name = if row.name.is_empty() { self.site.name.clone() } else { row.name.clone() };
        let url = match domains.first() {
            Some(domain) => on_host(&self.site.url, domain),
            None if is_default || self.site.url.is_empty() => self.site.url.trim_end_matches('/').to_owned(),
            None => format!("{}/o/{}", self.site.url.trim_end_matches('/'), row.slug),
        };
        Org {
            id: row.id,
            slug: row.slug.clone(),
            name,
            url,
            is_default,
            sign_up: self.sign_up(row.sign_up.as_deref()),
            is_suspended: row.suspended_at != 0,
            row,
        }
    }
}

/// The site's address with another host; scheme and port stay.
fn on_host(site: &str, host: &str) -> String {
    let (scheme, rest) = site.split_once("://").unwrap_or(("https", ""));
    let authority = rest.split('/').next().unwrap_or_default();
    let port =
        authority.rsplit_once(':').map(|(_, port)| port).filter(|p| p.bytes().all(|b| b.is_ascii_digit()));
    port.map_or_else(|| format!("{scheme}://{host}"), |port| format!("{scheme}://{host}:{port}"))
}

/// Whether a text can be a slug: a to z, digits and hyphens, no hyphen at either end.
pub fn is_slug(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = text.bytes().next().is_some_and(plain) && text.bytes().last().is_some_and(plain);
    text.len() <= MAX_SLUG && ends && text.bytes().all(|b| plain(b) || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_plain() {
        for good in ["a", "acme", "acme-2", &"a".repeat(64)] {
            assert!(is_slug(good), "{good}");
        }
        for bad in ["", "-a", "a-", "Acme", "a_b", "a.b", "a/b", "é", &"a".repeat(65)] {
            assert!(!is_slug(bad), "{bad}");
        }
    }

    #[test]
    fn another_host_keeps_scheme_and_port() {
        for (site, expected) in [
            ("", "https://acme.org"),
            ("https://chat.example.org", "https://acme.org"),
            ("http://chat.example.org:8065/", "http://acme.org:8065"),
            ("http://[::1]/", "http://acme.org"),
        ] {
            assert_eq!(on_host(site, "acme.org"), expected, "{site}");
        }
    }
}
