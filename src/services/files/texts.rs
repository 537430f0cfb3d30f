//! Extracts the text of documents, so that they are found by it. PDF only. A document may be made to attack its reader,
//! so it is read by a separate process, which has little memory and time, no settings and no secrets, and may crash.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::key;
use super::look::{MAX_TEXT, findable};
use crate::db;
use crate::db::files::File;
use crate::error::{Error, Kind, Result};
use crate::services::files::Core;
use crate::wire::{FileId, OrgId};

/// The command-line argument that makes the program extract a document's text, from its input to its output.
pub const COMMAND: &str = "read-document";

/// The most bytes of a document that is read.
const MAX_DOCUMENT: usize = 20 * 1024 * 1024;

/// The longest time for one document.
const PATIENCE: Duration = Duration::from_secs(10);

/// The shell command that limits the process: 1 GiB of address space, 10 s of processor time, no core file.
const FRUGAL: &str = "ulimit -v 1048576 && ulimit -t 10 && ulimit -c 0 && exec \"$0\" \"$1\"";

/// Extracts the text of a document, if it is still there. Fails while the storage is away.
pub async fn read(core: &Core, org: OrgId, id: FileId) -> Result<()> {
    let Some(row) = db::files::find(&mut *core.read().await?, org, id).await? else { return Ok(()) };
    match extract(core, &row).await {
        Err(error) if !matches!(error.kind, Kind::Unavailable { .. }) => {
            // A document that cannot be read will not change.
            tracing::info!(file = %id, %error, "a document is found by its name only");
            Ok(())
        }
        outcome => outcome,
    }
}

async fn extract(core: &Core, row: &File) -> Result<()> {
    let _turn = core.upload_limiter.look().await?;
    let Some(document) = core.storage.read(&key(row), MAX_DOCUMENT).await? else { return Ok(()) };
    let reading = tokio::task::spawn_blocking(move || text_of(&document));
    let text = reading.await.map_err(|e| Error::internal(format!("reading a document: {e}")))?;
    let text = text.map_err(|e| Error::internal(format!("reading a document: {e}")))?;
    db::files::set_content(&mut *core.read().await?, row.id, &findable(&row.name, &text)).await?;
    Ok(())
}

/// Extracts the text of a document in a separate process.
fn text_of(document: &Bytes) -> std::io::Result<String> {
    let mut child = Command::new("sh")
        .args(["-c", FRUGAL])
        .arg(std::env::current_exe()?)
        .arg(COMMAND)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let text = std::thread::scope(|scope| {
        // A process that ended early reads no more, which is no error here.
        scope.spawn(move || input.map(|mut input| input.write_all(document)));
        let reading = scope.spawn(move || {
            let mut text = Vec::new();
            let limit = u64::try_from(MAX_TEXT).unwrap_or(u64::MAX);
            output.map(|output| output.take(limit).read_to_end(&mut text));
            text
        });
        end(&mut child)?;
        reading.join().map_err(|_panic| std::io::Error::other("the reader ended early"))
    })?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Waits for the process, and kills it when its time is over.
fn end(child: &mut Child) -> std::io::Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait()? {
            return if status.success() { Ok(()) } else { Err(std::io::Error::other(status.to_string())) };
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill()?;
    child.wait()?;
    Err(std::io::Error::other("it takes too long"))
}

/// The main function of that process: reads a document from its input and writes the text to its output.
pub fn run() -> std::result::Result<(), String> {
    let mut document = Vec::new();
    std::io::stdin().read_to_end(&mut document).map_err(|e| e.to_string())?;
    let text = pdf_extract::extract_text_from_mem(&document).map_err(|e| e.to_string())?;
    let end = text.floor_char_boundary(MAX_TEXT);
    let text = text.get(..end).unwrap_or_default();
    std::io::stdout().write_all(text.as_bytes()).map_err(|e| e.to_string())
}
