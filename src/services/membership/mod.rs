//! Coming and going: what touches teams and channels together. A team is made with its first channels, who joins it is
//! in them at once, who leaves it leaves all. Locks are always taken in one order: the team, places in it, channels by
//! their identifiers; so posts, comings and goings have one order, and nobody waits crosswise.

mod enter;
mod found;
mod guests;
mod join;
mod leave;
mod part;

pub use enter::{Entry, Failure, Outcome, add, add_many, add_many_gracefully, by_invitation, sign_up};
pub use found::create_team;
pub use guests::{demote, promote};
pub use join::{Joiners, join};
pub use leave::leave_team;
pub use part::part;
