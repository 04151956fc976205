//! Revert a run: restore accounts from the state before it, which its changes store, the newest change first.
//! Each batch records how far the revert has come, so that a process that dies reverts nothing twice.

use crate::domain::account::{Account, AccountId, Status, StatusKind};
use crate::domain::entry::DirectoryId;
use crate::domain::history::{AccountSnapshot, ChangeKind, account_snapshot};
use crate::domain::revert::{PastChange, Restored};
use crate::domain::{DAY, Millis};

use super::changes::{self, ChangeFilter, ChangeOrigin, ChangeRow, NewChange};
use super::held;
use super::ids::{RunId, RunTrigger};
use super::run_row::{RunCounts, RunDetails, RunResult, RunRow};
use super::runs;
use super::shares;
use crate::store::SyncStore;
use crate::store::engine::columns::{Columns, columns};
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::values;
use crate::store::identity::accounts::{self, link_columns, profile_columns};
use crate::store::identity::endings::{self, Ending};
use crate::store::identity::linked_before::{self, RESETS_FACTORS};
use crate::store::identity::words;
use crate::store::mirror;

/// How long a run can be reverted.
pub const UNDO_WITHIN: Millis = 30 * DAY;

/// How many changes are reverted at once.
const BATCH: u32 = 100;

/// The reason of a change that was reverted completely.
pub const UNDONE: &str = "undone";

/// Why a run can't be reverted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoRefused {
    /// There is no run with this number; runs are kept for a limited time.
    Unknown,
    Running,
    TooOld,
    /// This run has reverted it; to restore it, revert that one.
    Already(RunId),
    /// It is itself the revert of this run, and was interrupted: finish that first.
    Unfinished(RunId),
}

impl SyncStore<'_> {
    /// Begins to revert a run, or resumes an interrupted revert: returns the run of the revert. The same
    /// transaction pauses the directory's sync, or the next run would make the same changes again.
    pub async fn begin_undo(&self, run: RunId, now: Millis) -> Result<Result<RunId, UndoRefused>> {
        let Some(row) = self.run(run).await? else { return Ok(Err(UndoRefused::Unknown)) };
        if let Some(why) = refused(&row, now) {
            return Ok(Err(why));
        }
        let mut tx = self.store.db.begin().await?;
        let sql = "SELECT id, counts FROM runs WHERE undoes = $1 ORDER BY id DESC LIMIT 1";
        let undo = match tx.row(sql, values![run.0]).await? {
            Some(before) => {
                let cells = before.of("runs", "id");
                let undo = RunId(cells.cell("id")?);
                if cells.cell::<Option<String>>("counts")?.is_some() {
                    return Ok(Err(UndoRefused::Already(undo)));
                }
                let sql = "UPDATE runs SET finished_at = NULL, error = NULL WHERE id = $1";
                tx.execute(sql, values![undo.0]).await?;
                undo
            }
            None => {
                if let Some(reverted) = unfinished(&mut tx, run).await? {
                    return Ok(Err(UndoRefused::Unfinished(reverted)));
                }
                let undo = runs::open(&mut tx, &row.directory, RunTrigger::Undo(run), now).await?;
                tx.execute("UPDATE runs SET undoes = $2 WHERE id = $1", values![undo.0, run.0]).await?;
                undo
            }
        };
        held::pause(&mut tx, &row.directory, &format!("run {} was reverted", run.0), now).await?;
        tx.commit().await?;
        Ok(Ok(undo))
    }

    /// Reverts the next changes of `run`. False when nothing is left; the revert is closed then.
    pub async fn undo_batch(&self, undo: RunId, run: RunId, now: Millis) -> Result<bool> {
        let sql = "SELECT id, undone_to FROM runs WHERE id = $1";
        let row = self.store.db.row(sql, values![undo.0]).await?.ok_or(sqlx::Error::RowNotFound)?;
        let before = row.of("runs", "id").cell("undone_to")?;
        let filter = ChangeFilter { run: Some(run), before, limit: BATCH, ..ChangeFilter::default() };
        let batch = self.changes_of(&filter).await?;
        let mut undoing = Undoing { tx: self.store.db.begin().await?, undo, now };
        let Some(last) = batch.last() else {
            undoing.finish().await?;
            return Ok(false);
        };
        let last = last.id;
        for change in batch {
            undoing.revert(change).await?;
        }
        let sql = "UPDATE runs SET undone_to = $2 WHERE id = $1";
        undoing.tx.execute(sql, values![undo.0, last]).await?;
        undoing.tx.commit().await?;
        Ok(true)
    }
}

