//! The command line: `serve` (also without a word) and `migrate`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use rustchat::app;
use rustchat::config::Settings;
use rustchat::services::files::texts;

/// Thousands of connections with buffers that are mostly empty: this allocator packs them closely, and gives back what
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
    /// Brings the database to this version's schema and ends.
    Migrate,
}

fn main() -> ExitCode {
    // Before anything else: whoever reads a document must not have settings or secrets.
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
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.detail.as_deref().unwrap_or(&error.message)),
    }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("rustchat: {why}");
    ExitCode::FAILURE
}
