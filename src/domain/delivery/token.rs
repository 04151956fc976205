//! What a token endpoint answers to client credentials (RFC 6749 section 4.4), and for how long a token is used.

use std::fmt;

use super::answer::Failure;
use crate::domain::{DAY, HOUR, MINUTE, Millis};

/// Codes of RFC 6749 section 4.1.2.1 that say nothing of the client, for token endpoints that use them here too.
const PASSING: [&str; 2] = ["server_error", "temporarily_unavailable"];

/// Why a token endpoint has given no access token. The texts are its own words, or those of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenFailure {
    /// It was not reached, or the answer has not come to its end.
    NoAnswer(String),
    /// 429, or 503 that names a time: later, please.
    Busy { status: u16, retry_after: Option<Millis> },
    /// It refuses the client, and will until somebody has changed something. `code` is a word of RFC 6749 section
    /// 5.2; without one, the status.
    Refused { code: String, words: String },
    /// Any other answer.
    Unusable(String),
}

impl TokenFailure {
    /// The failure behind a status that is no success. `code` and `words` are `error` and `error_description`.
    #[must_use]
    pub fn of_status(
        status: u16,
        (code, words): (Option<String>, String),
        retry_after: Option<Millis>,
    ) -> Self {
        match (status, code) {
            (429, _) => Self::Busy { status, retry_after },
            (503, _) if retry_after.is_some() => Self::Busy { status, retry_after },
            (400..500, Some(code)) if !PASSING.contains(&code.as_str()) => Self::Refused { code, words },
            (401 | 403, None) => Self::Refused { code: status.to_string(), words },
            (300..400, _) => Self::Unusable(format!(
                "status {status}: a redirect to another address, which is not followed"
            )),
            (_, Some(code)) => Self::Unusable(format!("status {status}: {code}")),
            (_, None) => Self::Unusable(format!("status {status}")),
        }
    }

    /// What an administrator can do.
    #[must_use]
    pub fn fix(&self) -> &'static str {
        match self {
            Self::NoAnswer(_) => {
                "Check oauth_token_endpoint, and that no firewall or proxy is in the way; it is tried again."
            }
            Self::Busy { .. } => "Wait: it is tried again.",
            Self::Unusable(_) => {
                "Check oauth_token_endpoint: it is the address that gives tokens to clients, and no sign-in page."
            }
            Self::Refused { code, .. } => match code.as_str() {
                "invalid_client" | "401" => {
                    "Set oauth_client_secret_file again: the secret is wrong, or has expired. Check oauth_client_id and \
                     oauth_auth_method too."
                }
                "invalid_scope" => {
                    "Check oauth_scope: the token endpoint does not know it, or not for this client."
                }
                "unauthorized_client" | "403" => {
                    "Allow the client the grant client_credentials where it is registered."
                }
                "unsupported_grant_type" => {
                    "Use another token endpoint, or a bearer token: this one gives none for client credentials."
                }
                _ => "Check oauth_token_endpoint, oauth_client_id, oauth_scope and oauth_auth_method.",
            },
        }
    }
}

impl fmt::Display for TokenFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer(words) => write!(f, "the token endpoint does not answer: {words}"),
            Self::Busy { status, .. } => write!(f, "the token endpoint says {status}: later"),
            Self::Refused { code, words } if words.is_empty() => {
                write!(f, "the token endpoint refuses the client: {code}")
            }
            Self::Refused { code, words } => {
                write!(f, "the token endpoint refuses the client: {code}: {words}")
            }
            Self::Unusable(words) => write!(f, "the token endpoint does not answer as it should: {words}"),
        }
    }
}

/// Without a token nothing is sent to the service. A client that is refused is like a token that has expired.
impl From<TokenFailure> for Failure {
    fn from(failure: TokenFailure) -> Self {
        match failure {
            TokenFailure::Busy { status, retry_after: Some(after) } => {
                Self::Busy { status, retry_after: Some(after) }
            }
            TokenFailure::Refused { .. } => Self::Unauthorized(format!("{failure}. {}", failure.fix())),
            TokenFailure::NoAnswer(_) | TokenFailure::Busy { .. } | TokenFailure::Unusable(_) => {
                Self::NotSent(failure.to_string())
            }
        }
    }
}

/// Until when a token is used that was asked for at `asked_at`, by its `expires_in` as a duration: it ends a little
/// early, so that it does not expire on its way. One whose lifetime is not said is used for an hour.
#[must_use]
pub fn usable_until(asked_at: Millis, lifetime: Option<Millis>) -> Millis {
    let lifetime = lifetime.unwrap_or(HOUR).clamp(0, DAY);
    asked_at + lifetime - (lifetime / 10).min(MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SECOND;

    fn of(status: u16, code: Option<&str>, retry_after: Option<Millis>) -> Failure {
        TokenFailure::of_status(status, (code.map(str::to_owned), "words".to_owned()), retry_after).into()
    }

    #[test]
    fn a_refused_client_waits_for_an_administrator_and_everything_else_passes() {
        for (status, code, fix) in [
            (400, Some("invalid_client"), "oauth_client_secret_file"),
            (401, Some("invalid_client"), "oauth_client_secret_file"),
            (401, None, "oauth_client_secret_file"),
            (403, None, "grant client_credentials"),
            (400, Some("unauthorized_client"), "grant client_credentials"),
            (400, Some("invalid_scope"), "oauth_scope"),
            (400, Some("unsupported_grant_type"), "another token endpoint"),
            (400, Some("AADSTS"), "oauth_client_id"),
        ] {
            let failure = of(status, code, None);
            let names_the_fix = matches!(&failure, Failure::Unauthorized(words) if words.contains(fix));
            assert!(names_the_fix, "{status} {code:?}: {failure}");
        }
        for (status, code) in [
            (200, None),
            (302, None),
            (400, None),
            (404, None),
            (400, Some("temporarily_unavailable")),
            (500, None),
            (500, Some("server_error")),
            (503, None),
            (429, None),
        ] {
            let failure = of(status, code, None);
            assert!(matches!(failure, Failure::NotSent(_)), "{status} {code:?}: {failure}");
        }
        for status in [429, 503] {
            assert_eq!(of(status, None, Some(7)), Failure::Busy { status, retry_after: Some(7) });
        }
    }

    #[test]
    fn a_token_is_given_up_shortly_before_it_expires() {
        for (lifetime, expected) in [
            (Some(HOUR), HOUR - MINUTE),
            (Some(60 * SECOND), 54 * SECOND),
            (Some(0), 0),
            (Some(-5), 0),
            (Some(Millis::MAX), DAY - MINUTE),
            (None, HOUR - MINUTE),
        ] {
            assert_eq!(usable_until(1_000, lifetime), 1_000 + expected, "{lifetime:?}");
        }
    }
}
