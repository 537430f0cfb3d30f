//! The arguments that handlers take from a request: the caller, identifiers of the path, a page, a body. Bad input is
//! refused here, with an error that names the bad field.

use std::borrow::Cow;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::str::FromStr;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::address::RequestOrg;
use super::error::{ApiError, no_such_path};
use super::holding::Budgets;
use super::inflow::{self, Unread, told_length};
use crate::error::{Error, Kind};
use crate::services::Core;
use crate::services::auth::{self, Caller};
use crate::services::platform::keys::is_same;
use crate::services::platform::limits::HeldBytes;
use crate::wire::{ChannelId, EmojiId, FileId, OrgId, PageRange, PostId, SchemeId, TeamId, TokenId, UserId};

pub use super::app_core::AppCore;
pub use super::peer::client;

/// The largest JSON body, in bytes: a post's properties may have 800,000.
pub const MAX_BODY: usize = 1024 * 1024;

/// The cookie that carries a browser's access token.
pub const TOKEN_COOKIE: &str = "MMAUTHTOKEN";

/// The most cookies of that name that are tried: a browser sends one for each path that has one.
const MAX_COOKIES: usize = 3;

/// The access token of a request, by the way in which it was sent.
enum Credential {
    Cookie(String),
    Header(String),
}

fn credential(req: &HttpRequest) -> Option<Credential> {
    if let Some(cookie) = req.cookie(TOKEN_COOKIE) {
        return Some(Credential::Cookie(cookie.value().to_owned()));
    }
    let value = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    known.then(|| Credential::Header(token.trim().to_owned()))
}

/// The access token of a request, from the header or the cookie.
pub fn token_of(req: &HttpRequest) -> Option<String> {
    match credential(req)? {
        Credential::Cookie(token) | Credential::Header(token) => Some(token),
    }
}

/// Whether a request carries an access token, valid or not.
pub fn has_credential(req: &HttpRequest) -> bool {
    credential(req).is_some()
}

/// The caller, by header or cookie. A request that changes something and is authenticated by the cookie alone must
/// repeat the session's CSRF token, or come from a script of our own origin.
pub async fn identify(core: &Core, req: &HttpRequest) -> Result<Caller, Error> {
    auth::admitted(core, recognise(core, req).await?)
}

/// As [`identify`], for a caller who may still lack the second factor that is demanded.
pub async fn recognise(core: &Core, req: &HttpRequest) -> Result<Caller, Error> {
    let org = RequestOrg::of(req)?.id;
    match credential(req).ok_or_else(Error::unauthenticated)? {
        Credential::Header(token) => auth::recognise(core, org, &token, client(req)).await,
        Credential::Cookie(_) => {
            let caller = by_cookie(core, org, req).await?;
            if is_forged(req, &caller) { Err(Error::unauthenticated()) } else { Ok(caller) }
        }
    }
}

/// The caller of a cookie. Below an organisation's path a browser sends the cookies of the root too: the one of this
/// organisation counts.
async fn by_cookie(core: &Core, org: OrgId, req: &HttpRequest) -> Result<Caller, Error> {
    let cookies = req.cookies().ok().ok_or_else(Error::unauthenticated)?.clone();
    let mut refused = Error::unauthenticated();
    for cookie in cookies.iter().filter(|c| c.name() == TOKEN_COOKIE).take(MAX_COOKIES) {
        match auth::recognise(core, org, cookie.value(), client(req)).await {
            Ok(caller) => return Ok(caller),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

fn is_forged(req: &HttpRequest, caller: &Caller) -> bool {
    let header = |name| req.headers().get(name).and_then(|v| v.to_str().ok());
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(req.method())
        || header("x-csrf-token").is_some_and(|given| is_same(given.as_bytes(), caller.csrf().as_bytes()))
    {
        return false;
    }
    let is_strict = req.app_data::<AppCore>().is_none_or(|core| core.settings.auth.strict_csrf);
    is_strict || header("x-requested-with") != Some("XMLHttpRequest")
}

impl FromRequest for Caller {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            if let Some(caller) = req.extensions().get::<Self>() {
                return Ok(caller.clone());
            }
            let core = req.app_data::<AppCore>().ok_or_else(|| Error::internal("no core in the app"))?;
            let caller = identify(core, &req).await?;
            req.extensions_mut().insert(caller.clone());
            Ok(caller)
        })
    }
}

/// A caller who may still lack the second factor that is demanded. Handlers that take this are those that are needed to
/// set one up.
pub struct PreMfaCaller(pub Caller);

