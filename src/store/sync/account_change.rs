//! Change an existing account: its link, profile and expiry, its status, and what its history says.

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId, Profile, Status, SuspendedBecause};
use crate::domain::history::account_snapshot;
use crate::domain::reconcile::{Change, Conflict};

use super::applied::AppliedKind;
use super::batch::Batch;
use super::changes::{self, NewChange};
use crate::store::engine::columns::columns;
use crate::store::engine::error::Result;
use crate::store::engine::value::values;
use crate::store::identity::accounts::{self, link_columns, profile_columns};
use crate::store::identity::endings::{self, Ending};
use crate::store::identity::linked_before::{self, RESETS_FACTORS};
use crate::store::identity::{mapped, words};

impl Batch<'_> {
    /// Writes a change to an existing account, and its new status if it changes.
    pub(in crate::store) async fn change(
        &mut self,
        id: AccountId,
        change: &Change,
        to: To,
        conflict: &mut Option<Conflict>,
    ) -> Result<(AppliedKind, Option<AccountId>)> {
        let Some(before) = accounts::locked(&mut self.tx, &id).await? else {
            return Ok((AppliedKind::Overtaken, None));
        };
        let Some(kind) = to.from(&before, change) else { return Ok((AppliedKind::Overtaken, Some(id))) };
        if !self.write(&before, change, conflict).await? {
            return Ok((AppliedKind::Overtaken, Some(id)));
        }
        let mut why = None;
        match (kind, to) {
            (AppliedKind::Suspended, To::Suspended(because)) => {
                self.suspend(&before, because).await?;
                why = Some(because.as_str());
            }
            (AppliedKind::Reactivated, _) => self.reactivate(&id).await?,
            (AppliedKind::Linked, To::Linked { password_changed_at }) => {
                mapped::forget(&mut self.tx, &id).await?;
                endings::raise(&mut self.tx, &id).await?;
                self.note_password(&id, password_changed_at).await?;
                let taken_over = linked_before::take_over(&mut self.tx, &id, &change.link, self.now).await?;
                why = taken_over.then_some(RESETS_FACTORS);
            }
            _ => {}
        }
        self.record(kind, &before, &id, why).await?;
        Ok((kind, Some(id)))
    }

    /// Writes link, profile and expiry. A profile whose email address another account has just taken is left
    /// out and reported as a conflict; false if another account has the entry.
    async fn write(
        &mut self,
        before: &Account,
        change: &Change,
        conflict: &mut Option<Conflict>,
    ) -> Result<bool> {
        let profile = change.profile.as_ref().unwrap_or(&before.profile);
        let confirmed = conflict.is_none() && !self.unconfirmed.contains(&change.link.entry);
        let confirmed = confirmed.then_some(self.now);
        if self.write_with(before, change, profile, confirmed).await? {
            return Ok(true);
        }
        *conflict = self.email_conflict(profile, Some(&before.id)).await?;
        self.write_with(before, change, &before.profile, None).await
    }

    /// `seen_at` is set only for accounts without a conflict that the guard does not hold: see [`Batch::record_seen`].
    async fn write_with(
        &mut self,
        before: &Account,
        change: &Change,
        profile: &Profile,
        seen_at: Option<Millis>,
    ) -> Result<bool> {
        let (sql, values) = profile_columns(profile, before.changed_at(profile, self.now))
            .and(link_columns(Some(&change.link)))
            .and(columns! { "expires_at" => change.expires_at, "seen_at" => seen_at })
            .update("accounts")
            .set_to("seen_run", ["coalesce(", ", seen_run)"], self.run())
            .only("id", &before.id);
        let written = self.tx.execute_unique(sql, values).await?.is_some();
        if written {
            words::replace(&mut self.tx, &before.id, &before.profile, profile).await?;
        }
        let old = before.profile.email_key();
        if written && old != profile.email_key() {
            self.freed.insert(old);
        }
        Ok(written)
    }

    /// Suspends an account and ends its sessions and grants.
    async fn suspend(&mut self, account: &Account, because: SuspendedBecause) -> Result<()> {
        let sql = "UPDATE accounts SET status = 'suspended', suspended_because = $2, suspended_since = $3, \
             generation = generation + 1 WHERE id = $1";
        self.tx.execute(sql, values![&account.id, because.as_str(), self.now]).await?;
        endings::end(&mut self.tx, &account.id, Ending::All, self.now).await.map(drop)
    }

    async fn reactivate(&mut self, id: &AccountId) -> Result<()> {
        let sql = "UPDATE accounts SET status = 'active', suspended_because = NULL, suspended_since = NULL, \
             generation = generation + 1 WHERE id = $1";
        self.tx.execute(sql, values![id]).await?;
        Ok(())
    }

    /// Records when the password of a newly linked entry was set: what was opened before has ended already.
    async fn note_password(&mut self, id: &AccountId, set_at: Option<Millis>) -> Result<()> {
        let sql = "UPDATE accounts SET password_changed_at = coalesce($2, password_changed_at) WHERE id = $1";
        self.tx.execute(sql, values![id, set_at]).await?;
        Ok(())
    }

    /// Records the change, with the account before and after.
    async fn record(
        &mut self,
        kind: AppliedKind,
        before: &Account,
        id: &AccountId,
        why: Option<&str>,
    ) -> Result<()> {
        let Some(kind) = kind.change() else { return Ok(()) };
        let Some(after) = accounts::locked(&mut self.tx, id).await? else { return Ok(()) };
        changes::renamed(&mut self.tx, before, &after).await?;
        let (origin, account) = (self.origin(), id.clone());
        let (before, after) = (Some(account_snapshot(before)), account_snapshot(&after));
        changes::record_all(&mut self.tx, &[NewChange { origin, account, kind, before, after, why }]).await
    }
}

/// The new state of an account.
#[derive(Clone, Copy)]
pub(in crate::store) enum To {
    Linked { password_changed_at: Option<Millis> },
    Updated,
    Suspended(SuspendedBecause),
    Active,
}

impl To {
    /// What the step does to the account as it is now; `None` if it no longer fits.
    fn from(self, before: &Account, change: &Change) -> Option<AppliedKind> {
        let linked = before.link.as_ref().map(|link| (&link.directory, link.entry));
        let same_entry = linked == Some((&change.link.directory, change.link.entry));
        match (self, before.status) {
            (Self::Linked { .. }, _) if before.link.is_none() => Some(AppliedKind::Linked),
            _ if !same_entry => None,
            (Self::Suspended(_), Status::Active) => Some(AppliedKind::Suspended),
            // The directory does not reactivate an account that an administrator suspended here.
            (Self::Active, Status::Suspended { because: SuspendedBecause::Admin, .. }) => None,
            (Self::Active, Status::Suspended { .. }) => Some(AppliedKind::Reactivated),
            _ => Some(AppliedKind::Updated),
        }
    }
}
