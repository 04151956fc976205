//! Read the sync log: runs, their changes to accounts, and the people who wait for an administrator.

use std::collections::HashSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::views::{ChangeView, ConflictView, HeldView, RunView};
use super::waiting::{MeantPerson, all_waiting, conflicts_page, held_page};
use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::entry::DirectoryId;
use crate::domain::history::ChangeKind;
use crate::domain::name::TypedName;
use crate::flow::installation::context::SyncParts;
use crate::store::{ChangeFilter, ChangeRow, RunFilter, RunId, Store, StoreError};

/// How many waiting people of a directory are listed; for a person all are searched.
const WAITING: u32 = 1_000;

/// What to read of the log.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// Only of this person: a login name, an email address or an account id, current or former.
    pub person: Option<String>,
    pub run: Option<i64>,
    pub directory: Option<DirectoryId>,
    pub kind: Option<LogKind>,
    /// At this time or later.
    pub from: Option<Millis>,
    /// Before this time.
    pub until: Option<Millis>,
    /// The oldest first, and not the newest.
    pub oldest_first: bool,
    /// Only rows beyond this number in the order, as returned by the previous page.
    pub before: Option<i64>,
    pub limit: u32,
    /// Without a person, leave out those who wait: somebody else reads them by pages.
    pub without_waiting: bool,
}

/// A kind of rows of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogKind {
    /// Runs that failed.
    Failed,
    /// Changes of this kind, whatever run they belong to.
    Changes(ChangeKind),
}

/// The word for [`LogKind::Failed`].
const FAILED: &str = "failed";

impl LogKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Failed,
        Self::Changes(ChangeKind::Created),
        Self::Changes(ChangeKind::Linked),
        Self::Changes(ChangeKind::Updated),
        Self::Changes(ChangeKind::Suspended),
        Self::Changes(ChangeKind::Reactivated),
        Self::Changes(ChangeKind::ShareJoined),
        Self::Changes(ChangeKind::ShareLeft),
        Self::Changes(ChangeKind::HandedOver),
        Self::Changes(ChangeKind::Unlinked),
    ];

    /// The word in a command or an address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => FAILED,
            Self::Changes(kind) => kind.as_str(),
        }
    }

    /// Parses the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl LogQuery {
    /// The kind of changes that is asked for.
    #[must_use]
    pub fn change_kind(&self) -> Option<ChangeKind> {
        match self.kind {
            Some(LogKind::Changes(kind)) => Some(kind),
            _ => None,
        }
    }

    /// True if the answer lists changes.
    #[must_use]
    pub fn is_of_changes(&self) -> bool {
        self.person.is_some() || self.run.is_some() || self.change_kind().is_some()
    }

    fn changes(&self) -> ChangeFilter {
        ChangeFilter {
            accounts: None,
            run: self.run.map(RunId),
            directory: self.directory.clone(),
            kind: self.change_kind(),
            from: self.from,
            until: self.until,
            oldest_first: self.oldest_first,
            before: self.before,
            limit: self.limit,
        }
    }

    fn covers(&self, directory: &DirectoryId) -> bool {
        self.directory.as_ref().is_none_or(|only| only == directory)
    }
}

/// A page of the log.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct LogPage {
    /// Runs in the order that was asked for; with a person, those that changed their account.
    pub runs: Vec<RunView>,
    /// Changes in the same order; only for a person or a run.
    pub changes: Vec<ChangeView>,
    /// People whom the guard holds now.
    pub held: Vec<HeldView>,
    /// People with a conflict now.
    pub conflicts: Vec<ConflictView>,
    /// The number for the next page, if there may be one.
    #[serde(rename = "next_before")]
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
        (None, Some(run)) => of_run(&parts.store, question, RunId(run)).await,
        (None, None) if question.change_kind().is_some() => of_kind(&parts.store, question).await,
        (None, None) => runs(parts, question).await,
    }
}

