//! Runs, changes, held people and conflicts as commands and pages show them.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use super::differences::{FieldChange, differences, login_name};
use crate::domain::account::SuspendedBecause;
use crate::domain::entry::DirectoryId;
use crate::domain::history::ChangeKind;
use crate::domain::reconcile::{ConflictKind, StoredConflict};
use crate::domain::shortfall::Shortfall;
use crate::domain::{Millis, timestamp};
use crate::flow::sync::progress::ProgressView;
use crate::store::{ChangeRow, ConflictRow, HeldRow, PlanRow, RunCounts, RunResult, RunRow};

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Running,
    Done,
    Failed,
}

/// What a run counts, of those numbers that a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunCount {
    Created,
    Linked,
    Updated,
    Suspended,
    Reactivated,
    SharesJoined,
    SharesLeft,
    Conflicts,
    Held,
}

/// What a run did, or a plan would do, in numbers.
#[must_use]
pub fn counted(counts: &RunCounts) -> [(RunCount, u64); 9] {
    [
        (RunCount::Created, counts.created),
        (RunCount::Linked, counts.linked),
        (RunCount::Updated, counts.updated),
        (RunCount::Suspended, counts.suspended),
        (RunCount::Reactivated, counts.reactivated),
        (RunCount::SharesJoined, counts.shares_joined),
        (RunCount::SharesLeft, counts.shares_left),
        (RunCount::Conflicts, counts.conflicts),
        (RunCount::Held, counts.held),
    ]
}

/// What a feed lacks, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShortfallView {
    pub what: String,
    pub fix: String,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunView {
    pub run: i64,
    pub directory: String,
    pub trigger: String,
    pub state: RunState,
    #[serde(serialize_with = "as_time")]
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Millis,
    #[serde(serialize_with = "as_time_if_any")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Millis>,
    pub duration_ms: Option<Millis>,
    /// How often the same failure has happened in a row.
    pub times: u32,
    pub feed: Option<String>,
    pub server: Option<String>,
    pub cursor_from: Option<String>,
    pub cursor_to: Option<String>,
    pub feed_lacks: Vec<ShortfallView>,
    /// Why everything was read, if it was.
    pub reason: Option<String>,
    /// Of a run that is done.
    pub counts: Option<RunCounts>,
    pub progress: Option<ProgressView>,
    pub error: Option<String>,
    pub advice: Option<String>,
    /// An administrator had reviewed what it does.
    pub approved: bool,
}

/// One change of one account, with the account or the Team Share before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangeView {
    pub change: i64,
    /// `None` outside a run.
    pub run: Option<i64>,
    pub directory: Option<String>,
    pub account: String,
    pub login_name: Option<String>,
    #[serde(serialize_with = "as_time")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Millis,
    #[schema(value_type = String)]
    pub kind: ChangeKind,
    pub why: Option<String>,
    pub before: Option<Value>,
    pub after: Value,
    #[schema(value_type = BTreeMap<String, ValuesView>)]
    pub differs: Differing,
}

/// The values of a field before and after a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ValuesView {
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The fields that differ.
pub type Differing = BTreeMap<String, ValuesView>;

/// What a plan would do to one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlannedView {
    #[schema(value_type = String)]
    pub kind: ChangeKind,
    pub login_name: String,
    pub entry: String,
    pub account: Option<String>,
    pub why: Option<String>,
    pub before: Option<Value>,
    pub after: Value,
    #[schema(value_type = BTreeMap<String, ValuesView>)]
    pub differs: Differing,
}

/// What a held person would lose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LossView {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub suspend: Option<SuspendedBecause>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<String>,
}

/// A person whom the guard holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HeldView {
    pub directory: String,
    pub entry: String,
    pub account: String,
    pub login_name: String,
    pub what: LossView,
    #[serde(serialize_with = "as_time")]
    #[schema(value_type = String, format = DateTime)]
    pub since: Millis,
    /// Since when it is exactly this loss, in milliseconds: a decision names it.
    pub what_since: Millis,
    pub run: Option<i64>,
    /// Who has decided that the person keeps everything.
    pub rejected_by: Option<String>,
    #[serde(serialize_with = "as_time_if_any")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub rejected_at: Option<Millis>,
}

/// A person with a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConflictView {
    pub directory: String,
    pub entry: String,
    pub login_name: String,
    #[schema(value_type = String)]
    pub kind: ConflictKind,
    pub email: Option<String>,
    /// The account that has the email address.
    pub taken_by: Option<String>,
    #[serde(serialize_with = "as_time")]
    #[schema(value_type = String, format = DateTime)]
    pub since: Millis,
    /// What the conflict is, and what to do.
    pub fix: String,
    /// True if the account that has the address can be handed over to this person.
    pub hand_over: bool,
}

