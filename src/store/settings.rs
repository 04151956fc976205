//! The settings document and all its earlier versions. Its number is compared in every issuing transaction.

use crate::domain::audit::Event;

use super::error::Result;
use super::value::values;
use super::{Store, audit};

/// One version of the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsVersion {
    /// Its number.
    pub generation: i64,
    /// The number of the version that last changed the policy of the second factor.
    pub policy_generation: i64,
    /// What it says.
    pub document: String,
}

/// How saving went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveOutcome {
    /// In force, with this generation.
    Saved(i64),
    /// Somebody saved another version in between; nothing was written.
    Conflict,
}

impl Store {
    /// The document in force; `None` before the first was saved.
    pub async fn settings(&self) -> Result<Option<SettingsVersion>> {
        let sql = "SELECT generation, policy_generation, document FROM settings_versions \
             ORDER BY generation DESC LIMIT 1";
        let Some(row) = self.db.row(sql, Vec::new()).await? else { return Ok(None) };
        let cells = row.of("settings_versions", "generation");
        Ok(Some(SettingsVersion {
            generation: cells.cell("generation")?,
            policy_generation: cells.cell("policy_generation")?,
            document: cells.cell("document")?,
        }))
    }

    /// The generation in force; 0 before the first.
    pub async fn settings_generation(&self) -> Result<i64> {
        let sql = "SELECT coalesce(max(generation), 0) AS generation FROM settings_versions";
        let row = self.db.row(sql, Vec::new()).await?;
        row.map_or(Ok(0), |row| row.of("settings_versions", "generation").cell("generation"))
    }

    /// Saves a version on top of the one that the caller changed (generation 0 for the first). `new_policy`: it changes
    /// the policy of the second factor.
    pub async fn save_settings(
        &self,
        expected: i64,
        document: &str,
        new_policy: bool,
        event: &Event,
    ) -> Result<SaveOutcome> {
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO settings_versions (generation, document, saved_at, policy_generation) \
             SELECT $1, $2, $3, CASE WHEN $5 = 1 THEN $1 ELSE coalesce(\
             (SELECT policy_generation FROM settings_versions WHERE generation = $4), 0) END WHERE (SELECT coalesce(max(generation), 0) FROM settings_versions) = $4 \
             ON CONFLICT (generation) DO NOTHING";
        let new = expected + 1;
        if tx.execute(sql, values![new, document, event.at, expected, i64::from(new_policy)]).await? == 0 {
            return Ok(SaveOutcome::Conflict);
        }
        audit::insert(&mut tx, event).await?;
        tx.commit().await?;
        Ok(SaveOutcome::Saved(new))
    }
}
