//! The settings document and its versions. Every transaction that issues something compares its generation.

use crate::domain::Millis;
use crate::domain::admin::Actor;
use crate::domain::audit::Event;
use crate::domain::secret::Hashed;

use crate::store::SettingsStore;
use crate::store::delivery::{self, DeliveryTarget};
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::values;
use crate::store::identity::logouts;
use crate::store::login::grants;
use crate::store::trail::audit;

/// A version of the settings document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsVersion {
    pub generation: i64,
    /// The version that last changed the policy of the second factor.
    pub policy_generation: i64,
    pub document: String,
    /// The caller's keyed digest of all fields; `None` in a row that no caller wrote.
    pub mark: Option<Vec<u8>>,
}

/// A version to be saved.
#[derive(Clone, Copy, Debug)]
pub struct NewSettings<'a> {
    /// The version that last changed the policy of the second factor: this one, or that of its predecessor.
    pub policy_generation: i64,
    pub document: &'a str,
    /// The caller's keyed digest.
    pub mark: &'a Hashed,
    /// The ids of clients that it adds or removes: what was given under them ends.
    pub changed_clients: &'a [String],
    /// The services that accounts are delivered to from now on.
    pub targets: &'a [DeliveryTarget],
}

/// The result of saving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveOutcome {
    /// Valid from now on, with this generation.
    Saved(i64),
    /// Another version was saved in between; nothing was written.
    Conflict,
}

impl SettingsStore<'_> {
    /// The current document; `None` before the first was saved.
    pub async fn settings(&self) -> Result<Option<SettingsVersion>> {
        let sql = "SELECT generation, policy_generation, document, mark FROM settings_versions \
             ORDER BY generation DESC LIMIT 1";
        self.store.db.row(sql, Vec::new()).await?.as_ref().map(version).transpose()
    }

    /// The version of this generation.
    pub async fn settings_version(&self, generation: i64) -> Result<Option<SettingsVersion>> {
        let sql = "SELECT generation, policy_generation, document, mark FROM settings_versions \
             WHERE generation = $1";
        self.store.db.row(sql, values![generation]).await?.as_ref().map(version).transpose()
    }

    /// The current generation; 0 before the first.
    pub async fn settings_generation(&self) -> Result<i64> {
        let sql = "SELECT coalesce(max(generation), 0) AS generation FROM settings_versions";
        let row = self.store.db.row(sql, Vec::new()).await?;
        row.map_or(Ok(0), |row| row.of("settings_versions", "generation").cell("generation"))
    }

    /// Saves a version on top of the one that the caller changed (generation 0 for the first).
    pub async fn save_settings(
        &self,
        expected: i64,
        version: NewSettings<'_>,
        event: &Event,
    ) -> Result<SaveOutcome> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            if !insert(&mut tx, expected, version, event).await? {
                return Ok(SaveOutcome::Conflict);
            }
            tx.commit().await?;
            Ok(SaveOutcome::Saved(expected + 1))
        })
        .await
    }
}

/// Ends what is stored under the id of a client: its grants, the sessions of whose end it would be told, and the
/// answers to its requests as a script.
/// Another client with the same id inherits neither. Codes end with the generation of the settings.
async fn end_client(tx: &mut Tx, id: &str, now: Millis) -> Result<()> {
    grants::end_of_client(tx, id, now).await?;
    logouts::forget_client(tx, id).await?;
    let sql = "DELETE FROM admin_idempotency WHERE actor = $1";
    tx.execute(sql, values![Actor::name_of_client(id)]).await?;
    Ok(())
}

/// Saves a version with its event. False, and nothing is written, if another one was saved in between.
pub(in crate::store) async fn insert(
    tx: &mut Tx,
    expected: i64,
    version: NewSettings<'_>,
    event: &Event,
) -> Result<bool> {
    let sql = "INSERT INTO settings_versions (generation, document, saved_at, policy_generation, mark) \
         SELECT $1, $2, $3, $5, $6 WHERE (SELECT coalesce(max(generation), 0) FROM settings_versions) = $4 \
         ON CONFLICT (generation) DO NOTHING";
    let NewSettings { policy_generation, document, mark, changed_clients, targets } = version;
    let new = values![expected + 1, document, event.at, expected, policy_generation, mark];
    if tx.execute(sql, new).await? == 0 {
        return Ok(false);
    }
    for id in changed_clients {
        end_client(tx, id, event.at).await?;
    }
    delivery::set_targets(tx, targets, event.at).await?;
    audit::insert(tx, event).await?;
    Ok(true)
}

pub(in crate::store) fn version(row: &DbRow) -> Result<SettingsVersion> {
    let cells = row.of("settings_versions", "generation");
    Ok(SettingsVersion {
        generation: cells.cell("generation")?,
        policy_generation: cells.cell("policy_generation")?,
        document: cells.cell("document")?,
        mark: cells.cell("mark")?,
    })
}
