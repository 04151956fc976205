//! Sync runs, what each did to whom, and who is held back.

use serde::{Deserialize, Serialize};

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::entry::{DirectoryId, EntryId};

use super::applied::{Applied, AppliedKind};
use super::error::{Result, StoreError};
use super::sql::Row;
use super::value::values;
use super::{Store, facts};

/// The number of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId(pub i64);

/// What a run did, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunCounts {
    /// Entries that the directory showed.
    pub seen: u64,
    /// New accounts.
    pub created: u64,
    /// Accounts tied to their entry.
    pub linked: u64,
    /// Accounts brought up to date.
    pub updated: u64,
    /// Accounts switched off.
    pub suspended: u64,
    /// Accounts switched on again.
    pub reactivated: u64,
    /// Accounts left as they are.
    pub kept: u64,
    /// Entries held back by a conflict.
    pub conflicts: u64,
}

impl RunCounts {
    /// Adds what was done for one entry.
    pub fn add(&mut self, applied: &Applied) {
        self.seen += 1;
        self.conflicts += u64::from(applied.conflict.is_some());
        match applied.kind {
            AppliedKind::Created => self.created += 1,
            AppliedKind::Linked => self.linked += 1,
            AppliedKind::Updated => self.updated += 1,
            AppliedKind::Suspended => self.suspended += 1,
            AppliedKind::Reactivated => self.reactivated += 1,
            AppliedKind::Kept => self.kept += 1,
            AppliedKind::Ignored | AppliedKind::Overtaken => {}
        }
    }
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunResult {
    /// Not finished.
    Running,
    /// Finished.
    Done(RunCounts),
    /// Failed; what it had applied until then stays.
    Failed(String),
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// Its number.
    pub id: RunId,
    /// Of which directory.
    pub directory: DirectoryId,
    /// What started it, in one word.
    pub trigger: String,
    /// When it started.
    pub started_at: Millis,
    /// When it ended.
    pub finished_at: Option<Millis>,
    /// How it stands.
    pub result: RunResult,
}

/// One thing that was done to one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// Grows with time; [`Store::changes_page`] pages by it.
    pub id: i64,
    /// By which run; `None` outside of one (an import on the spot, at a sign-in).
    pub run: Option<RunId>,
    /// To whom.
    pub account: AccountId,
    /// When.
    pub at: Millis,
    /// What: `created`, `linked`, `updated`, `suspended`, `reactivated`.
    pub kind: String,
    /// The account before, as JSON.
    pub before: Option<String>,
    /// The account after, as JSON.
    pub after: String,
    /// The reason of a suspension.
    pub why: Option<String>,
}

/// One person who is held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictRow {
    /// Whose entry.
    pub entry: EntryId,
    /// The login name, for people.
    pub login_name: String,
    /// `mail_taken`, `mail_shared` or `no_mail`.
    pub kind: String,
    /// The contested address.
    pub email: Option<String>,
    /// Who has it.
    pub taken_by: Option<AccountId>,
    /// Since when it stands.
    pub since: Millis,
}

impl Store {
    /// Opens a run. A run of the same directory that never ended (the process was killed) is closed as failed.
    pub async fn begin_run(&self, directory: &DirectoryId, trigger: &str, now: Millis) -> Result<RunId> {
        let mut tx = self.db.begin().await?;
        let sql = "UPDATE runs SET finished_at = $2, error = 'interrupted' \
             WHERE directory = $1 AND finished_at IS NULL";
        tx.execute(sql, values![directory, now]).await?;
        let sql = "INSERT INTO runs (directory, trigger_word, started_at) VALUES ($1, $2, $3) RETURNING id";
        let row = tx.row(sql, values![directory, trigger, now]).await?.ok_or(sqlx::Error::RowNotFound)?;
        tx.commit().await?;
        Ok(RunId(row.of("runs", "id").cell("id")?))
    }

