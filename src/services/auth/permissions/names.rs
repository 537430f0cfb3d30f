//! All permissions, under the protocol's names.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::error::{Error, Result};

/// The kind of object that a permission is about. Roles of a channel hold only permissions of the channel; roles of a
/// team or of the organisation may hold any, and hold them for everything below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The organisation.
    System,
    /// A team.
    Team,
    /// A channel.
    Channel,
}

macro_rules! permissions {
    ($($scope:ident { $($variant:ident = $name:literal,)* })*) => {
        /// A permission.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        #[expect(missing_docs, reason = "the protocol's names say what each permits")]
        pub enum Permission { $($($variant,)*)* }

        impl Permission {
            /// All permissions.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// Its name on the wire.
            pub fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)*)* }
            }

            /// The kind of object that it is about.
            pub fn scope(self) -> Scope {
                match self { $($(Self::$variant => Scope::$scope,)*)* }
            }
        }
    };
}

permissions! {
    System {
        ManageSystem = "manage_system",
        ManageRoles = "manage_roles",
        CreateTeam = "create_team",
        ListPublicTeams = "list_public_teams",
        ListPrivateTeams = "list_private_teams",
        JoinPublicTeams = "join_public_teams",
        JoinPrivateTeams = "join_private_teams",
        CreateDirectChannel = "create_direct_channel",
        CreateGroupChannel = "create_group_channel",
        ViewMembers = "view_members",
        ListUsersWithoutTeam = "list_users_without_team",
        EditOtherUsers = "edit_other_users",
        InviteGuest = "invite_guest",
        PromoteGuest = "promote_guest",
        DemoteToGuest = "demote_to_guest",
        CreateEmojis = "create_emojis",
        DeleteEmojis = "delete_emojis",
        DeleteOthersEmojis = "delete_others_emojis",
        CreateBot = "create_bot",
        AssignBot = "assign_bot",
        ReadBots = "read_bots",
        ReadOthersBots = "read_others_bots",
        ManageBots = "manage_bots",
        ManageOthersBots = "manage_others_bots",
        CreateUserAccessToken = "create_user_access_token",
        ReadUserAccessToken = "read_user_access_token",
        RevokeUserAccessToken = "revoke_user_access_token",
        ManageOauth = "manage_oauth",
        ReadAudits = "read_audits",
        ReadJobs = "read_jobs",
        ManageJobs = "manage_jobs",
        GetAnalytics = "get_analytics",
        GetLogs = "get_logs",
        TestEmail = "test_email",
        TestS3 = "test_s3",
        ReadAbout = "sysconsole_read_about_edition_and_license",
        ReadSiteStatistics = "sysconsole_read_reporting_site_statistics",
        ReadTeamStatistics = "sysconsole_read_reporting_team_statistics",
        ReadServerLogs = "sysconsole_read_reporting_server_logs",
        ReadUsers = "sysconsole_read_user_management_users",
        WriteUsers = "sysconsole_write_user_management_users",
        ReadGroups = "sysconsole_read_user_management_groups",
        WriteGroups = "sysconsole_write_user_management_groups",
        ReadTeams = "sysconsole_read_user_management_teams",
        WriteTeams = "sysconsole_write_user_management_teams",
        ReadChannels = "sysconsole_read_user_management_channels",
        WriteChannels = "sysconsole_write_user_management_channels",
        ReadPermissions = "sysconsole_read_user_management_permissions",
        WritePermissions = "sysconsole_write_user_management_permissions",
        ReadSystemRoles = "sysconsole_read_user_management_system_roles",
        WriteSystemRoles = "sysconsole_write_user_management_system_roles",
        ReadEnvironment = "sysconsole_read_environment_web_server",
        WriteEnvironment = "sysconsole_write_environment_web_server",
        ReadSite = "sysconsole_read_site_users_and_teams",
        WriteSite = "sysconsole_write_site_users_and_teams",
        ReadAuthentication = "sysconsole_read_authentication_signup",
        WriteAuthentication = "sysconsole_write_authentication_signup",
        ReadGuestAccess = "sysconsole_read_authentication_guest_access",
        WriteGuestAccess = "sysconsole_write_authentication_guest_access",
        ReadIntegrations = "sysconsole_read_integrations_integration_management",
        WriteIntegrations = "sysconsole_write_integrations_integration_management",
        ReadBotAccounts = "sysconsole_read_integrations_bot_accounts",
        WriteBotAccounts = "sysconsole_write_integrations_bot_accounts",
        ReadCompliance = "sysconsole_read_compliance_compliance_monitoring",
        WriteCompliance = "sysconsole_write_compliance_compliance_monitoring",
    }
    Team {
        ViewTeam = "view_team",
        ManageTeam = "manage_team",
        ManageTeamRoles = "manage_team_roles",
        InviteUser = "invite_user",
        AddUserToTeam = "add_user_to_team",
        RemoveUserFromTeam = "remove_user_from_team",
        ListTeamChannels = "list_team_channels",
        JoinPublicChannels = "join_public_channels",
        CreatePublicChannel = "create_public_channel",
        CreatePrivateChannel = "create_private_channel",
        ManageIncomingWebhooks = "manage_incoming_webhooks",
        ManageOthersIncomingWebhooks = "manage_others_incoming_webhooks",
        ManageOutgoingWebhooks = "manage_outgoing_webhooks",
        ManageOthersOutgoingWebhooks = "manage_others_outgoing_webhooks",
        ManageSlashCommands = "manage_slash_commands",
        ManageOthersSlashCommands = "manage_others_slash_commands",
        ImportTeam = "import_team",
    }
    Channel {
        ReadChannel = "read_channel",
        ReadChannelContent = "read_channel_content",
        ReadPublicChannel = "read_public_channel",
        CreatePost = "create_post",
        CreatePostEphemeral = "create_post_ephemeral",
        EditPost = "edit_post",
        EditOthersPosts = "edit_others_posts",
        DeletePost = "delete_post",
        DeleteOthersPosts = "delete_others_posts",
        AddReaction = "add_reaction",
        RemoveReaction = "remove_reaction",
        RemoveOthersReactions = "remove_others_reactions",
        UploadFile = "upload_file",
        GetPublicLink = "get_public_link",
        UseChannelMentions = "use_channel_mentions",
        UseGroupMentions = "use_group_mentions",
        UseSlashCommands = "use_slash_commands",
        ManageChannelRoles = "manage_channel_roles",
        ManagePublicChannelMembers = "manage_public_channel_members",
        ManagePrivateChannelMembers = "manage_private_channel_members",
        ManagePublicChannelProperties = "manage_public_channel_properties",
        ManagePrivateChannelProperties = "manage_private_channel_properties",
        DeletePublicChannel = "delete_public_channel",
        DeletePrivateChannel = "delete_private_channel",
        ConvertToPrivate = "convert_public_channel_to_private",
        ConvertToPublic = "convert_private_channel_to_public",
    }
}

