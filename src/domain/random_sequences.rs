//! Random sequences of actions against a model, for tests: reproducible from `PROPTEST_RNG_SEED`, a failure is
//! shown with as few actions as possible, and a run that reached too little fails.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::fmt::Debug;
use std::hash::BuildHasher as _;
use std::io::Write as _;

use proptest::test_runner::{Config, RngSeed};

/// What a sequence reached, and how often.
pub(crate) type Reached = BTreeMap<&'static str, u64>;

/// Random numbers, reproducible from the seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64.
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.roll() % most
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).expect("small")]
    }
}

/// `PROPTEST_CASES`; a full run sets it to 20,000.
pub(crate) fn cases() -> u64 {
    u64::from(Config::default().cases)
}

/// `PROPTEST_RNG_SEED` as in the property tests, or a new one.
fn seed() -> u64 {
    match Config::default().rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(0),
    }
}

/// Plays `count` sequences. `play` is given a number of its own for each sequence, from which it may choose the
/// variant of its model. Fails at the first failure, and if one of `expected` was never reached.
pub(crate) fn play_all<D: Clone + Debug>(
    what: &str,
    count: u64,
    expected: &[&str],
    deeds: impl Fn(&mut Dice) -> Vec<D>,
    play: impl Fn(u64, &[D]) -> Result<Reached, String>,
) {
    let seed = seed();
    let mut reached = Reached::new();
    for number in 0..count {
        let deeds = deeds(&mut Dice::new(seed ^ number.wrapping_mul(0xd134_2543_de82_ef95)));
        let play = |deeds: &[D]| play(seed ^ number, deeds);
        match play(&deeds) {
            Ok(counts) => {
                counts.into_iter().for_each(|(what, times)| *reached.entry(what).or_default() += times)
            }
            Err(_) => {
                let fewer = shrink(deeds, |deeds| play(deeds).is_err());
                let why = play(&fewer).err().unwrap_or_default();
                panic!("PROPTEST_RNG_SEED={seed}, sequence {number}: {why}\nafter {fewer:#?}");
            }
        }
    }
    // Written past the test harness's capture, so that an empty run is visible.
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "\n{count} sequences {what}, PROPTEST_RNG_SEED={seed}:");
    for (what, times) in &reached {
        let _ = writeln!(out, "{times:>10}  {what}");
    }
    for what in expected {
        assert!(reached.get(what).is_some_and(|times| *times > 0), "never reached: {what} of {reached:#?}");
    }
}

/// The same failure with fewer actions.
fn shrink<D: Clone>(mut deeds: Vec<D>, fails: impl Fn(&[D]) -> bool) -> Vec<D> {
    let mut at = 0;
    while at < deeds.len() {
        let mut fewer = deeds.clone();
        fewer.remove(at);
        if fails(&fewer) {
            (deeds, at) = (fewer, 0);
        } else {
            at += 1;
        }
    }
    deeds
}
