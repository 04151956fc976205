//! `id_token_hint`: one of our ID tokens, sent back to name a person or session.
//!
//! The caller verifies the signature (with any key that we ever published) and passes the payload; expiry is
//! ignored (OpenID Connect Core section 3.1.2.1, RP-Initiated Logout 1.0 section 2).

use serde::{Deserialize, Serialize};

/// The content of a verified hint.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Hint {
    /// Only our own issuer is accepted.
    pub iss: String,
    pub sub: String,
    pub aud: Audience,
    pub sid: Option<String>,
}

/// `aud` may be one string or a list (RFC 7519 section 4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    /// True if `who` is an audience.
    #[must_use]
    pub fn contains(&self, who: &str) -> bool {
        match self {
            Self::One(one) => one == who,
            Self::Many(many) => many.iter().any(|one| one == who),
        }
    }

    /// The only audience; `None` if there are several or none.
    #[must_use]
    pub fn only(&self) -> Option<&str> {
        match self {
            Self::One(one) => Some(one),
            Self::Many(many) => match many.as_slice() {
                [one] => Some(one),
                _ => None,
            },
        }
    }
}

impl Hint {
    // RP-Initiated Logout 1.0 section 2: "the OP MUST verify that it was the issuer of the ID Token."
    /// Reads the payload of a token whose signature was verified; `None` if it was not issued by us.
    #[must_use]
    pub fn from_payload(payload: &[u8], issuer: &str) -> Option<Self> {
        serde_json::from_slice::<Self>(payload).ok().filter(|hint| hint.iss == issuer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_our_own_tokens_are_hints() {
        let ours = br#"{"iss":"https://idp","sub":"7","aud":"cloudsync","sid":"s","exp":1,"extra":true}"#;
        let hint = Hint::from_payload(ours, "https://idp").unwrap();
        assert!(hint.aud.contains("cloudsync"));
        assert!(!hint.aud.contains("other"));
        assert_eq!(hint.aud.only(), Some("cloudsync"));
        assert_eq!(Hint::from_payload(ours, "https://other"), None);
        let several = br#"{"iss":"https://idp","sub":"7","aud":["a","b"]}"#;
        assert_eq!(Hint::from_payload(several, "https://idp").unwrap().aud.only(), None);
    }

    proptest! {
        #[test]
        fn any_payload_is_read_or_refused(payload in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(Hint::from_payload(&payload, "https://idp"), None);
        }
    }
}
