//! Write the sync log: a run begins with its first change, and ends with success or the reason of a failure.

use std::collections::HashMap;

use tokio::time::{Duration, Instant};

use super::mirror_update::MirrorUpdate;
use super::order::{RunOrder, RunReport, SyncError};
use crate::domain::Millis;
use crate::domain::entry::EntryId;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::store::{AppliedEntry, RunCounts, RunDetails, RunId, RunKind, RunProgress};

/// How often a long run logs its progress.
const PROGRESS: Duration = Duration::from_millis(500);

/// A run in progress. A round that finds nothing to do writes no run.
pub(super) struct Log<'a> {
    pub parts: &'a SyncParts,
    pub site: &'a Site,
    pub order: &'a RunOrder,
    /// How the mirror was brought up to date.
    pub read: MirrorUpdate,
    run: Option<RunId>,
    counts: RunCounts,
    /// The last result for each person with a conflict: judged again, each is counted once.
    in_conflict: HashMap<EntryId, AppliedEntry>,
    progress_noted: Instant,
    phase: Option<Phase>,
}

/// What a run is doing, since when, and how many people were done before that.
struct Phase {
    doing: String,
    at: Millis,
    people: u64,
}

impl<'a> Log<'a> {
    pub(super) fn new(parts: &'a SyncParts, site: &'a Site, order: &'a RunOrder) -> Self {
        Self {
            parts,
            site,
            order,
            read: MirrorUpdate::default(),
            run: None,
            counts: RunCounts::default(),
            in_conflict: HashMap::new(),
            progress_noted: Instant::now(),
            phase: None,
        }
    }

    /// Begins the run, once there is something to log.
    pub(super) async fn begin(&mut self) -> Result<RunId, SyncError> {
        if let Some(run) = self.run {
            return Ok(run);
        }
        let (store, id, now) = (&self.parts.store, self.site.id(), self.parts.now());
        let run = store.sync().begin_run(id, self.order.trigger, now).await?;
        self.run = Some(run);
        self.order.begun.send_replace(Some(run));
        Ok(run)
    }

    /// The run, if it has begun.
    pub(super) fn run(&self) -> Option<RunId> {
        self.run
    }

    /// Adds the changes of a page of people, and how many of them the guard holds.
    pub(super) fn count(&mut self, done: Vec<AppliedEntry>, held: usize) {
        for applied in done {
            let applied = match self.in_conflict.remove(&applied.entry) {
                Some(before) => applied.after(&before),
                None => applied,
            };
            match applied.conflict {
                Some(_) => drop(self.in_conflict.insert(applied.entry, applied)),
                None => self.counts.add(&applied),
            }
        }
        self.counts.held += held as u64;
    }

    /// Fails if an administrator has stopped the run.
    pub(super) async fn stop_if_asked(&self) -> Result<(), SyncError> {
        let Some(run) = self.run else { return Ok(()) };
        match self.parts.store.sync().stopped_by(run).await? {
            Some(by) => Err(SyncError::Stopped(by)),
            None => Ok(()),
        }
    }

    /// Logs from time to time how far the run has come, and fails if it was stopped.
    pub(super) async fn progress(
        &mut self,
        doing: &str,
        people: u64,
        of: Option<u64>,
    ) -> Result<(), SyncError> {
        self.stop_if_asked().await?;
        let now = self.parts.now();
        let begun = self.phase.take().filter(|begun| begun.doing == doing);
        let begun = begun.unwrap_or_else(|| Phase { doing: doing.to_owned(), at: now, people });
        let progress = RunProgress {
            doing: doing.to_owned(),
            people,
            of,
            at: now,
            begun_at: begun.at,
            begun_with: begun.people,
        };
        self.phase = Some(begun);
        if self.progress_noted.elapsed() < PROGRESS {
            return Ok(());
        }
        self.progress_noted = Instant::now();
        let run = self.begin().await?;
        Ok(self.parts.store.sync().note_progress(run, &progress).await?)
    }

    /// Whoever stops a run pauses the sync first, so a run may meet the pause before it looks.
    async fn named_stop(&self, result: Result<(), SyncError>) -> Result<(), SyncError> {
        match result {
            Err(SyncError::Paused(paused)) => self.stop_if_asked().await.and(Err(paused.into())),
            result => result,
        }
    }

    /// Closes the run. A failure before it began is logged too, unless only some people were asked for: whoever
    /// asked gets the error.
    pub(super) async fn close(mut self, result: Result<(), SyncError>) -> Result<RunReport, SyncError> {
        let result = self.named_stop(result).await;
        self.in_conflict.values().for_each(|applied| self.counts.add(applied));
        let (store, kind, now) = (self.parts.store.sync(), self.order.kind, self.parts.now());
        let details = details(&self.read, result.as_ref().err());
        let done = result.as_ref().map(|()| self.counts).map_err(|error| Causes(error).to_string());
        match (self.run, done) {
            (Some(run), done) => store.finish_run(run, kind, done, &details, now).await?,
            (None, Err(error)) if kind == RunKind::Complete => {
                store.note_failure(self.site.id(), self.order.trigger, &error, &details, now).await?;
            }
            (None, _) => {}
        }
        result?;
        let conflicts = store.conflicts(self.site.id()).await?;
        Ok(RunReport { run: self.run, counts: self.counts, conflicts })
    }
}

fn details(read: &MirrorUpdate, error: Option<&SyncError>) -> RunDetails {
    let position = |cursor: &crate::domain::cursor::Cursor| cursor.position.to_string();
    RunDetails {
        feed: read.to.as_ref().map(|cursor| cursor.position.feed().as_str().to_owned()),
        server: read.to.as_ref().map(|cursor| cursor.server.clone()),
        cursor_from: read.from.as_ref().map(position),
        cursor_to: read.to.as_ref().map(position),
        reason: read.reason.clone(),
        advice: error.map(SyncError::advice),
        shortfalls: read.shortfalls.clone(),
    }
}
