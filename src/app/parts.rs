//! The parts of the process that live as long as it does, each registered with the supervisor under its name. Those of
//! the bridge, of the limits and of the listening socket are registered where they are made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;
use tokio::sync::{Mutex, oneshot};

use super::threads;
use crate::actors::hub::{DeliveryDeps, Hub};
use crate::actors::subscriber::Subscriber;
use crate::actors::{liveness, writer};
use crate::config::Settings;
use crate::services::Core;
use crate::services::auth::audits;
use crate::services::channels::post_queue::WriterInbox;
use crate::services::operation::worker;
use crate::services::realtime::Feed;
use crate::services::users::statuses;
use crate::supervisor::{Pulse, Spec};

/// The interval at which viewers are notified who came and went, and counted failures are written down.
const ROUND: Duration = Duration::from_secs(1);

/// How long the hub, the threads of rooms, and the subscriber, which waits for the hub, may give no sign of life.
const HUB_SILENCE: Duration = Duration::from_secs(15);
const ROOMS_SILENCE: Duration = Duration::from_secs(30);
const SUBSCRIBER_SILENCE: Duration = Duration::from_secs(30);

/// Statements and waits for a connection, one after the other, that the writer makes of a batch at most before it goes
/// on to another; and what it may take besides.
const WRITER_STEPS: u32 = 8;
const WRITER_REST: Duration = Duration::from_secs(10);

/// Starts the hub and what feeds it.
pub(super) fn deliver(core: &Core, feed: Box<dyn Feed>, deps: DeliveryDeps) -> Addr<Hub> {
    let arbiters: Vec<ArbiterHandle> =
        (0..threads(&core.settings)).map(|_| Arbiter::new().handle()).collect();
    let (lost, rooms) = (deps.lost.clone(), arbiters.clone());
    let hub = Hub::start_in_arbiter(&Arbiter::new().handle(), move |_| Hub::new(deps, arbiters));
    let watched = hub.clone();
    let supervisor = &core.supervisor;
    supervisor.start(Spec::watch("hub").silent_for(HUB_SILENCE), move |pulse| {
        liveness::of_hub(watched.clone(), pulse)
    });
    supervisor.start(Spec::watch("rooms").silent_for(ROOMS_SILENCE), move |pulse| {
        liveness::of_rooms(rooms.clone(), pulse)
    });
    let subscriber = Subscriber { feed: Arc::new(Mutex::new(feed)), hub: hub.clone(), lost };
    supervisor.start(Spec::task("subscriber").silent_for(SUBSCRIBER_SILENCE), move |pulse| {
        subscriber.clone().run(pulse)
    });
    hub
}

/// Starts the writer of posts, and what a node does by itself from time to time.
pub(super) fn start(core: &Core, inbox: WriterInbox) {
    let supervisor = &core.supervisor;
    let inbox = Arc::new(Mutex::new(inbox));
    let writer = Spec::task("writer").vital().silent_for(writer_silence(&core.settings));
    let of = core.clone();
    supervisor.start(writer, move |pulse| writer::write(of.clone(), inbox.clone(), pulse));
    let of = core.clone();
    supervisor.start(Spec::task("presence").silent_for(round_silence(&core.settings)), move |pulse| {
        tell_viewers(of.clone(), pulse)
    });
    let of = core.clone();
    supervisor.start(Spec::task("failed_logins"), move |_| write_failures(of.clone()));
    // On a thread of its own: what tasks do must not delay the writer of posts.
    let (of, thread) = (core.clone(), Arbiter::new().handle());
    supervisor.start(Spec::task("tasks").silent_for(writer_silence(&core.settings)), move |pulse| {
        on_thread(thread.clone(), worker::run(of.clone(), pulse))
    });
}

/// Runs a task on another thread; it ends there when it is given up here, and here when it ends there.
async fn on_thread(thread: ArbiterHandle, task: impl Future<Output = ()> + Send + 'static) {
    let (mut running, ended) = oneshot::channel::<()>();
    thread.spawn(async move {
        tokio::select! {
            () = task => {}
            () = running.closed() => {}
        }
    });
    let _ended = ended.await;
}

/// The time for which the writer, and the runner of tasks, may give no sign of life: a batch whose every statement ends
/// at its limit is no reason to give them up.
fn writer_silence(settings: &Settings) -> Duration {
    WRITER_STEPS * Duration::from_secs(settings.database.statement_seconds.into()) + WRITER_REST
}

/// The same of a task that makes a few statements.
fn round_silence(settings: &Settings) -> Duration {
    4 * Duration::from_secs(settings.database.statement_seconds.into()) + WRITER_REST
}

/// Notifies viewers of a channel who came and went.
async fn tell_viewers(core: Core, pulse: Pulse) {
    loop {
        tokio::time::sleep(ROUND).await;
        if let Err(error) = statuses::tell_viewers(&core).await {
            tracing::debug!(%error, "who came and went could not be told");
        }
        pulse.beat();
    }
}

/// Writes counted failures to the audit log.
async fn write_failures(core: Core) {
    loop {
        tokio::time::sleep(ROUND).await;
        if let Err(error) = audits::write_counted(&core, Instant::now()).await {
            tracing::warn!(%error, "failed logins were not written down");
        }
    }
}
