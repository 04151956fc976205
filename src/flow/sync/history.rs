//! Read the sync log: runs, their changes to accounts, and the people who wait for an administrator.

pub mod in_json;

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::email;
use crate::domain::entry::DirectoryId;
use crate::domain::name::{TypedName, fold};
use crate::domain::settings::{Often, Sync};
use crate::domain::slow::Initial;
use crate::flow::installation::context::SyncParts;
use crate::store::{
    BundleRow, ChangeFilter, ChangeRow, ConflictRow, FeedRow, HeldRow, Pause, RunFilter, RunId, RunResult,
    RunRow, Store, StoreError,
};

/// How many waiting people are listed; the counts are complete.
const WAITING: u32 = 1_000;

/// What to read of the log.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// Only of this person: a login name, an email address or an account id, current or former.
    pub person: Option<String>,
    pub run: Option<RunId>,
    pub directory: Option<DirectoryId>,
    /// Only rows older than this number, as returned by the previous page.
    pub before: Option<i64>,
    pub limit: u32,
}

/// A page of the log.
#[derive(Clone, Debug, Default)]
pub struct LogPage {
    /// Runs, the newest first; with a person, those that changed their account.
    pub runs: Vec<RunRow>,
    /// Changes, the newest first; only for a person or a run.
    pub changes: Vec<ChangeRow>,
    /// People whom the guard holds now.
    pub held: Vec<HeldRow>,
    /// People with a conflict now, with their directory.
    pub conflicts: Vec<(DirectoryId, ConflictRow)>,
    /// The number for the next page, if there may be one.
    pub more: Option<i64>,
}

impl LogPage {
    /// True if nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.changes.is_empty() && self.held.is_empty() && self.conflicts.is_empty()
    }
}

/// Reads the log.
pub async fn read(parts: &SyncParts, question: &LogQuery) -> Result<LogPage, StoreError> {
    match (&question.person, question.run) {
        (Some(person), _) => of_person(parts, question, person).await,
        (None, Some(run)) => of_run(&parts.store, question, run).await,
        (None, None) => runs(parts, question).await,
    }
}

async fn runs(parts: &SyncParts, question: &LogQuery) -> Result<LogPage, StoreError> {
    let filter = RunFilter {
        directory: question.directory.clone(),
        before: question.before.map(RunId),
        limit: question.limit,
        ids: None,
    };
    let runs = parts.store.sync().runs_of(&filter).await?;
    let more = runs.last().map(|run| run.id.0).filter(|_| runs.len() == question.limit as usize);
    let (held, conflicts) = waiting(parts, question.directory.as_ref()).await?;
    Ok(LogPage { runs, held, conflicts, more, ..LogPage::default() })
}

async fn of_run(store: &Store, question: &LogQuery, run: RunId) -> Result<LogPage, StoreError> {
    let filter = ChangeFilter {
        run: Some(run),
        before: question.before,
        limit: question.limit,
        ..ChangeFilter::default()
    };
    let changes = store.sync().changes_of(&filter).await?;
    let more = changes.last().map(|change| change.id).filter(|_| changes.len() == question.limit as usize);
    Ok(LogPage {
        runs: store.sync().run(run).await?.into_iter().collect(),
        changes,
        more,
        ..LogPage::default()
    })
}

async fn of_person(parts: &SyncParts, question: &LogQuery, person: &str) -> Result<LogPage, StoreError> {
    let accounts = named(&parts.store, person).await?;
    let filter = ChangeFilter {
        accounts: Some(accounts.clone()),
        run: question.run,
        directory: question.directory.clone(),
        before: question.before,
        limit: question.limit,
    };
    let changes = parts.store.sync().changes_of(&filter).await?;
    let more = changes.last().map(|change| change.id).filter(|_| changes.len() == question.limit as usize);
    let ids: HashSet<i64> = changes.iter().filter_map(|change| change.run).map(|run| run.0).collect();
    let ids = Some(ids.into_iter().map(RunId).collect());
    let runs =
        parts.store.sync().runs_of(&RunFilter { ids, limit: u32::MAX, ..RunFilter::default() }).await?;
    let (mut held, mut conflicts) = waiting(parts, question.directory.as_ref()).await?;
    let keys = keys(person);
    let is_meant = |name: &str| keys.contains(&fold(name));
    held.retain(|row| accounts.contains(&row.person.account) || is_meant(&row.person.login_name));
    let has_mail = |mail: &str| email::same(mail, person);
    conflicts.retain(|(_, row)| is_meant(&row.login_name) || row.email.as_deref().is_some_and(has_mail));
    Ok(LogPage { runs, changes, held, conflicts, more })
}

/// The accounts that a name may mean, including one typed as for signing in (`CORP\\alice`).
async fn named(store: &Store, person: &str) -> Result<Vec<AccountId>, StoreError> {
    let found = store.sync().accounts_named(person.trim()).await?;
    match TypedName::parse(person) {
        Some(TypedName::InDomain { login, .. }) if found.is_empty() => {
            store.sync().accounts_named(&login).await
        }
        _ => Ok(found),
    }
}

fn keys(person: &str) -> Vec<String> {
    let mut keys = vec![fold(person.trim())];
    if let Some(TypedName::InDomain { login, .. }) = TypedName::parse(person) {
        keys.push(fold(&login));
    }
    keys
}

type WaitingPeople = (Vec<HeldRow>, Vec<(DirectoryId, ConflictRow)>);

