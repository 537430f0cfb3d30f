//! The subscriber: takes messages from the bus's feed and hands them to the hub, no faster than the hub takes them.

use actix::prelude::*;

use super::hub::{Following, Hub, Route};
use crate::services::realtime::{BusMessage, Feed};

/// The actor that owns the receiving end of the bus.
pub struct Subscriber {
    feed: Option<Box<dyn Feed>>,
    hub: Addr<Hub>,
}

impl Subscriber {
    /// A subscriber that feeds `hub`.
    pub fn new(feed: Box<dyn Feed>, hub: Addr<Hub>) -> Self {
        Self { feed: Some(feed), hub }
    }
}

impl Actor for Subscriber {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let Some(mut feed) = self.feed.take() else { return };
        let hub = self.hub.clone();
        let pump = async move {
            while let Some(news) = feed.next().await {
                let taken = match news {
                    BusMessage::Frames(frames) => hub.send(Route(frames)).await,
                    BusMessage::Following(topics) => hub.send(Following(topics)).await,
                };
                if taken.is_err() {
                    return;
                }
            }
        };
        ctx.spawn(pump.into_actor(self).map(|(), _, ctx| ctx.stop()));
    }
}