impl FromRequest for PreMfaCaller {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let core = req.app_data::<AppCore>().ok_or_else(|| Error::internal("no core in the app"))?;
            Ok(Self(recognise(core, &req).await?))
        })
    }
}

/// A text of the path: `{name}`, decoded. The framework leaves separators, plus and percent signs encoded, so this is
/// the one place that reads a path.
pub fn part<'a>(req: &'a HttpRequest, name: &str) -> Cow<'a, str> {
    let text = req.match_info().get(name).unwrap_or_default();
    if text.contains('%') { Cow::Owned(decoded(text)) } else { Cow::Borrowed(text) }
}

/// Decodes percent escapes, so `%2B` becomes a plus. Malformed escapes stay, and bytes that are no UTF-8 are replaced.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = behind.first_chunk::<2>().filter(|_| *first == b'%').and_then(code);
        bytes.push(code.unwrap_or(*first));
        rest = behind.get(if code.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn code(digits: &[u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

/// An identifier that stands in paths, under the same name in all of them.
pub trait InPath: FromStr {
    /// The name of the part.
    const NAME: &'static str;
}

macro_rules! in_path {
    ($($kind:ident $name:literal),* $(,)?) => {
        $(impl InPath for $kind {
            const NAME: &'static str = $name;
        })*
    };
}

in_path! {
    ChannelId "channel_id",
    EmojiId "emoji_id",
    FileId "file_id",
    OrgId "org_id",
    PostId "post_id",
    SchemeId "scheme_id",
    TeamId "team_id",
    TokenId "token_id",
    UserId "user_id",
}

/// An identifier of the path; its type says which. Valid characters of the wrong length are a bad parameter; characters
/// that cannot be in an identifier make a path that does not exist.
pub fn id<T: InPath>(req: &HttpRequest) -> Result<T, Error> {
    named(req, T::NAME)
}

/// A bot of the path.
pub fn bot(req: &HttpRequest) -> Result<UserId, Error> {
    named(req, "bot_user_id")
}

/// An upload of the path: the file that it becomes.
pub fn upload(req: &HttpRequest) -> Result<FileId, Error> {
    named(req, "upload_id")
}

fn named<T: FromStr>(req: &HttpRequest, name: &str) -> Result<T, Error> {
    let text = part(req, name);
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(no_such_path());
    }
    text.parse().ok().ok_or_else(|| Error::param(name))
}

/// An account of the path: an identifier or `me`.
pub fn user(req: &HttpRequest, caller: &Caller) -> Result<UserId, Error> {
    if part(req, "user_id") == "me" { Ok(caller.id) } else { id(req) }
}

/// A part of a list: `page` from 0, `per_page` 60 by default, at most 200. Invalid values count as absent.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Rows to skip.
    pub offset: i64,
    /// Rows to return.
    pub limit: i64,
    /// The page's number.
    pub page: i64,
}

impl Page {
    /// The rows that it is made of.
    pub fn range(self) -> PageRange {
        PageRange { offset: self.offset, limit: self.limit }
    }
}

impl FromRequest for Page {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = Params::of(req);
        let page = query.number("page").filter(|n| *n >= 0).unwrap_or(0).min(1_000_000);
        let limit = query.number("per_page").filter(|n| *n >= 0).unwrap_or(60).min(200);
        ready(Ok(Self { offset: page * limit, limit, page }))
    }
}

/// The query string, leniently read: what cannot be parsed counts as absent.
#[derive(Debug, Default)]
pub struct Params {
    pairs: Vec<(String, String)>,
}

impl Params {
    /// The parameters of a request.
    pub fn of(req: &HttpRequest) -> Self {
        Self { pairs: serde_urlencoded::from_str(req.query_string()).unwrap_or_default() }
    }

    /// The text of `name`; `None` if empty or absent.
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
        found.filter(|v| !v.is_empty())
    }

    /// The whole number of `name`; `None` if absent or no number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// Whether `name` is `true` or `1`.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), Some("true" | "1"))
    }

    /// The identifier of `name`, if present; an error if it is malformed.
    pub fn id<T: FromStr>(&self, name: &str) -> Result<Option<T>, Error> {
        self.text(name).map(|text| text.parse().ok().ok_or_else(|| Error::param(name))).transpose()
    }
}

impl FromRequest for Params {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(req)))
    }
}

/// A JSON body, of whatever content type, read but not yet parsed: the caller is checked first. A large body counts
/// against its sender's share of memory.
pub struct Body {
    bytes: Result<web::Bytes, Error>,
    _held: Option<HeldBytes>,
}

