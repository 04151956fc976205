//! Random sequences of decisions here, faults of a target and crashes, run against this module and a pure model
//! of a SCIM server. At any time nobody is twice at the target, nothing is delivered out of order and nobody
//! whose suspension was confirmed is active. Once the target is well, it becomes as wished.

mod decisions;
mod deeds;
mod dice;
mod oracle;
mod server;
mod world;

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::io::Write as _;

use proptest::test_runner::{Config as ProptestConfig, RngSeed};

use self::deeds::Deed;
use self::dice::Dice;
use self::world::World;

/// The longest sequence.
const LONGEST: u64 = 160;

/// Sequences in an ordinary run.
const FEWEST: u64 = 500;

/// What an ordinary run must have reached to be meaningful.
const REACHED: &[&str] = &[
    "crash",
    "delivered: active",
    "delivered: suspended",
    "delivered: erased",
    "delivered: Team Share",
    "failed: lost",
    "gone: created again",
    "gone: reported",
    "gone: target stopped",
    "refused",
    "request: add members",
    "request: create",
    "request: delete",
    "request: find by external id",
    "request: find by name",
    "request: list",
    "request: patch",
    "request: read",
    "request: remove members",
    "request: replace",
    "adopted",
    "effect without an answer",
    "member refused",
];

/// `PROPTEST_RNG_SEED` as in the other property tests, or a new one.
fn seed() -> u64 {
    match ProptestConfig::default().rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(0),
    }
}

/// Half of `PROPTEST_CASES`, which a full run sets to 20,000.
fn count() -> u64 {
    FEWEST.max(u64::from(ProptestConfig::default().cases) / 2)
}

fn deeds(seed: u64, number: u64) -> Vec<Deed> {
    let mut dice = Dice::new(seed ^ number.wrapping_mul(0xd134_2543_de82_ef95));
    let length = 10 + dice.below(LONGEST - 10);
    (0..length).map(|_| Deed::any(&mut dice)).collect()
}

/// Runs a sequence from the start; returns what was reached, or the failure.
fn play(variant: u64, deeds: &[Deed]) -> Result<World, String> {
    let mut world = World::new(variant);
    for deed in deeds {
        world.apply(*deed)?;
        world.check()?;
    }
    world.heal()?;
    Ok(world)
}

/// The same failure with fewer actions.
fn shrink(variant: u64, mut deeds: Vec<Deed>) -> Vec<Deed> {
    let mut at = 0;
    while at < deeds.len() {
        let mut fewer = deeds.clone();
        fewer.remove(at);
        if play(variant, &fewer).is_err() {
            (deeds, at) = (fewer, 0);
        } else {
            at += 1;
        }
    }
    deeds
}

#[test]
fn every_sequence_ends_as_wished() {
    let (seed, count) = (seed(), count());
    let mut reached: BTreeMap<&'static str, u64> = BTreeMap::new();
    for number in 0..count {
        let (variant, deeds) = (seed ^ number, deeds(seed, number));
        match play(variant, &deeds) {
            Ok(world) => {
                for (what, times) in world.counts {
                    *reached.entry(what).or_default() += times;
                }
            }
            Err(_) => {
                let fewer = shrink(variant, deeds);
                let why = play(variant, &fewer).err().unwrap_or_default();
                let server = World::new(variant).server;
                panic!("PROPTEST_RNG_SEED={seed}, sequence {number}: {why}\nat {server:?}\nafter {fewer:#?}");
            }
        }
    }
    // Written past the test harness's capture, so that an empty run is visible.
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "\n{count} sequences of deliveries, PROPTEST_RNG_SEED={seed}:");
    for (what, times) in &reached {
        let _ = writeln!(out, "{times:>10}  {what}");
    }
    for what in REACHED {
        assert!(reached.get(what).is_some_and(|times| *times > 0), "never reached: {what} of {reached:#?}");
    }
}
