//! Teams: the proof of access ([`TeamAccess`]), the teams themselves and the roles of their members. This module does
//! not know channels: creating a team with its channels, joining and leaving are in `membership`.

mod access;
mod change;
mod icon;
mod read;
mod rules;
mod shape;

pub use crate::services::users::Core;
pub use access::{TeamAccess, access, access_of};
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

pub(in crate::services) use access::unknown;
pub(in crate::services) use change::{new_invite, tell};
pub(in crate::services) use read::{id_by_name, no_member};
pub(in crate::services) use rules::{admits, is_restricted};
pub(in crate::services) use shape::{TeamDetail, member as member_shape, shape};
