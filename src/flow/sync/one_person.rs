//! Sync one person now: read the entry again, judge it and update the account, limited by the guard.

use std::collections::HashSet;

use tokio::time::{Duration, Instant};

use super::apply::Applier;
use super::hidden::named_anew;
use super::judge::{Judge, JudgedPerson, Links};
use super::mirror_update::MirrorUpdate;
use super::read::MirrorReader;
use super::{PATIENCE, RunOrder, RunReport, SyncError, open, run, selected};
use crate::directory::{EntryGroups, Found};
use crate::domain::entry::EntryId;
use crate::domain::name::TypedName;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::person::guard::{self, Guard};
use crate::flow::sync::orphaned::{self, ReadById};
use crate::flow::sync::run_lease::RunLease;
use crate::flow::sync::run_log::Log;
use crate::store::{RunTrigger, Store, StoreError};

/// How long the directory may take to find an entry.
const FINDING: Duration = Duration::from_secs(15);

/// Syncs every person whom this name means in a directory, now or formerly. `None`: there is none.
pub async fn sync_person(parts: &SyncParts, site: &Site, name: &str) -> Result<Option<RunReport>, SyncError> {
    if let Some(paused) = guard::pause(&parts.store, site.id()).await? {
        return Err(paused.into());
    }
    let order = RunOrder::changes(RunTrigger::Person);
    if parts.store.sync().mirror_state(site.id()).await?.scanned_at.is_none() {
        // A person can be judged only once the groups and the selected OUs are known.
        return run(parts, site, &order).await.map(Some);
    }
    let mut ids = known(&parts.store, site, name).await?;
    let groups = found(parts, site, name, &mut ids).await?;
    if ids.is_empty() {
        return Ok(None);
    }
    let lease = RunLease::at(parts, site.id(), PATIENCE).await?.ok_or(SyncError::Running)?;
    let mut log = Log::new(parts, site, &order);
    let mut read = MirrorUpdate::default();
    let done = lease.spend(now(parts, site, (&ids, &groups), (&mut log, &mut read))).await;
    log.close_errand(&read, done).await.map(Some)
}

/// The entries of accounts that the name means.
async fn known(store: &Store, site: &Site, name: &str) -> Result<Vec<EntryId>, StoreError> {
    let mut ids = Vec::new();
    for account in store.sync().accounts_named(name.trim()).await? {
        let link = store.identity().account(&account).await?.and_then(|account| account.link);
        ids.extend(link.filter(|link| link.directory == *site.id()).map(|link| link.entry));
    }
    Ok(ids)
}

/// Adds the entry that has this name in the directory, and returns the groups that list it.
async fn found(
    parts: &SyncParts,
    site: &Site,
    name: &str,
    ids: &mut Vec<EntryId>,
) -> Result<Vec<EntryId>, SyncError> {
    let deadline = Instant::now() + FINDING;
    let Some(typed) = TypedName::parse(name) else { return Ok(Vec::new()) };
    let Found::One(entry) = site.directory.find(&typed, deadline).await? else { return Ok(Vec::new()) };
    if !ids.contains(&entry.id) {
        ids.push(entry.id);
    }
    let mut groups = Vec::new();
    // If only groups list their members, the groups are read again too.
    if let EntryGroups::Direct(dns) = site.directory.groups_of(&entry, deadline).await? {
        for dn in dns {
            groups.extend(parts.store.sync().object_by_dn(site.id(), &dn).await?.map(|(id, _)| id));
        }
    }
    Ok(groups)
}

async fn now(
    parts: &SyncParts,
    site: &Site,
    (ids, groups): (&[EntryId], &[EntryId]),
    (log, read): (&mut Log<'_>, &mut MirrorUpdate),
) -> Result<(), SyncError> {
    // A revert may have held the lease until now.
    if let Some(paused) = guard::pause(&parts.store, site.id()).await? {
        return Err(paused.into());
    }
    let state = parts.store.sync().mirror_state(site.id()).await?;
    let mut feed = open(parts, site, &state).await?;
    let anew = named_anew(parts, site).await?;
    let all: Vec<EntryId> = anew.iter().chain(groups).chain(ids).copied().collect();
    let version = MirrorReader::new(parts, site, &mut feed, state.version, log, read).again(&all).await?;
    selected::find(parts, site).await?;
    site.refresh_groups(&parts.store).await?;
    let judge = Judge::new(parts, site, Links::BySettings)?;
    let judged = judged(parts, site, &judge, ids, &read.asked).await?;
    Applier::new(parts, site, version, Guard::limited()).page(log, judged).await
}

/// Judges these people by the mirror, and those with an account whom it lacks by what the directory returned.
pub(super) async fn judged(
    parts: &SyncParts,
    site: &Site,
    judge: &Judge<'_>,
    ids: &[EntryId],
    asked: &ReadById,
) -> Result<Vec<JudgedPerson>, SyncError> {
    let people = parts.store.sync().people_among(site.id(), ids).await?;
    let known: HashSet<EntryId> = people.iter().map(|person| person.id).collect();
    let (mut accounts, _) = parts.store.identity().accounts_for(site.id(), ids, &[]).await?;
    accounts.retain(|account| orphaned::entry(account).is_some_and(|entry| !known.contains(&entry)));
    let mut judged = judge.page(people).await?;
    judged.extend(orphaned::judged(judge, accounts, asked).await?);
    Ok(judged)
}
