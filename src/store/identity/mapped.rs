//! Accounts that CloudSync already had, mapped to entries by an administrator and not linked yet.

use std::collections::HashMap;

use crate::domain::account::{Account, AccountId};
use crate::domain::entry::{DirectoryId, EntryId};

use super::accounts::{account, select_account};
use crate::store::IdentityStore;
use crate::store::engine::bulk;
use crate::store::engine::error::Result;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::{Value, values};
use crate::store::mirror;

impl IdentityStore<'_> {
    /// The accounts that are mapped to these entries and not linked yet.
    pub async fn mapped_to(
        &self,
        directory: &DirectoryId,
        entries: &[EntryId],
    ) -> Result<HashMap<EntryId, Account>> {
        let sql = "SELECT account, to_entry FROM mapped_accounts WHERE to_directory = $1 AND to_entry IN";
        let entries = entries.iter().map(|entry| Value::from(*entry)).collect();
        let mut entry_of = HashMap::new();
        for row in bulk::read_in(&self.store.db, sql, values![directory], entries).await? {
            let cells = row.of("mapped_accounts", "account");
            let entry = cells.parsed("to_entry", |text: String| EntryId::from_entry_uuid(&text))?;
            entry_of.insert(cells.cell::<String>("account")?, entry);
        }
        let sql = select_account("WHERE directory IS NULL AND id IN");
        let ids = entry_of.keys().map(Value::from).collect();
        let mut mapped = HashMap::new();
        for row in bulk::read_in(&self.store.db, sql, Vec::new(), ids).await? {
            let account = account(&row)?;
            mapped.extend(entry_of.get(&account.id.0).map(|entry| (*entry, account)));
        }
        Ok(mapped)
    }

    /// Which of these accounts are mapped to any entry.
    pub async fn mapped_among(&self, accounts: &[AccountId]) -> Result<Vec<AccountId>> {
        let sql = "SELECT account FROM mapped_accounts WHERE account IN";
        let rows = bulk::read_in(&self.store.db, sql, Vec::new(), accounts.iter().map(Value::from).collect())
            .await?;
        rows.iter().map(|row| Ok(AccountId(row.of("mapped_accounts", "account").cell("account")?))).collect()
    }
}

/// Removes the mappings of unlinked accounts for which the file has another entry or none: before any line is
/// judged, so that two lines may swap their entries. Returns the removed mappings.
pub(in crate::store) async fn withdraw(
    tx: &mut Tx,
    in_file: &HashMap<&AccountId, Option<&(DirectoryId, EntryId)>>,
) -> Result<HashMap<AccountId, (DirectoryId, EntryId)>> {
    let sql = "SELECT account, to_directory, to_entry FROM mapped_accounts \
         JOIN accounts ON accounts.id = mapped_accounts.account \
         WHERE accounts.directory IS NULL AND mapped_accounts.account IN";
    let ids = in_file.keys().map(|id| Value::from(*id)).collect();
    let mut withdrawn = HashMap::new();
    for row in bulk::rows_in(tx, sql, Vec::new(), ids).await? {
        let cells = row.of("mapped_accounts", "account");
        let entry = cells.parsed("to_entry", |text: String| EntryId::from_entry_uuid(&text))?;
        let (account, mapped) =
            (AccountId(cells.cell("account")?), (DirectoryId(cells.cell("to_directory")?), entry));
        if in_file.get(&account).copied().flatten() != Some(&mapped) {
            withdrawn.insert(account, mapped);
        }
    }
    for (account, (directory, entry)) in &withdrawn {
        forget(tx, account).await?;
        mirror::touch(tx, directory, &[*entry]).await?;
    }
    Ok(withdrawn)
}

/// Maps an account to an entry that no other account has, or to a new one, so that the person of the entry is
/// judged again. False if it was mapped to it already.
pub(in crate::store) async fn map(
    tx: &mut Tx,
    account: &AccountId,
    directory: &DirectoryId,
    entry: EntryId,
) -> Result<bool> {
    let sql = "INSERT INTO mapped_accounts (account, to_directory, to_entry) VALUES ($1, $2, $3) \
         ON CONFLICT (account) DO UPDATE SET to_directory = excluded.to_directory, to_entry = excluded.to_entry \
         WHERE mapped_accounts.to_directory <> excluded.to_directory \
            OR mapped_accounts.to_entry <> excluded.to_entry";
    let changed = tx.execute(sql, values![account, directory, entry]).await? > 0;
    if changed {
        mirror::touch(tx, directory, &[entry]).await?;
    }
    Ok(changed)
}

/// The account that is linked or mapped to an entry.
pub(in crate::store) async fn account_of(
    tx: &mut Tx,
    directory: &DirectoryId,
    entry: EntryId,
) -> Result<Option<AccountId>> {
    let sql = "SELECT id FROM accounts WHERE directory = $1 AND entry = $2 \
         UNION ALL SELECT account AS id FROM mapped_accounts WHERE to_directory = $1 AND to_entry = $2";
    let row = tx.row(sql, values![directory, entry]).await?;
    row.map(|row| Ok(AccountId(row.of("accounts", "id").cell("id")?))).transpose()
}

/// Removes the mapping of an account that is linked now, or whose mapping was wrong.
pub(in crate::store) async fn forget(tx: &mut Tx, account: &AccountId) -> Result<u64> {
    tx.execute("DELETE FROM mapped_accounts WHERE account = $1", values![account]).await
}
