//! Sites whose scripts may send requests (CORS), as settings name them.

use serde::Deserialize;

/// A list of origins: `https://portal.example.org, https://other.example.org:8443`; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Origins(Vec<String>);

impl Origins {
    /// Whether there are any.
    pub fn are_some(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether the origin, in a browser's spelling, is one of them.
    pub fn contain(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }
}

impl TryFrom<String> for Origins {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
        let read =
            |part: &str| origin(part).ok_or_else(|| format!("{part} is no origin such as https://host"));
        parts.map(read).collect::<Result<_, _>>().map(Self)
    }
}

/// Parses an origin: scheme and host, and a port if it is not the scheme's default, as browsers spell it. A wildcard is
/// deliberately refused.
fn origin(text: &str) -> Option<String> {
    let text = text.trim_end_matches('/').to_lowercase();
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let is_host = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    (!host.is_empty() && host.chars().all(is_host)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_compared_to_the_letter() {
        let origins = Origins::try_from("https://Portal.example.org/, http://localhost:9005".to_owned());
        let origins = origins.expect("two origins");
        assert!(origins.contain("https://portal.example.org") && origins.contain("http://localhost:9005"));
        for other in ["http://portal.example.org", "https://portal.example.org.evil.test", "null", ""] {
            assert!(!origins.contain(other), "{other}");
        }
    }

    #[test]
    fn everybody_is_no_origin() {
        for bad in ["*", "https://*", "portal.example.org", "https://", "https://a/b", "ftp://a"] {
            assert!(Origins::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
