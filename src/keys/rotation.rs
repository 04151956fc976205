//! Plan the rotation of signing keys: keys and time in, steps out.
//!
//! A key is published as `next` long before it signs, so that clients that cache the key set know it by then.
//! It signs as `current`; as `retired` it stays published until the last token that it signed has expired.

use crate::domain::Millis;
use crate::domain::client::SigningAlgorithm;

use super::record::KeyRecord;
use crate::domain::signing_key::KeyState;

/// The times of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A current key is replaced after this long.
    pub rotate_after: Millis,
    /// How long clients may cache an old key set; without an order, a next key does not sign earlier.
    pub published_before: Millis,
    /// How long a retired key stays published: the longest time for which a token is of use, including as a
    /// hint, and the time until the last process has noticed the change.
    pub retired_for: Millis,
    /// An administrator replaces the current key now, whatever its age.
    pub at_once: bool,
}

/// One step. All steps of a plan belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RotationStep {
    Generate(SigningAlgorithm, KeyState),
    /// Move the key with this id to this state.
    Move(String, KeyState),
    /// Remove the key with this id.
    Remove(String),
}

impl RotationStep {
    /// The key that it removes.
    #[must_use]
    pub fn removes(&self) -> Option<&str> {
        if let Self::Remove(kid) = self { Some(kid) } else { None }
    }
}

/// The steps due for the keys of every algorithm. Empty if nothing is due. In no state between two steps does
/// an algorithm have two next or two current keys.
#[must_use]
pub fn plan_rotation(keys: &[KeyRecord], now: Millis, policy: Policy) -> Vec<RotationStep> {
    SigningAlgorithm::ALL.into_iter().flat_map(|alg| plan(alg, keys, now, policy)).collect()
}

fn plan(alg: SigningAlgorithm, keys: &[KeyRecord], now: Millis, policy: Policy) -> Vec<RotationStep> {
    let of = |state| keys.iter().filter(move |key| key.alg == alg && key.state == state);
    let (current, next) = (of(KeyState::Current).next(), of(KeyState::Next).next());
    let over = of(KeyState::Retired).filter(|key| key.state_since.saturating_add(policy.retired_for) <= now);
    let mut steps: Vec<RotationStep> = over.map(|key| RotationStep::Remove(key.kid.clone())).collect();
    match (current, next) {
        (None, None) => steps.push(RotationStep::Generate(alg, KeyState::Current)),
        (None, Some(next)) => steps.push(RotationStep::Move(next.kid.clone(), KeyState::Current)),
        (Some(_), None) => {}
        (Some(current), Some(next)) => {
            let old = current.state_since.saturating_add(policy.rotate_after) <= now;
            let known = next.state_since.saturating_add(policy.published_before) <= now;
            if !(policy.at_once || old && known) {
                return steps;
            }
            steps.push(RotationStep::Move(current.kid.clone(), KeyState::Retired));
            steps.push(RotationStep::Move(next.kid.clone(), KeyState::Current));
        }
    }
    steps.push(RotationStep::Generate(alg, KeyState::Next));
    steps
}

/// The steps that remove the key with this id at once: what it signed becomes invalid, and another key of its
/// algorithm signs. `None` if there is no such key.
#[must_use]
pub fn plan_revocation(keys: &[KeyRecord], kid: &str) -> Option<Vec<RotationStep>> {
    let revoked = keys.iter().find(|key| key.kid == kid)?;
    let next = keys.iter().find(|key| key.alg == revoked.alg && key.state == KeyState::Next);
    let mut steps = vec![RotationStep::Remove(revoked.kid.clone())];
    match (revoked.state, next) {
        (KeyState::Retired, _) => {}
        (KeyState::Next, _) => steps.push(RotationStep::Generate(revoked.alg, KeyState::Next)),
        (KeyState::Current, Some(next)) => {
            steps.push(RotationStep::Move(next.kid.clone(), KeyState::Current));
            steps.push(RotationStep::Generate(revoked.alg, KeyState::Next));
        }
        (KeyState::Current, None) => {
            steps.push(RotationStep::Generate(revoked.alg, KeyState::Current));
            steps.push(RotationStep::Generate(revoked.alg, KeyState::Next));
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests;
