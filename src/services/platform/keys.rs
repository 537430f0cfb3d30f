//! The keys derived from the server's secret, one for each purpose: for encrypting values that are stored or handed
//! out, and for digests by which a token is found without being stored.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{constant_time, hmac, rand};

use crate::error::{Error, Result};

/// The purpose of a key. A value that was made for one purpose does not open for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The text of a queued mail.
    Mail,
    /// A token sent by mail.
    MailedToken,
    /// An invitation sent by mail.
    Invitation,
    /// The public link of a file.
    PublicLink,
    /// The TOTP secret of a second factor.
    SecondFactor,
    /// A recovery code for a lost second factor.
    RecoveryCode,
    /// A sign-in at a provider that is in progress.
    SignIn,
    /// A place from which an account logged in.
    KnownPlace,
    /// The setup secret of an organisation.
    Setup,
}

impl Purpose {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Mail => b"mail",
            Self::MailedToken => b"mailed token",
            Self::Invitation => b"invitation",
            Self::PublicLink => b"public link",
            Self::SecondFactor => b"second factor",
            Self::RecoveryCode => b"recovery code",
            Self::SignIn => b"sign-in",
            Self::KnownPlace => b"known place",
            Self::Setup => b"setup",
        }
    }
}

/// Encrypts (AES-256-GCM) and digests (HMAC-SHA-256).
pub struct KeyDerivation {
    root: hmac::Key,
}

impl KeyDerivation {
    /// Keys derived from `secret`.
    pub fn new(secret: &[u8]) -> Self {
        Self { root: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// Encrypts and authenticates `plain`.
    pub fn seal(&self, purpose: Purpose, plain: &[u8]) -> Result<Vec<u8>> {
        let mut text = plain.to_vec();
        let nonce = self.sealer(purpose)?.seal_in_place_append_tag(Aad::from(purpose.name()), &mut text);
        let mut sealed = nonce.map_err(|e| Error::internal(format!("sealing: {e}")))?.as_ref().to_vec();
        sealed.append(&mut text);
        Ok(sealed)
    }

    /// Decrypts a value that was sealed for `purpose`; `None` if it was not, or with another secret.
    pub fn open(&self, purpose: Purpose, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = text.to_vec();
        let key = self.sealer(purpose).ok()?;
        Some(key.open_in_place(nonce, Aad::from(purpose.name()), &mut text).ok()?.to_vec())
    }

    /// A keyed digest of `text`, for lookups; without the secret it does not reveal `text`.
    pub fn digest(&self, purpose: Purpose, text: &str) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.derived(b"digest", purpose).as_ref());
        hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
    }

    fn sealer(&self, purpose: Purpose) -> Result<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM, self.derived(b"seal", purpose).as_ref())
            .map_err(|e| Error::internal(format!("sealing key: {e}")))
    }

    fn derived(&self, how: &[u8], purpose: Purpose) -> hmac::Tag {
        hmac::sign(&self.root, &[how, b" ", purpose.name()].concat())
    }
}

/// Whether two texts are equal, compared in constant time.
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(one, other).is_ok()
}

/// Random bytes that cannot be guessed.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|e| Error::internal(format!("random numbers: {e}")))?;
    Ok(bytes)
}

/// A random token: 64 characters of `0-9 a-f`.
pub fn random_token() -> Result<String> {
    Ok(random::<32>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_and_secret_alone() {
        let vault = KeyDerivation::new(b"0123456789abcdef0123456789abcdef");
        let sealed = vault.seal(Purpose::Mail, b"a link").expect("sealed");
        assert_eq!(vault.open(Purpose::Mail, &sealed).expect("opened"), b"a link");
        assert_ne!(sealed, vault.seal(Purpose::Mail, b"a link").expect("sealed"), "no two look alike");
        assert!(vault.open(Purpose::MailedToken, &sealed).is_none());
        assert!(
            KeyDerivation::new(b"another secret, as long as needed").open(Purpose::Mail, &sealed).is_none()
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault.open(Purpose::Mail, &changed).is_none(), "byte {at}");
        }
        assert!(vault.open(Purpose::Mail, b"short").is_none());
    }

    #[test]
    fn a_digest_depends_on_the_purpose_and_the_secret() {
        let vault = KeyDerivation::new(b"0123456789abcdef0123456789abcdef");
        let digest = vault.digest(Purpose::MailedToken, "token");
        assert_eq!(digest, vault.digest(Purpose::MailedToken, "token"));
        assert_ne!(digest, vault.digest(Purpose::Mail, "token"));
        assert_ne!(digest, KeyDerivation::new(b"another").digest(Purpose::MailedToken, "token"));
        assert_ne!(random_token().expect("random"), random_token().expect("random"));
    }
}
