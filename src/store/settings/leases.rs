//! Leases: of several processes that could do a job, one does it.

use crate::domain::{MINUTE, Millis};

use crate::store::SettingsStore;
use crate::store::engine::error::Result;
use crate::store::engine::value::values;

impl SettingsStore<'_> {
    /// Takes or extends a lease. False while another holder's is valid. A lease that ends more than a minute
    /// later than any lease can was taken by a clock that was ahead, and is ignored.
    pub async fn acquire_lease(&self, name: &str, holder: &str, until: Millis, now: Millis) -> Result<bool> {
        let sql = "INSERT INTO leases (name, holder, held_until) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until \
             WHERE leases.held_until <= $4 OR leases.holder = excluded.holder OR leases.held_until > $5";
        Ok(self.store.db.execute(sql, values![name, holder, until, now, until + MINUTE]).await? == 1)
    }

    /// True while somebody holds this lease. One that ends much later was taken by a clock that was ahead.
    pub async fn is_lease_held(&self, name: &str, now: Millis) -> Result<bool> {
        let sql = "SELECT holder FROM leases WHERE name = $1 AND held_until > $2 AND held_until <= $3";
        Ok(self.store.db.row(sql, values![name, now, now + 2 * MINUTE]).await?.is_some())
    }

    /// Releases a lease, unless another holder has it.
    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<()> {
        let sql = "DELETE FROM leases WHERE name = $1 AND holder = $2";
        self.store.db.execute(sql, values![name, holder]).await?;
        Ok(())
    }
}
