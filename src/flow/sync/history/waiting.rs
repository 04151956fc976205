//! The people of a directory who wait for an administrator, by pages: those whom the guard holds, by entry, and
//! those with a conflict, by login name.

use serde::Serialize;

use super::views::{ConflictView, HeldView};
use crate::domain::account::AccountId;
use crate::domain::email;
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::name::{TypedName, fold};
use crate::flow::installation::context::SyncParts;
use crate::store::StoreError;

/// A page of people whom the guard holds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HeldPage {
    pub held: Vec<HeldView>,
    /// The entry after which the next page begins, if there may be one.
    pub next_after: Option<String>,
}

/// A page of people with a conflict.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ConflictPage {
    pub conflicts: Vec<ConflictView>,
    /// The login name and the entry after which the next page begins, if there may be one.
    pub next_after: Option<(String, String)>,
}

/// The next people whom the guard holds, after this entry. A text that is no entry begins anew.
pub async fn held_page(
    parts: &SyncParts,
    directory: &DirectoryId,
    after: Option<&str>,
    limit: u32,
) -> Result<HeldPage, StoreError> {
    let after = after.and_then(EntryId::from_entry_uuid);
    let rows = parts.store.sync().held_page(directory, after, limit).await?;
    let held: Vec<HeldView> = rows.iter().map(HeldView::from).collect();
    let last = held.last().filter(|_| held.len() == limit as usize);
    Ok(HeldPage { next_after: last.map(|last| last.entry.clone()), held })
}

/// The next people with a conflict, after this login name and entry.
pub async fn conflicts_page(
    parts: &SyncParts,
    directory: &DirectoryId,
    after: Option<(&str, &str)>,
    limit: u32,
) -> Result<ConflictPage, StoreError> {
    let after = after.and_then(|(name, entry)| Some((name, EntryId::from_entry_uuid(entry)?)));
    let rows = parts.store.sync().conflicts_page(directory, after, limit).await?;
    let conflicts: Vec<ConflictView> = rows.iter().map(|row| ConflictView::new(directory, row)).collect();
    let last = conflicts.last().filter(|_| conflicts.len() == limit as usize);
    let next_after = last.map(|last| (last.login_name.clone(), last.entry.clone()));
    Ok(ConflictPage { conflicts, next_after })
}

/// Whom a name means among the people who wait.
pub(super) struct MeantPerson<'a> {
    accounts: &'a [AccountId],
    keys: Vec<String>,
    person: &'a str,
}

impl<'a> MeantPerson<'a> {
    pub(super) fn new(accounts: &'a [AccountId], person: &'a str) -> Self {
        Self { accounts, keys: keys(person), person }
    }

    /// Patterns of `LIKE` that match at least the names that are meant. Not every database folds more than
    /// ASCII, so other letters match anything.
    fn patterns(&self) -> Vec<String> {
        let pattern = |key: &String| match key.rsplit_once('@') {
            // A domain has several forms.
            Some((local, _)) => format!("{}@%", like_pattern(local)),
            None => like_pattern(key),
        };
        self.keys.iter().map(pattern).collect()
    }

    fn is_held(&self, row: &HeldView) -> bool {
        self.accounts.iter().any(|account| account.0 == row.account) || self.is_named(&row.login_name)
    }

    fn has_conflict(&self, row: &ConflictView) -> bool {
        let has_mail = |mail: &str| email::same(mail, self.person);
        self.is_named(&row.login_name) || row.email.as_deref().is_some_and(has_mail)
    }

    fn is_named(&self, name: &str) -> bool {
        self.keys.contains(&fold(name))
    }
}

fn like_pattern(key: &str) -> String {
    let mut pattern = String::with_capacity(key.len());
    for letter in key.chars() {
        match letter {
            '%' | '_' | '!' => pattern.extend(['!', letter]),
            _ if letter.is_ascii() => pattern.push(letter),
            _ => pattern.push('%'),
        }
    }
    pattern
}

fn keys(person: &str) -> Vec<String> {
    let mut keys = vec![fold(person.trim())];
    if let Some(TypedName::InDomain { login, .. }) = TypedName::parse(person) {
        keys.push(fold(&login));
    }
    keys
}

/// The people who wait and are meant.
pub(super) async fn all_waiting(
    parts: &SyncParts,
    directory: &DirectoryId,
    meant: &MeantPerson<'_>,
) -> Result<(Vec<HeldView>, Vec<ConflictView>), StoreError> {
    let (sync, patterns) = (parts.store.sync(), meant.patterns());
    let mut held = sync.held_like(directory, &patterns).await?;
    let by_account = sync.held_accounts(meant.accounts).await?;
    held.extend(by_account.into_iter().filter(|row| row.directory == *directory));
    held.sort_by_key(|row| row.person.entry);
    held.dedup_by_key(|row| row.person.entry);
    let held = held.iter().map(HeldView::from).filter(|row| meant.is_held(row)).collect();
    let conflicts = sync.conflicts_like(directory, &patterns).await?;
    let conflicts = conflicts.iter().map(|row| ConflictView::new(directory, row));
    Ok((held, conflicts.filter(|row| meant.has_conflict(row)).collect()))
}
