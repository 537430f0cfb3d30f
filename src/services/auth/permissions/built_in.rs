//! The built-in roles: named sets of permissions, the same in every organisation until its administrators change them
//! there.

use super::names::Permission::{self, *};
use super::names::Permissions;
use crate::wire::SchemeScope;

/// The role of every account that is no guest.
pub const USER: &str = "system_user";

/// The role of an organisation's administrators.
pub const ADMIN: &str = "system_admin";

/// The role of guests.
pub const GUEST: &str = "system_guest";

/// A built-in role.
#[derive(Debug)]
pub struct BuiltIn {
    /// Its name.
    pub name: &'static str,
    /// Whether it comes with a membership (or an account) by itself, without being granted.
    pub scheme_managed: bool,
    sets: &'static [&'static [Permission]],
}

impl BuiltIn {
    /// The permissions it has until an administrator changes them.
    pub fn permissions(&self) -> Permissions {
        if self.name == ADMIN {
            Permissions::all()
        } else {
            self.sets.iter().copied().flatten().copied().collect()
        }
    }

    /// Whether it can be granted to an account in addition to being a user or a guest.
    pub fn is_given_to_accounts(&self) -> bool {
        self.name.starts_with("system_") && !matches!(self.name, USER | GUEST)
    }
}

/// A role of a team's or channel's members. Schemes have roles of their own in place of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the roles of the protocol")]
pub enum SchemeRole {
    TeamAdmin,
    TeamUser,
    TeamGuest,
    ChannelAdmin,
    ChannelUser,
    ChannelGuest,
}

impl SchemeRole {
    /// All of these roles.
    pub const ALL: [Self; 6] = [
        Self::TeamAdmin,
        Self::TeamUser,
        Self::TeamGuest,
        Self::ChannelAdmin,
        Self::ChannelUser,
        Self::ChannelGuest,
    ];

    /// The roles of a channel.
    pub const OF_CHANNEL: [Self; 3] = [Self::ChannelAdmin, Self::ChannelUser, Self::ChannelGuest];

    /// The roles that a scheme of this scope has of its own.
    pub fn of(scope: SchemeScope) -> &'static [Self] {
        match scope {
            SchemeScope::Team => &Self::ALL,
            SchemeScope::Channel => &Self::OF_CHANNEL,
        }
    }

    /// The name of the built-in role.
    pub fn name(self) -> &'static str {
        match self {
            Self::TeamAdmin => "team_admin",
            Self::TeamUser => "team_user",
            Self::TeamGuest => "team_guest",
            Self::ChannelAdmin => "channel_admin",
            Self::ChannelUser => "channel_user",
            Self::ChannelGuest => "channel_guest",
        }
    }
}

const SYSTEM_USER: &[Permission] = &[
    ListPublicTeams,
    JoinPublicTeams,
    CreateDirectChannel,
    CreateGroupChannel,
    ViewMembers,
    CreateTeam,
    CreateEmojis,
    DeleteEmojis,
];

const SYSTEM_GUEST: &[Permission] = &[CreateDirectChannel, CreateGroupChannel];

const TEAM_USER: &[Permission] = &[
    ListTeamChannels,
    JoinPublicChannels,
    ReadPublicChannel,
    ViewTeam,
    CreatePublicChannel,
    CreatePrivateChannel,
    InviteUser,
    AddUserToTeam,
];

const TEAM_GUEST: &[Permission] = &[ViewTeam];

const TEAM_ADMIN: &[Permission] = &[
    RemoveUserFromTeam,
    ManageTeam,
    ImportTeam,
    ManageTeamRoles,
    ManageChannelRoles,
    ManageIncomingWebhooks,
    ManageOthersIncomingWebhooks,
    ManageOutgoingWebhooks,
    ManageOthersOutgoingWebhooks,
    ManageSlashCommands,
    ManageOthersSlashCommands,
    ConvertToPrivate,
    ConvertToPublic,
    DeletePost,
    DeleteOthersPosts,
];

const CHANNEL_USER: &[Permission] = &[
    ReadChannel,
    ReadChannelContent,
    AddReaction,
    RemoveReaction,
    ManagePublicChannelMembers,
    ManagePrivateChannelMembers,
    UploadFile,
    GetPublicLink,
    CreatePost,
    UseChannelMentions,
    UseSlashCommands,
    ManagePublicChannelProperties,
    ManagePrivateChannelProperties,
    DeletePublicChannel,
    DeletePrivateChannel,
    DeletePost,
    EditPost,
];

const CHANNEL_GUEST: &[Permission] = &[
    ReadChannel,
    ReadChannelContent,
    AddReaction,
    RemoveReaction,
    UploadFile,
    EditPost,
    CreatePost,
    UseChannelMentions,
    UseSlashCommands,
];

