//! Files: bringing them, reading them, forgetting them. A file is noted before its bytes come and forgotten after they
//! are gone; it is shown to nobody but its owner until it hangs on a post, and then to whoever may see the channel.
//! How it looks on a post is in `attachments`, where the bytes lie in `storage`, finding files in `search`.

mod allowance;
mod arrival;
mod kind;
mod lease;
mod link;
mod look;
mod name;
mod read;
mod resume;
mod sweep;
pub mod texts;

use crate::db::files::File;
use crate::error::{Error, Kind};
use crate::services::storage::Key;

pub use allowance::Allowance;
pub use arrival::{Arrival, arrive};
pub use kind::Disposition;
pub use link::{link, public, unlink};
pub use read::{Readable, Variant, readable};
pub use resume::{Continuation, NewUpload, go_on, open, upload, uploads};
pub use sweep::{forget, sweep};

/// Where the bytes of a file lie.
fn key(row: &File) -> Key {
    Key::new(row.org_id, "files", row.id.0)
}

const THUMBNAIL: &str = "thumbnail";
const PREVIEW: &str = "preview";

fn unknown() -> Error {
    Error::not_found("app.file_info.get.app_error", "Unable to get the file info.")
}

/// More bytes than a file may have.
pub fn too_large() -> Error {
    Error::new(
        Kind::TooLarge,
        "api.file.upload_file.too_large_detailed.app_error",
        "Unable to upload file. File is too large.",
    )
}
