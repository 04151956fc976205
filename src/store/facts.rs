//! What must be known for good, whatever is cleaned away: when a directory was last imported to the end, when accounts
//! were last loaded. Whether an account may be tied to an entry by its mail depends on both.

use crate::domain::Millis;
use crate::domain::entry::DirectoryId;

use super::Store;
use super::error::Result;
use super::runs::RunId;
use super::sql::Tx;
use super::value::values;

const ACCOUNTS_LOADED: &str = "accounts_loaded";

impl Store {
    /// When the last import of this directory that came to its end began; `None`: there never was one.
    pub async fn imported_at(&self, directory: &DirectoryId) -> Result<Option<Millis>> {
        self.fact(&format!("imported:{directory}")).await
    }

    /// When accounts were last loaded from a file; `None`: never.
    pub async fn accounts_loaded_at(&self) -> Result<Option<Millis>> {
        self.fact(ACCOUNTS_LOADED).await
    }

    async fn fact(&self, name: &str) -> Result<Option<Millis>> {
        let row = self.db.row("SELECT name, at FROM facts WHERE name = $1", values![name]).await?;
        row.map(|row| row.of("facts", "name").cell("at")).transpose()
    }
}

/// Notes that accounts were loaded, in the transaction that loads them.
pub(super) async fn accounts_loaded(tx: &mut Tx, at: Millis) -> Result<()> {
    let sql =
        "INSERT INTO facts (name, at) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET at = excluded.at";
    tx.execute(sql, values![ACCOUNTS_LOADED, at]).await?;
    Ok(())
}

/// Forgets that a directory was ever imported, in the transaction that takes links back: the next import stands where the
/// first one stood, and may make them again.
pub(super) async fn not_imported(tx: &mut Tx, directory: &DirectoryId) -> Result<()> {
    tx.execute("DELETE FROM facts WHERE name = $1", values![format!("imported:{directory}")]).await?;
    Ok(())
}

/// Notes that a run came to its end, in the transaction that closes it.
pub(super) async fn imported(tx: &mut Tx, run: RunId) -> Result<()> {
    let sql = "INSERT INTO facts (name, at) SELECT 'imported:' || directory, started_at FROM runs WHERE id = $1 \
         ON CONFLICT (name) DO UPDATE SET at = excluded.at";
    tx.execute(sql, values![run.0]).await?;
    Ok(())
}
