//! Link an account to another entry, for an administrator: a person was deleted and hired again, or takes
//! over the account of a leaver.

use std::collections::HashSet;

use crate::domain::account::{Account, AccountId, Link, Status};
use crate::domain::audit::Event;
use crate::domain::history::{ChangeKind, account_snapshot};

use crate::store::IdentityStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::values;
use crate::store::identity::{accounts, factor_reset, mapped};
use crate::store::mirror;
use crate::store::sync::changes::{self, BY_AN_ADMINISTRATOR, ChangeOrigin, NewChange};
use crate::store::trail::audit;

/// The result of a hand-over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandOverOutcome {
    Done,
    /// The entry that it is linked to uses it.
    InUse,
    /// The entry is already linked or mapped to this account.
    EntryHas(AccountId),
    Unknown,
}

impl IdentityStore<'_> {
    /// Links a suspended or unlinked account to an entry, in one transaction with the event. Everything that
    /// another person had opened or set up with it ends: sessions, tokens and second factors.
    pub async fn hand_over(&self, id: &AccountId, link: &Link, event: &Event) -> Result<HandOverOutcome> {
        retry(|| self.try_hand_over(id, link, event)).await
    }

    async fn try_hand_over(&self, id: &AccountId, link: &Link, event: &Event) -> Result<HandOverOutcome> {
        let mut tx = self.store.db.begin().await?;
        let Some(before) = accounts::locked(&mut tx, id).await? else { return Ok(HandOverOutcome::Unknown) };
        let other = mapped::account_of(&mut tx, &link.directory, link.entry).await?;
        if let Some(other) = other.filter(|other| other != id || before.link.is_some()) {
            return Ok(HandOverOutcome::EntryHas(other));
        }
        if before.link.is_some() && before.status == Status::Active {
            return Ok(HandOverOutcome::InUse);
        }
        relink(&mut tx, &before, link, event).await?;
        let after = accounts::locked(&mut tx, id).await?.unwrap_or_else(|| before.clone());
        let change = NewChange {
            origin: ChangeOrigin { run: None, directory: &link.directory, at: event.at },
            account: id.clone(),
            kind: if before.link.is_some() { ChangeKind::HandedOver } else { ChangeKind::Linked },
            before: Some(account_snapshot(&before)),
            after: account_snapshot(&after),
            why: Some(BY_AN_ADMINISTRATOR),
        };
        changes::record_all(&mut tx, &[change]).await?;
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(HandOverOutcome::Done)
    }
}

async fn relink(tx: &mut Tx, before: &Account, link: &Link, event: &Event) -> Result<()> {
    let id = &before.id;
    let sql = "UPDATE accounts SET directory = $2, entry = $3, sid = $4, generation = generation + 1, \
         seen_at = NULL, password_changed_at = NULL, linked_before_directory = NULL, linked_before_entry = NULL \
         WHERE id = $1";
    let sid = link.sid.as_ref().map(|sid| sid.0.as_str());
    tx.execute(sql, values![id, &link.directory, link.entry, sid]).await?;
    // Also for an account without a link: a reverted run may have linked it, and its person set up factors.
    factor_reset::reset(tx, id, event.at).await?;
    if let Some(old) = &before.link {
        tx.execute("DELETE FROM held WHERE account = $1", values![id]).await?;
        mirror::touch(tx, &old.directory, &[old.entry]).await?;
    }
    mapped::forget(tx, id).await?;
    let sql = "DELETE FROM conflicts WHERE directory = $1 AND entry = $2";
    tx.execute(sql, values![&link.directory, link.entry]).await?;
    mirror::touch(tx, &link.directory, &[link.entry]).await?;
    // Another account with this address has no conflict any more.
    mirror::emails_freed(tx, HashSet::from([before.profile.email_key()])).await
}
