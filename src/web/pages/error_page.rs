//! The page for what went wrong on the way: what happened, what to do, and an id for the admin.

use std::borrow::Cow;

use askama::Template;

use super::{KnownPerson, Language, ReturnTo};

/// An error that a person sees.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    /// The language of the page.
    pub language: Language,
    /// What went wrong.
    pub kind: ErrorKind,
    /// The attempt or request, for the admin to look up.
    pub attempt_id: Option<String>,
    /// The way back to the client, when the client is known.
    pub return_to: Option<ReturnTo>,
    /// Whom to ask, in the admin's own words; empty if nothing is set.
    pub help_contact: String,
    /// Who is signed in at this browser.
    pub known_person: Option<KnownPerson>,
    /// Where the browser goes on by itself, after an outage.
    pub go_on: Option<String>,
}

/// What went wrong, named by whose fault it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The client's request for a sign-in is malformed.
    BadRequest {
        /// One line for the client's developer: parameter names and rules, never a secret.
        detail: String,
    },
    /// The client's request for a sign-out is malformed.
    BadSignOut {
        /// The same.
        detail: String,
    },
    /// A form of ours came in a way that can't be read.
    BadForm {
        /// The same.
        detail: String,
    },
    /// A form that belongs to no login is too old, or not ours.
    FormExpired,
    /// The request names a client that is not registered.
    UnknownClient,
    /// The redirect URI is not one that is registered, so nothing is sent there.
    BadRedirectUri,
    /// The login is too old, or was started in another browser.
    LoginExpired,
    /// No server of the company's directory answers.
    DirectoryUnavailable,
    /// The store or the short-lived state is away.
    StorageUnavailable,
    /// Too many people at once; this request was turned away on purpose.
    Busy,
    /// This person or address asks too often.
    TooManyRequests {
        /// When to come back.
        retry_after_seconds: u32,
    },
    /// There is no such page.
    NotFound,
    /// The page exists, but not for this method.
    MethodNotAllowed,
    /// More was sent than any form of ours holds.
    TooLarge,
    /// Our fault: an id and nothing else.
    Internal,
}

impl ErrorKind {
    /// The HTTP status that belongs to it.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest { .. } | Self::BadSignOut { .. } | Self::BadForm { .. } | Self::FormExpired => {
                400
            }
            Self::UnknownClient | Self::BadRedirectUri | Self::LoginExpired => 400,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooLarge => 413,
            Self::TooManyRequests { .. } => 429,
            Self::Internal => 500,
            Self::DirectoryUnavailable | Self::StorageUnavailable | Self::Busy => 503,
        }
    }

    fn key(&self) -> &'static str {
        match self {
            Self::BadRequest { .. } => "error-bad-request",
            Self::BadSignOut { .. } => "error-bad-sign-out",
            Self::BadForm { .. } => "error-bad-form",
            Self::FormExpired => "error-form-expired",
            Self::UnknownClient => "error-unknown-client",
            Self::BadRedirectUri => "error-bad-redirect-uri",
            Self::LoginExpired => "error-login-expired",
            Self::DirectoryUnavailable => "error-directory-unavailable",
            Self::StorageUnavailable => "error-storage-unavailable",
            Self::Busy => "error-busy",
            Self::TooManyRequests { .. } => "error-too-many-requests",
            Self::NotFound => "error-not-found",
            Self::MethodNotAllowed => "error-method-not-allowed",
            Self::TooLarge => "error-too-large",
            Self::Internal => "error-internal",
        }
    }

    /// The picture above the heading.
    fn icon(&self) -> &'static str {
        match self {
            Self::LoginExpired | Self::FormExpired | Self::Busy | Self::TooManyRequests { .. } => "clock",
            Self::DirectoryUnavailable | Self::StorageUnavailable => "unplugged",
            Self::NotFound | Self::MethodNotAllowed => "compass",
            _ => "alert",
        }
    }

    fn detail(&self) -> Option<&str> {
        match self {
            Self::BadRequest { detail } | Self::BadSignOut { detail } | Self::BadForm { detail } => {
                Some(detail.as_str()).filter(|detail| !detail.is_empty())
            }
            _ => None,
        }
    }

    /// What to do about it.
    pub(super) fn mend(&self, language: Language) -> Cow<'static, str> {
        match self {
            Self::TooManyRequests { retry_after_seconds: seconds @ ..=120 } => {
                language.with("error-too-many-requests.seconds", "count", *seconds)
            }
            Self::TooManyRequests { retry_after_seconds } => {
                language.with("error-too-many-requests.minutes", "count", retry_after_seconds.div_ceil(60))
            }
            _ => language.text(&format!("{}.mend", self.key())),
        }
    }

    fn what(&self, language: Language) -> Cow<'static, str> {
        language.text(&format!("{}.what", self.key()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_seconds_and_then_in_minutes() {
        for (retry_after_seconds, english, german) in [
            (1, "1 second", "1 Sekunde"),
            (90, "90 seconds", "90 Sekunden"),
            (601, "11 minutes", "11 Minuten"),
        ] {
            let kind = ErrorKind::TooManyRequests { retry_after_seconds };
            assert!(kind.mend(Language::English).contains(english), "{}", kind.mend(Language::English));
            assert!(kind.mend(Language::German).contains(german), "{}", kind.mend(Language::German));
        }
    }
}