fn refused(row: &RunRow, now: Millis) -> Option<UndoRefused> {
    if row.result == RunResult::Running {
        return Some(UndoRefused::Running);
    }
    (row.started_at <= now - UNDO_WITHIN).then_some(UndoRefused::TooOld)
}

/// The run that this one was reverting when it was interrupted.
async fn unfinished(tx: &mut Tx, run: RunId) -> Result<Option<RunId>> {
    let sql = "SELECT id, undoes FROM runs WHERE id = $1 AND undoes IS NOT NULL AND counts IS NULL";
    let row = tx.row(sql, values![run.0]).await?;
    row.map(|row| row.of("runs", "id").cell("undoes").map(RunId)).transpose()
}

/// A batch that is being written.
struct Undoing {
    tx: Tx,
    undo: RunId,
    now: Millis,
}

impl Undoing {
    async fn revert(&mut self, change: ChangeRow) -> Result<()> {
        let Some(directory) = change.directory.clone() else { return Ok(()) };
        match change.kind {
            ChangeKind::ShareJoined | ChangeKind::ShareLeft => {
                shares::revert(&mut self.tx, self.undo, &change, UNDONE, self.now).await?;
                let now = accounts::locked(&mut self.tx, &change.account).await?;
                let Some(now) = now else { return Ok(()) };
                mirror::account_rewritten(&mut self.tx, &now, &now).await
            }
            _ => self.account(&directory, &change).await,
        }
    }

    async fn account(&mut self, directory: &DirectoryId, change: &ChangeRow) -> Result<()> {
        // An account that was erased since stays erased.
        let current = accounts::locked(&mut self.tx, &change.account).await?;
        let Some(current) = current else { return Ok(()) };
        let before = change.before.as_ref().map(|text| read(text, change)).transpose()?;
        let past = PastChange { directory, before, after: read(&change.after, change)?, current: &current };
        let changed_since = past.differs() && !self.has_reverted(&current.id).await?;
        let mut restored = self.write_restored(&current, past.reverted(changed_since, self.now)).await?;
        if self.change_owner(&current, &restored.account).await? {
            restored.notes.push(RESETS_FACTORS.to_owned());
        }
        if restored.ends_sessions(&current) {
            endings::end(&mut self.tx, &current.id, Ending::All, self.now).await?;
        }
        if restored.account == current && restored.notes.is_empty() {
            return Ok(());
        }
        self.record(directory, &current, &restored).await
    }

    /// Whether this revert has changed the account already.
    async fn has_reverted(&mut self, account: &AccountId) -> Result<bool> {
        let sql = "SELECT id FROM changes WHERE account = $1 AND run = $2 LIMIT 1";
        Ok(self.tx.row(sql, values![account, self.undo.0]).await?.is_some())
    }

    /// Writes the restored account, except an email address or entry that another account has now.
    async fn write_restored(&mut self, current: &Account, restored: Restored) -> Result<Restored> {
        let [without_email, without_entry] = restored.fallbacks(current);
        for one in [restored, without_email] {
            if self.write(current, &one.account).await? {
                return Ok(one);
            }
        }
        self.write(current, &without_entry.account).await?;
        Ok(without_entry)
    }

