//! Read the sync log: runs, their changes to accounts, and the people who wait for an administrator.

use std::collections::HashSet;

use crate::domain::account::AccountId;
use crate::domain::email;
use crate::domain::entry::DirectoryId;
use crate::domain::name::{TypedName, fold};
use crate::flow::installation::context::SyncParts;
use crate::store::{
    ChangeFilter, ChangeRow, ConflictRow, HeldRow, RunFilter, RunId, RunRow, Store, StoreError,
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
