//! Accounts whose entry the mirror does not have: of people who signed in before anybody read them, or were deleted before
//! that, or of accounts that are older than the mirror.

use std::collections::HashSet;

use crate::domain::account::Account;
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::PersonFacts;
use crate::flow::context::Parts;
use crate::flow::estate::Site;
use crate::store::{MirroredPerson, StoreError};

/// Goes through the active accounts of a directory, page by page.
pub(super) struct Strays<'a> {
    parts: &'a Parts,
    site: &'a Site,
    after: Option<EntryId>,
}

impl<'a> Strays<'a> {
    pub(super) fn of(parts: &'a Parts, site: &'a Site) -> Self {
        Self { parts, site, after: None }
    }

    /// Those of the next page that has some, as people who are gone; `None` after the last account.
    pub(super) async fn next(&mut self, limit: u32) -> Result<Option<Vec<MirroredPerson>>, StoreError> {
        let (store, id) = (&self.parts.store, self.site.id());
        loop {
            let accounts = store.linked_page(id, self.after, limit).await?;
            let entries: Vec<EntryId> =
                accounts.iter().filter_map(|account| Some(account.link.as_ref()?.entry)).collect();
            let Some(last) = entries.last() else { return Ok(None) };
            self.after = Some(*last);
            let known = store.mirrored_among(id, &entries).await?;
            let strays: Vec<_> = accounts.iter().filter_map(|account| stray(account, &known)).collect();
            if !strays.is_empty() {
                return Ok(Some(strays));
            }
        }
    }
}

/// An account as a person who is gone, unless the mirror knows them.
pub(super) fn stray(account: &Account, known: &HashSet<EntryId>) -> Option<MirroredPerson> {
    let id = account.link.as_ref()?.entry;
    let name = account.profile.login_name.clone().unwrap_or_else(|| account.profile.email.clone());
    let facts = PersonFacts { login_name: name.clone(), name, ..PersonFacts::default() };
    let dn = Dn::parse("").ok()?;
    let (gone, claimed_before, direct_groups, stamp) = (true, None, Vec::new(), 0);
    (!known.contains(&id)).then_some(MirroredPerson {
        id,
        dn,
        facts,
        gone,
        claimed_before,
        direct_groups,
        stamp,
    })
}
