//! Store signing keys. Every change names the generation that the caller has read, so that two nodes that
//! rotate at once make one set.

use crate::domain::Millis;
use crate::domain::audit::Event;
use crate::domain::client::SigningAlgorithm;
use crate::domain::secret::Sealed;
use crate::domain::signing_key::KeyState;

use crate::store::SettingsStore;
use crate::store::engine::error::{Result, StoreError};
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{Cells, DbRow};
use crate::store::engine::value::values;
use crate::store::trail::audit;

/// A stored signing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// Its thumbprint (RFC 7638).
    pub kid: String,
    pub alg: SigningAlgorithm,
    pub state: KeyState,
    pub public_jwk: String,
    pub sealed_private: Sealed,
    pub created_at: Millis,
    pub state_since: Millis,
}

/// One step of a change of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyChange {
    Put(KeyRow),
    /// Moves a key to another state at the given time.
    State {
        kid: String,
        state: KeyState,
        since: Millis,
    },
    /// Its private part is sealed under another sealing key.
    Reseal {
        kid: String,
        sealed_private: Sealed,
    },
    Remove {
        kid: String,
    },
}

/// The result of changing the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum KeysOutcome {
    /// All steps are written.
    Changed,
    /// Another node has changed the set in between; nothing was written.
    Overtaken,
}

const GENERATION: &str = "keys";

impl SettingsStore<'_> {
    /// All keys, the oldest first, and the generation of the set.
    pub async fn signing_keys(&self) -> Result<(i64, Vec<KeyRow>)> {
        // The generation first: if the set changes in between, a change based on it is refused.
        let generation = self.store.generation(GENERATION).await?;
        let sql = "SELECT kid, alg, state, public_jwk, sealed_private, created_at, state_since FROM signing_keys \
             ORDER BY created_at, kid";
        let rows = self.store.db.rows(sql, Vec::new()).await?;
        Ok((generation, rows.iter().map(key).collect::<Result<_>>()?))
    }

    /// The generation of the set: cheap, for processes that keep the keys in memory.
    pub async fn keys_generation(&self) -> Result<i64> {
        self.store.generation(GENERATION).await
    }

    /// Applies all steps in order if the set still has the generation `expected`.
    pub async fn change_keys(
        &self,
        expected: i64,
        changes: &[KeyChange],
        event: Option<&Event>,
    ) -> Result<KeysOutcome> {
        retry(|| self.try_change_keys(expected, changes, event)).await
    }

    async fn try_change_keys(
        &self,
        expected: i64,
        changes: &[KeyChange],
        event: Option<&Event>,
    ) -> Result<KeysOutcome> {
        let mut tx = self.store.db.begin().await?;
        let sql = "UPDATE generations SET value = value + 1 WHERE name = $1 AND value = $2";
        if tx.execute(sql, values![GENERATION, expected]).await? == 0 {
            return Ok(KeysOutcome::Overtaken);
        }
        for change in changes {
            match change {
                KeyChange::Put(row) => {
                    let sql = "INSERT INTO signing_keys \
                         (kid, alg, state, public_jwk, sealed_private, created_at, state_since) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7)";
                    let values = values![
                        &row.kid,
                        row.alg.as_str(),
                        row.state.as_str(),
                        &row.public_jwk,
                        &row.sealed_private,
                        row.created_at,
                        row.state_since,
                    ];
                    tx.execute(sql, values).await?
                }
                KeyChange::State { kid, state, since } => {
                    let sql = "UPDATE signing_keys SET state = $2, state_since = $3 WHERE kid = $1";
                    tx.execute(sql, values![kid, state.as_str(), *since]).await?
                }
                KeyChange::Reseal { kid, sealed_private } => {
                    let sql = "UPDATE signing_keys SET sealed_private = $2 WHERE kid = $1";
                    tx.execute(sql, values![kid, sealed_private]).await?
                }
                KeyChange::Remove { kid } => {
                    tx.execute("DELETE FROM signing_keys WHERE kid = $1", values![kid]).await?
                }
            };
        }
        if let Some(event) = event {
            audit::insert(&mut tx, event).await?;
        }
        tx.commit().await?;
        Ok(KeysOutcome::Changed)
    }
}

fn key(row: &DbRow) -> Result<KeyRow> {
    row.of("signing_keys", "kid").try_into()
}

impl TryFrom<Cells<'_>> for KeyRow {
    type Error = StoreError;

    fn try_from(cells: Cells<'_>) -> Result<Self> {
        let alg = |word: String| SigningAlgorithm::ALL.into_iter().find(|alg| alg.as_str() == word);
        let row = Self {
            kid: cells.cell("kid")?,
            alg: cells.parsed("alg", alg)?,
            state: cells.word("state", KeyState::parse)?,
            public_jwk: cells.cell("public_jwk")?,
            sealed_private: Sealed(cells.cell("sealed_private")?),
            created_at: cells.cell("created_at")?,
            state_since: cells.cell("state_since")?,
        };
        if row.state_since < row.created_at {
            return Err(cells.corrupt("state_since is before created_at"));
        }
        Ok(row)
    }
}
