//! Write the decisions of a sync run. A batch is one transaction; each action reads the account again, which
//! may have changed since the decision, and the unique constraints decide between concurrent writers.

use std::collections::{HashMap, HashSet};

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId, Profile, Status, SuspendedBecause};
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::history::account_snapshot;
use crate::domain::reconcile::{Action, Change, Conflict, Outcome};
use crate::domain::team_share::ShareDiff;

use super::applied::{AppliedEntry, AppliedKind, EntryOutcome};
use super::batch::Batch;
use super::changes::{self, NewChange};
use super::created::New;
use super::held::{self, HeldBack, Pause};
use super::ids::RunId;
use super::shares;
use crate::store::SyncStore;
use crate::store::engine::columns::columns;
use crate::store::engine::error::Result;
use crate::store::engine::value::{Value, values};
use crate::store::identity::accounts::{self, link_columns, profile_columns};
use crate::store::identity::endings::{self, Ending};
use crate::store::identity::linked_before::{self, RESETS_FACTORS};
use crate::store::identity::mapped;
use crate::store::login::sessions;
use crate::store::mirror::{self, SettledPerson};

/// The decisions for people of one directory: a page of the mirror, or one person who signs in.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    /// The version of the mirror that people were judged by, if any: if it has changed, nothing is written.
    pub version: Option<i64>,
    /// Write nothing if the sync is paused. Only what an administrator has approved is written then.
    pub unless_paused: bool,
    /// What to do with the account of each person.
    pub batch: Vec<EntryOutcome>,
    /// The people who were judged.
    pub judged: Vec<SettledPerson>,
    /// The people who must be judged again because of this batch.
    pub touched: Vec<EntryId>,
    /// The changes of their Team Shares.
    pub shares: HashMap<EntryId, ShareDiff>,
    /// People who would lose something, and wait for an administrator instead.
    pub held: Vec<HeldBack>,
    /// People who wait no longer.
    pub released: Vec<EntryId>,
    /// People whose account is seen, but not enough to judge them by.
    pub unconfirmed: Vec<EntryId>,
    /// Accounts whose password is newer than recorded, and when it was set.
    pub renewed: Vec<(AccountId, Millis)>,
}

/// The result of applying verdicts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a writer that was overtaken must stop"]
pub enum Applied {
    Done(Vec<AppliedEntry>),
    /// Another process has written the mirror: nothing was written.
    Overtaken,
    /// No account and no Team Share was changed. Who would have been changed is not confirmed any more, and the
    /// sessions of older passwords have ended.
    Paused(Pause),
}

impl Verdicts {
    /// The accounts that differ from their entries, or may not be judged by what is stored.
    fn differing(&self) -> Vec<AccountId> {
        let same = |one: &EntryOutcome| {
            matches!(one.outcome.action, Action::Keep(_))
                && one.outcome.conflict.is_none()
                && !self.unconfirmed.contains(&one.entry)
        };
        let others = self.batch.iter().filter(|one| !same(one));
        let others = others.filter_map(|one| one.outcome.action.account());
        others.chain(self.held.iter().map(|held| &held.account)).cloned().collect()
    }
}

impl SyncStore<'_> {
    /// Applies decisions in one transaction, which also records that the people were judged. `run` is `None`
    /// for a sign-in.
    pub async fn apply_verdicts(
        &self,
        run: impl Into<Option<RunId>>,
        directory: &DirectoryId,
        verdicts: Verdicts,
        now: Millis,
    ) -> Result<Applied> {
        let (differing, renewed) = (verdicts.differing(), verdicts.renewed.clone());
        let unless_paused = verdicts.unless_paused;
        let (mut tx, run) = (self.store.db.begin().await?, run.into());
        if let Some(version) = verdicts.version
            && !mirror::is_at(&mut tx, directory, version).await?
        {
            return Ok(Applied::Overtaken);
        }
        let held = verdicts.held.iter().map(|held| held.entry);
        let unconfirmed = held.chain(verdicts.unconfirmed.iter().copied()).collect();
        let mut writing =
            Batch { tx, run, directory, unconfirmed, freed: HashSet::new(), rejudge: Vec::new(), now };
        let done = writing.write_all(verdicts).await?;
        // Last, since every account is locked by now. A revert pauses the sync before it locks an account: so it
        // has yet to wait for this transaction, or its pause is visible here.
        if unless_paused && let Some(pause) = held::find_pause(&mut writing.tx, directory).await? {
            drop(writing);
            self.store.login().unconfirm(differing).await?;
            self.store.login().passwords_changed(&renewed, now).await?;
            return Ok(Applied::Paused(pause));
        }
        writing.tx.commit().await?;
        Ok(Applied::Done(done))
    }
}

