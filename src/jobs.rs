//! Background jobs: reload settings, rotate keys, delete expired rows, watch the directories, deliver to services.

mod deliveries;
mod kept_alive;
mod lock_downs;
mod logouts;
mod tasks;
mod trail;
mod watches;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

use self::kept_alive::kept_alive;
use crate::directory::Stats;
use crate::domain::MINUTE;
use crate::domain::entry::DirectoryId;
use crate::flow::admin::four_eyes;
use crate::flow::agents;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::{OperationParts, PanelParts, SyncParts};
use crate::flow::installation::nodes;
use crate::flow::installation::rotation;
use crate::flow::installation::rotation::Rotated;
use crate::flow::support::certificates;

/// How soon this process uses settings or groups that another one has changed.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How often a node notes the connections of its agents.
const NOTE_AGENTS: Duration = Duration::from_secs(5);
const ROTATION: Duration = Duration::from_secs(60);
const CLEAN_UP: Duration = Duration::from_secs(300);
/// How soon a check of the audit log that an admin asks for begins.
const CHECK_AGAIN: Duration = Duration::from_secs(5);
const COUNT_AGAIN: Duration = Duration::from_secs(60);
const REPORT: Duration = Duration::from_secs(60);

/// The delay before a job that panicked is restarted.
const PAUSE: Duration = Duration::from_secs(5);

const REFRESH: &str = "settings and groups";
const AGENTS: &str = "revoked agents";
const AGENT_NOTES: &str = "connections of agents";
const TRAIL: &str = "audit events that wait";
const ROTATE: &str = "signing keys";
const CLEAN: &str = "clean-up";
const CERTIFICATES: &str = "certificates of the directories";
const LINK: &str = "the chain of the audit log";
const CHECK: &str = "checking the audit log";
const HEADS: &str = "heads of the audit log's chain";
const COUNT: &str = "numbers of the overview";
const REPORTS: &str = "reports";
const WATCHES: &str = "watching the directories";
const DELIVERIES: &str = "delivering to services";
const TASKS: &str = "work that admins have ordered";
const LOGOUTS: &str = "telling clients of ended sessions";
const LOCK_DOWNS: &str = "the ends of lock-downs";

/// Runs until it is dropped. Each job is a task of its own, so that a panic in one does not stop the others.
pub async fn run(parts: OperationParts, sync: SyncParts) {
    let mut jobs = JoinSet::new();
    let mut start = |name, work: fn(OperationParts) -> BoxFuture<'static, ()>| {
        let (background, parts) = (Arc::clone(&parts.process.background), parts.clone());
        jobs.spawn(kept_alive(name, background, PAUSE, move || work(parts.clone())));
    };
    start(REFRESH, |parts| every(LOOK_AGAIN, REFRESH, parts, refresh).boxed());
    start(TRAIL, |parts| every(LOOK_AGAIN, TRAIL, parts, write_trail).boxed());
    start(AGENTS, |parts| every(LOOK_AGAIN, AGENTS, parts, end_revoked_agents).boxed());
    start(AGENT_NOTES, |parts| every(NOTE_AGENTS, AGENT_NOTES, parts, note_agents).boxed());
    start(ROTATE, |parts| every(ROTATION, ROTATE, parts, rotate).boxed());
    start(CLEAN, |parts| every(CLEAN_UP, CLEAN, parts, clean_up).boxed());
    start(CERTIFICATES, |parts| every(CLEAN_UP, CERTIFICATES, parts, look_at_certificates).boxed());
    start(LINK, |parts| trail::link(parts).boxed());
    start(HEADS, |parts| trail::note_heads(parts).boxed());
    start(CHECK, |parts| every(CHECK_AGAIN, CHECK, parts, trail::check).boxed());
    start(COUNT, |parts| every(COUNT_AGAIN, COUNT, parts, trail::count).boxed());
    start(REPORTS, |parts| report(parts).boxed());
    start(DELIVERIES, |parts| deliveries::run(parts).boxed());
    let background = Arc::clone(&parts.process.background);
    jobs.spawn(kept_alive(WATCHES, Arc::clone(&background), PAUSE, move || {
        watches::run(sync.clone(), Arc::clone(&background))
    }));
    while jobs.join_next().await.is_some() {}
}

/// Once the jobs have stopped: logs the newest place of the audit log's chain.
pub async fn conclude(parts: &OperationParts) {
    trail::note_last_head(parts).await;
}

/// Works on what admins have ordered, until it is dropped.
pub async fn run_tasks(parts: PanelParts) {
    tasks::run(parts).await;
}

