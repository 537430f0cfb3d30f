//! The tables as diesel knows them. A test compares this file with a migrated database.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    orgs (id) {
        id -> Uuid,
        slug -> Text,
        name -> Text,
        create_at -> Int8,
        update_at -> Int8,
        sign_up -> Nullable<Text>,
        email_domains -> Array<Text>,
        max_users -> Int8,
        max_bytes -> Int8,
        retention_days -> Int4,
        suspended_at -> Int8,
        delete_at -> Int8,
        enforce_second_factor -> Bool,
        max_file_bytes -> Int8,
    }
}

table! {
    org_domains (domain) {
        domain -> Text,
        org_id -> Uuid,
    }
}

table! {
    operators (user_id) {
        user_id -> Uuid,
        create_at -> Int8,
    }
}

table! {
    users (id) {
        id -> Uuid,
        org_id -> Uuid,
        username -> Text,
        email -> Text,
        password_hash -> Text,
        nickname -> Text,
        first_name -> Text,
        last_name -> Text,
        position -> Text,
        roles -> Text,
        locale -> Text,
        props -> Jsonb,
        notify_props -> Jsonb,
        timezone -> Jsonb,
        create_at -> Int8,
        update_at -> Int8,
        delete_at -> Int8,
        last_password_update -> Int8,
        email_verified -> Bool,
        bot_description -> Nullable<Text>,
        bot_owner_id -> Nullable<Uuid>,
        picture_id -> Nullable<Uuid>,
        picture_at -> Int8,
        mfa_active -> Bool,
        auth_service -> Text,
        auth_data -> Text,
        must_prove_email -> Bool,
    }
}

table! {
    founders (org_id) {
        org_id -> Uuid,
        user_id -> Uuid,
    }
}

table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        csrf -> Text,
        device_id -> Text,
        props -> Jsonb,
        create_at -> Int8,
        expires_at -> Int8,
        last_activity_at -> Int8,
        token_id -> Nullable<Uuid>,
    }
}

table! {
    login_attempts (whose) {
        whose -> Bytea,
        count -> Int4,
        since -> Int8,
    }
}

table! {
    access_tokens (id) {
        id -> Uuid,
        user_id -> Uuid,
        hash -> Bytea,
        description -> Text,
        active -> Bool,
        create_at -> Int8,
        expires_at -> Int8,
    }
}

table! {
    statuses (user_id) {
        user_id -> Uuid,
        status -> Text,
        manual -> Bool,
        last_activity_at -> Int8,
        dnd_end_time -> Int8,
        prev_status -> Text,
    }
}

table! {
    preferences (user_id, category, name) {
        user_id -> Uuid,
        category -> Text,
        name -> Text,
        value -> Text,
    }
}

table! {
    audits (id) {
        id -> Uuid,
        user_id -> Nullable<Uuid>,
        session_id -> Nullable<Uuid>,
        action -> Text,
        extra_info -> Text,
        ip_address -> Text,
        create_at -> Int8,
        org_id -> Uuid,
        subject_kind -> Text,
        subject_id -> Nullable<Uuid>,
        outcome -> Text,
        user_agent -> Text,
    }
}

table! {
    second_factors (user_id) {
        user_id -> Uuid,
        secret -> Nullable<Bytea>,
        pending -> Nullable<Bytea>,
        last_step -> Int8,
    }
}

table! {
    known_places (user_id, digest) {
        user_id -> Uuid,
        digest -> Bytea,
        used_at -> Int8,
    }
}

table! {
    recovery_codes (user_id, digest) {
        user_id -> Uuid,
        digest -> Bytea,
    }
}

table! {
    mailed_tokens (digest) {
        digest -> Bytea,
        user_id -> Uuid,
        purpose -> Text,
        email -> Text,
        create_at -> Int8,
        expires_at -> Int8,
    }
}

table! {
    topics (id) {
        id -> Uuid,
        seq -> Int8,
    }
}

table! {
    events (topic, seq, created_at) {
        topic -> Uuid,
        seq -> Int8,
        frame -> Text,
        created_at -> Timestamptz,
    }
}

table! {
    post_events (post_id, seq) {
        post_id -> Uuid,
        seq -> Int8,
        created_at -> Timestamptz,
    }
}

table! {
    teams (id) {
        id -> Uuid,
        org_id -> Uuid,
        kind -> Text,
        name -> Text,
        display_name -> Text,
        description -> Text,
        email -> Text,
        company_name -> Text,
        allowed_domains -> Text,
        invite_id -> Text,
        allow_open_invite -> Bool,
        create_at -> Int8,
        update_at -> Int8,
        delete_at -> Int8,
        scheme_id -> Nullable<Uuid>,
        icon_id -> Nullable<Uuid>,
        icon_at -> Int8,
    }
}

table! {
    team_invitations (digest) {
        digest -> Bytea,
        team_id -> Uuid,
        email -> Text,
        invited_by -> Uuid,
        guest -> Bool,
        channel_ids -> Array<Uuid>,
        create_at -> Int8,
        expires_at -> Int8,
        over_at -> Int8,
    }
}

table! {
    team_members (team_id, user_id) {
        team_id -> Uuid,
        user_id -> Uuid,
        admin -> Bool,
        create_at -> Int8,
        guest -> Bool,
    }
}

