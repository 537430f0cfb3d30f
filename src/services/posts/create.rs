//! Creating posts.

use serde::Deserialize;

use super::{check_message, check_props, links, props};
use crate::db;
use crate::error::{Error, Result};
use crate::services::auth::permissions::{Permission, Rights};
use crate::services::auth::{Caller, Permit};
use crate::services::channels::post_queue::{PendingPost, PostOrigin};
use crate::services::channels::{self, append, attachments};
use crate::services::platform::texts::{self, Reading};
use crate::services::posts::Core;
use crate::services::users::statuses;
use crate::wire::id::or_empty;
use crate::wire::{ChannelId, Event, Millis, Object, Post, PostId, UserId};

/// The most characters of a pending id.
const MAX_PENDING: usize = 128;

/// A post as its sender describes it. Its author is the caller, its time the database's: the body's values of these are
/// ignored.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields are the protocol's")]
pub struct NewPost {
    pub channel_id: ChannelId,
    #[serde(default, with = "or_empty")]
    pub root_id: Option<PostId>,
    #[serde(default)]
    pub message: String,
    #[serde(default, rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub props: Object,
    #[serde(default)]
    pub file_ids: Vec<String>,
    #[serde(default)]
    pub pending_post_id: String,
    #[serde(default)]
    pub create_at: Millis,
}

impl NewPost {
    /// Checks the limits; answers the post's size in bytes.
    fn check(&self) -> Result<usize> {
        check_message(&self.message)?;
        let size = self.message.len() + check_props(&self.props)?;
        if self.pending_post_id.chars().count() > MAX_PENDING {
            return Err(Error::body("pending_post_id"));
        }
        let allowed =
            matches!(self.kind.as_str(), "" | "slack_attachment") || self.kind.starts_with("custom_");
        if !allowed || self.kind.chars().count() > 26 {
            return Err(Error::body("type"));
        }
        Ok(size)
    }
}

/// Creates a post; returns when it is on disk. Repeating a `pending_post_id` answers the post that it made first.
pub async fn create(core: &Core, caller: &Caller, new: NewPost, set_online: bool) -> Result<Post> {
    let size = new.check()?;
    check_time(caller, new.create_at)?;
    let files = attachments::named(&new.file_ids)?;
    let reading = append::read(core, caller.org, &new.message, &new.props).await?;
    let pending = PendingPost {
        id: PostId::new(),
        size,
        has_links: links::has_some(core, &new.message),
        channel: new.channel_id,
        author: caller.id,
        root: new.root_id,
        kind: new.kind,
        message: new.message,
        reading,
        props: props::said(new.props, caller.is_bot()),
        files,
        pending_id: new.pending_post_id,
        set_online,
        origin: PostOrigin::Author,
        rights: caller.rights(),
    };
    let post = core.post_queue.post(pending).await?;
    if set_online {
        statuses::acted(core, caller);
    }
    Ok(post)
}

/// Refuses a time of creation from administrators, whom the protocol lets set one: the order of a channel is that of
/// its log, and a post cannot be inserted between others. From other callers it is ignored, as in the protocol.
fn check_time(caller: &Caller, create_at: Millis) -> Result<()> {
    let refused = create_at != 0 && caller.may(Permission::ManageSystem);
    if refused { Err(Error::body("create_at")) } else { Ok(()) }
}

/// A message that is shown to one person and not stored.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields are the protocol's")]
pub struct Ephemeral {
    pub user_id: UserId,
    pub post: NewPost,
}

/// Shows a member of a channel a message that is not stored. Only administrators may do that, since the message could
/// be mistaken for a real one.
pub async fn announce_ephemeral(core: &Core, caller: &Caller, _: Permit, ask: Ephemeral) -> Result<Post> {
    check_message(&ask.post.message)?;
    let size = ask.post.message.len() + check_props(&ask.post.props)?;
    let mut conn = core.read().await?;
    db::users::find(&mut conn, caller.org, ask.user_id).await?.ok_or_else(|| Error::body("user_id"))?;
    let access = channels::access(&mut conn, caller, ask.post.channel_id).await?;
    if access.channel().is_archived() {
        return Err(append::archived());
    }
    if db::channel_members::among(&mut conn, &[access.id()], &[ask.user_id]).await?.is_empty() {
        return Err(Error::body("user_id"));
    }
    let now = db::clock::now(&mut conn).await?;
    let pending = PendingPost {
        id: PostId::new(),
        size,
        has_links: false,
        channel: access.id(),
        author: caller.id,
        root: ask.post.root_id,
        kind: "system_ephemeral".to_owned(),
        reading: Reading { hashtags: texts::hashtags(&ask.post.message), ..Reading::default() },
        message: ask.post.message,
        props: props::said(ask.post.props, caller.is_bot()),
        files: Vec::new(),
        pending_id: String::new(),
        set_online: false,
        origin: PostOrigin::Notice,
        rights: Rights::default(),
    };
    let post = append::unposted(&pending, now);
    core.announce(&Event::EphemeralMessage { user_id: ask.user_id, post: Box::new(post.clone()) });
    Ok(post)
}
