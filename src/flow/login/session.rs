//! Judge the owner of the browser's session again, where the session may be enough for a login.

use crate::domain::advice::Cause;
use crate::domain::audit::{Decision, Detail, Event};
use crate::domain::gates::Judgement;
use crate::domain::login::{LivingSession, Progress};
use crate::domain::session::Session;
use crate::flow::installation::context::LoginParts;
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
pub(super) async fn judged(
    parts: &LoginParts,
    step: StepRequest<'_>,
    progress: &Progress,
) -> Result<JudgedSession, Fault> {
    let StepRequest { current, pending, browser, .. } = step;
    let useful = browser.session.as_ref().filter(|_| !pending.ask.fresh && progress.password.is_none());
    let Some(session) = useful else { return Ok(JudgedSession::default()) };
    let client = pending.request.client(&current.settings);
    let needed = pending.request.shown_claims().has(Claim::Groups)
        || standing::depends_on_groups(current, client, &session.evidence);
    let groups = if needed { Groups::Needed } else { Groups::Unneeded };
    let judged =
        rejudge::living(&parts.store, &parts.clock, current, &session.evidence.account, groups).await?;
    let lifetimes = &current.settings.session;
    let living = judged
        .judgement
        .passed()
        .and_then(|passed| LivingSession::new(passed, session, lifetimes, parts.now()));
    if living.is_none() {
        record_refusal(parts, step, session, &judged.judgement).await?;
    }
    let groups = judged.groups.unwrap_or_default();
    Ok(JudgedSession { session: living, groups, in_policy_group: judged.in_policy_group })
}

async fn record_refusal(
    parts: &LoginParts,
    step: StepRequest<'_>,
    session: &Session,
    judgement: &Judgement,
) -> Result<(), Fault> {
    let cause = judgement.refusal().map_or(Cause::AccountChanged.word(), |gate| gate.as_str());
    let event = Event {
        account_id: Some(session.evidence.account.0.clone()),
        client_id: Some(step.pending.request.client_id.clone()),
        cause: Some(cause.to_owned()),
        detail: Detail::default().judged(judgement).to_json(),
        ..step.visit.event(parts.now(), Decision::SessionRefused)
    };
    Ok(parts.store.login().append(&event).await?)
}
