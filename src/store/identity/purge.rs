//! Erase one account with all personal data. The audit trail stays: it names the account by its id.

use std::collections::HashSet;

use crate::domain::account::{AccountId, StatusKind};
use crate::domain::audit::Event;
use crate::domain::entry::{DirectoryId, EntryId};

use super::logouts;
use crate::store::IdentityStore;
use crate::store::delivery;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{Tx, locked};
use crate::store::engine::value::values;
use crate::store::mirror;
use crate::store::trail::audit;

/// What is erased (its name for the report, and the statement); rows that refer to the account come first.
const ERASED: [(&str, &str); 15] = [
    ("sessions", "DELETE FROM sessions WHERE account = $1"),
    ("grants", "DELETE FROM grants WHERE account = $1"),
    ("second factors", "DELETE FROM factors WHERE account = $1"),
    ("recovery codes", "DELETE FROM recovery_codes WHERE account = $1"),
    ("invitations", "DELETE FROM invitations WHERE account = $1"),
    ("remembered browsers", "DELETE FROM remembered_browsers WHERE account = $1"),
    ("lock-downs", "DELETE FROM lock_downs WHERE account = $1"),
    ("Team Share memberships", "DELETE FROM share_memberships WHERE account = $1"),
    ("conflicts", "DELETE FROM conflicts WHERE taken_by = $1"),
    ("decisions that the guard holds", "DELETE FROM held WHERE account = $1"),
    ("rows of plans", "DELETE FROM plan_rows WHERE account = $1"),
    ("mappings to an entry", "DELETE FROM mapped_accounts WHERE account = $1"),
    ("former names", "DELETE FROM former_names WHERE account = $1"),
    (
        "pictures of changes",
        "UPDATE changes SET before = NULL, after = 'null', why = NULL \
         WHERE account = $1 AND (before IS NOT NULL OR after <> 'null' OR why IS NOT NULL)",
    ),
    ("accounts", "DELETE FROM accounts WHERE id = $1"),
];

/// The result of erasing an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PurgeOutcome {
    /// How many rows of which kind were erased.
    Erased(Vec<(&'static str, u64)>),
    /// It is active, and `even_active` was not set.
    Active,
    Unknown,
}

impl IdentityStore<'_> {
    /// Erases an account and all personal data, in one transaction with the event; an active one only if
    /// `even_active`. A sign-in in progress can't finish: the row that it would write for is gone.
    pub async fn purge(&self, account: &AccountId, even_active: bool, event: &Event) -> Result<PurgeOutcome> {
        retry(|| self.try_purge(account, even_active, event)).await
    }

    async fn try_purge(&self, account: &AccountId, even_active: bool, event: &Event) -> Result<PurgeOutcome> {
        let mut tx = self.store.db.begin().await?;
        let sql = locked!("SELECT id, status, directory, entry, email_key FROM accounts WHERE id = $1");
        let Some(row) = tx.row(sql, values![account]).await? else { return Ok(PurgeOutcome::Unknown) };
        let cells = row.of("accounts", "id");
        if cells.word("status", StatusKind::parse)? == StatusKind::Active && !even_active {
            return Ok(PurgeOutcome::Active);
        }
        let read = |text: Option<String>| text.map(|text| EntryId::from_entry_uuid(&text));
        let entry = cells.cell("entry").map(read)?.flatten();
        let directory = cells.cell::<Option<String>>("directory")?.map(DirectoryId);
        delivery::erase(&mut tx, account, event.at).await?;
        // The clients are told of the end of an active person's sessions: for that the id is kept for a day.
        logouts::queue(&mut tx, "", values![account], event.at).await?;
        let mut erased = Vec::with_capacity(ERASED.len() + 1);
        for (what, sql) in ERASED {
            erased.push((what, tx.execute(sql, values![account]).await?));
        }
        if let (Some(directory), Some(entry)) = (directory, entry) {
            erased.extend(forget_entry(&mut tx, &directory, entry).await?);
        }
        let sql = "INSERT INTO purged_ids (digest) VALUES ($1) ON CONFLICT (digest) DO NOTHING";
        tx.execute(sql, values![digest(account)]).await?;
        // A person who had a conflict because this account had the email address may have it now.
        mirror::emails_freed(&mut tx, HashSet::from([cells.cell("email_key")?])).await?;
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(PurgeOutcome::Erased(summed(erased)))
    }
}

/// True for the id of an erased account. A client may still know the person by it (OpenID Connect Core
/// section 2: `sub` is "never reassigned"), so it is never used again.
pub(in crate::store) async fn is_purged(tx: &mut Tx, account: &AccountId) -> Result<bool> {
    let sql = "SELECT digest FROM purged_ids WHERE digest = $1";
    Ok(tx.row(sql, values![digest(account)]).await?.is_some())
}

/// An id may identify a person, so only its digest is kept.
fn digest(account: &AccountId) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, account.0.as_bytes()).as_ref().to_vec()
}

/// Erases what is stored by entry and not by account.
async fn forget_entry(
    tx: &mut Tx,
    directory: &DirectoryId,
    entry: EntryId,
) -> Result<[(&'static str, u64); 3]> {
    let sql = "DELETE FROM conflicts WHERE directory = $1 AND entry = $2";
    let conflicts = tx.execute(sql, values![directory, entry]).await?;
    let sql =
        "DELETE FROM plan_rows WHERE entry = $2 AND plan IN (SELECT id FROM plans WHERE directory = $1)";
    let plans = tx.execute(sql, values![directory, entry]).await?;
    let mirrored = mirror::forget(tx, directory, entry).await?;
    Ok([("conflicts", conflicts), ("rows of plans", plans), ("what was read of the entry", mirrored)])
}

/// Adds up the rows of the same kind.
fn summed(erased: Vec<(&'static str, u64)>) -> Vec<(&'static str, u64)> {
    let mut lines: Vec<(&'static str, u64)> = Vec::new();
    for (what, many) in erased {
        match lines.iter_mut().find(|(known, _)| *known == what) {
            Some((_, sum)) => *sum += many,
            None => lines.push((what, many)),
        }
    }
    lines
}
