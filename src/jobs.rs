//! What runs by the clock: taking over settings, rotating keys, forgetting what has expired, the first import.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

use crate::directory::Stats;
use crate::domain::MINUTE;
use crate::domain::entry::DirectoryId;
use crate::flow::causes::Causes;
use crate::flow::context::Parts;
use crate::flow::{rotation, sync};
use crate::store::StoreError;

/// How soon another process's change of settings or groups is in force here.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
const ROTATION: Duration = Duration::from_secs(60);
const CLEAN_UP: Duration = Duration::from_secs(300);
const REPORT: Duration = Duration::from_secs(60);
/// When a first import that failed is tried again: soon, then less and less often, since each try binds as the service
/// account, whose password may be the wrong one.
const TRY_AGAIN: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(900)];

/// Runs until it is dropped.
pub async fn run(parts: Parts) {
    tokio::join!(
        every(LOOK_AGAIN, || refresh(&parts)),
        every(ROTATION, || rotate(&parts)),
        every(CLEAN_UP, || clean_up(&parts)),
        report(&parts),
        first_imports(&parts),
    );
}

/// Beside the rest, since an import may take minutes: settings that mend it are taken over meanwhile.
async fn first_imports(parts: &Parts) {
    let [soonest, latest] = TRY_AGAIN;
    let mut pause = soonest;
    loop {
        let generation = parts.current().generation;
        let done = first_import(parts).await.unwrap_or_else(|error| {
            tracing::error!(error = %Causes(&error), "first import");
            false
        });
        let again = Instant::now() + pause;
        while parts.current().generation == generation && (done || Instant::now() < again) {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        pause = if parts.current().generation == generation { latest.min(pause * 2) } else { soonest };
    }
}

/// Imports every directory that was never imported, so that people can sign in right after the set-up. False when one of
/// them still is not.
pub async fn first_import(parts: &Parts) -> Result<bool, StoreError> {
    let mut done = true;
    for site in parts.current().sites() {
        if parts.store.imported_at(site.id()).await?.is_some() {
            continue;
        }
        match sync::run(parts, site, "first start").await {
            Ok(report) => {
                tracing::info!(directory = %site.id(), counts = ?report.counts, "first import done")
            }
            Err(error) => {
                done = false;
                tracing::error!(directory = %site.id(), error = %Causes(&error), "first import failed");
            }
        }
    }
    Ok(done)
}

/// The first time after one period: what must be done before anybody is served was done at the start, and the clean-up
/// reads much that nobody waits for.
async fn every<F: Future<Output = ()>>(period: Duration, work: impl Fn() -> F) {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        work().await;
    }
}

/// One line a minute for each directory that had something to do: how its pools and servers fare.
async fn report(parts: &Parts) {
    let mut last: HashMap<DirectoryId, Stats> = HashMap::new();
    let mut ticks = interval(REPORT);
    loop {
        ticks.tick().await;
        for site in parts.current().sites() {
            let stats = site.directory.stats();
            if last.get(site.id()) != Some(&stats) {
                tracing::info!(
                    directory = %site.id(), searches = ?stats.searches, binds = ?stats.binds, servers = ?stats.servers,
                    current = stats.current, "directory"
                );
                last.insert(site.id().clone(), stats);
            }
        }
    }
}

async fn refresh(parts: &Parts) {
    let before = parts.current().generation;
    match parts.estate.refresh().await {
        Ok(current) if current.generation != before => {
            tracing::info!(generation = current.generation, "settings taken over");
        }
        Ok(_) => {}
        Err(error) => {
            tracing::error!(error = %Causes(&error), "settings can't be taken over; the old ones stay in force")
        }
    }
    if let Err(error) = rotation::reload(parts).await {
        tracing::error!(error = %Causes(&error), "signing keys can't be read again");
    }
}

async fn rotate(parts: &Parts) {
    match rotation::by_schedule(parts).await {
        Ok(0) => {}
        Ok(changed) => tracing::info!(changed, "signing keys rotated"),
        Err(error) => tracing::error!(error = %Causes(&error), "signing keys can't be rotated"),
    }
}

async fn clean_up(parts: &Parts) {
    let current = parts.current();
    let now = parts.now();
    if let Err(error) = parts.store.expire(&current.settings.session, now - MINUTE).await {
        tracing::error!(error = %Causes(&error), "expired rows can't be deleted");
    }
}