static BY_NAME: LazyLock<BTreeMap<&'static str, Permission>> =
    LazyLock::new(|| Permission::ALL.iter().map(|p| (p.name(), *p)).collect());

impl Permission {
    /// The permission that the protocol calls `name`.
    pub fn named(name: &str) -> Option<Self> {
        BY_NAME.get(name).copied()
    }
}

/// A set of permissions; small enough to be copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Permissions(u128);

// A set has a bit for each permission.
const _: () = assert!(Permission::ALL.len() <= 128);

impl Permissions {
    /// Every permission.
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// Whether it has `permission`.
    pub fn has(self, permission: Permission) -> bool {
        self.0 & bit(permission) != 0
    }

    /// Fails with `Forbidden` unless it has `permission`.
    pub fn require(self, permission: Permission) -> Result<()> {
        if self.has(permission) { Ok(()) } else { Err(Error::forbidden()) }
    }

    /// Whether it has every permission that `other` has.
    pub fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The permissions in at least one of the two.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The permissions in both.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The permissions in this set only.
    #[must_use]
    pub fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The permissions, in the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |p| self.has(*p))
    }

    /// The names, in alphabetical order.
    pub fn names(self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.iter().map(Permission::name).collect();
        names.sort_unstable();
        names
    }

    /// The permissions with these names; unknown or former names are ignored.
    pub fn known<S: AsRef<str>>(names: &[S]) -> Self {
        names.iter().filter_map(|name| Permission::named(name.as_ref())).collect()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(iter: I) -> Self {
        Self(iter.into_iter().fold(0, |bits, p| bits | bit(p)))
    }
}

fn bit(permission: Permission) -> u128 {
    1 << (permission as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_to_its_permission() {
        for permission in Permission::ALL {
            assert_eq!(Permission::named(permission.name()), Some(*permission));
        }
        assert_eq!(Permission::named("nope"), None);
    }

    #[test]
    fn sets_are_sets() {
        let [a, b] = [Permission::CreatePost, Permission::EditPost];
        let (one, both): (Permissions, Permissions) =
            ([a].into_iter().collect(), [a, b].into_iter().collect());
        assert!(both.has(b) && !one.has(b) && both.covers(one) && !one.covers(both));
        assert_eq!(
            (one.union(both), one.intersection(both), both.difference(one).names()),
            (both, one, vec!["edit_post"])
        );
        assert_eq!(Permissions::all().iter().count(), Permission::ALL.len());
        assert_eq!(Permissions::known(&["edit_post", "nope", "create_post"]), both);
    }
}
