//! Access tokens: a signed identifier of a session (JWT, HS256). Whether the session has ended is decided by its row,
//! so a token carries no rights and no lifetime of its own beyond the session's.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::wire::{Millis, SessionId};

/// Signs and reads access tokens.
pub struct Tokens {
    sign: EncodingKey,
    check: DecodingKey,
    validation: Validation,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sid: SessionId,
    /// Seconds since 1970 (RFC 7519).
    exp: i64,
}

impl Tokens {
    /// Tokens signed with `secret`.
    pub fn new(secret: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        Self { sign: EncodingKey::from_secret(secret), check: DecodingKey::from_secret(secret), validation }
    }

    /// A token for `session`, which expires at `expires_at`.
    pub fn issue(&self, session: SessionId, expires_at: Millis) -> Result<String> {
        let claims = Claims { sid: session, exp: expires_at / 1000 };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.sign)
            .map_err(|e| Error::internal(format!("signing a token: {e}")))
    }

    /// The session that `token` names; `None` unless it was signed here and has not expired.
    pub fn read(&self, token: &str) -> Option<SessionId> {
        let token = jsonwebtoken::decode::<Claims>(token, &self.check, &self.validation).ok()?;
        Some(token.claims.sid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_living_tokens_are_read() {
        let tokens = Tokens::new(b"0123456789abcdef0123456789abcdef");
        let session = SessionId::new();
        let token = tokens.issue(session, 4_000_000_000_000).expect("a token");
        assert_eq!(tokens.read(&token), Some(session));
        assert_eq!(Tokens::new(b"another secret, as long as needed").read(&token), None);
        assert_eq!(tokens.read(&tokens.issue(session, 1_000).expect("a token")), None);
        assert_eq!(tokens.read("abc"), None);
    }
}
