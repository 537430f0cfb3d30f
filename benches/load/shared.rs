//! What the integration tests start too.

#[path = "../../tests/it/support/process.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests need more of it, and stop at the first surprise"
)]
pub(super) mod process;
#[path = "../../tests/it/support/redis.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests need more of it, and stop at the first surprise"
)]
pub(super) mod redis;
#[path = "../../tests/it/support/s3.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests need more of it, and stop at the first surprise"
)]
pub(super) mod s3;
