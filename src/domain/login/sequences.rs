//! Random sequences of actions by people, thieves, clients and administrators, run against this module with a
//! model of store and directory. After each code, exchange and refresh an oracle, written from the promise
//! and not from the policy's code, checks that enough was proven. At any time, an honest person who follows
//! the pages gets in.

mod deeds;
mod forms;
mod honest;
mod oracle;
mod plots;
mod product;
mod tokens;
mod world;

use self::deeds::Deed;
use self::world::World;
use crate::domain::random_sequences::{Dice, Reached, cases, play_all};

/// The longest sequence.
const LONGEST: u64 = 50;

/// Sequences in an ordinary run.
const FEWEST: u64 = 3_000;

/// What an ordinary run must have reached to be meaningful.
const REACHED: &[&str] = &[
    "code: by a password",
    "code: by a password and a factor",
    "code: by a password, in a remembered browser",
    "code: by a password, set-up put off",
    "code: by a session",
    "code: by a session, raised by a factor",
    "exchange: done",
    "exchange: refused, used before",
    "exchange: refused, something changed",
    "refresh: done",
    "refresh: refused",
    "refresh: refused, an old token",
    "step: a code again that was used",
    "step: a recovery code",
    "step: the help desk's code",
    "step: another person's code",
    "step: a wrong password",
    "step: another person's password",
    "step: set up",
    "step: put off",
    "step: a new password",
    "step: a code before the password",
    "page: password",
    "page: code",
    "page: invitation",
    "page: enrol",
    "page: new password",
    "page: code before the password",
    "ended: the login was spent",
    "ended: something changed",
    "silent: login_required",
    "silent: interaction_required",
    "an earlier page again",
    "a login continues after a change",
    "policy changed",
    "factors reset",
    "password changed in the directory",
    "a person disabled",
    "honest: got in",
];

fn deeds(dice: &mut Dice) -> Vec<Deed> {
    let length = 4 + dice.below(LONGEST - 4);
    let mut deeds = vec![Deed::opening(dice)];
    deeds.extend((1..length).map(|_| Deed::any(dice)));
    deeds
}

/// Runs a sequence from the start.
fn play(deeds: &[Deed]) -> Result<Reached, String> {
    let mut world = World::new();
    for deed in deeds {
        world.apply(*deed)?;
    }
    world.honest_people_get_in()?;
    Ok(world.counts)
}

#[test]
fn no_sequence_gets_tokens_below_the_policy() {
    let count = FEWEST.max(5 * cases());
    play_all("on the pure machine", count, REACHED, deeds, |_, deeds| play(deeds));
}
