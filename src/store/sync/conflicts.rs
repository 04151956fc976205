//! Conflicts: why people get no account, or keep the one they have unchanged, until an administrator has
//! fixed the cause.

use crate::domain::Millis;
use crate::domain::account::{AccountId, Profile};
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::reconcile::{Conflict, ConflictKind};

use super::applied::AppliedEntry;
use super::batch::Batch;
use super::held::MOST_NAMED;
use crate::store::SyncStore;
use crate::store::engine::bulk;
use crate::store::engine::columns::columns;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::select::SelectBuilder;
use crate::store::engine::sql::DbRow;
use crate::store::engine::value::{Value, values};
use crate::store::identity::accounts::{account, select_account};

/// A person with a conflict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictRow {
    pub entry: EntryId,
    /// For display.
    pub login_name: String,
    pub kind: ConflictKind,
    pub email: Option<String>,
    pub taken_by: Option<AccountId>,
    /// Since when that account is suspended, if it is.
    pub suspended_since: Option<Millis>,
    /// Since when the conflict exists.
    pub since: Millis,
}

impl ConflictRow {
    /// True if the account that has the address can be handed over to this person.
    #[must_use]
    pub fn can_hand_over(&self) -> bool {
        match self.kind {
            ConflictKind::LinkPending | ConflictKind::LinkContested => true,
            ConflictKind::MailTaken => self.suspended_since.is_some(),
            _ => false,
        }
    }
}

const SELECT: &str = "SELECT conflicts.entry, conflicts.login_name, kind, conflicts.email, taken_by, since, \
     accounts.suspended_since FROM conflicts LEFT JOIN accounts ON accounts.id = taken_by";

impl SyncStore<'_> {
    /// The next people of a directory who have a conflict, by login name, after this one.
    pub async fn conflicts_page(
        &self,
        directory: &DirectoryId,
        after: Option<(&str, EntryId)>,
        limit: u32,
    ) -> Result<Vec<ConflictRow>> {
        let after = after.map(|(name, entry)| [Value::from(name), Value::from(entry)]);
        let (sql, values) = SelectBuilder::new(SELECT)
            .and("conflicts.directory =", Some(directory))
            .and_after("conflicts.login_name, conflicts.entry", after)
            .order("conflicts.login_name, conflicts.entry", limit);
        self.store.db.rows(sql, values).await?.iter().map(ConflictRow::try_from).collect()
    }

    /// The conflict of this person, if there is one.
    pub async fn conflict(&self, directory: &DirectoryId, entry: EntryId) -> Result<Option<ConflictRow>> {
        let (sql, values) = SelectBuilder::new(SELECT)
            .and("conflicts.directory =", Some(directory))
            .and("conflicts.entry =", Some(entry))
            .order("conflicts.entry", 1);
        self.store.db.row(sql, values).await?.as_ref().map(ConflictRow::try_from).transpose()
    }

    /// People of a directory who have a conflict and whose login name or email address matches one of these
    /// patterns of `LIKE`, in lower case.
    pub async fn conflicts_like(
        &self,
        directory: &DirectoryId,
        patterns: &[String],
    ) -> Result<Vec<ConflictRow>> {
        let (sql, values) = SelectBuilder::new(SELECT)
            .and("conflicts.directory =", Some(directory))
            .and_like(&["conflicts.login_name", "conflicts.email"], patterns)
            .order("conflicts.login_name, conflicts.entry", MOST_NAMED);
        self.store.db.rows(sql, values).await?.iter().map(ConflictRow::try_from).collect()
    }

    /// How many people of a directory have a conflict of each kind, by its word.
    pub async fn conflict_kinds(&self, directory: &DirectoryId) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT kind, count(*) AS many FROM conflicts WHERE directory = $1 GROUP BY kind";
        let kind = |row: &DbRow| {
            let cells = row.of("conflicts", "kind");
            Ok((cells.cell("kind")?, cells.cell("many")?))
        };
        self.store.db.rows(sql, values![directory]).await?.iter().map(kind).collect()
    }

    /// How many people of a directory have a conflict.
    pub async fn count_conflicts(&self, directory: &DirectoryId) -> Result<i64> {
        let sql = "SELECT count(*) AS many FROM conflicts WHERE directory = $1";
        let row = self.store.db.row(sql, values![directory]).await?;
        row.map_or(Ok(0), |row| row.of("conflicts", "many").cell("many"))
    }

    /// The people of a directory who have a conflict, by login name.
    pub async fn conflicts(&self, directory: &DirectoryId) -> Result<Vec<ConflictRow>> {
        let sql = "SELECT conflicts.entry, conflicts.login_name, kind, conflicts.email, taken_by, since, \
             accounts.suspended_since FROM conflicts LEFT JOIN accounts ON accounts.id = taken_by \
             WHERE conflicts.directory = $1 ORDER BY conflicts.login_name, conflicts.entry";
        self.store.db.rows(sql, values![directory]).await?.iter().map(ConflictRow::try_from).collect()
    }
}

