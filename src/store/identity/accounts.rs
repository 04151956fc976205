//! Find accounts, and read and write their rows for the other files of the store.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId, Link, Profile, Status, StatusKind, SuspendedBecause};
use crate::domain::entry::{DirectoryId, EntryId, Sid};
use crate::domain::profile::{self, ProfileValues};

use crate::store::IdentityStore;
use crate::store::engine::bulk;
use crate::store::engine::columns::{Columns, columns};
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::sql::{Cells, DbRow, Sql, Tx};
use crate::store::engine::value::{Value, values};

/// Made once: an account is read several times in a login.
static SELECT: LazyLock<String> = LazyLock::new(|| {
    let profile: String = profile::TABLE.iter().map(|row| format!("accounts.{}, ", row.column)).collect();
    format!(
        "SELECT accounts.id, directory, entry, accounts.sid, email, login_name, {profile}profile_changed_at, status, \
         suspended_because, suspended_since, accounts.expires_at, generation, password_changed_at, seen_at \
         FROM accounts "
    )
});

/// A `SELECT` of whole accounts, with what follows `FROM accounts`.
pub(in crate::store) fn select_account(rest: &'static str) -> Sql {
    format!("{}{rest}", *SELECT).into()
}

/// Records that the directory has confirmed an account unchanged. One that is unconfirmed by now stays so: a run, a
/// revert or the guard has changed something since.
pub(in crate::store) const CONFIRM: &str = "UPDATE accounts SET seen_at = $2 WHERE id = $1 AND seen_at < $2";

/// The accounts that concern some entries.
#[derive(Clone, Debug, Default)]
pub struct AccountsFor {
    /// Those linked to the entries.
    pub linked: Vec<Account>,
    /// Those with their email addresses, whatever entry they are linked to.
    pub email_owners: Vec<Account>,
}

impl IdentityStore<'_> {
    /// The account with this id.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>> {
        self.one_account(select_account("WHERE id = $1"), values![id]).await
    }

    /// The accounts with these ids.
    pub async fn accounts_with_ids(&self, ids: &[AccountId]) -> Result<Vec<Account>> {
        let ids = ids.iter().map(Value::from).collect();
        accounts(&bulk::read_in(&self.store.db, select_account("WHERE id IN"), Vec::new(), ids).await?)
    }

    /// The account that is linked to this entry.
    pub async fn account_by_entry(&self, directory: &DirectoryId, entry: EntryId) -> Result<Option<Account>> {
        self.one_account(select_account("WHERE directory = $1 AND entry = $2"), values![directory, entry])
            .await
    }

    /// A page of accounts by id, after `after`.
    pub async fn accounts_page(&self, after: Option<&AccountId>, limit: u32) -> Result<Vec<Account>> {
        let after = after.map_or("", |id| id.0.as_str());
        let sql = select_account("WHERE id > $1 ORDER BY id LIMIT $2");
        accounts(&self.store.db.rows(sql, values![after, limit]).await?)
    }

    /// A page of active accounts that are linked to this directory, by entry, after `after`.
    pub async fn linked_page(
        &self,
        directory: &DirectoryId,
        after: Option<EntryId>,
        limit: u32,
    ) -> Result<Vec<Account>> {
        // The column is the text of an id, and the empty text sorts first.
        let after = after.map_or_else(String::new, |entry| entry.to_string());
        let sql = select_account(
            "WHERE directory = $1 AND entry > $2 AND status = 'active' ORDER BY entry LIMIT $3",
        );
        accounts(&self.store.db.rows(sql, values![directory, after, limit]).await?)
    }

    /// How many active accounts are linked to this directory.
    pub async fn count_linked(&self, directory: &DirectoryId) -> Result<i64> {
        let sql = "SELECT count(*) AS many FROM accounts WHERE directory = $1 AND status = 'active'";
        let row = self.store.db.row(sql, values![directory]).await?;
        row.map_or(Ok(0), |row| row.of("accounts", "many").cell("many"))
    }

    /// The accounts that concern these entries.
    pub async fn accounts_for(
        &self,
        directory: &DirectoryId,
        entries: &[EntryId],
        email_keys: &[String],
    ) -> Result<AccountsFor> {
        let by_entry = select_account("WHERE directory = $1 AND entry IN");
        let linked = self
            .store
            .db
            .rows_in(by_entry, values![directory], entries.iter().map(|id| Value::from(*id)))
            .await?;
        let linked = accounts(&linked)?;
        // Nearly every account has the email address of its entry, and an address belongs to one account:
        // only the rest is looked up.
        let mut rest: HashSet<&str> = email_keys.iter().map(String::as_str).collect();
        let own = |account: &&Account| rest.remove(account.profile.email_key().as_str());
        let mut email_owners: Vec<Account> = linked.iter().filter(own).cloned().collect();
        if !rest.is_empty() {
            let by_email = select_account("WHERE email_key IN");
            let rest = self.store.db.rows_in(by_email, Vec::new(), rest.into_iter().map(Value::from)).await?;
            email_owners.extend(accounts(&rest)?);
        }
        Ok(AccountsFor { linked, email_owners })
    }

    /// Records that the directory has just confirmed the account unchanged.
    pub async fn confirm_seen(&self, id: &AccountId, now: Millis) -> Result<()> {
        self.store.db.execute(CONFIRM, values![id, now]).await?;
        Ok(())
    }

    async fn one_account(&self, sql: Sql, values: Vec<Value>) -> Result<Option<Account>> {
        self.store.db.row(sql, values).await?.as_ref().map(account).transpose()
    }
}

