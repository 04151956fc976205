//! A task as a page and a script see it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::admin::{AdminTask, TaskKind, TaskState};
use crate::store::RunCounts;

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaskView {
    pub id: String,
    #[schema(value_type = String)]
    pub kind: TaskKind,
    /// The id of the directory.
    pub directory: String,
    #[schema(value_type = String)]
    pub state: TaskState,
    /// True while it waits for other work on its directory.
    pub is_behind: bool,
    /// True if somebody has asked to stop it.
    pub stop_asked: bool,
    /// Who has ordered it: the name of a person, or the actor as in the audit log.
    pub by: String,
    pub made_at: Millis,
    pub ended_at: Option<Millis>,
    pub progress: Option<TaskProgress>,
    pub result: Option<TaskResult>,
}

/// How far a task is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskProgress {
    /// What it is doing, in a word or two.
    pub doing: String,
    pub people: u64,
    /// Of how many, if that is known.
    pub of: Option<u64>,
    pub per_second: Option<u64>,
    pub seconds_left: Option<u64>,
}

/// What came out of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum TaskResult {
    /// The directory was read, or synced, or a plan or a revert was carried out. Without a run, there was
    /// nothing to do.
    Done { run: Option<i64>, counts: TaskCounts },
    /// A plan was made; `takes` people would lose something by it.
    Planned { plan: i64, takes: u64, counts: TaskCounts },
    /// Nothing was done, since these people have changed since the plan was made.
    PlanChanged { people: Vec<String>, more: usize },
    /// From so many held people it was taken; the others would lose something else by now.
    Approved { done: usize, left_out: usize },
    /// The directory has nobody of this name.
    NobodyFound,
    /// It was stopped.
    Stopped,
    /// It failed, or was refused.
    Failed { error: String, advice: String },
}

/// What a run did, in numbers, or what a plan would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TaskCounts {
    pub seen: u64,
    pub created: u64,
    pub linked: u64,
    pub updated: u64,
    pub suspended: u64,
    pub reactivated: u64,
    pub conflicts: u64,
    pub shares_joined: u64,
    pub shares_left: u64,
    pub held: u64,
}

impl From<&RunCounts> for TaskCounts {
    fn from(counts: &RunCounts) -> Self {
        let RunCounts { seen, created, linked, updated, suspended, reactivated, .. } = *counts;
        let RunCounts { conflicts, shares_joined, shares_left, held, .. } = *counts;
        Self {
            seen,
            created,
            linked,
            updated,
            suspended,
            reactivated,
            conflicts,
            shares_joined,
            shares_left,
            held,
        }
    }
}

impl TaskResult {
    /// Several nodes have died at it.
    pub(super) fn given_up() -> Self {
        Self::failed("it was begun several times and never completed", "see the log of the servers")
    }

    /// A fault of the program.
    pub(super) fn crashed() -> Self {
        Self::failed("it failed by a fault of the program", "see the log of the server, and report the fault")
    }

    /// A failure in words, with what to do.
    pub(super) fn failed(error: impl ToString, advice: impl ToString) -> Self {
        Self::Failed { error: error.to_string(), advice: advice.to_string() }
    }
}

impl TaskView {
    pub(super) fn new(task: &AdminTask, by: String) -> Self {
        let is_over = task.state.is_over();
        let progress = task.progress.as_deref().filter(|_| !is_over);
        Self {
            id: task.id.clone(),
            kind: task.kind,
            directory: task.directory.0.clone(),
            state: task.state,
            is_behind: task.state == TaskState::Waiting && task.heartbeat.is_some(),
            stop_asked: task.stop_asked,
            by,
            made_at: task.made_at,
            ended_at: task.ended_at,
            progress: progress.and_then(|json| serde_json::from_str(json).ok()),
            // What another version has written, and this one can't read, is not shown.
            result: task.result.as_deref().and_then(|json| serde_json::from_str(json).ok()),
        }
    }

    /// True if nothing follows.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.state.is_over()
    }
}
