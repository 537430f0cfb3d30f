//! The server's information about itself: whether it is healthy, what clients may expect of it, the settings in force.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::db;
use crate::error::Result;
use crate::services::addresses::{Org, SignUp};
use crate::services::auth::Caller;
use crate::services::core::Core;
use crate::services::files::Allowance;
use crate::services::permissions::Permission;
use crate::wire::{PROTOCOL_VERSION, ServerLimits, id};

/// Checks that the database answers; the error says why it does not.
pub async fn ready(core: &Core) -> Result<()> {
    db::clock::now(&mut *core.read().await?).await?;
    Ok(())
}

/// The addresses of an organisation for clients, without trailing slashes.
#[derive(Debug)]
pub struct Addresses {
    /// The address for people.
    pub site: String,
    /// The base address of WebSockets; empty if it follows from the site's.
    pub socket: String,
}

/// The configuration that clients need before and after a login: strings by name, with missing features switched off.
pub fn client_config(core: &Core, org: &Org, at: &Addresses) -> BTreeMap<&'static str, String> {
    let mut config: BTreeMap<&'static str, String> =
        FIXED.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    config.extend(ON.iter().map(|name| (*name, "true".to_owned())));
    config.extend(OFF.iter().map(|name| (*name, "false".to_owned())));
    let settings = &core.settings;
    let own = [
        ("SiteURL", at.site.clone()),
        ("SiteName", org.name.clone()),
        ("CustomUrlSchemes", settings.site.schemes().collect::<Vec<_>>().join(",")),
        ("WebsocketURL", at.socket.clone()),
        ("DiagnosticId", id::encode(core.deployment_id)),
        ("TelemetryId", id::encode(core.deployment_id)),
        ("EnableOpenServer", matches!(org.sign_up, SignUp::Open | SignUp::Domain).to_string()),
        ("EnableSignUpWithEmail", (org.sign_up != SignUp::Closed).to_string()),
        ("EnableUserCreation", (org.sign_up != SignUp::Closed).to_string()),
        ("SignUpDomains", sign_up_domains(org)),
        ("HasMailServer", (!settings.smtp.host.is_empty()).to_string()),
        ("PasswordMinimumLength", settings.password.minimum_length.to_string()),
        ("PasswordRequireLowercase", settings.password.lowercase.to_string()),
        ("PasswordRequireUppercase", settings.password.uppercase.to_string()),
        ("PasswordRequireNumber", settings.password.number.to_string()),
        ("PasswordRequireSymbol", settings.password.symbol.to_string()),
        ("EnableSignUpWithOpenId", settings.openid.is_on().to_string()),
        ("OpenIdButtonText", settings.openid.button_text.clone()),
        ("OpenIdButtonColor", settings.openid.button_color.clone()),
        ("EnforceMultifactorAuthentication", needs_second_factor(core, org).to_string()),
        ("RequireEmailVerification", requires_verification(core, org).to_string()),
        ("BuildNumber", env!("CARGO_PKG_VERSION").to_owned()),
        ("EnableLinkPreviews", settings.fetch.previews.to_string()),
        ("HasImageProxy", settings.fetch.image_proxy.to_string()),
        ("MaxFileSize", max_file_size(core, org).to_string()),
        ("EnablePublicLink", settings.files.public_links.to_string()),
        ("MaxUsersPerTeam", settings.limits.users_per_team.to_string()),
    ];
    config.extend(own);
    config
}

/// The domains whose addresses may sign up, `a.example,b.example`; empty if the policy is another one.
fn sign_up_domains(org: &Org) -> String {
    if org.sign_up == SignUp::Domain { org.row.email_domains.join(",") } else { String::new() }
}

/// Whether people who sign up must verify their address before they log in.
fn requires_verification(core: &Core, org: &Org) -> bool {
    core.settings.auth.require_verified_email || org.sign_up == SignUp::Domain
}

/// Whether the deployment or the organisation requires a second factor.
fn needs_second_factor(core: &Core, org: &Org) -> bool {
    core.settings.auth.enforce_second_factor || org.row.enforce_second_factor
}

/// Bytes of one file of the organisation at most.
fn max_file_size(core: &Core, org: &Org) -> u64 {
    Allowance::of(&core.settings.files, org).file
}

