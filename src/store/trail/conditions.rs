//! Conditions on events of the audit trail. Events are read by their id, which grows with time: a period is
//! first turned into a range of ids.

use std::ops::Range;

use crate::domain::account::AccountId;
use crate::domain::entry::DirectoryId;
use crate::domain::{HOUR, Millis};

use crate::store::engine::error::Result;
use crate::store::engine::select::SelectBuilder;
use crate::store::engine::sql::{Db, Sql};
use crate::store::engine::value::{Value, values};

/// How much later than others an event of the same time may be written: while the database was away, it was
/// kept in memory.
const SLACK: Millis = HOUR;

/// Conditions on events; all of them hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditConditions {
    pub decision: Option<String>,
    /// Who did it, as the trail names an admin.
    pub actor: Option<String>,
    pub account: Option<AccountId>,
    pub client: Option<String>,
    pub directory: Option<DirectoryId>,
    /// At this time or later.
    pub from: Option<Millis>,
    /// Before this time.
    pub until: Option<Millis>,
    /// True to read the oldest first.
    pub oldest_first: bool,
}

impl AuditConditions {
    /// The `SELECT` of events with these ids.
    pub(super) fn select(&self, select: &'static str, ids: &Range<i64>, limit: u32) -> (Sql, Vec<Value>) {
        let mut select = SelectBuilder::new(select).and("id <", Some(ids.end)).and("id >=", Some(ids.start));
        // Each with its index, the most selective first. Only the first one may use it: SQLite keeps no
        // statistics and could choose the index of the least selective one.
        let indexed = [
            ("account =", "(account || '') =", self.account.as_ref().map(Value::from)),
            ("actor =", "(actor || '') =", self.actor.as_ref().map(Value::from)),
            ("decision =", "(decision || '') =", self.decision.as_ref().map(Value::from)),
        ];
        let mut is_served = false;
        for (by_index, by_row, value) in indexed {
            let given = value.is_some();
            select = select.and(if is_served { by_row } else { by_index }, value);
            is_served |= given;
        }
        select
            .and("client_id =", self.client.as_ref())
            .and("directory =", self.directory.as_ref())
            .and("at >=", self.from)
            .and("at <", self.until)
            .order(if self.oldest_first { "id" } else { "id DESC" }, limit)
    }

    /// Between which ids the events of the period are, and those beyond the event `beyond` in the order.
    pub(super) async fn ids(&self, db: &Db, beyond: Option<i64>) -> Result<Range<i64>> {
        let start = match self.from {
            Some(from) => first_id_since(db, from.saturating_sub(SLACK)).await?,
            None => i64::MIN,
        };
        let end = match self.until {
            Some(until) => first_id_since(db, until.saturating_add(SLACK)).await?,
            None => i64::MAX,
        };
        Ok(match beyond {
            Some(id) if self.oldest_first => start.max(id.saturating_add(1))..end,
            Some(id) => start..end.min(id),
            None => start..end,
        })
    }
}

/// The id of the first event at this time or later, found by halving; behind the last one if there is none.
pub(super) async fn first_id_since(db: &Db, at: Millis) -> Result<i64> {
    let sql = "SELECT coalesce((SELECT min(id) FROM audit), 0) AS low, coalesce((SELECT max(id) FROM audit), 0) AS high";
    let Some(row) = db.row(sql, Vec::new()).await? else { return Ok(0) };
    let cells = row.of("audit", "low");
    let (mut low, mut high): (i64, i64) = (cells.cell("low")?, cells.cell::<i64>("high")? + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let sql = "SELECT id, at FROM audit WHERE id >= $1 ORDER BY id LIMIT 1";
        let Some(row) = db.row(sql, values![middle]).await? else { return Ok(middle) };
        let cells = row.of("audit", "id");
        match cells.cell::<Millis>("at")? < at {
            true => low = cells.cell::<i64>("id")? + 1,
            false => high = middle,
        }
    }
    Ok(low)
}
