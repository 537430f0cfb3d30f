//! What an organisation made of the roles: the built-in ones with what its administrators granted and withdrew, and
//! those of its schemes. From it follows what somebody may do in a place, by the roles that they have there.

use std::collections::HashMap;

use uuid::Uuid;

use super::built_in::{BUILT_IN, BuiltIn, Part, built_in};
use super::names::{Permission, Permissions, Scope};
use crate::db::role_changes::RoleChange;
use crate::db::schemes::Scheme;
use crate::wire::{Millis, OrgId, SchemeId, id};

/// When the built-in roles came to be; they are part of the program.
const SINCE: Millis = 1_767_225_600_000;

/// What somebody is in a team or a channel. A guest is never its administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// Sees no more than what they were let in to.
    Guest,
    /// A member like most.
    User,
    /// A member who administrates.
    Admin,
}

impl Rank {
    /// That of a membership's row.
    pub fn of(admin: bool, guest: bool) -> Self {
        match (guest, admin) {
            (true, _) => Self::Guest,
            (false, true) => Self::Admin,
            (false, false) => Self::User,
        }
    }

    /// The roles of that rank in a team.
    fn in_team(self) -> &'static [Part] {
        match self {
            Self::Guest => &[Part::TeamGuest],
            Self::User => &[Part::TeamUser],
            Self::Admin => &[Part::TeamUser, Part::TeamAdmin],
        }
    }

    /// The roles of that rank in a channel.
    fn in_channel(self) -> &'static [Part] {
        match self {
            Self::Guest => &[Part::ChannelGuest],
            Self::User => &[Part::ChannelUser],
            Self::Admin => &[Part::ChannelUser, Part::ChannelAdmin],
        }
    }
}

/// Where somebody stands: what they are there, and which schemes hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place {
    /// What they are in the team, if in it.
    pub team: Option<Rank>,
    /// What they are in the channel, if in it.
    pub channel: Option<Rank>,
    /// The scheme of the team.
    pub team_scheme: Option<SchemeId>,
    /// The scheme of the channel itself, which only takes away from its team's.
    pub channel_scheme: Option<SchemeId>,
}

/// A role as it is in an organisation now.
#[derive(Debug, Clone)]
pub struct RoleInForce {
    /// Its identifier on the wire.
    pub id: String,
    /// Its name: that of the built-in role, or one of its scheme's own.
    pub name: String,
    /// What it is made from.
    pub base: &'static BuiltIn,
    /// The scheme that it belongs to.
    pub scheme: Option<SchemeId>,
    /// What it permits.
    pub permissions: Permissions,
    /// When it was made.
    pub create_at: Millis,
    /// When it last changed.
    pub update_at: Millis,
}

/// The roles and schemes of an organisation.
#[derive(Debug)]
pub struct Charter {
    roles: Vec<RoleInForce>,
    schemes: Vec<Scheme>,
    by_name: HashMap<String, Permissions>,
    parts: HashMap<(Option<SchemeId>, Part), Permissions>,
}

impl Charter {
    /// What follows from the rows of `org`.
    pub fn new(org: OrgId, changes: Vec<RoleChange>, schemes: Vec<Scheme>) -> Self {
        let changes: HashMap<String, RoleChange> = changes.into_iter().map(|c| (c.name.clone(), c)).collect();
        let mut roles: Vec<RoleInForce> =
            BUILT_IN.iter().map(|base| in_force(org, base.name.to_owned(), base, None, &changes)).collect();
        let mut parts = HashMap::new();
        for part in Part::ALL {
            let own = roles.iter().find(|r| r.name == part.name());
            parts.insert((None, part), own.map(|r| r.permissions).unwrap_or_default());
        }
        for scheme in &schemes {
            for part in parts_of(&scheme.scope) {
                let Some(base) = built_in(part.name()) else { continue };
                let mut role = in_force(org, scheme_role(scheme.id, *part), base, Some(scheme), &changes);
                parts.insert((Some(scheme.id), *part), role.permissions);
                if scheme.scope == "channel" {
                    let above = parts.get(&(None, *part)).copied().unwrap_or_default();
                    role.permissions = moderate(*part, above, role.permissions);
                }
                roles.push(role);
            }
        }
        let by_name = roles.iter().map(|r| (r.name.clone(), r.permissions)).collect();
        Self { roles, schemes, by_name, parts }
    }

