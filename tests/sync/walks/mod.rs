//! Random walks through real directories: with each feed, syncing by changes has the same result as a new
//! store that reads everything once.

mod place;

use std::cell::RefCell;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher as _;

use cloudsync_idp::domain::account::Profile;
use cloudsync_idp::domain::entry::EntryId;
use cloudsync_idp::domain::team_share::Share;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use self::place::{GROUP, KEEPER, Kind, MAPPED, Place, Thing, UNIT};
use super::corp;
use super::feeds::{TestedFeed, by_changes};
use crate::support::lab::unique;
use crate::support::provider::{Provider, Setup};
use crate::support::{count, measured};

/// One step; the numbers pick among the existing entries.
#[derive(Clone, Debug)]
enum Step {
    AddPerson(u8),
    AddGroup(u8),
    AddUnit(u8),
    Mail(u8, Option<u8>),
    SwapMails(u8, u8),
    DisplayName(u8, u8),
    Disable(u8, bool),
    Join(u8, u8),
    Leave(u8, u8),
    Circle(u8, u8),
    Move(u8, u8),
    MoveTheUnit(u8),
    Rename(u8, u8),
    Delete(u8),
    MakeAgain(u8),
    /// The mapped group is renamed, deleted or made again.
    Mapped(u8, u8),
    /// The changes so far are synced.
    Sync,
}

fn any_step() -> impl Strategy<Value = Step> {
    let pair = any::<(u8, u8)>;
    prop_oneof![
        3 => any::<u8>().prop_map(Step::AddPerson),
        1 => any::<u8>().prop_map(Step::AddGroup),
        1 => any::<u8>().prop_map(Step::AddUnit),
        2 => (any::<u8>(), proptest::option::weighted(0.8, 0_u8..4)).prop_map(|(who, mail)| Step::Mail(who, mail)),
        1 => pair().prop_map(|(one, other)| Step::SwapMails(one, other)),
        1 => pair().prop_map(|(who, name)| Step::DisplayName(who, name)),
        2 => any::<(u8, bool)>().prop_map(|(who, off)| Step::Disable(who, off)),
        6 => pair().prop_map(|(group, who)| Step::Join(group, who)),
        2 => pair().prop_map(|(group, who)| Step::Leave(group, who)),
        1 => pair().prop_map(|(one, other)| Step::Circle(one, other)),
        4 => pair().prop_map(|(what, to)| Step::Move(what, to)),
        1 => any::<u8>().prop_map(Step::MoveTheUnit),
        4 => pair().prop_map(|(what, name)| Step::Rename(what, name)),
        2 => any::<u8>().prop_map(Step::Delete),
        2 => any::<u8>().prop_map(Step::MakeAgain),
        1 => pair().prop_map(|(which, how)| Step::Mapped(which, how)),
        6 => Just(Step::Sync),
    ]
}

#[test]
fn the_mirror_follows_a_walk_by_dirsync() {
    walks(TestedFeed::DirSync, 3);
}

#[test]
fn the_mirror_follows_a_walk_by_dirsync_and_object_security() {
    walks(TestedFeed::DirSyncAsAnybody, 2);
}

#[test]
fn the_mirror_follows_a_walk_by_usn_changed() {
    walks(TestedFeed::UsnChanged, 2);
}

#[test]
fn the_mirror_follows_a_walk_by_syncrepl() {
    walks(TestedFeed::SyncRepl, 3);
}

#[test]
fn the_mirror_follows_a_walk_by_full_scans() {
    walks(TestedFeed::FullScan, 2);
}

/// How often each step was done, and how often the directory refused it.
type Done = RefCell<BTreeMap<String, (u32, u32)>>;

fn walks(feed: TestedFeed, few: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let seed = match Config::default().rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => RandomState::new().hash_one(0),
    };
    let cases = u32::try_from(count(few, 40)).expect("few");
    let config = Config { cases, rng_seed: RngSeed::Fixed(seed), max_shrink_iters: 60, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let done = Done::default();
    let walked = runner.run(&proptest::collection::vec(any_step(), 8..20), |steps| {
        runtime.block_on(Box::pin(walk(feed, steps, &done)))
    });
    if let Err(error) = walked {
        panic!("{feed:?}, PROPTEST_RNG_SEED={seed}: {error}");
    }
    let done = done.into_inner();
    measured(&format!("{cases} walks by {feed:?}, PROPTEST_RNG_SEED={seed}; done and refused: {done:?}"));
}

async fn walk(feed: TestedFeed, steps: Vec<Step>, done: &Done) -> Result<(), TestCaseError> {
    let subtree = feed.subtree();
    let place = Place::new(&subtree);
    let provider = Provider::start(Setup::new(&settings(feed, &place).await)).await;
    run(&provider).await?;
    for step in steps {
        if matches!(step, Step::Sync) {
            run(&provider).await?;
            continue;
        }
        let refused = tokio::task::block_in_place(|| carry_out(&place, &step)).err();
        let name = format!("{step:?}").split('(').next().unwrap_or_default().to_owned();
        let mut done = done.borrow_mut();
        let (times, refusals) = done.entry(name).or_default();
        *times += 1;
        *refusals += u32::from(refused.is_some());
    }
    run(&provider).await?;
    feed.was_taken(&provider).await;
    equals_a_new_store(&provider, &settings(feed, &place).await).await?;
    let before = super::changes(&provider).await;
    provider.sync().await.map_err(fail)?;
    prop_assert_eq!(before, super::changes(&provider).await, "reading everything found something more");
    Ok(())
}

