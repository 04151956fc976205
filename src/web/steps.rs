//! The forms of a login after its password: codes, the set-up of an authenticator, a new password.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::error::{Scene, with_retry_after};
use super::form::{Form, url};
use super::outcome::{Notice, View, answer, cancelled, frame, show};
use super::pages::{CodeNotice, ErrorKind, PasswordNotice, RecoveryCodeUsed, RecoveryCodes, Scripts};
use super::reply::{html_towards, see_other};
use super::state::Web;
use crate::domain::login::Progress;
use crate::domain::secret::Plain;
use crate::flow::advance::{self, Outcome, Page};
use crate::flow::causes::Causes;
use crate::flow::context::Visit;
use crate::flow::fault::{Blame, Fault};
use crate::flow::new_password::{self, Changed};
use crate::flow::pending::{self, Pending};
use crate::flow::second_factor::{self, Answer, SetUp, Step};

/// Opens the form of a step, which must be our own; the step itself is told by `story`.
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
            let scene = Scene { web: &web, visit: &visit, language: form.language(&headers), client };
            if !form.is_genuine(&web) {
                return scene.page(ErrorKind::LoginExpired);
            }
            $story(&scene, &form).await
        }
    };
}

step!(cancel, "/login/cancel", turn_back);
step!(code, "/login/factor", answer_code);
step!(invitation, "/login/invitation", answer_invitation);
step!(enrol, "/login/enrol", set_up);
step!(later, "/login/enrol/later", put_off);
step!(go_on, "/login/recovery-codes", go_on_with);
step!(password, "/login/password", change_password);

impl Form {
    fn step<'a>(&'a self, scene: &Scene<'a>) -> Step<'a> {
        Step { visit: scene.visit, pending: &self.pending, browser: &self.browser }
    }
}

async fn next(scene: &Scene<'_>, form: &Form, progress: Progress) -> Result<Outcome, Fault> {
    let current = scene.web.parts.current();
    advance::advance(&scene.web.parts, (&current, scene.visit), &form.pending, progress, &form.browser).await
}

/// Goes on with what is proven now. A code is spent by then: where what comes next is away, the browser is led to a page
/// that says so and keeps what was proven, so that it can be opened again later.
async fn go(scene: &Scene<'_>, form: &Form, progress: Progress) -> Response {
    let outcome = next(scene, form, progress.clone()).await;
    if let Err(fault) = &outcome
        && matches!(fault.blame(), Blame::Directory | Blame::Storage | Blame::Crowd)
        && let Ok(reached) = advanced(scene, form, &progress)
        && reached.id != form.pending.id
    {
        tracing::warn!(id = %scene.visit.attempt_id, error = %Causes(fault), "a login waits after its step");
        return see_other(&url(&reached));
    }
    answer(scene, (&form.pending, &form.browser), outcome).await
}

/// The page that the form was on, with why it did not do; `None` shows the page where the login stands now.
async fn again(scene: &Scene<'_>, form: &Form, notice: Notice) -> Response {
    let view = View::of(notice, &form.params);
    match next(scene, form, form.pending.progress.clone()).await {
        Ok(Outcome::Show(page, pending)) => show(scene, (&pending, &form.browser), page, view).await,
        outcome => answer(scene, (&form.pending, &form.browser), outcome).await,
    }
}

/// A wait is told on the page itself, so that nothing that was typed is lost; other faults have their own page.
async fn failed(scene: &Scene<'_>, form: &Form, fault: &Fault) -> Response {
    match fault.blame() {
        Blame::Haste(retry_after_seconds) => {
            let notice = Notice::Code(CodeNotice::Wait { retry_after_seconds });
            with_retry_after(again(scene, form, notice).await, retry_after_seconds)
        }
        _ => scene.fail_at(fault, url(&form.pending)),
    }
}

/// The person does not go on: the client hears `access_denied` (RFC 6749 section 4.1.2.1).
async fn turn_back(scene: &Scene<'_>, form: &Form) -> Response {
    match pending::cancel(&scene.web.parts, &form.pending).await {
        Ok(()) => cancelled(scene, &form.pending.request, form.browser.session.is_some()),
        Err(fault) => scene.fail(&fault),
    }
}

async fn answer_code(scene: &Scene<'_>, form: &Form) -> Response {
    let (parts, step, typed) = (&scene.web.parts, form.step(scene), form.text("code"));
    if typed.trim().is_empty() {
        return again(scene, form, Notice::Code(CodeNotice::Missing)).await;
    }
    let answered = if form.pending.progress.factor_first {
        second_factor::answer_first(parts, step, typed).await
    } else {
        second_factor::answer(parts, step, typed, form.text("remember") == "yes").await
    };
    match answered {
        Ok(Answer::Right { progress, left: Some(left) }) => recovered(scene, form, *progress, left).await,
        Ok(Answer::Right { progress, left: None }) => go(scene, form, *progress).await,
        Ok(Answer::Wrong) => again(scene, form, Notice::Code(CodeNotice::Wrong)).await,
        Ok(Answer::AlreadyUsed) => again(scene, form, Notice::Code(CodeNotice::AlreadyUsed)).await,
        Err(fault) => failed(scene, form, &fault).await,
    }
}

