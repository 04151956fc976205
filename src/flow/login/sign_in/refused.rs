//! Record a sign-in that was refused or could not be decided, and choose what the person may know of it.

use super::gather::Gathered;
use crate::domain::advice::Cause;
use crate::domain::audit::{Decision, Detail, Event, Keep};
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::gates::{Gate, Judgement};
use crate::domain::reconcile::Conflict;
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;
use crate::flow::login::refusal::SignInRefusal;
use crate::flow::login::step::StepRequest;

/// Records a refusal, and returns it as far as the person may know.
pub(super) async fn refused(
    step: StepRequest<'_>,
    site: Option<&Site>,
    gathered: &Gathered,
    judgement: &Judgement,
) -> Result<SignInRefusal, Fault> {
    let gate = judgement.refusal().unwrap_or(Gate::Bound);
    let account = gathered.person.account.as_ref();
    let detail = detail(gathered, judgement);
    let event = Event {
        keep: if judgement.password_proven() { Keep::Long } else { Keep::Short },
        subject: detail.entry.clone(),
        account_id: account.map(|account| account.id.0.clone()),
        directory: site.map(|site| site.id().0.clone()),
        cause: Some(cause(gathered, gate).to_owned()),
        detail: detail.to_json(),
        ..step.event(Decision::SignInRefused)
    };
    step.parts.store.login().append(&event).await?;
    // Only what holds for every name may be shown before the password is proven.
    let may_show = judgement.password_proven() || gate == Gate::SsoEnabled;
    Ok(match gathered.bind {
        _ if !may_show => SignInRefusal::NotProven,
        Some(BindOutcome::Refused(BindRefusal::PasswordExpired)) if gate == Gate::PasswordUsable => {
            SignInRefusal::PasswordExpired
        }
        _ if gate == Gate::MailPresent && gathered.person.mail_fault().is_some() => {
            SignInRefusal::MailUnusable
        }
        _ if gate == Gate::AccountExists => no_account(gathered.person.conflict.as_ref()),
        _ => SignInRefusal::Shut(gate),
    })
}

fn detail(gathered: &Gathered, judgement: &Judgement) -> Detail {
    let repeated = || "the same wrong password as before: it was not sent again".to_owned();
    let mut detail = Detail {
        entry: gathered.entry.as_ref().map(|entry| entry.dn.to_string()),
        budget: gathered.budget.clone(),
        error: gathered.repeated.then(repeated),
        ..Detail::default()
    }
    .judged(judgement);
    if let Some(outcome) = gathered.bind {
        detail = detail.bound(outcome, gathered.server.clone());
    }
    if judgement.password_proven() { detail } else { detail.in_brief() }
}

fn cause(gathered: &Gathered, gate: Gate) -> &'static str {
    let locked = gathered.entry.as_ref().is_some_and(|entry| entry.locked == Some(true));
    match gathered.spent {
        true if locked => Gate::NotLocked.as_str(),
        true => Cause::BudgetSpent.word(),
        false => gate.as_str(),
    }
}

fn no_account(conflict: Option<&Conflict>) -> SignInRefusal {
    match conflict {
        Some(Conflict::MailTaken { .. } | Conflict::MailShared { .. }) => SignInRefusal::MailTaken,
        Some(Conflict::LinkPending { .. } | Conflict::LinkContested { .. }) => SignInRefusal::LinkPending,
        _ => SignInRefusal::Shut(Gate::AccountExists),
    }
}

/// Records in the audit trail, if the store still can, that the directory or the store gave no answer.
pub(super) async fn undecided(step: StepRequest<'_>, site: Option<&Site>, error: Fault) -> Fault {
    let detail = Detail { error: Some(error.to_string()), ..Detail::default() };
    let event = Event {
        keep: Keep::Short,
        directory: site.map(|site| site.id().0.clone()),
        cause: Some(error.cause().word().to_owned()),
        detail: detail.to_json(),
        ..step.event(Decision::SignInUndecided)
    };
    if let Err(unwritten) = step.parts.store.login().append(&event).await {
        let attempt_id = &step.visit.attempt_id;
        tracing::error!(%attempt_id, %unwritten, "an audit event could not be written");
    }
    error
}
