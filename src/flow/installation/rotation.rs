//! The signing keys in force: read from the store, created at the first start, rotated on schedule or
//! command.

use crate::domain::audit::{Decision, Event};
use crate::domain::settings::Settings;
use crate::domain::{DAY, HOUR, MINUTE, Millis};
use crate::flow::installation::context::OperationParts;
use crate::flow::installation::fault::Fault;
use crate::keys::{KeyRecord, KeyRing, Policy, RotationStep, Sealer, plan_revocation, plan_rotation};
use crate::store::{KeyChange, KeyRow, KeysOutcome};

/// How long clients may cache an old key set.
const PUBLISHED_BEFORE: Millis = DAY;
/// Until then every process has noticed a rotation.
const NOTICED: Millis = 5 * MINUTE;
/// How often a command tries again if other processes rotate at the same time.
const TRIES: usize = 5;

/// Reads the keys again if another process has changed them.
pub async fn reload(parts: &OperationParts) -> Result<(), Fault> {
    let read = parts.keys.sealer.read_again();
    if parts.store.settings().keys_generation().await? != parts.keys.ring().generation() {
        load(parts).await?;
    }
    // The current keys stay in use if the files can't be read.
    Ok(read?)
}

/// The result of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Rotated {
    NothingDue,
    /// The number of steps.
    Done(usize),
    /// Another process changed the keys at the same time; its keys are in force.
    Overtaken,
}

/// Does what is due by age, and creates missing keys.
pub async fn by_schedule(parts: &OperationParts) -> Result<Rotated, Fault> {
    rotate(parts, false).await
}

/// Puts the next keys in force now, whatever the age of the current ones. The current keys are replaced even
/// if another process rotates meanwhile.
pub async fn by_command(parts: &OperationParts) -> Result<Rotated, Fault> {
    for _ in 0..TRIES {
        match rotate(parts, true).await? {
            Rotated::Overtaken => {}
            done => return Ok(done),
        }
    }
    Ok(Rotated::Overtaken)
}

async fn rotate(parts: &OperationParts, at_once: bool) -> Result<Rotated, Fault> {
    let (generation, records) = load(parts).await?;
    let steps = plan_rotation(&records, parts.now(), policy(&parts.current().settings, at_once));
    if steps.is_empty() {
        return Ok(Rotated::NothingDue);
    }
    take(parts, generation, steps, if at_once { "command" } else { "schedule" }).await
}

/// Removes a key at once and lets another sign, so that a stolen key can make no more tokens. Tokens that it
/// signed become invalid. `NothingDue`: there is no such key.
pub async fn revoke(parts: &OperationParts, kid: &str) -> Result<Rotated, Fault> {
    for _ in 0..TRIES {
        let (generation, records) = load(parts).await?;
        let Some(steps) = plan_revocation(&records, kid) else { return Ok(Rotated::NothingDue) };
        match take(parts, generation, steps, "revoked").await? {
            Rotated::Overtaken => {}
            done => return Ok(done),
        }
    }
    Ok(Rotated::Overtaken)
}

async fn take(
    parts: &OperationParts,
    generation: i64,
    steps: Vec<RotationStep>,
    cause: &str,
) -> Result<Rotated, Fault> {
    let (now, count) = (parts.now(), steps.len());
    let removed: Vec<_> = steps.iter().filter_map(RotationStep::removes).collect();
    let event = Event {
        cause: Some(cause.to_owned()),
        detail: Some(serde_json::json!({ "removed": removed }).to_string()),
        ..Event::new(now, Decision::KeysRotated)
    };
    let writes = steps.into_iter().map(|step| change(parts, step, now)).collect::<Result<Vec<_>, _>>()?;
    // Of two processes that rotate at once one succeeds; the other reads what the first has written.
    let outcome = parts.store.settings().change_keys(generation, &writes, Some(&event)).await?;
    load(parts).await?;
    Ok(match outcome {
        KeysOutcome::Changed => Rotated::Done(count),
        KeysOutcome::Overtaken => Rotated::Overtaken,
    })
}

/// Seals with the key under which the stored signing keys are sealed: a rotation of the sealing key begins
/// with them, so all processes switch together.
pub async fn follow_sealing_key(parts: &OperationParts) -> Result<(), Fault> {
    follow(parts, &parts.store.settings().signing_keys().await?.1)
}

fn follow(parts: &OperationParts, rows: &[KeyRow]) -> Result<(), Fault> {
    let named = rows.iter().find_map(|row| Sealer::key_of(&row.sealed_private));
    Ok(named.map_or(Ok(()), |id| parts.keys.sealer.put_in_force(id))?)
}

pub(in crate::flow) async fn load(parts: &OperationParts) -> Result<(i64, Vec<KeyRecord>), Fault> {
    let (generation, rows) = parts.store.settings().signing_keys().await?;
    follow(parts, &rows)?;
    let records: Vec<KeyRecord> = rows.into_iter().map(record).collect();
    parts.keys.replace_ring(KeyRing::open(generation, &records, &parts.keys.sealer)?);
    Ok((generation, records))
}

fn change(parts: &OperationParts, step: RotationStep, now: Millis) -> Result<KeyChange, Fault> {
    Ok(match step {
        RotationStep::Generate(alg, state) => {
            KeyChange::Put(row(KeyRecord::generate(alg, state, &parts.keys.sealer, now)?))
        }
        RotationStep::Move(kid, state) => KeyChange::State { kid, state, since: now },
        RotationStep::Remove(kid) => KeyChange::Remove { kid },
    })
}

fn record(row: KeyRow) -> KeyRecord {
    KeyRecord {
        kid: row.kid,
        alg: row.alg,
        state: row.state,
        public_jwk: row.public_jwk,
        sealed_private: row.sealed_private,
        created_at: row.created_at,
        state_since: row.state_since,
    }
}

fn row(record: KeyRecord) -> KeyRow {
    KeyRow {
        kid: record.kid,
        alg: record.alg,
        state: record.state,
        public_jwk: record.public_jwk,
        sealed_private: record.sealed_private,
        created_at: record.created_at,
        state_since: record.state_since,
    }
}

fn policy(settings: &Settings, at_once: bool) -> Policy {
    let tokens = &settings.tokens;
    // An ID token may end its session while that lives, expired or not (RP-Initiated Logout 1.0 section 2).
    let used = tokens.access_token().max(tokens.id_token()).max(settings.session.absolute());
    Policy {
        rotate_after: Millis::from(settings.keys.rotate_days) * DAY,
        published_before: PUBLISHED_BEFORE,
        retired_for: used.max(HOUR) + NOTICED,
        at_once,
    }
}
