//! The action `resume`: a client that reconnects, to any node, names the positions that it holds in the logs of its
//! topics, and gets exactly the events after them. The answer marks a point in the stream: events of the named topics
//! sent before it are sent again if they follow the position; after it each topic continues exactly after its position.

use actix::prelude::*;
use actix_web_actors::ws::WebsocketContext;
use serde_json::json;

use super::Session;
use super::commands::refuse;
use crate::actors::connection::CloseReason;
use crate::actors::hub::{Rejoin, Rewind};
use crate::error::Result;
use crate::services::auth::{self, Caller};
use crate::services::channels::subscriptions::{self, Positions, TopicName};
use crate::wire::command::ok;
use crate::wire::{Frame, Topic};

impl Session {
    /// Goes back to the positions that the client names, where that is possible.
    pub(super) fn resume(
        &mut self,
        seq: i64,
        wanted: Positions,
        caller: Caller,
        ctx: &mut WebsocketContext<Self>,
    ) {
        self.answering += 1;
        let core = self.core.clone();
        let ask = async move {
            let caller = auth::again(&core, &caller).await?;
            let answer = subscriptions::rewind(&core, &caller, &wanted).await?;
            let resumed = wanted.into_iter().filter(|(topic, _)| answer.resumed.contains(&TopicName(*topic)));
            Ok((resumed.collect::<Vec<_>>(), json!(answer)))
        };
        ctx.spawn(ask.into_actor(self).map(move |answer: Result<_>, session, ctx| {
            session.answering -= 1;
            match answer {
                Ok((positions, answer)) => {
                    ctx.text(ok(seq, Some(answer)));
                    session.rewind(positions);
                }
                Err(error) => refuse(seq, &error, ctx),
            }
        }));
    }

    /// Rewinds the topics, and shows nothing of them until the frames after the positions begin.
    fn rewind(&mut self, positions: Vec<(Topic, u64)>) {
        self.state.replay.with(|replay| replay.rewind(&positions));
        for (topic, _) in &positions {
            *self.rewinding.entry(*topic).or_default() += 1;
        }
        self.hub.do_send(Rewind { connection: self.connection, positions });
    }

    /// Notes that a topic continues from the position that the client asked for.
    pub(super) fn rewound(&mut self, topic: Topic) {
        if let Some(waiting) = self.rewinding.get_mut(&topic) {
            *waiting -= 1;
            if *waiting == 0 {
                self.rewinding.remove(&topic);
            }
        }
    }

    /// Comes into the new room of a topic whose room has died, where it left the old one: everything that that one sent
    /// has been shown by now. A topic that is being rewound has no such place; the connection ends, and is resumed.
    pub(super) fn rejoin(&mut self, topic: Topic, ctx: &mut WebsocketContext<Self>) {
        if self.rewinding.contains_key(&topic) {
            self.close(CloseReason::Interrupted, ctx);
            return;
        }
        let shown = self.state.replay.with(|replay| replay.positions().get(&topic).copied());
        // Without a replay buffer it shows nothing any more.
        if let Some(shown) = shown {
            self.hub.do_send(Rejoin { connection: self.connection, topic, shown });
        }
    }

    /// Whether a frame was on its way when its topic was rewound: it will come again in its place.
    pub(super) fn is_outdated(&self, frame: &Frame) -> bool {
        frame.seq > 0 && self.rewinding.contains_key(&frame.topic)
    }
}
