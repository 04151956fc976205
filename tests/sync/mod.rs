//! The sync, end to end: changes in a real directory, and what becomes of the accounts.

mod addresses;
mod conflicts;
mod each_way;
mod failures;
mod faults;
mod feed_choice;
mod feeds;
mod first_start;
mod groups;
mod hand_over;
mod held;
mod hidden;
mod initial;
mod latency;
mod linking;
mod log;
mod model;
mod nodes;
mod plan;
mod preview;
mod profile;
mod sign_ins;
mod slow;
mod stop;
mod table;
mod undo;
mod unreadable;
mod walks;

use cloudsync_idp::domain::account::{Account, Status, SuspendedBecause};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::flow::sync::RunReport;
use cloudsync_idp::store::{ConflictRow, RunCounts};

use crate::support::provider::Provider;
use crate::support::rows::{AccountRows, LogRows};
use crate::support::subtree::Subtree;

fn corp() -> DirectoryId {
    DirectoryId("corp".into())
}

async fn synced(provider: &Provider) -> RunReport {
    provider.sync().await.expect("a good run")
}

async fn account(provider: &Provider, mail: &str) -> Option<Account> {
    provider.parts.store.identity().account_by_email(mail).await.expect("the store answers")
}

async fn status(provider: &Provider, mail: &str) -> Status {
    account(provider, mail).await.unwrap_or_else(|| panic!("{mail} has no account")).status
}

/// The reason why the account with this email address is suspended; `None` when it is not.
async fn suspended(provider: &Provider, mail: &str) -> Option<SuspendedBecause> {
    match status(provider, mail).await {
        Status::Active => None,
        Status::Suspended { because, .. } => Some(because),
    }
}

async fn is_active(provider: &Provider, mail: &str) -> bool {
    status(provider, mail).await == Status::Active
}

/// The number of changes stored so far.
async fn changes(provider: &Provider) -> usize {
    provider.parts.store.sync().changes_page(None, 100_000).await.expect("the store answers").len()
}

/// The people with a conflict: login name and kind.
fn conflicts_of(report: &RunReport) -> Vec<(&str, &str)> {
    report.conflicts.iter().map(|row: &ConflictRow| (row.login_name.as_str(), row.kind.as_str())).collect()
}

/// The effects of a run, without the unrelated people of the shared directory.
fn effects(report: &RunReport) -> RunCounts {
    RunCounts { seen: 0, ..report.counts }
}

/// Counts that are zero except for those set here.
fn counts(set: impl FnOnce(&mut RunCounts)) -> RunCounts {
    let mut counts = RunCounts::default();
    set(&mut counts);
    counts
}
