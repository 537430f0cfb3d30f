//! The events that tell of a change of an account: to those who know it, and to its own clients.

use super::view::{own, profile};
use crate::db::{self, users::User as Row};
use crate::error::Result;
use crate::services::platform::Tx;
use crate::wire::frame::AudienceFilter;
use crate::wire::{Event, Topic, UserId};

/// Emits the changed account to those who know it, with the private fields to the owner alone.
pub(crate) async fn tell(tx: &mut Tx, row: &Row) -> Result<()> {
    for (audience, filter) in acquainted(tx, row.id).await? {
        tx.emit(Event::UserUpdated { audience, filter, user: Box::new(profile(row)) });
    }
    tx.emit(Event::SelfUpdated { user: Box::new(own(row)) });
    Ok(())
}

/// The topics that reach everybody who shares a team or a conversation with `user`.
pub(super) async fn acquainted(tx: &mut Tx, user: UserId) -> Result<Vec<(Topic, AudienceFilter)>> {
    Ok(db::topics::acquainted(tx, user).await?)
}
