//! Sends files: whole or in part, conditionally, to be shown in the page or to be downloaded. Content that could run
//! scripts in a page is never shown in one, whatever its declared type (RFC 9110 for ranges and conditions, RFC 6266
//! and 8187 for names).

use std::ops::Range;
use std::time::{Duration, SystemTime};

use actix_web::body::SizedStream;
use actix_web::http::header::{self, HttpDate};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use super::error::Answer;
use super::extract::{AppCore, Params};
use crate::error::Error;
use crate::services::files::{Disposition, Readable};

/// The bytes that a request asks for.
#[derive(Debug, PartialEq, Eq)]
enum ByteRange {
    All,
    Part(Range<u64>),
    /// Bytes beyond the end of the file.
    Beyond,
}

/// Sends a file as the request asks for it.
pub(super) async fn send(core: &AppCore, req: &HttpRequest, file: &Readable) -> Answer {
    let etag = format!("\"{}\"", file.etag());
    if is_known(req, &etag) {
        return Ok(headed(HttpResponse::NotModified(), file, req, &etag).finish());
    }
    let seconds = core.settings.files.redirect_seconds;
    if seconds > 0
        && let Some(address) =
            file.address(core, Duration::from_secs(seconds.into()), disposition(file, req)).await?
    {
        let mut elsewhere = HttpResponse::Found();
        return Ok(elsewhere
            .insert_header((header::LOCATION, address))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .finish());
    }
    let size = file.size();
    let (mut response, part) = match asked(req, size, &etag, file) {
        ByteRange::Beyond => return Ok(beyond(size)),
        ByteRange::All => (HttpResponse::Ok(), None),
        ByteRange::Part(part) => {
            let mut response = HttpResponse::PartialContent();
            let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
            response.insert_header((header::CONTENT_RANGE, range));
            (response, Some(part))
        }
    };
    let length = part.as_ref().map_or(size, |p| p.end - p.start);
    let content = file.content(core, part).await?;
    headed_in_place(&mut response, file, req, &etag);
    Ok(response.body(SizedStream::new(length, content)))
}

/// Sends a thumbnail or preview of a picture.
pub(super) fn send_variant(
    req: &HttpRequest,
    file: &Readable,
    kind: &str,
    (mime, bytes): (String, Bytes),
) -> HttpResponse {
    let etag = format!("\"{}.{kind}\"", file.etag());
    let mut response = if is_known(req, &etag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((header::ETAG, etag.clone()))
        .insert_header((header::CACHE_CONTROL, "max-age=2592000, private"))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ));
    if is_known(req, &etag) {
        return response.finish();
    }
    response.insert_header((header::CONTENT_TYPE, mime)).body(bytes)
}

/// A response with the headers that every answer about the file has.
fn headed(
    mut response: HttpResponseBuilder,
    file: &Readable,
    req: &HttpRequest,
    etag: &str,
) -> HttpResponseBuilder {
    headed_in_place(&mut response, file, req, etag);
    response
}

fn headed_in_place(response: &mut HttpResponseBuilder, file: &Readable, req: &HttpRequest, etag: &str) {
    response
        .insert_header((header::CONTENT_TYPE, file.mime()))
        .insert_header((header::CONTENT_DISPOSITION, disposition(file, req)))
        .insert_header((header::ETAG, etag))
        .insert_header((header::LAST_MODIFIED, since(file)))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ))
        // Sent exactly as stored: a part of a file must be a part of the stored bytes.
        .insert_header((header::CONTENT_ENCODING, "identity"));
}

fn beyond(size: u64) -> HttpResponse {
    HttpResponse::RangeNotSatisfiable()
        .insert_header((header::CONTENT_RANGE, format!("bytes */{size}")))
        .finish()
}

fn since(file: &Readable) -> HttpDate {
    let millis = u64::try_from(file.since()).unwrap_or(0);
    (SystemTime::UNIX_EPOCH + Duration::from_secs(millis / 1000)).into()
}

/// Whether the client has the file already, by its `If-None-Match`.
fn is_known(req: &HttpRequest, etag: &str) -> bool {
    let known = req.headers().get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    known.is_some_and(|k| k.split(',').map(str::trim).any(|k| k == "*" || k.trim_start_matches("W/") == etag))
}