    /// Every role.
    pub fn roles(&self) -> &[RoleInForce] {
        &self.roles
    }

    /// Every scheme.
    pub fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }

    /// The role that is called `name`.
    pub fn role(&self, name: &str) -> Option<&RoleInForce> {
        self.roles.iter().find(|r| r.name == name)
    }

    /// What the roles of an account, separated by spaces, permit everywhere.
    pub fn of_account(&self, roles: &str) -> Permissions {
        roles
            .split(' ')
            .filter_map(|name| self.by_name.get(name))
            .fold(Permissions::default(), |all, p| all.and(*p))
    }

    /// The names of roles that permit something that is not in `held`.
    pub fn beyond(&self, held: Permissions) -> Vec<String> {
        let more = self.by_name.iter().filter(|(_, permitted)| !held.covers(**permitted));
        more.map(|(name, _)| name.clone()).collect()
    }

    /// What the membership in a team permits there.
    pub fn in_team(&self, place: Place) -> Permissions {
        let parts = place.team.map(Rank::in_team).unwrap_or_default();
        self.sum(parts, |part| self.part(place.team_scheme, part))
    }

    /// What the memberships in a channel and in its team permit there.
    pub fn in_channel(&self, place: Place) -> Permissions {
        let parts = place.channel.map(Rank::in_channel).unwrap_or_default();
        self.sum(parts, |part| self.channel_part(place, part)).and(self.in_team(place))
    }

    /// What `part` permits in a channel with these schemes. The channel's own scheme decides what is moderated, within
    /// what the team's allows; of its administrators it takes nothing.
    pub fn channel_part(&self, place: Place, part: Part) -> Permissions {
        let team = self.part(place.team_scheme, part);
        match place.channel_scheme.and_then(|id| self.parts.get(&(Some(id), part))) {
            Some(own) => moderate(part, team, *own),
            None => team,
        }
    }

    /// What `part` permits by a scheme, or without one.
    fn part(&self, scheme: Option<SchemeId>, part: Part) -> Permissions {
        let found = self.parts.get(&(scheme, part)).or_else(|| self.parts.get(&(None, part)));
        found.copied().unwrap_or_default()
    }

    fn sum(&self, parts: &[Part], of: impl Fn(Part) -> Permissions) -> Permissions {
        parts.iter().fold(Permissions::default(), |all, part| all.and(of(*part)))
    }
}

/// What is left of what the team's scheme permits under a channel's own.
fn moderate(part: Part, team: Permissions, own: Permissions) -> Permissions {
    if part == Part::ChannelAdmin { team } else { team.without(moderated()).and(team.within(own)) }
}

/// What a channel's own scheme decides about: posting, reacting, managing members, mentioning everybody.
fn moderated() -> Permissions {
    use Permission::{
        AddReaction, CreatePost, ManagePrivateChannelMembers, ManagePublicChannelMembers, RemoveReaction,
        UseChannelMentions,
    };
    [
        CreatePost,
        AddReaction,
        RemoveReaction,
        ManagePublicChannelMembers,
        ManagePrivateChannelMembers,
        UseChannelMentions,
    ]
    .into_iter()
    .collect()
}

/// The roles that a scheme of that scope has of its own.
fn parts_of(scope: &str) -> &'static [Part] {
    if scope == "channel" { &Part::OF_CHANNEL } else { &Part::ALL }
}

fn in_force(
    org: OrgId,
    name: String,
    base: &'static BuiltIn,
    scheme: Option<&Scheme>,
    changes: &HashMap<String, RoleChange>,
) -> RoleInForce {
    let change = changes.get(&name);
    let (granted, withdrawn) = change
        .map(|c| (Permissions::known(&c.granted), Permissions::known(&c.withdrawn)))
        .unwrap_or_default();
    let create_at = scheme.map_or(SINCE, |s| s.create_at);
    RoleInForce {
        id: identifier(&[org.0.as_bytes(), name.as_bytes()]),
        permissions: base.permissions().and(granted).without(withdrawn),
        base,
        scheme: scheme.map(|s| s.id),
        create_at,
        update_at: change.map_or(create_at, |c| c.update_at),
        name,
    }
}

