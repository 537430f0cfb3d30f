//! Joining and leaving: everything that concerns teams and channels together. A team is created with its first
//! channels, a new member is added to them, and a leaver leaves all channels. Locks are always taken in the same order:
//! the team, memberships in it, channels by identifier; this puts posts, joins and departures in one order and avoids
//! deadlocks.

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

pub use crate::services::channels::Core;
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
