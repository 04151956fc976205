//! Judge the owner of a login again if the proven password may no longer be enough: the settings have changed
//! since, or the login waited at one of its steps and the account may have been disabled meanwhile. The same
//! rule holds for sessions.

use std::ops::ControlFlow;

use crate::domain::audit::Decision;
use crate::domain::gates::{Gate, Judgement};
use crate::domain::login::Progress;
use crate::domain::settings::Required;
use crate::flow::installation::fault::Fault;
use crate::flow::login::outcome::LoginOutcome;
use crate::flow::login::pending;
use crate::flow::login::refusal::SignInRefusal;
use crate::flow::login::step::StepRequest;
use crate::flow::person::rejudge::{self, Groups};
use crate::oidc::claim_set::Claim;

/// The progress with which the login continues, or the refusal.
type JudgedAgain = ControlFlow<LoginOutcome, Progress>;

/// Judges the owner again where that is needed. Reads nothing if the password was proven a short time ago
/// under the same settings.
pub(super) async fn judge_again(step: StepRequest<'_>, progress: Progress) -> Result<JudgedAgain, Fault> {
    match under_new_settings(step, progress).await? {
        ControlFlow::Continue(progress) => after_a_wait(step, progress).await,
        refused => Ok(refused),
    }
}

/// After a change of settings the password stays proven, and the person is judged by the new ones. A refused
/// login stays open: the settings may be changed back.
async fn under_new_settings(step: StepRequest<'_>, progress: Progress) -> Result<JudgedAgain, Fault> {
    let parts = step.parts;
    let older = |generation: i64| generation != step.current.generation;
    let Some(proof) = progress.password.as_ref().filter(|proof| older(proof.settings_generation())) else {
        return Ok(ControlFlow::Continue(progress));
    };
    let account = parts.store.identity().account(proof.account()).await?.ok_or(Fault::LoginEnded)?;
    // A reset, a suspension or a newer password ends the login, whatever the settings are.
    if !proof.holds(&account) {
        return Err(Fault::LoginEnded);
    }
    let wants_groups = step.pending.request.shown_claims().has(Claim::Groups);
    let judged =
        rejudge::by_live_entry(&parts.store, &parts.clock, step.current, &account, wants_groups).await?;
    let Some(passed) = judged.judgement.passed() else {
        let gate = judged.judgement.refusal().unwrap_or(Gate::Found);
        record_refusal(step, &progress, &judged.judgement).await?;
        return Ok(ControlFlow::Break(LoginOutcome::refused(step, SignInRefusal::Shut(gate))));
    };
    let proof = proof.judged_again(passed).ok_or(Fault::LoginEnded)?;
    Ok(ControlFlow::Continue(Progress {
        password: Some(proof),
        in_policy_group: judged.in_policy_group,
        groups: judged.groups.filter(|_| wants_groups),
        ..progress
    }))
}

/// Judges the owner again if the password was proven longer ago than the maximum staleness. A refused login
/// starts over: the person has changed, so what was proven counts no longer.
async fn after_a_wait(step: StepRequest<'_>, progress: Progress) -> Result<JudgedAgain, Fault> {
    let parts = step.parts;
    let settings = &step.current.settings;
    let (staleness, now) = (settings.login.max_staleness(), parts.now());
    let old = progress.password.as_ref().filter(|proof| proof.is_older_than(staleness, now));
    let Some(proof) = old else { return Ok(ControlFlow::Continue(progress)) };
    let by_groups = settings.second_factor.required == Required::Groups;
    let shows_groups = step.pending.request.shown_claims().has(Claim::Groups);
    let groups = if by_groups || shows_groups { Groups::Needed } else { Groups::Unneeded };
    let judged =
        rejudge::by_record_or_live(&parts.store, &parts.clock, step.current, proof.account(), groups).await?;
    if let Some(gate) = judged.judgement.refusal() {
        record_refusal(step, &progress, &judged.judgement).await?;
        let anew = pending::started_over(parts, step.pending, &step.browser.id).await?;
        return Ok(ControlFlow::Break(LoginOutcome::Refused(SignInRefusal::Shut(gate), Box::new(anew))));
    }
    if !judged.account.as_ref().is_some_and(|account| proof.holds(account)) {
        record_refusal(step, &progress, &judged.judgement).await?;
        return Err(Fault::LoginEnded);
    }
    let in_policy_group = progress.in_policy_group || judged.in_policy_group;
    let groups = judged.groups.filter(|_| shows_groups).or(progress.groups);
    Ok(ControlFlow::Continue(Progress { in_policy_group, groups, ..progress }))
}

async fn record_refusal(
    step: StepRequest<'_>,
    progress: &Progress,
    judgement: &Judgement,
) -> Result<(), Fault> {
    let event = step.refusal(Decision::SignInRefused, judgement);
    let event = match (&progress.password, &progress.link) {
        (Some(proof), Some((directory, _))) => event.about(proof.account(), Some(directory)),
        _ => event,
    };
    Ok(step.parts.store.login().append(&event).await?)
}
