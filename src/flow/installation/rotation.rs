//! The signing keys in force: read from the store, created at the first start, rotated on schedule or
//! command.

use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::audit_change::ValueChange;
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
    rotate(parts, None).await
}

/// Puts the next keys in force now, whatever the age of the current ones. The current keys are replaced even
/// if another process rotates meanwhile.
pub async fn by_command(parts: &OperationParts, actor: &Actor) -> Result<Rotated, Fault> {
    for _ in 0..TRIES {
        match rotate(parts, Some(actor)).await? {
            Rotated::Overtaken => {}
            done => return Ok(done),
        }
    }
    Ok(Rotated::Overtaken)
}

/// At once, if an admin wants it.
async fn rotate(parts: &OperationParts, admin: Option<&Actor>) -> Result<Rotated, Fault> {
    let (generation, records) = load(parts).await?;
    let steps = plan_rotation(&records, parts.now(), policy(&parts.current().settings, admin.is_some()));
    if steps.is_empty() {
        return Ok(Rotated::NothingDue);
    }
    let event = event(parts, if admin.is_some() { "command" } else { "schedule" }, admin);
    take(parts, (generation, &records), steps, event).await
}

/// Removes a key at once and lets another sign, so that a stolen key can make no more tokens. Tokens that it
/// signed become invalid. `NothingDue`: there is no such key.
pub async fn revoke(parts: &OperationParts, kid: &str, actor: &Actor) -> Result<Rotated, Fault> {
    for _ in 0..TRIES {
        let (generation, records) = load(parts).await?;
        let Some(steps) = plan_revocation(&records, kid) else { return Ok(Rotated::NothingDue) };
        let event = event(parts, "revoked", Some(actor));
        match take(parts, (generation, &records), steps, event).await? {
            Rotated::Overtaken => {}
            done => return Ok(done),
        }
    }
    Ok(Rotated::Overtaken)
}

fn event(parts: &OperationParts, cause: &str, admin: Option<&Actor>) -> Event {
    let event = Event { cause: Some(cause.to_owned()), ..Event::new(parts.now(), Decision::KeysRotated) };
    match admin {
        Some(admin) => event.by(admin),
        None => event,
    }
}

async fn take(
    parts: &OperationParts,
    (generation, records): (i64, &[KeyRecord]),
    steps: Vec<RotationStep>,
    event: Event,
) -> Result<Rotated, Fault> {
    let count = steps.len();
    let writes =
        steps.into_iter().map(|step| change(parts, step, event.at)).collect::<Result<Vec<_>, _>>()?;
    let event = event.changing(writes.iter().filter_map(|write| state_change(records, write)));
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

/// The state of a key before and after.
fn state_change(records: &[KeyRecord], write: &KeyChange) -> Option<ValueChange> {
    let (kid, after) = match write {
        KeyChange::Put(row) => (&row.kid, Some(row.state)),
        KeyChange::State { kid, state, .. } => (kid, Some(*state)),
        KeyChange::Remove { kid } => (kid, None),
        KeyChange::Reseal { .. } => return None,
    };
    let before = records.iter().find(|record| record.kid == *kid).map(|record| record.state);
    let [before, after] = [before, after].map(|state| state.map(|state| state.as_str().to_owned()));
    Some(ValueChange { key: format!("key {kid}"), before, after })
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
