//! Sync accounts with a directory: a feed brings the mirror up to date, then every person who may have
//! changed is judged.
//!
//! - this file: one run and its rounds
//! - `run_lease`: one process at a time works on a directory
//! - `feed`, `read`, `mirror_update`, `hidden`, `selected`: open the feed, update the mirror, find the objects of the scope
//! - `judge`, `orphaned`: judge people in the mirror, and accounts whose entry it lacks
//! - `apply`: write the judgements, limited by the guard
//! - [`watch`]: follow a directory's changes
//! - `one_person`: sync one person now
//! - [`plan`], [`undo`]: preview and apply changes, revert a run
//! - [`accounts`], [`hand_over`]: load existing accounts, move an account to another entry
//! - `run_log`, [`history`]: write and read the sync log
//! - `slow`, `advice`: report a slow initial sync, and what to do about a failure
//!
//! Reading and judging are separate. An interrupted read takes nothing from anybody. Judging depends on the
//! mirror alone, so the result is the same after one change and after a full read. Each page of people is one
//! transaction, which also records that they were judged, so an interrupted run resumes there.

pub mod accounts;
mod advice;
mod apply;
mod feed;
pub mod hand_over;
mod hidden;
pub mod history;
mod judge;
mod mirror_update;
pub(super) mod one_person;
pub(super) mod orphaned;
pub mod plan;
mod read;
pub(super) mod run_lease;
pub(super) mod run_log;
mod selected;
mod slow;
pub mod undo;
pub mod watch;

use tokio::time::Duration;

use self::apply::Applier;
use self::feed::{due, open};
use self::hidden::named_anew;
use self::judge::{Judge, Links};
use self::mirror_update::MirrorUpdate;
use self::read::MirrorReader;
pub use self::slow::slow_for;
use crate::directory::DirectoryError;
use crate::directory::feed::{ChangeBatch, ChangeFeed, FeedError};
use crate::domain::dn::{Dn, DnError};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::person::guard::{self, Guard, Paused};
pub use crate::flow::sync::one_person::sync_person;
use crate::flow::sync::orphaned::{OrphanedAccounts, ReadById};
use crate::flow::sync::run_lease::RunLease;
use crate::flow::sync::run_log::Log;
use crate::store::{ConflictRow, Fenced, RunCounts, RunId, RunTrigger, StoreError};

/// How long to wait for another process to finish; a round takes a second or two.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many people are judged at once.
const PAGE: u32 = 1_000;

/// How often people who wait for each other's email addresses are judged again.
const SWEEPS: usize = 20;

