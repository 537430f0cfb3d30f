//! Presence: whether somebody is there. A status that a user chose is a row; without one, a user with a connection is
//! online, and away after some idle minutes. A change is sent to the account's own connections, and to those that view
//! a channel that the user is in (`viewers`); other clients poll. The custom status, a text of the account, is in
//! `custom`.

mod custom;
mod viewers;

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use crate::db::{
    self,
    statuses::{Status as Chosen, StoredStatus},
};
use crate::error::{Error, Kind, Result};
use crate::services::auth::permissions::Permission;
use crate::services::auth::{Caller, accounts};
use crate::services::platform::Tx;
use crate::services::realtime::Seen;
use crate::services::users::Core;
use crate::wire::id::or_empty;
use crate::wire::{Event, Millis, PresenceStatus, Status, UnknownWord, UserId};

pub use custom::{CustomStatus, clear_custom, clear_over, forget_recent, set_custom};
pub use viewers::tell_viewers;

/// Accounts in one request at most.
const MAX_IDS: usize = 200;

/// A status that a user chooses.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the protocol's own fields")]
pub struct NewStatus {
    #[serde(with = "or_empty")]
    pub user_id: Option<UserId>,
    pub status: String,
    pub dnd_end_time: i64,
}

/// The status of `user`.
pub async fn get(core: &Core, caller: &Caller, user: UserId) -> Result<Status> {
    list(core, caller, &[user]).await?.pop().ok_or_else(accounts::missing)
}

/// The statuses of those of `ids` who are in the organisation.
pub async fn list(core: &Core, caller: &Caller, ids: &[UserId]) -> Result<Vec<Status>> {
    if !(1..=MAX_IDS).contains(&ids.len()) {
        return Err(Error::body("user_ids"));
    }
    all(core, caller, ids).await
}

/// The statuses of `ids` as a map from account to status.
pub async fn by_ids(
    core: &Core,
    caller: &Caller,
    ids: &[UserId],
) -> Result<BTreeMap<String, PresenceStatus>> {
    let statuses = list(core, caller, ids).await?;
    Ok(statuses.into_iter().map(|s| (s.user_id.to_string(), s.status)).collect())
}

/// The statuses of everybody in the caller's organisation who is connected and is not shown as offline.
pub async fn online(core: &Core, caller: &Caller) -> Result<BTreeMap<String, PresenceStatus>> {
    let ids = core.presence.online();
    let statuses = all(core, caller, &ids).await?;
    let shown = statuses.into_iter().filter(|s| s.status != PresenceStatus::Offline);
    Ok(shown.map(|s| (s.user_id.to_string(), s.status)).collect())
}

/// Stores the status that `user` chose, in place of the one before.
pub async fn set(core: &Core, caller: &Caller, user: UserId, new: NewStatus) -> Result<Status> {
    if new.user_id.is_some_and(|id| id != user) {
        return Err(Error::body("user_id"));
    }
    let wanted: PresenceStatus = new.status.parse().map_err(|UnknownWord(_)| Error::body("status"))?;
    let is_dnd = wanted == PresenceStatus::Dnd;
    if new.dnd_end_time < 0 || (is_dnd && new.dnd_end_time > 0 && new.dnd_end_time <= now() / 1000) {
        return Err(Error::body("dnd_end_time"));
    }
    let mut tx = core.begin().await?;
    let user = accounts::over(&mut tx, caller, user, Permission::ManageSystem).await?.id();
    // Online is not a choice: it takes back the one before.
    let manual = wanted != PresenceStatus::Online;
    let until = if is_dnd { new.dnd_end_time } else { 0 };
    let chosen = db::statuses::choose(&mut tx, user, wanted, manual, until).await?;
    tx.commit().await?;
    core.presence.active(user, now());
    let status =
        effective(Moment::of(core), user, Some(&chosen), core.presence.seen(user), chosen.last_activity_at);
    announce(core, &status);
    Ok(status)
}

/// Sets whether the caller is active, as their client reports it, or with `manual` as they chose it.
pub async fn set_active(core: &Core, caller: &Caller, active: bool, manual: bool) -> Result<()> {
    if manual {
        let status = if active { PresenceStatus::Online } else { PresenceStatus::Away };
        let new = NewStatus { status: status.to_string(), ..NewStatus::default() };
        return set(core, caller, caller.id, new).await.map(|_| ());
    }
    if active {
        acted(core, caller);
    } else {
        // Whether they are away already depends on the time; their client asks for the status.
        announce(core, &get(core, caller, caller.id).await?);
    }
    Ok(())
}

/// Notes that the caller was active; emits their status if they were away.
pub fn acted(core: &Core, caller: &Caller) {
    if core.presence.active(caller.id, now()) {
        tell(core, caller.id);
    }
}

/// Fails if `user` has as many connections as an account may have.
pub fn admit(core: &Core, user: UserId) -> Result<()> {
    if core.presence.seen(user).connections < core.settings.limits.sockets_per_user {
        return Ok(());
    }
    Err(Error::new(
        Kind::TooMany { retry_after: 10 },
        "api.web_socket.connect.too_many.app_error",
        "Too many connections of this account are open.",
    ))
}

/// Notes a new connection of `user`; emits their status if it is the first.
pub fn connected(core: &Core, user: UserId) {
    if core.presence.connected(user, now()) {
        tell(core, user);
    }
}

/// Announces the status of `user` in the background: actors, and requests that post, must not wait for the database.
fn tell(core: &Core, user: UserId) {
    let core = core.clone();
    tokio::spawn(async move {
        let chosen = async { Ok::<_, Error>(db::statuses::find(&mut *core.read().await?, user).await?) };
        match chosen.await {
            Ok(row) => announce(
                &core,
                &effective(Moment::of(&core), user, row.as_ref(), core.presence.seen(user), 0),
            ),
            Err(error) => tracing::warn!(%error, "a status was not announced"),
        }
    });
}

