//! A bucket of an S3 server: AWS, or any other that speaks its protocol. Connections are reused; every request has a
//! time limit and is tried three times. Large objects are uploaded in parts, and become visible only when they are
//! complete.

mod writing;

use std::fmt::Display;
use std::ops::Range;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
};
use aws_sdk_s3::error::{DisplayErrorContext, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use bytes::Bytes;
use futures_util::stream;

use super::{Aside, Back, Content, Key, LinkOptions, Writing};
use crate::config::{Checksums, S3};
use crate::error::{Error, Result};
use writing::Parts;

/// The longest time to open a connection.
const CONNECT: Duration = Duration::from_secs(3);

/// The longest time until the first byte of an answer.
const FIRST_BYTE: Duration = Duration::from_secs(20);

/// The longest time of one attempt, including the upload of its body.
const ATTEMPT: Duration = Duration::from_secs(60);

/// The longest time of all attempts together.
const OPERATION: Duration = Duration::from_secs(120);

/// The bucket. Cheap to clone.
#[derive(Clone)]
pub(super) struct Bucket {
    client: Client,
    name: String,
    encryption: Option<ServerSideEncryption>,
}

impl Bucket {
    /// The bucket that the settings name. No request is made yet.
    pub(super) fn new(settings: &S3) -> Self {
        let (calculate, validate) = match settings.checksums {
            Checksums::WhenRequired => {
                (RequestChecksumCalculation::WhenRequired, ResponseChecksumValidation::WhenRequired)
            }
            Checksums::WhenSupported => {
                (RequestChecksumCalculation::WhenSupported, ResponseChecksumValidation::WhenSupported)
            }
        };
        let keys = (settings.access_key.clone(), settings.secret_key.expose());
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(Credentials::new(keys.0, keys.1, None, None, "settings"))
            .force_path_style(settings.path_style)
            .request_checksum_calculation(calculate)
            .response_checksum_validation(validate)
            .retry_config(RetryConfig::standard().with_max_attempts(3).with_max_backoff(CONNECT))
            .timeout_config(times());
        if !settings.endpoint.is_empty() {
            config = config.endpoint_url(&settings.endpoint);
        }
        Self {
            client: Client::from_conf(config.build()),
            name: settings.bucket.clone(),
            encryption: settings.encrypt.then_some(ServerSideEncryption::Aes256),
        }
    }

    /// Stores an object that is in memory.
    async fn put(&self, key: &str, bytes: Bytes) -> Result<()> {
        let put = self.client.put_object().bucket(&self.name).key(key).body(ByteStream::from(bytes));
        let put = put.set_server_side_encryption(self.encryption.clone());
        put.send().await.map(drop).map_err(|e| failed("put", e))
    }

    /// An object's bytes; `None` if it does not exist.
    async fn open(&self, key: &str, part: Option<Range<u64>>) -> Result<Option<ByteStream>> {
        let range = part.map(|p| format!("bytes={}-{}", p.start, p.end.saturating_sub(1)));
        let got = self.client.get_object().bucket(&self.name).key(key).set_range(range).send().await;
        match got {
            Ok(object) => Ok(Some(object.body)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failed("get", error)),
        }
    }

    async fn remove(&self, key: &str) -> Result<()> {
        let gone = self.client.delete_object().bucket(&self.name).key(key).send().await;
        gone.map(drop).map_err(|e| failed("delete", e))
    }

    /// Removes the objects whose keys begin with `prefix`, except `but`. One by one: removing many with one request
    /// needs a checksum that not every server understands.
    async fn remove_all(&self, prefix: &str, but: Option<&str>) -> Result<u64> {
        let mut gone = 0;
        loop {
            let mut keys = self.some(prefix).await?;
            keys.retain(|key| Some(key.as_str()) != but);
            if keys.is_empty() {
                return Ok(gone);
            }
            for some in keys.chunks(8) {
                let removed = some.iter().map(|key| self.remove(key));
                futures_util::future::try_join_all(removed).await?;
                gone += u64::try_from(some.len()).unwrap_or(0);
            }
        }
    }

    /// Up to a thousand keys that begin with `prefix`.
    async fn some(&self, prefix: &str) -> Result<Vec<String>> {
        let listed = self.client.list_objects_v2().bucket(&self.name).prefix(prefix).send().await;
        let listed = listed.map_err(|e| failed("list", e))?;
        Ok(listed.contents.unwrap_or_default().into_iter().filter_map(|object| object.key).collect())
    }

    async fn abort(&self, key: &str, upload: &str) -> Result<()> {
        let aborted = self.client.abort_multipart_upload().bucket(&self.name).key(key).upload_id(upload);
        match aborted.send().await {
            Err(error) if !is_missing(&error) => Err(failed("abort", error)),
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Back for Bucket {
    async fn begin(&self, key: Key, aside: Option<Aside>) -> Result<Box<dyn Writing>> {
        let key = key.to_string();
        Ok(Box::new(match aside {
            None => Parts::new(self.clone(), key),
            Some(aside) => Parts::go_on(self.clone(), key, aside).await?,
        }))
    }

    async fn abandon(&self, key: &Key, aside: &Aside) -> Result<()> {
        let key = key.to_string();
        self.remove_all(&writing::tails(&key), None).await?;
        if aside.name.is_empty() { Ok(()) } else { self.abort(&key, &aside.name).await }
    }

    async fn get(&self, key: &Key, part: Option<Range<u64>>) -> Result<Option<Content>> {
        let body = self.open(&key.to_string(), part).await?;
        Ok(body.map(|body| -> Content {
            Box::pin(stream::try_unfold(body, |mut body| async move {
                let next = body.try_next().await.map_err(|e| failed("read", e))?;
                Ok(next.map(|bytes| (bytes, body)))
            }))
        }))
    }

    async fn size(&self, key: &Key) -> Result<Option<u64>> {
        match self.client.head_object().bucket(&self.name).key(key.to_string()).send().await {
            Ok(object) => Ok(Some(u64::try_from(object.content_length.unwrap_or(0)).unwrap_or(0))),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(failed("head", error)),
        }
    }

    async fn delete(&self, key: &Key) -> Result<()> {
        self.remove(&key.to_string()).await
    }

    async fn delete_under(&self, prefix: &str) -> Result<u64> {
        self.remove_all(prefix, None).await
    }

    async fn link(&self, key: &Key, link: &LinkOptions) -> Result<Option<String>> {
        let lasts = PresigningConfig::expires_in(link.lasts)
            .map_err(|e| Error::internal(format!("signing an address: {e}")))?;
        let signed = self
            .client
            .get_object()
            .bucket(&self.name)
            .key(key.to_string())
            .response_content_type(&link.content_type)
            .response_content_disposition(&link.disposition)
            .presigned(lasts)
            .await
            .map_err(|e| failed("sign", e))?;
        Ok(Some(signed.uri().to_owned()))
    }

    async fn sweep(&self, older: Duration) -> Result<()> {
        let listed = match self.client.list_multipart_uploads().bucket(&self.name).send().await {
            Ok(listed) => listed,
            // Not every server can list uploads; those that cannot expire them by rules of their own.
            Err(error) if error.raw_response().is_some_and(|a| a.status().as_u16() == 501) => return Ok(()),
            Err(error) => return Err(failed("list", error)),
        };
        let limit = SystemTime::now().checked_sub(older).unwrap_or(SystemTime::UNIX_EPOCH);
        for upload in listed.uploads.unwrap_or_default() {
            let (Some(key), Some(id), Some(begun)) = (upload.key, upload.upload_id, upload.initiated) else {
                continue;
            };
            if SystemTime::try_from(begun).is_ok_and(|begun| begun < limit) {
                self.abort(&key, &id).await?;
            }
        }
        Ok(())
    }
}

fn times() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(FIRST_BYTE)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

/// Whether the server answered 404.
fn is_missing<E>(error: &SdkError<E>) -> bool {
    error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404)
}

/// The error for a server that is away, refuses us, or answers unexpectedly. The details go to the log only.
fn failed(what: &str, error: impl std::error::Error) -> Error {
    Error::unavailable(format!("object storage: {what}: {}", shown(&error)))
}

fn shown(error: &impl std::error::Error) -> impl Display {
    DisplayErrorContext(error).to_string().chars().take(400).collect::<String>()
}
