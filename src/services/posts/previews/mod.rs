//! Previews of the links in messages: a page's title and picture, or a picture's size. Fetched after the message is
//! posted and never in its transaction, once for all nodes, and cached for a while. The cache of an organisation is its
//! own. The links of posts, and the events about them, are handled in `posts`.

mod memory;
mod page;
mod proxy;

use std::collections::BTreeMap;
use std::time::Duration;

use fetcher::{Call, FetchError, Fetched, Longer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::db::{self, Conn};
use crate::error::{Error, Kind, Result};
use crate::services::auth::Caller;
use crate::services::platform::Tx;
use crate::services::platform::texts::{self, Links};
use crate::services::posts::Core;
use crate::wire::{ChannelId, Millis, OrgId, Post, PostEmbed, PostImage};

pub use proxy::{Proxied, proxied, sweep as sweep_proxied};

/// The bytes that are read of a link's target: a page's head, a picture's header.
const MOST_BYTES: usize = 512 << 10;

/// The longest time for a link to answer.
const PATIENCE: Duration = Duration::from_secs(8);

/// The time for which a fetching request keeps others from fetching, in milliseconds: longer than a fetch can take.
const CLAIM: Millis = 30_000;

/// The interval, and the number of times, at which a waiting request checks whether another has finished.
const LOOK: Duration = Duration::from_millis(300);
const LOOKS: u32 = 40;

/// The time for which a failure is cached, in milliseconds.
const NOTHING: Millis = 3_600_000;

/// The time for which a result is used for new messages with the same link, in milliseconds.
const GOOD: Millis = DAY;

const DAY: Millis = 86_400_000;

/// The cached result for a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
enum Facts {
    /// No answer, or a link that must not be fetched.
    Nothing,
    /// A target that is neither page nor picture, or a page without a description of itself.
    Other,
    Page {
        kind: String,
        title: String,
        description: String,
        site: String,
        locale: String,
        image: String,
    },
    Picture {
        width: u32,
        height: u32,
        format: String,
        frames: u32,
    },
}

/// The links of a message that get previews: the first link, then its pictures.
pub fn links(message: &str) -> Vec<String> {
    let Links { first, mut pictures } = texts::links(message);
    pictures.splice(0..0, first);
    pictures
}

/// Fetches each link whose facts are not cached, or waits for the request that is fetching it.
pub async fn learn(core: &Core, org: OrgId, links: &[String]) -> Result<()> {
    for link in links {
        if let Facts::Page { image, .. } = learn_one(core, org, link).await?
            && !image.is_empty()
        {
            learn_one(core, org, &image).await?;
        }
    }
    Ok(())
}

async fn learn_one(core: &Core, org: OrgId, url: &str) -> Result<Facts> {
    let hash = hash(url);
    let mut tx = core.begin().await?;
    let is_mine = db::links::claim(&mut tx, org, &hash, url, CLAIM).await?;
    tx.commit().await?;
    if is_mine {
        let (facts, time) = ask(core, url).await;
        keep(core, org, &hash, &facts, time).await?;
        return Ok(facts);
    }
    wait_for(core, org, &hash).await
}

async fn keep(core: &Core, org: OrgId, hash: &[u8], facts: &Facts, time: Millis) -> Result<()> {
    let row = serde_json::to_value(facts).map_err(|e| Error::internal(format!("link: {e}")))?;
    let mut tx = core.begin().await?;
    db::links::learned(&mut tx, org, hash, &row, time).await?;
    tx.commit().await
}

/// Waits for the result of another request, and answers it.
async fn wait_for(core: &Core, org: OrgId, hash: &[u8]) -> Result<Facts> {
    for _ in 0..LOOKS {
        let row = db::links::find(&mut *core.read().await?, org, hash).await?;
        match row {
            Some(row) if row.claimed_until > 0 => tokio::time::sleep(LOOK).await,
            row => return Ok(row.and_then(|row| read(row.facts)).unwrap_or(Facts::Nothing)),
        }
    }
    Ok(Facts::Nothing)
}

/// Fetches from the site. Answers the result and the time for which it is valid.
async fn ask(core: &Core, url: &str) -> (Facts, Millis) {
    let call = Call {
        wanted: |kind| {
            kind.starts_with("text/html")
                || kind.starts_with("image/")
                || kind.starts_with("application/xhtml")
        },
        most_bytes: MOST_BYTES,
        longer: Longer::Cut,
        time: PATIENCE,
        ..Call::get(url, "text/html,image/*;q=0.8")
    };
    match core.fetch.call(call).await {
        // Parsing half a megabyte takes a while, and must not delay others.
        Ok(found) if (200..300).contains(&found.status) => {
            let read = tokio::task::spawn_blocking(move || facts(&found)).await;
            (read.unwrap_or(Facts::Nothing), GOOD)
        }
        Ok(_) | Err(FetchError::NoAnswer(_) | FetchError::Slow | FetchError::Busy) => {
            (Facts::Nothing, NOTHING)
        }
        Err(FetchError::Refused(_)) => (Facts::Nothing, GOOD),
        Err(FetchError::Unwanted(_)) => (Facts::Other, GOOD),
    }
}

/// The facts of an answer. A picture is recognised by its content, so no page passes for one.
fn facts(found: &Fetched) -> Facts {
    if let Ok(header) = pictures::look(&found.body) {
        let (width, height) = (header.width, header.height);
        let frames = if header.frames > 1 { header.frames } else { 0 };
        return Facts::Picture { width, height, format: header.format.name().to_owned(), frames };
    }
    if found.content_type.starts_with("image/") {
        return Facts::Other;
    }
    let page::Page { kind, title, description, site, locale, image } =
        page::read(&found.url, &found.content_type, &found.body);
    if title.is_empty() && description.is_empty() && image.is_empty() {
        return Facts::Other;
    }
    Facts::Page { kind, title, description, site, locale, image }
}

/// Adds the cached previews to posts of one organisation, with two statements at most, and none without links.
pub async fn fill(conn: &mut Conn, posts: &mut [Post]) -> Result<()> {
    let linked = memory::links_of(posts).await?;
    let urls: Vec<&String> = linked.iter().flat_map(|l| l.first.iter().chain(&l.pictures)).collect();
    let known = match (posts.first(), urls.is_empty()) {
        (Some(post), false) => known(conn, post.channel_id, &urls).await?,
        (_, _) => BTreeMap::new(),
    };
    for (post, links) in posts.iter_mut().zip(&linked) {
        fill_one(post, links, &known);
    }
    Ok(())
}

/// The cached facts of `urls`, and of the pictures of the pages among them.
async fn known(conn: &mut Conn, channel: ChannelId, urls: &[&String]) -> Result<BTreeMap<String, Facts>> {
    let hashes: Vec<Vec<u8>> = urls.iter().map(|url| hash(url)).collect();
    let mut known = rows(conn, channel, &hashes).await?;
    let images: Vec<Vec<u8>> = known.values().filter_map(image_of).map(hash).collect();
    if !images.is_empty() {
        known.extend(rows(conn, channel, &images).await?);
    }
    Ok(known)
}

async fn rows(conn: &mut Conn, channel: ChannelId, hashes: &[Vec<u8>]) -> Result<BTreeMap<String, Facts>> {
    let rows = db::links::known(conn, channel, hashes).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.url, read(row.facts)?))).collect())
}

