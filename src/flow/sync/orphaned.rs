//! Find accounts whose entry the mirror lacks: the person signed in before the first read, the entry was
//! deleted before it or can't be read, or the account is older than the mirror.

use std::collections::HashSet;

use super::judge::{Judge, JudgedPerson};
use super::order::SyncError;
use crate::domain::account::{Account, Status};
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::{Item, PersonFacts};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::store::{MirroredPerson, StoreError};

/// What the directory returned for entries read by id in this round. No account counts as gone without it.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadById {
    gone: HashSet<EntryId>,
    /// They exist, but the service account may not read them.
    unreadable: HashSet<EntryId>,
}

impl ReadById {
    /// Notes the response to a read of these ids.
    pub(super) fn note(&mut self, ids: &[EntryId], answer: &[Item]) {
        let returned: HashSet<EntryId> = answer.iter().map(Item::id).collect();
        self.unreadable.extend(ids.iter().filter(|id| !returned.contains(id)));
        self.gone.extend(answer.iter().filter(|item| matches!(item, Item::Gone(_))).map(Item::id));
    }
}

/// Goes through the active accounts of a directory, page by page.
pub(super) struct OrphanedAccounts<'a> {
    parts: &'a SyncParts,
    site: &'a Site,
    after: Option<EntryId>,
}

impl<'a> OrphanedAccounts<'a> {
    pub(super) fn of(parts: &'a SyncParts, site: &'a Site) -> Self {
        Self { parts, site, after: None }
    }

    /// The accounts of the next page that has some; `None` after the last account.
    pub(super) async fn next_page(&mut self, limit: u32) -> Result<Option<Vec<Account>>, StoreError> {
        let (store, id) = (&self.parts.store, self.site.id());
        loop {
            let accounts = store.identity().linked_page(id, self.after, limit).await?;
            let entries: Vec<EntryId> = accounts.iter().filter_map(entry).collect();
            let Some(last) = entries.last() else { return Ok(None) };
            self.after = Some(*last);
            let known = store.sync().mirrored_among(id, &entries).await?;
            let is_orphaned = |account: &Account| entry(account).is_some_and(|entry| !known.contains(&entry));
            let orphaned: Vec<Account> = accounts.into_iter().filter(is_orphaned).collect();
            if !orphaned.is_empty() {
                return Ok(Some(orphaned));
            }
        }
    }
}

/// Judges accounts that the mirror lacks, by what the directory returned for each. An account linked since is
/// skipped; one whose entry can't be read stays as it is.
pub(super) async fn judge_orphaned(
    judge: &Judge<'_>,
    orphaned: Vec<Account>,
    asked: &ReadById,
) -> Result<Vec<JudgedPerson>, SyncError> {
    let (mut gone, mut unreadable) = (Vec::new(), Vec::new());
    for account in orphaned {
        let Some(person) = person(&account) else { continue };
        if asked.gone.contains(&person.id) {
            gone.push(person);
        } else if asked.unreadable.contains(&person.id) && account.status == Status::Active {
            unreadable.push(JudgedPerson::unreadable(&person, account));
        }
    }
    let mut judged = judge.judge_page(gone).await?;
    judged.append(&mut unreadable);
    Ok(judged)
}

/// The entry that the account is linked to.
pub(super) fn entry(account: &Account) -> Option<EntryId> {
    account.link.as_ref().map(|link| link.entry)
}

/// The person of such an account, as far as known.
fn person(account: &Account) -> Option<MirroredPerson> {
    let id = entry(account)?;
    let login_name = account.profile.login_name.clone().unwrap_or_else(|| account.profile.email.clone());
    let facts = PersonFacts { login_name, ..PersonFacts::default() };
    let dn = Dn::parse("").ok()?;
    let (gone, entitled_before, direct_groups, stamp) = (true, None, Vec::new(), 0);
    Some(MirroredPerson { id, dn, facts, gone, entitled_before, direct_groups, stamp })
}
