//! Where the socket lies for a data folder of any name, and the URL that leads there.

#![no_main]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use libfuzzer_sys::fuzz_target;
use private_postgres::socket;

const NAME: &str = "house";

fuzz_target!(|bytes: &[u8]| {
    let data = Path::new("/").join(OsStr::from_bytes(bytes));
    let folder = socket::folder(&data, NAME);
    let text = folder.to_str().expect("a path that every client can write");
    assert!(text.starts_with('/') && text.len() + "/.s.PGSQL.5432".len() <= 107, "{text}");
    assert_eq!(folder, socket::folder(&data, NAME), "the same at every start");
    let url = socket::url(&folder, NAME);
    // A URL without a host, as PostgreSQL clients take it: what is generally called one has a host.
    let host = url.strip_prefix("postgres://house@/house?host=").expect("the form that clients accept");
    assert!(host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%._-".contains(&byte)), "{url}");
    assert_eq!(host.replace("%2F", "/"), text);
});
