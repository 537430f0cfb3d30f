//! `rustchat task …`

use clap::Subcommand;
use rustchat::error::{Error, Result};
use rustchat::services::Core;
use rustchat::services::platform::tasks::{self, Selection};

use super::print;

/// Dead letters that one page of the list shows.
const PAGE: i64 = 200;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Shows how many tasks of each kind wait, run and are dead, and the dead letters.
    List {
        /// The number of the page of dead letters, from 0; a page has 200 entries.
        #[arg(long, default_value_t = 0)]
        page: i64,
    },
    /// Has a dead letter tried again, as if it never had been.
    Retry(Which),
    /// Removes a dead letter.
    Drop(Which),
}

#[derive(clap::Args)]
pub(crate) struct Which {
    /// Its id, as the list and the log show it.
    #[arg(required_unless_present = "all")]
    id: Option<String>,
    /// All dead letters.
    #[arg(long, conflicts_with = "id")]
    all: bool,
}

impl Which {
    fn selection(&self) -> Result<Selection> {
        match &self.id {
            Some(id) => Selection::one(id),
            None if self.all => Ok(Selection::All),
            None => Err(Error::internal("which: an id, or --all")),
        }
    }
}

/// Runs a command.
pub(crate) async fn run(core: &Core, command: Command) -> Result<()> {
    match command {
        Command::List { page } => {
            let tasks = tasks::summary(core).await?;
            let dead = tasks::list(core, page.max(0) * PAGE, PAGE).await?;
            print(&serde_json::json!({"tasks": tasks, "dead": dead}))
        }
        Command::Retry(which) => {
            let revived = tasks::retry(core, which.selection()?).await?;
            print(&serde_json::json!({"retried": revived}))
        }
        Command::Drop(which) => {
            let dropped = tasks::drop_dead(core, which.selection()?).await?;
            print(&serde_json::json!({"dropped": dropped}))
        }
    }
}
