//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 section 2.4): they tell a client that a session has ended.

use serde::Serialize;

use super::claims::seconds;
use crate::domain::{MINUTE, Millis};

/// `typ` in the header. It prevents use as an ID token or access token.
pub const LOGOUT_TOKEN_TYPE: &str = "logout+jwt";

// Section 2.4: "preferably at most two minutes in the future".
const LIFETIME: Millis = 2 * MINUTE;

/// The payload. It has no member for a `nonce`, which "MUST NOT be used".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogoutTokenClaims {
    iss: String,
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
    jti: String,
    events: Events,
    sid: String,
}

/// Section 2.4: "The corresponding member value MUST be a JSON object and SHOULD be the empty JSON object {}."
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Events {
    #[serde(rename = "http://schemas.openid.net/event/backchannel-logout")]
    logout: Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Nothing {}

impl LogoutTokenClaims {
    /// A token for a client about one session of an account. `jti` is never used twice: section 2.6 has clients
    /// refuse one that they have seen.
    #[must_use]
    pub fn new(issuer: &str, (sub, sid): (&str, &str), client_id: &str, jti: String, now: Millis) -> Self {
        Self {
            iss: issuer.to_owned(),
            sub: sub.to_owned(),
            aud: client_id.to_owned(),
            iat: seconds(now),
            exp: seconds(now + LIFETIME),
            jti,
            events: Events { logout: Nothing {} },
            sid: sid.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_told_there_is_one_event_and_no_nonce(
            issuer: String, sub: String, sid: String, client: String, jti: String, now in 0..4_000_000_000_000_i64,
        ) {
            let claims = LogoutTokenClaims::new(&issuer, (&sub, &sid), &client, jti.clone(), now);
            let written: Value = serde_json::to_value(claims).unwrap();
            let expected = json!({
                "iss": issuer, "sub": sub, "sid": sid, "aud": client, "jti": jti,
                "iat": now / 1_000, "exp": now / 1_000 + 120,
                "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
            });
            prop_assert_eq!(&written, &expected);
            prop_assert!(written.get("nonce").is_none());
        }
    }
}
