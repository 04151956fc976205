//! Suspend an account here, whatever the directory says, and end that again.

use crate::domain::account::{Account, SuspendedBecause};
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::flow::account::sessions::EndedView;
use crate::flow::installation::context::LoginParts;
use crate::store::{ReactivateOutcome, StoreError, SuspendOutcome};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SuspensionError {
    #[error("the account is already suspended here")]
    Already,
    #[error("the account is not suspended")]
    NotSuspended,
    #[error("the account was not suspended here ({0}): only the directory can change that; then run a sync")]
    ByTheDirectory(&'static str),
    #[error("the account does not exist any more")]
    Unknown,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Suspends an account: its sessions and tokens end, and it can't sign in until [`reactivate`], also if the
/// directory lets the person in.
pub async fn suspend(
    parts: &LoginParts,
    account: &Account,
    actor: &Actor,
) -> Result<EndedView, SuspensionError> {
    let event = event(parts, account, Decision::PersonSuspended, actor);
    match parts.store.identity().suspend_here(&account.id, &event).await? {
        SuspendOutcome::Done(ended) => Ok(ended.into()),
        SuspendOutcome::Already => Err(SuspensionError::Already),
        SuspendOutcome::Unknown => Err(SuspensionError::Unknown),
    }
}

/// Ends a suspension that was made here. If the directory would suspend the account too, the next sync does,
/// and until then no sign-in gets past the directory.
pub async fn reactivate(parts: &LoginParts, account: &Account, actor: &Actor) -> Result<(), SuspensionError> {
    let event = event(parts, account, Decision::PersonReactivated, actor);
    match parts.store.identity().reactivate(&account.id, &event).await? {
        ReactivateOutcome::Done => Ok(()),
        ReactivateOutcome::NotSuspendedHere(None) => Err(SuspensionError::NotSuspended),
        ReactivateOutcome::NotSuspendedHere(Some(because)) => {
            Err(SuspensionError::ByTheDirectory(SuspendedBecause::as_str(because)))
        }
        ReactivateOutcome::Unknown => Err(SuspensionError::Unknown),
    }
}

fn event(parts: &LoginParts, account: &Account, decision: Decision, actor: &Actor) -> Event {
    Event::new(parts.now(), decision).about(&account.id, account.directory()).by(actor)
}
