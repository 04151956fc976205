//! The page of a task: how far it is, and what came out of it.

use std::borrow::Cow;

use askama::Template;

use crate::domain::admin::{TaskKind, TaskState};
use crate::domain::{Millis, timestamp};
use crate::flow::admin::task::{TaskCounts, TaskProgress, TaskResult, TaskView};
use crate::web::admin::address::{PEOPLE, SYNC_LOG, SYNC_SETTINGS, plan_path, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::{Language, Moment};

/// A task, with the buttons that its admin may press.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/task.html")]
pub(in crate::web::admin) struct TaskPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub part: TaskPart,
    /// The token of the form that stops it; `None` if the admin may not.
    pub stop: Option<String>,
    /// The token of the form that resumes what was stopped; `None` if there is nothing to resume, or the admin may not.
    pub resume: Option<String>,
    /// True if the page loads itself again, where there is no script.
    pub refreshes: bool,
}

/// The part of the page that changes while the task runs.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/parts/task.html")]
pub(in crate::web::admin) struct TaskPart {
    pub language: Language,
    pub now: Millis,
    pub view: TaskView,
}

impl TaskPage {
    fn title(&self) -> Cow<'static, str> {
        self.language.text(self.part.title_key())
    }
}

impl TaskPart {
    fn title_key(&self) -> &'static str {
        match self.view.kind {
            TaskKind::ReadDirectory => "task-read-directory",
            TaskKind::Plan => "task-plan",
            TaskKind::ApplyPlan => "task-apply-plan",
            TaskKind::Sync => "task-sync",
            TaskKind::SyncPerson => "task-sync-person",
            TaskKind::ApproveHeld => "task-approve-held",
            TaskKind::Revert => "task-revert",
        }
    }

    fn state(&self) -> Cow<'static, str> {
        self.language.text(match self.view.state {
            _ if self.view.stop_asked && !self.view.is_over() => "task-stopping",
            TaskState::Waiting if self.view.is_behind => "task-waiting.directory",
            TaskState::Waiting => "task-waiting",
            TaskState::Running => "task-running",
            TaskState::Done => "task-done",
            TaskState::Failed => "task-failed",
            TaskState::Stopped => "task-stopped",
        })
    }

    fn state_kind(&self) -> &'static str {
        match self.view.state {
            TaskState::Waiting | TaskState::Running => "plain",
            TaskState::Done => "good",
            TaskState::Failed => "trouble",
            TaskState::Stopped => "warn",
        }
    }

    fn ordered(&self) -> Cow<'static, str> {
        let when = Moment { at: self.view.made_at, now: self.now }.text(self.language);
        self.language
            .with_all("task-live.ordered", [("by", self.view.by.as_str().into()), ("when", when.into())])
    }

    fn stamp(&self) -> String {
        timestamp(self.view.made_at)
    }

    fn people(&self, progress: &TaskProgress) -> Cow<'static, str> {
        match progress.of {
            Some(of) => self
                .language
                .with_all("task-live.people-of", [("count", progress.people.into()), ("of", of.into())]),
            None => self.language.with("task-live.people", "count", progress.people),
        }
    }

    fn rate(&self, progress: &TaskProgress) -> Option<Cow<'static, str>> {
        Some(self.language.with("task-live.rate", "count", progress.per_second?))
    }

    fn left(&self, progress: &TaskProgress) -> Option<Cow<'static, str>> {
        let seconds = progress.seconds_left?;
        Some(match seconds {
            0..90 => self.language.with("task-live.seconds-left", "count", seconds),
            _ => self.language.with("task-live.minutes-left", "count", seconds.div_ceil(60)),
        })
    }

    fn counts(&self) -> Option<&TaskCounts> {
        match self.view.result.as_ref()? {
            TaskResult::Done { counts, .. } | TaskResult::Planned { counts, .. } => Some(counts),
            _ => None,
        }
    }

    /// Where to go on: the plan that was made, where it is ordered anew, or what it has done.
    fn next(&self) -> Option<(String, Cow<'static, str>)> {
        let of_directory = |path| with_query(path, &[("directory", &self.view.directory)]);
        let (address, title) = match (self.view.result.as_ref()?, self.view.kind) {
            (TaskResult::Planned { plan, .. }, _) => (plan_path(*plan), "sync-plan.look"),
            (_, TaskKind::SyncPerson) => (PEOPLE.to_owned(), "people"),
            (_, TaskKind::ReadDirectory | TaskKind::Plan)
            | (TaskResult::PlanChanged { .. }, TaskKind::ApplyPlan) => {
                (of_directory(SYNC_SETTINGS), "sync-settings")
            }
            // The run is linked already.
            _ if self.run().is_some() => return None,
            _ => (of_directory(SYNC_LOG), "sync-log"),
        };
        Some((address, self.language.text(title)))
    }

    /// The numbers of a result that are not zero, with their names.
    fn numbers(&self, counts: &TaskCounts) -> Vec<(Cow<'static, str>, u64)> {
        let all = [
            ("task-seen", counts.seen),
            ("task-created", counts.created),
            ("task-linked", counts.linked),
            ("task-updated", counts.updated),
            ("task-suspended", counts.suspended),
            ("task-reactivated", counts.reactivated),
            ("task-shares-joined", counts.shares_joined),
            ("task-shares-left", counts.shares_left),
            ("task-conflicts", counts.conflicts),
            ("task-held", counts.held),
        ];
        let found = all.into_iter().filter(|(_, count)| *count > 0);
        found.map(|(key, count)| (self.language.text(key), count)).collect()
    }

    /// What came out, in a sentence.
    fn outcome(&self) -> Option<Cow<'static, str>> {
        let language = self.language;
        Some(match self.view.result.as_ref()? {
            TaskResult::Done { run: None, .. } => language.text("task-nothing-to-do"),
            TaskResult::Done { run: Some(run), .. } => language.with("task-run", "run", *run),
            TaskResult::Planned { takes, .. } => language.with("task-takes", "count", *takes),
            TaskResult::PlanChanged { people, more } => {
                language.with("task-plan-changed", "count", people.len() + more)
            }
            TaskResult::Approved { done, left_out: 0 } => language.with("task-approved", "count", *done),
            TaskResult::Approved { done, left_out } => {
                let parts = [("count", (*done).into()), ("left", (*left_out).into())];
                language.with_all("task-approved-partly", parts)
            }
            TaskResult::NobodyFound => language.text("task-nobody"),
            TaskResult::Stopped => language.text("task-stopped.what"),
            TaskResult::Failed { .. } => return None,
        })
    }

    /// The run in the Sync Log.
    fn run(&self) -> Option<i64> {
        match self.view.result.as_ref()? {
            TaskResult::Done { run, .. } => *run,
            _ => None,
        }
    }

    /// An error of the work, and what to do about it, in English.
    fn failure(&self) -> Option<(&str, &str)> {
        match self.view.result.as_ref()? {
            TaskResult::Failed { error, advice } => Some((error, advice)),
            _ => None,
        }
    }

    /// People for whom a plan does not hold any more.
    fn changed(&self) -> &[String] {
        match &self.view.result {
            Some(TaskResult::PlanChanged { people, .. }) => people,
            _ => &[],
        }
    }
}
