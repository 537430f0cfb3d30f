//! Teams: the proof of belonging ([`TeamSeat`]), the teams themselves and the roles of their members. Channels are
//! not known here: making a team with its channels, coming and leaving are in `membership`.

mod change;
mod icon;
mod read;
mod rules;
mod seat;
mod shape;

pub use change::{
    FullTeam, SchemeRoles, archive, delete_for_good, patch, regenerate_invite, replace, restore, set_privacy,
    set_roles, set_scheme_roles,
};
pub use icon::{Icon, icon, remove_icon, set_icon};
pub use read::{
    Listing, TeamSearch, by_name, exists, get, list, member, members, members_by_ids, of_user,
    places_of_user, search, stats,
};
pub use rules::{NewTeam, TeamPatch};
pub use seat::{TeamSeat, seat, seat_of};

pub(in crate::services) use change::{new_invite, tell};
pub(in crate::services) use read::{id_by_name, no_member};
pub(in crate::services) use rules::{admits, is_restricted};
pub(in crate::services) use seat::unknown;
pub(in crate::services) use shape::{Sight, member as member_shape, shape};