/// The changes that a query asks for, page by page; of a person, of a run, or of everybody.
pub async fn changes_page(parts: &SyncParts, question: &LogQuery) -> Result<Vec<ChangeView>, StoreError> {
    let accounts = match &question.person {
        Some(person) => Some(named(&parts.store, person).await?),
        None => None,
    };
    let filter = ChangeFilter { accounts, ..question.changes() };
    Ok(views(&parts.store.sync().changes_of(&filter).await?))
}

async fn of_kind(store: &Store, question: &LogQuery) -> Result<LogPage, StoreError> {
    let changes = store.sync().changes_of(&question.changes()).await?;
    let more = next(&changes, question);
    Ok(LogPage { changes: views(&changes), more, ..LogPage::default() })
}

fn next(changes: &[ChangeRow], question: &LogQuery) -> Option<i64> {
    changes.last().map(|change| change.id).filter(|_| changes.len() == question.limit as usize)
}

async fn runs(parts: &SyncParts, question: &LogQuery) -> Result<LogPage, StoreError> {
    let filter = RunFilter {
        directory: question.directory.clone(),
        oldest_first: question.oldest_first,
        before: question.before.map(RunId),
        from: question.from,
        until: question.until,
        failed: question.kind == Some(LogKind::Failed),
        limit: question.limit,
        ids: None,
    };
    let runs = parts.store.sync().runs_of(&filter).await?;
    let more = runs.last().map(|run| run.id.0).filter(|_| runs.len() == question.limit as usize);
    let runs = runs.iter().map(RunView::from).collect();
    let mut page = LogPage { runs, more, ..LogPage::default() };
    if question.without_waiting {
        return Ok(page);
    }
    let current = parts.current();
    for site in current.sites() {
        if question.covers(site.id()) {
            page.held.extend(held_page(parts, site.id(), None, WAITING).await?.held);
            page.conflicts.extend(conflicts_page(parts, site.id(), None, WAITING).await?.conflicts);
        }
    }
    Ok(page)
}

async fn of_run(store: &Store, question: &LogQuery, run: RunId) -> Result<LogPage, StoreError> {
    let changes = store.sync().changes_of(&question.changes()).await?;
    let more = next(&changes, question);
    Ok(LogPage {
        runs: store.sync().run(run).await?.iter().map(RunView::from).collect(),
        changes: views(&changes),
        more,
        ..LogPage::default()
    })
}

async fn of_person(parts: &SyncParts, question: &LogQuery, person: &str) -> Result<LogPage, StoreError> {
    let accounts = named(&parts.store, person).await?;
    let filter = ChangeFilter { accounts: Some(accounts.clone()), ..question.changes() };
    let changes = parts.store.sync().changes_of(&filter).await?;
    let more = next(&changes, question);
    let ids: HashSet<i64> = changes.iter().filter_map(|change| change.run).map(|run| run.0).collect();
    let ids = Some(ids.into_iter().map(RunId).collect());
    let runs = parts
        .store
        .sync()
        .runs_of(&RunFilter {
            ids,
            oldest_first: question.oldest_first,
            limit: u32::MAX,
            ..RunFilter::default()
        })
        .await?;
    let runs = runs.iter().map(RunView::from).collect();
    let mut page = LogPage { runs, changes: views(&changes), more, ..LogPage::default() };
    let (current, meant) = (parts.current(), MeantPerson::new(&accounts, person));
    for site in current.sites() {
        if question.covers(site.id()) {
            let (held, conflicts) = all_waiting(parts, site.id(), &meant).await?;
            page.held.extend(held);
            page.conflicts.extend(conflicts);
        }
    }
    Ok(page)
}

fn views(changes: &[ChangeRow]) -> Vec<ChangeView> {
    changes.iter().map(ChangeView::from).collect()
}

/// The accounts that a name may mean, including one typed as for signing in (`CORP\\alice`).
pub(in crate::flow::sync) async fn named(store: &Store, person: &str) -> Result<Vec<AccountId>, StoreError> {
    let found = store.sync().accounts_named(person.trim()).await?;
    match TypedName::parse(person) {
        Some(TypedName::InDomain { login, .. }) if found.is_empty() => {
            store.sync().accounts_named(&login).await
        }
        _ => Ok(found),
    }
}