    /// Closes a run: with its counts, or with the reason why it failed. A finished run also clears the conflicts of
    /// entries that it did not see any more.
    pub async fn finish_run(&self, run: RunId, result: Result<RunCounts, String>, now: Millis) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let (counts, error) = match result {
            Ok(counts) => (serde_json::to_string(&counts).ok(), None),
            Err(error) => (None, Some(error)),
        };
        if error.is_none() {
            let sql = "DELETE FROM conflicts WHERE directory = (SELECT directory FROM runs WHERE id = $1) \
                 AND seen_run IS DISTINCT FROM $1 \
                 AND since < (SELECT started_at FROM runs WHERE id = $1)";
            tx.execute(sql, values![run.0]).await?;
            facts::imported(&mut tx, run).await?;
        }
        let sql = "UPDATE runs SET finished_at = $2, counts = $3, error = $4 WHERE id = $1";
        tx.execute(sql, values![run.0, now, counts, error]).await?;
        tx.commit().await
    }

    /// Runs, the newest first, older than `before`.
    pub async fn runs_page(&self, before: Option<RunId>, limit: u32) -> Result<Vec<RunRow>> {
        let sql = "SELECT id, directory, trigger_word, started_at, finished_at, counts, error FROM runs \
             WHERE id < $1 ORDER BY id DESC LIMIT $2";
        let before = before.map_or(i64::MAX, |run| run.0);
        self.db.rows(sql, values![before, limit]).await?.iter().map(RunRow::try_from).collect()
    }

    /// The last run of a directory that came to its end.
    pub async fn last_good_run(&self, directory: &DirectoryId) -> Result<Option<RunRow>> {
        let sql = "SELECT id, directory, trigger_word, started_at, finished_at, counts, error FROM runs \
             WHERE directory = $1 AND counts IS NOT NULL ORDER BY id DESC LIMIT 1";
        self.db.row(sql, values![directory]).await?.as_ref().map(RunRow::try_from).transpose()
    }

    /// Changes, the newest first, older than `before`: of one account or of all.
    pub async fn changes_page(
        &self,
        account: Option<&AccountId>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<ChangeRow>> {
        let before = before.unwrap_or(i64::MAX);
        let rows = match account {
            Some(account) => {
                let sql = "SELECT id, run, account, at, kind, before, after, why FROM changes \
                     WHERE account = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
                self.db.rows(sql, values![account, before, limit]).await?
            }
            None => {
                let sql = "SELECT id, run, account, at, kind, before, after, why FROM changes \
                     WHERE id < $1 ORDER BY id DESC LIMIT $2";
                self.db.rows(sql, values![before, limit]).await?
            }
        };
        rows.iter().map(ChangeRow::try_from).collect()
    }

    /// Who of a directory is held back, by login name.
    pub async fn conflicts(&self, directory: &DirectoryId) -> Result<Vec<ConflictRow>> {
        let sql = "SELECT entry, login_name, kind, email, taken_by, since FROM conflicts WHERE directory = $1 \
             ORDER BY login_name, entry";
        self.db.rows(sql, values![directory]).await?.iter().map(ConflictRow::try_from).collect()
    }
}

impl TryFrom<&Row> for RunRow {
    type Error = StoreError;

    fn try_from(row: &Row) -> Result<Self> {
        let cells = row.of("runs", "id");
        let finished_at: Option<Millis> = cells.cell("finished_at")?;
        let (counts, error): (Option<String>, Option<String>) = (cells.cell("counts")?, cells.cell("error")?);
        let result = match (finished_at, counts, error) {
            (None, None, None) => RunResult::Running,
            (Some(_), Some(counts), None) => RunResult::Done(
                serde_json::from_str(&counts).map_err(|_| cells.corrupt("counts can't be read"))?,
            ),
            (Some(_), None, Some(error)) => RunResult::Failed(error),
            _ => return Err(cells.corrupt("finished_at, counts and error do not go together")),
        };
        Ok(Self {
            id: RunId(cells.cell("id")?),
            directory: DirectoryId(cells.cell("directory")?),
            trigger: cells.cell("trigger_word")?,
            started_at: cells.cell("started_at")?,
            finished_at,
            result,
        })
    }
}

impl TryFrom<&Row> for ChangeRow {
    type Error = StoreError;

    fn try_from(row: &Row) -> Result<Self> {
        let cells = row.of("changes", "id");
        Ok(Self {
            id: cells.cell("id")?,
            run: cells.cell::<Option<i64>>("run")?.map(RunId),
            account: AccountId(cells.cell("account")?),
            at: cells.cell("at")?,
            kind: cells.cell("kind")?,
            before: cells.cell("before")?,
            after: cells.cell("after")?,
            why: cells.cell("why")?,
        })
    }
}

impl TryFrom<&Row> for ConflictRow {
    type Error = StoreError;

    fn try_from(row: &Row) -> Result<Self> {
        let cells = row.of("conflicts", "entry");
        Ok(Self {
            entry: cells.parsed("entry", |text: String| EntryId::from_entry_uuid(&text))?,
            login_name: cells.cell("login_name")?,
            kind: cells.cell("kind")?,
            email: cells.cell("email")?,
            taken_by: cells.cell::<Option<String>>("taken_by")?.map(AccountId),
            since: cells.cell("since")?,
        })
    }
}
