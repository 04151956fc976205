//! A full import: the directory's people, page by page, made into accounts.
//!
//! An empty, partial or broken answer is a failed run. What gives (accounts made, tied, brought up to date, switched on
//! again) is written page by page and stays; what takes away (suspensions, other groups) is written when everything has
//! been read to its proper end: nobody loses anything by a fault.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::time::{Duration, Instant};

use crate::directory::{DirectoryError, ObjectKind};
use crate::domain::dn::Dn;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::group::GroupGraph;
use crate::domain::name::fold;
use crate::domain::reconcile::{self, Conflict, Held, Observed, Outcome};
use crate::domain::scope::Memberships;
use crate::domain::settings::Schema;
use crate::domain::{MINUTE, Millis};
use crate::flow::causes::Causes;
use crate::flow::context::Parts;
use crate::flow::estate::Site;
use crate::store::{Applied, AppliedKind, ConflictRow, RunCounts, RunId, RunTold, StoreError};

/// Another process may take over when a run has not shown a sign of life for this long.
const LEASE: Millis = 2 * MINUTE;

/// How often a run shows a sign of life, however long one answer takes.
const RENEW: Duration = Duration::from_secs(30);

/// So many suspensions are written at once.
const SUSPENSIONS: usize = 200;

/// Why a run failed. Nothing was taken from anybody, unless the store failed at the very end.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// Another process is at it.
    #[error(
        "another sync of this directory is running, or was cut off in the last two minutes; try again later"
    )]
    Running,
    /// The directory did not answer, or not completely.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A selected OU or group can't be found or read.
    #[error(
        "{0} is selected in [directories.scope] but can't be read: was it deleted or renamed, or may the service account not read it?"
    )]
    ScopeObject(Dn),
    /// Nothing is selected.
    #[error("no OU and no group is selected in [directories.scope]")]
    NoScope,
    /// Nobody was found though accounts are held: more likely a fault than the truth.
    #[error(
        "the directory showed nobody in scope, though {held} accounts are linked to it; nothing was changed"
    )]
    Empty {
        /// Active accounts of this directory.
        held: i64,
    },
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was done, in numbers.
    pub counts: RunCounts,
    /// People who are held back, and why.
    pub conflicts: Vec<ConflictRow>,
}

/// Imports one directory. `trigger` says why, for the log of runs.
pub async fn run(parts: &Parts, site: &Site, trigger: &str) -> Result<Report, SyncError> {
    let holder = parts.random_id();
    let lease = format!("sync:{}", site.id());
    let now = parts.now();
    if !parts.store.acquire_lease(&lease, &holder, now + LEASE, now).await? {
        return Err(SyncError::Running);
    }
    let renew = async || {
        let now = parts.now();
        let renewed = parts.store.acquire_lease(&lease, &holder, now + LEASE, now).await;
        // A store that is away for a moment does not end the run: the lease bridges a few of these.
        renewed.unwrap_or(true)
    };
    let result = renewed(run_alone(parts, site, trigger, (&lease, &holder)), RENEW, renew).await;
    parts.store.release_lease(&lease, &holder).await?;
    site.refresh_groups(&parts.store).await?;
    result
}

/// Does the work, and renews the lease beside it; a run that another process has taken over ends at once.
async fn renewed<T, F: Future<Output = bool>>(
    work: impl Future<Output = Result<T, SyncError>>,
    every: Duration,
    renew: impl Fn() -> F,
) -> Result<T, SyncError> {
    let lost = async {
        loop {
            tokio::time::sleep(every).await;
            if !renew().await {
                return;
            }
        }
    };
    tokio::select! {
        done = work => done,
        () = lost => Err(SyncError::Running),
    }
}

