//! Random sequences through HTTP: people, thieves, clients and administrators at the provider itself, with
//! SQLite and OpenLDAP and a fresh account for each sequence. An oracle that shares no code with the product
//! checks every token against what was really proven and what the policy requires; and at the end of each
//! sequence an honest person gets in.

mod honest;
mod ledger;
mod oracle;
mod random_actions;
mod stage;
mod steps;

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::io::Write as _;

use proptest::test_runner::{Config as ProptestConfig, RngSeed};

use self::random_actions::{Dice, RandomAction};
use self::stage::{Stage, World};
use crate::support::lab::{self, LdapLab};

/// Sequences in an ordinary run, and with full counts.
const COUNTS: (u32, u32) = (200, 2_000);
/// Providers that run side by side.
const STAGES: u32 = 4;
/// The maximum number of actions in a sequence.
const LONGEST: u64 = 22;

/// What must have been reached; otherwise the run proves nothing.
const REACHED: &[&str] = &[
    "code: by a password",
    "code: by a password and a factor",
    "code: by a session",
    "exchange: done",
    "refresh: done",
    "step: a right code",
    "step: a wrong code",
    "step: a used code",
    "step: the help desk's code",
    "step: set up",
    "step: put off",
    "step: another browser's page",
    "step: an earlier page",
    "page: code",
    "page: enrol",
    "page: invitation",
    "page: new password",
    "policy changed",
    "factors reset",
    "password changed in the directory",
    "honest: got in",
];

/// What a run with full counts must have reached as well.
const RARE: &[&str] = &[
    "a browser remembered",
    "exchange: refused",
    "exchange: refused, used before",
    "refresh: refused",
    "step: a recovery code",
    "step: a wrong password",
    "step: another person's code",
    "account suspended",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_sequence_yields_a_token_with_less_proof_than_the_policy_requires() {
    let full = std::env::var("CLOUDSYNC_TEST_COUNTS").is_ok_and(|counts| counts == "full");
    let count = if full { COUNTS.1 } else { COUNTS.0 };
    let seed = match ProptestConfig::default().rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(0),
    };
    let directory: &LdapLab = Box::leak(Box::new(own_directory(count).await));
    let mut stages = Vec::new();
    for stage in 0..STAGES {
        let numbers: Vec<u32> = (0..count).filter(|number| number % STAGES == stage).collect();
        stages.push(tokio::spawn(play(directory, seed, count, numbers)));
    }
    let mut reached: BTreeMap<&'static str, u64> = BTreeMap::new();
    for stage in stages {
        for (what, times) in stage.await.expect("the sequences") {
            *reached.entry(what).or_default() += times;
        }
    }
    // Written to stdout directly, past the capture of the test harness, so that an empty run is noticed.
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "\n{count} sequences through HTTP, PROPTEST_RNG_SEED={seed}:");
    for (what, times) in &reached {
        let _ = writeln!(out, "{times:>10}  {what}");
    }
    for what in REACHED.iter().chain(RARE.iter().filter(|_| full)) {
        assert!(reached.get(what).is_some_and(|times| *times > 0), "never reached: {what}");
    }
}

/// Two people for each sequence: the first in the group of the policy, the second not.
async fn own_directory(count: u32) -> LdapLab {
    let (users, group) = ((2 * count).to_string(), count.to_string());
    let start = move || lab::own_ldap(&[("USERS", &users), ("GROUP", &group)]);
    tokio::task::spawn_blocking(start).await.expect("OpenLDAP starts")
}

async fn play(
    directory: &'static LdapLab,
    seed: u64,
    count: u32,
    numbers: Vec<u32>,
) -> BTreeMap<&'static str, u64> {
    let stage = Stage::new(directory).await;
    let mut reached: BTreeMap<&'static str, u64> = BTreeMap::new();
    for number in numbers {
        let mut dice = Dice::new(seed ^ u64::from(number).wrapping_mul(0xd134_2543_de82_ef95));
        let mut world = World::new(&stage, [number, count + number]);
        world.apply(RandomAction::opening(&mut dice)).await;
        for _ in 0..4 + dice.below(LONGEST - 4) {
            world.apply(RandomAction::any(&mut dice)).await;
        }
        world.honest_people_get_in().await;
        if let Some(why) = &world.broken {
            panic!("PROPTEST_RNG_SEED={seed}, sequence {number}: {why}\nafter {:#?}", world.trail);
        }
        for (what, times) in world.counts {
            *reached.entry(what).or_default() += times;
        }
    }
    reached
}
