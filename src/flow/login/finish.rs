//! End a login: issue the session and the code, end another person's session in the browser, and remember the
//! browser if the person asked for it.

use crate::domain::account::AccountId;
use crate::domain::evidence::Level;
use crate::domain::factor::Remembered;
use crate::domain::login::{Authorized, Progress};
use crate::domain::session::Session;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::fault::Fault;
use crate::flow::limits::throttle;
use crate::flow::login::issue::{self, IssueReason, Issued, RememberedCookie};
use crate::flow::login::standing;
use crate::flow::login::step::StepRequest;
use crate::flow::person::rejudge::{self, Groups};
use crate::oidc::claim_set::Claim;

/// Issues the session and the code. `session_groups`: the groups of the session's owner, if they were read.
pub(super) async fn finish(
    step: StepRequest<'_>,
    progress: &Progress,
    session_groups: Vec<String>,
    authorized: &Authorized,
) -> Result<Issued, Fault> {
    let account = &authorized.evidence().account;
    throttle::admit_issue(step.parts, step.visit, &step.pending.request.client_id, account).await?;
    let mut issued = match progress.password.as_ref().and(progress.link.as_ref()) {
        Some((directory, entry)) => {
            let replaces = keep_or_end(step, account).await?;
            let groups = groups_of(step, progress, account).await?;
            let reason = IssueReason::Password { replaces, confirmed_at: progress.confirmed_at };
            let issued = issue::issue(step, authorized, groups, reason).await?;
            let evidence = authorized.evidence();
            let device = step.browser.device.with(directory, *entry, &progress.typed_name, evidence);
            Issued { device: Some(device), ..issued }
        }
        None => {
            let session = step.browser.session.as_ref().ok_or(Fault::LoginEnded)?;
            let reason = match session.evidence == *authorized.evidence() {
                true => IssueReason::Session(session),
                false => IssueReason::Raised(session),
            };
            issue::issue(step, authorized, session_groups, reason).await?
        }
    };
    issued.remembered = remember(step, progress, authorized).await;
    Ok(issued)
}

/// The person's groups for the claim: as read beside the password, or now if that was an earlier request.
async fn groups_of(
    step: StepRequest<'_>,
    progress: &Progress,
    account: &AccountId,
) -> Result<Vec<String>, Fault> {
    match &progress.groups {
        Some(groups) => Ok(groups.clone()),
        None if step.pending.request.shown_claims().has(Claim::Groups) => {
            let groups = Groups::Needed;
            let judged = rejudge::by_record_or_live(
                &step.parts.store,
                &step.parts.clock,
                step.current,
                account,
                groups,
            )
            .await?;
            Ok(judged.groups.unwrap_or_default())
        }
        None => Ok(Vec::new()),
    }
}

/// Ends another person's session in this browser; a session of the same person is replaced.
async fn keep_or_end<'a>(step: StepRequest<'a>, account: &AccountId) -> Result<Option<&'a Session>, Fault> {
    let Some(session) = &step.browser.session else { return Ok(None) };
    let ended = issue::end_other(step.parts, step.visit, session, account).await?;
    Ok((!ended).then_some(session))
}

/// Remembers the browser of a person who asked for it and has just proven both factors in it. The sign-in is
/// complete by now, so an error of the store only means that the browser is asked for a code next time.
async fn remember(
    step: StepRequest<'_>,
    progress: &Progress,
    authorized: &Authorized,
) -> Option<RememberedCookie> {
    let kept = try_remember(step, progress, authorized).await;
    kept.unwrap_or_else(|error| {
        tracing::warn!(id = %step.visit.attempt_id, error = %Causes(&error), "a browser could not be remembered");
        None
    })
}

async fn try_remember(
    step: StepRequest<'_>,
    progress: &Progress,
    authorized: &Authorized,
) -> Result<Option<RememberedCookie>, Fault> {
    let parts = step.parts;
    let evidence = authorized.evidence();
    let proven = progress.factor_of(&evidence.account, evidence.account_generation).is_some()
        && evidence.level() == Level::Mfa;
    let policy = &step.current.settings.second_factor;
    let Some(lifetime) = policy.remembered().filter(|_| progress.remember && proven) else { return Ok(None) };
    let (id, now) = (parts.random_id(), parts.now());
    let remembered = Remembered {
        id_hash: standing::browser_hash(parts, &id),
        account: evidence.account.clone(),
        policy_generation: step.current.policy_generation,
        account_generation: evidence.account_generation,
        password_as_of: evidence.password_set_at.unwrap_or(evidence.auth_time),
        created_at: now,
        expires_at: now + lifetime,
        place: step.visit.place(),
    };
    let kept = parts.store.login().remember_browser(&remembered).await?;
    Ok(kept.then_some(RememberedCookie { id, lifetime }))
}
