//! The error page: what happened, what to do next, and an id for the administrator.

use std::borrow::Cow;

use askama::Template;

use super::{KnownPerson, Language, ReturnTo};

/// An error that a person sees.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/error.html")]
pub struct ErrorPage {
    pub language: Language,
    pub kind: ErrorKind,
    /// For the administrator to look up.
    pub attempt_id: Option<String>,
    /// The link back, if the client is known.
    pub return_to: Option<ReturnTo>,
    /// Empty if not configured.
    pub help_contact: String,
    /// The person signed in at this browser.
    pub known_person: Option<KnownPerson>,
    /// Where the browser continues by itself after an outage.
    pub resume_at: Option<String>,
}

/// What went wrong, and on whose side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The client's sign-in request is malformed.
    BadRequest {
        /// One line for the client's developer: parameter names and rules, never a secret.
        detail: String,
    },
    /// The client's sign-out request is malformed.
    BadSignOut {
        /// One line for the client's developer.
        detail: String,
    },
    /// A form of ours is unreadable.
    BadForm {
        /// One line for the developer.
        detail: String,
    },
    /// A form outside a login is too old, or not ours.
    FormExpired,
    UnknownClient,
    /// The redirect URI is not registered, so nothing is sent there.
    BadRedirectUri,
    /// The login is too old, or was started in another browser.
    LoginExpired,
    /// No server of the company's directory responds.
    DirectoryUnavailable,
    /// The database or the short-lived state is unavailable.
    StorageUnavailable,
    /// Too many people sign in at once; this request was refused to limit the load.
    Busy,
    /// Too many requests from this person or address.
    TooManyRequests {
        retry_after_seconds: u32,
    },
    NotFound,
    MethodNotAllowed,
    /// More was sent than any form of ours holds.
    TooLarge,
    /// Our fault: the page shows an id only.
    Internal,
    /// The person is signed in and has no role in the admin panel.
    NoAdminRole,
    /// The role of the admin does not allow it.
    AdminForbidden,
    /// A break-glass link that is unknown, used or too old.
    AdminLinkUnusable,
    /// The session of a break-glass link is too old for what was asked.
    AdminLinkOld,
    /// The directory can't confirm the role of the admin.
    AdminRoleUnconfirmed,
    /// Too many forms of admins wait to be confirmed.
    TooManyDrafts,
}

impl ErrorKind {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest { .. } | Self::BadSignOut { .. } | Self::BadForm { .. } | Self::FormExpired => {
                400
            }
            Self::UnknownClient | Self::BadRedirectUri | Self::LoginExpired => 400,
            Self::NoAdminRole | Self::AdminForbidden => 403,
            Self::AdminLinkUnusable | Self::AdminLinkOld => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooLarge => 413,
            Self::TooManyRequests { .. } => 429,
            Self::Internal => 500,
            Self::DirectoryUnavailable
            | Self::StorageUnavailable
            | Self::Busy
            | Self::AdminRoleUnconfirmed
            | Self::TooManyDrafts => 503,
        }
    }

    /// The key of its title.
    pub(in crate::web) fn key(&self) -> &'static str {
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
            Self::NoAdminRole => "error-no-admin-role",
            Self::AdminForbidden => "error-admin-forbidden",
            Self::AdminLinkUnusable => "error-admin-link",
            Self::AdminLinkOld => "error-admin-link-old",
            Self::AdminRoleUnconfirmed => "error-admin-role",
            Self::TooManyDrafts => "error-too-many-drafts",
        }
    }

    /// The picture above the heading.
    fn icon(&self) -> &'static str {
        match self {
            Self::LoginExpired
            | Self::FormExpired
            | Self::Busy
            | Self::TooManyRequests { .. }
            | Self::AdminLinkOld
            | Self::TooManyDrafts => "clock",
            Self::DirectoryUnavailable | Self::StorageUnavailable | Self::AdminRoleUnconfirmed => "unplugged",
            Self::NoAdminRole | Self::AdminForbidden => "lock",
            Self::NotFound | Self::MethodNotAllowed => "compass",
            _ => "alert",
        }
    }

    /// One line for the developer.
    pub(in crate::web) fn detail(&self) -> Option<&str> {
        match self {
            Self::BadRequest { detail } | Self::BadSignOut { detail } | Self::BadForm { detail } => {
                Some(detail.as_str()).filter(|detail| !detail.is_empty())
            }
            _ => None,
        }
    }

    /// What the person should do.
    pub(in crate::web) fn next_step(&self, language: Language) -> Cow<'static, str> {
        match self {
            Self::TooManyRequests { retry_after_seconds: seconds @ ..=120 } => {
                language.with("error-too-many-requests.seconds", "count", *seconds)
            }
            Self::TooManyRequests { retry_after_seconds } => {
                language.with("error-too-many-requests.minutes", "count", retry_after_seconds.div_ceil(60))
            }
            _ => language.text(&format!("{}.next", self.key())),
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
    fn a_wait_is_shown_in_seconds_and_then_in_minutes() {
        for (retry_after_seconds, english, german) in [
            (1, "1 second", "1 Sekunde"),
            (90, "90 seconds", "90 Sekunden"),
            (601, "11 minutes", "11 Minuten"),
        ] {
            let kind = ErrorKind::TooManyRequests { retry_after_seconds };
            assert!(
                kind.next_step(Language::English).contains(english),
                "{}",
                kind.next_step(Language::English)
            );
            assert!(
                kind.next_step(Language::German).contains(german),
                "{}",
                kind.next_step(Language::German)
            );
        }
    }
}
