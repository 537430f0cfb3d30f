//! The subject of an audit entry.

use uuid::Uuid;

use crate::wire::{ChannelId, OrgId, PostId, SessionId, TeamId, TokenId, UserId};

/// The thing that was acted on: its kind and identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    pub(super) kind: &'static str,
    pub(super) id: Option<Uuid>,
}

impl Subject {
    /// No thing that has an identifier.
    pub fn none() -> Self {
        Self { kind: "", id: None }
    }

    /// A thing of a kind without an identifier type here, for example `("role", id)`.
    pub fn of(kind: &'static str, id: Uuid) -> Self {
        Self { kind, id: Some(id) }
    }
}

macro_rules! subjects {
    ($($id:ident = $kind:literal),* $(,)?) => {$(
        impl From<$id> for Subject {
            fn from(id: $id) -> Self {
                Self::of($kind, id.0)
            }
        }
    )*};
}

subjects! {
    OrgId = "org",
    UserId = "user",
    SessionId = "session",
    TokenId = "token",
    TeamId = "team",
    ChannelId = "channel",
    PostId = "post",
}

/// The kinds of things that path parameters identify, for refusals.
const PARAMETERS: &[(&str, &str)] = &[
    ("user_id", "user"),
    ("team_id", "team"),
    ("channel_id", "channel"),
    ("post_id", "post"),
    ("bot_user_id", "user"),
    ("token_id", "token"),
    ("role_id", "role"),
    ("scheme_id", "scheme"),
    ("hook_id", "hook"),
    ("command_id", "command"),
    ("emoji_id", "emoji"),
    ("file_id", "file"),
    ("upload_id", "upload"),
    ("group_id", "group"),
    ("job_id", "job"),
    ("organization_id", "org"),
    ("org_id", "org"),
];

/// The thing that a path parameter with this name identifies.
pub(super) fn of_parameter(name: &str, id: Uuid) -> Option<Subject> {
    let (_, kind) = PARAMETERS.iter().find(|(known, _)| *known == name)?;
    Some(Subject::of(kind, id))
}