impl Batch<'_> {
    async fn write_all(&mut self, verdicts: Verdicts) -> Result<Vec<AppliedEntry>> {
        let mut done = Vec::with_capacity(verdicts.batch.len());
        let (new, others): (Vec<_>, Vec<_>) = verdicts.batch.into_iter().partition(New::is_asked_for);
        for one in others {
            done.push(self.apply(one).await?);
        }
        // After the others: an email address that one of them gave up is free.
        done.extend(self.create(new).await?);
        self.write_shares(&mut done, &verdicts.shares).await?;
        self.record_seen(&done).await?;
        self.clear_conflicts(&done).await?;
        self.hold(&mut done, &verdicts.held).await?;
        held::unhold(&mut self.tx, self.directory, verdicts.released).await?;
        for (account, set_at) in &verdicts.renewed {
            sessions::end_older(&mut self.tx, account, *set_at, self.now).await?;
        }
        mirror::settle(&mut self.tx, self.directory, &verdicts.judged).await?;
        let mut touched = verdicts.touched;
        touched.append(&mut self.rejudge);
        mirror::touch(&mut self.tx, self.directory, &touched).await?;
        // After that: a person judged in this batch by an address that was not free yet must be judged again.
        mirror::emails_freed(&mut self.tx, std::mem::take(&mut self.freed)).await?;
        Ok(done)
    }

    async fn apply(&mut self, one: EntryOutcome) -> Result<AppliedEntry> {
        let EntryOutcome { entry, login_name, outcome, password_changed_at } = one;
        let Outcome { action, mut conflict } = outcome;
        let (kind, account) = match action {
            Action::Ignore => (AppliedKind::Ignored, None),
            Action::Keep(id) => (AppliedKind::Kept, Some(id)),
            // Without a profile; others are in `Batch::create`.
            Action::Create(_) => (AppliedKind::Ignored, None),
            Action::Link(id, change) => {
                self.change(id, &change, To::Linked { password_changed_at }, &mut conflict).await?
            }
            Action::Update(id, change) => self.change(id, &change, To::Updated, &mut conflict).await?,
            Action::Suspend(id, why, change) => {
                self.change(id, &change, To::Suspended(why), &mut conflict).await?
            }
            Action::Reactivate(id, change) => self.change(id, &change, To::Active, &mut conflict).await?,
        };
        if let Some(conflict) = &conflict {
            self.record_conflict(entry, &login_name, conflict).await?;
        }
        Ok(AppliedEntry { entry, account, kind, conflict, shares_joined: 0, shares_left: 0 })
    }

    /// Writes a change to an existing account, and its new status if it changes.
    async fn change(
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

    /// Writes the changes of Team Shares.
    async fn write_shares(
        &mut self,
        done: &mut [AppliedEntry],
        shares: &HashMap<EntryId, ShareDiff>,
    ) -> Result<()> {
        let mut diffs = Vec::new();
        for applied in done {
            let (Some(diff), Some(account)) = (shares.get(&applied.entry), &applied.account) else {
                continue;
            };
            if applied.kind == AppliedKind::Overtaken {
                // The account may belong to another entry by now.
                continue;
            }
            diffs.push((account, diff));
            (applied.shares_joined, applied.shares_left) = (diff.joined.len() as u64, diff.left.len() as u64);
        }
        let origin = self.origin();
        shares::write(&mut self.tx, origin, &diffs).await
    }

    /// Holds people whom something would be taken from. An account that is otherwise unchanged differs from its
    /// entry.
    async fn hold(&mut self, done: &mut [AppliedEntry], people: &[HeldBack]) -> Result<()> {
        for person in people {
            held::hold(&mut self.tx, self.run, self.directory, person, self.now).await?;
        }
        let held: HashSet<EntryId> = people.iter().map(|person| person.entry).collect();
        let kept = |one: &&mut AppliedEntry| one.kind == AppliedKind::Kept && held.contains(&one.entry);
        done.iter_mut().filter(kept).for_each(|one| one.kind = AppliedKind::Held);
        Ok(())
    }

    /// Records that the accounts which need no change were seen.
    async fn record_seen(&mut self, done: &[AppliedEntry]) -> Result<()> {
        let (held, kept): (Vec<&AppliedEntry>, Vec<&AppliedEntry>) = done
            .iter()
            .filter(|applied| matches!(applied.kind, AppliedKind::Kept | AppliedKind::Overtaken))
            .partition(|applied| applied.conflict.is_some() || self.unconfirmed.contains(&applied.entry));
        let ids = |of: Vec<&AppliedEntry>| -> Vec<Value> {
            of.into_iter().filter_map(|applied| applied.account.as_ref().map(Value::from)).collect()
        };
        let (held, kept) = (ids(held), ids(kept));
        if !kept.is_empty() {
            let sql = "UPDATE accounts SET seen_at = $1, seen_run = coalesce($2, seen_run) WHERE id IN";
            self.tx.execute_in(sql, values![self.now, self.run()], kept).await?;
        }
        if !held.is_empty() {
            // Seen, but not confirmed: their sessions are judged on a live read, which finds the conflict.
            let sql = "UPDATE accounts SET seen_at = NULL, seen_run = coalesce($1, seen_run) WHERE id IN";
            self.tx.execute_in(sql, values![self.run()], held).await?;
        }
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
enum To {
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
