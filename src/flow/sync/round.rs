//! One round over a directory: bring the mirror up to date, then judge every person who may have changed. It is
//! logged as a run once it reads everything or has something to write, or if it fails.

use super::apply::Applier;
use super::feed::{due, open};
use super::hidden::named_anew;
use super::judge::{Judge, Links};
use super::order::{PAGE, RunOrder, RunReport, SyncError};
use super::orphaned::{OrphanedAccounts, judge_orphaned};
use super::read::MirrorReader;
use super::run_log::Log;
use super::{run_lease, selected, slow};
use crate::directory::feed::{ChangeBatch, ChangeFeed};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::person::guard;
use crate::store::{Fenced, Mandate};

/// How often people who wait for each other's email addresses are judged again.
const SWEEPS: usize = 20;

/// Syncs one directory now.
pub async fn run(parts: &SyncParts, site: &Site, order: &RunOrder) -> Result<RunReport, SyncError> {
    let lease = run_lease::to_work(parts, site.id()).await?;
    let round = async {
        let state = parts.store.sync().mirror_state(site.id()).await?;
        match open(parts, site, &state).await {
            Ok(mut feed) => {
                let order = due(parts, &state, &feed, order);
                Box::pin(round(parts, site, &mut feed, None, &order)).await
            }
            Err(error) => failed(parts, site, order, error).await,
        }
    };
    lease.spend(round).await
}

/// Brings the mirror up to date and judges every person who may have changed. The caller holds the lease.
/// `first` is what the feed has reported already.
pub async fn round<F: ChangeFeed>(
    parts: &SyncParts,
    site: &Site,
    feed: &mut F,
    first: Option<ChangeBatch>,
    order: &RunOrder,
) -> Result<RunReport, SyncError> {
    let mut log = Log::new(parts, site, order);
    let work = Box::pin(work(feed, first, &mut log));
    let result = slow::watched(parts, site.id(), work).await;
    log.close(result).await
}

/// Logs a round that failed before it began.
pub(super) async fn failed<T>(
    parts: &SyncParts,
    site: &Site,
    order: &RunOrder,
    error: SyncError,
) -> Result<T, SyncError> {
    let failed = Log::new(parts, site, order).close(Err(error)).await;
    Err(failed.err().unwrap_or(SyncError::Overtaken))
}

async fn work<F: ChangeFeed>(
    feed: &mut F,
    first: Option<ChangeBatch>,
    log: &mut Log<'_>,
) -> Result<(), SyncError> {
    let (parts, site) = (log.parts, log.site);
    if let Some(paused) = guard::pause(&parts.store, site.id()).await? {
        return Err(paused.into());
    }
    // A run that was killed at its end has left nothing to do, and yet is to be completed in the log.
    if parts.store.sync().is_interrupted(site.id()).await? {
        log.begin().await?;
    }
    let mut mirror = catch_up(feed, first, log).await?;
    // First, so that people who get an account in this run are not looked up.
    if log.read.every_account {
        Box::pin(sync_orphaned(&mirror, log)).await?;
    }
    Box::pin(sync_changed(&mut mirror, log)).await?;
    // A round without changes writes no run, so this records that an earlier failure is over.
    parts.store.sync().mirror_caught_up(site.id(), mirror.version, parts.now()).await?;
    Ok(())
}

/// The mirror, completely read.
pub(super) struct UpToDate {
    pub version: i64,
    /// The rules by which everybody is to be judged.
    rules: String,
    /// Everybody has been judged by them, or is queued for it.
    judged_by_them: bool,
}

/// Brings the mirror up to date and finds the objects of the settings in it. Changes no account.
pub(super) async fn catch_up<F: ChangeFeed>(
    feed: &mut F,
    first: Option<ChangeBatch>,
    log: &mut Log<'_>,
) -> Result<UpToDate, SyncError> {
    let (parts, site, order) = (log.parts, log.site, log.order);
    if site.scope().is_empty() {
        return Err(SyncError::NoScope);
    }
    let state = parts.store.sync().mirror_state(site.id()).await?;
    let rules = selected::rules(parts, site);
    let judged_by_them = state.judged_by.as_ref() == Some(&rules);
    // A plan covers every account, so those that the mirror lacks are looked up.
    let by_plan = order.trigger.mandate() != Mandate::ByGuard;
    log.read.every_account = !judged_by_them || state.orphans_due || by_plan;
    let reader = MirrorReader::new(feed, state.version, log);
    let version = Box::pin(reader.catch_up(state, first, order.everything.clone())).await?;
    let mut mirror = UpToDate { version, rules, judged_by_them };
    // Only other rules name other groups, and a full read has checked these already.
    let anew = match judged_by_them || log.read.reason.is_some() {
        true => Vec::new(),
        false => named_anew(parts, site).await?,
    };
    if !anew.is_empty() {
        mirror.version = MirrorReader::new(feed, version, log).again(&anew).await?;
    }
    selected::find(parts, site).await?;
    site.refresh_groups(&parts.store).await?;
    if log.read.reason.is_some() {
        queue_after_full_read(parts, site, &mut mirror, order).await?;
    }
    Ok(mirror)
}

