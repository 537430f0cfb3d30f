//! Files: uploading, reading and removing them. A file's row is written before its bytes arrive and removed after they
//! are gone; only its owner may see it until it is attached to a post, and then everybody who may see the channel. How
//! files look on posts is in `attachments`, their bytes are in `storage`, the search for files is in `search`.

mod allowance;
mod arrival;
mod file_access;
mod kind;
mod lease;
mod link;
mod look;
mod name;
mod resume;
mod sweep;
pub mod texts;

use crate::db::files::File;
use crate::error::{Error, Kind};
use crate::services::platform::storage::Key;

pub use crate::services::membership::Core;
pub use allowance::Allowance;
pub use arrival::{Arrival, arrive};
pub use file_access::{Readable, Variant, readable};
pub use kind::Disposition;
pub use link::{link, public, unlink};
pub use resume::{Continuation, NewUpload, go_on, open, upload, uploads};
pub use sweep::forget;

/// The storage key of a file.
fn key(row: &File) -> Key {
    Key::new(row.org_id, "files", row.id.0)
}

const THUMBNAIL: &str = "thumbnail";
const PREVIEW: &str = "preview";

fn unknown() -> Error {
    Error::not_found("app.file_info.get.app_error", "Unable to get the file info.")
}

/// The error for more bytes than a file may have.
pub fn too_large() -> Error {
    Error::new(
        Kind::TooLarge,
        "api.file.upload_file.too_large_detailed.app_error",
        "Unable to upload file. File is too large.",
    )
}