impl FromRequest for Body {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    /// A body that does not arrive completely ends the request at once, however its handler treats bodies that it
    /// cannot parse.
    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let seconds = req.app_data::<AppCore>().map_or(30, |core| core.settings.server.body_seconds);
        let is_large = told_length(req).is_some_and(|told| told > MAX_BODY as u64);
        let (payload, req) = (payload.take(), req.clone());
        Box::pin(async move {
            if is_large {
                return Ok(Self::unread(too_large()));
            }
            match inflow::whole(payload, MAX_BODY, Duration::from_secs(seconds.into())).await {
                Ok(bytes) => Ok(match Budgets::hold_body(&req, bytes.len()) {
                    Ok(held) => Self { bytes: Ok(bytes), _held: held },
                    Err(error) => Self::unread(error),
                }),
                Err(Unread::TooLarge) => Ok(Self::unread(too_large())),
                Err(Unread::Broken) => Ok(Self::unread(Error::body("body"))),
                Err(Unread::Late) => Err(late().into()),
            }
        })
    }
}

impl Body {
    fn unread(error: Error) -> Self {
        Self { bytes: Err(error), _held: None }
    }

    /// Parses the body. `null` is an absent field, as clients of this protocol mean it; text with a NUL character,
    /// which no column accepts, is refused.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let bytes = self.bytes.as_ref().map_err(Error::again)?;
        let mut value: Value = serde_json::from_slice(bytes).ok().ok_or_else(|| Error::body("body"))?;
        if value.is_array() && is_object::<T>() {
            return Err(Error::body("body"));
        }
        drop_nulls(&mut value);
        refuse_nul(&value, "body")?;
        serde_path_to_error::deserialize(value).map_err(|e| Error::body(&field_of(&e)))
    }

    /// As [`Self::read`], but an empty body is the default value.
    pub fn read_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Error> {
        let bytes = self.bytes.as_ref().map_err(Error::again)?;
        if bytes.is_empty() || bytes.as_ref() == b"null" { Ok(T::default()) } else { self.read() }
    }
}

fn too_large() -> Error {
    let message = format!("The request body is larger than {MAX_BODY} bytes.");
    Error::new(Kind::TooLarge, "api.context.request_body_too_large.app_error", message)
}

fn late() -> Error {
    let message = "The request body did not arrive in time.";
    Error::new(Kind::Late, "api.context.request_timeout.app_error", message)
}

/// Whether a type is parsed from a JSON object, and so must not come as an array of its values.
fn is_object<'de, T: Deserialize<'de>>() -> bool {
    let mut asked = false;
    drop(T::deserialize(Probe(&mut asked)));
    asked
}

/// A deserializer that notes whether a type asks for a struct or map, and has nothing to parse.
struct Probe<'a>(&'a mut bool);

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(serde::de::Error::custom("nothing to read"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = true;
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Removes fields that are `null`, at the top and one level down.
fn drop_nulls(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, v| !v.is_null());
        for inner in fields.values_mut() {
            if let Value::Object(inner) = inner {
                inner.retain(|_, v| !v.is_null());
            }
        }
    }
}

fn refuse_nul(value: &Value, field: &str) -> Result<(), Error> {
    match value {
        Value::String(text) if text.contains('\0') => Err(Error::body(field)),
        Value::Array(items) => items.iter().try_for_each(|v| refuse_nul(v, field)),
        Value::Object(fields) => fields
            .iter()
            .try_for_each(|(k, v)| if k.contains('\0') { Err(Error::body(field)) } else { refuse_nul(v, k) }),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// The field that a parse error is about: its path, or the missing one.
fn field_of(error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let message = error.inner().to_string();
    let missing = message.split_once("missing field `").and_then(|(_, rest)| rest.split_once('`'));
    match (missing, error.path().to_string()) {
        (Some((field, _)), _) => field.to_owned(),
        (None, path) if path == "." => "body".to_owned(),
        (None, path) => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "read by the test through its errors")]
    struct Sample {
        name: String,
        #[serde(default)]
        count: i64,
    }

    fn read(json: &'static str) -> Result<Sample, Error> {
        Body { bytes: Ok(web::Bytes::from_static(json.as_bytes())), _held: None }.read()
    }

    #[test]
    fn an_error_names_the_field() {
        assert!(read(r#"{"name":"x","count":null,"more":1}"#).is_ok());
        for (json, field) in [
            ("{", "body"),
            ("{}", "name"),
            (r#"{"name":3}"#, "name"),
            (r#"{"name":"x","count":"y"}"#, "count"),
            (r#"{"name":"a\u0000b"}"#, "name"),
        ] {
            let message = read(json).expect_err("bad input").message;
            assert_eq!(message, format!("Invalid or missing {field} in request body."), "{json}");
        }
    }
}