/// The settings in force under the protocol's names, for administrators. Without secrets and without the addresses of
/// other services, which contain passwords.
pub fn config(core: &Core, caller: &Caller, org: &Org, at: &Addresses) -> Result<Value> {
    caller.require(Permission::ReadEnvironment)?;
    let s = &core.settings;
    Ok(json!({
        "ServiceSettings": {
            "SiteURL": at.site, "WebsocketURL": at.socket, "ListenAddress": s.server.bind, "MaximumLoginAttempts": s.auth.max_login_attempts,
            "SessionLengthWebInDays": s.auth.session_days, "SessionLengthMobileInDays": s.auth.session_days_mobile,
            "EnableUserTypingMessages": true, "EnableUserStatuses": true, "EnablePostSearch": true,
            "TimeBetweenUserTypingUpdatesMilliseconds": 5000, "PostEditTimeLimit": -1,
            "EnableIncomingWebhooks": false, "EnableOutgoingWebhooks": false, "EnableCommands": false,
            "EnableOAuthServiceProvider": false, "EnableUserAccessTokens": true, "EnableBotAccountCreation": true,
            "MaximumPersonalAccessTokenLifetimeDays": s.auth.access_token_days,
            "DisableBotsWhenOwnerIsDeactivated": s.auth.disable_bots_with_owner,
            "EnableMultifactorAuthentication": true,
            "EnforceMultifactorAuthentication": needs_second_factor(core, org),
            "SessionIdleTimeoutInMinutes": s.auth.session_idle_minutes, "EnableCustomEmoji": true, "EnableLinkPreviews": s.fetch.previews,
            "CollapsedThreads": "disabled",
        },
        "TeamSettings": {
            "SiteName": org.name,
            "EnableOpenServer": matches!(org.sign_up, SignUp::Open | SignUp::Domain),
            "EnableUserCreation": org.sign_up != SignUp::Closed,
            "EnableTeamCreation": true, "MaxUsersPerTeam": s.limits.users_per_team,
            "MaxChannelsPerTeam": s.limits.channels_per_team, "UserStatusAwayTimeout": s.limits.away_seconds,
            "EnableCustomUserStatuses": true, "TeammateNameDisplay": "username",
        },
        "PasswordSettings": {
            "MinimumLength": s.password.minimum_length, "Lowercase": s.password.lowercase,
            "Number": s.password.number, "Uppercase": s.password.uppercase, "Symbol": s.password.symbol,
        },
        "RateLimitSettings": {
            "Enable": s.limits.enabled, "PerSec": s.limits.requests_per_second, "MaxBurst": s.limits.burst,
        },
        "SqlSettings": {"DriverName": "postgres", "MaxOpenConns": s.database.connections},
        "FileSettings": {
            "EnableFileAttachments": true, "EnableMobileUpload": true, "EnableMobileDownload": true,
            "MaxFileSize": max_file_size(core, org), "EnablePublicLink": s.files.public_links,
            "DriverName": if s.s3.bucket.is_empty() { "local" } else { "amazons3" },
        },
        "EmailSettings": {
            "EnableSignInWithEmail": true, "EnableSignInWithUsername": true,
            "EnableSignUpWithEmail": org.sign_up != SignUp::Closed,
            "RequireEmailVerification": requires_verification(core, org),
            "SMTPServer": s.smtp.host, "SMTPPort": s.smtp.port().to_string(),
        },
        "PrivacySettings": {"ShowEmailAddress": true, "ShowFullName": true},
        "PluginSettings": {"Enable": false},
        "LocalizationSettings": {"DefaultClientLocale": "en"},
    }))
}

/// The limits on accounts: there are none, so only the number of active accounts is set.
pub async fn limits(core: &Core, caller: &Caller) -> Result<ServerLimits> {
    let active = db::users::count(&mut *core.read().await?, caller.org).await?;
    Ok(ServerLimits { active_user_count: active, ..ServerLimits::default() })
}

