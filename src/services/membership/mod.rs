//! Coming and going: what touches teams and channels together. A team is made with its first channels, who joins it is
//! in them at once, who leaves it leaves all. Locks are always taken in one order: the team, places in it, channels by
//! their identifiers; so posts, comings and goings have one order, and nobody waits crosswise.

mod accept;
mod enter;
mod found;
mod guests;
mod invitation;
mod invite;
mod join;
mod leave;
mod part;
mod provider;

pub use accept::{by_invitation, sign_up};
pub use enter::{Entry, Failure, Outcome, add, add_many, add_many_gracefully};
pub use found::create_team;
pub use guests::{demote, promote};
pub use invitation::{Key, look_at};
pub use invite::{As, Invite, Invited, invite, invite_gracefully, sweep_invitations, withdraw_invitations};
pub use join::{Joiners, join};
pub use leave::leave_team;
pub use part::part;
pub use provider::sign_in;
