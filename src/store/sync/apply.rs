//! Write the decisions of a sync run or of a sign-in. A batch is one transaction; each action reads the account again, which
//! may have changed since the decision, and the unique constraints decide between concurrent writers.

use std::collections::{HashMap, HashSet};

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::audit::Event;
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::reconcile::{Action, Outcome};
use crate::domain::team_share::ShareDiff;

use super::account_change::To;
use super::applied::{AppliedEntry, AppliedKind, EntryOutcome};
use super::batch::Batch;
use super::created::New;
use super::held::{self, HeldBack, Pause};
use super::ids::RunId;
use super::shares;
use crate::store::SyncStore;
use crate::store::engine::error::Result;
use crate::store::engine::value::{Value, values};
use crate::store::login::sessions;
use crate::store::mirror::{self, SettledPerson};
use crate::store::trail::audit;

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
    /// What an administrator has decided about them, for the audit trail.
    pub events: Vec<Event>,
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
        for event in &verdicts.events {
            audit::insert(&mut self.tx, event).await?;
        }
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

    /// Holds people who would lose something. An account that is otherwise unchanged differs from its
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
        let (unconfirmed, confirmed): (Vec<&AppliedEntry>, Vec<&AppliedEntry>) = done
            .iter()
            .filter(|applied| matches!(applied.kind, AppliedKind::Kept | AppliedKind::Overtaken))
            .partition(|applied| applied.conflict.is_some() || self.unconfirmed.contains(&applied.entry));
        let ids = |of: Vec<&AppliedEntry>| -> Vec<Value> {
            of.into_iter().filter_map(|applied| applied.account.as_ref().map(Value::from)).collect()
        };
        let (unconfirmed, confirmed) = (ids(unconfirmed), ids(confirmed));
        if !confirmed.is_empty() {
            let sql = "UPDATE accounts SET seen_at = $1, seen_run = coalesce($2, seen_run) WHERE id IN";
            self.tx.execute_in(sql, values![self.now, self.run()], confirmed).await?;
        }
        if !unconfirmed.is_empty() {
            // Seen, but not confirmed: their sessions are judged on a live read, which finds the conflict.
            let sql = "UPDATE accounts SET seen_at = NULL, seen_run = coalesce($1, seen_run) WHERE id IN";
            self.tx.execute_in(sql, values![self.run()], unconfirmed).await?;
        }
        Ok(())
    }
}