fn fail(error: impl std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

async fn run(provider: &Provider) -> Result<(), TestCaseError> {
    by_changes(provider).await.map(drop).map_err(fail)
}

/// The settings with the current names.
async fn settings(feed: TestedFeed, place: &Place<'_>) -> String {
    let now = |description| place.whereabouts(description).expect("it still exists");
    let mut settings = feed.settings(place.subtree, &now(UNIT), &now(GROUP)).await;
    for mapped in MAPPED {
        if let Some(group) = place.whereabouts(mapped) {
            settings += &format!(
                "[[team_shares]]\ndirectory = \"corp\"\ngroup = {group:?}\nteam_share = {mapped:?}\n"
            );
        }
    }
    settings
}

/// Everybody who has an active account, with profile and Team Shares.
type Accounts = BTreeMap<EntryId, (Profile, BTreeSet<Share>)>;

async fn accounts(provider: &Provider) -> Accounts {
    let store = &provider.parts.store;
    let mut all = Accounts::new();
    for account in store.identity().linked_page(&corp(), None, 10_000).await.expect("an answer") {
        let shares = store.sync().shares_of(&account.id).await.expect("an answer");
        let shares = shares.into_iter().map(|row| row.share).collect();
        all.insert(account.link.expect("linked").entry, (account.profile, shares));
    }
    all
}

/// Except for people whose address is in conflict: a new store cannot know who had it first.
async fn equals_a_new_store(provider: &Provider, settings: &str) -> Result<(), TestCaseError> {
    let fresh = Provider::start(Setup::new(settings)).await;
    fresh.sync().await.map_err(fail)?;
    let (mut here, mut there) = (accounts(provider).await, accounts(&fresh).await);
    for store in [&provider.parts.store, &fresh.parts.store] {
        for conflict in store.sync().conflicts(&corp()).await.expect("an answer") {
            here.remove(&conflict.entry);
            there.remove(&conflict.entry);
        }
    }
    prop_assert_eq!(here, there, "by changes, and by a new store");
    Ok(())
}

fn carry_out(place: &Place, step: &Step) -> Result<(), String> {
    let nothing = || "nothing to do this with".to_owned();
    let person = |number: u8| place.person(number).ok_or_else(nothing);
    let group = |number: u8| place.pick(number, |thing| thing.kind == Kind::Group).ok_or_else(nothing);
    let unit = |number: u8| place.pick(number, |thing| thing.kind == Kind::Unit).ok_or_else(nothing);
    match *step {
        Step::AddPerson(at) => drop(place.subtree.person_in(&unit(at)?.dn)),
        Step::AddGroup(at) => place.add_group(&unit(at)?.dn, "a group"),
        Step::AddUnit(at) => drop(place.add_unit(&unit(at)?.dn, "a unit")),
        Step::Mail(who, mail) => {
            let mail = mail.map(|pick| format!("m{pick}.{}@walks.example", place.mark));
            place.set(&person(who)?, "mail", mail.as_deref());
        }
        Step::SwapMails(one, other) => {
            let (one, other) = (person(one)?, person(other)?);
            place.set(&one, "mail", other.mail.as_deref());
            place.set(&other, "mail", one.mail.as_deref());
        }
        Step::DisplayName(who, name) => place.set(&person(who)?, "displayName", Some(&odd_name(name, "Zoë"))),
        Step::Disable(who, off) => place.disable(&person(who)?, off),
        Step::Join(to, who) => {
            let who = place.pick(who, |thing| thing.kind != Kind::Unit).ok_or_else(nothing)?;
            place.join(&group(to)?, &who)?;
        }
        Step::Leave(from, who) => place.leave(&group(from)?, who)?,
        Step::Circle(one, other) => {
            let (one, other) = (group(one)?, group(other)?);
            place.join(&one, &other)?;
            place.join(&other, &one)?;
        }
        Step::Move(what, to) => {
            // Without anybody in scope a full read fails, as it should.
            let what = place.pick(what, |thing| !thing.is(KEEPER)).ok_or_else(nothing)?;
            place.move_to(&what, &unit(to)?.dn)?;
        }
        Step::MoveTheUnit(to) => {
            let what = place.pick(0, |thing| thing.is(UNIT)).ok_or_else(nothing)?;
            place.move_to(&what, &unit(to)?.dn)?;
        }
        Step::Rename(what, name) => rename(place, &place.pick(what, |_| true).ok_or_else(nothing)?, name)?,
        Step::Delete(what) => place.delete(&place.loose(what).ok_or_else(nothing)?)?,
        Step::MakeAgain(what) => place.make_again(&place.loose(what).ok_or_else(nothing)?)?,
        Step::Mapped(which, how) => {
            let mapped = place.pick(which, |thing| MAPPED.iter().any(|name| thing.is(name)));
            let mapped = mapped.ok_or_else(nothing)?;
            match how % 3 {
                0 => rename(place, &mapped, how)?,
                1 => place.delete(&mapped)?,
                _ => place.make_again(&mapped)?,
            }
        }
        Step::Sync => {}
    }
    Ok(())
}

/// Names with everything that a DN must escape (RFC 4514 section 2.4).
fn rename(place: &Place, thing: &Thing, number: u8) -> Result<(), String> {
    place.rename(thing, &odd_name(number, &unique("n")))
}

fn odd_name(number: u8, name: &str) -> String {
    match number / 3 % 6 {
        0 => format!("O'Brien\\, Zo\u{eb} {name}"),
        1 => format!("\\#{name}"),
        2 => format!("{name}\\ "),
        3 => format!("{name} \\+ \\\"Ops\\\" \\\\"),
        4 => format!("M\u{fc}ller (*\u{d6}) {name}"),
        _ => name.to_owned(),
    }
}
