//! Refresh PostgreSQL's statistics of tables that grow fast. PostgreSQL plans by the statistics that it last
//! gathered, and refreshes them about once a minute: a table that was empty then is planned as small, and
//! each page of an initial sync would scan all rows written before it. So `ANALYZE` runs whenever the rows
//! have doubled. SQLite plans without statistics.

use super::sql::Db;
use crate::store::Store;

/// Below this a full scan is fast anyway.
const SMALL: u64 = 1_000;

impl Store {
    /// Runs `ANALYZE` if the number of rows has doubled from `before` to `after`.
    pub(crate) async fn refresh_statistics(&self, before: u64, after: u64) {
        if let Db::Postgres(_) = &self.db
            && has_doubled(before, after)
        {
            let analyzed =
                self.db.execute("ANALYZE mirror_objects, mirror_members, accounts", Vec::new()).await;
            if let Err(error) = analyzed {
                tracing::debug!(%error, "ANALYZE of the growing tables failed");
            }
        }
    }
}

/// Whether a power of two lies between the two numbers.
fn has_doubled(before: u64, after: u64) -> bool {
    after >= SMALL && before.checked_ilog2() < after.checked_ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_doubling_is_noticed_once() {
        let pages: Vec<u64> = (0..=20).map(|page| page * 1_000).collect();
        let seen = pages.windows(2).filter(|pair| has_doubled(pair[0], pair[1])).count();
        assert_eq!(seen, 6, "at 1,000, 2,000 (above 1,024), 3,000, 5,000, 9,000 and 17,000");
        assert!(!has_doubled(0, 999) && !has_doubled(5_000, 5_000) && !has_doubled(0, 0));
        assert!(has_doubled(0, 70_000));
    }
}
