//! Suspend an account for an administrator, whatever the directory says, and end that again. The directory
//! does not reactivate such an account.

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId, Status, SuspendedBecause};
use crate::domain::audit::Event;
use crate::domain::audit_change::ValueChange;
use crate::domain::delivery::{Subject, Urgency};
use crate::domain::history::{ChangeKind, account_snapshot};

use super::changes::{self, BY_AN_ADMINISTRATOR, ChangeOrigin, NewChange};
use crate::store::IdentityStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::values;
use crate::store::identity::accounts;
use crate::store::identity::endings::{self, EndedCounts, Ending};
use crate::store::mirror;
use crate::store::trail::audit;

/// The result of suspending an account here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspendOutcome {
    /// What has ended.
    Done(EndedCounts),
    Already,
    Unknown,
}

/// The result of ending a suspension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReactivateOutcome {
    Done,
    /// It is active, or suspended for another reason, which only the directory can change.
    NotSuspendedHere(Option<SuspendedBecause>),
    Unknown,
}

impl IdentityStore<'_> {
    /// Suspends an account and ends its sessions and grants, in one transaction with the event. An account
    /// that is suspended for another reason is from now on suspended for this one.
    pub async fn suspend_here(&self, id: &AccountId, event: &Event) -> Result<SuspendOutcome> {
        retry(|| self.try_suspend_here(id, event)).await
    }

    async fn try_suspend_here(&self, id: &AccountId, event: &Event) -> Result<SuspendOutcome> {
        let mut tx = self.store.db.begin().await?;
        let Some(before) = accounts::locked(&mut tx, id).await? else { return Ok(SuspendOutcome::Unknown) };
        if here(&before) {
            return Ok(SuspendOutcome::Already);
        }
        let ended = suspended(&mut tx, &before, event.at).await?;
        let status = noted(&mut tx, ChangeKind::Suspended, &before, event).await?;
        audit::insert(&mut tx, &event.clone().changing(status)).await?;
        tx.commit().await?;
        Ok(SuspendOutcome::Done(ended))
    }

    /// Ends a suspension that an administrator made here, in one transaction with the event. The person is
    /// judged again: by the next sync, and by the directory itself before anything is issued.
    pub async fn reactivate(&self, id: &AccountId, event: &Event) -> Result<ReactivateOutcome> {
        retry(|| self.try_reactivate(id, event)).await
    }

    async fn try_reactivate(&self, id: &AccountId, event: &Event) -> Result<ReactivateOutcome> {
        let mut tx = self.store.db.begin().await?;
        let Some(before) = accounts::locked(&mut tx, id).await? else {
            return Ok(ReactivateOutcome::Unknown);
        };
        if !here(&before) {
            let because = match before.status {
                Status::Suspended { because, .. } => Some(because),
                Status::Active => None,
            };
            return Ok(ReactivateOutcome::NotSuspendedHere(because));
        }
        let sql = "UPDATE accounts SET status = 'active', suspended_because = NULL, suspended_since = NULL, \
             generation = generation + 1, seen_at = NULL WHERE id = $1";
        tx.execute(sql, values![id]).await?;
        tx.execute("DELETE FROM lock_downs WHERE account = $1", values![id]).await?;
        let status = noted(&mut tx, ChangeKind::Reactivated, &before, event).await?;
        audit::insert(&mut tx, &event.clone().changing(status)).await?;
        if let Some(link) = &before.link {
            mirror::touch(&mut tx, &link.directory, &[link.entry]).await?;
        }
        tx.commit().await?;
        Ok(ReactivateOutcome::Done)
    }
}

/// True if an administrator has suspended it here.
pub(super) fn here(account: &Account) -> bool {
    matches!(account.status, Status::Suspended { because: SuspendedBecause::Admin, .. })
}

/// Suspends an account that is locked, and ends its sessions and grants. One that is suspended here already stays so
/// since then.
pub(super) async fn suspended(tx: &mut Tx, before: &Account, now: Millis) -> Result<EndedCounts> {
    let since = match before.status {
        Status::Suspended { because: SuspendedBecause::Admin, since } => since,
        _ => now,
    };
    let sql = "UPDATE accounts SET status = 'suspended', suspended_because = $2, suspended_since = $3, \
         generation = generation + 1 WHERE id = $1";
    tx.execute(sql, values![&before.id, SuspendedBecause::Admin.as_str(), since]).await?;
    endings::end(tx, &before.id, Ending::All, now).await
}

/// Notes the change for services, and in the history if the account belongs to a directory. Returns the change of the
/// status.
pub(super) async fn noted(
    tx: &mut Tx,
    kind: ChangeKind,
    before: &Account,
    event: &Event,
) -> Result<Option<ValueChange>> {
    let after = accounts::locked(tx, &before.id).await?;
    // Without a link nothing is recorded in the history, but it is delivered.
    let suspends = matches!(kind, ChangeKind::Suspended);
    let urgency = if suspends { Urgency::Suspend } else { Urgency::Change };
    tx.wish(Subject::Person(before.id.clone()), urgency, event.at);
    let status = after.as_ref().map(|after| ValueChange::new("status", before.status, after.status));
    if let (Some(link), Some(after)) = (&before.link, after) {
        let change = NewChange {
            origin: ChangeOrigin { run: None, directory: &link.directory, at: event.at },
            account: before.id.clone(),
            kind,
            before: Some(account_snapshot(before)),
            after: account_snapshot(&after),
            why: Some(BY_AN_ADMINISTRATOR),
        };
        changes::record_all(tx, &[change]).await?;
    }
    Ok(status)
}