table! {
    channels (id) {
        id -> Uuid,
        org_id -> Uuid,
        team_id -> Nullable<Uuid>,
        kind -> Text,
        name -> Text,
        display_name -> Text,
        header -> Text,
        purpose -> Text,
        creator_id -> Nullable<Uuid>,
        create_at -> Int8,
        update_at -> Int8,
        delete_at -> Int8,
        last_post_at -> Int8,
        last_root_post_at -> Int8,
        post_seq -> Int8,
        total_msg_count -> Int8,
        total_msg_count_root -> Int8,
        mention_all_count -> Int8,
        mention_all_count_root -> Int8,
        scheme_id -> Nullable<Uuid>,
        team_scheme_id -> Nullable<Uuid>,
        team_delete_at -> Int8,
    }
}

table! {
    channel_members (channel_id, user_id) {
        channel_id -> Uuid,
        user_id -> Uuid,
        admin -> Bool,
        notify_props -> Jsonb,
        last_viewed_at -> Int8,
        msg_count -> Int8,
        msg_count_root -> Int8,
        mention_count -> Int8,
        mention_count_root -> Int8,
        mention_all_seen -> Int8,
        mention_all_seen_root -> Int8,
        last_update_at -> Int8,
        guest -> Bool,
        ignores_all -> Bool,
    }
}

table! {
    posts (id) {
        id -> Uuid,
        channel_id -> Uuid,
        seq -> Int8,
        user_id -> Uuid,
        root_id -> Nullable<Uuid>,
        kind -> Text,
        message -> Text,
        props -> Jsonb,
        hashtags -> Text,
        pending_post_id -> Text,
        mentions_all -> Bool,
        mentions -> Array<Uuid>,
        is_pinned -> Bool,
        has_reactions -> Bool,
        reply_count -> Int8,
        last_reply_at -> Int8,
        create_at -> Int8,
        update_at -> Int8,
        edit_at -> Int8,
        delete_at -> Int8,
        file_ids -> Array<Uuid>,
        org_id -> Uuid,
    }
}

table! {
    files (id) {
        id -> Uuid,
        org_id -> Uuid,
        user_id -> Uuid,
        channel_id -> Nullable<Uuid>,
        post_id -> Nullable<Uuid>,
        is_ready -> Bool,
        name -> Text,
        extension -> Text,
        mime_type -> Text,
        size -> Int8,
        width -> Int4,
        height -> Int4,
        thumbnail_type -> Text,
        preview_type -> Text,
        mini_preview -> Nullable<Bytea>,
        create_at -> Int8,
        update_at -> Int8,
        delete_at -> Int8,
        link_key -> Nullable<Uuid>,
        content -> Text,
    }
}

table! {
    uploads (id) {
        id -> Uuid,
        size -> Int8,
        aside -> Nullable<Jsonb>,
        taken_until -> Int8,
    }
}

table! {
    file_usage (org_id) {
        org_id -> Uuid,
        bytes -> Int8,
    }
}

table! {
    nodes (id) {
        id -> Uuid,
        seen_at -> Timestamptz,
    }
}

table! {
    reactions (post_id, user_id, emoji_name) {
        post_id -> Uuid,
        user_id -> Uuid,
        emoji_name -> Text,
        create_at -> Int8,
        update_at -> Int8,
    }
}

table! {
    links (org_id, hash) {
        org_id -> Uuid,
        hash -> Bytea,
        url -> Text,
        facts -> Nullable<Jsonb>,
        claimed_until -> Int8,
        expires_at -> Int8,
    }
}

table! {
    proxied (org_id, hash) {
        org_id -> Uuid,
        hash -> Bytea,
        object_id -> Uuid,
        mime -> Text,
        expires_at -> Int8,
    }
}

table! {
    emoji (id) {
        id -> Uuid,
        org_id -> Uuid,
        creator_id -> Nullable<Uuid>,
        name -> Text,
        mime -> Text,
        create_at -> Int8,
        update_at -> Int8,
    }
}

table! {
    schemes (id) {
        id -> Uuid,
        org_id -> Uuid,
        name -> Text,
        display_name -> Text,
        description -> Text,
        scope -> Text,
        create_at -> Int8,
        update_at -> Int8,
    }
}

table! {
    role_changes (org_id, name) {
        org_id -> Uuid,
        name -> Text,
        scheme_id -> Nullable<Uuid>,
        granted -> Array<Text>,
        withdrawn -> Array<Text>,
        update_at -> Int8,
    }
}

table! {
    tasks (id) {
        id -> Uuid,
        kind -> Text,
        payload -> Jsonb,
        org_id -> Nullable<Uuid>,
        unique_key -> Nullable<Text>,
        not_before -> Int8,
        attempts -> Int4,
        leased_until -> Int8,
        leased_by -> Nullable<Uuid>,
        last_error -> Text,
        create_at -> Int8,
        died_at -> Int8,
    }
}

joinable!(team_invitations -> teams (team_id));
joinable!(team_members -> teams (team_id));
joinable!(team_members -> users (user_id));
joinable!(channel_members -> channels (channel_id));
joinable!(channel_members -> users (user_id));
joinable!(posts -> channels (channel_id));
joinable!(reactions -> posts (post_id));
joinable!(sessions -> users (user_id));
joinable!(mailed_tokens -> users (user_id));
joinable!(access_tokens -> users (user_id));
joinable!(files -> channels (channel_id));
joinable!(uploads -> files (id));
joinable!(users -> orgs (org_id));
allow_tables_to_appear_in_same_query!(
    orgs,
    org_domains,
    emoji,
    links,
    operators,
    users,
    sessions,
    mailed_tokens,
    access_tokens,
    statuses,
    preferences,
    teams,
    team_invitations,
    team_members,
    channels,
    channel_members,
    posts,
    reactions,
    topics,
    files,
    uploads,
);
