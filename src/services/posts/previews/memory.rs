//! A cache of the links of posts. Finding them is linear, but everybody reads the same posts again and again; so the
//! links of recently read posts are cached.

use std::sync::{Arc, LazyLock};

use moka::future::Cache;

use crate::error::{Error, Result};
use crate::services::platform::texts::{Links, links};
use crate::wire::{Millis, Post, PostId};

/// The most bytes of addresses in the cache.
const CAPACITY: u64 = 16 << 20;

/// The bytes of an entry beside its addresses.
const ENTRY: usize = 200;

/// The most bytes of text that are parsed on the threads that answer requests; more could keep others waiting.
const QUICK: usize = 16 << 10;

/// The key of a state of a post: an edit changes it.
type Key = (PostId, Millis, usize);

static KNOWN: LazyLock<Cache<Key, Arc<Links>>> = LazyLock::new(|| {
    let bytes = |links: &Links| links.first.iter().chain(&links.pictures).map(String::len).sum::<usize>();
    let weigher = move |_: &Key, links: &Arc<Links>| u32::try_from(bytes(links) + ENTRY).unwrap_or(u32::MAX);
    Cache::builder().weigher(weigher).max_capacity(CAPACITY).build()
});

/// The links of each of `posts`.
pub(super) async fn links_of(posts: &[Post]) -> Result<Vec<Arc<Links>>> {
    let mut found = vec![Arc::default(); posts.len()];
    let mut unread = Vec::new();
    for (place, (post, found)) in posts.iter().zip(&mut found).enumerate() {
        if !post.message.contains("://") {
            continue;
        }
        match KNOWN.get(&key(post)).await {
            Some(links) => *found = links,
            None => unread.push((place, post)),
        }
    }
    for ((place, post), links) in unread.iter().zip(read(&unread).await?) {
        KNOWN.insert(key(post), links.clone()).await;
        if let Some(found) = found.get_mut(*place) {
            *found = links;
        }
    }
    Ok(found)
}

async fn read(posts: &[(usize, &Post)]) -> Result<Vec<Arc<Links>>> {
    let messages = posts.iter().map(|(_, post)| post.message.as_str());
    if messages.clone().map(str::len).sum::<usize>() <= QUICK {
        return Ok(messages.map(|message| Arc::new(links(message))).collect());
    }
    let messages: Vec<String> = messages.map(str::to_owned).collect();
    let read = move || messages.iter().map(|message| Arc::new(links(message))).collect();
    tokio::task::spawn_blocking(read).await.map_err(|e| Error::internal(format!("reading links: {e}")))
}

fn key(post: &Post) -> Key {
    (post.id, post.edit_at, post.message.len())
}
