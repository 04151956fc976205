//! Write the sync log: a run begins with its first change, and ends with success or the reason of a failure.

use std::collections::HashMap;

use tokio::time::{Duration, Instant};

use super::mirror_update::MirrorUpdate;
use super::{RunOrder, RunReport, SyncError};
use crate::domain::entry::EntryId;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::store::{AppliedEntry, RunCounts, RunDetails, RunId, RunProgress};

/// How often a long run logs its progress.
const SAY: Duration = Duration::from_millis(500);

/// A run in progress. A round that finds nothing to do writes no run.
pub(super) struct Log<'a> {
    parts: &'a SyncParts,
    site: &'a Site,
    order: &'a RunOrder,
    run: Option<RunId>,
    counts: RunCounts,
    /// The last change for each person held back: judged again, each is counted once.
    held_back: HashMap<EntryId, AppliedEntry>,
    said: Instant,
}

impl<'a> Log<'a> {
    pub(super) fn new(parts: &'a SyncParts, site: &'a Site, order: &'a RunOrder) -> Self {
        Self {
            parts,
            site,
            order,
            run: None,
            counts: RunCounts::default(),
            held_back: HashMap::new(),
            said: Instant::now(),
        }
    }

    /// Begins the run, once there is something to log.
    pub(super) async fn begin(&mut self) -> Result<RunId, SyncError> {
        if let Some(run) = self.run {
            return Ok(run);
        }
        let (store, id, now) = (&self.parts.store, self.site.id(), self.parts.now());
        let run = match self.order.approved {
            true => store.sync().begin_approved_run(id, self.order.trigger, now).await?,
            false => store.sync().begin_run(id, self.order.trigger, now).await?,
        };
        self.run = Some(run);
        Ok(run)
    }

    /// The run, if it has begun.
    pub(super) fn run(&self) -> Option<RunId> {
        self.run
    }

    /// Adds the changes of a page of people, and how many of them the guard holds.
    pub(super) fn count(&mut self, done: Vec<AppliedEntry>, held: usize) {
        for applied in done {
            let applied = match self.held_back.remove(&applied.entry) {
                Some(before) => applied.after(&before),
                None => applied,
            };
            match applied.conflict {
                Some(_) => drop(self.held_back.insert(applied.entry, applied)),
                None => self.counts.add(&applied),
            }
        }
        self.counts.held += held as u64;
    }

    /// Logs from time to time how far the run has come.
    pub(super) async fn progress(
        &mut self,
        doing: &str,
        people: u64,
        of: Option<u64>,
    ) -> Result<(), SyncError> {
        if self.said.elapsed() < SAY {
            return Ok(());
        }
        self.said = Instant::now();
        let run = self.begin().await?;
        let progress = RunProgress { doing: doing.to_owned(), people, of, at: self.parts.now() };
        Ok(self.parts.store.sync().note_progress(run, &progress).await?)
    }

    /// Closes the run, whatever its result.
    pub(super) async fn close(
        mut self,
        read: &MirrorUpdate,
        result: Result<(), SyncError>,
    ) -> Result<RunReport, SyncError> {
        self.held_back.values().for_each(|applied| self.counts.add(applied));
        let (store, now) = (&self.parts.store, self.parts.now());
        let details = details(read, result.as_ref().err());
        match (result, self.run) {
            (Ok(()), Some(run)) => store.sync().finish_run(run, Ok(self.counts), &details, now).await?,
            (Ok(()), None) => {}
            (Err(error), run) => {
                let words = Causes(&error).to_string();
                match run {
                    Some(run) => store.sync().finish_run(run, Err(words), &details, now).await?,
                    None => {
                        store
                            .sync()
                            .note_failure(self.site.id(), self.order.trigger, &words, &details, now)
                            .await?
                    }
                }
                return Err(error);
            }
        }
        Ok(RunReport {
            run: self.run,
            counts: self.counts,
            conflicts: store.sync().conflicts(self.site.id()).await?,
        })
    }
}

impl Log<'_> {
    /// Closes a run that is no import (a plan, single people): a failure is returned to the caller, and
    /// logged only if the run had begun.
    pub(super) async fn close_errand(
        self,
        read: &MirrorUpdate,
        result: Result<(), SyncError>,
    ) -> Result<RunReport, SyncError> {
        let (store, now) = (&self.parts.store, self.parts.now());
        if let Some(run) = self.run {
            let done = match &result {
                Ok(()) => Ok(self.counts),
                Err(error) => Err(Causes(error).to_string()),
            };
            store.sync().end_run(run, done, &details(read, result.as_ref().err()), now).await?;
        }
        result?;
        Ok(RunReport {
            run: self.run,
            counts: self.counts,
            conflicts: store.sync().conflicts(self.site.id()).await?,
        })
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