async fn answer_invitation(scene: &Scene<'_>, form: &Form) -> Response {
    let typed = form.text("code");
    if typed.trim().is_empty() {
        return again(scene, form, Notice::Code(CodeNotice::Missing)).await;
    }
    match second_factor::redeem(&scene.web.parts, form.step(scene), typed).await {
        Ok(Answer::Right { progress, .. }) => go(scene, form, *progress).await,
        Ok(_) => again(scene, form, Notice::Code(CodeNotice::Wrong)).await,
        Err(fault) => failed(scene, form, &fault).await,
    }
}

/// One recovery code less: the person is told before the login goes on.
async fn recovered(scene: &Scene<'_>, form: &Form, progress: Progress, left: u32) -> Response {
    let made = advanced(scene, form, &progress);
    match made {
        Ok(pending) => match frame(scene, (&pending, &form.browser), Page::SecondFactor).await {
            Ok(frame) => {
                let page = RecoveryCodeUsed { language: scene.language, frame, left };
                html_towards(&page, &pending.request.redirect_uri, Scripts::None)
            }
            Err(fault) => scene.fail_at(&fault, url(&pending)),
        },
        Err(fault) => scene.fail(&fault),
    }
}

fn advanced(scene: &Scene<'_>, form: &Form, progress: &Progress) -> Result<Pending, Fault> {
    pending::advanced(&scene.web.parts, &form.pending, progress, &form.browser.id)
}

/// Only whom policy asks, and who may, comes as far as the set-up: that is decided anew for every form.
async fn set_up(scene: &Scene<'_>, form: &Form) -> Response {
    match next(scene, form, form.pending.progress.clone()).await {
        Ok(Outcome::Show(Page::Enrol { .. }, _)) => {}
        outcome => return answer(scene, (&form.pending, &form.browser), outcome).await,
    }
    let typed = form.text("code");
    if typed.trim().is_empty() {
        return again(scene, form, Notice::Code(CodeNotice::Missing)).await;
    }
    match second_factor::set_up(&scene.web.parts, form.step(scene), typed, form.text("name")).await {
        Ok(SetUp::Done { codes, progress }) if codes.is_empty() => go(scene, form, *progress).await,
        Ok(SetUp::Done { codes, progress }) => codes_shown(scene, form, &progress, codes).await,
        Ok(SetUp::WrongCode) => again(scene, form, Notice::Code(CodeNotice::Wrong)).await,
        Ok(SetUp::NotHere) => again(scene, form, Notice::None).await,
        Err(fault) => failed(scene, form, &fault).await,
    }
}

/// The recovery codes, once: they are on this answer and nowhere else.
async fn codes_shown(scene: &Scene<'_>, form: &Form, progress: &Progress, codes: Vec<String>) -> Response {
    let pending = match advanced(scene, form, progress) {
        Ok(pending) => pending,
        Err(fault) => return scene.fail(&fault),
    };
    let frame = match frame(scene, (&pending, &form.browser), Page::SecondFactor).await {
        Ok(frame) => frame,
        Err(fault) => return scene.fail_at(&fault, url(&pending)),
    };
    let page = RecoveryCodes {
        language: scene.language,
        frame: Some(frame),
        codes,
        site: scene.web.brand().look.names(),
        username: progress.typed_name.clone(),
        csrf_token: String::new(),
    };
    html_towards(&page, &pending.request.redirect_uri, Scripts::Own)
}

async fn put_off(scene: &Scene<'_>, form: &Form) -> Response {
    go(scene, form, Progress { put_off: true, ..form.pending.progress.clone() }).await
}

async fn go_on_with(scene: &Scene<'_>, form: &Form) -> Response {
    go(scene, form, form.pending.progress.clone()).await
}

/// The factor comes before the new password: whoever has only the old one changes nothing.
async fn change_password(scene: &Scene<'_>, form: &Form) -> Response {
    match next(scene, form, form.pending.progress.clone()).await {
        Ok(Outcome::Show(Page::NewPassword, _)) => {}
        outcome => return answer(scene, (&form.pending, &form.browser), outcome).await,
    }
    let (old, new) = (form.text("current"), form.text("new"));
    if let Some(notice) = PasswordNotice::of_fields(old, new, form.text("again")) {
        return again(scene, form, Notice::Password(notice)).await;
    }
    let (old, new) = (Plain::new(old), Plain::new(new));
    let notice = match new_password::change(&scene.web.parts, form.step(scene), &old, &new).await {
        Ok(Changed::Done(progress)) => return go(scene, form, *progress).await,
        Ok(Changed::WrongOldPassword) => PasswordNotice::WrongCurrent,
        Ok(Changed::Refused(why)) => PasswordNotice::of_refusal(why),
        Err(fault) => return failed(scene, form, &fault).await,
    };
    again(scene, form, Notice::Password(notice)).await
}
