//! What the official clients take for granted on their first steps: the settings that they read, and habits of theirs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{NOBODY, PASSWORD, Server, each, id, number, text, visitor};

/// Settings that clients act on, with what a server without any settings of its own says, and why.
const CONFIG: &[(&str, &str, &str)] = &[
    ("AllowCustomThemes", "true", "a theme is a preference, and those are kept"),
    ("AllowPersistentNotifications", "false", "not built"),
    ("AllowSyncedDrafts", "false", "drafts are kept by the client"),
    ("AppsPluginEnabled", "false", "not built"),
    ("AvailableLocales", "", "the client's own, all of them"),
    ("BuildEnterpriseReady", "false", "there is one edition"),
    ("CloseUnusedDirectMessages", "false", "not built"),
    ("CollapsedThreads", "disabled", "threads are not followed yet"),
    ("CustomUrlSchemes", "", "none are set"),
    ("DefaultClientLocale", "en", "the texts of the server are English"),
    ("DiagnosticsEnabled", "false", "nothing is sent anywhere"),
    ("EnableAskCommunityLink", "false", "there is none"),
    ("EnableBanner", "false", "not built"),
    ("EnableBotAccountCreation", "true", "/bots"),
    ("EnableClientMetrics", "false", "nobody collects them"),
    ("EnableCommands", "false", "not built"),
    ("EnableCustomEmoji", "true", "/emoji"),
    ("EnableCustomGroups", "false", "not built"),
    ("EnableCustomTermsOfService", "false", "not built"),
    ("EnableCustomUserStatuses", "true", "/users/{user_id}/status/custom"),
    ("EnableDesktopLandingPage", "false", "people are asked nothing on their way in"),
    ("EnableEmailBatching", "false", "no mail about messages"),
    ("EnableEmailInvitations", "true", "/teams/{team_id}/invite/email"),
    ("EnableEmojiPicker", "true", "reactions are kept and told"),
    ("EnableFileAttachments", "true", "/files"),
    ("EnableGifPicker", "false", "it asks another company"),
    ("EnableGuestAccounts", "true", "guests are"),
    ("EnableIncomingWebhooks", "false", "not built"),
    ("EnableInlineLatex", "false", "not built"),
    ("EnableJoinLeaveMessageByDefault", "true", "notices are written"),
    ("EnableLatex", "false", "not built"),
    ("EnableMarketplace", "false", "no plugins"),
    ("EnableMultifactorAuthentication", "true", "/users/{user_id}/mfa"),
    ("EnableOAuthServiceProvider", "false", "not built"),
    ("EnableOnboardingFlow", "false", "not built"),
    ("EnableOpenServer", "true", "sign-up is open unless the settings close it"),
    ("EnableOutgoingWebhooks", "false", "not built"),
    ("EnablePostIconOverride", "false", "hooks alone would"),
    ("EnablePostUsernameOverride", "false", "hooks alone would"),
    ("EnableSVGs", "false", "drawn by others, they are shown as files"),
    ("EnableSignInWithEmail", "true", "an address is a name to log in with"),
    ("EnableSignInWithUsername", "true", "so is a user name"),
    ("EnableSignUpWithEmail", "true", "as long as sign-up is open"),
    ("EnableTeamCreation", "true", "everybody founds teams until their role says otherwise"),
    ("EnableThemeSelection", "true", "a theme is a preference, and those are kept"),
    ("EnableTutorial", "false", "not built"),
    ("EnableUserAccessTokens", "true", "/users/{user_id}/tokens"),
    ("EnableUserCreation", "true", "as long as sign-up is open"),
    ("EnableUserDeactivation", "true", "people may switch their own account off"),
    ("EnableUserStatuses", "true", "/users/{user_id}/status"),
    ("EnableUserTypingMessages", "true", "the action user_typing"),
    ("ExperimentalSharedChannels", "false", "not built"),
    ("ExperimentalTimezone", "true", "an account has one"),
    ("ExperimentalViewArchivedChannels", "true", "what is archived stays to be read"),
    ("GuestAccountsEnforceMultifactorAuthentication", "false", "guests are asked as everybody is"),
    ("LockTeammateNameDisplay", "false", "a preference of everybody's own"),
    ("MaxNotificationsPerChannel", "1000", "the bound of mentions of everybody"),
    ("MaxPostSize", "16383", "characters of a message"),
    ("MinimumHashtagLength", "3", "characters of a hashtag"),
    ("NoAccounts", "false", "somebody is there"),
    ("PasswordEnableForgotLink", "true", "/users/password/reset/send"),
    ("PluginsEnabled", "false", "no plugins"),
    ("PostAcknowledgements", "false", "not built"),
    ("PostEditTimeLimit", "-1", "posts are edited at any time"),
    ("PostPriority", "false", "not built"),
    ("RequireEmailVerification", "false", "unless the settings, or a policy by domain, demand it"),
    ("RestrictDirectMessage", "any", "everybody of the organisation can be written to"),
    ("ScheduledPosts", "false", "not built"),
    ("SendEmailNotifications", "false", "no mail about messages"),
    ("SendPushNotifications", "false", "not built"),
    ("TeammateNameDisplay", "username", "until somebody chooses otherwise"),
    ("TimeBetweenUserTypingUpdatesMilliseconds", "5000", "how often clients tell"),
    ("UniqueEmojiReactionLimitPerPost", "50", "the bound of reactions"),
    ("UsersStatusAndProfileFetchingPollIntervalMilliseconds", "3000", "how often clients ask"),
    ("WebsocketPort", "80", "behind which a proxy listens"),
    ("WebsocketSecurePort", "443", "behind which a proxy listens"),
];

