//! What a target answers, and what may have happened where it does not answer.

use std::fmt;

use super::request::{RemoteId, Seen};
use crate::domain::Millis;

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All resources that were found.
    Found(Vec<Seen>),
    Read(Box<Seen>),
    /// A new resource. Only id and version are taken from the answer.
    Created {
        id: RemoteId,
        etag: Option<String>,
    },
    Done {
        etag: Option<String>,
    },
    Failed(Failure),
}

/// Why a request has failed; the texts are the target's own words, or those of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It never reached the target.
    NotSent(String),
    /// A time-out, or a connection that broke: nobody knows whether it had an effect.
    Lost(String),
    /// A success that cannot be read.
    Garbage(String),
    /// 401: the token is wrong or has expired.
    Unauthorized(String),
    /// 404: the target has no such resource.
    NotFound(String),
    /// 409: a unique value is taken.
    Conflict(String),
    /// 412: the resource was changed over there.
    Changed(String),
    /// 413: less in one request, please.
    TooLarge(String),
    /// 429 and 503: later, please.
    Busy { status: u16, retry_after: Option<Millis> },
    /// 5xx: a fault of the target; the request may have had an effect.
    Broken { status: u16, words: String },
    /// 400, 403 and any other refusal of exactly this request.
    Refused { status: u16, words: String },
}

impl Failure {
    /// The failure behind a status that is no success. `words` say why; `retry_after` is a duration.
    #[must_use]
    pub fn of_status(status: u16, words: String, retry_after: Option<Millis>) -> Self {
        match status {
            401 => Self::Unauthorized(words),
            404 => Self::NotFound(words),
            409 => Self::Conflict(words),
            412 => Self::Changed(words),
            413 => Self::TooLarge(words),
            429 | 503 => Self::Busy { status, retry_after },
            // Implemented never: a refusal, and asking again changes nothing (RFC 9110 section 15.6.2).
            501 => Self::Refused { status, words },
            500.. => Self::Broken { status, words },
            400..500 => Self::Refused { status, words },
            // Redirects are not followed: a token is for one host.
            _ => Self::Garbage(format!("status {status}: {words}")),
        }
    }

    /// Whether the target has certainly not done what was asked.
    #[must_use]
    pub fn had_no_effect(&self) -> bool {
        matches!(self, Self::NotSent(_) | Self::Unauthorized(_) | Self::Busy { status: 429, .. })
    }

    /// Whether it says something about the target, and nothing about the person or Team Share.
    #[must_use]
    pub fn is_of_target(&self) -> bool {
        match self {
            Self::NotSent(_)
            | Self::Lost(_)
            | Self::Garbage(_)
            | Self::Unauthorized(_)
            | Self::Busy { .. }
            | Self::Broken { .. } => true,
            Self::NotFound(_)
            | Self::Conflict(_)
            | Self::Changed(_)
            | Self::TooLarge(_)
            | Self::Refused { .. } => false,
        }
    }

    /// How long the target asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Millis> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(words) => write!(f, "not sent: {words}"),
            Self::Lost(words) => write!(f, "no answer: {words}"),
            Self::Garbage(words) => write!(f, "unreadable answer: {words}"),
            Self::Unauthorized(words) => write!(f, "401 unauthorized: {words}"),
            Self::NotFound(words) => write!(f, "404 not found: {words}"),
            Self::Conflict(words) => write!(f, "409 conflict: {words}"),
            Self::Changed(words) => write!(f, "412 changed over there: {words}"),
            Self::TooLarge(words) => write!(f, "413 too large: {words}"),
            Self::Busy { status, .. } => write!(f, "{status} later"),
            Self::Broken { status, words } | Self::Refused { status, words } => {
                write!(f, "{status}: {words}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_meaning() {
        let of = |status| Failure::of_status(status, String::new(), Some(7));
        let words = String::new;
        for (status, expected) in [
            (301, Failure::Garbage("status 301: ".into())),
            (400, Failure::Refused { status: 400, words: words() }),
            (401, Failure::Unauthorized(words())),
            (403, Failure::Refused { status: 403, words: words() }),
            (404, Failure::NotFound(words())),
            (409, Failure::Conflict(words())),
            (412, Failure::Changed(words())),
            (413, Failure::TooLarge(words())),
            (429, Failure::Busy { status: 429, retry_after: Some(7) }),
            (500, Failure::Broken { status: 500, words: words() }),
            (501, Failure::Refused { status: 501, words: words() }),
            (503, Failure::Busy { status: 503, retry_after: Some(7) }),
            (504, Failure::Broken { status: 504, words: words() }),
        ] {
            assert_eq!(of(status), expected, "{status}");
        }
        assert_eq!(of(503).retry_after(), Some(7));
        assert!(of(429).had_no_effect() && !of(503).had_no_effect(), "a gateway's 503 may follow an effect");
    }
}
