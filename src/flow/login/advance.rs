//! Decide what comes after a step of a login: the next page, the end with a session and a code, or a refusal.

use std::ops::ControlFlow;

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::login::{self, LoginStep, Progress};
use crate::domain::policy::FactorStatus;
use crate::flow::account::factors;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::flow::login::finish::finish;
use crate::flow::login::issue::Issued;
use crate::flow::login::judge_again::judge_again;
use crate::flow::login::outcome::LoginOutcome;
use crate::flow::login::page::LoginPage;
use crate::flow::login::session::{JudgedSession, judge_session};
use crate::flow::login::standing::{self, DemandedBy, FirstFactor};
use crate::flow::login::step::StepRequest;
use crate::oidc::error::{ErrorCode, OAuthError};

/// Decides what comes next, under the settings in force now. `progress` is what is proven by now.
pub async fn advance(step: StepRequest<'_>, progress: Progress) -> Result<LoginOutcome, Fault> {
    let parts = step.parts;
    // They may have changed while the request waited for the directory.
    let current = parts.current();
    let step = StepRequest { current: &current, ..step };
    let progress = match judge_again(step, progress).await? {
        ControlFlow::Continue(progress) => progress,
        ControlFlow::Break(refused) => return Ok(refused),
    };
    let judged = judge_session(step, &progress).await?;
    let now = parts.now();
    let standing = standing_of(step, &progress, &judged, now).await?;
    let (ask, session) = (&step.pending.ask, judged.session.as_ref());
    let show = |page, progress: &Progress| LoginOutcome::show(step, page, progress);
    match login::next_step(ask, &progress, session, standing.as_ref(), now) {
        LoginStep::Issue(authorized) => {
            let done = finish(step, &progress, judged.groups, &authorized).await;
            issued_or_denied(step, done)
        }
        LoginStep::Password if progress.factor_first => show(LoginPage::FactorFirst, &progress),
        LoginStep::Password => show(LoginPage::SignIn, &progress),
        LoginStep::SecondFactor => show(LoginPage::SecondFactor, &progress),
        LoginStep::Invitation { later } => show(LoginPage::Invitation { later }, &progress),
        LoginStep::Enrol { later } => {
            let account = standing.map(|standing| standing.account);
            show(LoginPage::Enrol { later }, &enrolling(parts, progress, account))
        }
        LoginStep::ChangePassword => show(LoginPage::NewPassword, &progress),
        LoginStep::LoginRequired => denied(ErrorCode::LoginRequired, "a sign-in is needed"),
        LoginStep::InteractionRequired => denied(ErrorCode::InteractionRequired, "a second factor is needed"),
    }
}

/// Which second factor the owner has and needs; `None` if nobody has signed in.
async fn standing_of(
    step: StepRequest<'_>,
    progress: &Progress,
    judged: &JudgedSession,
    now: Millis,
) -> Result<Option<FactorStatus>, Fault> {
    let StepRequest { current, pending, browser, .. } = step;
    let owner = login::login_owner(&pending.ask, progress, judged.session.as_ref(), now);
    let Some(account) = owner else { return Ok(None) };
    let in_group = progress.in_policy_group || judged.in_policy_group;
    let asked = DemandedBy {
        client: pending.request.client(&current.settings),
        acr: &pending.ask.acr,
        enrolling: match pending.request.is_for_panel() {
            true => FirstFactor::Panel,
            false => FirstFactor::SignIn,
        },
    };
    let remembered = browser.remembered.as_deref();
    Ok(Some(standing::of(step.parts, current, asked, &account, in_group, remembered).await?))
}

fn denied(code: ErrorCode, why: &'static str) -> Result<LoginOutcome, Fault> {
    Ok(LoginOutcome::Denied(OAuthError::new(code, why)))
}

/// Refuses a client with an error if its person or the address has been given too many codes.
fn issued_or_denied(step: StepRequest<'_>, done: Result<Issued, Fault>) -> Result<LoginOutcome, Fault> {
    match done {
        Err(Fault::Throttled { .. }) if !step.pending.request.is_ours() => {
            let why = "too many sign-ins within a minute: try again in a minute";
            denied(ErrorCode::TemporarilyUnavailable, why)
        }
        done => done.map(LoginOutcome::Issued),
    }
}

/// Makes the key that the set-up page shows: once for each login, so that the page can be opened again.
fn enrolling(parts: &LoginParts, progress: Progress, account: Option<AccountId>) -> Progress {
    let Some(account) = account else { return progress };
    if progress.enrolling.as_ref().is_some_and(|(owner, _)| *owner == account) {
        return progress;
    }
    Progress { enrolling: Some((account, factors::begin_enrolment(parts))), ..progress }
}