/// Queues everybody after a full read, so that no earlier error remains.
///
/// If there are accounts but no person is left, nothing is written, in this run or the next: an administrator
/// can review and apply a plan.
async fn queue_after_full_read(
    parts: &SyncParts,
    site: &Site,
    mirror: &mut UpToDate,
    order: &RunOrder,
) -> Result<(), SyncError> {
    let linked = parts.store.identity().count_linked(site.id()).await?;
    if linked > 0 && !Judge::new(parts, site, Links::BySettings)?.finds_anybody().await? {
        return match order.trigger.mandate() {
            Mandate::ByGuard => Err(SyncError::Empty { linked }),
            Mandate::ByAdministrator | Mandate::Preview => Ok(()),
        };
    }
    queue_all_by_rules(parts, site, mirror).await
}

/// Queues everybody to be judged by these rules.
async fn queue_all_by_rules(parts: &SyncParts, site: &Site, mirror: &mut UpToDate) -> Result<(), SyncError> {
    match parts.store.sync().dirty_everybody(site.id(), mirror.version, &mirror.rules).await? {
        Fenced::Done(()) => {
            mirror.version += 1;
            mirror.judged_by_them = true;
            Ok(())
        }
        Fenced::Overtaken => Err(SyncError::Overtaken),
    }
}

/// Judges accounts whose entry is in neither the mirror nor the directory.
async fn sync_orphaned(mirror: &UpToDate, log: &mut Log<'_>) -> Result<(), SyncError> {
    let (parts, site) = (log.parts, log.site);
    let judge = Judge::new(parts, site, Links::BySettings)?;
    let mut applier = Applier::new(parts, site, mirror.version, log.order.guard());
    let mut orphaned = OrphanedAccounts::of(parts, site);
    while let Some(page) = orphaned.next_page(PAGE).await? {
        let judged = judge_orphaned(&judge, page, &log.read.asked).await?;
        log.stop_if_asked().await?;
        applier.write_page(log, judged).await?;
    }
    match parts.store.sync().orphans_judged(site.id(), mirror.version).await? {
        true => Ok(()),
        false => Err(SyncError::Overtaken),
    }
}

/// Judges every person who may have changed, until the queue is empty: what one account gives up may be what
/// another waits for.
async fn sync_changed(mirror: &mut UpToDate, log: &mut Log<'_>) -> Result<(), SyncError> {
    let (parts, site) = (log.parts, log.site);
    queue_unreported(parts, site, mirror).await?;
    let judge = Judge::new(parts, site, Links::BySettings)?;
    let mut applier = Applier::new(parts, site, mirror.version, log.order.guard());
    let (mut done, all) = (0, parts.store.sync().count_dirty(site.id()).await?);
    for _ in 0..SWEEPS {
        let mut after = None;
        loop {
            let people = parts.store.sync().dirty_people(site.id(), after, PAGE).await?;
            let Some(last) = people.last() else { break };
            after = Some(last.waiting());
            let many = people.len() as u64;
            applier.write_page(log, judge.judge_page(people).await?).await?;
            parts.store.refresh_statistics(done, done + many).await;
            done += many;
            log.progress("judging", done, Some(all.max(done))).await?;
        }
        if after.is_none() {
            return Ok(());
        }
    }
    tracing::warn!(directory = %site.id(), "people who wait for each other are judged again in the next run");
    Ok(())
}

/// Queues people of whom the directory reported no change: everybody after a change of the scope, and people
/// whose account has expired.
async fn queue_unreported(parts: &SyncParts, site: &Site, mirror: &mut UpToDate) -> Result<(), SyncError> {
    if !mirror.judged_by_them {
        queue_all_by_rules(parts, site, mirror).await?;
    }
    parts.store.sync().dirty_expired(site.id(), parts.now()).await?;
    Ok(())
}