#[tokio::test]
async fn every_setting_that_clients_act_on_says_what_the_server_does() {
    let server = Server::start().await;
    let config = visitor(&server.base).get("/config/client?format=old").await.is(200);
    let config: BTreeMap<String, String> = serde_json::from_value(config).unwrap();
    for (key, value, why) in CONFIG {
        assert_eq!(config.get(*key).map(String::as_str), Some(*value), "{key}: {why}");
    }
    // Who is logged in is told the same: nothing in it is secret.
    let seen = server.admin.get("/config/client").await.is(200);
    assert_eq!(serde_json::from_value::<BTreeMap<String, String>>(seen).unwrap(), config);
    // Whatever is on or off stands in the table, or follows from a setting that has stories of its own.
    let told = |key: &str| CONFIG.iter().any(|(known, ..)| *known == key);
    let elsewhere = [
        "Password",
        "Enforce",
        "Has",
        "EnablePublicLink",
        "EnableLinkPreviews",
        "EnableSignUpWith",
        "EnableSaml",
        "EnableLdap",
        "EnableDiagnostics",
        "EnableCustomBrand",
        "Show",
        "EnableFile",
        "EnableMobileFile",
        "EnableChannelViewed",
        "EnableConfirmNotifications",
        "EnableOutgoingOAuth",
        "EnablePreviewFeatures",
        "EnableXToLeave",
        "HideGuestTags",
        "BuildEnterpriseReady",
    ];
    let untold = config.iter().filter(|(_, value)| matches!(value.as_str(), "true" | "false"));
    let untold: Vec<_> =
        untold.filter(|(k, _)| !told(k) && !elsewhere.iter().any(|e| k.starts_with(e))).collect();
    assert!(untold.is_empty(), "{untold:?}");
}

#[tokio::test]
async fn whoever_has_just_signed_up_logs_in_by_identifier() {
    let server = Server::start().await;
    let stranger = visitor(&server.base);
    let new = json!({"username": "ann", "email": "ann@example.com", "password": PASSWORD});
    let ann = id(&stranger.post("/users", new).await.is(201));
    let by = |id: &str, password: &str| json!({"id": id, "password": password});
    let logged = stranger.post("/users/login", by(&ann, PASSWORD)).await;
    let token = logged.header("token");
    assert_eq!(text(&logged.is(200), "id"), ann);
    stranger.with_token(&token).get("/users/me").await.is(200);
    let wrong = "api.user.login.invalid_credentials_email_username";
    for (id, password) in [(ann.as_str(), "wrong-Password1"), (NOBODY, PASSWORD), ("no identifier", PASSWORD)]
    {
        stranger.post("/users/login", by(id, password)).await.refused(401, wrong);
    }
}

