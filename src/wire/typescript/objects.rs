//! The objects in the samples of events. Where something may be absent or null, it is so in the bare one.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use crate::wire::{
    Channel, ChannelId, ChannelKind, ChannelMember, ChannelUnreadAt, Emoji, EmojiId, FileId, FileInfo,
    Object, Post, PostEmbed, PostId, PostImage, PostMetadata, Reaction, Role, SchemeId, StringMap, Team,
    TeamId, TeamMember, User, UserId,
};

pub(super) const USER: UserId = UserId(Uuid::nil());
pub(super) const TEAM: TeamId = TeamId(Uuid::nil());
pub(super) const CHANNEL: ChannelId = ChannelId(Uuid::nil());
pub(super) const POST: PostId = PostId(Uuid::nil());
const SCHEME: SchemeId = SchemeId(Uuid::nil());

/// Whether what may be absent is there.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Extent {
    Full,
    Bare,
}

use Extent::{Bare, Full};

impl Extent {
    pub(super) fn some<T>(self, value: T) -> Option<T> {
        (self == Full).then_some(value)
    }

    pub(super) fn list<T>(self, values: Vec<T>) -> Vec<T> {
        if self == Full { values } else { Vec::new() }
    }
}

pub(super) fn word() -> String {
    "word".to_owned()
}

pub(super) fn words() -> StringMap {
    BTreeMap::from([(word(), word())])
}

fn object() -> Object {
    json!({"word": [1, null]}).as_object().cloned().unwrap()
}

pub(super) fn post(extent: Extent) -> Post {
    Post {
        id: POST,
        create_at: 1,
        update_at: 1,
        edit_at: 0,
        delete_at: 0,
        is_pinned: true,
        user_id: USER,
        channel_id: CHANNEL,
        root_id: extent.some(POST),
        original_id: String::new(),
        message: word(),
        kind: String::new(),
        props: object(),
        hashtags: String::new(),
        file_ids: extent.list(vec![FileId(Uuid::nil())]),
        pending_post_id: word(),
        has_reactions: extent == Full,
        reply_count: 1,
        last_reply_at: 1,
        participants: extent.some(vec![json!({})]),
        metadata: metadata(extent),
    }
}

fn metadata(extent: Extent) -> PostMetadata {
    let image = PostImage { width: 1, height: 1, format: word(), frame_count: 0 };
    let embed = |extent: Extent| PostEmbed {
        kind: "opengraph",
        url: extent.list(vec![word()]).concat(),
        data: extent.some(json!({})),
    };
    if extent == Bare {
        return PostMetadata::default();
    }
    PostMetadata {
        files: vec![file(Full), file(Bare)],
        embeds: vec![embed(Full), embed(Bare)],
        emojis: vec![emoji(Full)],
        images: BTreeMap::from([(word(), image)]),
        reactions: vec![reaction(Full)],
    }
}

fn file(extent: Extent) -> FileInfo {
    FileInfo {
        id: FileId(Uuid::nil()),
        user_id: USER,
        post_id: extent.some(POST),
        channel_id: extent.some(CHANNEL),
        create_at: 1,
        update_at: 1,
        delete_at: 0,
        name: word(),
        extension: word(),
        size: 1,
        mime_type: "image/png".to_owned(),
        width: i32::from(extent == Full),
        height: i32::from(extent == Full),
        has_preview_image: extent == Full,
        mini_preview: extent.some(word()),
        remote_id: String::new(),
        archived: false,
    }
}

pub(super) fn emoji(extent: Extent) -> Emoji {
    let id = EmojiId(Uuid::nil());
    Emoji { id, create_at: 1, update_at: 1, delete_at: 0, creator_id: extent.some(USER), name: word() }
}

pub(super) fn reaction(extent: Extent) -> Reaction {
    Reaction {
        user_id: USER,
        post_id: POST,
        emoji_name: word(),
        create_at: 1,
        update_at: 1,
        delete_at: 0,
        remote_id: extent.some(word()),
        channel_id: CHANNEL,
    }
}

