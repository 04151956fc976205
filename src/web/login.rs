//! Shows the current page of a login, and handles the form with user name and password.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::error::{AFTER_OUTAGE, BUSY_SECONDS, RequestContext, with_retry_after};
use super::form::{self, Form};
use super::outcome::{Notice, View, show, step_response};
use super::pages::{ErrorKind, SignInNotice};
use super::reply::language;
use super::state::Web;
use crate::domain::entry::DirectoryId;
use crate::domain::secret::Plain;
use crate::flow::installation::browser::Browser;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::Visit;
use crate::flow::installation::fault::{Blame, Fault};
use crate::flow::login::advance::advance;
use crate::flow::login::outcome::LoginOutcome;
use crate::flow::login::page::LoginPage;
use crate::flow::login::pending::{self, Pending};
use crate::flow::login::sign_in::{Credentials, sign_in};
use crate::flow::login::step::StepRequest;
use crate::oidc::params::Params;

/// `GET /login`.
pub async fn page(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let current = web.parts.current();
    let params = Params::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let client_id = params.value("client_id").ok().flatten();
    let client = client_id.and_then(|id| current.settings.client(id));
    let context = RequestContext { web: &web, visit: &visit, language: language(&headers, &[]), client };
    let browser = match form::browser(&web, &headers).await {
        Ok(browser) => browser,
        Err(error) => return context.fail(&error),
    };
    let id = params.value("p").ok().flatten().unwrap_or_default();
    let pending = match pending::load(&web.parts, id, &browser.id).await {
        Ok(pending) => pending,
        Err(error) => return context.fail_to_open(&error, client_id),
    };
    let language = language(&headers, &pending.request.ui_locales);
    let context =
        RequestContext { language, client: current.settings.client(&pending.request.client_id), ..context };
    if params.value(AFTER_OUTAGE.0) == Ok(Some(AFTER_OUTAGE.1))
        && let Err(error) = web.parts.stores_answer().await
    {
        return context.fail(&error);
    }
    let step = StepRequest { current: &current, visit: &visit, pending: &pending, browser: &browser };
    match advance(&web.parts, step, pending.progress.clone()).await {
        Ok(LoginOutcome::Show(page, next)) if next.id == pending.id => {
            show(&context, &pending, &browser, page, View::of(Notice::None, &params)).await
        }
        outcome => step_response(&context, &pending, &browser, outcome).await,
    }
}

/// `POST /login`.
pub async fn submit(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match Form::open(&web, &visit, &headers, &body).await {
        Ok(form) => form,
        Err(response) => return *response,
    };
    let current = web.parts.current();
    let client = current.settings.client(&form.pending.request.client_id);
    let context = RequestContext { web: &web, visit: &visit, language: form.language(&headers), client };
    let (typed_name, password) = match (form.params.value("username"), form.params.value("password")) {
        (Ok(typed_name), Ok(password)) => (typed_name.unwrap_or_default(), password.unwrap_or_default()),
        (Err(error), _) | (_, Err(error)) => {
            return context.page(ErrorKind::BadForm { detail: error.to_string() });
        }
    };
    let notice = if !form.is_genuine(&web) {
        Some(SignInNotice::TryAgainExpired)
    } else if typed_name.trim().is_empty() {
        Some(SignInNotice::MissingUsername)
    } else if password.is_empty() {
        Some(SignInNotice::MissingPassword)
    } else {
        None
    };
    let named = with_typed_name(&form.pending, typed_name, form.text("directory"));
    if let Some(notice) = notice {
        return show(&context, &named, &form.browser, LoginPage::SignIn, Notice::SignIn(notice)).await;
    }
    let directory = named.progress.directory.as_ref();
    let credentials = Credentials { typed_name, directory, password: Plain::new(password) };
    match sign_in(&web.parts, form.step(&context, &current), credentials).await {
        Ok(LoginOutcome::Refused(refusal, _)) => {
            let refused = Ok(LoginOutcome::Refused(refusal, Box::new(named)));
            step_response(&context, &form.pending, &form.browser, refused).await
        }
        Err(fault) if fault.blame() == Blame::Crowd => busy(&context, &named, &form.browser, &fault).await,
        // The name is kept, sealed; the password never is.
        Err(error) => {
            let kept = pending::advanced(&web.parts, &form.pending, &named.progress, &form.browser.id);
            context.fail_at(&error, form::url(kept.as_ref().unwrap_or(&form.pending)))
        }
        outcome => step_response(&context, &form.pending, &form.browser, outcome).await,
    }
}

/// Too many people sign in at once: shows the same page with the typed name; only the password is missing.
async fn busy(context: &RequestContext<'_>, pending: &Pending, browser: &Browser, fault: &Fault) -> Response {
    tracing::warn!(id = %context.visit.attempt_id, error = %Causes(fault), "a sign-in was refused: too many at once");
    let page = show(context, pending, browser, LoginPage::SignIn, Notice::SignIn(SignInNotice::Busy)).await;
    with_retry_after(page, BUSY_SECONDS)
}

/// The same login, with the typed name and domain for the next page.
fn with_typed_name(pending: &Pending, typed_name: &str, directory: &str) -> Pending {
    let mut same = pending.clone();
    typed_name.clone_into(&mut same.progress.typed_name);
    same.progress.directory = (!directory.is_empty()).then(|| DirectoryId(directory.to_owned()));
    same
}
