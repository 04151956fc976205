//! Watch one directory and sync when something has changed, or at intervals. Of several nodes one watches.

use std::sync::Arc;

use tokio::time::{Duration, Instant};

use super::feed::{due, open};
use super::order::{RunOrder, SyncError};
use super::round::{failed, round};
use crate::directory::feed::ChangeFeed;
use crate::domain::entry::DirectoryId;
use crate::domain::schedule::{Frequency, next_run};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::sync::run_lease;
use crate::store::RunTrigger;

/// How long to listen for changes before checking for other settings, a pause, and expired accounts.
const LISTEN: Duration = Duration::from_secs(1);

/// How soon to check whether the watching node has died.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// The shortest and the longest delay after a failure.
const TRY_AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// Watches a directory until it is no longer in the settings. A failure is logged, and tried again.
pub async fn watch(parts: &SyncParts, id: &DirectoryId) {
    let [soonest, latest] = TRY_AGAIN;
    let mut pause = soonest;
    loop {
        let Some(site) = parts.current().site(id).cloned() else { return };
        let begun = Instant::now();
        match Box::pin(watch_alone(parts, &site)).await {
            Ok(()) => pause = soonest,
            Err(error) => {
                tracing::warn!(directory = %id, error = %crate::flow::installation::causes::Causes(&error), "sync");
                pause = if begun.elapsed() > latest { soonest } else { latest.min(pause * 2) };
                wait(parts, &site, Instant::now() + pause).await;
            }
        }
    }
}

/// Watches while this node has the lease and the settings stay the same.
async fn watch_alone(parts: &SyncParts, site: &Arc<Site>) -> Result<(), SyncError> {
    match run_lease::to_watch(parts, site.id()).await? {
        Some(lease) => match Frequency::of(&site.settings.sync).unwrap_or(Frequency::Hourly) {
            Frequency::RealTime => lease.spend(listen(parts, site)).await,
            by_clock => lease.spend(keep_time(parts, site, by_clock)).await,
        },
        None => {
            wait(parts, site, Instant::now() + LOOK_AGAIN).await;
            Ok(())
        }
    }
}

async fn listen(parts: &SyncParts, site: &Arc<Site>) -> Result<(), SyncError> {
    wait_while_paused(parts, site).await?;
    if !is_current(parts, site) {
        return Ok(());
    }
    let state = parts.store.sync().mirror_state(site.id()).await?;
    let mut feed = match open(parts, site, &state).await {
        Ok(feed) => feed,
        Err(error) => return failed(parts, site, &RunOrder::changes(RunTrigger::Start), error).await,
    };
    Box::pin(with_lease(parts, site, &mut feed, &RunOrder::changes(RunTrigger::Start))).await?;
    while is_current(parts, site) {
        if parts.store.sync().paused(site.id()).await?.is_some() {
            tokio::time::sleep(LISTEN).await;
            continue;
        }
        let state = parts.store.sync().mirror_state(site.id()).await?;
        let order = due(parts, &state, &feed, &RunOrder::changes(RunTrigger::Schedule));
        let Some(cursor) = state.cursor.filter(|_| order.everything.is_none()) else {
            with_lease(parts, site, &mut feed, &order).await?;
            continue;
        };
        match feed.changes(&cursor, LISTEN).await {
            Ok(Some(changes)) => {
                let lease = match run_lease::to_work(parts, site.id()).await {
                    Err(SyncError::Running) => continue,
                    lease => lease?,
                };
                let work = async {
                    // Another process may have read the same meanwhile.
                    let state = parts.store.sync().mirror_state(site.id()).await?;
                    let first = (state.cursor.as_ref() == Some(&cursor)).then_some(changes);
                    round(parts, site, &mut feed, first, &RunOrder::changes(RunTrigger::Change)).await
                };
                lease.spend(work).await?;
            }
            Ok(None) => people_whose_time_is_up(parts, site, &mut feed).await?,
            Err(error) => {
                return failed(parts, site, &RunOrder::changes(RunTrigger::Change), error.into()).await;
            }
        }
    }
    Ok(())
}

/// The directory reports no change on the day an account expires, so these people are judged by our clock.
async fn people_whose_time_is_up<F: ChangeFeed>(
    parts: &SyncParts,
    site: &Site,
    feed: &mut F,
) -> Result<(), SyncError> {
    if parts.store.sync().dirty_expired(site.id(), parts.now()).await? == 0 {
        return Ok(());
    }
    with_lease(parts, site, feed, &RunOrder::changes(RunTrigger::Expiry)).await
}

async fn keep_time(parts: &SyncParts, site: &Arc<Site>, frequency: Frequency) -> Result<(), SyncError> {
    while is_current(parts, site) {
        let state = parts.store.sync().mirror_state(site.id()).await?;
        // Not from the log: a round without changes writes no run, and a run for a single person is none.
        let never = parts.store.sync().completed_at(site.id()).await?.is_none();
        let is_due = never || next_run(&frequency, state.caught_up_at, parts.now()) <= parts.now();
        if is_due && parts.store.sync().paused(site.id()).await?.is_none() {
            let order = RunOrder::changes(RunTrigger::Schedule);
            let mut feed = match open(parts, site, &state).await {
                Ok(feed) => feed,
                Err(error) => return failed(parts, site, &order, error).await,
            };
            let order = due(parts, &state, &feed, &order);
            with_lease(parts, site, &mut feed, &order).await?;
        }
        tokio::time::sleep(LISTEN).await;
    }
    Ok(())
}

async fn with_lease<F: ChangeFeed>(
    parts: &SyncParts,
    site: &Site,
    feed: &mut F,
    order: &RunOrder,
) -> Result<(), SyncError> {
    let lease = run_lease::to_work(parts, site.id()).await?;
    lease.spend(round(parts, site, feed, None, order)).await?;
    Ok(())
}

/// Waits until the sync is resumed, or the settings have changed: a run would only log that it is paused.
async fn wait_while_paused(parts: &SyncParts, site: &Arc<Site>) -> Result<(), SyncError> {
    while is_current(parts, site) && parts.store.sync().paused(site.id()).await?.is_some() {
        tokio::time::sleep(LISTEN).await;
    }
    Ok(())
}

/// False if the settings of the directory have changed: the watch restarts with the new ones.
fn is_current(parts: &SyncParts, site: &Arc<Site>) -> bool {
    parts.current().site(site.id()).is_some_and(|current| Arc::ptr_eq(current, site))
}

/// Waits until then, or until the settings have changed.
async fn wait(parts: &SyncParts, site: &Arc<Site>, until: Instant) {
    while is_current(parts, site) && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