pub(super) fn channel(extent: Extent) -> Channel {
    Channel {
        id: CHANNEL,
        create_at: 1,
        update_at: 1,
        delete_at: 0,
        team_id: extent.some(TEAM),
        kind: ChannelKind::Public,
        display_name: word(),
        name: word(),
        header: word(),
        purpose: word(),
        last_post_at: 1,
        last_root_post_at: 1,
        total_msg_count: 1,
        total_msg_count_root: 1,
        extra_update_at: 0,
        creator_id: extent.some(USER),
        scheme_id: extent.some(SCHEME),
        props: extent.some(object()),
        group_constrained: extent.some(true),
        shared: extent.some(true),
        policy_id: extent.some(word()),
    }
}

pub(super) fn channel_member() -> ChannelMember {
    ChannelMember {
        channel_id: CHANNEL,
        user_id: USER,
        roles: word(),
        last_viewed_at: 1,
        msg_count: 1,
        mention_count: 1,
        mention_count_root: 1,
        urgent_mention_count: 0,
        msg_count_root: 1,
        notify_props: words(),
        last_update_at: 1,
        scheme_guest: false,
        scheme_user: true,
        scheme_admin: false,
        explicit_roles: String::new(),
    }
}

pub(super) fn unread(extent: Extent) -> ChannelUnreadAt {
    ChannelUnreadAt {
        team_id: extent.some(TEAM),
        user_id: USER,
        channel_id: CHANNEL,
        msg_count: 1,
        mention_count: 1,
        mention_count_root: 1,
        urgent_mention_count: 0,
        msg_count_root: 1,
        last_viewed_at: 1,
    }
}

pub(super) fn team(extent: Extent) -> Team {
    Team {
        id: TEAM,
        create_at: 1,
        update_at: 1,
        delete_at: 0,
        display_name: word(),
        name: word(),
        description: word(),
        email: String::new(),
        kind: "O".to_owned(),
        company_name: String::new(),
        allowed_domains: String::new(),
        invite_id: String::new(),
        allow_open_invite: true,
        last_team_icon_update: i64::from(extent == Full),
        scheme_id: extent.some(SCHEME),
        group_constrained: extent.some(true),
        policy_id: extent.some(word()),
    }
}

pub(super) fn team_member() -> TeamMember {
    TeamMember {
        team_id: TEAM,
        user_id: USER,
        roles: word(),
        delete_at: 0,
        scheme_guest: false,
        scheme_user: true,
        scheme_admin: false,
        explicit_roles: String::new(),
    }
}

pub(super) fn user(extent: Extent) -> User {
    User {
        id: USER,
        create_at: 1,
        update_at: 1,
        delete_at: 0,
        username: word(),
        auth_data: String::new(),
        auth_service: String::new(),
        email: word(),
        email_verified: extent == Full,
        mfa_active: extent == Full,
        nickname: word(),
        first_name: word(),
        last_name: word(),
        position: word(),
        roles: word(),
        props: extent.some(words()).unwrap_or_default(),
        notify_props: extent.some(words()),
        last_password_update: extent.some(1),
        failed_attempts: i64::from(extent == Full),
        last_picture_update: i64::from(extent == Full),
        locale: "en".to_owned(),
        timezone: words(),
        is_bot: extent == Full,
        bot_description: extent.some(word()).unwrap_or_default(),
        disable_welcome_email: false,
    }
}

pub(super) fn role(extent: Extent) -> Role {
    Role {
        id: word(),
        name: word(),
        display_name: word(),
        description: word(),
        create_at: 1,
        update_at: 1,
        delete_at: 0,
        permissions: vec!["create_post"],
        scheme_managed: true,
        built_in: true,
        scheme_id: extent.some(SCHEME),
    }
}