/// Configuration values that are the same for every deployment.
const FIXED: &[(&str, &str)] = &[
    ("AboutLink", ""),
    ("AllowedThemes", ""),
    ("AppDownloadLink", ""),
    ("AndroidLatestVersion", ""),
    ("AndroidMinVersion", ""),
    ("AsymmetricSigningPublicKey", ""),
    ("AvailableLocales", ""),
    ("BuildDate", ""),
    ("BuildEnterpriseReady", "false"),
    ("BuildHash", ""),
    ("BuildHashEnterprise", ""),
    ("CollapsedThreads", "disabled"),
    ("CustomBrandText", ""),
    ("CustomDescriptionText", ""),
    ("DefaultClientLocale", "en"),
    ("DefaultTheme", ""),
    ("DesktopLatestVersion", ""),
    ("DesktopMinVersion", ""),
    ("HelpLink", ""),
    ("IosLatestVersion", ""),
    ("IosMinVersion", ""),
    ("MaxNotificationsPerChannel", "1000"),
    ("PostEditTimeLimit", "-1"),
    ("PrivacyPolicyLink", ""),
    ("ReportAProblemLink", ""),
    ("RestrictDirectMessage", "any"),
    ("SupportEmail", ""),
    ("TeammateNameDisplay", "username"),
    ("TermsOfServiceLink", ""),
    ("TimeBetweenUserTypingUpdatesMilliseconds", "5000"),
    ("UniqueEmojiReactionLimitPerPost", "50"),
    ("UsersStatusAndProfileFetchingPollIntervalMilliseconds", "3000"),
    ("Version", PROTOCOL_VERSION),
    ("BannerText", ""),
    ("DeleteAccountLink", ""),
    ("ExperimentalPrimaryTeam", ""),
    ("ForgotPasswordLink", ""),
    ("MaxPostSize", "16383"),
    ("MinimumHashtagLength", "3"),
    ("WebsocketPort", "80"),
    ("WebsocketSecurePort", "443"),
];

/// Features that exist.
const ON: &[&str] = &[
    "AllowCustomThemes",
    "EnableEmojiPicker",
    "EnableJoinLeaveMessageByDefault",
    "EnableThemeSelection",
    "EnableUserDeactivation",
    "ExperimentalTimezone",
    "ExperimentalViewArchivedChannels",
    "PasswordEnableForgotLink",
    "EnableBotAccountCreation",
    "EnableChannelViewedMessages",
    "EnableConfirmNotificationsToChannel",
    "EnableCustomEmoji",
    "EnableCustomUserStatuses",
    "EnableEmailInvitations",
    "EnableFile",
    "EnableFileAttachments",
    "EnableMobileFileDownload",
    "EnableMobileFileUpload",
    "EnableGuestAccounts",
    "EnableMultifactorAuthentication",
    "EnableSignInWithEmail",
    "EnableSignInWithUsername",
    "EnableTeamCreation",
    "EnableUserAccessTokens",
    "EnableUserStatuses",
    "EnableUserTypingMessages",
    "ShowEmailAddress",
    "ShowFullName",
];

/// Features that do not exist.
const OFF: &[&str] = &[
    "AllowPersistentNotifications",
    "EnableAskCommunityLink",
    "EnableBanner",
    "EnableClientMetrics",
    "EnableCustomTermsOfService",
    "EnableDesktopLandingPage",
    "EnableEmailBatching",
    "EnableInlineLatex",
    "EnableMarketplace",
    "EnableOnboardingFlow",
    "EnableOutgoingOAuthConnections",
    "EnablePreviewFeatures",
    "EnableSVGs",
    "EnableTutorial",
    "EnableXToLeaveChannelsFromLHS",
    "ExperimentalSharedChannels",
    "GuestAccountsEnforceMultifactorAuthentication",
    "HideGuestTags",
    "LockTeammateNameDisplay",
    "AllowSyncedDrafts",
    "AppsPluginEnabled",
    "CloseUnusedDirectMessages",
    "DiagnosticsEnabled",
    "EnableCommands",
    "EnableCustomBrand",
    "EnableCustomGroups",
    "EnableDiagnostics",
    "EnableGifPicker",
    "EnableIncomingWebhooks",
    "EnableLatex",
    "EnableLdap",
    "EnableOAuthServiceProvider",
    "EnableOutgoingWebhooks",
    "EnablePostIconOverride",
    "EnablePostUsernameOverride",
    "EnableSaml",
    "EnableSignUpWithGitLab",
    "EnableSignUpWithGoogle",
    "EnableSignUpWithOffice365",
    "NoAccounts",
    "PluginsEnabled",
    "PostAcknowledgements",
    "PostPriority",
    "ScheduledPosts",
    "SendEmailNotifications",
    "SendPushNotifications",
];
