//! When signing keys change. Pure: keys and time in, steps out.
//!
//! A key is published as `next` long before it signs, so that clients that cache the key set know it by then; it signs as
//! `current`; as `retired` it stays published until the last token that it signed is over.

use crate::domain::Millis;
use crate::domain::client::SigningAlgorithm;

use super::ring::KeyRecord;

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// Published, does not sign yet.
    Next,
    Current,
    /// Published, signs no more.
    Retired,
}

impl KeyState {
    /// The word that the store keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Retired => "retired",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Next, Self::Current, Self::Retired].into_iter().find(|state| state.as_str() == word)
    }
}

/// How long things last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// A current key is replaced after this long.
    pub rotate_after: Millis,
    /// So long clients may hold an old key set: a next key does not sign before, unless an administrator says so.
    pub published_before: Millis,
    /// So long a retired key stays published: the longest time for which a token is of use, be it as a hint, and the time
    /// until the last process has noticed the change.
    pub retired_for: Millis,
    /// An administrator wants another key now, whatever the age of the current one.
    pub at_once: bool,
}

/// One thing to do. All steps of a plan belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make a key in this state.
    Generate(SigningAlgorithm, KeyState),
    /// Move the key with this id to this state.
    Move(String, KeyState),
    /// Forget the key with this id.
    Remove(String),
}

impl Step {
    /// The key that it removes.
    #[must_use]
    pub fn removes(&self) -> Option<&str> {
        if let Self::Remove(kid) = self { Some(kid) } else { None }
    }
}

/// What is to be done to the keys of every algorithm. Empty: nothing is due. The steps are in an order that never leaves
/// two keys of an algorithm in the state next or current.
#[must_use]
pub fn plan_rotation(keys: &[KeyRecord], now: Millis, policy: Policy) -> Vec<Step> {
    SigningAlgorithm::ALL.into_iter().flat_map(|alg| plan(alg, keys, now, policy)).collect()
}

fn plan(alg: SigningAlgorithm, keys: &[KeyRecord], now: Millis, policy: Policy) -> Vec<Step> {
    let of = |state| keys.iter().filter(move |key| key.alg == alg && key.state == state);
    let (current, next) = (of(KeyState::Current).next(), of(KeyState::Next).next());
    let over = of(KeyState::Retired).filter(|key| key.state_since.saturating_add(policy.retired_for) <= now);
    let mut steps: Vec<Step> = over.map(|key| Step::Remove(key.kid.clone())).collect();
    match (current, next) {
        (None, None) => steps.push(Step::Generate(alg, KeyState::Current)),
        (None, Some(next)) => steps.push(Step::Move(next.kid.clone(), KeyState::Current)),
        (Some(_), None) => {}
        (Some(current), Some(next)) => {
            let old = current.state_since.saturating_add(policy.rotate_after) <= now;
            let known = next.state_since.saturating_add(policy.published_before) <= now;
            if !(policy.at_once || old && known) {
                return steps;
            }
            steps.push(Step::Move(current.kid.clone(), KeyState::Retired));
            steps.push(Step::Move(next.kid.clone(), KeyState::Current));
        }
    }
    steps.push(Step::Generate(alg, KeyState::Next));
    steps
}

/// What is to be done so that the key with this id is gone at once: nothing it signed is believed any more, and another key of
/// its algorithm signs. `None` where there is no such key.
#[must_use]
pub fn plan_revocation(keys: &[KeyRecord], kid: &str) -> Option<Vec<Step>> {
    let revoked = keys.iter().find(|key| key.kid == kid)?;
    let next = keys.iter().find(|key| key.alg == revoked.alg && key.state == KeyState::Next);
    let mut steps = vec![Step::Remove(revoked.kid.clone())];
    match (revoked.state, next) {
        (KeyState::Retired, _) => {}
        (KeyState::Next, _) => steps.push(Step::Generate(revoked.alg, KeyState::Next)),
        (KeyState::Current, Some(next)) => {
            steps.push(Step::Move(next.kid.clone(), KeyState::Current));
            steps.push(Step::Generate(revoked.alg, KeyState::Next));
        }
        (KeyState::Current, None) => {
            steps.push(Step::Generate(revoked.alg, KeyState::Current));
            steps.push(Step::Generate(revoked.alg, KeyState::Next));
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests;
