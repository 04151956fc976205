//! The notices on the pages of a login about the last attempt.

use axum::http::StatusCode;

use super::pages::{CodeNotice, PasswordNotice, SignInNotice};
use crate::domain::gates::Gate;
use crate::flow::login::refusal::SignInRefusal;
use crate::oidc::params::Params;

/// The notice on a page about the last attempt.
#[derive(Clone, Copy, Debug, Default)]
pub enum Notice {
    #[default]
    None,
    SignIn(SignInNotice),
    /// On a page that asks for a code.
    Code(CodeNotice),
    /// On the page for a new password.
    Password(PasswordNotice),
}

/// How a page is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct View {
    pub notice: Notice,
    /// A page for a code asks for a recovery code.
    pub recovery: bool,
}

impl View {
    /// With this notice; for a recovery code if a link or form field of the page asked for that.
    #[must_use]
    pub fn of(notice: Notice, params: &Params) -> Self {
        Self { notice, recovery: params.text("with") == "recovery" }
    }
}

impl From<Notice> for View {
    fn from(notice: Notice) -> Self {
        Self { notice, recovery: false }
    }
}

impl Notice {
    /// The notice on a page that asks for a code.
    #[must_use]
    pub fn code(self) -> Option<CodeNotice> {
        if let Self::Code(notice) = self { Some(notice) } else { None }
    }

    /// A refusal is not a success status: password managers then do not offer to save the password.
    pub fn status(self) -> StatusCode {
        match self {
            Self::None => StatusCode::OK,
            Self::SignIn(SignInNotice::Busy) => StatusCode::SERVICE_UNAVAILABLE,
            Self::SignIn(SignInNotice::TooMany(_) | SignInNotice::TooManyHere(_)) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Code(CodeNotice::Wait { .. }) | Self::Password(PasswordNotice::Wait { .. }) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            _ => StatusCode::FORBIDDEN,
        }
    }
}

/// The notice for a refusal.
pub fn of_refusal(refusal: SignInRefusal) -> SignInNotice {
    use Gate as G;
    match refusal {
        SignInRefusal::WhichDirectory => SignInNotice::MissingDomain,
        SignInRefusal::NotProven | SignInRefusal::Shut(G::Found) => SignInNotice::Refused,
        SignInRefusal::TooMany { minutes, known_browser: false } => SignInNotice::TooMany(minutes),
        SignInRefusal::TooMany { minutes, known_browser: true } => SignInNotice::TooManyHere(minutes),
        SignInRefusal::PasswordExpired => SignInNotice::PasswordExpired,
        SignInRefusal::MailTaken => SignInNotice::EmailTaken,
        SignInRefusal::LinkPending => SignInNotice::LinkPending,
        SignInRefusal::MailUnusable => SignInNotice::EmailUnusable,
        SignInRefusal::Shut(G::SsoEnabled) => SignInNotice::SsoDisabled,
        SignInRefusal::Shut(G::Bound) => SignInNotice::NotAllowedHere,
        SignInRefusal::Shut(G::Enabled) => SignInNotice::AccountDisabled,
        SignInRefusal::Shut(G::NotExpired) => SignInNotice::AccountExpired,
        SignInRefusal::Shut(G::PasswordAllowed) => SignInNotice::SmartCardRequired,
        SignInRefusal::Shut(G::NotLocked) => SignInNotice::AccountLocked,
        SignInRefusal::Shut(G::PasswordUsable) => SignInNotice::PasswordMustChange,
        SignInRefusal::Shut(G::InScope) => SignInNotice::OutOfScope,
        SignInRefusal::Shut(G::MailPresent) => SignInNotice::NoEmail,
        SignInRefusal::Shut(G::AccountExists) => SignInNotice::NoAccount,
        SignInRefusal::Shut(G::MailMatches) => SignInNotice::EmailDiffers,
        SignInRefusal::Shut(G::NotSuspended) => SignInNotice::AccountSuspended,
    }
}
