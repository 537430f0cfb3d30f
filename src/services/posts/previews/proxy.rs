//! The image proxy: pictures of other sites, fetched by the server. Those sites see the server and not the reader, and
//! the reader's browser gets nothing but a picture. Cached for a day.

use std::time::Duration;

use bytes::Bytes;
use fetcher::{Call, FetchError, Longer};
use pictures::Format;
use uuid::Uuid;

use super::hash;
use crate::db;
use crate::error::{Error, Kind, Result};
use crate::services::auth::Caller;
use crate::services::platform::Tx;
use crate::services::platform::storage::Key;
use crate::services::posts::Core;
use crate::wire::{Millis, OrgId, id};

/// The most bytes of a picture.
const MOST: usize = 10 << 20;

/// The longest time for a site to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The time for which a picture is cached, in milliseconds.
const KEPT: Millis = 86_400_000;

/// The most cached pictures of one organisation: beyond that, those that were fetched first are removed.
const MOST_KEPT: i64 = 10_000;

/// The formats, by the media type that is stored with the picture.
const KINDS: [Format; 4] = [Format::Png, Format::Jpeg, Format::Gif, Format::WebP];

/// A cached picture, not yet read.
#[derive(Debug)]
pub struct Proxied {
    /// The entity tag, the same as long as the picture is.
    pub etag: String,
    /// The media type, by the picture's content.
    pub mime: &'static str,
    key: Key,
}

impl Proxied {
    /// The file.
    pub async fn read(self, core: &Core) -> Result<Bytes> {
        core.storage.read(&self.key, MOST).await?.ok_or_else(|| missing("it is no longer kept"))
    }
}

/// The picture at `url`: the cached one, or the site's, which is cached from now on.
pub async fn proxied(core: &Core, caller: &Caller, url: &str) -> Result<Proxied> {
    if !core.settings.fetch.image_proxy {
        return Err(missing("pictures of other sites are not handed on here"));
    }
    core.fetch.check(url).map_err(|why| Error::invalid("api.image.get.app_error", why.to_string()))?;
    let known = db::proxied::find(&mut *core.read().await?, caller.org, &hash(url)).await?;
    if let Some((object, mime)) = known
        && let Some(format) = KINDS.into_iter().find(|kind| kind.mime() == mime)
    {
        return Ok(shape(caller.org, object, format));
    }
    let (file, format) = fetched(core, url).await?;
    keep(core, caller.org, url, file, format).await
}

async fn fetched(core: &Core, url: &str) -> Result<(Bytes, Format)> {
    let call = Call {
        most_bytes: MOST,
        longer: Longer::Refuse,
        time: PATIENCE,
        ..Call::get(url, "image/png,image/jpeg,image/gif,image/webp")
    };
    let found = core.fetch.call(call).await.map_err(refuse)?;
    if !(200..300).contains(&found.status) {
        return Err(missing("the site has none"));
    }
    let header = pictures::look(&found.body).map_err(|_refusal| missing("it is none that is handed on"))?;
    Ok((found.body, header.format))
}

async fn keep(core: &Core, org: OrgId, url: &str, file: Bytes, format: Format) -> Result<Proxied> {
    let object = Uuid::now_v7();
    core.storage.put(key(org, object), file).await?;
    let mut tx = core.begin().await?;
    let old = db::proxied::keep(&mut tx, org, &hash(url), (object, format.mime()), KEPT).await?;
    tx.commit().await?;
    if let Some(old) = old {
        forget(core, org, old).await;
    }
    Ok(shape(org, object, format))
}

fn shape(org: OrgId, object: Uuid, format: Format) -> Proxied {
    Proxied { etag: format!("proxied.{}", id::encode(object)), mime: format.mime(), key: key(org, object) }
}

fn key(org: OrgId, object: Uuid) -> Key {
    Key::new(org, "proxied", object)
}

/// Removes expired pictures, and those above the limit. Answers their number.
pub async fn sweep(core: &Core, tx: &mut Tx, limit: i64) -> Result<i64> {
    let gone = db::proxied::forget(tx, MOST_KEPT, limit).await?;
    for (org, object) in &gone {
        forget(core, *org, *object).await;
    }
    Ok(i64::try_from(gone.len()).unwrap_or(limit))
}

async fn forget(core: &Core, org: OrgId, object: Uuid) {
    if let Err(error) = core.storage.delete(&key(org, object)).await {
        tracing::warn!(%error, "a picture of another site stays in the storage past its time");
    }
}

fn refuse(why: FetchError) -> Error {
    match why {
        FetchError::Refused(_) | FetchError::NoAnswer(_) | FetchError::Unwanted(_) | FetchError::Slow => {
            missing("the site did not send one")
        }
        FetchError::Busy => {
            Error { kind: Kind::Unavailable { retry_after: 1 }, ..missing("too much is fetched") }
        }
    }
}

fn missing(why: &str) -> Error {
    Error::not_found("api.image.get.app_error", format!("There is no such picture: {why}."))
}
