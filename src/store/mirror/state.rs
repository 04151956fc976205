//! How far a directory has been read, and the fence: the version that every writer must know.

use crate::domain::Millis;
use crate::domain::cursor::{Cursor, Position};
use crate::domain::entry::DirectoryId;
use crate::store::SyncStore;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::sql::{Cells, DbRow, Tx};
use crate::store::engine::value::values;

use super::{Fenced, MirrorState, Scan, ScanId, ScanState};

const SELECT: &str = "SELECT directory, version, cursor, caught_up_at, scanned_at, scan, scanning, scan_cursor, scan_seen, \
     scan_started_at, judged_by, groups_stale, owes, strays_due, attributes FROM mirror_cursors WHERE directory = $1";

/// A full read is due from the end of one until everybody is to be judged by it: a read that showed nobody is not
/// trusted the next time either.
const UNJUDGED: &str = "what the last full read showed was not judged";
/// A full read is due until the groups that list an old name have been read again.
pub(super) const UNREAD: &str = "groups that list an old name were not read again";
/// Owed if reading single objects is not enough.
pub(super) const TOO_MANY: &str = "more was moved than can be followed one by one";

impl SyncStore<'_> {
    /// How far this directory has been read.
    pub async fn mirror_state(&self, directory: &DirectoryId) -> Result<MirrorState> {
        state(self.store.db.row(SELECT, values![directory]).await?.as_ref())
    }

    /// Begins a full scan; `from` is the directory's position before it. An interrupted scan is resumed with
    /// its number and its own cursor, as long as changes can still be read from that cursor: they report what
    /// was deleted since it began.
    pub async fn begin_scan(
        &self,
        directory: &DirectoryId,
        version: i64,
        from: &Cursor,
        now: Millis,
    ) -> Result<Fenced<Scan>> {
        let mut tx = self.store.db.begin().await?;
        if !fence(&mut tx, directory, version).await? {
            return Ok(Fenced::Overtaken);
        }
        let stored = state(tx.row(SELECT, values![directory]).await?.as_ref())?;
        let scan = match stored.scan {
            Some(cut_off) if can_resume(&cut_off.from.position, &from.position) => {
                Scan { id: cut_off.id, resumed: true, seen: cut_off.seen }
            }
            _ => Scan { id: new_scan(&mut tx, directory, from, now).await?, resumed: false, seen: 0 },
        };
        tx.commit().await?;
        Ok(Fenced::Done(scan))
    }

    /// Ends a complete scan that requested these attributes, after [`SyncStore::mirror_page`] got the objects
    /// that are gone. Changes are read from the position at which the scan began.
    pub async fn end_scan(
        &self,
        directory: &DirectoryId,
        version: i64,
        scan: ScanId,
        attributes: &str,
        now: Millis,
    ) -> Result<Fenced<()>> {
        let mut tx = self.store.db.begin().await?;
        if !fence(&mut tx, directory, version).await? {
            return Ok(Fenced::Overtaken);
        }
        let sql = "UPDATE mirror_cursors SET scanning = 0, scanned_at = $3, cursor = scan_cursor, scan_cursor = NULL, \
             owes = $4, strays_due = 1, attributes = $5 WHERE directory = $1 AND scanning = 1 AND scan = $2";
        if tx.execute(sql, values![directory, scan.0, now, UNJUDGED, attributes]).await? == 0 {
            return Ok(Fenced::Overtaken);
        }
        tx.commit().await?;
        Ok(Fenced::Done(()))
    }

    /// Records that the groups which a page wanted read again have been read. The version does not change,
    /// but a writer that lost its lease is refused (false).
    pub async fn mirror_reread(&self, directory: &DirectoryId, version: i64) -> Result<bool> {
        let sql = "UPDATE mirror_cursors SET owes = CASE WHEN owes = $3 THEN NULL ELSE owes END \
             WHERE directory = $1 AND version = $2";
        Ok(self.store.db.execute(sql, values![directory, version, UNREAD]).await? == 1)
    }

    /// Records that the orphaned accounts were judged. Checks the version like [`SyncStore::mirror_reread`].
    pub async fn orphans_judged(&self, directory: &DirectoryId, version: i64) -> Result<bool> {
        let sql = "UPDATE mirror_cursors SET strays_due = 0 WHERE directory = $1 AND version = $2";
        Ok(self.store.db.execute(sql, values![directory, version]).await? == 1)
    }

    /// Records that nothing is left to read. Checks the version like [`SyncStore::mirror_reread`].
    pub async fn mirror_caught_up(&self, directory: &DirectoryId, version: i64, now: Millis) -> Result<bool> {
        let sql = "UPDATE mirror_cursors SET caught_up_at = $3 WHERE directory = $1 AND version = $2";
        Ok(self.store.db.execute(sql, values![directory, version, now]).await? == 1)
    }
}

