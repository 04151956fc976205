//! Handles the forms of a login after the password: codes, setting up an authenticator, a new password.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::error::{RequestContext, with_retry_after};
use super::form::{Form, url};
use super::outcome::{Notice, View, cancelled_response, frame, show, step_response};
use super::pages::{CodeNotice, ErrorKind, PageScripts, PasswordNotice, RecoveryCodeUsed, RecoveryCodes};
use super::reply::{html_towards, see_other};
use super::state::Web;
use crate::domain::login::Progress;
use crate::domain::secret::Plain;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::Visit;
use crate::flow::installation::fault::{Blame, Fault};
use crate::flow::login::advance::advance;
use crate::flow::login::expired_password::{self, ExpiredPasswordChange};
use crate::flow::login::outcome::LoginOutcome;
use crate::flow::login::page::LoginPage;
use crate::flow::login::pending::{self, Pending};
use crate::flow::login::second_factor::{self, CodeResult, SetUp};

/// Opens the form of a step, which must be our own, and runs `story` on it.
macro_rules! step {
    ($name:ident, $path:literal, $story:path) => {
        #[doc = concat!("`POST ", $path, "`.")]
        pub async fn $name(
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
            let context =
                RequestContext { web: &web, visit: &visit, language: form.language(&headers), client };
            if !form.is_genuine(&web) {
                return context.page(ErrorKind::LoginExpired);
            }
            $story(&context, &form).await
        }
    };
}

step!(cancel, "/login/cancel", cancel_login);
step!(code, "/login/factor", answer_code);
step!(invitation, "/login/invitation", answer_invitation);
step!(enrol, "/login/enrol", set_up);
step!(later, "/login/enrol/later", postpone);
step!(go_on, "/login/recovery-codes", continue_unchanged);
step!(password, "/login/password", change_password);

async fn next(context: &RequestContext<'_>, form: &Form, progress: Progress) -> Result<LoginOutcome, Fault> {
    let current = context.web.parts.current();
    advance(&context.web.parts, form.step(context, &current), progress).await
}

/// Continues the login with what is now proven. The code is already spent: if the next step's backend is
/// unavailable, the browser is redirected to a page that says so and can be reopened later.
async fn continue_login(context: &RequestContext<'_>, form: &Form, progress: Progress) -> Response {
    let outcome = next(context, form, progress.clone()).await;
    if let Err(fault) = &outcome
        && matches!(fault.blame(), Blame::Directory | Blame::Storage | Blame::Crowd)
        && let Ok(reached) = advanced(context, form, &progress)
        && reached.id != form.pending.id
    {
        tracing::warn!(id = %context.visit.attempt_id, error = %Causes(fault), "a login is interrupted after a step");
        return see_other(&url(&reached));
    }
    step_response(context, &form.pending, &form.browser, outcome).await
}

/// Shows the form's page again with a notice; `None` shows the login's current page.
async fn show_again(context: &RequestContext<'_>, form: &Form, notice: Notice) -> Response {
    let view = View::of(notice, &form.params);
    match next(context, form, form.pending.progress.clone()).await {
        Ok(LoginOutcome::Show(page, pending)) => show(context, &pending, &form.browser, page, view).await,
        outcome => step_response(context, &form.pending, &form.browser, outcome).await,
    }
}

/// A required wait is shown on the page itself, so that nothing typed is lost; other faults have a page.
async fn failed(context: &RequestContext<'_>, form: &Form, fault: &Fault) -> Response {
    match fault.blame() {
        Blame::Haste(retry_after_seconds) => {
            let notice = Notice::Code(CodeNotice::Wait { retry_after_seconds });
            with_retry_after(show_again(context, form, notice).await, retry_after_seconds)
        }
        _ => context.fail_at(fault, url(&form.pending)),
    }
}

/// The person cancels: the client gets `access_denied` (RFC 6749 section 4.1.2.1).
async fn cancel_login(context: &RequestContext<'_>, form: &Form) -> Response {
    match pending::cancel(&context.web.parts, &form.pending).await {
        Ok(()) => cancelled_response(context, &form.pending.request, form.browser.session.is_some()),
        Err(fault) => context.fail(&fault),
    }
}

async fn answer_code(context: &RequestContext<'_>, form: &Form) -> Response {
    let (parts, current, code) = (&context.web.parts, context.web.parts.current(), form.text("code"));
    if code.trim().is_empty() {
        return show_again(context, form, Notice::Code(CodeNotice::Missing)).await;
    }
    let step = form.step(context, &current);
    let answered = if form.pending.progress.factor_first {
        second_factor::submit_code_first(parts, step, code).await
    } else {
        second_factor::submit_code(parts, step, code, form.text("remember") == "yes").await
    };
    match answered {
        Ok(CodeResult::Right { progress, left: Some(left) }) => {
            recovery_code_used(context, form, *progress, left).await
        }
        Ok(CodeResult::Right { progress, left: None }) => continue_login(context, form, *progress).await,
        Ok(CodeResult::Wrong) => show_again(context, form, Notice::Code(CodeNotice::Wrong)).await,
        Ok(CodeResult::AlreadyUsed) => show_again(context, form, Notice::Code(CodeNotice::AlreadyUsed)).await,
        Err(fault) => failed(context, form, &fault).await,
    }
}

