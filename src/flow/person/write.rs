//! Write what was decided for people, past the guard and in one transaction: for a run and for a sign-in.

use std::collections::HashMap;

use crate::domain::Millis;
use crate::domain::entry::EntryId;
use crate::domain::reconcile::Action;
use crate::flow::installation::current::Site;
use crate::flow::person::decided::DecidedPerson;
use crate::flow::person::guard::Guard;
use crate::store::{Applied, EntryOutcome, HeldBack, Loss, RunId, Store, StoreError, Verdicts};

/// Where decisions come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) enum DecidedBy {
    /// The mirror in this version: if another process has written it since, nothing is written.
    Mirror { version: i64 },
    /// The live entry of one person.
    LiveEntry,
}

/// Writes what was decided for people of one directory.
pub(in crate::flow) struct PersonWriter<'a> {
    store: &'a Store,
    site: &'a Site,
    by: DecidedBy,
    guard: Guard,
}

/// Decisions past the guard: what is written, what waits for an administrator, and who waits no longer.
pub(in crate::flow) struct PastGuard {
    pub verdicts: Verdicts,
    /// How many people wait who did not wait before.
    pub newly_held: usize,
}

impl<'a> PersonWriter<'a> {
    pub(in crate::flow) fn new(store: &'a Store, site: &'a Site, by: DecidedBy, guard: Guard) -> Self {
        Self { store, site, by, guard }
    }

    /// Asks the guard about everybody who would lose something.
    pub(in crate::flow) async fn ask_guard(
        &mut self,
        people: Vec<DecidedPerson>,
        now: Millis,
    ) -> Result<PastGuard, StoreError> {
        let entries: Vec<EntryId> = people.iter().map(|person| person.entry).collect();
        let waiting = self.store.sync().held_among(self.site.id(), &entries).await?;
        let waiting: HashMap<EntryId, Loss> =
            waiting.into_iter().map(|row| (row.person.entry, row.person.what)).collect();
        if people.iter().any(|person| person.takes() && !waiting.contains_key(&person.entry)) {
            self.guard.read(self.store, self.site, now).await?;
        }
        let version = match self.by {
            DecidedBy::Mirror { version } => Some(version),
            DecidedBy::LiveEntry => None,
        };
        let unless_paused = !matches!(self.guard, Guard::Approved);
        let mut verdicts = Verdicts { version, unless_paused, ..Verdicts::default() };
        for person in people {
            let waits = waiting.get(&person.entry);
            self.add(&mut verdicts, person, waits);
        }
        let newly_held = verdicts.held.iter().filter(|held| !waiting.contains_key(&held.entry)).count();
        Ok(PastGuard { verdicts, newly_held })
    }

    /// `waits` is what the guard holds of the person already.
    fn add(&mut self, verdicts: &mut Verdicts, mut person: DecidedPerson, waits: Option<&Loss>) {
        // Whatever the guard holds, and whatever conflicts: what an older password opened ends.
        verdicts.renewed.extend(person.newer_password());
        match self.held(&person, waits) {
            Some(held) => {
                verdicts.held.push(held);
                person = person.without_loss();
            }
            None if self.ends_the_wait(&person, waits) => verdicts.released.push(person.entry),
            None => {}
        }
        let DecidedPerson { entry, login_name, outcome, shares, password_changed_at, confirms, .. } = person;
        verdicts.unconfirmed.extend((!confirms).then_some(entry));
        verdicts.shares.insert(entry, shares);
        verdicts.batch.push(EntryOutcome { entry, login_name, outcome, password_changed_at });
    }

    /// What the person would lose and waits for instead.
    fn held(&mut self, person: &DecidedPerson, waits: Option<&Loss>) -> Option<HeldBack> {
        let account = person.account.as_ref().filter(|_| person.takes())?;
        if self.guard.allows(&account.id, waits.is_some()) {
            return None;
        }
        let mut what = person.loss();
        if let (DecidedBy::LiveEntry, Some(waits)) = (self.by, waits) {
            // A live entry does not say which Team Shares are to be left.
            what.shares.clone_from(&waits.shares);
        }
        let (account, login_name) = (account.id.clone(), person.login_name.clone());
        Some(HeldBack { entry: person.entry, account, login_name, what })
    }

    /// Whether a person from whom nothing is held now waits no longer. A live entry says that a suspension is no
    /// longer due, but not whether a Team Share is.
    fn ends_the_wait(&self, person: &DecidedPerson, waits: Option<&Loss>) -> bool {
        waits.is_some_and(|waits| match self.by {
            DecidedBy::Mirror { .. } => true,
            DecidedBy::LiveEntry => person.confirms && waits.shares.is_empty(),
        })
    }

    /// Writes it in one transaction, which compares the version of the mirror and whether the sync is paused.
    pub(in crate::flow) async fn write(
        &self,
        run: Option<RunId>,
        verdicts: Verdicts,
        now: Millis,
    ) -> Result<Applied, StoreError> {
        self.store.sync().apply_verdicts(run, self.site.id(), verdicts, now).await
    }
}

impl PastGuard {
    /// False if no run has to begin for it: it confirms that people were seen, records conflicts, or ends sessions.
    pub(in crate::flow) fn needs_a_run(&self) -> bool {
        let Verdicts { batch, shares, held, released, .. } = &self.verdicts;
        let acts = |one: &EntryOutcome| !matches!(one.outcome.action, Action::Keep(_) | Action::Ignore);
        batch.iter().any(acts)
            || shares.values().any(|diff| !diff.is_empty())
            || !held.is_empty()
            || !released.is_empty()
    }
}
