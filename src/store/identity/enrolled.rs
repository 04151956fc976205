//! Count who has a second factor.

use crate::domain::entry::{DirectoryId, EntryId};
use crate::store::IdentityStore;
use crate::store::engine::bulk;
use crate::store::engine::error::Result;
use crate::store::engine::value::{Value, values};

impl IdentityStore<'_> {
    /// How many accounts are active, and how many of them have a factor.
    pub async fn count_people(&self) -> Result<(i64, i64)> {
        let sql = "SELECT count(*) AS people, count(CASE WHEN has_factor = 1 THEN 1 END) AS enrolled \
             FROM accounts WHERE status = 'active'";
        let row = self.store.db.row(sql, Vec::new()).await?;
        row.map_or(Ok((0, 0)), |row| {
            let cells = row.of("accounts", "people");
            Ok((cells.cell("people")?, cells.cell("enrolled")?))
        })
    }

    /// How many of these entries have an active account without a factor.
    pub async fn count_without_factor(&self, directory: &DirectoryId, entries: &[EntryId]) -> Result<i64> {
        let sql = "SELECT id FROM accounts WHERE directory = $1 AND status = 'active' \
             AND has_factor = 0 AND entry IN";
        let entries = entries.iter().map(|id| Value::from(*id)).collect();
        let rows = bulk::read_in(&self.store.db, sql, values![directory], entries).await?;
        Ok(i64::try_from(rows.len()).unwrap_or(i64::MAX))
    }
}
