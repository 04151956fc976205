//! Handles the other forms of a login: codes, setting up an authenticator, a new password, and "Cancel".

use axum::response::Response;

use super::browser::login_url;
use super::error::with_retry_after;
use super::login_page::{frame, show};
use super::notice::{Notice, View};
use super::open_login::{LoginContext, OpenLogin, OwnForm};
use super::outcome::{cancelled_response, step_response};
use super::pages::{CodeNotice, LoginFrame, PageScripts, PasswordNotice, RecoveryCodeUsed, RecoveryCodes};
use super::reply::{html_towards, see_other};
use crate::domain::login::Progress;
use crate::domain::secret::Plain;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::fault::{Blame, Fault};
use crate::flow::login::advance::advance;
use crate::flow::login::expired_password::{self, ExpiredPasswordChange};
use crate::flow::login::outcome::LoginOutcome;
use crate::flow::login::page::LoginPage;
use crate::flow::login::pending::{self, Pending};
use crate::flow::login::second_factor::{self, CodeResult, SetUp};

async fn next(form: &OpenLogin, progress: Progress) -> Result<LoginOutcome, Fault> {
    advance(form.step_request(), progress).await
}

/// Continues the login with what is now proven. The code is already spent: if the next step's backend is
/// unavailable, the browser is redirected to a page that says so and can be reopened later.
async fn continue_login(form: &OpenLogin, progress: Progress) -> Response {
    let outcome = next(form, progress.clone()).await;
    if let Err(fault) = &outcome
        && matches!(fault.blame(), Blame::Directory | Blame::Storage | Blame::TooMany)
        && let Ok(reached) = advanced(form, &progress)
        && reached.id != form.pending.id
    {
        tracing::warn!(id = %form.request.visit.attempt_id, error = %Causes(fault), "a login is interrupted after a step");
        return see_other(&login_url(&reached));
    }
    step_response(form.login(), outcome).await
}

/// Shows the form's page again with a notice; `None` shows the login's current page.
async fn show_again(form: &OpenLogin, notice: Notice) -> Response {
    let view = View::of(notice, &form.params);
    match next(form, form.pending.progress.clone()).await {
        Ok(LoginOutcome::Show(page, pending)) => {
            show(LoginContext { pending: &pending, ..form.login() }, page, view).await
        }
        outcome => step_response(form.login(), outcome).await,
    }
}

/// A required wait is shown on the page itself, so that nothing typed is lost; other faults have a page.
async fn failed(form: &OpenLogin, fault: &Fault) -> Response {
    match fault.blame() {
        Blame::RetryAfter(retry_after_seconds) => {
            let notice = Notice::Code(CodeNotice::Wait { retry_after_seconds });
            with_retry_after(show_again(form, notice).await, retry_after_seconds)
        }
        _ => form.login().context.fail_at(fault, login_url(&form.pending)),
    }
}

/// `POST /login/cancel`: the person cancels: the client gets `access_denied` (RFC 6749 section 4.1.2.1).
pub async fn cancel(OwnForm(form): OwnForm) -> Response {
    match pending::cancel(form.parts(), &form.pending).await {
        Ok(()) => {
            cancelled_response(&form.login().context, &form.pending.request, form.browser.session.is_some())
        }
        Err(fault) => form.login().context.fail(&fault),
    }
}

/// `POST /login/factor`.
pub async fn code(OwnForm(form): OwnForm) -> Response {
    let (step, code) = (form.step_request(), form.text("code"));
    if code.trim().is_empty() {
        return show_again(&form, Notice::Code(CodeNotice::Missing)).await;
    }
    let answered = if form.pending.progress.factor_first {
        second_factor::submit_code_first(step, code).await
    } else {
        second_factor::submit_code(step, code, form.text("remember") == "yes").await
    };
    match answered {
        Ok(CodeResult::Right { progress, left: Some(left) }) => {
            recovery_code_used(&form, *progress, left).await
        }
        Ok(CodeResult::Right { progress, left: None }) => continue_login(&form, *progress).await,
        Ok(CodeResult::Wrong) => show_again(&form, Notice::Code(CodeNotice::Wrong)).await,
        Ok(CodeResult::AlreadyUsed) => show_again(&form, Notice::Code(CodeNotice::AlreadyUsed)).await,
        Err(fault) => failed(&form, &fault).await,
    }
}

