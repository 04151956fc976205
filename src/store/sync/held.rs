//! What waits for an administrator: people whom the guard holds, and directories whose sync is paused.

use crate::store::SyncStore;
use serde::{Deserialize, Serialize};

use crate::domain::Millis;
use crate::domain::account::{AccountId, SuspendedBecause};
use crate::domain::audit::Event;
use crate::domain::audit_change::ValueChange;
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::guard::SeenHeld;

use super::ids::RunId;
use crate::store::engine::bulk;
use crate::store::engine::columns::columns;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::retry::retry;
use crate::store::engine::select::SelectBuilder;
use crate::store::engine::sql::{Cells, DbRow, Tx};
use crate::store::engine::value::{Value, values};
use crate::store::trail::audit;

/// A person who would lose something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldBack {
    pub entry: EntryId,
    pub account: AccountId,
    /// For display.
    pub login_name: String,
    pub what: Loss,
}

/// What a person would lose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Loss {
    /// Why the account would be suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspend: Option<SuspendedBecause>,
    /// The Team Shares that the person would leave.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<String>,
}

/// A person whom the guard holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRow {
    pub directory: DirectoryId,
    pub person: HeldBack,
    pub since: Millis,
    /// Since when the person would lose exactly this.
    pub what_since: Millis,
    /// The run that held the person first.
    pub run: Option<RunId>,
    /// The decision that the person keeps everything, as long as the loss stays the same.
    pub rejected: Option<Rejection>,
}

/// An administrator's decision that a held person keeps everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    pub by: String,
    pub at: Millis,
}

impl From<&HeldRow> for SeenHeld {
    fn from(row: &HeldRow) -> Self {
        Self { entry: row.person.entry, what_since: row.what_since }
    }
}

/// A directory whose sync is paused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    pub why: String,
    pub since: Millis,
}

const SELECT: &str = "SELECT directory, entry, account, login_name, what, since, what_since, run, rejected_by, \
     rejected_at FROM held";
/// How many people one name may mean.
pub(super) const MOST_NAMED: u32 = 1_000;

/// The name of a pause in the audit log.
pub(super) const PAUSE: &str = "pause";

const SELECT_PAUSE: &str = "SELECT directory, why, since FROM paused WHERE directory = $1";

/// The tail of the statement that holds a person: held again, they keep their date, and a decision as long as
/// they would lose the same.
const HELD_AGAIN: &str = "ON CONFLICT (directory, entry) DO UPDATE SET \
     account = excluded.account, login_name = excluded.login_name, what = excluded.what, \
     what_since = CASE WHEN held.what = excluded.what AND held.account = excluded.account \
         THEN held.what_since ELSE excluded.what_since END, \
     rejected_by = CASE WHEN held.what = excluded.what AND held.account = excluded.account \
         THEN held.rejected_by END, \
     rejected_at = CASE WHEN held.what = excluded.what AND held.account = excluded.account \
         THEN held.rejected_at END";

/// Holds a person, in the transaction that would have taken something from them. The account is judged on the
/// live entry from now on, since `seen_at` is cleared.
pub(in crate::store) async fn hold(
    tx: &mut Tx,
    run: Option<RunId>,
    directory: &DirectoryId,
    held: &HeldBack,
    now: Millis,
) -> Result<()> {
    let row = columns! {
        "directory" => directory,
        "entry" => held.entry,
        "account" => &held.account,
        "login_name" => &held.login_name,
        "what" => serde_json::to_string(&held.what).unwrap_or_default(),
        "since" => now,
        "what_since" => now,
        "run" => run.map(|run| run.0),
    };
    bulk::insert_rows(tx, "held", HELD_AGAIN, vec![row]).await?;
    tx.execute("UPDATE accounts SET seen_at = NULL WHERE id = $1", values![&held.account]).await?;
    Ok(())
}

/// Releases people whose cause is gone, or about whom an administrator has decided, in the same transaction.
pub(in crate::store) async fn unhold(
    tx: &mut Tx,
    directory: &DirectoryId,
    entries: impl IntoIterator<Item = EntryId>,
) -> Result<()> {
    let entries: Vec<Value> = entries.into_iter().map(Value::from).collect();
    if !entries.is_empty() {
        tx.execute_in("DELETE FROM held WHERE directory = $1 AND entry IN", values![directory], entries)
            .await?;
    }
    Ok(())
}

