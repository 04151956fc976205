//! What a page says of a target as a whole: how fast it is, and why it refuses people.

use std::collections::BTreeMap;

use crate::domain::Millis;
use crate::domain::delivery::RefusalCause;
use crate::store::DeliveryStore;
use crate::store::engine::error::Result;
use crate::store::engine::value::values;

/// A row without an open wish has the time of its delivery in `dirty_since`.
const DELIVERED: &str = "SELECT count(*) AS many FROM deliveries \
     WHERE target = $1 AND wished = delivered AND delivered > 0 AND dirty_since >= $2";
/// Three letters of the words are enough for the cause.
const REFUSALS: &str = "SELECT substr(words, 1, 3) AS head, count(*) AS many FROM deliveries \
     WHERE target = $1 AND wished > delivered AND quarantined_at IS NOT NULL GROUP BY substr(words, 1, 3)";

impl DeliveryStore<'_> {
    /// How many people and Team Shares were delivered last at this time or later: each counts once.
    pub async fn delivered_since(&self, target: &str, since: Millis) -> Result<u64> {
        let row = self.store.db.row(DELIVERED, values![target, since]).await?;
        row.map_or(Ok(0), |row| {
            row.of("deliveries", "many").parsed("many", |many: i64| u64::try_from(many).ok())
        })
    }

    /// How many are in quarantine, by the cause.
    pub async fn refusals(&self, target: &str) -> Result<BTreeMap<RefusalCause, u64>> {
        let mut refusals = BTreeMap::new();
        for row in &self.store.db.rows(REFUSALS, values![target]).await? {
            let cells = row.of("deliveries", "head");
            let head: Option<String> = cells.cell("head")?;
            let many: u64 = cells.parsed("many", |many: i64| u64::try_from(many).ok())?;
            *refusals.entry(RefusalCause::of_words(&head.unwrap_or_default())).or_default() += many;
        }
        Ok(refusals)
    }
}
