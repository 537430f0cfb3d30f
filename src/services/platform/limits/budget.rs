//! A budget of bytes that clients may make this node hold at once: for all of them together, and a share for each, so
//! that a client that asks for much finds its own share used up and nobody else's. Nothing waits here: what does not
//! fit is refused, and may be tried again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Who;
use crate::error::{Error, Kind, Result};

/// A budget of bytes. Clones share it.
#[derive(Debug, Clone)]
pub struct Budget {
    used: Arc<Mutex<Used>>,
    total: usize,
    share: usize,
}

/// The bytes that are held now.
#[derive(Debug, Default)]
struct Used {
    total: usize,
    each: HashMap<Who, usize>,
}

/// Bytes that are held; given back on drop.
#[derive(Debug)]
pub struct HeldBytes {
    budget: Budget,
    who: Who,
    bytes: usize,
}

impl Budget {
    /// Creates a budget of `total` bytes, of which one client may hold `share`.
    pub fn new(total: usize, share: usize) -> Self {
        Self { used: Arc::default(), total, share }
    }

    /// Holds `bytes` for `who`. If `who` holds nothing, the request fits its share, however large it is. Fails with
    /// `TooMany` if the share is used up, with `Unavailable` if the total is.
    pub fn hold(&self, who: Who, bytes: usize) -> Result<HeldBytes> {
        let mut used = self.lock();
        let own = used.each.get(&who).copied().unwrap_or(0);
        if own > 0 && own + bytes > self.share {
            return Err(full(Kind::TooMany { retry_after: 1 }));
        }
        if used.total + bytes > self.total {
            return Err(full(Kind::Unavailable { retry_after: 1 }));
        }
        used.each.insert(who, own + bytes);
        used.total += bytes;
        Ok(HeldBytes { budget: self.clone(), who, bytes })
    }

    fn lock(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for HeldBytes {
    fn drop(&mut self) {
        let mut used = self.budget.lock();
        used.total = used.total.saturating_sub(self.bytes);
        if let Some(own) = used.each.get_mut(&self.who) {
            *own = own.saturating_sub(self.bytes);
            if *own == 0 {
                used.each.remove(&self.who);
            }
        }
    }
}

fn full(kind: Kind) -> Error {
    Error::new(
        kind,
        "api.context.too_much_at_once.app_error",
        "Too many large requests at once. Try again in a moment.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::UserId;

    #[test]
    fn one_client_has_a_share_and_the_others_the_rest() {
        let budget = Budget::new(100, 40);
        let [ann, bob, cid] = [(); 3].map(|()| Who::Account(UserId::new()));
        let first = budget.hold(ann, 30).expect("within the share");
        assert!(budget.hold(ann, 11).is_err(), "more than the share");
        let _second = budget.hold(ann, 10).expect("up to the share");
        let large = budget.hold(bob, 55).expect("one thing always fits");
        assert!(budget.hold(cid, 10).is_err(), "more than there is");
        drop(large);
        let _third = budget.hold(cid, 10).expect("there is space again");
        drop(first);
        budget.hold(ann, 30).expect("given back");
        assert_eq!(budget.lock().each.len(), 2, "who holds nothing is forgotten");
        assert_eq!(budget.lock().total, 20);
    }
}
