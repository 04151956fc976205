//! Judge the owner of the browser's session again, where the session may be enough for a login.

use crate::domain::account::Account;
use crate::domain::audit::Decision;
use crate::domain::login::{LivingSession, Progress};
use crate::flow::installation::fault::Fault;
use crate::flow::login::standing;
use crate::flow::login::step::StepRequest;
use crate::flow::person::rejudge::{self, Groups};
use crate::oidc::claim_set::Claim;

/// The session of the browser, judged again.
#[derive(Default)]
pub(super) struct JudgedSession {
    pub session: Option<LivingSession>,
    pub groups: Vec<String>,
    pub in_policy_group: bool,
}

/// Judges the session's owner where the session would be enough: not beside a password.
pub(super) async fn judge_session(
    step: StepRequest<'_>,
    progress: &Progress,
) -> Result<JudgedSession, Fault> {
    let StepRequest { parts, current, pending, browser, .. } = step;
    let useful = browser.session.as_ref().filter(|_| !pending.ask.fresh && progress.password.is_none());
    let Some(session) = useful else { return Ok(JudgedSession::default()) };
    let client = pending.request.client(&current.settings);
    let needed = pending.request.shown_claims().has(Claim::Groups)
        || standing::depends_on_groups(current, client, &session.evidence);
    let groups = if needed { Groups::Needed } else { Groups::Unneeded };
    let judged =
        rejudge::by_record_or_live(&parts.store, &parts.clock, current, &session.evidence.account, groups)
            .await?;
    let lifetimes = &current.settings.session;
    let living = judged
        .judgement
        .passed()
        .and_then(|passed| LivingSession::new(passed, session, lifetimes, parts.now()));
    if living.is_none() {
        let event = step.refusal(Decision::SessionRefused, &judged.judgement);
        let directory = judged.account.as_ref().and_then(Account::directory);
        parts.store.login().append(&event.about(&session.evidence.account, directory)).await?;
    }
    let groups = judged.groups.unwrap_or_default();
    Ok(JudgedSession { session: living, groups, in_policy_group: judged.in_policy_group })
}
