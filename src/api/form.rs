//! Small multipart forms: a picture and its description. Read into memory, under a limit; large files go another way.

use actix_multipart::{Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::TryStreamExt;

use super::inflow::Cut;
use crate::error::{Error, Kind};

/// The most bytes of a form beside its fields' contents.
const FRAME: usize = 16 << 10;

/// The most fields of a form.
const MOST_FIELDS: usize = 16;

/// The identifiers of the errors of a form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    pub(super) too_large: &'static str,
    pub(super) unreadable: &'static str,
    pub(super) no_file: &'static str,
    pub(super) many_files: &'static str,
}

/// The fields of a form, in order.
pub(super) struct Form {
    fields: Vec<(String, Bytes)>,
    names: Names,
}

impl Form {
    /// Reads a form of at most `limit` bytes. One whose declared length is larger is not read at all.
    pub(super) async fn read(
        req: &HttpRequest,
        payload: Payload,
        limit: usize,
        names: Names,
    ) -> Result<Self, Error> {
        let told = req.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
        if told.is_some_and(|told: usize| told > limit + FRAME) {
            return Err(too_large(names, limit));
        }
        let mut parts = Multipart::new(req.headers(), payload);
        let unreadable = |error: MultipartError| {
            let told = error.told();
            if error.is_late() { told } else { Error::invalid(names.unreadable, "The form cannot be read.") }
        };
        let (mut fields, mut left) = (Vec::new(), limit);
        while let Some(mut part) = parts.try_next().await.map_err(unreadable)? {
            let mut bytes = BytesMut::new();
            while let Some(chunk) = part.try_next().await.map_err(unreadable)? {
                left = left.checked_sub(chunk.len()).ok_or_else(|| too_large(names, limit))?;
                bytes.extend_from_slice(&chunk);
            }
            fields.push((part.name().unwrap_or_default().to_owned(), bytes.freeze()));
            if fields.len() > MOST_FIELDS {
                return Err(Error::invalid(names.unreadable, "The form has too many fields."));
            }
        }
        Ok(Self { fields, names })
    }

    /// The one file in the field `name`; an error if there are none or several.
    pub(super) fn file(&self, name: &str) -> Result<Bytes, Error> {
        let mut files = self.fields.iter().filter(|(field, _)| field == name);
        let Some((_, file)) = files.next().filter(|(_, file)| !file.is_empty()) else {
            return Err(Error::invalid(self.names.no_file, format!("There is no file under '{name}'.")));
        };
        if files.next().is_some() {
            let message = format!("There is more than one file under '{name}'.");
            return Err(Error::invalid(self.names.many_files, message));
        }
        Ok(file.clone())
    }

    /// The value of the field `name`.
    pub(super) fn value(&self, name: &str) -> Option<&[u8]> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_ref())
    }
}

fn too_large(names: Names, limit: usize) -> Error {
    Error::new(Kind::TooLarge, names.too_large, format!("The file is larger than {limit} bytes."))
}