    /// Clears `seen_at`: the account's sessions and refreshes are judged on the live entry.
    async fn write(&mut self, current: &Account, restored: &Account) -> Result<bool> {
        let ends = current.status != restored.status || current.link != restored.link;
        let (sql, values) =
            profile_columns(&restored.profile, current.changed_at(&restored.profile, self.now))
                .and(link_columns(restored.link.as_ref()))
                .and(status_columns(restored.status))
                .and(columns! { "expires_at" => restored.expires_at, "seen_at" => None::<i64> })
                .update("accounts")
                .set_to("generation", ["generation + ", ""], i64::from(ends))
                .only("id", &restored.id);
        let written = self.tx.execute_unique(sql, values).await?.is_some();
        if written {
            words::replace(&mut self.tx, &restored.id, &current.profile, &restored.profile).await?;
            mirror::account_rewritten(&mut self.tx, current, restored).await?;
        }
        Ok(written)
    }

    /// What a person has set up stays with their entry, in case the entry gets the account back. True if what
    /// another person had set up was removed.
    async fn change_owner(&mut self, current: &Account, after: &Account) -> Result<bool> {
        let entry = |account: &Account| account.link.as_ref().map(|link| link.entry);
        if entry(current) == entry(after) {
            return Ok(false);
        }
        if let Some(link) = &current.link {
            linked_before::note(&mut self.tx, &current.id, link).await?;
        }
        match &after.link {
            Some(link) => linked_before::take_over(&mut self.tx, &after.id, link, self.now).await,
            None => Ok(false),
        }
    }

    async fn record(&mut self, directory: &DirectoryId, before: &Account, restored: &Restored) -> Result<()> {
        let after = &restored.account;
        changes::renamed(&mut self.tx, before, after).await?;
        let why = [&[UNDONE.to_owned()][..], &restored.notes].concat().join("; ");
        let change = NewChange {
            origin: ChangeOrigin { run: Some(self.undo), directory, at: self.now },
            account: after.id.clone(),
            kind: restored.kind(before),
            before: Some(account_snapshot(before)),
            after: account_snapshot(after),
            why: Some(&why),
        };
        changes::record_all(&mut self.tx, &[change]).await
    }

    /// Closes the revert with the sums of its changes.
    async fn finish(mut self) -> Result<()> {
        let sql = "SELECT kind, count(*) AS many FROM changes WHERE run = $1 GROUP BY kind";
        let mut counts = RunCounts::default();
        for row in &self.tx.rows(sql, values![self.undo.0]).await? {
            add(&mut counts, row)?;
        }
        runs::close(&mut self.tx, self.undo, Ok(counts), &RunDetails::default(), self.now).await?;
        self.tx.commit().await
    }
}

fn read(text: &str, change: &ChangeRow) -> Result<AccountSnapshot> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt {
        table: "changes",
        row: change.id.to_string(),
        what: error.to_string(),
    })
}

fn status_columns(status: Status) -> Columns {
    let (kind, because, since) = match status {
        Status::Active => (StatusKind::Active, None, None),
        Status::Suspended { because, since } => (StatusKind::Suspended, Some(because.as_str()), Some(since)),
    };
    columns! { "status" => kind.as_str(), "suspended_because" => because, "suspended_since" => since }
}

fn add(counts: &mut RunCounts, row: &DbRow) -> Result<()> {
    let cells = row.of("changes", "kind");
    let many = cells.parsed("many", |many: i64| u64::try_from(many).ok())?;
    match cells.word("kind", ChangeKind::parse)? {
        ChangeKind::Suspended => counts.suspended += many,
        ChangeKind::Reactivated => counts.reactivated += many,
        ChangeKind::Linked => counts.linked += many,
        ChangeKind::ShareJoined => counts.shares_joined += many,
        ChangeKind::ShareLeft => counts.shares_left += many,
        _ => counts.updated += many,
    }
    counts.seen += many;
    Ok(())
}
