//! The role set of an organisation: the built-in roles with its administrators' changes, and the roles of its schemes.
//! From it follow the permissions of a member, by their roles in the team or channel.

use std::collections::HashMap;

use uuid::Uuid;

use super::built_in::{BUILT_IN, BuiltIn, SchemeRole, built_in};
use super::names::{Permission, Permissions, Scope};
use crate::db::role_changes::RoleChange;
use crate::db::schemes::Scheme;
use crate::wire::{Millis, OrgId, SchemeId, SchemeScope, id};

/// The creation time of the built-in roles, which are part of the program.
const SINCE: Millis = 1_767_225_600_000;

/// The rank of a member in a team or a channel. A guest is never an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberRole {
    /// A guest, who sees only what they were invited to.
    Guest,
    /// An ordinary member.
    User,
    /// A member who is an administrator.
    Admin,
}

impl MemberRole {
    /// The rank by the columns of a membership's row.
    pub fn of(admin: bool, guest: bool) -> Self {
        match (guest, admin) {
            (true, _) => Self::Guest,
            (false, true) => Self::Admin,
            (false, false) => Self::User,
        }
    }

    /// The roles of this rank in a team.
    fn in_team(self) -> &'static [SchemeRole] {
        match self {
            Self::Guest => &[SchemeRole::TeamGuest],
            Self::User => &[SchemeRole::TeamUser],
            Self::Admin => &[SchemeRole::TeamUser, SchemeRole::TeamAdmin],
        }
    }

    /// The roles of this rank in a channel.
    fn in_channel(self) -> &'static [SchemeRole] {
        match self {
            Self::Guest => &[SchemeRole::ChannelGuest],
            Self::User => &[SchemeRole::ChannelUser],
            Self::Admin => &[SchemeRole::ChannelUser, SchemeRole::ChannelAdmin],
        }
    }
}

/// The membership of an account: its ranks, and the schemes that apply.
#[derive(Debug, Clone, Copy, Default)]
pub struct Membership {
    /// The rank in the team, for its members.
    pub team: Option<MemberRole>,
    /// The rank in the channel, for its members.
    pub channel: Option<MemberRole>,
    /// The scheme of the team.
    pub team_scheme: Option<SchemeId>,
    /// The scheme of the channel itself, which can only take away from the team's.
    pub channel_scheme: Option<SchemeId>,
}

/// A role with the permissions that it has in an organisation now.
#[derive(Debug, Clone)]
pub struct RoleInForce {
    /// Its identifier on the wire.
    pub id: String,
    /// Its name: that of the built-in role, or one of its scheme's own.
    pub name: String,
    /// The built-in role that it is based on.
    pub base: &'static BuiltIn,
    /// The scheme that it belongs to.
    pub scheme: Option<SchemeId>,
    /// Its permissions.
    pub permissions: Permissions,
    /// The time of its creation.
    pub create_at: Millis,
    /// The time of its last change.
    pub update_at: Millis,
}

/// The roles and schemes of an organisation.
#[derive(Debug)]
pub struct RoleSet {
    roles: Vec<RoleInForce>,
    schemes: Vec<Scheme>,
    by_name: HashMap<String, Permissions>,
    parts: HashMap<(Option<SchemeId>, SchemeRole), Permissions>,
}