async fn answer_invitation(context: &RequestContext<'_>, form: &Form) -> Response {
    let (current, code) = (context.web.parts.current(), form.text("code"));
    if code.trim().is_empty() {
        return show_again(context, form, Notice::Code(CodeNotice::Missing)).await;
    }
    match second_factor::redeem(&context.web.parts, form.step(context, &current), code).await {
        Ok(CodeResult::Right { progress, .. }) => continue_login(context, form, *progress).await,
        Ok(_) => show_again(context, form, Notice::Code(CodeNotice::Wrong)).await,
        Err(fault) => failed(context, form, &fault).await,
    }
}

/// A recovery code was used: the person sees how many are left before the login continues.
async fn recovery_code_used(
    context: &RequestContext<'_>,
    form: &Form,
    progress: Progress,
    left: u32,
) -> Response {
    let made = advanced(context, form, &progress);
    match made {
        Ok(pending) => match frame(context, &pending, &form.browser, LoginPage::SecondFactor).await {
            Ok(frame) => {
                let page = RecoveryCodeUsed { language: context.language, frame, left };
                html_towards(&page, &pending.request.redirect_uri, PageScripts::None)
            }
            Err(fault) => context.fail_at(&fault, url(&pending)),
        },
        Err(fault) => context.fail(&fault),
    }
}

fn advanced(context: &RequestContext<'_>, form: &Form, progress: &Progress) -> Result<Pending, Fault> {
    pending::advanced(&context.web.parts, &form.pending, progress, &form.browser.id)
}

/// Only a person who must and may set up a factor gets here; each form checks that again.
async fn set_up(context: &RequestContext<'_>, form: &Form) -> Response {
    match next(context, form, form.pending.progress.clone()).await {
        Ok(LoginOutcome::Show(LoginPage::Enrol { .. }, _)) => {}
        outcome => return step_response(context, &form.pending, &form.browser, outcome).await,
    }
    let (current, code) = (context.web.parts.current(), form.text("code"));
    if code.trim().is_empty() {
        return show_again(context, form, Notice::Code(CodeNotice::Missing)).await;
    }
    let step = form.step(context, &current);
    match second_factor::set_up(&context.web.parts, step, code, form.text("name")).await {
        Ok(SetUp::Done { codes, progress }) if codes.is_empty() => {
            continue_login(context, form, *progress).await
        }
        Ok(SetUp::Done { codes, progress }) => show_recovery_codes(context, form, &progress, codes).await,
        Ok(SetUp::WrongCode) => show_again(context, form, Notice::Code(CodeNotice::Wrong)).await,
        Ok(SetUp::NotHere) => show_again(context, form, Notice::None).await,
        Err(fault) => failed(context, form, &fault).await,
    }
}

/// Shows the recovery codes, once: they are in this response and nowhere else.
async fn show_recovery_codes(
    context: &RequestContext<'_>,
    form: &Form,
    progress: &Progress,
    codes: Vec<String>,
) -> Response {
    let pending = match advanced(context, form, progress) {
        Ok(pending) => pending,
        Err(fault) => return context.fail(&fault),
    };
    let frame = match frame(context, &pending, &form.browser, LoginPage::SecondFactor).await {
        Ok(frame) => frame,
        Err(fault) => return context.fail_at(&fault, url(&pending)),
    };
    let page = RecoveryCodes {
        language: context.language,
        frame: Some(frame),
        codes,
        site: context.web.brand().look.names(),
        username: progress.typed_name.clone(),
        csrf_token: String::new(),
    };
    html_towards(&page, &pending.request.redirect_uri, PageScripts::Own)
}

async fn postpone(context: &RequestContext<'_>, form: &Form) -> Response {
    continue_login(context, form, Progress { put_off: true, ..form.pending.progress.clone() }).await
}

async fn continue_unchanged(context: &RequestContext<'_>, form: &Form) -> Response {
    continue_login(context, form, form.pending.progress.clone()).await
}

/// The factor comes before the new password: knowing only the old password changes nothing.
async fn change_password(context: &RequestContext<'_>, form: &Form) -> Response {
    match next(context, form, form.pending.progress.clone()).await {
        Ok(LoginOutcome::Show(LoginPage::NewPassword, _)) => {}
        outcome => return step_response(context, &form.pending, &form.browser, outcome).await,
    }
    let (old, new) = (form.text("current"), form.text("new"));
    if let Some(notice) = PasswordNotice::of_fields(old, new, form.text("again")) {
        return show_again(context, form, Notice::Password(notice)).await;
    }
    let (old, new) = (Plain::new(old), Plain::new(new));
    let current = context.web.parts.current();
    let step = form.step(context, &current);
    let notice = match expired_password::change(&context.web.parts, step, &old, &new).await {
        Ok(ExpiredPasswordChange::Done(progress)) => return continue_login(context, form, *progress).await,
        Ok(ExpiredPasswordChange::WrongOldPassword) => PasswordNotice::WrongCurrent,
        Ok(ExpiredPasswordChange::Refused(why)) => PasswordNotice::of_refusal(why),
        Err(fault) => return failed(context, form, &fault).await,
    };
    show_again(context, form, Notice::Password(notice)).await
}
