//! Faults of tests that strike an actor, in builds with debug assertions alone.

use actix::prelude::*;

use crate::supervisor::faults::{self, Fault};

/// Lets faults strike the actor, under `name`.
pub(super) fn heed<A: Actor<Context = Context<A>>>(name: String, ctx: &mut Context<A>) {
    if !faults::are_possible() {
        return;
    }
    ctx.run_interval(faults::LOOK, move |_, ctx| match faults::of(&name) {
        Some(Fault::Return) => ctx.stop(),
        Some(Fault::Panic) => panic!("{name} was struck by a fault of a test"),
        Some(Fault::Hang) => {
            while faults::of(&name).is_some() {
                std::thread::sleep(faults::LOOK);
            }
        }
        None => {}
    });
}
