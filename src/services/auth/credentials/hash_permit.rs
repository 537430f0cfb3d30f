//! The rate limit of password hashing. Hashing is expensive: it needs a [`HashPermit`], which is taken from the bucket
//! of the requester's address.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use crate::error::{Error, Kind, Result};
use crate::services::platform::limits::{Limits, Who, household};
use crate::wire::UserId;

/// The requester of a password hash.
#[derive(Debug, Clone, Copy)]
pub struct Requester {
    pub(super) source: Source,
    is_limited: bool,
}

/// The source of hashing jobs that wait in one queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// The command line on the server's machine.
    Console,
    /// A network address, if it is known; for IPv6 its network.
    Address(Option<IpAddr>),
}

impl Requester {
    /// The command line on the server's machine; not limited.
    pub const CONSOLE: Self = Self { source: Source::Console, is_limited: false };

    /// A client at this address.
    pub fn at(address: Option<IpAddr>) -> Self {
        Self { source: Source::Address(address.map(household)), is_limited: true }
    }

    /// Lifts the limit, for an administrator of accounts: their jobs still wait for their turn.
    pub fn trusted(self) -> Self {
        Self { is_limited: false, ..self }
    }
}

/// The permit to hash or verify one password.
#[derive(Debug)]
pub struct HashPermit {
    pub(super) source: Source,
    is_limited: bool,
}

/// The buckets that permits are taken from; none if limits are off.
#[derive(Clone)]
pub(super) struct Buckets(pub(super) Option<Arc<Limits>>);

impl Buckets {
    pub(super) fn admit(&self, requester: Requester) -> Result<HashPermit> {
        if let (Source::Address(address), true) = (requester.source, requester.is_limited) {
            self.take(Who::Address(address))?;
        }
        Ok(HashPermit { source: requester.source, is_limited: requester.is_limited })
    }

    /// Takes the job from the bucket of the account whose password it is about, too.
    pub(super) fn charge(&self, turn: &HashPermit, account: UserId) -> Result<()> {
        if turn.is_limited { self.take(Who::Account(account)) } else { Ok(()) }
    }

    fn take(&self, who: Who) -> Result<()> {
        let Some(limits) = &self.0 else { return Ok(()) };
        let taken = limits.take(who, Instant::now());
        if taken.allowed { Ok(()) } else { Err(too_many(taken.reset)) }
    }
}

pub(super) fn too_many(retry_after: u32) -> Error {
    Error::new(
        Kind::TooMany { retry_after },
        "api.context.rate_limit.app_error",
        "Too many passwords were tried or set. Please try again later.",
    )
}
