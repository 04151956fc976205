//! A table of single plans, and a simulation of years.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::domain::secret::Sealed;
use crate::domain::{DAY, HOUR, MINUTE};

const POLICY: Policy =
    Policy { rotate_after: 90 * DAY, published_before: DAY, retired_for: 2 * HOUR, at_once: false };

fn key(kid: &str, state: KeyState, state_since: Millis) -> KeyRecord {
    KeyRecord {
        kid: kid.into(),
        alg: SigningAlgorithm::ES256,
        state,
        public_jwk: String::new(),
        sealed_private: Sealed(Vec::new()),
        created_at: 0,
        state_since,
    }
}

fn planned(keys: &[KeyRecord], now: Millis, policy: Policy) -> Vec<RotationStep> {
    plan(SigningAlgorithm::ES256, keys, now, policy)
}

#[test]
fn each_situation_has_its_plan() {
    use KeyState::{Current, Next, Retired};
    let generate = |state| RotationStep::Generate(SigningAlgorithm::ES256, state);
    let to = |kid: &str, state| RotationStep::Move(kid.into(), state);
    let pair = [key("c", Current, 0), key("n", Next, 0)];
    let turn = vec![to("c", Retired), to("n", Current), generate(Next)];
    let at_once = Policy { at_once: true, ..POLICY };
    assert_eq!(planned(&[], 0, POLICY), [generate(Current), generate(Next)], "the first start");
    assert_eq!(planned(&pair, 90 * DAY - 1, POLICY), [], "nothing is due");
    assert_eq!(planned(&pair, 90 * DAY, POLICY), turn, "the day has come");
    assert_eq!(planned(&pair, 1, at_once), turn, "an administrator wants it");
    let young = [key("c", Current, 0), key("n", Next, 90 * DAY - HOUR)];
    assert_eq!(planned(&young, 90 * DAY, POLICY), [], "clients may not know the next one yet");
    assert_eq!(
        planned(&[key("c", Current, 0)], 500 * DAY, POLICY),
        [generate(Next)],
        "published before it signs"
    );
    assert_eq!(
        planned(&[key("n", Next, 0)], 1, POLICY),
        [to("n", Current), generate(Next)],
        "somebody must sign"
    );
    let retired = [key("c", Current, DAY), key("n", Next, DAY), key("r", Retired, DAY)];
    assert_eq!(planned(&retired, DAY + 2 * HOUR - 1, POLICY), []);
    assert_eq!(planned(&retired, DAY + 2 * HOUR, POLICY), [RotationStep::Remove("r".into())]);
}

#[test]
fn a_revoked_key_is_gone_and_another_signs() {
    use KeyState::{Current, Next, Retired};
    let generate = |state| RotationStep::Generate(SigningAlgorithm::ES256, state);
    let (remove, to) = (
        |kid: &str| RotationStep::Remove(kid.into()),
        |kid: &str, state| RotationStep::Move(kid.into(), state),
    );
    let keys = [key("r", Retired, 0), key("c", Current, 0), key("n", Next, 0)];
    let planned = |kid| plan_revocation(&keys, kid);
    assert_eq!(planned("c"), Some(vec![remove("c"), to("n", Current), generate(Next)]));
    assert_eq!(planned("n"), Some(vec![remove("n"), generate(Next)]));
    assert_eq!(planned("r"), Some(vec![remove("r")]));
    assert_eq!(planned("x"), None);
    let alone = plan_revocation(&keys[1..2], "c");
    assert_eq!(alone, Some(vec![remove("c"), generate(Current), generate(Next)]));
}

/// The keys of one algorithm and everything that they signed.
#[derive(Default)]
struct World {
    keys: Vec<KeyRecord>,
    made: u32,
    signed: Vec<(String, Millis)>,
    published_since: HashMap<String, Millis>,
}

impl World {
    fn apply(&mut self, steps: Vec<RotationStep>, now: Millis) {
        for step in steps {
            match step {
                RotationStep::Generate(_, state) => {
                    self.made += 1;
                    let kid = format!("k{}", self.made);
                    self.published_since.insert(kid.clone(), now);
                    self.keys.push(key(&kid, state, now));
                }
                RotationStep::Move(kid, state) => {
                    let moved = self.keys.iter_mut().find(|key| key.kid == kid).expect("a key that is there");
                    moved.state = state;
                    moved.state_since = now;
                }
                RotationStep::Remove(kid) => self.keys.retain(|key| key.kid != kid),
            }
            assert!(
                self.count(KeyState::Current) <= 1 && self.count(KeyState::Next) <= 1,
                "never two at any step"
            );
        }
    }

    fn count(&self, state: KeyState) -> usize {
        self.keys.iter().filter(|key| key.state == state).count()
    }
}

proptest! {
    #[test]
    fn one_key_always_signs_and_every_signature_can_be_verified(
        waits in prop::collection::vec((1..40 * DAY, prop::bool::weighted(0.1)), 1..60),
    ) {
        let lifetime = POLICY.retired_for - 10 * MINUTE;
        let (mut world, mut now) = (World::default(), 0);
        for (wait, forced) in waits {
            now += wait;
            let first = world.keys.is_empty();
            world.apply(planned(&world.keys, now, Policy { at_once: forced, ..POLICY }), now);
            prop_assert_eq!((world.count(KeyState::Current), world.count(KeyState::Next)), (1, 1));
            let current = world.keys.iter().find(|key| key.state == KeyState::Current).expect("one");
            let published = world.published_since[&current.kid];
            prop_assert!(first || published < now || current.state_since < now, "published before it signs");
            if !first && !forced && current.state_since == now {
                prop_assert!(published + POLICY.published_before <= now, "and long enough before");
            }
            world.signed.push((current.kid.clone(), now + lifetime));
            world.signed.retain(|(_, end)| now < *end);
            for (kid, _) in &world.signed {
                prop_assert!(world.keys.iter().any(|key| key.kid == *kid), "a living token's key is published");
            }
            prop_assert!(planned(&world.keys, now, POLICY).is_empty(), "a plan leaves nothing to plan");
        }
    }
}