/// `POST /login/invitation`.
pub async fn invitation(OwnForm(form): OwnForm) -> Response {
    let code = form.text("code");
    if code.trim().is_empty() {
        return show_again(&form, Notice::Code(CodeNotice::Missing)).await;
    }
    match second_factor::redeem(form.step_request(), code).await {
        Ok(CodeResult::Right { progress, .. }) => continue_login(&form, *progress).await,
        Ok(_) => show_again(&form, Notice::Code(CodeNotice::Wrong)).await,
        Err(fault) => failed(&form, &fault).await,
    }
}

/// A recovery code was used: the person sees how many are left before the login continues.
async fn recovery_code_used(form: &OpenLogin, progress: Progress, left: u32) -> Response {
    let language = form.login().context.language;
    match after_step(form, &progress).await {
        Ok((pending, frame)) => {
            let page = RecoveryCodeUsed { language, frame, left };
            html_towards(&page, &pending.request.redirect_uri, PageScripts::None)
        }
        Err(response) => response,
    }
}

/// The login after a step, and the frame of a page that is shown before the next step.
async fn after_step(form: &OpenLogin, progress: &Progress) -> Result<(Pending, LoginFrame), Response> {
    let login = form.login();
    let pending = advanced(form, progress).map_err(|fault| login.context.fail(&fault))?;
    match frame(LoginContext { pending: &pending, ..login }, LoginPage::SecondFactor).await {
        Ok(frame) => Ok((pending, frame)),
        Err(fault) => Err(login.context.fail_at(&fault, login_url(&pending))),
    }
}

fn advanced(form: &OpenLogin, progress: &Progress) -> Result<Pending, Fault> {
    pending::advanced(form.parts(), &form.pending, progress, &form.browser.id)
}

/// `POST /login/enrol`: only a person who must and may set up a factor gets here; each form checks that again.
pub async fn enrol(OwnForm(form): OwnForm) -> Response {
    match next(&form, form.pending.progress.clone()).await {
        Ok(LoginOutcome::Show(LoginPage::Enrol { .. }, _)) => {}
        outcome => return step_response(form.login(), outcome).await,
    }
    let code = form.text("code");
    if code.trim().is_empty() {
        return show_again(&form, Notice::Code(CodeNotice::Missing)).await;
    }
    match second_factor::set_up(form.step_request(), code, form.text("name")).await {
        Ok(SetUp::Done { codes, progress }) if codes.is_empty() => continue_login(&form, *progress).await,
        Ok(SetUp::Done { codes, progress }) => show_recovery_codes(&form, &progress, codes).await,
        Ok(SetUp::WrongCode) => show_again(&form, Notice::Code(CodeNotice::Wrong)).await,
        Ok(SetUp::NotHere) => show_again(&form, Notice::None).await,
        Err(fault) => failed(&form, &fault).await,
    }
}

/// Shows the recovery codes, once: they are in this response and nowhere else.
async fn show_recovery_codes(form: &OpenLogin, progress: &Progress, codes: Vec<String>) -> Response {
    let (pending, frame) = match after_step(form, progress).await {
        Ok(after) => after,
        Err(response) => return response,
    };
    let context = form.login().context;
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

/// `POST /login/enrol/later`.
pub async fn later(OwnForm(form): OwnForm) -> Response {
    continue_login(&form, Progress { put_off: true, ..form.pending.progress.clone() }).await
}

/// `POST /login/recovery-codes`.
pub async fn go_on(OwnForm(form): OwnForm) -> Response {
    continue_login(&form, form.pending.progress.clone()).await
}

/// `POST /login/password`: the factor comes before the new password: knowing only the old password changes nothing.
pub async fn password(OwnForm(form): OwnForm) -> Response {
    match next(&form, form.pending.progress.clone()).await {
        Ok(LoginOutcome::Show(LoginPage::NewPassword, _)) => {}
        outcome => return step_response(form.login(), outcome).await,
    }
    let (old, new) = (form.text("current"), form.text("new"));
    if let Some(notice) = PasswordNotice::of_fields(old, new, form.text("again")) {
        return show_again(&form, Notice::Password(notice)).await;
    }
    let (old, new) = (Plain::new(old), Plain::new(new));
    let notice = match expired_password::change(form.step_request(), &old, &new).await {
        Ok(ExpiredPasswordChange::Done(progress)) => return continue_login(&form, *progress).await,
        Ok(ExpiredPasswordChange::WrongOldPassword) => PasswordNotice::WrongCurrent,
        Ok(ExpiredPasswordChange::Refused(why)) => PasswordNotice::of_refusal(why),
        Err(fault) => return failed(&form, &fault).await,
    };
    show_again(&form, Notice::Password(notice)).await
}
