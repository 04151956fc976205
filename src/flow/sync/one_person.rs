//! Sync one person now: read the entry again, judge it and update the account, limited by the guard.

use std::collections::HashSet;

use tokio::time::{Duration, Instant};

use super::apply::Applier;
use super::feed::open;
use super::hidden::named_anew;
use super::judge::{Judge, JudgedPerson, Links};
use super::order::{RunOrder, RunReport, SyncError};
use super::read::MirrorReader;
use super::round::run;
use super::selected;
use crate::directory::{EntryGroups, Found};
use crate::domain::entry::EntryId;
use crate::domain::name::TypedName;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::person::guard;
use crate::flow::sync::orphaned::{self, ReadById};
use crate::flow::sync::run_lease;
use crate::flow::sync::run_log::Log;
use crate::store::{RunTrigger, Store, StoreError};

/// How long the directory may take to find an entry.
const FINDING: Duration = Duration::from_secs(15);

/// Syncs every person whom this name means in a directory, now or formerly. `None`: there is none.
pub async fn sync_person(parts: &SyncParts, site: &Site, name: &str) -> Result<Option<RunReport>, SyncError> {
    if let Some(paused) = guard::pause(&parts.store, site.id()).await? {
        return Err(paused.into());
    }
    if parts.store.sync().mirror_state(site.id()).await?.scanned_at.is_none() {
        // A person can be judged only once the groups and the selected OUs are known.
        return run(parts, site, &RunOrder::changes(RunTrigger::Person)).await.map(Some);
    }
    let named = NamedEntries::find(parts, site, name).await?;
    if named.people.is_empty() {
        return Ok(None);
    }
    let lease = run_lease::to_work(parts, site.id()).await?;
    let order = RunOrder::partial(RunTrigger::Person);
    let mut log = Log::new(parts, site, &order);
    let done = lease.spend(sync_now(&named, &mut log)).await;
    log.close(done).await.map(Some)
}

/// What is read again to sync the people whom a name means.
struct NamedEntries {
    people: Vec<EntryId>,
    /// The groups that list them, if only groups list their members.
    groups: Vec<EntryId>,
}

impl NamedEntries {
    async fn find(parts: &SyncParts, site: &Site, name: &str) -> Result<Self, SyncError> {
        let deadline = Instant::now() + FINDING;
        let mut named = Self { people: linked_to_named(&parts.store, site, name).await?, groups: Vec::new() };
        let Some(typed) = TypedName::parse(name) else { return Ok(named) };
        let Found::One(entry) = site.directory.find(&typed, deadline).await? else { return Ok(named) };
        if !named.people.contains(&entry.id) {
            named.people.push(entry.id);
        }
        if let EntryGroups::Direct(dns) = site.directory.groups_of(&entry, deadline).await? {
            for dn in dns {
                let group = parts.store.sync().object_by_dn(site.id(), &dn).await?;
                named.groups.extend(group.map(|(id, _)| id));
            }
        }
        Ok(named)
    }
}

/// The entries of accounts that the name means.
async fn linked_to_named(store: &Store, site: &Site, name: &str) -> Result<Vec<EntryId>, StoreError> {
    let mut ids = Vec::new();
    for account in store.sync().accounts_named(name.trim()).await? {
        let link = store.identity().account(&account).await?.and_then(|account| account.link);
        ids.extend(link.filter(|link| link.directory == *site.id()).map(|link| link.entry));
    }
    Ok(ids)
}

async fn sync_now(named: &NamedEntries, log: &mut Log<'_>) -> Result<(), SyncError> {
    let (parts, site) = (log.parts, log.site);
    let state = parts.store.sync().mirror_state(site.id()).await?;
    let mut feed = open(parts, site, &state).await?;
    let anew = named_anew(parts, site).await?;
    let all: Vec<EntryId> = anew.iter().chain(&named.groups).chain(&named.people).copied().collect();
    let version = MirrorReader::new(&mut feed, state.version, log).again(&all).await?;
    selected::find(parts, site).await?;
    site.refresh_groups(&parts.store).await?;
    let judge = Judge::new(parts, site, Links::BySettings)?;
    let judged = judge_named(parts, site, &judge, &named.people, &log.read.asked).await?;
    Applier::new(parts, site, version, log.order.guard()).write_page(log, judged).await
}

/// Judges these people by the mirror, and those with an account whom it lacks by what the directory returned.
pub(super) async fn judge_named(
    parts: &SyncParts,
    site: &Site,
    judge: &Judge<'_>,
    ids: &[EntryId],
    asked: &ReadById,
) -> Result<Vec<JudgedPerson>, SyncError> {
    let people = parts.store.sync().people_among(site.id(), ids).await?;
    let known: HashSet<EntryId> = people.iter().map(|person| person.id).collect();
    let mut accounts = parts.store.identity().accounts_for(site.id(), ids, &[]).await?.linked;
    accounts.retain(|account| orphaned::entry(account).is_some_and(|entry| !known.contains(&entry)));
    let mut judged = judge.judge_page(people).await?;
    judged.extend(orphaned::judge_orphaned(judge, accounts, asked).await?);
    Ok(judged)
}
