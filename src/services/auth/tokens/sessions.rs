//! The sessions of access tokens, and how they end.

use crate::db;
use crate::error::Result;
use crate::services::platform::Tx;
use crate::wire::{Event, SessionId, TokenId};

/// Ends the sessions of tokens in the open transaction. After the commit they must be revoked on the nodes.
pub(super) async fn end(tx: &mut Tx, tokens: &[TokenId]) -> Result<Vec<SessionId>> {
    let ended = db::access_tokens::end_sessions(tx, tokens).await?;
    for (session, user_id) in &ended {
        tx.emit(Event::SessionsEnded { user_id: *user_id, session_id: Some(*session) });
    }
    Ok(ended.into_iter().map(|(session, _)| session).collect())
}
