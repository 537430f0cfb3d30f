//! What a connection hears: its account's own topic, its organisation's, its teams' and its channels'.

use crate::db::{self};
use crate::error::Result;
use crate::services::auth::Caller;
use crate::services::core::Core;
use crate::wire::{ChannelId, OrgId, TeamId, Topic, UserId};

/// The topics of the caller and the number at which each stands, in one snapshot of the database: who sits down after
/// these numbers misses nothing and hears nothing twice, whatever is committed meanwhile.
pub async fn of(core: &Core, caller: &Caller) -> Result<Vec<(Topic, u64)>> {
    let mut conn = core.read().await?;
    let heard = db::topics::heard_by(&mut conn, caller.org, caller.id).await?;
    let topic = |heard: db::topics::Heard| {
        let topic = match heard.kind.as_str() {
            "o" => Topic::Org(OrgId(heard.id)),
            "t" => Topic::Team(TeamId(heard.id)),
            "c" => Topic::Channel(ChannelId(heard.id)),
            _ => Topic::User(UserId(heard.id)),
        };
        (topic, u64::try_from(heard.seq).unwrap_or(0))
    };
    Ok(heard.into_iter().map(topic).collect())
}
