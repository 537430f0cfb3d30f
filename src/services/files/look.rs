//! The inspection of a file when it is complete: the size and the renderings of a picture, the text of a document. Even
//! a picture's full-size file is stored without the location that its camera recorded.

use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::future::try_join;
use pictures::{Bounds, Encoded, Refusal, Remainder, Renderings, Sizes};
use tokio::sync::mpsc::{Receiver, channel};

use super::{PREVIEW, THUMBNAIL, kind};
use crate::db::files::Whole;
use crate::error::{Error, Result};
use crate::services::files::Core;
use crate::services::platform::storage::{Content, Key, Writer};
use crate::wire::ChannelId;

/// The most bytes of a picture that is decoded. A larger one is stored without its metadata and has no thumbnail.
const MAX_PICTURE: u64 = 32 * 1024 * 1024;

/// The sizes that clients show, in the conversation, in lists and as a placeholder.
const SIZES: Sizes = Sizes {
    thumbnail: Bounds { width: 120, height: 100 },
    preview: Bounds { width: 1920, height: 8192 },
    mini: Bounds { width: 16, height: 16 },
};

/// The longest time for removing the metadata of a larger one: a minute, and a second for every so many bytes.
const LONGEST: Duration = Duration::from_secs(60);
const SLOWEST: u64 = 1024 * 1024;

/// The parts of a picture that wait to be written.
const PARTS: usize = 2;

/// The bytes of text that a file is found by.
pub(super) const MAX_TEXT: usize = 128 * 1024;

/// The result of an inspection.
pub(super) struct Look {
    mime: &'static str,
    size: u64,
    content: String,
    picture: Option<Picture>,
}

struct Picture {
    width: u32,
    height: u32,
    thumbnail: &'static str,
    preview: &'static str,
    mini: Vec<u8>,
}

/// Inspects a file.
pub(super) async fn into(core: &Core, key: &Key, name: &str, mime: &'static str, size: u64) -> Result<Look> {
    let mut look = Look { mime, size, content: findable(name, ""), picture: None };
    if kind::is_readable(mime) {
        look.content = findable(name, &beginning(core, key, size).await?);
    } else if kind::is_picture(mime) {
        if size > MAX_PICTURE {
            scrub_in_time(core, key, &mut look).await?;
        }
        if kind::is_picture(look.mime) && look.size <= MAX_PICTURE {
            look_at_picture(core, key, &mut look).await?;
        }
    }
    Ok(look)
}

/// The beginning of a text file.
async fn beginning(core: &Core, key: &Key, size: u64) -> Result<String> {
    let end = size.min(u64::try_from(MAX_TEXT).unwrap_or(u64::MAX));
    if end == 0 {
        return Ok(String::new());
    }
    let Some(content) = core.storage.get(key, Some(0..end)).await? else { return Ok(String::new()) };
    let bytes: Vec<Bytes> = content.try_collect().await?;
    Ok(String::from_utf8_lossy(&bytes.concat()).into_owned())
}

/// The text that a file is found by: its name, the words of its name, and its contents.
pub(super) fn findable(name: &str, text: &str) -> String {
    let words: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let mut all = format!("{name} {words}\n{}", text.replace('\0', " "));
    all.truncate(all.floor_char_boundary(MAX_TEXT));
    all
}

/// Renders a picture, and stores its file without metadata. A file that cannot be decoded is no picture.
async fn look_at_picture(core: &Core, key: &Key, look: &mut Look) -> Result<()> {
    let _turn = core.upload_limiter.look().await?;
    let limit = usize::try_from(MAX_PICTURE).unwrap_or(usize::MAX);
    let Some(file) = core.storage.read(key, limit).await? else { return Ok(()) };
    match core.pictures.scrubbed(file.clone()).await {
        Ok(None) => {}
        Ok(Some(clean)) => {
            look.size = u64::try_from(clean.len()).unwrap_or(0);
            core.storage.put(key.clone(), clean.into()).await?;
        }
        Err(refusal) => return look.refused(refusal),
    }
    match core.pictures.renderings(file, SIZES).await {
        Ok(renderings) => look.picture = Some(keep(core, key, renderings).await?),
        Err(Refusal::Busy) => return Err(busy()),
        // It may well be a picture, only without a thumbnail.
        Err(Refusal::TooLarge | Refusal::Slow) => {}
        Err(Refusal::Unknown | Refusal::Broken) => look.mime = kind::no_picture(),
    }
    Ok(())
}