/// Notes that a connection of `user` ended.
pub fn disconnected(core: &Core, user: UserId) {
    core.presence.disconnected(user);
}

/// Ends "do not disturb" statuses that have expired, at most `limit`, and emits that; returns how many.
pub async fn end_dnd(core: &Core, tx: &mut Tx, limit: i64) -> Result<i64> {
    let ended = db::statuses::end_dnd(tx, limit).await?;
    for chosen in &ended {
        let user_id = chosen.user_id;
        let status =
            effective(Moment::of(core), user_id, Some(chosen), core.presence.seen(user_id), 0).status;
        tx.emit(Event::StatusChange { user_id, status });
    }
    Ok(i64::try_from(ended.len()).unwrap_or(limit))
}

async fn all(core: &Core, caller: &Caller, ids: &[UserId]) -> Result<Vec<Status>> {
    let mut conn = core.read().await?;
    let ids = db::users::seen(&mut conn, caller.visibility(), ids).await?;
    let kept = db::statuses::of(&mut conn, caller.org, &ids).await?;
    drop(conn);
    let at = Moment::of(core);
    let status = |k: StoredStatus| {
        effective(at, k.user_id, k.chosen.as_ref(), core.presence.seen(k.user_id), k.last_used_at)
    };
    Ok(kept.into_iter().map(status).collect())
}

/// Sends the status to the account's own connections at once, and to viewers of its channels with the next round.
fn announce(core: &Core, status: &Status) {
    core.presence.changed(status.user_id);
    core.announce(&Event::StatusChange { user_id: status.user_id, status: status.status });
}

/// The time for which a status is computed.
#[derive(Clone, Copy)]
struct Moment {
    now: Millis,
    away_after: Millis,
}

impl Moment {
    fn of(core: &Core) -> Self {
        Self { now: now(), away_after: core.presence.away_after() }
    }

    /// Whether an account without activity since `then` is away.
    fn is_long_after(self, then: Millis) -> bool {
        self.now - then > self.away_after
    }
}

/// The status in force: the chosen one, or else the one that activity shows.
fn effective(at: Moment, user: UserId, chosen: Option<&Chosen>, seen: Seen, last_used_at: Millis) -> Status {
    let is_over =
        |c: &Chosen| c.status == PresenceStatus::Dnd && c.dnd_end_time > 0 && c.dnd_end_time * 1000 <= at.now;
    let said_at = chosen.map_or(0, |c| c.last_activity_at);
    let last_activity_at = seen.last_activity_at.max(said_at).max(last_used_at);
    let held = chosen.filter(|c| c.manual).and_then(|c| match is_over(c) {
        false => Some((c.status, c.dnd_end_time)),
        // The job that ends it may be late.
        true => c.prev_status.parse().ok().map(|before| (before, 0)),
    });
    if let Some((status, dnd_end_time)) = held {
        return Status { user_id: user, status, manual: true, last_activity_at, dnd_end_time };
    }
    // An account without a socket, such as a bot, is online for a while after it reported that.
    let said_so = chosen.is_some_and(|c| {
        !c.manual && c.status == PresenceStatus::Online && !at.is_long_after(c.last_activity_at)
    });
    let status = match seen.connections {
        0 if said_so => PresenceStatus::Online,
        0 => PresenceStatus::Offline,
        _ if at.is_long_after(seen.last_activity_at) => PresenceStatus::Away,
        _ => PresenceStatus::Online,
    };
    Status { user_id: user, status, manual: false, last_activity_at, dnd_end_time: 0 }
}

fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_800_000_000_000;
    const AWAY_AFTER: Millis = 300_000;

    fn status(chosen: Option<(&str, bool, i64)>, connections: u32, idle: Millis) -> &'static str {
        status_after("", chosen, connections, idle)
    }

    fn status_after(
        before: &str,
        chosen: Option<(&str, bool, i64)>,
        connections: u32,
        idle: Millis,
    ) -> &'static str {
        let user = UserId::new();
        let chosen = chosen.map(|(status, manual, dnd_end_time)| Chosen {
            user_id: user,
            status: status.parse().unwrap(),
            manual,
            last_activity_at: NOW - AWAY_AFTER - 1,
            dnd_end_time,
            prev_status: before.into(),
        });
        let seen = Seen { connections, last_activity_at: NOW - idle };
        effective(Moment { now: NOW, away_after: AWAY_AFTER }, user, chosen.as_ref(), seen, 0).status.as_str()
    }

    #[test]
    fn whoever_chose_nothing_is_what_is_seen() {
        assert_eq!(status(None, 0, 0), "offline");
        assert_eq!(status(None, 1, 0), "online");
        assert_eq!(status(None, 1, AWAY_AFTER + 1), "away");
        assert_eq!(status(Some(("online", false, 0)), 0, 0), "offline");
    }

    #[test]
    fn a_choice_holds_until_its_time_is_over() {
        assert_eq!(status(Some(("dnd", true, 0)), 1, 0), "dnd");
        assert_eq!(status(Some(("offline", true, 0)), 1, 0), "offline");
        assert_eq!(status(Some(("dnd", true, NOW / 1000 + 1)), 0, 0), "dnd");
        assert_eq!(status(Some(("dnd", true, NOW / 1000)), 1, 0), "online");
        for before in ["offline", "away", "dnd"] {
            assert_eq!(
                status_after(before, Some(("dnd", true, NOW / 1000)), 1, 0),
                before,
                "as it was before"
            );
        }
        assert_eq!(status_after("offline", Some(("dnd", true, NOW / 1000 + 1)), 1, 0), "dnd");
    }
}
