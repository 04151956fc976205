//! The settings document and all its earlier versions. Its number is compared in every issuing transaction.

use crate::domain::audit::Event;

use super::error::Result;
use super::value::values;
use super::{Store, audit};

/// How saving went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveOutcome {
    /// In force, with this generation.
    Saved(i64),
    /// Somebody saved another version in between; nothing was written.
    Conflict,
}

impl Store {
    /// The document in force and its generation; `None` before the first was saved.
    pub async fn settings(&self) -> Result<Option<(i64, String)>> {
        let sql = "SELECT generation, document FROM settings_versions ORDER BY generation DESC LIMIT 1";
        let Some(row) = self.db.row(sql, Vec::new()).await? else { return Ok(None) };
        let cells = row.of("settings_versions", "generation");
        Ok(Some((cells.cell("generation")?, cells.cell("document")?)))
    }

    /// The generation in force; 0 before the first.
    pub async fn settings_generation(&self) -> Result<i64> {
        let sql = "SELECT coalesce(max(generation), 0) AS generation FROM settings_versions";
        let row = self.db.row(sql, Vec::new()).await?;
        row.map_or(Ok(0), |row| row.of("settings_versions", "generation").cell("generation"))
    }

    /// Saves a version on top of the one that the caller changed (0 for the first).
    pub async fn save_settings(&self, expected: i64, document: &str, event: &Event) -> Result<SaveOutcome> {
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO settings_versions (generation, document, saved_at) \
             SELECT $1, $2, $3 WHERE (SELECT coalesce(max(generation), 0) FROM settings_versions) = $4 \
             ON CONFLICT (generation) DO NOTHING";
        let new = expected + 1;
        if tx.execute(sql, values![new, document, event.at, expected]).await? == 0 {
            return Ok(SaveOutcome::Conflict);
        }
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(SaveOutcome::Saved(new))
    }
}