/// Admits a writer that knows the version, and locks out all others until the transaction ends.
pub(super) async fn fence(tx: &mut Tx, directory: &DirectoryId, version: i64) -> Result<bool> {
    if version == 0 {
        let sql = "INSERT INTO mirror_cursors (directory, version, scan, scanning, scan_seen, groups_stale) \
             VALUES ($1, 0, 0, 0, 0, 0) ON CONFLICT (directory) DO NOTHING";
        tx.execute(sql, values![directory]).await?;
    }
    let sql = "UPDATE mirror_cursors SET version = version + 1 WHERE directory = $1 AND version = $2";
    Ok(tx.execute(sql, values![directory, version]).await? == 1)
}

/// Whether the mirror is still at this version; locks out writers until the transaction ends.
pub(in crate::store) async fn is_at(tx: &mut Tx, directory: &DirectoryId, version: i64) -> Result<bool> {
    let sql = "UPDATE mirror_cursors SET version = version WHERE directory = $1 AND version = $2";
    Ok(tx.execute(sql, values![directory, version]).await? == 1)
}

/// The current scan's number, and whether that scan is in progress.
pub(super) async fn current_scan(tx: &mut Tx, directory: &DirectoryId) -> Result<(ScanId, bool)> {
    let row = tx.row(SELECT, values![directory]).await?.ok_or(sqlx::Error::RowNotFound)?;
    let cells = row.of("mirror_cursors", "directory");
    Ok((ScanId(cells.cell("scan")?), cells.cell::<i64>("scanning")? == 1))
}

async fn new_scan(tx: &mut Tx, directory: &DirectoryId, from: &Cursor, now: Millis) -> Result<ScanId> {
    let sql = "UPDATE mirror_cursors SET scan = scan + 1, scanning = 1, scan_cursor = $2, scan_seen = 0, \
         scan_started_at = $3 WHERE directory = $1 RETURNING directory, scan";
    let row = tx.row(sql, values![directory, text(from)?, now]).await?.ok_or(sqlx::Error::RowNotFound)?;
    Ok(ScanId(row.of("mirror_cursors", "directory").cell("scan")?))
}

/// Whether the changes after a cursor can be read by the feed and database that issued the other one.
fn can_resume(stored: &Position, new: &Position) -> bool {
    let database = |position: &Position| match position {
        Position::DirSync { invocation_id, .. } | Position::UsnChanged { invocation_id, .. } => {
            Some(*invocation_id)
        }
        Position::SyncRepl { .. } | Position::FullScan => None,
    };
    stored.feed() == new.feed() && database(stored) == database(new)
}

/// A cursor as stored.
pub(super) fn text(cursor: &Cursor) -> Result<String> {
    serde_json::to_string(cursor).map_err(StoreError::unavailable)
}

fn state(row: Option<&DbRow>) -> Result<MirrorState> {
    let Some(row) = row else { return Ok(MirrorState::default()) };
    let cells = row.of("mirror_cursors", "directory");
    Ok(MirrorState {
        version: cells.cell("version")?,
        cursor: cursor(cells, "cursor")?,
        caught_up_at: cells.cell("caught_up_at")?,
        scanned_at: cells.cell("scanned_at")?,
        scan: scan(cells)?,
        judged_by: cells.cell("judged_by")?,
        // The columns `owes` and `strays_due` have older names for the same.
        full_read_due: cells.cell("owes")?,
        orphans_due: cells.cell::<i64>("strays_due")? == 1,
        groups_stale: cells.cell::<i64>("groups_stale")? == 1,
        attributes: cells.cell("attributes")?,
    })
}

fn scan(cells: Cells<'_>) -> Result<Option<ScanState>> {
    if cells.cell::<i64>("scanning")? == 0 {
        return Ok(None);
    }
    let from = cursor(cells, "scan_cursor")?.ok_or_else(|| cells.corrupt("scanning without scan_cursor"))?;
    Ok(Some(ScanState {
        id: ScanId(cells.cell("scan")?),
        from,
        seen: cells.parsed("scan_seen", |seen: i64| u64::try_from(seen).ok())?,
        started_at: cells.parsed("scan_started_at", |at: Option<i64>| at)?,
    }))
}

fn cursor(cells: Cells<'_>, column: &'static str) -> Result<Option<Cursor>> {
    let text: Option<String> = cells.cell(column)?;
    let read =
        |text: String| serde_json::from_str(&text).map_err(|_| cells.corrupt("a cursor can't be read"));
    text.map(read).transpose()
}
