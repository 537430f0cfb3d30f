//! The health of this node: what it stands on (the database, the bridge to other nodes) and its own parts, each by name.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::db;
use crate::error::Result;
use crate::services::operation::Core;
use crate::supervisor::PartState;

/// The health of a node.
#[derive(Debug, Serialize)]
pub struct Health {
    /// `ready`, or `unready` if it cannot do its work.
    pub status: &'static str,
    /// The parts that are down and that the node needs for its work.
    pub down: Vec<&'static str>,
    /// The parts that are down and without which it works all the same: other nodes' events come from the database meanwhile.
    pub degraded: Vec<&'static str>,
    /// The state of everything: `up`, `stuck` or `down`.
    pub parts: BTreeMap<&'static str, &'static str>,
}

impl Health {
    /// Whether the node can do its work.
    pub fn is_ready(&self) -> bool {
        self.down.is_empty()
    }

    /// Whether the database answers.
    pub fn has_database(&self) -> bool {
        !self.down.contains(&DATABASE)
    }
}

const DATABASE: &str = "database";
const REDIS: &str = "redis";

/// Asks the database and looks at everything else.
pub async fn of(core: &Core) -> Health {
    let mut health = Health { status: "ready", down: vec![], degraded: vec![], parts: BTreeMap::new() };
    let database = match ask_database(core).await {
        Ok(()) => PartState::Up,
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            health.down.push(DATABASE);
            PartState::Down
        }
    };
    health.parts.insert(DATABASE, database.name());
    if let Some(bridge) = &core.bridge {
        let state = if bridge.hears_itself() { PartState::Up } else { PartState::Down };
        health.degraded.extend((state == PartState::Down).then_some(REDIS));
        health.parts.insert(REDIS, state.name());
    }
    for part in core.supervisor.health() {
        health.parts.insert(part.name, part.state.name());
        health.down.extend((part.state != PartState::Up).then_some(part.name));
    }
    if !health.is_ready() {
        health.status = "unready";
    }
    health
}

/// The parts without which the process is of no use and that are dead or stuck.
pub fn dead(core: &Core) -> Vec<&'static str> {
    let parts = core.supervisor.health().into_iter();
    parts.filter(|part| part.is_vital && part.state != PartState::Up).map(|part| part.name).collect()
}

async fn ask_database(core: &Core) -> Result<()> {
    db::clock::now(&mut *core.read().await?).await?;
    Ok(())
}