async fn run_alone(
    parts: &Parts,
    site: &Site,
    trigger: &str,
    lease: (&str, &str),
) -> Result<Report, SyncError> {
    let may_link = may_link(parts, site).await?;
    let run = parts.store.begin_run(site.id(), trigger, parts.now()).await?;
    let mut import = Import {
        parts,
        site,
        run,
        may_link,
        lease,
        counts: RunCounts::default(),
        waiting: HashMap::new(),
        barred: HashMap::new(),
    };
    let result = import.all().await;
    let counts = import.counts;
    let outcome = result.as_ref().map(|()| counts).map_err(|error| Causes(error).to_string());
    if outcome.is_ok() {
        parts.store.forget_unseen_conflicts(run).await?;
    }
    parts.store.finish_run(run, outcome, &RunTold::default(), parts.now()).await?;
    result?;
    // Only now: the end of a run forgets those held back whose entries are gone.
    Ok(Report { counts, conflicts: parts.store.conflicts(site.id()).await? })
}

/// The first import after accounts were loaded links them by mail; later ones only where people can't write their own.
async fn may_link(parts: &Parts, site: &Site) -> Result<bool, StoreError> {
    if site.settings.email_written_by_admins_only {
        return Ok(true);
    }
    // A run that had begun before the accounts were loaded has not seen all of them.
    let imported = parts.store.imported_at(site.id()).await?;
    let loaded = parts.store.accounts_loaded_at().await?;
    Ok(imported.is_none_or(|imported| loaded.is_some_and(|loaded| loaded > imported)))
}

struct Import<'a> {
    parts: &'a Parts,
    site: &'a Site,
    run: RunId,
    may_link: bool,
    lease: (&'a str, &'a str),
    counts: RunCounts,
    /// What was done at the first look for those who get a second one, so that each is counted once.
    waiting: HashMap<EntryId, Applied>,
    /// Who is to be suspended when everything has been read: the login name, and what to do.
    barred: HashMap<EntryId, (String, Outcome)>,
}

/// Everything that tells whether an entry is in scope.
struct Map {
    graph: Arc<GroupGraph>,
    /// Groups by the normalised DN of their direct members, where entries do not name their groups themselves.
    listed: HashMap<String, Vec<EntryId>>,
}

