//! Record when a directory was last synced completely. These rows are never cleaned up.

use crate::domain::Millis;
use crate::domain::entry::DirectoryId;

use super::ids::RunId;
use crate::store::SyncStore;
use crate::store::engine::error::Result;
use crate::store::engine::sql::Tx;
use crate::store::engine::value::values;

impl SyncStore<'_> {
    /// When the last complete sync of this directory began; `None` if there was none.
    pub async fn completed_at(&self, directory: &DirectoryId) -> Result<Option<Millis>> {
        self.fact(&format!("imported:{directory}")).await
    }

    pub(in crate::store) async fn fact(&self, name: &str) -> Result<Option<Millis>> {
        let row = self.store.db.row("SELECT name, at FROM facts WHERE name = $1", values![name]).await?;
        row.map(|row| row.of("facts", "name").cell("at")).transpose()
    }
}

/// Records that a run was complete, in the transaction that closes it.
pub(in crate::store) async fn record(tx: &mut Tx, run: RunId) -> Result<()> {
    let sql = "INSERT INTO facts (name, at) SELECT 'imported:' || directory, started_at FROM runs WHERE id = $1 \
         ON CONFLICT (name) DO UPDATE SET at = excluded.at";
    tx.execute(sql, values![run.0]).await?;
    Ok(())
}