/// Tells clients of sessions that have ended, and notes the ends of lock-downs, until it is dropped.
pub async fn tell_clients(parts: PanelParts) {
    tokio::join!(logouts::run(parts.clone()), lock_downs::run(parts));
}

/// Runs the work after each period. Not at once: what a request needs was done at the start, and the clean-up
/// reads much that no request waits for.
async fn every<F: Future<Output = ()>>(
    period: Duration,
    job: &'static str,
    parts: OperationParts,
    work: impl Fn(OperationParts) -> F,
) {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        work(parts.clone()).await;
        parts.process.background.lives(job);
    }
}

/// Logs the state of pools and servers, one line per minute for each directory whose numbers have changed.
async fn report(parts: OperationParts) {
    let mut last: HashMap<DirectoryId, Stats> = HashMap::new();
    let mut ticks = interval(REPORT);
    loop {
        ticks.tick().await;
        for site in parts.current().sites() {
            let stats = site.directory.stats();
            if last.get(site.id()) != Some(&stats) {
                tracing::info!(
                    directory = %site.id(), searches = %stats.searches, binds = %stats.binds,
                    servers = stats.servers_text(), current = stats.current, "directory"
                );
                last.insert(site.id().clone(), stats);
            }
        }
        parts.process.background.lives(REPORTS);
    }
}

async fn refresh(parts: OperationParts) {
    let before = parts.current().generation;
    match parts.installation.refresh().await {
        Ok(current) if current.generation != before => {
            tracing::info!(generation = current.generation, "settings reloaded");
        }
        Ok(_) => {}
        Err(error) => {
            tracing::error!(error = %Causes(&error), "settings can't be reloaded; the old ones stay in force")
        }
    }
    if let Err(error) = rotation::reload(&parts).await {
        tracing::error!(error = %Causes(&error), "the keys can't be read again; those that are held stay in use");
    }
    if let Err(error) = nodes::note(&parts).await {
        tracing::debug!(error = %Causes(&error), "this node can't be noted in the store");
    }
}

/// Writes the audit events that waited for the store. The requests that need the store report an outage.
async fn write_trail(parts: OperationParts) {
    match parts.store.login().write_waiting_events().await {
        Ok(0) => {}
        Ok(written) => tracing::info!(written, "audit events that waited for the store are written"),
        Err(error) => tracing::debug!(error = %Causes(&error), "audit events wait for the store"),
    }
}

async fn end_revoked_agents(parts: OperationParts) {
    if let Err(error) = agents::end_revoked(&parts).await {
        tracing::error!(error = %Causes(&error), "it can't be read which agents are revoked");
    }
}

async fn note_agents(parts: OperationParts) {
    if let Err(error) = agents::note(&parts).await {
        tracing::debug!(error = %Causes(&error), "the connections of agents can't be noted");
    }
}

async fn rotate(parts: OperationParts) {
    match rotation::by_schedule(&parts).await {
        Ok(Rotated::Done(changed)) => tracing::info!(changed, "signing keys rotated"),
        Ok(Rotated::NothingDue | Rotated::Overtaken) => {}
        Err(error) => tracing::error!(error = %Causes(&error), "signing keys can't be rotated"),
    }
}

async fn look_at_certificates(parts: OperationParts) {
    if let Err(error) = certificates::look(&parts).await {
        tracing::error!(error = %Causes(&error), "the certificates of the directories can't be recorded");
    }
}

async fn clean_up(parts: OperationParts) {
    let current = parts.current();
    let now = parts.now();
    if let Err(error) = parts.store.settings().expire(&current.settings.session, now - MINUTE).await {
        tracing::error!(error = %Causes(&error), "expired rows can't be deleted");
    }
    let admin = &current.settings.admin;
    if let Err(error) = parts.store.admin().expire(admin.idle(), admin.absolute(), now - MINUTE).await {
        tracing::error!(error = %Causes(&error), "expired sessions of the admin panel can't be deleted");
    }
    if let Err(error) = four_eyes::expire(&parts.store, now).await {
        tracing::error!(error = %Causes(&error), "requests to other owners can't be ended");
    }
    trail::clean_up(&parts).await;
    let kept: Vec<_> =
        current.sites().iter().map(|site| (site.id().clone(), site.settings.sync.log_kept())).collect();
    if let Err(error) = parts.store.settings().expire_log(&kept, now).await {
        tracing::error!(error = %Causes(&error), "old rows of the sync log can't be deleted");
    }
}
