//! Settings that change during a login: the password stays proven, and the person is judged again.

use std::ops::ControlFlow;

use crate::domain::audit::{Decision, Detail, Event};
use crate::domain::gates::{Gate, Judgement};
use crate::domain::login::Progress;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::current::Current;
use crate::flow::installation::fault::Fault;
use crate::flow::login::pending::Pending;
use crate::flow::login::sign_in::SignInRefusal;
use crate::flow::person::rejudge;
use crate::oidc::claim_set::Claim;

/// The progress of a login under the settings in force, or why they refuse the person. Reads nothing if the
/// password was proven under the same settings.
pub async fn apply(
    parts: &LoginParts,
    (current, visit): (&Current, &Visit),
    pending: &Pending,
    progress: Progress,
) -> Result<ControlFlow<SignInRefusal, Progress>, Fault> {
    let older = |generation: i64| generation != current.generation;
    let Some(proof) = progress.password.as_ref().filter(|proof| older(proof.settings_generation())) else {
        return Ok(ControlFlow::Continue(progress));
    };
    let account = parts.store.identity().account(proof.account()).await?.ok_or(Fault::LoginEnded)?;
    // A reset, a suspension or a newer password ends the login, whatever the settings are.
    if !proof.holds(&account) {
        return Err(Fault::LoginEnded);
    }
    let wants_groups = pending.request.shown_claims().has(Claim::Groups);
    let judged = rejudge::today(&parts.store, &parts.clock, current, &account, wants_groups).await?;
    let Some(passed) = judged.judgement.passed() else {
        return refuse(parts, visit, pending, (&progress, &judged.judgement)).await.map(ControlFlow::Break);
    };
    let proof = proof.judged_again(passed).ok_or(Fault::LoginEnded)?;
    Ok(ControlFlow::Continue(Progress {
        password: Some(proof),
        in_policy_group: judged.in_policy_group,
        groups: judged.groups.filter(|_| wants_groups),
        ..progress
    }))
}

async fn refuse(
    parts: &LoginParts,
    visit: &Visit,
    pending: &Pending,
    (progress, judgement): (&Progress, &Judgement),
) -> Result<SignInRefusal, Fault> {
    let gate = judgement.refusal().unwrap_or(Gate::Found);
    let event = Event {
        account_id: progress.password.as_ref().map(|proof| proof.account().0.clone()),
        directory: progress.link.as_ref().map(|(directory, _)| directory.0.clone()),
        client_id: Some(pending.request.client_id.clone()),
        cause: Some(gate.as_str().to_owned()),
        detail: Detail::default().judged(judgement).to_json(),
        ..visit.event(parts.now(), Decision::SignInRefused)
    };
    parts.store.login().append(&event).await?;
    Ok(SignInRefusal::Shut(gate))
}
