//! On whose behalf a password is looked at or hashed. That is dear work: nobody has it done without a [`HashPermit`],
//! which is taken from the bucket of their address.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use crate::error::{Error, Kind, Result};
use crate::services::limits::{Limits, Who, household};
use crate::wire::UserId;

/// Who asks for it.
#[derive(Debug, Clone, Copy)]
pub struct Requester {
    pub(super) source: Source,
    is_limited: bool,
}

/// Those whose work waits in one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// The server's own machine.
    Console,
    /// An address, if it is known: of version 6, its network.
    Address(Option<IpAddr>),
}

impl Requester {
    /// Whoever may run the program on the server's machine.
    pub const CONSOLE: Self = Self { source: Source::Console, is_limited: false };

    /// Anybody, from this address.
    pub fn at(address: Option<IpAddr>) -> Self {
        Self { source: Source::Address(address.map(household)), is_limited: true }
    }

    /// The same, of somebody who administrates accounts: their work waits for its turn, but they may have much of it.
    pub fn trusted(self) -> Self {
        Self { is_limited: false, ..self }
    }
}

/// The right to have one password looked at or hashed.
#[derive(Debug)]
pub struct HashPermit {
    pub(super) source: Source,
    is_limited: bool,
}

/// The buckets of such work.
#[derive(Clone)]
pub(super) struct Buckets(pub(super) Option<Arc<Limits>>);

impl Buckets {
    pub(super) fn admit(&self, requester: Requester) -> Result<HashPermit> {
        if let (Source::Address(address), true) = (requester.source, requester.is_limited) {
            self.take(Who::Address(address))?;
        }
        Ok(HashPermit { source: requester.source, is_limited: requester.is_limited })
    }

    /// Takes it from the bucket of the account, too, whose password it is about.
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
