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

fn keys(person: &str) -> Vec<String> {
    let mut keys = vec![fold(person.trim())];
    if let Some(TypedName::InDomain { login, .. }) = TypedName::parse(person) {
        keys.push(fold(&login));
    }
    keys
}

/// All people who wait and are meant, page by page.
pub(super) async fn all_waiting(
    parts: &SyncParts,
    directory: &DirectoryId,
    meant: &MeantPerson<'_>,
) -> Result<(Vec<HeldView>, Vec<ConflictView>), StoreError> {
    let (mut held, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = held_page(parts, directory, after.as_deref(), PAGE).await?;
        held.extend(page.held.into_iter().filter(|row| meant.is_held(row)));
        after = page.next_after;
        if after.is_none() {
            break;
        }
    }
    let (mut conflicts, mut after) = (Vec::new(), None::<(String, String)>);
    loop {
        let from = after.as_ref().map(|(name, entry)| (name.as_str(), entry.as_str()));
        let page = conflicts_page(parts, directory, from, PAGE).await?;
        conflicts.extend(page.conflicts.into_iter().filter(|row| meant.has_conflict(row)));
        after = page.next_after;
        if after.is_none() {
            return Ok((held, conflicts));
        }
    }
}

/// How many people are read at once.
const PAGE: u32 = 1_000;