impl RoleSet {
    /// Computes the role set of `org` from its rows.
    pub fn new(org: OrgId, changes: Vec<RoleChange>, schemes: Vec<Scheme>) -> Self {
        let changes: HashMap<String, RoleChange> = changes.into_iter().map(|c| (c.name.clone(), c)).collect();
        let mut roles: Vec<RoleInForce> =
            BUILT_IN.iter().map(|base| in_force(org, base.name.to_owned(), base, None, &changes)).collect();
        let mut parts = HashMap::new();
        for part in SchemeRole::ALL {
            let own = roles.iter().find(|r| r.name == part.name());
            parts.insert((None, part), own.map(|r| r.permissions).unwrap_or_default());
        }
        for scheme in &schemes {
            for part in SchemeRole::of(scheme.scope) {
                let Some(base) = built_in(part.name()) else { continue };
                let mut role = in_force(org, scheme_role(scheme.id, *part), base, Some(scheme), &changes);
                parts.insert((Some(scheme.id), *part), role.permissions);
                if scheme.scope == SchemeScope::Channel {
                    let above = parts.get(&(None, *part)).copied().unwrap_or_default();
                    role.permissions = moderate(*part, above, role.permissions);
                }
                roles.push(role);
            }
        }
        let by_name = roles.iter().map(|r| (r.name.clone(), r.permissions)).collect();
        Self { roles, schemes, by_name, parts }
    }

    /// All roles.
    pub fn roles(&self) -> &[RoleInForce] {
        &self.roles
    }

    /// All schemes.
    pub fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }

    /// The role with this name.
    pub fn role(&self, name: &str) -> Option<&RoleInForce> {
        self.roles.iter().find(|r| r.name == name)
    }

    /// The permissions of an account's roles (their names separated by spaces), everywhere in the organisation.
    pub fn of_account(&self, roles: &str) -> Permissions {
        roles
            .split(' ')
            .filter_map(|name| self.by_name.get(name))
            .fold(Permissions::default(), |all, p| all.union(*p))
    }

    /// The names of roles with a permission that is not in `held`.
    pub fn beyond(&self, held: Permissions) -> Vec<String> {
        let more = self.by_name.iter().filter(|(_, permitted)| !held.covers(**permitted));
        more.map(|(name, _)| name.clone()).collect()
    }

    /// The permissions in a team that follow from the membership there.
    pub fn in_team(&self, membership: Membership) -> Permissions {
        let parts = membership.team.map(MemberRole::in_team).unwrap_or_default();
        self.sum(parts, |part| self.part(membership.team_scheme, part))
    }

    /// The permissions in a channel that follow from the memberships there and in its team.
    pub fn in_channel(&self, membership: Membership) -> Permissions {
        let parts = membership.channel.map(MemberRole::in_channel).unwrap_or_default();
        self.sum(parts, |part| self.channel_part(membership, part)).union(self.in_team(membership))
    }

    /// The permissions of the role `part` in a channel with these schemes. The channel's own scheme decides about
    /// moderated permissions, within those of the team's; from administrators it takes nothing.
    pub fn channel_part(&self, membership: Membership, part: SchemeRole) -> Permissions {
        let team = self.part(membership.team_scheme, part);
        match membership.channel_scheme.and_then(|id| self.parts.get(&(Some(id), part))) {
            Some(own) => moderate(part, team, *own),
            None => team,
        }
    }

    /// The permissions of the role `part` under a scheme, or without one.
    fn part(&self, scheme: Option<SchemeId>, part: SchemeRole) -> Permissions {
        let found = self.parts.get(&(scheme, part)).or_else(|| self.parts.get(&(None, part)));
        found.copied().unwrap_or_default()
    }

    fn sum(&self, parts: &[SchemeRole], of: impl Fn(SchemeRole) -> Permissions) -> Permissions {
        parts.iter().fold(Permissions::default(), |all, part| all.union(of(*part)))
    }
}

/// The permissions of the team's scheme that remain under a channel's own.
fn moderate(part: SchemeRole, team: Permissions, own: Permissions) -> Permissions {
    if part == SchemeRole::ChannelAdmin {
        team
    } else {
        team.difference(moderated()).union(team.intersection(own))
    }
}

/// The permissions that a channel's own scheme decides about: posting, reacting, managing members, mentioning
/// everybody.
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
        permissions: base.permissions().union(granted).difference(withdrawn),
        base,
        scheme: scheme.map(|s| s.id),
        create_at,
        update_at: change.map_or(create_at, |c| c.update_at),
        name,
    }
}

