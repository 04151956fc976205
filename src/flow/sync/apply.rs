//! Write what was judged: past the guard, one transaction for each page.

use std::collections::{BTreeSet, HashSet};

use super::SyncError;
use super::judge::JudgedPerson;
use crate::domain::account::AccountId;
use crate::domain::entry::EntryId;
use crate::domain::guard::Allowance;
use crate::domain::reconcile::Action;
use crate::domain::team_share::{Share, ShareDiff};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::person::allowance;
use crate::flow::sync::run_log::Log;
use crate::store::{AppliedEntry, AppliedKind, Fenced, HeldBack, Loss, Verdicts};

/// Limits from how many people a run may take something.
pub(super) enum Guard {
    /// A run: a number of people a day; the rest waits for an administrator. Read only when something is to
    /// be taken for the first time, since most changes take nothing.
    Limited(Option<Allowance>),
    /// An administrator has seen and approved the changes.
    Approved,
}

impl Guard {
    fn lets(&mut self, account: &AccountId, waits: bool) -> bool {
        match self {
            Self::Approved => true,
            Self::Limited(allowance) => {
                !waits && allowance.as_mut().is_some_and(|allowance| allowance.take(account))
            }
        }
    }
}

pub(super) struct Applier<'a> {
    parts: &'a SyncParts,
    site: &'a Site,
    version: i64,
    guard: Guard,
}

impl<'a> Applier<'a> {
    /// `version` is the version of the mirror by which people are judged: if another process has written it
    /// since, nothing is written here.
    pub(super) fn new(parts: &'a SyncParts, site: &'a Site, version: i64, guard: Guard) -> Self {
        Self { parts, site, version, guard }
    }

    /// Writes one page in one transaction.
    pub(super) async fn page(&mut self, log: &mut Log<'_>, page: Vec<JudgedPerson>) -> Result<(), SyncError> {
        if let Guard::Limited(allowance @ None) = &mut self.guard
            && page.iter().any(JudgedPerson::takes)
        {
            *allowance = Some(allowance::allowance(&self.parts.store, self.site, self.parts.now()).await?);
        }
        let entries: Vec<EntryId> = page.iter().map(|one| one.person.id).collect();
        let waiting = self.parts.store.sync().held_among(self.site.id(), &entries).await?;
        let waiting: HashSet<EntryId> = waiting.into_iter().map(|row| row.person.entry).collect();
        let mut verdicts = Verdicts { version: Some(self.version), ..Verdicts::default() };
        let here: HashSet<EntryId> = entries.into_iter().collect();
        for one in page {
            // The people of this page were judged with each other's current state.
            verdicts.touched.extend(one.touches.iter().filter(|other| !here.contains(other)));
            let waits = waiting.contains(&one.person.id);
            self.one(&mut verdicts, one, waits);
        }
        if does_something(&verdicts) {
            log.begin().await?;
        }
        let held: HashSet<EntryId> = verdicts.held.iter().map(|held| held.entry).collect();
        let now = self.parts.now();
        let done = self.parts.store.sync().apply_verdicts(log.run(), self.site.id(), verdicts, now).await?;
        let Fenced::Done(mut done) = done else { return Err(SyncError::Overtaken) };
        // A held account differs from the directory, so it is not "unchanged".
        let kept = |one: &&mut AppliedEntry| one.kind == AppliedKind::Kept && held.contains(&one.entry);
        done.iter_mut().filter(kept).for_each(|one| one.kind = AppliedKind::Ignored);
        log.count(done, held.difference(&waiting).count());
        Ok(())
    }

    fn one(&mut self, verdicts: &mut Verdicts, one: JudgedPerson, waits: bool) {
        let entry = one.person.id;
        let name = one.person.facts.login_name.clone();
        verdicts.judged.push(one.person.judged(one.claims));
        let Some(account) = &one.account else {
            verdicts.batch.push((entry, name, one.outcome));
            verdicts.shares.insert(entry, one.shares);
            return;
        };
        verdicts.renewed.extend(account.newer_password(one.person.facts.password_changed_at));
        let takes = one.takes();
        if !takes || self.guard.lets(&account.id, waits) {
            verdicts.released.extend(waits.then_some(entry));
            verdicts.batch.push((entry, name, one.outcome));
            verdicts.shares.insert(entry, one.shares);
            return;
        }
        verdicts.held.push(HeldBack {
            entry,
            account: account.id.clone(),
            login_name: name.clone(),
            what: taking(&one.outcome.action, &one.shares),
        });
        let (rest, _) = one.outcome.split_suspension(one.account.as_ref());
        verdicts.batch.push((entry, name, rest));
        verdicts.shares.insert(entry, ShareDiff { left: Vec::new(), ..one.shares });
    }
}

fn taking(action: &Action, shares: &ShareDiff) -> Loss {
    let suspend = match action {
        Action::Suspend(_, because, _) => Some(*because),
        _ => None,
    };
    let shares: BTreeSet<&Share> = shares.left.iter().map(|change| &change.share).collect();
    Loss { suspend, shares: shares.into_iter().map(|share| share.team_share.clone()).collect() }
}

/// False if the page only confirms that people were seen.
fn does_something(verdicts: &Verdicts) -> bool {
    let acts = |action: &Action| !matches!(action, Action::Keep(_) | Action::Ignore);
    verdicts.batch.iter().any(|(_, _, outcome)| acts(&outcome.action))
        || verdicts.shares.values().any(|diff| !diff.is_empty())
        || !verdicts.held.is_empty()
        || !verdicts.released.is_empty()
}