impl Import<'_> {
    async fn all(&mut self) -> Result<(), SyncError> {
        self.check_scope().await?;
        let graph = self.site.directory.groups().await?;
        if self.parts.store.groups_generation(self.site.id()).await? == 0 {
            // Nobody can lose what was never known, and whom the first import lets in must find the door open.
            self.write_groups(&graph).await?;
        }
        let map = Map { listed: self.listed_members(&graph).await?, graph: Arc::new(graph) };
        let shared = self.shared_mails(&map).await?;
        let mut second_look = Vec::new();
        for base in self.bases() {
            let mut people = self.site.directory.people(&base);
            while let Some(page) = people.next().await? {
                let seen = page.iter().map(|entry| map.observe(self.site, entry)).collect();
                self.apply(seen, &shared, &mut second_look).await?;
            }
        }
        // People whose mail was taken when their page was read: somebody may have given it up since, and so on.
        let mut waiting = usize::MAX;
        while !second_look.is_empty() && second_look.len() < waiting {
            waiting = second_look.len();
            let again = std::mem::take(&mut second_look);
            self.apply(again, &shared, &mut second_look).await?;
        }
        for applied in std::mem::take(&mut self.waiting).into_values() {
            self.count(applied);
        }
        self.take_away(&map.graph).await
    }

    /// A selected object that is gone is a fault to be told, not the end of everybody in it.
    async fn check_scope(&self) -> Result<(), SyncError> {
        let scope = self.site.scope();
        if scope.is_empty() {
            return Err(SyncError::NoScope);
        }
        let wanted = scope.organizational_units.iter().map(|unit| (&unit.dn, false));
        for (dn, is_group) in wanted.chain(scope.groups.iter().map(|group| (&group.dn, true))) {
            let deadline = Instant::now() + Duration::from_secs(10);
            let found = self.site.directory.resolve(dn, deadline).await?;
            if found.is_none_or(|object| (object.kind == ObjectKind::Group) != is_group) {
                return Err(SyncError::ScopeObject(dn.clone()));
            }
        }
        Ok(())
    }

    /// Where to look: the selected OUs (none inside another), or everywhere as soon as a group is selected.
    fn bases(&self) -> Vec<Dn> {
        let scope = self.site.scope();
        if !scope.groups.is_empty() {
            return vec![self.site.directory.base().clone()];
        }
        let units: Vec<&Dn> = scope.organizational_units.iter().map(|unit| &unit.dn).collect();
        let inside = |unit: &Dn| units.iter().any(|other| unit != *other && unit.is_within(other));
        let mut bases: Vec<Dn> = Vec::new();
        for unit in units.iter().copied() {
            if !inside(unit) && !bases.contains(unit) {
                bases.push(unit.clone());
            }
        }
        bases
    }

    /// A directory without `memberOf` names members only at the group: those that matter are read from there.
    async fn listed_members(&self, graph: &GroupGraph) -> Result<HashMap<String, Vec<EntryId>>, SyncError> {
        let mut listed: HashMap<String, Vec<EntryId>> = HashMap::new();
        let scope = self.site.scope();
        let named = || scope.groups.iter().chain(&scope.excluded_groups);
        if self.site.settings.schema == Schema::ActiveDirectory || named().next().is_none() {
            return Ok(listed);
        }
        let selected: HashSet<EntryId> =
            named().filter_map(|group| group.found_in(graph)).map(|group| group.id).collect();
        for group in graph.iter().filter(|group| !graph.closure([group.id]).is_disjoint(&selected)) {
            let mut members = self.site.directory.members(&group.dn);
            while let Some(page) = members.next().await? {
                for member in page {
                    listed.entry(member.key()).or_default().push(group.id);
                }
            }
        }
        Ok(listed)
    }

    /// Mails that more than one entry in scope has: neither is given an account by it.
    async fn shared_mails(&mut self, map: &Map) -> Result<HashSet<String>, SyncError> {
        let (mut once, mut shared) = (HashSet::new(), HashSet::new());
        for base in self.bases() {
            let mut people = self.site.directory.people(&base);
            while let Some(page) = people.next().await? {
                let in_scope =
                    page.iter().map(|entry| map.observe(self.site, entry)).filter(|seen| seen.in_scope);
                for key in in_scope.filter_map(|seen| seen.profile).map(|profile| profile.email_key()) {
                    if !once.insert(key.clone()) {
                        shared.insert(key);
                    }
                }
                self.stay_alive().await?;
            }
        }
        if once.is_empty() {
            let held = self.parts.store.count_linked(self.site.id()).await?;
            if held > 0 {
                return Err(SyncError::Empty { held });
            }
        }
        Ok(shared)
    }

    async fn apply(
        &mut self,
        seen: Vec<Observed>,
        shared: &HashSet<String>,
        second_look: &mut Vec<Observed>,
    ) -> Result<(), SyncError> {
        let now = self.stay_alive().await?;
        let entries: Vec<EntryId> = seen.iter().map(|seen| seen.entry).collect();
        let keys: Vec<String> =
            seen.iter().filter_map(|seen| seen.profile.as_ref()).map(|profile| profile.email_key()).collect();
        let (linked, owners) = self.parts.store.held_for(self.site.id(), &entries, &keys).await?;
        let linked: HashMap<EntryId, _> =
            linked.iter().filter_map(|account| Some((account.link.as_ref()?.entry, account))).collect();
        let owners: HashMap<String, _> =
            owners.iter().map(|account| (fold(&account.profile.email), account)).collect();
        let mut decided = Vec::with_capacity(seen.len());
        let mut renewed = Vec::new();
        for person in seen {
            let account = linked.get(&person.entry);
            renewed.extend(account.and_then(|account| account.newer_password(person.password_changed_at)));
            let key = person.profile.as_ref().map(|profile| profile.email_key());
            let held = Held {
                linked: linked.get(&person.entry).copied(),
                mail_owner: key.as_ref().and_then(|key| owners.get(key)).copied(),
                mail_is_shared: key.as_ref().is_some_and(|key| shared.contains(key)),
                may_link: self.may_link,
            };
            let (outcome, later) = reconcile::decide(self.site.id(), &person, held, now).in_two(held.linked);
            match later {
                Some(later) => self.barred.insert(person.entry, (person.login_name.clone(), later)),
                None => self.barred.remove(&person.entry),
            };
            if matches!(outcome.conflict, Some(Conflict::MailTaken { .. })) {
                second_look.push(person.clone());
            }
            decided.push((person.entry, person.login_name, outcome));
        }
        let again: HashSet<EntryId> = second_look.iter().map(|seen| seen.entry).collect();
        let barred = entries.into_iter().filter(|entry| self.barred.contains_key(entry)).collect();
        for applied in self.parts.store.apply_page(self.run, self.site.id(), decided, barred, now).await? {
            let applied = match self.waiting.remove(&applied.entry) {
                Some(before) => applied.after(&before),
                None => applied,
            };
            if again.contains(&applied.entry) {
                self.waiting.insert(applied.entry, applied);
            } else {
                self.count(applied);
            }
        }
        Ok(self.parts.store.passwords_changed(&renewed, now).await?)
    }

    /// Who is to be suspended counts as that, at the end.
    fn count(&mut self, applied: Applied) {
        let is_barred = self.barred.contains_key(&applied.entry);
        let kind = if is_barred { AppliedKind::Ignored } else { applied.kind };
        self.counts.add(&Applied { kind, ..applied });
    }

    /// Only now, when everything has been read to its proper end, is anything taken from anybody: first groups, which
    /// the suspensions follow from, then those who may not be here any more, then those who are not there any more.
    async fn take_away(&mut self, graph: &GroupGraph) -> Result<(), SyncError> {
        self.stay_alive().await?;
        self.write_groups(graph).await?;
        let mut barred = std::mem::take(&mut self.barred).into_iter();
        loop {
            let batch: Vec<_> = barred.by_ref().take(SUSPENSIONS).collect();
            if batch.is_empty() {
                break;
            }
            let now = self.stay_alive().await?;
            let batch = batch.into_iter().map(|(entry, (login_name, outcome))| (entry, login_name, outcome));
            let done = self.parts.store.apply_actions(self.run, self.site.id(), batch.collect(), now).await?;
            let suspended = done.iter().filter(|applied| applied.kind == AppliedKind::Suspended);
            self.counts.suspended += suspended.count() as u64;
        }
        self.suspend_missing().await
    }

    async fn write_groups(&self, graph: &GroupGraph) -> Result<(), SyncError> {
        let groups = graph.iter().cloned().collect();
        Ok(self.parts.store.replace_groups(self.site.id(), groups).await?)
    }

    async fn suspend_missing(&mut self) -> Result<(), SyncError> {
        let now = self.stay_alive().await?;
        let suspended = self.parts.store.suspend_unseen(self.run, self.site.id(), now).await?;
        self.counts.suspended += suspended;
        Ok(())
    }

    /// Renews the lease, and stops a run that another process has taken over.
    async fn stay_alive(&self) -> Result<Millis, SyncError> {
        let now = self.parts.now();
        let (lease, holder) = self.lease;
        match self.parts.store.acquire_lease(lease, holder, now + LEASE, now).await? {
            true => Ok(now),
            false => Err(SyncError::Running),
        }
    }
}

