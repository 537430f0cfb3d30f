//! Rooms that died. Their members' positions died with them, but each session knows what it showed: it is told of the
//! death behind all that the room sent it, and asks to come into the new room after that. So nothing is lost, doubled
//! or out of order, and no socket closes. An account's own topic is another matter: its events subscribe connections,
//! and which of them had their effect is not known. Those few connections end, and are resumed.

use actix::prelude::*;

use super::{Connected, Hub, LOST, Rejoin, RoomMembership, opener};
use crate::actors::connection::{CloseReason, SessionMessage};
use crate::actors::room::Join;
use crate::services::channels::subscriptions::Subscription;
use crate::wire::{ConnectionId, Topic};

impl RoomMembership {
    /// The membership by a subscription, which may renew one from before; and whether it is new.
    pub(super) fn again(before: Option<&Self>, subscription: &Subscription, join_id: u64) -> (bool, Self) {
        let after = subscription.after.max(before.map_or(0, |before| before.after));
        let renewed = subscription.renewed.max(before.map_or(0, |before| before.renewed));
        (before.is_none(), Self { join_id, after, renewed })
    }
}

impl Hub {
    /// A room has ended. Nothing is done if the hub let it go, because it was empty.
    pub(super) fn room_closed(&mut self, topic: Topic, number: u64, ctx: &mut Context<Self>) {
        let Some(pause) = self.rooms.get_mut(&topic).and_then(|slot| slot.lose(number)) else { return };
        let mut members = 0_usize;
        for membership in self.connections.values_mut().filter_map(|c| c.topics.get_mut(&topic)) {
            membership.join_id = LOST;
            members += 1;
        }
        tracing::error!(%topic, members, "a room died and is opened again");
        ctx.run_later(pause, move |hub, ctx| hub.tell_of_loss(topic, ctx));
    }

    /// Tells the members of a room that died.
    fn tell_of_loss(&mut self, topic: Topic, ctx: &mut Context<Self>) {
        let is_lost = |connected: &Connected| connected.topics.get(&topic).is_some_and(|m| m.join_id == LOST);
        let lost = self.connections.iter().filter(|(_, connected)| is_lost(connected));
        if !matches!(topic, Topic::User(_)) {
            lost.for_each(|(_, connected)| connected.handle.tell(SessionMessage::RoomLost(topic)));
            return;
        }
        let lost: Vec<ConnectionId> = lost.map(|(connection, _)| *connection).collect();
        for connection in lost {
            self.evict(connection, CloseReason::Interrupted, ctx);
        }
    }
}

impl Handler<Rejoin> for Hub {
    type Result = ();

    fn handle(&mut self, Rejoin { connection, topic, shown }: Rejoin, ctx: &mut Self::Context) {
        let Self { connections, rooms, deps, arbiters, join_ids, .. } = self;
        let Some(connected) = connections.get_mut(&connection) else { return };
        let Some(slot) = rooms.get_mut(&topic) else { return };
        // It may have been unsubscribed meanwhile.
        let Some(membership) = connected.topics.get_mut(&topic).filter(|m| m.join_id == LOST) else { return };
        *join_ids += 1;
        membership.join_id = *join_ids;
        let after = membership.after.max(shown.unwrap_or(0));
        let renewed = membership.renewed.max(after);
        let subscription = Subscription { renewed, ..Subscription::at(topic, after) };
        let join = Join { handle: connected.handle.clone(), subscription, join_id: membership.join_id };
        slot.room(opener(topic, deps, arbiters, ctx)).do_send(join);
        // Nobody heard what was committed since the old room died.
        self.check_soon(topic, ctx);
    }
}
