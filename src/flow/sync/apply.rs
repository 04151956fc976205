//! Write what was judged: past the guard, one transaction for each page.

use std::collections::HashSet;

use super::judge::JudgedPerson;
use super::order::SyncError;
use crate::domain::entry::EntryId;
use crate::domain::reconcile::Action;
use crate::domain::team_share::ShareDiff;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::person::guard::{Guard, loss};
use crate::flow::sync::run_log::Log;
use crate::store::{EntryOutcome, Fenced, HeldBack, Verdicts};

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
        let entries: Vec<EntryId> = page.iter().map(|one| one.person.id).collect();
        let waiting = self.parts.store.sync().held_among(self.site.id(), &entries).await?;
        let waiting: HashSet<EntryId> = waiting.into_iter().map(|row| row.person.entry).collect();
        let mut verdicts = Verdicts { version: Some(self.version), ..Verdicts::default() };
        let here: HashSet<EntryId> = entries.into_iter().collect();
        for one in page {
            // The people of this page were judged with each other's current state.
            verdicts.touched.extend(one.touches.iter().filter(|other| !here.contains(other)));
            let waits = waiting.contains(&one.person.id);
            self.one(&mut verdicts, one, waits).await?;
        }
        if does_something(&verdicts) {
            log.begin().await?;
        }
        let newly_held = verdicts.held.iter().filter(|held| !waiting.contains(&held.entry)).count();
        let now = self.parts.now();
        let done = self.parts.store.sync().apply_verdicts(log.run(), self.site.id(), verdicts, now).await?;
        let Fenced::Done(done) = done else { return Err(SyncError::Overtaken) };
        log.count(done, newly_held);
        Ok(())
    }

    async fn one(
        &mut self,
        verdicts: &mut Verdicts,
        one: JudgedPerson,
        waits: bool,
    ) -> Result<(), SyncError> {
        let entry = one.person.id;
        let login_name = one.person.facts.login_name.clone();
        verdicts.judged.push(one.person.judged(one.claims));
        let Some(account) = &one.account else {
            verdicts.batch.push(EntryOutcome { entry, login_name, outcome: one.outcome });
            verdicts.shares.insert(entry, one.shares);
            return Ok(());
        };
        verdicts.renewed.extend(account.newer_password(one.person.facts.password_changed_at));
        let (store, now) = (&self.parts.store, self.parts.now());
        if !one.takes() || self.guard.lets(store, self.site, &account.id, waits, now).await? {
            verdicts.released.extend(waits.then_some(entry));
            verdicts.batch.push(EntryOutcome { entry, login_name, outcome: one.outcome });
            verdicts.shares.insert(entry, one.shares);
            return Ok(());
        }
        verdicts.held.push(HeldBack {
            entry,
            account: account.id.clone(),
            login_name: login_name.clone(),
            what: loss(&one.outcome.action, &one.shares),
        });
        let outcome = one.outcome.without_suspension(one.account.as_ref());
        verdicts.batch.push(EntryOutcome { entry, login_name, outcome });
        verdicts.shares.insert(entry, ShareDiff { left: Vec::new(), ..one.shares });
        Ok(())
    }
}

/// False if the page only confirms that people were seen.
fn does_something(verdicts: &Verdicts) -> bool {
    let acts = |action: &Action| !matches!(action, Action::Keep(_) | Action::Ignore);
    verdicts.batch.iter().any(|one| acts(&one.outcome.action))
        || verdicts.shares.values().any(|diff| !diff.is_empty())
        || !verdicts.held.is_empty()
        || !verdicts.released.is_empty()
}
