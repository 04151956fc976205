//! Checks of the chain over the audit log: asked for, made by a job, and what they have found.

use crate::domain::{MINUTE, Millis};

use crate::store::LoginStore;
use crate::store::engine::error::Result;
use crate::store::engine::value::values;

/// How long after a check another one may be asked for: it reads the whole log.
const AGAIN: Millis = 5 * MINUTE;

/// A check of the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChainCheckRow {
    pub asked_at: Millis,
    /// `None` until it is made.
    pub finished_at: Option<Millis>,
    /// How many events are there, unchanged.
    pub events: u64,
    /// How many events had no link yet.
    pub waiting: u64,
    /// The first fault, in English.
    pub problem: Option<String>,
}

impl LoginStore<'_> {
    /// Asks for a check. False if one was asked for in the last minutes, or has not been made yet.
    pub async fn ask_for_check(&self, now: Millis) -> Result<bool> {
        let sql = "INSERT INTO audit_checks (asked_at) SELECT $1 WHERE NOT EXISTS \
             (SELECT 1 FROM audit_checks WHERE finished_at IS NULL OR asked_at > $2) \
             ON CONFLICT (asked_at) DO NOTHING";
        Ok(self.store.db.execute(sql, values![now, now - AGAIN]).await? == 1)
    }

    /// The last checks, the newest first.
    pub async fn chain_checks(&self, limit: u32) -> Result<Vec<ChainCheckRow>> {
        let sql = "SELECT asked_at, finished_at, events, waiting, problem FROM audit_checks \
             ORDER BY asked_at DESC LIMIT $1";
        let rows = self.store.db.rows(sql, values![limit]).await?;
        let row = |row: &_| {
            let cells = crate::store::engine::sql::DbRow::of(row, "audit_checks", "asked_at");
            let number = |name| cells.cell::<Option<i64>>(name).map(|it| it.unwrap_or(0).unsigned_abs());
            Ok(ChainCheckRow {
                asked_at: cells.cell("asked_at")?,
                finished_at: cells.cell("finished_at")?,
                events: number("events")?,
                waiting: number("waiting")?,
                problem: cells.cell("problem")?,
            })
        };
        rows.iter().map(row).collect()
    }

    /// Records what was found, as the result of everything that was asked for until then.
    pub async fn record_check(&self, found: &ChainCheckRow) -> Result<()> {
        let sql = "UPDATE audit_checks SET finished_at = $2, events = $3, waiting = $4, problem = $5 \
             WHERE asked_at <= $1 AND finished_at IS NULL";
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let (events, waiting) = (count(found.events), count(found.waiting));
        let values = values![found.asked_at, found.finished_at, events, waiting, &found.problem];
        self.store.db.execute(sql, values).await?;
        Ok(())
    }

    /// Removes older checks.
    pub async fn expire_checks(&self, before: Millis) -> Result<()> {
        self.store.db.execute("DELETE FROM audit_checks WHERE asked_at < $1", values![before]).await?;
        Ok(())
    }
}