/// The creator of a channel, or a member made its administrator. Unlike in Mattermost, they may moderate it as a team's
/// administrators do.
const CHANNEL_ADMIN: &[Permission] =
    &[ManageChannelRoles, UseGroupMentions, DeleteOthersPosts, ConvertToPrivate, ConvertToPublic];

const READ_CONSOLE: &[Permission] = &[
    ReadAbout,
    ReadSiteStatistics,
    ReadTeamStatistics,
    ReadServerLogs,
    ReadUsers,
    ReadGroups,
    ReadTeams,
    ReadChannels,
    ReadPermissions,
    ReadSystemRoles,
    ReadEnvironment,
    ReadSite,
    ReadAuthentication,
    ReadGuestAccess,
    ReadIntegrations,
    ReadBotAccounts,
    ReadCompliance,
    ReadAudits,
    ReadJobs,
    GetAnalytics,
    GetLogs,
    ListPrivateTeams,
    ListUsersWithoutTeam,
    ReadBots,
    ReadOthersBots,
    ViewTeam,
    ListTeamChannels,
    ReadChannel,
];

const MANAGE_PEOPLE: &[Permission] = &[
    ReadUsers,
    WriteUsers,
    EditOtherUsers,
    ReadGroups,
    WriteGroups,
    ListUsersWithoutTeam,
    InviteGuest,
    PromoteGuest,
    DemoteToGuest,
];

const MANAGE_PLACES: &[Permission] = &[
    ReadTeams,
    WriteTeams,
    ReadChannels,
    WriteChannels,
    ReadPermissions,
    ListPrivateTeams,
    JoinPrivateTeams,
    ViewTeam,
    ManageTeam,
    ManageTeamRoles,
    AddUserToTeam,
    RemoveUserFromTeam,
    ListTeamChannels,
    ReadChannel,
    ManageChannelRoles,
    ManagePublicChannelMembers,
    ManagePrivateChannelMembers,
    ManagePublicChannelProperties,
    ManagePrivateChannelProperties,
    DeletePublicChannel,
    DeletePrivateChannel,
    ConvertToPrivate,
    ConvertToPublic,
];

const MANAGE_SERVER: &[Permission] = &[
    WritePermissions,
    WriteEnvironment,
    WriteSite,
    WriteAuthentication,
    WriteGuestAccess,
    WriteIntegrations,
    WriteBotAccounts,
    ManageJobs,
    TestEmail,
    TestS3,
];

const ACCESS_TOKEN: &[Permission] = &[CreateUserAccessToken, ReadUserAccessToken, RevokeUserAccessToken];

/// All built-in roles.
pub const BUILT_IN: &[BuiltIn] = &[
    role(USER, true, &[SYSTEM_USER]),
    role(ADMIN, true, &[]),
    role(GUEST, true, &[SYSTEM_GUEST]),
    role("system_manager", false, &[READ_CONSOLE, MANAGE_PLACES, MANAGE_SERVER]),
    role("system_user_manager", false, &[MANAGE_PEOPLE, MANAGE_PLACES]),
    role("system_read_only_admin", false, &[READ_CONSOLE]),
    role("system_user_access_token", false, &[ACCESS_TOKEN]),
    role("team_user", true, &[TEAM_USER]),
    role("team_admin", true, &[TEAM_ADMIN]),
    role("team_guest", true, &[TEAM_GUEST]),
    role("channel_user", true, &[CHANNEL_USER]),
    role("channel_admin", true, &[CHANNEL_ADMIN]),
    role("channel_guest", true, &[CHANNEL_GUEST]),
];

const fn role(name: &'static str, scheme_managed: bool, sets: &'static [&'static [Permission]]) -> BuiltIn {
    BuiltIn { name, scheme_managed, sets }
}

/// The built-in role with this name.
pub fn built_in(name: &str) -> Option<&'static BuiltIn> {
    BUILT_IN.iter().find(|role| role.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_a_role() {
        for part in SchemeRole::ALL {
            assert!(built_in(part.name()).is_some_and(|r| r.scheme_managed), "{part:?}");
        }
    }

    #[test]
    fn nobody_but_administrators_manages_the_organisation() {
        for role in BUILT_IN {
            assert_eq!(role.permissions().has(ManageSystem), role.name == ADMIN, "{}", role.name);
        }
    }

    #[test]
    fn guests_are_less_than_users() {
        for (guest, user) in
            [("system_guest", USER), ("team_guest", "team_user"), ("channel_guest", "channel_user")]
        {
            let of = |name| built_in(name).map(BuiltIn::permissions).unwrap_or_default();
            assert!(of(user).covers(of(guest)) && of(user) != of(guest), "{guest}");
        }
    }
}
