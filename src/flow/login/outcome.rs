//! What one request of a login leads to.

use crate::domain::login::Progress;
use crate::flow::installation::fault::Fault;
use crate::flow::login::issue::Issued;
use crate::flow::login::page::LoginPage;
use crate::flow::login::pending::{self, Pending};
use crate::flow::login::refusal::SignInRefusal;
use crate::flow::login::step::StepRequest;
use crate::oidc::error::OAuthError;

/// The response to one step of a login.
#[derive(Debug)]
pub enum LoginOutcome {
    Show(LoginPage, Box<Pending>),
    /// The sign-in page, with the reason why the last attempt was refused.
    Refused(SignInRefusal, Box<Pending>),
    /// Redirect to where the person came from, with the session and the code.
    Issued(Issued),
    /// Redirect to the client with this error.
    Denied(OAuthError),
}

impl LoginOutcome {
    /// Shows a page of the login, which carries the progress so far.
    pub(super) fn show(step: StepRequest<'_>, page: LoginPage, progress: &Progress) -> Result<Self, Fault> {
        let pending = match step.pending.progress == *progress {
            true => step.pending.clone(),
            false => pending::advanced(step.parts, step.pending, progress, &step.browser.id)?,
        };
        Ok(Self::Show(page, Box::new(pending)))
    }

    /// Refuses the person; the login stays as it was.
    pub(super) fn refused(step: StepRequest<'_>, refusal: SignInRefusal) -> Self {
        Self::Refused(refusal, Box::new(step.pending.clone()))
    }
}
