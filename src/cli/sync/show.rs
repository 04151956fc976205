//! Runs, changes, held people and conflicts as text and as JSON. Text from a directory is escaped here.

use serde_json::{Value, json};

use crate::cli::printable;
use crate::domain::entry::DirectoryId;
use crate::domain::reconcile::StoredConflict;
use crate::domain::shortfall::Shortfall;
use crate::domain::{Millis, SECOND, timestamp};
use crate::flow::sync::history::{FieldChange, differences, login_name};
use crate::store::{ChangeRow, ConflictRow, HeldRow, Loss, RunCounts, RunProgress, RunResult, RunRow};

/// The counts of a run as text: those that are not zero.
pub(super) fn counts(counts: &RunCounts) -> String {
    let table = [
        (counts.created, "created"),
        (counts.linked, "linked"),
        (counts.updated, "updated"),
        (counts.suspended, "suspended"),
        (counts.reactivated, "reactivated"),
        (counts.kept, "unchanged"),
        (counts.shares_joined, "Team Share memberships added"),
        (counts.shares_left, "Team Share memberships removed"),
        (counts.conflicts, "with a conflict"),
        (counts.held, "held by the guard"),
    ];
    let texts = table.iter().filter(|(many, _)| *many > 0).map(|(many, word)| format!("{many} {word}"));
    let texts: Vec<String> = std::iter::once(format!("{} seen", counts.seen)).chain(texts).collect();
    texts.join(", ")
}

/// One run in a few lines.
pub(super) fn run(run: &RunRow) -> String {
    let report = &run.details;
    let mut lines = vec![run_head(run)];
    let cursor = match (&report.cursor_from, &report.cursor_to) {
        (Some(from), Some(to)) => Some(format!("{from} -> {to}")),
        (None, Some(to)) => Some(format!("up to {to}")),
        (Some(from), None) => Some(format!("from {from}")),
        (None, None) => None,
    };
    let source = [report.feed.clone(), report.server.clone().map(|server| format!("at {server}")), cursor];
    let source: Vec<String> = source.into_iter().flatten().collect();
    if !source.is_empty() {
        lines.push(format!("    read by {}", source.join(", ")));
    }
    lines.extend(report.shortfalls.iter().map(|lacks| format!("    {}", shortfall(lacks))));
    if let Some(reason) = &report.reason {
        lines.push(format!("    everything was read: {reason}"));
    }
    match &run.result {
        RunResult::Running => lines.push(format!("    {}", progress(run.progress.as_ref()))),
        RunResult::Done(done) => lines.push(format!("    {}", counts(done))),
        RunResult::Failed(error) => lines.push(format!("    failed: {error}")),
    }
    if let Some(advice) = &report.advice {
        lines.push(format!("    what to do: {advice}"));
    }
    lines.iter().map(|line| printable(line)).collect::<Vec<_>>().join("\n")
}

/// What a feed lacks, and how to fix it.
pub(super) fn shortfall(lacks: &Shortfall) -> String {
    format!("({}; {})", lacks.what(), lacks.fix())
}

fn run_head(run: &RunRow) -> String {
    let lasted = run.finished_at.map(|end| duration(end - run.started_at));
    let lasted = match (run.times, lasted) {
        (1, Some(lasted)) => format!(", {lasted}"),
        (times, Some(lasted)) => format!(", {times} times within {lasted}"),
        (_, None) => ", under way".to_owned(),
    };
    let approved = if run.approved { ", approved" } else { "" };
    format!(
        "run {}  {}  {}  {}{lasted}{approved}",
        run.id.0,
        timestamp(run.started_at),
        run.directory,
        run.trigger
    )
}

/// The progress of a run as text.
pub(super) fn progress(progress: Option<&RunProgress>) -> String {
    let Some(progress) = progress else { return "under way".to_owned() };
    let of = progress.of.map_or(String::new(), |of| format!(" of {of}"));
    format!("{}: {} people{of}, at {}", progress.doing, progress.people, timestamp(progress.at))
}

fn duration(millis: Millis) -> String {
    format!("{}.{} s", millis / SECOND, millis % SECOND / 100)
}