async fn waiting(parts: &SyncParts, only: Option<&DirectoryId>) -> Result<WaitingPeople, StoreError> {
    let (mut held, mut conflicts) = WaitingPeople::default();
    let current = parts.current();
    for site in current.sites().iter().filter(|site| only.is_none_or(|only| only == site.id())) {
        held.extend(parts.store.sync().held_page(site.id(), None, WAITING).await?);
        let rows = parts.store.sync().conflicts(site.id()).await?;
        conflicts.extend(rows.into_iter().map(|row| (site.id().clone(), row)));
    }
    Ok((held, conflicts))
}

/// A field that differs before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The fields that differ between two JSON snapshots of an account. A snapshot that can't be parsed has none.
#[must_use]
pub fn differences(before: Option<&str>, after: &str) -> Vec<FieldChange> {
    let (before, after) = (before.map(fields).unwrap_or_default(), fields(after));
    let names: HashSet<&String> = before.keys().chain(after.keys()).collect();
    let mut names: Vec<&String> = names.into_iter().collect();
    names.sort_unstable();
    let differs = names.into_iter().map(|name| FieldChange {
        field: name.clone(),
        before: before.get(name).cloned(),
        after: after.get(name).cloned(),
    });
    differs.filter(|differs| differs.before != differs.after).collect()
}

fn fields(picture: &str) -> BTreeMap<String, String> {
    let Ok(Value::Object(fields)) = serde_json::from_str(picture) else { return BTreeMap::new() };
    let text = |value: Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    fields.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect()
}

/// The name of the person of a change, from its snapshots.
#[must_use]
pub fn login_name(change: &ChangeRow) -> Option<String> {
    let name = |picture: &str| fields(picture).remove("login_name");
    name(&change.after).or_else(|| change.before.as_deref().and_then(name))
}

/// The state of a directory's sync.
#[derive(Clone, Debug)]
pub struct SyncStatus {
    pub directory: DirectoryId,
    /// How far the directory has been read.
    pub mirror: crate::store::MirrorState,
    /// The feed, and what it lacked when it was last opened.
    pub feed: Option<FeedRow>,
    /// People in the mirror.
    pub people: u64,
    /// People who wait to be judged.
    pub waiting: u64,
    pub accounts: i64,
    /// People whom the guard holds.
    pub held: i64,
    /// People with a conflict.
    pub conflicts: usize,
    /// Why the sync is paused, if it is.
    pub paused: Option<Pause>,
    /// The last run that succeeded.
    pub last_good: Option<RunRow>,
    /// The newest run, whatever its result.
    pub newest: Option<RunRow>,
    /// The initial sync has been completed.
    pub imported: bool,
    /// The support bundle that was written automatically.
    pub bundle: Option<BundleRow>,
}

impl SyncStatus {
    /// The newest run, if it failed and the directory has not been read completely since.
    #[must_use]
    pub fn failure(&self) -> Option<(&RunRow, &str)> {
        let run = self.newest.as_ref()?;
        let RunResult::Failed(error) = &run.result else { return None };
        let over = self.mirror.caught_up_at > run.finished_at;
        (!over).then_some((run, error.as_str()))
    }

    /// How long the initial sync has been running, if that is too long.
    #[must_use]
    pub fn slow_for(&self, now: Millis) -> Option<Millis> {
        let running = self.newest.as_ref().filter(|run| run.result == RunResult::Running);
        let initial = Initial {
            done: self.imported,
            run_since: running.map(|run| run.started_at),
            read_since: self.mirror.scan.as_ref().map(|scan| scan.started_at),
        };
        initial.slow_for(now)
    }
}

/// How often the directory is read, in words.
#[must_use]
pub fn frequency(sync: &Sync) -> String {
    match sync.frequency {
        Often::Realtime => "real-time".to_owned(),
        Often::Hourly => "hourly".to_owned(),
        Often::Daily => format!("daily at {} ({})", sync.at, sync.zone),
    }
}

/// Reads the state of a directory's sync, without asking the directory.
pub async fn sync_status(store: &Store, directory: &DirectoryId) -> Result<SyncStatus, StoreError> {
    let newest = RunFilter { directory: Some(directory.clone()), limit: 1, ..RunFilter::default() };
    Ok(SyncStatus {
        directory: directory.clone(),
        mirror: store.sync().mirror_state(directory).await?,
        feed: store.sync().feed_of(directory).await?,
        people: store.sync().count_people(directory).await?,
        waiting: store.sync().count_dirty(directory).await?,
        accounts: store.identity().count_linked(directory).await?,
        held: store.sync().count_held(directory).await?,
        conflicts: store.sync().conflicts(directory).await?.len(),
        paused: store.sync().paused(directory).await?,
        last_good: store.sync().last_good_run(directory).await?,
        newest: store.sync().runs_of(&newest).await?.pop(),
        imported: store.sync().imported_at(directory).await?.is_some(),
        bundle: store.sync().bundle_of(directory).await?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_by_the_fields_that_differ() {
        let before = r#"{"email":"a@b","name":"A","status":"active","because":null}"#;
        let after = r#"{"email":"a@b","name":"B","status":"suspended","because":"disabled"}"#;
        let shown: Vec<_> = differences(Some(before), after)
            .into_iter()
            .map(|differs| (differs.field, differs.before, differs.after))
            .collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            shown,
            [
                ("because".to_owned(), None, some("disabled")),
                ("name".to_owned(), some("A"), some("B")),
                ("status".to_owned(), some("active"), some("suspended")),
            ]
        );
        assert_eq!(differences(None, r#"{"email":"a@b","name":null}"#).len(), 1, "a new one has no nothing");
        assert_eq!(differences(Some("nonsense"), "nonsense"), []);
    }
}