/// The one range that a request asks for. Several at once are answered with the whole file, as is a range of another
/// version.
fn asked(req: &HttpRequest, size: u64, etag: &str, file: &Readable) -> ByteRange {
    let text = |name| req.headers().get(name).and_then(|v| v.to_str().ok());
    let Some(range) = text(header::RANGE) else { return ByteRange::All };
    let is_of_this = match text(header::IF_RANGE) {
        None => true,
        Some(said) if said.starts_with('"') => said == etag,
        Some(said) => said == since(file).to_string(),
    };
    if is_of_this { parse(range, size) } else { ByteRange::All }
}

fn parse(range: &str, size: u64) -> ByteRange {
    let Some(spec) = range.strip_prefix("bytes=").filter(|s| !s.contains(',')) else { return ByteRange::All };
    let Some((first, last)) = spec.trim().split_once('-') else { return ByteRange::All };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    match (number(first), number(last)) {
        (Some(first), _) if first >= size => ByteRange::Beyond,
        (Some(first), Some(last)) if last >= first => {
            ByteRange::Part(first..last.saturating_add(1).min(size))
        }
        (Some(first), None) if last.trim().is_empty() => ByteRange::Part(first..size),
        (None, Some(0)) if first.trim().is_empty() => ByteRange::Beyond,
        (None, Some(length)) if first.trim().is_empty() => {
            if size == 0 {
                ByteRange::Beyond
            } else {
                ByteRange::Part(size.saturating_sub(length)..size)
            }
        }
        _ => ByteRange::All,
    }
}

/// The `Content-Disposition`: harmless files inline unless a download is asked for, each with its name.
fn disposition(file: &Readable, req: &HttpRequest) -> String {
    let kind = match file.shown() {
        Disposition::Inline if !Params::of(req).flag("download") => "inline",
        Disposition::Inline | Disposition::Attachment => "attachment",
    };
    named(kind, file.name())
}

/// The file name in both forms of the header: in ASCII, and encoded as it is.
fn named(kind: &str, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' })
        .collect();
    let exact: String = name
        .bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => char::from(b).to_string(),
            b'!' | b'#' | b'$' | b'&' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~' => {
                char::from(b).to_string()
            }
            _ => format!("%{b:02X}"),
        })
        .collect();
    format!("{kind};filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

/// The file's identifier in the path; an error if it is malformed.
pub(super) fn file_id(req: &HttpRequest) -> Result<crate::wire::FileId, Error> {
    super::extract::id(req)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_part_or_none() {
        for (range, asked) in [
            ("bytes=0-9", ByteRange::Part(0..10)),
            ("bytes=90-200", ByteRange::Part(90..100)),
            ("bytes=50-", ByteRange::Part(50..100)),
            ("bytes=-10", ByteRange::Part(90..100)),
            ("bytes=-500", ByteRange::Part(0..100)),
            ("bytes=100-", ByteRange::Beyond),
            ("bytes=-0", ByteRange::Beyond),
            ("bytes=9-3", ByteRange::All),
            ("bytes=0-1,5-6", ByteRange::All),
            ("bytes=a-b", ByteRange::All),
            ("bytes=-", ByteRange::All),
            ("bytes=0-18446744073709551615", ByteRange::Part(0..100)),
            ("lines=0-3", ByteRange::All),
        ] {
            assert_eq!(parse(range, 100), asked, "{range}");
        }
        assert_eq!(parse("bytes=0-", 0), ByteRange::Beyond);
        assert_eq!(parse("bytes=-5", 0), ByteRange::Beyond);
    }

    #[test]
    fn names_travel_in_ascii_and_exactly() {
        assert_eq!(named("attachment", "hi.txt"), "attachment;filename=\"hi.txt\"; filename*=UTF-8''hi.txt");
        assert_eq!(
            named("inline", "Grüße \"x\".png"),
            "inline;filename=\"Gr__e _x_.png\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%22x%22.png"
        );
        assert!(named("inline", "a;b=c'd.txt").ends_with("filename*=UTF-8''a%3Bb%3Dc%27d.txt"));
    }
}