/// One change: when, what, whose account, why, and the fields that differ.
pub(in crate::cli) fn change(change: &ChangeRow) -> String {
    let run = change.run.map_or("outside a run".to_owned(), |run| format!("run {}", run.0));
    let who = login_name(change).unwrap_or_else(|| "-".to_owned());
    let why = change.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
    let head = format!(
        "change {}  {}  {run}  {}  {who} ({}){why}",
        change.id,
        timestamp(change.at),
        change.kind,
        change.account
    );
    with_fields(&head, change.before.as_deref(), &change.after)
}

/// A line, followed by the fields that differ.
pub(super) fn with_fields(head: &str, before: Option<&str>, after: &str) -> String {
    let mut lines = vec![printable(head)];
    for FieldChange { field, before, after } in differences(before, after) {
        let value = |value: Option<String>| value.map_or("-".to_owned(), |value| printable(&value));
        lines.push(format!("    {}: {} -> {}", printable(&field), value(before), value(after)));
    }
    lines.join("\n")
}

/// One change as JSON.
pub(in crate::cli) fn change_json(change: &ChangeRow) -> Value {
    json!({
        "change": change.id, "run": change.run.map(|run| run.0),
        "directory": change.directory.as_ref().map(|directory| &directory.0), "account": change.account.0,
        "login_name": login_name(change), "at": timestamp(change.at), "kind": change.kind, "why": change.why,
        "before": change.before.as_deref().map(parsed), "after": parsed(&change.after),
        "differs": fields_json(change.before.as_deref(), &change.after),
    })
}

/// The fields that differ, as JSON.
pub(super) fn fields_json(before: Option<&str>, after: &str) -> Value {
    let differs = differences(before, after).into_iter();
    differs
        .map(|differs| (differs.field, json!({ "before": differs.before, "after": differs.after })))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

pub(super) fn parsed(picture: &str) -> Value {
    serde_json::from_str(picture).unwrap_or_else(|_| picture.into())
}

/// A person that the guard holds.
pub(super) fn held(row: &HeldRow) -> String {
    let person = &row.person;
    printable(&format!(
        "held by the guard since {}: {} ({}): {}; check it with: cloudsync-idp sync --plan --directory {}",
        timestamp(row.since),
        person.login_name,
        person.account,
        taking(&person.what),
        row.directory
    ))
}

pub(super) fn taking(what: &Loss) -> String {
    let suspend = what.suspend.as_ref().map(|why| format!("would be suspended ({why})"));
    let shares =
        (!what.shares.is_empty()).then(|| format!("would leave the Team Shares {}", what.shares.join(", ")));
    suspend.into_iter().chain(shares).collect::<Vec<_>>().join(" and ")
}

/// The same as JSON.
pub(super) fn held_json(row: &HeldRow) -> Value {
    json!({
        "directory": row.directory.0, "entry": row.person.entry.to_string(), "account": row.person.account.0,
        "login_name": row.person.login_name, "what": row.person.what, "since": timestamp(row.since),
        "run": row.run.map(|run| run.0),
    })
}

/// A person with a conflict, and how to fix it.
pub(super) fn conflict(directory: &DirectoryId, row: &ConflictRow) -> String {
    let since = timestamp(row.since);
    printable(&format!("conflict since {since} in {directory}: {}: {}", row.login_name, conflict_advice(row)))
}

/// The same as JSON.
pub(super) fn conflict_json(directory: &DirectoryId, row: &ConflictRow) -> Value {
    json!({
        "directory": directory.0, "entry": row.entry.to_string(), "login_name": row.login_name, "kind": row.kind,
        "email": row.email, "taken_by": row.taken_by.as_ref().map(|id| &id.0), "since": timestamp(row.since),
        "fix": conflict_advice(row),
    })
}

/// What the conflict is, and what to do.
pub(super) fn conflict_advice(row: &ConflictRow) -> String {
    let noted = StoredConflict {
        kind: row.kind,
        email: row.email.as_deref(),
        account: row.taken_by.as_ref(),
        suspended_since: row.suspended_since,
        entry: row.entry,
    };
    noted.advice()
}
