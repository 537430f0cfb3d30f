//! Appending posts to channels: the only way in which a post is created. A batch is locked, checked, numbered, inserted
//! and counted with a fixed number of statements, however many posts it has and however many members their channels
//! have; a refused post is reported to its own sender and does not affect the others.

mod batch;
mod effects;
mod reading;
mod shape;
mod text_index;
mod write;

use crate::error::Result;
use crate::services::auth::permissions::Rights;
use crate::services::channels::post_queue::{PendingPost, PostOrigin};
use crate::services::platform::{Tx, texts};
use crate::wire::{ChannelId, Object, PostId, UserId};

pub(crate) use batch::archived;
pub use batch::batch;
pub use reading::read;
pub use shape::{shape, undeleted, unposted};
use text_index::TextIndex;
pub use write::Appender;

/// The largest channel in which everybody can be mentioned: in a larger one `@channel` notifies nobody.
const MAX_MENTION_ALL: i64 = 1000;

/// A notice of the system, as a post of the account that acted.
#[derive(Debug)]
pub struct Notice {
    /// The channel.
    pub channel: ChannelId,
    /// The account that acted.
    pub by: UserId,
    /// The post type, for example `system_join_channel`.
    pub kind: &'static str,
    /// A sentence for clients that do not know the type.
    pub message: String,
    /// The properties, for clients that do.
    pub props: Object,
}

/// Posts notices in the open transaction, which locks their channels.
pub async fn notices(tx: &mut Tx, notices: Vec<Notice>) -> Result<()> {
    let pending: Vec<PendingPost> = notices.into_iter().map(PendingPost::from).collect();
    for posted in batch(tx, &pending).await? {
        posted?;
    }
    Ok(())
}

impl From<Notice> for PendingPost {
    fn from(notice: Notice) -> Self {
        let reading =
            texts::Reading { hashtags: texts::hashtags(&notice.message), ..texts::Reading::default() };
        Self {
            id: PostId::new(),
            size: notice.message.len(),
            channel: notice.channel,
            has_links: false,
            reading,
            author: notice.by,
            root: None,
            kind: notice.kind.to_owned(),
            message: notice.message,
            props: notice.props,
            files: Vec::new(),
            pending_id: String::new(),
            set_online: false,
            origin: PostOrigin::Notice,
            rights: Rights::default(),
        }
    }
}

/// Types of posts that do not count as unread: joining and leaving.
pub const UNCOUNTED: &[&str] = &[
    "system_join_channel",
    "system_leave_channel",
    "system_add_to_channel",
    "system_remove_from_channel",
    "system_join_team",
    "system_leave_team",
    "system_add_to_team",
    "system_remove_from_team",
];

/// Whether posts of this type count as unread for members.
fn counts(kind: &str) -> bool {
    !UNCOUNTED.contains(&kind)
}
