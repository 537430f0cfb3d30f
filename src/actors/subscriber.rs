//! The subscriber: takes frames off the bus and hands them to the hub, no faster than the hub takes them.

use actix::prelude::*;

use super::hub::{Hub, Route};
use crate::services::realtime::Subscription;

/// Owns the receiving end of the bus.
pub struct Subscriber {
    subscription: Option<Subscription>,
    hub: Addr<Hub>,
}

impl Subscriber {
    /// A subscriber that feeds `hub`.
    pub fn new(subscription: Subscription, hub: Addr<Hub>) -> Self {
        Self { subscription: Some(subscription), hub }
    }
}

impl Actor for Subscriber {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let Some(mut subscription) = self.subscription.take() else { return };
        let hub = self.hub.clone();
        let pump = async move {
            while let Some(frames) = subscription.next().await {
                if hub.send(Route(frames)).await.is_err() {
                    return;
                }
            }
        };
        ctx.spawn(pump.into_actor(self).map(|(), _, ctx| ctx.stop()));
    }
}
