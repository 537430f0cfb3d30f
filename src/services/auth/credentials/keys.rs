//! Personal access tokens as text: 128 random bits in the form of an identifier, which is what clients of the protocol
//! expect. The text authenticates its account; only the hash is stored.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::wire::id;

/// A token's secret, to be shown once. It has no `Debug` or `Display`.
pub struct Key(String);

/// The hash of a token, by which it is stored and found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

impl Key {
    /// Generates a random token.
    pub fn generate() -> Self {
        // A random UUID has 122 random bits; two of them hashed have as many as the hash is long.
        let random = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
        let bits = Sha256::digest(random);
        let half: [u8; 16] = std::array::from_fn(|i| bits.get(i).copied().unwrap_or_default());
        Self(id::encode(Uuid::from_bytes(half)))
    }

    /// Its hash.
    pub fn hash(&self) -> KeyHash {
        KeyHash(Sha256::digest(&self.0).into())
    }

    /// The text, for the one response that shows it.
    pub fn reveal(self) -> String {
        self.0
    }
}

impl KeyHash {
    /// The hash of a text that a request sent, if that has the form of such a token.
    pub fn of(text: &str) -> Option<Self> {
        let fits = text.len() == id::LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then(|| Self(Sha256::digest(text).into()))
    }

    /// A hash as it is stored; `None` if it has another length.
    pub fn kept(bytes: Vec<u8>) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_what_it_shows_and_no_two_are_alike() {
        let (one, other) = (Key::generate(), Key::generate());
        assert_ne!(one.hash(), other.hash());
        let (hash, text) = (one.hash(), one.reveal());
        assert_eq!(KeyHash::of(&text), Some(hash));
        assert_ne!(KeyHash::of(&text.to_uppercase()), Some(hash));
        for no_key in ["", "a.b.c", "short", &format!("{text}y")] {
            assert_eq!(KeyHash::of(no_key), None, "{no_key}");
        }
    }

    #[test]
    fn every_bit_of_a_key_is_random() {
        let (mut ever, mut always) = (0, u128::MAX);
        for _ in 0..200 {
            let bits = id::decode(&Key::generate().reveal()).expect("the form of an identifier").as_u128();
            (ever, always) = (ever | bits, always & bits);
        }
        assert_eq!((ever, always), (u128::MAX, 0));
    }
}
