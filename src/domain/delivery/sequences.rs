//! Random sequences of decisions here, faults of a target and crashes, run against this module and a pure model
//! of a SCIM server. At any time nobody is twice at the target, nothing is delivered out of order and nobody
//! whose suspension was confirmed is active. Once the target is well, it becomes as wished.

mod decisions;
mod deeds;
mod oracle;
mod server;
mod world;

use self::deeds::{Deed, Fault};
use self::world::World;
use crate::domain::random_sequences::{Dice, Reached, cases, play_all};

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

fn deeds(dice: &mut Dice) -> Vec<Deed> {
    let length = 10 + dice.below(LONGEST - 10);
    (0..length).map(|_| Deed::any(dice)).collect()
}

/// Runs a sequence from the start at a target with the properties of `variant`.
fn play(variant: u64, deeds: &[Deed]) -> Result<Reached, String> {
    let mut world = World::new(variant);
    let played = deeds.iter().try_for_each(|deed| {
        world.apply(*deed)?;
        world.check()
    });
    let healed = played.and_then(|()| world.heal());
    healed.map_err(|why| format!("{why}\nat {:?}", World::new(variant).server))?;
    Ok(world.counts)
}

#[test]
fn every_sequence_ends_as_wished() {
    play_all("of deliveries", FEWEST.max(cases() / 2), REACHED, deeds, play);
}

/// Somebody is created under a name, is renamed meanwhile, and the name is given to somebody else.
#[test]
fn a_name_that_is_given_again_is_never_there_twice() {
    let deeds = [
        Deed::Hire(3),
        Deed::Start(1),
        Deed::Serve(0, Fault::None),
        Deed::Receive(0),
        Deed::Rename(3),
        Deed::Hire(1),
    ];
    for variant in 0..FEWEST {
        if let Err(why) = play(variant, &deeds) {
            panic!("variant {variant}: {why}");
        }
    }
}