#[tokio::test]
async fn a_session_tells_the_teams_of_its_account() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let team = ann.makes_team("house").await;
    let sessions = ann.get("/users/me/sessions").await.is(200);
    let places = &sessions[0]["team_members"];
    assert_eq!(each(places, "team_id"), std::slice::from_ref(&team));
    assert_eq!(places[0], ann.get(&format!("/teams/{team}/members/me")).await.is(200));
}

#[tokio::test]
async fn paging_from_a_post_that_is_gone_gives_an_empty_page() {
    let server = Server::start().await;
    let ann = server.sign_up("ann").await;
    let team = ann.makes_team("house").await;
    let (here, there) = (ann.makes_channel(&team, "here").await, ann.makes_channel(&team, "there").await);
    let post = id(&ann.posts(&there, "hello").await);
    for way in ["before", "after"] {
        for gone in [NOBODY, post.as_str()] {
            let page = ann.get(&format!("/channels/{here}/posts?{way}={gone}")).await.is(200);
            assert_eq!((&page["order"], &page["posts"]), (&json!([]), &json!({})), "{page}");
        }
    }
}

#[tokio::test]
async fn replies_mention_whoever_asked_for_it() {
    let server = Server::start().await;
    let [ann, bob, cid, dan] = server.sign_up_all(["ann", "bob", "cid", "dan"]).await;
    let team = ann.makes_team("house").await;
    let channel = ann.makes_channel(&team, "lobby").await;
    for who in [&bob, &cid, &dan] {
        ann.brings_into_team(&team, who).await;
        ann.brings_into_channel(&channel, who).await;
        who.post("/channels/members/me/view", json!({"channel_id": channel})).await.is(200);
    }
    for (who, comments) in [(&ann, "root"), (&bob, "any"), (&cid, "root")] {
        who.put("/users/me/patch", json!({"notify_props": {"comments": comments}})).await.is(200);
    }
    let root = id(&ann.posts(&channel, "a question").await);
    let reply = |who: &crate::support::Person, text: &str| {
        let (who, body) = (who.clone(), json!({"channel_id": channel, "root_id": root, "message": text}));
        async move { who.post("/posts", body).await.is(201) }
    };
    // Bob takes part, so he hears of the next one; ann began it; cid did not, and dan asked for nothing.
    reply(&bob, "one").await;
    let mut hears = bob.listens().await;
    reply(&cid, "two").await;
    let told = hears.expect("posted").await;
    let mentions: Value = serde_json::from_str(&text(&told["data"], "mentions")).unwrap();
    assert!(mentions.as_array().unwrap().contains(&json!(bob.id)), "{told}");
    reply(&dan, "three").await;
    for (who, count) in [(&ann, 3), (&bob, 2), (&cid, 0), (&dan, 0)] {
        let member = who.get(&format!("/channels/{channel}/members/me")).await.is(200);
        assert_eq!(number(&member, "mention_count"), count, "{}", who.name);
    }
}

#[tokio::test]
async fn whoever_is_brought_into_a_channel_is_mentioned() {
    let server = Server::start().await;
    let [ann, bob, cid] = server.sign_up_all(["ann", "bob", "cid"]).await;
    let team = ann.makes_team("house").await;
    for who in [&bob, &cid] {
        ann.brings_into_team(&team, who).await;
    }
    let channel = ann.makes_channel(&team, "lobby").await;
    let mut hears = bob.listens().await;
    ann.brings_into_channel(&channel, &bob).await;
    let told = hears.expect("posted").await;
    assert_eq!(serde_json::from_str::<Value>(&text(&told["data"], "mentions")).unwrap(), json!([bob.id]));
    cid.post(&format!("/channels/{channel}/members"), json!({"user_id": cid.id})).await.is(201);
    let mentions = async |who: &crate::support::Person| {
        number(&who.get(&format!("/channels/{channel}/members/me")).await.is(200), "mention_count")
    };
    assert_eq!((mentions(&bob).await, mentions(&cid).await), (1, 0));
    bob.post("/channels/members/me/view", json!({"channel_id": channel})).await.is(200);
    assert_eq!(mentions(&bob).await, 0);
}
