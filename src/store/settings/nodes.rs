//! Record the running server processes, so that a command can wait for all of them.

use crate::domain::{DAY, Millis};

use crate::store::SettingsStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::value::values;

/// A running server process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRow {
    /// Random, drawn at its start.
    pub id: String,
    pub host: String,
    /// The sealing keys that it has; it seals with the first.
    pub sealing_keys: Vec<String>,
    /// When it last reported.
    pub noted_at: Millis,
}

impl SettingsStore<'_> {
    /// Records a process, and forgets those that have not reported for a day.
    pub async fn note_node(&self, node: &NodeRow) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let sql = "INSERT INTO nodes (id, host, sealing_keys, noted_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (id) DO UPDATE SET sealing_keys = excluded.sealing_keys, noted_at = excluded.noted_at";
            tx.execute(sql, values![&node.id, &node.host, node.sealing_keys.join(" "), node.noted_at]).await?;
            tx.execute("DELETE FROM nodes WHERE noted_at < $1", values![node.noted_at - DAY]).await?;
            tx.commit().await
        })
        .await
    }

    /// The processes that have reported since then.
    pub async fn nodes(&self, since: Millis) -> Result<Vec<NodeRow>> {
        let sql = "SELECT id, host, sealing_keys, noted_at FROM nodes WHERE noted_at >= $1 ORDER BY host, id";
        let rows = self.store.db.rows(sql, values![since]).await?;
        let node = |row: &crate::store::engine::sql::DbRow| {
            let cells = row.of("nodes", "id");
            let keys: String = cells.cell("sealing_keys")?;
            Ok(NodeRow {
                id: cells.cell("id")?,
                host: cells.cell("host")?,
                sealing_keys: keys.split_whitespace().map(str::to_owned).collect(),
                noted_at: cells.cell("noted_at")?,
            })
        };
        rows.iter().map(node).collect()
    }

    /// Forgets a process that stops.
    pub async fn forget_node(&self, id: &str) -> Result<()> {
        self.store.db.execute("DELETE FROM nodes WHERE id = $1", values![id]).await?;
        Ok(())
    }
}