/// The name of the role that a scheme has in place of `part`.
pub fn scheme_role(scheme: SchemeId, part: SchemeRole) -> String {
    identifier(&[scheme.0.as_bytes(), part.name().as_bytes()])
}

/// The role names of a rank, as membership rows show them: those of the scheme if there is one.
pub fn names_of(rank: MemberRole, in_channel: bool, scheme: Option<SchemeId>) -> String {
    let parts = if in_channel { rank.in_channel() } else { rank.in_team() };
    let name = |part: &SchemeRole| scheme.map_or_else(|| part.name().to_owned(), |s| scheme_role(s, *part));
    parts.iter().map(name).collect::<Vec<_>>().join(" ")
}

/// An identifier that is the same on every node and after every start: 128 bits of FNV-1a.
fn identifier(parts: &[&[u8]]) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let bytes = parts.iter().copied().flatten();
    let hash = bytes.fold(OFFSET, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME));
    id::encode(Uuid::from_u128(hash))
}

impl RoleInForce {
    /// Whether the role may hold the permission: a channel's role holds only permissions about channels.
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

    fn scheme(scope: SchemeScope) -> Scheme {
        let id = SchemeId::new();
        let text = String::new();
        Scheme {
            id,
            name: text.clone(),
            display_name: text.clone(),
            description: text,
            scope,
            create_at: 5,
            update_at: 5,
        }
    }

    const MEMBER: Membership = Membership {
        team: Some(MemberRole::User),
        channel: Some(MemberRole::User),
        team_scheme: None,
        channel_scheme: None,
    };

    #[test]
    fn what_is_changed_holds_and_the_rest_is_built_in() {
        let change = change("channel_user".into(), &["edit_others_posts", "nope"], &["create_post"]);
        let role_set = RoleSet::new(OrgId::new(), vec![change], Vec::new());
        let may = role_set.in_channel(MEMBER);
        assert!(may.has(Permission::EditOthersPosts) && may.has(Permission::AddReaction));
        assert!(!may.has(Permission::CreatePost));
        assert_eq!(role_set.role("channel_user").map(|r| r.update_at), Some(7));
        assert!(role_set.of_account("system_user system_admin").has(Permission::ManageSystem));
        assert_eq!(role_set.of_account("nope"), Permissions::default());
    }

    #[test]
    fn a_team_scheme_replaces_and_a_channel_scheme_only_takes_away() {
        let (team, channel) = (scheme(SchemeScope::Team), scheme(SchemeScope::Channel));
        let membership =
            Membership { team_scheme: Some(team.id), channel_scheme: Some(channel.id), ..MEMBER };
        let changes = vec![
            change(
                scheme_role(team.id, SchemeRole::ChannelUser),
                &["delete_others_posts"],
                &["add_reaction"],
            ),
            change(
                scheme_role(channel.id, SchemeRole::ChannelUser),
                &["edit_others_posts"],
                &["create_post", "upload_file"],
            ),
        ];
        let role_set = RoleSet::new(OrgId::new(), changes, vec![team, channel]);
        let may = role_set.in_channel(membership);
        assert!(may.has(Permission::DeleteOthersPosts) && may.has(Permission::UploadFile));
        for not in [Permission::AddReaction, Permission::CreatePost, Permission::EditOthersPosts] {
            assert!(!may.has(not), "{not:?}");
        }
        let admin = role_set.in_channel(Membership { channel: Some(MemberRole::Admin), ..membership });
        assert!(!admin.has(Permission::CreatePost) && admin.has(Permission::ManageChannelRoles));
    }

    #[test]
    fn roles_of_members_are_told_by_name() {
        assert_eq!(names_of(MemberRole::Admin, false, None), "team_user team_admin");
        assert_eq!(names_of(MemberRole::Guest, true, None), "channel_guest");
        let scheme = SchemeId::new();
        assert_eq!(
            names_of(MemberRole::User, true, Some(scheme)),
            scheme_role(scheme, SchemeRole::ChannelUser)
        );
    }
}
