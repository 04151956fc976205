//! Judge the owner of a login again if it waited at one of its steps: the password was proven some time ago,
//! and the account may have been disabled since. The same rule holds for sessions.

use crate::domain::account::AccountId;
use crate::domain::advice::Cause;
use crate::domain::audit::{Decision, Detail, Event};
use crate::domain::gates::Judgement;
use crate::domain::login::Progress;
use crate::domain::settings::Required;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::current::Current;
use crate::flow::installation::fault::Fault;
use crate::flow::login::pending::{self, Pending};
use crate::flow::login::sign_in::SignInRefusal;
use crate::flow::person::rejudge::{self, Groups};
use crate::oidc::claim_set::Claim;

/// The result for a login that waited.
pub(in crate::flow) enum WaitedLogin {
    GoesOn(Box<Progress>),
    /// The owner may no longer sign in. The login starts over.
    Refused(SignInRefusal, Box<Pending>),
}

/// Judges the owner again if the password was proven longer ago than the maximum staleness.
pub(in crate::flow) async fn judged_again(
    parts: &LoginParts,
    (current, visit): (&Current, &Visit),
    pending: &Pending,
    progress: Progress,
    browser_id: &str,
) -> Result<WaitedLogin, Fault> {
    let (staleness, now) = (current.settings.login.max_staleness(), parts.now());
    let old = progress.password.as_ref().filter(|proof| proof.is_older_than(staleness, now));
    let Some(proof) = old else { return Ok(WaitedLogin::GoesOn(Box::new(progress))) };
    let by_groups = current.settings.second_factor.required == Required::Groups;
    let shows_groups = pending.request.shown_claims().has(Claim::Groups);
    let groups = if by_groups || shows_groups { Groups::Needed } else { Groups::Unneeded };
    let judged = rejudge::living(&parts.store, &parts.clock, current, proof.account(), groups).await?;
    if let Some(gate) = judged.judgement.refusal() {
        record_refusal(parts, visit, pending, proof.account(), (gate.as_str(), &judged.judgement)).await?;
        let anew = pending::started_over(parts, pending, browser_id).await?;
        return Ok(WaitedLogin::Refused(SignInRefusal::Shut(gate), Box::new(anew)));
    }
    if !judged.account.as_ref().is_some_and(|account| proof.holds(account)) {
        let cause = Cause::AccountChanged.word();
        record_refusal(parts, visit, pending, proof.account(), (cause, &judged.judgement)).await?;
        return Err(Fault::LoginEnded);
    }
    let in_policy_group = progress.in_policy_group || judged.in_policy_group;
    let groups = judged.groups.filter(|_| shows_groups).or(progress.groups);
    Ok(WaitedLogin::GoesOn(Box::new(Progress { in_policy_group, groups, ..progress })))
}

async fn record_refusal(
    parts: &LoginParts,
    visit: &Visit,
    pending: &Pending,
    account: &AccountId,
    (cause, judgement): (&str, &Judgement),
) -> Result<(), Fault> {
    let event = Event {
        account_id: Some(account.0.clone()),
        client_id: Some(pending.request.client_id.clone()),
        cause: Some(cause.to_owned()),
        detail: Detail::default().judged(judgement).to_json(),
        ..visit.event(parts.now(), Decision::SignInRefused)
    };
    Ok(parts.store.login().append(&event).await?)
}