/// Reads an account and locks it until the end of the transaction.
pub(in crate::store) async fn locked(tx: &mut Tx, id: &AccountId) -> Result<Option<Account>> {
    let row = tx.row(select_account("WHERE id = $1").locked(), values![id]).await?;
    row.as_ref().map(account).transpose()
}

pub(in crate::store) fn account(row: &DbRow) -> Result<Account> {
    AccountRow(row.of("accounts", "id")).try_into()
}

pub(in crate::store) fn accounts(rows: &[DbRow]) -> Result<Vec<Account>> {
    rows.iter().map(account).collect()
}

/// The columns of a profile that was last changed at this time.
pub(in crate::store) fn profile_columns(profile: &Profile, changed_at: Option<Millis>) -> Columns {
    let attributes = profile.attributes.rows().map(|(row, value)| (row.column, Value::from(value)));
    columns! {
        "email" => &profile.email,
        "email_key" => profile.email_key(),
        "login_name" => &profile.login_name,
        "profile_changed_at" => changed_at,
    }
    .and(attributes.collect::<Vec<_>>().into())
}

/// The columns of a link.
pub(in crate::store) fn link_columns(link: Option<&Link>) -> Columns {
    columns! {
        "directory" => link.map(|link| link.directory.0.as_str()),
        "entry" => link.map(|link| link.entry.to_string()),
        "sid" => link.and_then(|link| link.sid.as_ref()).map(|sid| sid.0.as_str()),
    }
}

/// Reads the columns of a profile.
fn profile(cells: Cells<'_>) -> Result<Profile> {
    let mut attributes = ProfileValues::default();
    for row in profile::TABLE {
        attributes.set(row.attribute, cells.cell(row.column)?);
    }
    Ok(Profile { email: cells.cell("email")?, login_name: cells.cell("login_name")?, attributes })
}

/// A row that is not validated yet.
struct AccountRow<'r>(Cells<'r>);

impl TryFrom<AccountRow<'_>> for Account {
    type Error = StoreError;

    fn try_from(row: AccountRow<'_>) -> Result<Self> {
        let AccountRow(cells) = row;
        Ok(Self {
            id: AccountId(cells.cell("id")?),
            link: link(cells)?,
            profile: profile(cells)?,
            profile_changed_at: cells.cell("profile_changed_at")?,
            status: status(cells)?,
            expires_at: cells.cell("expires_at")?,
            generation: cells.cell("generation")?,
            password_changed_at: cells.cell("password_changed_at")?,
            seen_at: cells.cell("seen_at")?,
        })
    }
}

fn link(cells: Cells<'_>) -> Result<Option<Link>> {
    let sid = cells.cell::<Option<String>>("sid")?.map(Sid);
    match (cells.cell::<Option<String>>("directory")?, cells.cell::<Option<String>>("entry")?) {
        (Some(directory), Some(entry)) => {
            let entry = EntryId::from_entry_uuid(&entry).ok_or_else(|| cells.corrupt("entry is no UUID"))?;
            Ok(Some(Link { directory: DirectoryId(directory), entry, sid }))
        }
        (None, None) if sid.is_none() => Ok(None),
        _ => Err(cells.corrupt("the link is incomplete")),
    }
}

fn status(cells: Cells<'_>) -> Result<Status> {
    let kind = cells.word("status", StatusKind::parse)?;
    let because: Option<String> = cells.cell("suspended_because")?;
    match (kind, because, cells.cell("suspended_since")?) {
        (StatusKind::Active, None, None) => Ok(Status::Active),
        (StatusKind::Suspended, Some(because), Some(since)) => {
            let because = SuspendedBecause::parse(&because)
                .ok_or_else(|| cells.corrupt(format!("unknown suspended_because {because:?}")))?;
            Ok(Status::Suspended { because, since })
        }
        _ => Err(cells.corrupt(format!("status {kind} contradicts suspended_because or suspended_since"))),
    }
}