impl Map {
    fn observe(&self, site: &Site, entry: &Entry) -> Observed {
        let named = entry.direct_groups.iter().filter_map(|dn| self.graph.by_dn(dn));
        let primary = entry.primary_group.iter().filter_map(|sid| self.graph.by_sid(sid));
        let listed = self.listed.get(&entry.dn.key()).into_iter().flatten().copied();
        let direct = named.chain(primary).map(|group| group.id).chain(listed);
        let memberships = Memberships::from_import(direct, &self.graph);
        Observed::new(entry, site.scope().reason(&entry.dn, &memberships, &self.graph, true).is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const AT_ONCE: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn a_lease_is_renewed_while_one_answer_takes_long() {
        let (renewals, enough) = (AtomicU32::new(0), tokio::sync::Notify::new());
        let work = async {
            enough.notified().await;
            Ok(())
        };
        let renew = async || {
            if renewals.fetch_add(1, Ordering::Relaxed) == 3 {
                enough.notify_one();
            }
            true
        };
        assert!(renewed(work, AT_ONCE, renew).await.is_ok());
    }

    #[tokio::test]
    async fn a_run_that_was_taken_over_ends_while_it_waits() {
        let lost = renewed(std::future::pending::<Result<(), _>>(), AT_ONCE, async || false).await;
        assert!(matches!(lost, Err(SyncError::Running)));
    }
}
