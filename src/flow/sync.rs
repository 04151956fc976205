//! A full import: the directory's people, page by page, made into accounts.
//!
//! An empty, partial or broken answer is a failed run and changes nothing: nobody is suspended by a fault.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::time::{Duration, Instant};

use crate::directory::{DirectoryError, ObjectKind};
use crate::domain::dn::Dn;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::group::GroupGraph;
use crate::domain::name::fold;
use crate::domain::reconcile::{self, Conflict, Held, Observed};
use crate::domain::scope::Memberships;
use crate::domain::settings::Schema;
use crate::domain::{MINUTE, Millis};
use crate::flow::causes::Causes;
use crate::flow::context::Parts;
use crate::flow::estate::Site;
use crate::store::{Applied, ConflictRow, RunCounts, RunId, StoreError};

/// Another process may take over when a run has not shown a sign of life for this long.
const LEASE: Millis = 2 * MINUTE;

/// Why a run failed. Nothing was suspended.
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
    let result = run_alone(parts, site, trigger, (&lease, &holder)).await;
    parts.store.release_lease(&lease, &holder).await?;
    site.refresh_groups(&parts.store).await?;
    result
}

async fn run_alone(
    parts: &Parts,
    site: &Site,
    trigger: &str,
    lease: (&str, &str),
) -> Result<Report, SyncError> {
    let may_link = may_link(parts, site).await?;
    let run = parts.store.begin_run(site.id(), trigger, parts.now()).await?;
    let mut import =
        Import { parts, site, run, may_link, lease, counts: RunCounts::default(), waiting: HashMap::new() };
    let result = import.all().await;
    let counts = import.counts;
    let outcome = result.as_ref().map(|()| counts).map_err(|error| Causes(error).to_string());
    parts.store.finish_run(run, outcome, parts.now()).await?;
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
    let imported = parts.store.last_good_run(site.id()).await?.map(|run| run.started_at);
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
        let groups = graph.iter().cloned().collect();
        self.parts.store.replace_groups(self.site.id(), groups, self.parts.now()).await?;
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
        self.waiting.values().for_each(|applied| self.counts.add(applied));
        self.suspend_missing().await
    }

    /// A selected object that is gone is a fault to be told, not the end of everybody in it.
    async fn check_scope(&self) -> Result<(), SyncError> {
        let scope = &self.site.scope;
        if scope.organizational_units.is_empty() && scope.groups.is_empty() {
            return Err(SyncError::NoScope);
        }
        let wanted = scope.organizational_units.iter().map(|dn| (dn, false));
        for (dn, is_group) in wanted.chain(scope.groups.iter().map(|dn| (dn, true))) {
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
        let scope = &self.site.scope;
        if !scope.groups.is_empty() {
            return vec![self.site.directory.base().clone()];
        }
        let units = &scope.organizational_units;
        let inside = |unit: &Dn| units.iter().any(|other| unit != other && unit.is_within(other));
        let mut bases: Vec<Dn> = Vec::new();
        for unit in units {
            if !inside(unit) && !bases.contains(unit) {
                bases.push(unit.clone());
            }
        }
        bases
    }

    /// A directory without `memberOf` names members only at the group: those that matter are read from there.
    async fn listed_members(&self, graph: &GroupGraph) -> Result<HashMap<String, Vec<EntryId>>, SyncError> {
        let mut listed: HashMap<String, Vec<EntryId>> = HashMap::new();
        if self.site.settings.schema == Schema::ActiveDirectory || self.site.scope.groups.is_empty() {
            return Ok(listed);
        }
        let selected: HashSet<EntryId> =
            self.site.scope.groups.iter().filter_map(|dn| graph.by_dn(dn)).map(|group| group.id).collect();
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
        for person in seen {
            let key = person.profile.as_ref().map(|profile| profile.email_key());
            let held = Held {
                linked: linked.get(&person.entry).copied(),
                mail_owner: key.as_ref().and_then(|key| owners.get(key)).copied(),
                mail_is_shared: key.as_ref().is_some_and(|key| shared.contains(key)),
                may_link: self.may_link,
            };
            let outcome = reconcile::decide(self.site.id(), &person, held, now);
            if matches!(outcome.conflict, Some(Conflict::MailTaken { .. })) {
                second_look.push(person.clone());
            }
            decided.push((person.entry, person.login_name, outcome));
        }
        let again: HashSet<EntryId> = second_look.iter().map(|seen| seen.entry).collect();
        for applied in self.parts.store.apply_actions(self.run, self.site.id(), decided, now).await? {
            let applied = match self.waiting.remove(&applied.entry) {
                Some(before) => applied.after(&before),
                None => applied,
            };
            if again.contains(&applied.entry) {
                self.waiting.insert(applied.entry, applied);
            } else {
                self.counts.add(&applied);
            }
        }
        Ok(())
    }

    /// Only now, when the whole list has been read to its proper end, may absence mean anything.
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
        Observed::new(entry, site.scope.reason(&entry.dn, &memberships, &self.graph).is_some())
    }
}
