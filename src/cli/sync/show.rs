//! Runs, changes, held people and conflicts as text. Text from a directory is escaped here.

use crate::cli::printable;
use crate::domain::{Millis, SECOND, timestamp};
use crate::flow::sync::history::{
    ChangeView, ConflictView, FieldChange, HeldView, LossView, RunState, RunView, ShortfallView, differences,
};
use crate::flow::sync::progress::ProgressView;
use crate::store::RunCounts;

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
pub(super) fn run(run: &RunView) -> String {
    let mut lines = vec![run_head(run)];
    let cursor = match (&run.cursor_from, &run.cursor_to) {
        (Some(from), Some(to)) => Some(format!("{from} -> {to}")),
        (None, Some(to)) => Some(format!("up to {to}")),
        (Some(from), None) => Some(format!("from {from}")),
        (None, None) => None,
    };
    let source = [run.feed.clone(), run.server.as_ref().map(|server| format!("at {server}")), cursor];
    let source: Vec<String> = source.into_iter().flatten().collect();
    if !source.is_empty() {
        lines.push(format!("    read by {}", source.join(", ")));
    }
    lines.extend(run.feed_lacks.iter().map(|lacks| format!("    {}", shortfall(lacks))));
    if let Some(reason) = &run.reason {
        lines.push(format!("    everything was read: {reason}"));
    }
    if run.state == RunState::Running {
        lines.push(format!("    {}", progress(run.progress.as_ref())));
    }
    lines.extend(run.counts.iter().map(|done| format!("    {}", counts(done))));
    lines.extend(run.error.iter().map(|error| format!("    failed: {error}")));
    lines.extend(run.advice.iter().map(|advice| format!("    what to do: {advice}")));
    lines.iter().map(|line| printable(line)).collect::<Vec<_>>().join("\n")
}

/// What a feed lacks, and how to fix it.
pub(super) fn shortfall(lacks: &ShortfallView) -> String {
    format!("({}; {})", lacks.what, lacks.fix)
}

fn run_head(run: &RunView) -> String {
    let lasted = run.duration_ms.map(duration);
    let lasted = match (run.times, lasted) {
        (1, Some(lasted)) => format!(", {lasted}"),
        (times, Some(lasted)) => format!(", {times} times within {lasted}"),
        (_, None) => ", under way".to_owned(),
    };
    let approved = if run.approved { ", approved" } else { "" };
    let begun = timestamp(run.started_at);
    format!("run {}  {begun}  {}  {}{lasted}{approved}", run.run, run.directory, run.trigger)
}

/// The progress of a run as text.
pub(super) fn progress(progress: Option<&ProgressView>) -> String {
    let Some(progress) = progress else { return "under way".to_owned() };
    let of = progress.of.map_or(String::new(), |of| format!(" of {of}"));
    format!("{}: {} people{of}, at {}", progress.doing, progress.people, timestamp(progress.at))
}

fn duration(millis: Millis) -> String {
    format!("{}.{} s", millis / SECOND, millis % SECOND / 100)
}

/// One change: when, what, whose account, why, and the fields that differ.
pub(in crate::cli) fn change(change: &ChangeView) -> String {
    let run = change.run.map_or("outside a run".to_owned(), |run| format!("run {run}"));
    let who = change.login_name.as_deref().unwrap_or("-");
    let why = change.why.as_ref().map_or(String::new(), |why| format!(": {why}"));
    let at = timestamp(change.at);
    let head =
        format!("change {}  {at}  {run}  {}  {who} ({}){why}", change.change, change.kind, change.account);
    let differs = change.differs.iter();
    with_lines(&head, differs.map(|(field, value)| (field.as_str(), &value.before, &value.after)))
}

/// A line, followed by the fields that differ.
pub(super) fn with_fields(head: &str, before: Option<&str>, after: &str) -> String {
    let all = differences(before, after);
    let fields = all.iter().map(|FieldChange { field, before, after }| (field.as_str(), before, after));
    with_lines(head, fields)
}

type Field<'a> = (&'a str, &'a Option<String>, &'a Option<String>);

fn with_lines<'a>(head: &str, fields: impl Iterator<Item = Field<'a>>) -> String {
    let value = |value: &Option<String>| value.as_deref().map_or("-".to_owned(), printable);
    let line = |(field, before, after): Field<'_>| {
        format!("    {}: {} -> {}", printable(field), value(before), value(after))
    };
    std::iter::once(printable(head)).chain(fields.map(line)).collect::<Vec<_>>().join("\n")
}

/// A person that the guard holds.
pub(super) fn held(row: &HeldView) -> String {
    let HeldView { login_name, account, directory, .. } = row;
    let what = match row.rejected_by.as_ref().zip(row.rejected_at) {
        Some((by, at)) => format!("keeps everything by the decision of {by}, {}", timestamp(at)),
        None => format!("check it with: cloudsync-idp sync --plan --directory {directory}"),
    };
    let (since, taking) = (timestamp(row.since), taking(&row.what));
    printable(&format!("held by the guard since {since}: {login_name} ({account}): {taking}; {what}"))
}

pub(super) fn taking(what: &LossView) -> String {
    let suspend = what.suspend.as_ref().map(|why| format!("would be suspended ({why})"));
    let shares =
        (!what.shares.is_empty()).then(|| format!("would leave the Team Shares {}", what.shares.join(", ")));
    suspend.into_iter().chain(shares).collect::<Vec<_>>().join(" and ")
}

/// A person with a conflict, and how to fix it.
pub(super) fn conflict(row: &ConflictView) -> String {
    let since = timestamp(row.since);
    printable(&format!("conflict since {since} in {}: {}: {}", row.directory, row.login_name, row.fix))
}
