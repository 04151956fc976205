//! Write SQLite's log back into the database file, beside the writes and never in their way.
//!
//! A pass copies the log on a connection of its own while others write on; its time is that of the disk. SQLite
//! begins the log anew only once all of it is copied, and under load it always has something new at its end. So a
//! long log is copied, and then the little that was written meanwhile is copied while writers wait.

use std::cell::Cell;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tokio::runtime::Handle;
use tokio::sync::OwnedMutexGuard;

use super::error::{Result, StoreError};
use super::turns::Turns;

/// Pages of the log from one pass to the next: ten megabytes, some 400 commits. A pass writes a page that has
/// changed often only once.
pub(super) const STEP: u32 = 2_500;
/// Pages of the log from which on it is begun anew.
const LONG: u32 = 10_000;
/// In bytes. The file is cut to this when the log is begun anew, after a read that has lasted long.
pub(super) const LOG_FILE: i64 = 64 << 20;
/// How long writers wait for the end of reads that need the log. SQLite may wait twice.
const READERS_LEAVE: Duration = Duration::from_millis(50);

thread_local! {
    static LOG_PAGES: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Notes the length of the log after each commit of this connection, in place of SQLite's own checkpoints.
pub(super) fn watch_log(connection: &Connection) {
    connection.wal_hook(Some(|_, pages| {
        LOG_PAGES.set(u32::try_from(pages).ok());
        Ok(())
    }));
}

/// The pages of the log after the commit that this thread has just made; none if it wrote nothing.
pub(super) fn log_after_commit() -> Option<u32> {
    LOG_PAGES.take()
}

/// How long the log was when the last checkpoint began.
#[derive(Debug, Default)]
pub(super) struct LogMark(u32);

impl LogMark {
    /// True if the log has grown by a step since then.
    pub fn is_due(&mut self, pages: u32) -> bool {
        if pages < self.0 {
            // It was begun anew.
            self.0 = 0;
        }
        pages - self.0 >= STEP
    }

    pub fn begun(&mut self, pages: u32) {
        self.0 = pages;
    }
}

/// What makes checkpoints; locked while one is made.
pub(super) struct Checkpointer {
    connection: Connection,
    /// The database file. Closed after the connections: closing it ends the process's locks on it (POSIX).
    file: File,
}

/// The log as a pass has found it, in pages.
struct Pass {
    log: u32,
    /// Less than the log if a read began before its end was written.
    copied: u32,
}

/// Makes a checkpoint on a thread that may wait for the disk.
pub(super) fn start(checkpointer: OwnedMutexGuard<Checkpointer>, turns: Arc<Turns>) {
    tokio::task::spawn_blocking(move || {
        if let Err(error) = checkpointer.run(&turns) {
            tracing::warn!(%error, "the write-ahead log could not be written back");
        }
    });
}

impl Checkpointer {
    pub fn new(connection: Connection, file: File) -> Result<Self> {
        connection.busy_timeout(READERS_LEAVE)?;
        Ok(Self { connection, file })
    }

    fn run(&self, turns: &Arc<Turns>) -> Result<()> {
        let first = self.copy()?;
        if first.log < LONG {
            return Ok(());
        }
        if first.log - first.copied > STEP {
            // A long read needs the log; waiting for it would not help.
            if first.log - first.copied > LONG {
                tracing::warn!(
                    pages = first.log,
                    "a long read keeps the write-ahead log from being written back"
                );
            }
            return Ok(());
        }
        // The second pass leaves little for the time in which writers wait. Where they write faster than the disk,
        // it would leave more than it copies, and they have to wait.
        if self.checkpoint("NOOP")?.log.saturating_sub(first.log) <= STEP {
            self.copy()?;
        }
        let _turn = Handle::current().block_on(turns.take());
        self.checkpoint("RESTART")?;
        Ok(())
    }

    fn copy(&self) -> Result<Pass> {
        let pass = self.checkpoint("PASSIVE")?;
        // SQLite writes the file through to the disk only in the pass that reaches the end, where writers may wait.
        self.file.sync_data().map_err(StoreError::unavailable)?;
        Ok(pass)
    }

    fn checkpoint(&self, mode: &str) -> Result<Pass> {
        // -1 where another process makes a checkpoint.
        let pages = |pages: i64| u32::try_from(pages).unwrap_or(0);
        let sql = format!("PRAGMA wal_checkpoint({mode})");
        let pass = self.connection.query_row(&sql, [], |row| {
            let log = pages(row.get(1)?);
            Ok(Pass { log, copied: pages(row.get(2)?).min(log) })
        });
        Ok(pass?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_due_each_time_the_log_has_grown_by_a_step() {
        let mut mark = LogMark::default();
        for (pages, due) in [
            (10, false),
            (STEP - 1, false),
            (STEP, true),
            (STEP + 1, false),
            (2 * STEP, true),
            // begun anew
            (3, false),
            (STEP - 1, false),
            (STEP + 7, true),
        ] {
            assert_eq!(mark.is_due(pages), due, "{pages}");
            if due {
                mark.begun(pages);
            }
        }
    }
}
