//! The commands that work on a database: one noun, one file.

pub(crate) mod org;
pub(crate) mod task;
pub(crate) mod user;

use std::io::{IsTerminal, stdin};

use rustchat::error::{Error, Result};

/// Prints an answer as JSON, for people and for programs.
fn print<T: serde::Serialize>(answer: &T) -> Result<()> {
    let text = serde_json::to_string_pretty(answer);
    println!("{}", text.map_err(|e| Error::internal(format!("printing: {e}")))?);
    Ok(())
}

/// Reads a password from the first line of the standard input: so it is in no process list and no shell history.
fn password() -> Result<String> {
    if stdin().is_terminal() {
        eprintln!("The password, then Enter:");
    }
    let mut line = String::new();
    stdin().read_line(&mut line).map_err(|e| Error::internal(format!("reading the password: {e}")))?;
    let line = line.trim_end_matches(['\r', '\n']).to_owned();
    if line.is_empty() { Err(Error::internal("no password on the standard input")) } else { Ok(line) }
}
