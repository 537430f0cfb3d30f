//! JSON as the protocol's servers write it.

use serde::Serialize;

/// `value` as JSON text. Our types cannot fail to serialise; should one, the answer is `null` and not a panic.
pub fn to_text<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}