/// The name of the role that a scheme has in place of `part`.
pub fn scheme_role(scheme: SchemeId, part: Part) -> String {
    identifier(&[scheme.0.as_bytes(), part.name().as_bytes()])
}

/// The names of the roles of a rank, as the rows of members tell them: those of the scheme where there is one.
pub fn names_of(rank: Rank, in_channel: bool, scheme: Option<SchemeId>) -> String {
    let parts = if in_channel { rank.in_channel() } else { rank.in_team() };
    let name = |part: &Part| scheme.map_or_else(|| part.name().to_owned(), |s| scheme_role(s, *part));
    parts.iter().map(name).collect::<Vec<_>>().join(" ")
}

/// The same on every node and after every start: 128 bits of FNV-1a.
fn identifier(parts: &[&[u8]]) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let bytes = parts.iter().copied().flatten();
    let hash = bytes.fold(OFFSET, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME));
    id::encode(Uuid::from_u128(hash))
}

impl RoleInForce {
    /// What the role may be given: a role of a channel holds what concerns channels, and no more.
    pub fn may_hold(&self, permission: Permission) -> bool {
        !self.base.name.starts_with("channel_") || permission.scope() == Scope::Channel
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(name: String, granted: &[&str], withdrawn: &[&str]) -> RoleChange {
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        RoleChange { name, granted: list(granted), withdrawn: list(withdrawn), update_at: 7 }
    }

    fn scheme(scope: &str) -> Scheme {
        let id = SchemeId::new();
        let text = String::new();
        Scheme {
            id,
            name: text.clone(),
            display_name: text.clone(),
            description: text,
            scope: scope.into(),
            create_at: 5,
            update_at: 5,
        }
    }

    const MEMBER: Place =
        Place { team: Some(Rank::User), channel: Some(Rank::User), team_scheme: None, channel_scheme: None };

    #[test]
    fn what_is_changed_holds_and_the_rest_is_built_in() {
        let change = change("channel_user".into(), &["edit_others_posts", "nope"], &["create_post"]);
        let charter = Charter::new(OrgId::new(), vec![change], Vec::new());
        let may = charter.in_channel(MEMBER);
        assert!(may.has(Permission::EditOthersPosts) && may.has(Permission::AddReaction));
        assert!(!may.has(Permission::CreatePost));
        assert_eq!(charter.role("channel_user").map(|r| r.update_at), Some(7));
        assert!(charter.of_account("system_user system_admin").has(Permission::ManageSystem));
        assert_eq!(charter.of_account("nope"), Permissions::default());
    }

    #[test]
    fn a_team_scheme_replaces_and_a_channel_scheme_only_takes_away() {
        let (team, channel) = (scheme("team"), scheme("channel"));
        let place = Place { team_scheme: Some(team.id), channel_scheme: Some(channel.id), ..MEMBER };
        let changes = vec![
            change(scheme_role(team.id, Part::ChannelUser), &["delete_others_posts"], &["add_reaction"]),
            change(
                scheme_role(channel.id, Part::ChannelUser),
                &["edit_others_posts"],
                &["create_post", "upload_file"],
            ),
        ];
        let charter = Charter::new(OrgId::new(), changes, vec![team, channel]);
        let may = charter.in_channel(place);
        assert!(may.has(Permission::DeleteOthersPosts) && may.has(Permission::UploadFile));
        for not in [Permission::AddReaction, Permission::CreatePost, Permission::EditOthersPosts] {
            assert!(!may.has(not), "{not:?}");
        }
        let admin = charter.in_channel(Place { channel: Some(Rank::Admin), ..place });
        assert!(!admin.has(Permission::CreatePost) && admin.has(Permission::ManageChannelRoles));
    }

    #[test]
    fn roles_of_members_are_told_by_name() {
        assert_eq!(names_of(Rank::Admin, false, None), "team_user team_admin");
        assert_eq!(names_of(Rank::Guest, true, None), "channel_guest");
        let scheme = SchemeId::new();
        assert_eq!(names_of(Rank::User, true, Some(scheme)), scheme_role(scheme, Part::ChannelUser));
    }
}
