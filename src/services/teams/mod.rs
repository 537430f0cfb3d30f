//! Teams: the proof of access ([`TeamAccess`]), the teams themselves and the roles of their members. This module does
//! not know channels: creating a team with its channels, joining and leaving are in `membership`.

mod access;
mod icon;
mod rules;
mod shape;
mod team_list;
mod team_settings;

pub use crate::services::users::Core;
pub use access::{TeamAccess, access, access_of};
pub use icon::{Icon, icon, remove_icon, set_icon};
pub use rules::{NewTeam, TeamPatch};
pub use team_list::{
    Listing, TeamSearch, by_name, exists, get, list, member, members, members_by_ids, of_user,
    places_of_user, search, stats,
};
pub use team_settings::{
    FullTeam, SchemeRoles, archive, delete_for_good, patch, regenerate_invite, replace, restore, set_privacy,
    set_roles, set_scheme_roles,
};

pub(in crate::services) use access::unknown;
pub(in crate::services) use rules::{admits, is_restricted};
pub(in crate::services) use shape::{TeamDetail, member as member_shape, shape};
pub(in crate::services) use team_list::{id_by_name, no_member};
pub(in crate::services) use team_settings::{new_invite, tell};
