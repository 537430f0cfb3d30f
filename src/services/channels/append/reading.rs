//! Parsing a post before it is queued: its text, and the texts of its attachments.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::services::channels::Core;
use crate::services::platform::texts::{self, Reading};
use crate::wire::{Object, OrgId};

/// Bytes of attachments' texts that are parsed.
const MOST_ATTACHED: usize = 64 << 10;

/// Bytes of text that may be parsed on a thread that answers requests; more could delay other requests.
const QUICK: usize = 4 << 10;

/// Parses a post of `org` with this text and these properties.
pub async fn read(core: &Core, org: OrgId, message: &str, props: &Object) -> Result<Reading> {
    let keywords = core.vocabulary.of(&core.pool, org).await?;
    let texts: Vec<&str> = std::iter::once(message).chain(attached(props)).collect();
    if texts.iter().map(|text| text.len()).sum::<usize>() <= QUICK {
        return Ok(texts::read_for(texts, &keywords));
    }
    let texts: Vec<String> = texts.into_iter().map(str::to_owned).collect();
    let read = move || texts::read_for(texts.iter().map(String::as_str), &keywords);
    tokio::task::spawn_blocking(read).await.map_err(|e| Error::internal(format!("reading a text: {e}")))
}

/// The texts of attachments, in which people may be mentioned.
fn attached(props: &Object) -> Vec<&str> {
    let attachments = props.get("attachments").and_then(Value::as_array).into_iter().flatten();
    let mut texts = Vec::new();
    let mut left = MOST_ATTACHED;
    for attachment in attachments {
        let own = ["pretext", "title", "text"].iter().filter_map(|key| attachment.get(key));
        let fields = attachment.get("fields").and_then(Value::as_array).into_iter().flatten();
        let fields = fields.flat_map(|f| ["title", "value"].iter().filter_map(move |key| f.get(key)));
        for text in own.chain(fields).filter_map(Value::as_str) {
            let Some(rest) = left.checked_sub(text.len()) else { return texts };
            left = rest;
            texts.push(text);
        }
    }
    texts
}