/// Pauses a directory's sync, in the transaction of the revert, so that no run makes the changes again.
pub(in crate::store) async fn pause(
    tx: &mut Tx,
    directory: &DirectoryId,
    why: &str,
    now: Millis,
) -> Result<()> {
    let sql = "INSERT INTO paused (directory, why, since) VALUES ($1, $2, $3) \
         ON CONFLICT (directory) DO UPDATE SET why = excluded.why, since = excluded.since";
    tx.execute(sql, values![directory, why, now]).await?;
    Ok(())
}

/// The same as [`SyncStore::paused`], in a transaction.
pub(in crate::store) async fn find_pause(tx: &mut Tx, directory: &DirectoryId) -> Result<Option<Pause>> {
    tx.row(SELECT_PAUSE, values![directory]).await?.as_ref().map(Pause::try_from).transpose()
}

/// Pauses a directory's sync that is not paused yet: the reason of an earlier pause stays. False then.
pub(in crate::store) async fn pause_if_running(
    tx: &mut Tx,
    directory: &DirectoryId,
    why: &str,
    now: Millis,
) -> Result<bool> {
    let sql = "INSERT INTO paused (directory, why, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, values![directory, why, now]).await? == 1)
}

impl SyncStore<'_> {
    /// People whom the guard holds in a directory, by entry, after `after`.
    pub async fn held_page(
        &self,
        directory: &DirectoryId,
        after: Option<EntryId>,
        limit: u32,
    ) -> Result<Vec<HeldRow>> {
        let (sql, values) = SelectBuilder::new(SELECT)
            .and("directory =", Some(directory))
            .and("entry >", after)
            .order("entry", limit);
        self.store.db.rows(sql, values).await?.iter().map(HeldRow::try_from).collect()
    }

    /// Which of these entries the guard holds.
    pub async fn held_among(&self, directory: &DirectoryId, entries: &[EntryId]) -> Result<Vec<HeldRow>> {
        let sql = "SELECT directory, entry, account, login_name, what, since, what_since, run, rejected_by, \
             rejected_at FROM held WHERE directory = $1 AND entry IN";
        let list = entries.iter().map(|entry| Value::from(*entry));
        self.store.db.rows_in(sql, values![directory], list).await?.iter().map(HeldRow::try_from).collect()
    }

    /// Which of these accounts the guard holds.
    pub async fn held_accounts(&self, accounts: &[AccountId]) -> Result<Vec<HeldRow>> {
        let list = accounts.iter().map(Value::from).collect();
        let many = u32::try_from(accounts.len()).unwrap_or(u32::MAX);
        let (sql, values) = SelectBuilder::new(SELECT).and_in("account", Some(list)).order("entry", many);
        self.store.db.rows(sql, values).await?.iter().map(HeldRow::try_from).collect()
    }

    /// Held people of a directory whose login name matches one of these patterns of `LIKE`, in lower case.
    pub async fn held_like(&self, directory: &DirectoryId, patterns: &[String]) -> Result<Vec<HeldRow>> {
        let mut select = SelectBuilder::new(SELECT).and("directory =", Some(directory));
        select = select.and_like(&["login_name"], patterns);
        let (sql, values) = select.order("entry", MOST_NAMED);
        self.store.db.rows(sql, values).await?.iter().map(HeldRow::try_from).collect()
    }

    /// People about whom nobody has decided, and who would lose the same since `until` or longer, by entry.
    pub async fn undecided(
        &self,
        directory: &DirectoryId,
        until: Millis,
        limit: u32,
    ) -> Result<Vec<HeldRow>> {
        let (sql, values) = SelectBuilder::new(SELECT)
            .and("directory =", Some(directory))
            .and("rejected_at IS NULL AND what_since <=", Some(until))
            .order("entry", limit);
        self.store.db.rows(sql, values).await?.iter().map(HeldRow::try_from).collect()
    }

    /// Records that held people keep everything as long as the loss stays the same, with an event for each. False
    /// for those who are not held any more, or would lose something else by now: nothing is written for them.
    pub async fn reject_held(
        &self,
        directory: &DirectoryId,
        by: &str,
        decisions: &[(SeenHeld, Event)],
    ) -> Result<Vec<bool>> {
        retry(|| async {
            let (mut tx, mut kept) = (self.store.db.begin().await?, Vec::with_capacity(decisions.len()));
            for (seen, event) in decisions {
                let sql = "UPDATE held SET rejected_by = $4, rejected_at = $5 \
                     WHERE directory = $1 AND entry = $2 AND what_since = $3";
                let values = values![directory, seen.entry, seen.what_since, by, event.at];
                let is_kept = tx.execute(sql, values).await? > 0;
                if is_kept {
                    audit::insert(&mut tx, event).await?;
                }
                kept.push(is_kept);
            }
            tx.commit().await?;
            Ok(kept)
        })
        .await
    }

    /// How many people the guard holds in a directory.
    pub async fn count_held(&self, directory: &DirectoryId) -> Result<i64> {
        let sql = "SELECT count(*) AS many FROM held WHERE directory = $1";
        let row = self.store.db.row(sql, values![directory]).await?;
        row.map_or(Ok(0), |row| row.of("held", "many").cell("many"))
    }

    /// About how many held people of a directory an administrator has yet to decide.
    pub async fn count_undecided(&self, directory: &DirectoryId) -> Result<i64> {
        let sql = "SELECT count(*) AS many FROM held WHERE directory = $1 AND rejected_at IS NULL";
        let row = self.store.db.row(sql, values![directory]).await?;
        row.map_or(Ok(0), |row| row.of("held", "many").cell("many"))
    }

    /// Whether the guard holds this account.
    pub async fn is_held(&self, account: &AccountId) -> Result<bool> {
        let sql = "SELECT account FROM held WHERE account = $1";
        Ok(self.store.db.row(sql, values![account]).await?.is_some())
    }

    /// Pauses a directory's sync, with the event of an administrator who does it. False if it is paused
    /// already.
    pub async fn pause_directory(
        &self,
        directory: &DirectoryId,
        why: &str,
        now: Millis,
        event: Option<&Event>,
    ) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            if !pause_if_running(&mut tx, directory, why, now).await? {
                return Ok(false);
            }
            if let Some(event) = event {
                let changes = [ValueChange::added(PAUSE, why)];
                audit::insert(&mut tx, &event.clone().changing(changes)).await?;
            }
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Resumes a directory's sync, with the event of an administrator who does it. False if it was not paused.
    pub async fn resume(&self, directory: &DirectoryId, event: Option<&Event>) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let before = find_pause(&mut tx, directory).await?;
            if tx.execute("DELETE FROM paused WHERE directory = $1", values![directory]).await? == 0 {
                return Ok(false);
            }
            if let Some(event) = event {
                let changes = before.map(|pause| ValueChange::removed(PAUSE, pause.why));
                audit::insert(&mut tx, &event.clone().changing(changes)).await?;
            }
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Why a directory's sync is paused, if it is.
    pub async fn paused(&self, directory: &DirectoryId) -> Result<Option<Pause>> {
        let row = self.store.db.row(SELECT_PAUSE, values![directory]).await?;
        row.as_ref().map(Pause::try_from).transpose()
    }
}

impl TryFrom<&DbRow> for Pause {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("paused", "directory");
        Ok(Self { why: cells.cell("why")?, since: cells.cell("since")? })
    }
}

impl TryFrom<&DbRow> for HeldRow {
    type Error = StoreError;

    fn try_from(row: &DbRow) -> Result<Self> {
        let cells = row.of("held", "entry");
        Ok(Self {
            directory: DirectoryId(cells.cell("directory")?),
            person: HeldBack {
                entry: cells.parsed("entry", |text: String| EntryId::from_entry_uuid(&text))?,
                account: AccountId(cells.cell("account")?),
                login_name: cells.cell("login_name")?,
                what: cells.parsed("what", |text: String| serde_json::from_str(&text).ok())?,
            },
            since: cells.cell("since")?,
            what_since: cells.cell("what_since")?,
            run: cells.cell::<Option<i64>>("run")?.map(RunId),
            rejected: rejection(cells)?,
        })
    }
}

fn rejection(cells: Cells<'_>) -> Result<Option<Rejection>> {
    let (by, at) = (cells.cell::<Option<String>>("rejected_by")?, cells.cell("rejected_at")?);
    Ok(by.zip(at).map(|(by, at)| Rejection { by, at }))
}
