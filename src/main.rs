//! The command line: `serve` (the default), `migrate`, and commands for operators. The services do the work of a
//! command; here it is parsed and its answer printed.

mod command;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use rustchat::app;
use rustchat::config::Settings;
use rustchat::error::Error;
use rustchat::services::files::texts;

/// With thousands of connections whose buffers are mostly empty, this allocator packs them closely, and gives back what
/// a burst needed (`.cargo/config.toml` says how soon).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Self-hosted team chat. Settings come from RUSTCHAT__… variables; config/default.toml lists them.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server (the default).
    Serve,
    /// Migrates the database to this version's schema and exits.
    Migrate,
    /// Makes, shows, changes, suspends and deletes organisations; beside a running server or without one.
    #[command(subcommand)]
    Org(command::org::Command),
    /// Makes, shows and changes accounts; beside a running server or without one.
    #[command(subcommand)]
    User(command::user::Command),
    /// Shows the queue of tasks, and tries again or drops those that failed for the last time.
    #[command(subcommand)]
    Task(command::task::Command),
}

fn main() -> ExitCode {
    // Before anything else: the process that parses documents must not hold settings or secrets.
    if std::env::args().nth(1).as_deref() == Some(texts::COMMAND) {
        return texts::run().map_or_else(|why| fail(&why), |()| ExitCode::SUCCESS);
    }
    let arguments = Arguments::parse();
    let settings = match Settings::load() {
        Ok(settings) => settings,
        Err(error) => return fail(&error.to_string()),
    };
    let done = match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => app::serve(settings),
        Command::Migrate => app::migrate_only(&settings),
        Command::Org(command) => app::console(settings, async |core| command::org::run(core, command).await),
        Command::User(command) => {
            app::console(settings, async |core| command::user::run(core, command).await)
        }
        Command::Task(command) => {
            app::console(settings, async |core| command::task::run(core, command).await)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&said(&error)),
    }
}

/// The message for an operator: the detail, which clients do not get.
fn said(error: &Error) -> String {
    error.detail.clone().unwrap_or_else(|| error.message.to_string())
}

fn fail(why: &str) -> ExitCode {
    eprintln!("rustchat: {why}");
    ExitCode::FAILURE
}