async fn scrub_in_time(core: &Core, key: &Key, look: &mut Look) -> Result<()> {
    let lasts = LONGEST + Duration::from_secs(look.size / SLOWEST);
    let scrubbing = tokio::time::timeout(lasts, scrub(core, key, look));
    scrubbing.await.map_err(|_elapsed| Error::unavailable("the storage is too slow for a large picture"))?
}

/// Stores a picture that is too large for memory without its metadata. It is read twice, the second time only if
/// something is to be removed; until the new object is complete, the original stays.
async fn scrub(core: &Core, key: &Key, look: &mut Look) -> Result<()> {
    let measured = match core.pictures.measure(content(core, key).await?).await? {
        Ok(remainder) => remainder,
        Err(refusal) => return look.refused(refusal),
    };
    if measured.differs {
        rewrite(core, key, measured).await?;
        look.size = measured.size;
    }
    Ok(())
}

async fn rewrite(core: &Core, key: &Key, measured: Remainder) -> Result<()> {
    let content = content(core, key).await?;
    let mut writer = core.storage.begin(key.clone()).await?;
    let (parts, waiting) = channel(PARTS);
    let rewriting = core.pictures.rewrite(content, measured, parts);
    let (rewritten, ()) = try_join(rewriting, write(&mut writer, waiting)).await?;
    rewritten.map_err(|refusal| Error::internal(format!("a picture that was measured: {refusal}")))?;
    writer.finish().await.map(drop)
}

async fn write(writer: &mut Writer, mut parts: Receiver<Bytes>) -> Result<()> {
    while let Some(part) = parts.recv().await {
        writer.write(part).await?;
    }
    Ok(())
}

async fn content(core: &Core, key: &Key) -> Result<Content> {
    let gone = || Error::unavailable("a picture is no longer in the storage");
    core.storage.get(key, None).await?.ok_or_else(gone)
}

async fn keep(core: &Core, key: &Key, renderings: Renderings) -> Result<Picture> {
    let Renderings { header, thumbnail, preview, mini } = renderings;
    let types = (thumbnail.format.mime(), preview.format.mime());
    for (variant, Encoded { bytes, .. }) in [(THUMBNAIL, thumbnail), (PREVIEW, preview)] {
        core.storage.put(key.variant(variant), bytes.into()).await?;
    }
    Ok(Picture { width: header.width, height: header.height, thumbnail: types.0, preview: types.1, mini })
}

fn busy() -> Error {
    Error::unavailable("too many pictures are being worked on")
}

impl Look {
    /// Treats a file that cannot be read as a picture as none.
    fn refused(&mut self, refusal: Refusal) -> Result<()> {
        match refusal {
            Refusal::Busy => Err(busy()),
            Refusal::Unknown | Refusal::Broken | Refusal::TooLarge | Refusal::Slow => {
                self.mime = kind::no_picture();
                Ok(())
            }
        }
    }

    /// The facts that the file's row gets.
    pub(super) fn whole(self, channel: ChannelId) -> Whole {
        let pixels = |n: Option<u32>| n.and_then(|n| i32::try_from(n).ok()).unwrap_or(0);
        let picture = self.picture.as_ref();
        Whole {
            channel_id: Some(channel),
            mime_type: self.mime.to_owned(),
            size: i64::try_from(self.size).unwrap_or(i64::MAX),
            width: pixels(picture.map(|p| p.width)),
            height: pixels(picture.map(|p| p.height)),
            thumbnail_type: picture.map_or("", |p| p.thumbnail).to_owned(),
            preview_type: picture.map_or("", |p| p.preview).to_owned(),
            mini_preview: self.picture.map(|p| p.mini),
            content: self.content,
        }
    }
}