impl Batch<'_> {
    /// The conflict with the account that has this email address.
    pub(in crate::store) async fn email_conflict(
        &mut self,
        profile: &Profile,
        own: Option<&AccountId>,
    ) -> Result<Option<Conflict>> {
        let row = self.tx.row(select_account("WHERE email_key = $1"), values![profile.email_key()]).await?;
        let owner = row.as_ref().map(account).transpose()?;
        let other = owner.filter(|owner| Some(&owner.id) != own);
        Ok(other.map(|owner| Conflict::taken(profile.email.clone(), &owner)))
    }

    /// Records a conflict. While it stays the same, it keeps its date.
    pub(in crate::store) async fn record_conflict(
        &mut self,
        entry: EntryId,
        login_name: &str,
        conflict: &Conflict,
    ) -> Result<()> {
        let row = columns! {
            "directory" => self.directory,
            "entry" => entry,
            "login_name" => login_name,
            "kind" => conflict.kind().as_str(),
            "email" => conflict.email(),
            "taken_by" => conflict.account().map(|account| account.0.as_str()),
            "since" => self.now,
            "seen_run" => self.run(),
        };
        let tail = "ON CONFLICT (directory, entry) DO UPDATE SET \
             login_name = excluded.login_name, taken_by = excluded.taken_by, \
             since = CASE WHEN conflicts.kind = excluded.kind \
                 AND conflicts.email IS NOT DISTINCT FROM excluded.email THEN conflicts.since ELSE excluded.since END, \
             kind = excluded.kind, email = excluded.email, \
             seen_run = coalesce(excluded.seen_run, conflicts.seen_run)";
        bulk::insert_rows(&mut self.tx, "conflicts", tail, vec![row]).await.map(drop)
    }

    /// Removes the conflicts of entries that have none any more.
    pub(in crate::store) async fn clear_conflicts(&mut self, done: &[AppliedEntry]) -> Result<()> {
        let free = done.iter().filter(|applied| applied.conflict.is_none());
        let entries: Vec<Value> = free.map(|applied| Value::from(applied.entry)).collect();
        if entries.is_empty() {
            return Ok(());
        }
        let sql = "DELETE FROM conflicts WHERE directory = $1 AND entry IN";
        self.tx.execute_in(sql, values![self.directory], entries).await?;
        Ok(())
    }
}

impl TryFrom<&DbRow> for ConflictRow {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("conflicts", "entry");
        Ok(Self {
            entry: cells.parsed("entry", |text: String| EntryId::from_entry_uuid(&text))?,
            login_name: cells.cell("login_name")?,
            kind: cells.word("kind", ConflictKind::parse)?,
            email: cells.cell("email")?,
            taken_by: cells.cell::<Option<String>>("taken_by")?.map(AccountId),
            suspended_since: cells.cell("suspended_since")?,
            since: cells.cell("since")?,
        })
    }
}
