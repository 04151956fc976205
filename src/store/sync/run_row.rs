//! A run as the log stores it: its state, what it did in numbers, and what it read.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::entry::DirectoryId;
use crate::domain::shortfall::Shortfall;

use super::applied::{AppliedEntry, AppliedKind};
use super::feeds;
use super::ids::{RunId, RunTrigger};
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::sql::{Cells, DbRow};

/// What a run did, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RunCounts {
    /// Entries that the directory showed.
    pub seen: u64,
    pub created: u64,
    /// Accounts linked to their entry.
    pub linked: u64,
    pub updated: u64,
    pub suspended: u64,
    pub reactivated: u64,
    /// Accounts left unchanged.
    pub kept: u64,
    /// People with a conflict.
    pub conflicts: u64,
    /// Memberships of Team Shares that were added.
    pub shares_joined: u64,
    /// Memberships of Team Shares that were removed.
    pub shares_left: u64,
    /// People whom the guard holds.
    pub held: u64,
}

impl RunCounts {
    /// Adds the result for one entry.
    pub fn add(&mut self, applied: &AppliedEntry) {
        self.seen += 1;
        self.conflicts += u64::from(applied.conflict.is_some());
        self.shares_joined += applied.shares_joined;
        self.shares_left += applied.shares_left;
        match applied.kind {
            AppliedKind::Created => self.created += 1,
            AppliedKind::Linked => self.linked += 1,
            AppliedKind::Updated => self.updated += 1,
            AppliedKind::Suspended => self.suspended += 1,
            AppliedKind::Reactivated => self.reactivated += 1,
            AppliedKind::Kept => self.kept += 1,
            AppliedKind::Ignored | AppliedKind::Held | AppliedKind::Overtaken => {}
        }
    }
}

/// The state of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunResult {
    Running,
    Done(RunCounts),
    /// Failed; what it had applied until then stays.
    Failed(String),
}

/// One execution of the sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    pub id: RunId,
    pub directory: DirectoryId,
    pub trigger: RunTrigger,
    pub started_at: Millis,
    /// When it ended; for a repeated failure, when it last happened.
    pub finished_at: Option<Millis>,
    pub result: RunResult,
    /// What it read, and how far.
    pub details: RunDetails,
    pub progress: Option<RunProgress>,
    /// How often the same failure has happened in a row.
    pub times: u32,
    /// An administrator had reviewed what it does (an applied plan, a revert): the guard does not count it.
    pub approved: bool,
}

/// What a run reports about what it read, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunDetails {
    pub feed: Option<String>,
    /// `host:port`.
    pub server: Option<String>,
    pub cursor_from: Option<String>,
    pub cursor_to: Option<String>,
    /// Why everything was read, if it was.
    pub reason: Option<String>,
    /// What to do about its failure.
    pub advice: Option<String>,
    /// Why it did not use a better feed.
    pub shortfalls: Vec<Shortfall>,
}

/// How far a long run has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunProgress {
    /// What it is doing, in a word or two.
    pub doing: String,
    /// How many people are done.
    pub people: u64,
    /// Of how many, if known.
    pub of: Option<u64>,
    pub at: Millis,
    /// When it began to do this, and how many people were done by then.
    pub begun_at: Millis,
    pub begun_with: u64,
}

impl TryFrom<&DbRow> for RunRow {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("runs", "id");
        let progress: Option<String> = cells.cell("progress")?;
        Ok(Self {
            id: RunId(cells.cell("id")?),
            directory: DirectoryId(cells.cell("directory")?),
            trigger: cells.word("trigger_word", RunTrigger::parse)?,
            started_at: cells.cell("started_at")?,
            finished_at: cells.cell("finished_at")?,
            result: result(cells)?,
            details: RunDetails {
                feed: cells.cell("feed")?,
                server: cells.cell("server")?,
                cursor_from: cells.cell("cursor_from")?,
                cursor_to: cells.cell("cursor_to")?,
                reason: cells.cell("reason")?,
                advice: cells.cell("advice")?,
                shortfalls: feeds::shortfalls(cells)?,
            },
            progress: progress.and_then(|text| serde_json::from_str(&text).ok()),
            times: cells.parsed("times", |times: i64| u32::try_from(times).ok())?,
            approved: cells.cell::<i64>("approved")? != 0,
        })
    }
}

fn result(cells: Cells<'_>) -> Result<RunResult> {
    let (counts, error): (Option<String>, Option<String>) = (cells.cell("counts")?, cells.cell("error")?);
    Ok(match (cells.cell::<Option<Millis>>("finished_at")?, counts, error) {
        (None, None, None) => RunResult::Running,
        (Some(_), Some(counts), None) => {
            RunResult::Done(serde_json::from_str(&counts).map_err(|_| cells.corrupt("counts can't be read"))?)
        }
        (Some(_), None, Some(error)) => RunResult::Failed(error),
        _ => return Err(cells.corrupt("finished_at, counts and error contradict each other")),
    })
}
