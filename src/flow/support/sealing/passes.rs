//! Seal the stored values again, and count them by key.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use super::SealingError;
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::audit_change::ValueChange;
use crate::flow::account::factors;
use crate::flow::installation::context::OperationParts;
use crate::flow::installation::fault::Fault;
use crate::flow::installation::rotation;
use crate::flow::settings;
use crate::keys::{KeyId, KeyRecord, Sealer};
use crate::store::{KeyChange, KeysOutcome, Resealed};

/// How often a command tries again if other processes write at the same time.
const TRIES: usize = 5;
/// How many factors are written in one transaction.
const PAGE: u32 = 500;

/// What one pass has sealed again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    pub signing_keys: usize,
    pub settings: usize,
    pub factors: u64,
}

impl Pass {
    pub(super) fn is_empty(self) -> bool {
        self == Self::default()
    }
}

impl AddAssign for Pass {
    fn add_assign(&mut self, other: Self) {
        self.signing_keys += other.signing_keys;
        self.settings += other.settings;
        self.factors += other.factors;
    }
}

/// Seals the signing keys under this key in one step that every process notices, and then seals with it.
pub(super) async fn signing_keys(
    parts: &OperationParts,
    key: KeyId,
    actor: &Actor,
) -> Result<usize, SealingError> {
    for _ in 0..TRIES {
        let (generation, rows) = parts.store.settings().signing_keys().await?;
        parts.keys.sealer.put_in_force(key)?;
        let (mut changes, mut before) = (Vec::new(), None);
        for row in &rows {
            if let Some(sealed) = KeyRecord::resealed(&row.kid, &row.sealed_private, &parts.keys.sealer)? {
                before = Sealer::key_of(&row.sealed_private).or(before);
                changes.push(KeyChange::Reseal { kid: row.kid.clone(), sealed_private: sealed });
            }
        }
        if changes.is_empty() {
            return Ok(0);
        }
        let event = Event::new(parts.now(), Decision::KeysRotated).by(actor);
        let event = Event { cause: Some("sealing_begun".to_owned()), ..event }.changing([ValueChange {
            before: before.map(|id| id.to_string()),
            ..ValueChange::added("sealing_key", key)
        }]);
        let outcome = parts.store.settings().change_keys(generation, &changes, Some(&event)).await?;
        rotation::load(parts).await?;
        if outcome == KeysOutcome::Changed {
            return Ok(changes.len());
        }
    }
    Err(SealingError::Overtaken)
}

/// Seals everything else under the current key. What opens under no available key stays as it is.
pub(super) async fn others(parts: &OperationParts) -> Result<Pass, SealingError> {
    let settings = settings::reseal(&parts.store, &parts.keys.sealer).await?;
    let (mut factors, mut after) = (0, String::new());
    loop {
        let page = parts.store.settings().sealed_factors(&after, PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after = last.0.clone();
        let again = page.into_iter().filter_map(|(id, old)| {
            let new = factors::resealed(&parts.keys.sealer, &id, &old).ok()??;
            Some(Resealed { id, old, new })
        });
        let again: Vec<_> = again.collect();
        if !again.is_empty() {
            factors += parts.store.settings().reseal_factors(&again).await?;
        }
    }
    Ok(Pass { signing_keys: 0, settings, factors })
}

/// How many values are under one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    pub signing_keys: u64,
    pub settings: u64,
    pub factors: u64,
}

/// What the store holds under each key; under `None` what earlier versions sealed without naming the key.
pub async fn holdings(parts: &OperationParts) -> Result<BTreeMap<Option<KeyId>, Holding>, Fault> {
    let mut all: BTreeMap<Option<KeyId>, Holding> = BTreeMap::new();
    for row in parts.store.settings().signing_keys().await?.1 {
        all.entry(Sealer::key_of(&row.sealed_private)).or_default().signing_keys += 1;
    }
    for key in settings::keys_of_versions(&parts.store, &parts.keys.sealer).await? {
        all.entry(key).or_default().settings += 1;
    }
    let mut after = String::new();
    loop {
        let page = parts.store.settings().sealed_factors(&after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        after = last.0.clone();
        for (_, sealed) in &page {
            all.entry(Sealer::key_of(sealed)).or_default().factors += 1;
        }
    }
}
