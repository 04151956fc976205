//! What the charts of the panel show, an hour each: events counted from the audit log by a job, and measured
//! values. Nothing of it is written by a sign-in.

use super::conditions::first_id_since;
use crate::domain::{HOUR, Millis};
use crate::store::LoginStore;
use crate::store::engine::bulk;
use crate::store::engine::error::Result;
use crate::store::engine::value::values;

/// How much later than others an event of the same hour may be written.
const SLACK: Millis = HOUR;

/// How often an event with this cause happened within an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedHour {
    /// The beginning of the hour.
    pub hour: Millis,
    pub decision: String,
    /// Empty if the event has none.
    pub cause: String,
    pub times: i64,
}

/// A value that was measured within an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasuredHour {
    pub hour: Millis,
    /// What the value is of, such as a directory.
    pub label: String,
    pub value: i64,
}

/// Which of the values of an hour is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptValue {
    Newest,
    Highest,
}

impl LoginStore<'_> {
    /// The events of the audit log from this time on, counted.
    pub async fn count_events(&self, from: Millis) -> Result<Vec<CountedHour>> {
        let sql = "SELECT at / 3600000 * 3600000 AS hour, decision, coalesce(cause, '') AS cause, \
             CAST(sum(times) AS BIGINT) AS times FROM audit WHERE id >= $1 AND at >= $2 GROUP BY 1, 2, 3";
        let first = first_id_since(&self.store.db, from - SLACK).await?;
        self.counted(sql, vec![first, from]).await
    }

    /// Replaces counts of hours.
    pub async fn write_counts(&self, counts: &[CountedHour]) -> Result<()> {
        let rows = counts
            .iter()
            .map(|count| values![count.hour, count.decision.as_str(), count.cause.as_str(), count.times]);
        let mut tx = self.store.db.begin().await?;
        let head = "INSERT INTO audit_hours (hour, decision, cause, times) VALUES";
        let tail = "ON CONFLICT (hour, decision, cause) DO UPDATE SET times = excluded.times";
        bulk::execute_rows(&mut tx, head, tail, rows.collect()).await?;
        tx.commit().await
    }

    /// The counts from this hour on.
    pub async fn counts_since(&self, from: Millis) -> Result<Vec<CountedHour>> {
        let sql = "SELECT hour, decision, cause, times FROM audit_hours WHERE hour >= $1 ORDER BY hour";
        self.counted(sql, vec![from]).await
    }

    /// The newest hour that has a count.
    pub async fn newest_count(&self) -> Result<Option<Millis>> {
        let row = self.store.db.row("SELECT max(hour) AS hour FROM audit_hours", Vec::new()).await?;
        row.map_or(Ok(None), |row| row.of("audit_hours", "hour").cell("hour"))
    }

    /// Records measured values.
    pub async fn measure(&self, measure: &str, kept: KeptValue, values: &[MeasuredHour]) -> Result<()> {
        let rows =
            values.iter().map(|one| values![one.hour, measure, one.label.as_str(), one.value]).collect();
        let mut tx = self.store.db.begin().await?;
        let head = "INSERT INTO measured_hours (hour, measure, label, value) VALUES";
        let tail = match kept {
            KeptValue::Newest => "ON CONFLICT (hour, measure, label) DO UPDATE SET value = excluded.value",
            KeptValue::Highest => {
                "ON CONFLICT (hour, measure, label) DO UPDATE SET value = excluded.value \
                 WHERE measured_hours.value < excluded.value"
            }
        };
        bulk::execute_rows(&mut tx, head, tail, rows).await?;
        tx.commit().await
    }

    /// The measured values from this hour on, the oldest first.
    pub async fn measured_since(&self, measure: &str, from: Millis) -> Result<Vec<MeasuredHour>> {
        let sql = "SELECT hour, label, value FROM measured_hours \
             WHERE hour >= $1 AND measure = $2 ORDER BY hour, label";
        let rows = self.store.db.rows(sql, values![from, measure]).await?;
        let row = |row: &_| {
            let cells = crate::store::engine::sql::DbRow::of(row, "measured_hours", "label");
            Ok(MeasuredHour {
                hour: cells.cell("hour")?,
                label: cells.cell("label")?,
                value: cells.cell("value")?,
            })
        };
        rows.iter().map(row).collect()
    }

    /// Removes what is older.
    pub async fn expire_hours(&self, before: Millis) -> Result<()> {
        self.store.db.execute("DELETE FROM audit_hours WHERE hour < $1", values![before]).await?;
        self.store.db.execute("DELETE FROM measured_hours WHERE hour < $1", values![before]).await?;
        Ok(())
    }

    async fn counted(&self, sql: &'static str, numbers: Vec<i64>) -> Result<Vec<CountedHour>> {
        let rows = self.store.db.rows(sql, numbers.into_iter().map(Into::into).collect()).await?;
        let row = |row: &_| {
            let cells = crate::store::engine::sql::DbRow::of(row, "audit_hours", "hour");
            Ok(CountedHour {
                hour: cells.cell("hour")?,
                decision: cells.cell("decision")?,
                cause: cells.cell("cause")?,
                times: cells.cell("times")?,
            })
        };
        rows.iter().map(row).collect()
    }
}
