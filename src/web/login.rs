//! Shows the current page of a login, and handles the form with user name and password.

use axum::response::Response;

use super::browser::login_url;
use super::error::{BUSY_SECONDS, with_retry_after};
use super::form::bad_form;
use super::login_page::show;
use super::notice::{Notice, View};
use super::open_login::{LoginContext, LoginForm, LoginView};
use super::outcome::step_response;
use super::pages::SignInNotice;
use super::unfinished::AFTER_OUTAGE;
use crate::domain::entry::DirectoryId;
use crate::domain::secret::Plain;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::fault::{Blame, Fault};
use crate::flow::login::advance::advance;
use crate::flow::login::outcome::LoginOutcome;
use crate::flow::login::page::LoginPage;
use crate::flow::login::pending::{self, Pending};
use crate::flow::login::sign_in::{Credentials, sign_in};

/// `GET /login`.
pub async fn page(LoginView(view): LoginView) -> Response {
    if view.text(AFTER_OUTAGE.0) == AFTER_OUTAGE.1
        && let Err(error) = view.parts().stores_answer().await
    {
        return view.login().context.fail(&error);
    }
    match advance(view.step_request(), view.pending.progress.clone()).await {
        Ok(LoginOutcome::Show(page, next)) if next.id == view.pending.id => {
            show(view.login(), page, View::of(Notice::None, &view.params)).await
        }
        outcome => step_response(view.login(), outcome).await,
    }
}

/// `POST /login`.
pub async fn submit(LoginForm(form): LoginForm) -> Response {
    let login @ LoginContext { pending, browser, .. } = form.login();
    let (typed_name, password) = match (form.params.value("username"), form.params.value("password")) {
        (Ok(typed_name), Ok(password)) => (typed_name.unwrap_or_default(), password.unwrap_or_default()),
        (Err(error), _) | (_, Err(error)) => return bad_form(&login.context, &error),
    };
    let notice = if !form.is_genuine() {
        Some(SignInNotice::TryAgainExpired)
    } else if typed_name.trim().is_empty() {
        Some(SignInNotice::MissingUsername)
    } else if password.is_empty() {
        Some(SignInNotice::MissingPassword)
    } else {
        None
    };
    let named = with_typed_name(pending, typed_name, form.text("directory"));
    let with_name = LoginContext { pending: &named, ..login };
    if let Some(notice) = notice {
        return show(with_name, LoginPage::SignIn, Notice::SignIn(notice)).await;
    }
    let directory = named.progress.directory.as_ref();
    let credentials = Credentials { typed_name, directory, password: Plain::new(password) };
    match sign_in(form.step_request(), credentials).await {
        Ok(LoginOutcome::Refused(refusal, _)) => {
            step_response(login, Ok(LoginOutcome::Refused(refusal, Box::new(named)))).await
        }
        Err(fault) if fault.blame() == Blame::TooMany => busy(with_name, &fault).await,
        // The name is kept, sealed; the password never is.
        Err(error) => {
            let kept = pending::advanced(form.parts(), pending, &named.progress, &browser.id);
            login.context.fail_at(&error, login_url(kept.as_ref().unwrap_or(pending)))
        }
        outcome => step_response(login, outcome).await,
    }
}

/// Too many people sign in at once: shows the same page with the typed name; only the password is missing.
async fn busy(login: LoginContext<'_>, fault: &Fault) -> Response {
    let id = &login.context.visit.attempt_id;
    tracing::warn!(%id, error = %Causes(fault), "a sign-in was refused: too many at once");
    let page = show(login, LoginPage::SignIn, Notice::SignIn(SignInNotice::Busy)).await;
    with_retry_after(page, BUSY_SECONDS)
}

/// The same login, with the typed name and domain for the next page.
fn with_typed_name(pending: &Pending, typed_name: &str, directory: &str) -> Pending {
    let mut same = pending.clone();
    typed_name.clone_into(&mut same.progress.typed_name);
    same.progress.directory = (!directory.is_empty()).then(|| DirectoryId(directory.to_owned()));
    same
}