/// Why a run failed. What was read so far has taken nothing from anybody.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error("another sync of this directory is running; try again later")]
    Running,
    /// Another process took over because the lease of this one expired.
    #[error("another process has taken over")]
    Overtaken,
    #[error(transparent)]
    Paused(#[from] Paused),
    /// The directory did not respond, or not completely.
    #[error(transparent)]
    Feed(#[from] FeedError),
    /// An OU or group of the scope, selected or excluded, can't be found or read.
    #[error(
        "{0} is named in [directories.scope] but can't be read: was it deleted, or may the service account not read it?"
    )]
    ScopeObject(Dn),
    /// An object of the scope exists but has the wrong class.
    #[error("{dn} is named in [directories.scope] but can't be used there: {why}")]
    ScopeClass { dn: Dn, why: String },
    #[error("a DN of the settings: {0}")]
    Dn(#[from] DnError),
    #[error("no OU and no group is selected in [directories.scope]")]
    NoScope,
    /// No people were found though there are linked accounts: more likely an error than the truth.
    #[error("the directory returned no people, though {held} accounts are linked to it; nothing was changed")]
    Empty {
        /// Active accounts of this directory.
        held: i64,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DirectoryError> for SyncError {
    fn from(error: DirectoryError) -> Self {
        Self::Feed(error.into())
    }
}

/// Why a run starts, and what it reads.
#[derive(Clone, Debug)]
pub struct RunOrder {
    /// What started the run.
    pub trigger: RunTrigger,
    /// Why to read everything even if the directory can report changes.
    pub everything: Option<String>,
    /// An administrator has seen and approved the changes: the guard neither stops nor counts them.
    pub approved: bool,
}

impl RunOrder {
    /// Reads only changes if possible.
    #[must_use]
    pub fn changes(trigger: RunTrigger) -> Self {
        Self { trigger, everything: None, approved: false }
    }

    /// Reads everything.
    #[must_use]
    pub fn everything(trigger: RunTrigger, why: &str) -> Self {
        Self { everything: Some(why.to_owned()), ..Self::changes(trigger) }
    }
}

/// The result of a run.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// The run, if there was anything to do.
    pub run: Option<RunId>,
    pub counts: RunCounts,
    /// People who are held back, and why.
    pub conflicts: Vec<ConflictRow>,
}

/// Syncs one directory now.
pub async fn run(parts: &SyncParts, site: &Site, order: &RunOrder) -> Result<RunReport, SyncError> {
    let lease = RunLease::at(parts, site.id(), PATIENCE).await?.ok_or(SyncError::Running)?;
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
    let mut read = MirrorUpdate::default();
    let work = Box::pin(work(parts, site, feed, first, (&mut log, &mut read), order));
    let result = slow::watched(parts, site.id(), work).await;
    log.close(&read, result).await
}

/// Logs a round that failed before it began.
async fn failed<T>(
    parts: &SyncParts,
    site: &Site,
    order: &RunOrder,
    error: SyncError,
) -> Result<T, SyncError> {
    let failed = Log::new(parts, site, order).close(&MirrorUpdate::default(), Err(error)).await;
    Err(failed.err().unwrap_or(SyncError::Overtaken))
}

async fn work<F: ChangeFeed>(
    parts: &SyncParts,
    site: &Site,
    feed: &mut F,
    first: Option<ChangeBatch>,
    (log, read): (&mut Log<'_>, &mut MirrorUpdate),
    order: &RunOrder,
) -> Result<(), SyncError> {
    if let Some(paused) = guard::pause(&parts.store, site.id()).await? {
        return Err(paused.into());
    }
    // A run that was killed at its end has left nothing to do, and yet is to be completed in the log.
    if parts.store.sync().is_interrupted(site.id()).await? {
        log.begin().await?;
    }
    let mut mirror = catch_up(parts, site, feed, first, (log, read), order).await?;
    // First, so that people who get an account in this run are not looked up.
    if read.every_account {
        Box::pin(judge_orphaned(parts, site, &mirror, &read.asked, log)).await?;
    }
    Box::pin(judge_all(parts, site, &mut mirror, log)).await?;
    // A round without changes writes no run, so this records that an earlier failure is over.
    parts.store.sync().mirror_caught_up(site.id(), mirror.version, parts.now()).await?;
    Ok(())
}

/// The mirror, completely read.
struct UpToDate {
    version: i64,
    /// The rules by which everybody is to be judged.
    rules: String,
    /// Everybody has been judged by them, or is queued for it.
    judged_by_them: bool,
}

/// Brings the mirror up to date and finds the objects of the settings in it. Changes no account.
async fn catch_up<F: ChangeFeed>(
    parts: &SyncParts,
    site: &Site,
    feed: &mut F,
    first: Option<ChangeBatch>,
    (log, read): (&mut Log<'_>, &mut MirrorUpdate),
    order: &RunOrder,
) -> Result<UpToDate, SyncError> {
    if site.scope().is_empty() {
        return Err(SyncError::NoScope);
    }
    let state = parts.store.sync().mirror_state(site.id()).await?;
    let rules = selected::rules(parts, site);
    let judged_by_them = state.judged_by.as_ref() == Some(&rules);
    // A plan covers every account, so those that the mirror lacks are looked up.
    read.every_account = !judged_by_them || state.orphans_due || order.approved;
    let reader = MirrorReader::new(parts, site, feed, state.version, log, read);
    let version = Box::pin(reader.catch_up(state, first, order.everything.clone())).await?;
    let mut mirror = UpToDate { version, rules, judged_by_them };
    // Only other rules name other groups, and a full read has checked these already.
    let anew = match judged_by_them || read.reason.is_some() {
        true => Vec::new(),
        false => named_anew(parts, site).await?,
    };
    if !anew.is_empty() {
        mirror.version = MirrorReader::new(parts, site, feed, version, log, read).again(&anew).await?;
    }
    selected::find(parts, site).await?;
    site.refresh_groups(&parts.store).await?;
    if read.reason.is_some() {
        everybody(parts, site, &mut mirror, order).await?;
    }
    Ok(mirror)
}

/// Queues everybody after a full read, so that no earlier error remains.
///
/// If there are accounts but no person is left, nothing is written, in this run or the next: an administrator
/// can review and apply a plan.
async fn everybody(
    parts: &SyncParts,
    site: &Site,
    mirror: &mut UpToDate,
    order: &RunOrder,
) -> Result<(), SyncError> {
    let held = parts.store.identity().count_linked(site.id()).await?;
    if held > 0 && !Judge::new(parts, site, Links::BySettings)?.finds_anybody().await? {
        return if order.approved { Ok(()) } else { Err(SyncError::Empty { held }) };
    }
    judge_again(parts, site, mirror).await
}

/// Queues everybody to be judged by these rules.
async fn judge_again(parts: &SyncParts, site: &Site, mirror: &mut UpToDate) -> Result<(), SyncError> {
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
async fn judge_orphaned(
    parts: &SyncParts,
    site: &Site,
    mirror: &UpToDate,
    asked: &ReadById,
    log: &mut Log<'_>,
) -> Result<(), SyncError> {
    let judge = Judge::new(parts, site, Links::BySettings)?;
    let mut applier = Applier::new(parts, site, mirror.version, Guard::limited());
    let mut orphaned = OrphanedAccounts::of(parts, site);
    while let Some(page) = orphaned.next(PAGE).await? {
        applier.page(log, orphaned::judged(&judge, page, asked).await?).await?;
    }
    match parts.store.sync().orphans_judged(site.id(), mirror.version).await? {
        true => Ok(()),
        false => Err(SyncError::Overtaken),
    }
}

/// Judges every person who may have changed, until the queue is empty: what one account gives up may be what
/// another waits for.
async fn judge_all(
    parts: &SyncParts,
    site: &Site,
    mirror: &mut UpToDate,
    log: &mut Log<'_>,
) -> Result<(), SyncError> {
    queue_unreported(parts, site, mirror).await?;
    let judge = Judge::new(parts, site, Links::BySettings)?;
    let mut applier = Applier::new(parts, site, mirror.version, Guard::limited());
    let (mut done, all) = (0, parts.store.sync().count_dirty(site.id()).await?);
    for _ in 0..SWEEPS {
        let mut after = None;
        loop {
            let people = parts.store.sync().dirty_people(site.id(), after, PAGE).await?;
            let Some(last) = people.last() else { break };
            after = Some(last.waiting());
            let many = people.len() as u64;
            applier.page(log, judge.page(people).await?).await?;
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
        judge_again(parts, site, mirror).await?;
    }
    parts.store.sync().dirty_expired(site.id(), parts.now()).await?;
    Ok(())
}
