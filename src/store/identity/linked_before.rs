//! Remember accounts whose link was cut by a revert. What their person set up stays, in case they are linked
//! to the same entry again; the person of another entry inherits none of it.

use std::collections::HashMap;

use crate::domain::Millis;
use crate::domain::account::{AccountId, Link};
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::{DirectoryId, EntryId};

use super::factor_reset;
use crate::store::IdentityStore;
use crate::store::engine::bulk;
use crate::store::engine::error::Result;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::{Value, values};
use crate::store::trail::audit;

/// For a plan and the history: the account gets linked to the entry of another person than before.
pub const RESETS_FACTORS: &str =
    "second factors are reset, since the account was linked to another entry before";

impl IdentityStore<'_> {
    /// Which entry each of these accounts was linked to before its link was cut.
    pub async fn linked_before(
        &self,
        accounts: &[AccountId],
    ) -> Result<HashMap<AccountId, (DirectoryId, EntryId)>> {
        let sql = "SELECT id, linked_before_directory, linked_before_entry FROM accounts \
             WHERE linked_before_entry IS NOT NULL AND id IN";
        let ids = accounts.iter().map(Value::from).collect();
        bulk::read_in(&self.store.db, sql, Vec::new(), ids).await?.iter().map(before).collect()
    }
}

fn before(row: &DbRow) -> Result<(AccountId, (DirectoryId, EntryId))> {
    let cells = row.of("accounts", "id");
    let entry = cells.parsed("linked_before_entry", |text: String| EntryId::from_entry_uuid(&text))?;
    Ok((AccountId(cells.cell("id")?), (DirectoryId(cells.cell("linked_before_directory")?), entry)))
}

/// Remembers the entry of an account whose link is being cut.
pub(in crate::store) async fn note(tx: &mut Tx, account: &AccountId, link: &Link) -> Result<()> {
    let sql = "UPDATE accounts SET linked_before_directory = $2, linked_before_entry = $3 WHERE id = $1";
    tx.execute(sql, values![account, &link.directory, link.entry]).await?;
    Ok(())
}

/// Called when the account was linked to this entry. If it belonged to another entry before, everything which
/// that person had set up is removed, with an event; true then.
pub(in crate::store) async fn take_over(
    tx: &mut Tx,
    account: &AccountId,
    link: &Link,
    now: Millis,
) -> Result<bool> {
    let sql = "SELECT id, linked_before_directory, linked_before_entry FROM accounts \
         WHERE id = $1 AND linked_before_entry IS NOT NULL";
    let Some(row) = tx.row(sql, values![account]).await? else { return Ok(false) };
    let (_, (directory, entry)) = before(&row)?;
    let sql = "UPDATE accounts SET linked_before_directory = NULL, linked_before_entry = NULL WHERE id = $1";
    tx.execute(sql, values![account]).await?;
    if (&directory, entry) == (&link.directory, link.entry) {
        return Ok(false);
    }
    let removed = factor_reset::reset(tx, account, now).await?;
    let sql = "UPDATE accounts SET password_changed_at = NULL WHERE id = $1";
    tx.execute(sql, values![account]).await?;
    let (from, to) = (entry.to_string(), link.entry.to_string());
    let detail = serde_json::json!({ "why": "linked to another entry than before", "from": from, "to": to });
    let event = Event {
        account_id: Some(account.0.clone()),
        directory: Some(link.directory.0.clone()),
        detail: Some(detail.to_string()),
        ..Event::new(now, Decision::FactorsReset)
    };
    audit::insert(tx, &event.changing(removed)).await?;
    Ok(true)
}