impl From<&Shortfall> for ShortfallView {
    fn from(lacks: &Shortfall) -> Self {
        Self { what: lacks.what(), fix: lacks.fix().to_owned() }
    }
}

impl From<&RunRow> for RunView {
    fn from(run: &RunRow) -> Self {
        let details = &run.details;
        let (state, counts, error) = match &run.result {
            RunResult::Running => (RunState::Running, None, None),
            RunResult::Done(counts) => (RunState::Done, Some(*counts), None),
            RunResult::Failed(error) => (RunState::Failed, None, Some(error.clone())),
        };
        Self {
            run: run.id.0,
            directory: run.directory.0.clone(),
            trigger: run.trigger.to_string(),
            state,
            started_at: run.started_at,
            finished_at: run.finished_at,
            duration_ms: run.finished_at.map(|end| end - run.started_at),
            times: run.times,
            feed: details.feed.clone(),
            server: details.server.clone(),
            cursor_from: details.cursor_from.clone(),
            cursor_to: details.cursor_to.clone(),
            feed_lacks: details.shortfalls.iter().map(ShortfallView::from).collect(),
            reason: details.reason.clone(),
            counts,
            progress: run.progress.as_ref().map(ProgressView::from),
            error,
            advice: details.advice.clone(),
            approved: run.approved,
        }
    }
}

impl From<&ChangeRow> for ChangeView {
    fn from(change: &ChangeRow) -> Self {
        Self {
            change: change.id,
            run: change.run.map(|run| run.0),
            directory: change.directory.as_ref().map(|directory| directory.0.clone()),
            account: change.account.0.clone(),
            login_name: login_name(change),
            at: change.at,
            kind: change.kind,
            why: change.why.clone(),
            before: change.before.as_deref().map(snapshot),
            after: snapshot(&change.after),
            differs: differing(change.before.as_deref(), &change.after),
        }
    }
}

impl From<&PlanRow> for PlannedView {
    fn from(row: &PlanRow) -> Self {
        Self {
            kind: row.kind,
            login_name: row.login_name.clone(),
            entry: row.entry.to_string(),
            account: row.account.as_ref().map(|account| account.0.clone()),
            why: row.why.clone(),
            before: row.before.as_deref().map(snapshot),
            after: snapshot(&row.after),
            differs: differing(row.before.as_deref(), &row.after),
        }
    }
}

impl From<&HeldRow> for HeldView {
    fn from(row: &HeldRow) -> Self {
        let person = &row.person;
        Self {
            directory: row.directory.0.clone(),
            entry: person.entry.to_string(),
            account: person.account.0.clone(),
            login_name: person.login_name.clone(),
            what: LossView { suspend: person.what.suspend, shares: person.what.shares.clone() },
            since: row.since,
            what_since: row.what_since,
            run: row.run.map(|run| run.0),
            rejected_by: row.rejected.as_ref().map(|rejected| rejected.by.clone()),
            rejected_at: row.rejected.as_ref().map(|rejected| rejected.at),
        }
    }
}

impl HeldView {
    /// The person as a form names them in a decision.
    #[must_use]
    pub fn seen(&self) -> String {
        format!("{}@{}", self.entry, self.what_since)
    }
}

impl ConflictView {
    /// Of a person of this directory.
    #[must_use]
    pub fn new(directory: &DirectoryId, row: &ConflictRow) -> Self {
        let stored = StoredConflict {
            kind: row.kind,
            email: row.email.as_deref(),
            account: row.taken_by.as_ref(),
            suspended_since: row.suspended_since,
            entry: row.entry,
        };
        Self {
            directory: directory.0.clone(),
            entry: row.entry.to_string(),
            login_name: row.login_name.clone(),
            kind: row.kind,
            email: row.email.clone(),
            taken_by: row.taken_by.as_ref().map(|id| id.0.clone()),
            since: row.since,
            fix: stored.advice(),
            hand_over: row.can_hand_over(),
        }
    }
}

/// A stored snapshot of an account or a Team Share.
#[must_use]
pub fn snapshot(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

fn differing(before: Option<&str>, after: &str) -> Differing {
    let all = differences(before, after).into_iter();
    all.map(|FieldChange { field, before, after }| (field, ValuesView { before, after })).collect()
}

fn as_time<S: Serializer>(at: &Millis, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&timestamp(*at))
}

fn as_time_if_any<S: Serializer>(at: &Option<Millis>, serializer: S) -> Result<S::Ok, S::Error> {
    at.map(timestamp).serialize(serializer)
}
