//! Whether the actors live that nobody can start again without loss: the hub, and the threads on which rooms run. Each
//! of these functions is a supervised task, which gives a sign of life for as long as it is answered, and returns when
//! there is nobody left to answer.

use std::time::Duration;

use actix::prelude::*;
use tokio::sync::oneshot;

use super::hub::{Hub, Ping};
use crate::supervisor::Pulse;

/// The interval between two questions.
const ROUND: Duration = Duration::from_secs(1);

/// Watches the hub.
pub async fn of_hub(hub: Addr<Hub>, pulse: Pulse) {
    while hub.send(Ping).await.is_ok() {
        pulse.beat();
        tokio::time::sleep(ROUND).await;
    }
}

/// Watches the threads of rooms. A room that dies alone is the hub's business; one that never ends its work holds up
/// all rooms of its thread.
pub async fn of_rooms(threads: Vec<ArbiterHandle>, pulse: Pulse) {
    loop {
        for thread in &threads {
            let (answer, answered) = oneshot::channel();
            let asked = thread.spawn(async move { answer.send(()).unwrap_or_default() });
            if !asked || answered.await.is_err() {
                return;
            }
        }
        pulse.beat();
        tokio::time::sleep(ROUND).await;
    }
}
