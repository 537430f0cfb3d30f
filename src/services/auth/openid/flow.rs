//! A sign-in in progress. The browser that began it keeps the state, sealed so that no other browser can finish it, for
//! ten minutes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::services::auth::Core;
use crate::services::auth::credentials::Proofs;
use crate::services::platform::keys::Purpose;
use crate::wire::{Millis, OrgId, UserId};

/// The time that a sign-in may take, in milliseconds.
pub(super) const LASTS: Millis = 10 * 60 * 1000;

/// Characters of a return address at most.
const MAX_BACK: usize = 1024;

/// Characters of an invitation at most.
const MAX_BROUGHT: usize = 128;

/// The addresses at which official phone apps take over their session.
const APPS: [&str; 2] = ["mmauth://callback", "mmauthbeta://callback"];

/// The state of a sign-in in progress.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Flow {
    pub(super) org: OrgId,
    pub(super) proofs: Proofs,
    pub(super) back: Back,
    /// The invitation that the person came with.
    pub(super) brought: Option<Brought>,
    /// The account to be linked to the identity, proven by its password.
    pub(super) link: Option<UserId>,
    ends_at: Millis,
}

/// The destination after a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Back {
    /// A page of this server.
    Page(String),
    /// A phone app, which takes over the session.
    App(String),
}

impl Back {
    /// Reads the destination that a request asks for; the first page if that is not on this server.
    pub fn read(asked: &str) -> Self {
        if APPS.contains(&asked) {
            return Self::App(asked.to_owned());
        }
        let inside = asked.starts_with('/')
            && !asked.starts_with("//")
            && !asked.contains(['\\', '\r', '\n', '\t'])
            && asked.is_ascii()
            && asked.len() <= MAX_BACK;
        Self::Page(if inside { asked.to_owned() } else { "/".to_owned() })
    }
}

/// An invitation that a sign-in carries along. It is checked when the account is made, not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Brought {
    /// The invite code of a team.
    Code(String),
    /// The token of a mailed invitation.
    Token(String),
}

impl Brought {
    /// Reads the invitation of a request, the token first; fails if it is malformed.
    pub fn read(token: Option<&str>, code: Option<&str>) -> Result<Option<Self>> {
        let whole = |name, text: &str| {
            let good = text.len() <= MAX_BROUGHT && text.chars().all(|c| c.is_ascii_alphanumeric());
            if good { Ok(text.to_owned()) } else { Err(Error::param(name)) }
        };
        match (token, code) {
            (Some(token), _) => whole("t", token).map(|text| Some(Self::Token(text))),
            (None, Some(code)) => whole("iid", code).map(|text| Some(Self::Code(text))),
            (None, None) => Ok(None),
        }
    }

    /// The page on which a person with an account accepts the invitation.
    pub(super) fn page(&self) -> Back {
        Back::Page(match self {
            Self::Code(code) => format!("/signup_user_complete?id={code}"),
            Self::Token(token) => format!("/signup_user_complete?t={token}"),
        })
    }
}

impl Flow {
    pub(super) fn new(org: OrgId, proofs: Proofs, going: Going, link: Option<UserId>, now: Millis) -> Self {
        let Going { back, brought } = going;
        Self { org, proofs, back, brought, link, ends_at: now + LASTS }
    }

    /// Seals the state for the browser.
    pub(super) fn seal(&self, core: &Core) -> Result<String> {
        sealed(core, self)
    }

    /// Opens the state that the browser kept; `None` if it does not belong to `state` or is too old.
    pub(super) fn open(core: &Core, kept: &str, state: &str, now: Millis) -> Option<Self> {
        let flow: Self = opened(core, kept)?;
        (flow.proofs.state == state && now < flow.ends_at).then_some(flow)
    }
}

/// The destination after a sign-in, and the invitation that it carries along.
#[derive(Debug)]
#[expect(missing_docs, reason = "said at the types")]
pub struct Going {
    pub back: Back,
    pub brought: Option<Brought>,
}

/// Proof that the password of an account was given a moment ago, which the browser keeps during the sign-in.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct LinkProof {
    pub(super) org: OrgId,
    pub(super) user: UserId,
    pub(super) ends_at: Millis,
}

pub(super) fn sealed<T: Serialize>(core: &Core, what: &T) -> Result<String> {
    let text = serde_json::to_vec(what).map_err(|e| Error::internal(format!("openid: {e}")))?;
    Ok(BASE64.encode(core.keys.seal(Purpose::SignIn, &text)?))
}

pub(super) fn opened<T: DeserializeOwned>(core: &Core, text: &str) -> Option<T> {
    let plain = core.keys.open(Purpose::SignIn, &BASE64.decode(text).ok()?)?;
    serde_json::from_slice(&plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_out_of_the_house() {
        for good in ["/", "/house/channels/town-square", "/?a=b#c"] {
            assert_eq!(Back::read(good), Back::Page(good.into()));
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "evil",
            "/\t/evil",
            "mmauth://evil",
        ] {
            assert_eq!(Back::read(bad), Back::Page("/".into()), "{bad}");
        }
        assert_eq!(Back::read("mmauth://callback"), Back::App("mmauth://callback".into()));
    }

    #[test]
    fn an_invitation_is_a_word() {
        assert_eq!(Brought::read(None, None).unwrap(), None);
        assert_eq!(Brought::read(None, Some("abc")).unwrap(), Some(Brought::Code("abc".into())));
        let both = Brought::read(Some("x9"), Some("abc")).unwrap();
        assert_eq!(both, Some(Brought::Token("x9".into())));
        assert_eq!(both.unwrap().page(), Back::Page("/signup_user_complete?t=x9".into()));
        for bad in ["a&b", "a/b", "a b", "ä", &"a".repeat(129)] {
            assert!(
                Brought::read(Some(bad), None).is_err() && Brought::read(None, Some(bad)).is_err(),
                "{bad}"
            );
        }
    }
}