fn image_of(facts: &Facts) -> Option<&str> {
    match facts {
        Facts::Page { image, .. } => Some(image.as_str()).filter(|image| !image.is_empty()),
        Facts::Nothing | Facts::Other | Facts::Picture { .. } => None,
    }
}

fn fill_one(post: &mut Post, links: &Links, known: &BTreeMap<String, Facts>) {
    if post.props.get("attachments").is_some_and(Value::is_array) {
        post.metadata.embeds.push(PostEmbed { kind: "message_attachment", url: String::new(), data: None });
    } else if let Some((url, facts)) = links.first.as_ref().and_then(|url| known.get_key_value(url)) {
        post.metadata.embeds.extend(embed(url, facts));
    }
    let of_page = links.first.as_ref().and_then(|url| known.get(url)).and_then(image_of);
    let shown = links.first.iter().chain(&links.pictures).map(String::as_str).chain(of_page);
    for url in shown {
        if let Some(size) = known.get(url).and_then(size) {
            post.metadata.images.insert(url.to_owned(), size);
        }
    }
}

fn embed(url: &str, facts: &Facts) -> Option<PostEmbed> {
    let (kind, data) = match facts {
        Facts::Nothing => return None,
        Facts::Other => ("link", None),
        Facts::Picture { .. } => ("image", None),
        Facts::Page { .. } => ("opengraph", Some(graph(url, facts))),
    };
    Some(PostEmbed { kind, url: url.to_owned(), data })
}

fn size(facts: &Facts) -> Option<PostImage> {
    match facts {
        Facts::Picture { width, height, format, frames } => {
            Some(PostImage { width: *width, height: *height, format: format.clone(), frame_count: *frames })
        }
        Facts::Nothing | Facts::Other | Facts::Page { .. } => None,
    }
}

/// The protocol's object of a page; for anything else it contains the address only.
fn graph(url: &str, facts: &Facts) -> Value {
    let Facts::Page { kind, title, description, site, locale, image } = facts else {
        return json!({"url": url});
    };
    let picture = json!({"url": image, "secure_url": "", "type": "", "width": 0, "height": 0});
    let images: &[Value] = if image.is_empty() { &[] } else { &[picture] };
    json!({
        "type": kind, "url": url, "title": title, "description": description, "determiner": "",
        "site_name": site, "locale": locale, "locales_alternate": null, "images": images,
        "audios": null, "videos": null,
    })
}

/// The preview of the page at `url`, for a client that asks before the message is posted.
pub async fn open_graph(core: &Core, caller: &Caller, url: &str) -> Result<Value> {
    if !core.settings.fetch.previews {
        let message = "Link previews have been disabled by the system administrator.";
        return Err(Error::new(Kind::NotBuilt, "api.post.link_preview_disabled.app_error", message));
    }
    if core.fetch.check(url).is_err() {
        return Err(Error::body("url"));
    }
    Ok(graph(url, &learn_one(core, caller.org, url).await?))
}

/// Removes entries that were not renewed for long. Answers their number.
pub async fn sweep(core: &Core, tx: &mut Tx, limit: i64) -> Result<i64> {
    let kept = DAY * i64::from(core.settings.fetch.preview_days);
    let gone = db::links::forget(tx, kept, limit).await?;
    Ok(i64::try_from(gone).unwrap_or(limit))
}

fn read(facts: Option<Value>) -> Option<Facts> {
    serde_json::from_value(facts?).ok()
}

fn hash(url: &str) -> Vec<u8> {
    Sha256::digest(url.as_bytes()).to_vec()
}
