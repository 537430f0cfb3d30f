//! An object that is being written to the bucket. An object smaller than a part is uploaded whole; a larger one in
//! parts, one at a time, so that one part at most is in memory. Parts have a least size, so an object that was put
//! aside may end in a tail, which is stored as an object of its own until more bytes arrive.

use async_trait::async_trait;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::{Bytes, BytesMut};

use super::{Bucket, failed};
use crate::error::{Error, Result};
use crate::services::platform::storage::{Aside, Writing};

/// The bytes of a part. S3 accepts smaller ones only at the end, and at most ten thousand of them: 50 GiB.
const PART: usize = 5 * 1024 * 1024;

/// The prefix of the tails' keys of an unfinished object. The key contains the tail's position: one that was not
/// recorded must not be taken for the one that was.
pub(super) fn tails(key: &str) -> String {
    format!("{key}.tail.")
}

/// The parts so far, and the bytes that do not fill one yet.
pub(super) struct Parts {
    bucket: Bucket,
    key: String,
    /// S3's identifier of the unfinished object; empty as long as there is none.
    upload: String,
    parts: Vec<String>,
    waiting: BytesMut,
    written: u64,
    /// Whether the bucket may contain tails of it.
    has_tails: bool,
    /// Whether to remove the parts when this is dropped: they were begun here, and nothing else refers to them.
    tidy: bool,
}

impl Parts {
    pub(super) fn new(bucket: Bucket, key: String) -> Self {
        let (upload, parts, waiting) = (String::new(), Vec::new(), BytesMut::new());
        Self { bucket, key, upload, parts, waiting, written: 0, has_tails: false, tidy: false }
    }

    /// Continues an object that was put aside. Parts that were written after that are overwritten.
    pub(super) async fn go_on(bucket: Bucket, key: String, aside: Aside) -> Result<Self> {
        let tail = format!("{}{}", tails(&key), aside.size);
        let waiting =
            if aside.tail > 0 { read_tail(&bucket, &tail, aside.tail).await? } else { BytesMut::new() };
        bucket.remove_all(&tails(&key), Some(&tail)).await?;
        let Aside { size: written, name: upload, parts, .. } = aside;
        Ok(Self { bucket, key, upload, parts, waiting, written, has_tails: true, tidy: false })
    }

    /// Sends the first `length` waiting bytes as the next part.
    async fn send(&mut self, length: usize) -> Result<()> {
        if self.upload.is_empty() {
            self.upload = self.create().await?;
            self.tidy = true;
        }
        let body = ByteStream::from(self.waiting.split_to(length).freeze());
        let number = i32::try_from(self.parts.len() + 1).unwrap_or(i32::MAX);
        let client = &self.bucket.client;
        let part = client.upload_part().bucket(&self.bucket.name).key(&self.key).upload_id(&self.upload);
        let sent = part.part_number(number).body(body).send().await.map_err(|e| failed("part", e))?;
        self.parts.push(sent.e_tag.unwrap_or_default());
        Ok(())
    }

    async fn create(&self) -> Result<String> {
        let create = self.bucket.client.create_multipart_upload().bucket(&self.bucket.name).key(&self.key);
        let create = create.set_server_side_encryption(self.bucket.encryption.clone());
        let created = create.send().await.map_err(|e| failed("create", e))?;
        created.upload_id.ok_or_else(|| Error::unavailable("object storage: an upload without a name"))
    }

    async fn complete(&self) -> Result<()> {
        let part = |(at, tag): (usize, &String)| {
            let number = i32::try_from(at + 1).unwrap_or(i32::MAX);
            CompletedPart::builder().part_number(number).e_tag(tag).build()
        };
        let parts = self.parts.iter().enumerate().map(part).collect();
        let whole = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let client = &self.bucket.client;
        let complete = client.complete_multipart_upload().bucket(&self.bucket.name).key(&self.key);
        let complete = complete.upload_id(&self.upload).multipart_upload(whole);
        complete.send().await.map(drop).map_err(|e| failed("complete", e))
    }
}

/// The tail with this key, which has `size` bytes.
async fn read_tail(bucket: &Bucket, name: &str, size: u64) -> Result<BytesMut> {
    let object = bucket.open(name, None).await?;
    let object = object.ok_or_else(|| Error::unavailable("object storage: a tail is missing"))?;
    let bytes = object.collect().await.map_err(|e| failed("read", e))?.into_bytes();
    if u64::try_from(bytes.len()).unwrap_or(0) != size {
        return Err(Error::unavailable("object storage: a tail is not what it was"));
    }
    Ok(BytesMut::from(bytes))
}

#[async_trait]
impl Writing for Parts {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.written += u64::try_from(bytes.len()).unwrap_or(0);
        self.waiting.extend_from_slice(&bytes);
        while self.waiting.len() >= PART {
            self.send(PART).await?;
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<u64> {
        if self.upload.is_empty() {
            let whole = self.waiting.split().freeze();
            self.bucket.put(&self.key, whole).await?;
        } else {
            if !self.waiting.is_empty() {
                self.send(self.waiting.len()).await?;
            }
            self.complete().await?;
        }
        self.tidy = false;
        if self.has_tails {
            self.bucket.remove_all(&tails(&self.key), None).await?;
        }
        Ok(self.written)
    }

    async fn put_aside(mut self: Box<Self>) -> Result<Aside> {
        let waiting = self.waiting.split().freeze();
        let length = u64::try_from(waiting.len()).unwrap_or(0);
        if length > 0 {
            self.bucket.put(&format!("{}{}", tails(&self.key), self.written), waiting).await?;
        }
        self.tidy = false;
        let (name, parts) = (std::mem::take(&mut self.upload), std::mem::take(&mut self.parts));
        Ok(Aside { size: self.written, name, parts, tail: length })
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        if !self.tidy || self.upload.is_empty() {
            return;
        }
        let (bucket, key, upload) = (self.bucket.clone(), self.key.clone(), self.upload.clone());
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            if let Err(error) = bucket.abort(&key, &upload).await {
                tracing::warn!(%error, "an unfinished object stays in the bucket until it is swept");
            }
        });
    }
}
