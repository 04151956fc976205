//! Random walks through real directories: in whatever way changes are told, syncing by them comes to the same as a new
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
use super::ways::{Way, by_changes};
use crate::support::lab::unique;
use crate::support::provider::{Provider, Setup};
use crate::support::{count, measured};

/// One step; the numbers pick among what is there.
#[derive(Clone, Debug)]
enum Deed {
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
    /// What was changed until now is synced.
    Sync,
}

fn deed() -> impl Strategy<Value = Deed> {
    let pair = any::<(u8, u8)>;
    prop_oneof![
        3 => any::<u8>().prop_map(Deed::AddPerson),
        1 => any::<u8>().prop_map(Deed::AddGroup),
        1 => any::<u8>().prop_map(Deed::AddUnit),
        2 => (any::<u8>(), proptest::option::weighted(0.8, 0_u8..4)).prop_map(|(who, mail)| Deed::Mail(who, mail)),
        1 => pair().prop_map(|(one, other)| Deed::SwapMails(one, other)),
        1 => pair().prop_map(|(who, name)| Deed::DisplayName(who, name)),
        2 => any::<(u8, bool)>().prop_map(|(who, off)| Deed::Disable(who, off)),
        6 => pair().prop_map(|(group, who)| Deed::Join(group, who)),
        2 => pair().prop_map(|(group, who)| Deed::Leave(group, who)),
        1 => pair().prop_map(|(one, other)| Deed::Circle(one, other)),
        4 => pair().prop_map(|(what, to)| Deed::Move(what, to)),
        1 => any::<u8>().prop_map(Deed::MoveTheUnit),
        4 => pair().prop_map(|(what, name)| Deed::Rename(what, name)),
        2 => any::<u8>().prop_map(Deed::Delete),
        2 => any::<u8>().prop_map(Deed::MakeAgain),
        1 => pair().prop_map(|(which, how)| Deed::Mapped(which, how)),
        6 => Just(Deed::Sync),
    ]
}

#[test]
fn walks_with_dirsync() {
    walks(Way::DirSync, 3);
}

#[test]
fn walks_with_dirsync_and_object_security() {
    walks(Way::DirSyncAsAnybody, 2);
}

#[test]
fn walks_with_numbers_of_changes() {
    walks(Way::UsnChanged, 2);
}

#[test]
fn walks_with_syncrepl() {
    walks(Way::SyncRepl, 3);
}

#[test]
fn walks_with_full_scans() {
    walks(Way::FullScan, 2);
}

/// What was done, and what the directory refused.
type Done = RefCell<BTreeMap<String, (u32, u32)>>;

fn walks(way: Way, few: usize) {
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
    let walked = runner.run(&proptest::collection::vec(deed(), 8..20), |deeds| {
        runtime.block_on(Box::pin(walk(way, deeds, &done)))
    });
    if let Err(error) = walked {
        panic!("{way:?}, PROPTEST_RNG_SEED={seed}: {error}");
    }
    let done = done.into_inner();
    measured(&format!("{cases} walks by {way:?}, PROPTEST_RNG_SEED={seed}; done and refused: {done:?}"));
}

async fn walk(way: Way, deeds: Vec<Deed>, done: &Done) -> Result<(), TestCaseError> {
    let corner = way.corner();
    let place = Place::new(&corner);
    let provider = Provider::start(Setup::new(&settings(way, &place).await)).await;
    run(&provider).await?;
    for deed in deeds {
        if matches!(deed, Deed::Sync) {
            run(&provider).await?;
            continue;
        }
        let refused = tokio::task::block_in_place(|| step(&place, &deed)).err();
        let name = format!("{deed:?}").split('(').next().unwrap_or_default().to_owned();
        let mut done = done.borrow_mut();
        let (times, refusals) = done.entry(name).or_default();
        *times += 1;
        *refusals += u32::from(refused.is_some());
    }
    run(&provider).await?;
    way.was_taken(&provider).await;
    equals_a_new_store(&provider, &settings(way, &place).await).await?;
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

/// By the names of today.
async fn settings(way: Way, place: &Place<'_>) -> String {
    let now = |description| place.whereabouts(description).expect("it was left alone");
    let mut settings = way.settings(place.corner, &now(UNIT), &now(GROUP)).await;
    for mapped in MAPPED {
        if let Some(group) = place.whereabouts(mapped) {
            settings += &format!(
                "[[team_shares]]\ndirectory = \"corp\"\ngroup = {group:?}\nteam_share = {mapped:?}\n"
            );
        }
    }
    settings
}

/// Everybody who has an active account, and what it is.
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

/// But for people who are held back by their mail: who came first is what a new store can't know.
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

fn step(place: &Place, deed: &Deed) -> Result<(), String> {
    let nobody = || "nothing to do it with".to_owned();
    let person = |number: u8| place.person(number).ok_or_else(nobody);
    let group = |number: u8| place.pick(number, |thing| thing.kind == Kind::Group).ok_or_else(nobody);
    let unit = |number: u8| place.pick(number, |thing| thing.kind == Kind::Unit).ok_or_else(nobody);
    match *deed {
        Deed::AddPerson(at) => drop(place.corner.person_in(&unit(at)?.dn)),
        Deed::AddGroup(at) => place.add_group(&unit(at)?.dn, "a group"),
        Deed::AddUnit(at) => drop(place.add_unit(&unit(at)?.dn, "a unit")),
        Deed::Mail(who, mail) => {
            let mail = mail.map(|pick| format!("m{pick}.{}@walks.example", place.mark));
            place.set(&person(who)?, "mail", mail.as_deref());
        }
        Deed::SwapMails(one, other) => {
            let (one, other) = (person(one)?, person(other)?);
            place.set(&one, "mail", other.mail.as_deref());
            place.set(&other, "mail", one.mail.as_deref());
        }
        Deed::DisplayName(who, name) => place.set(&person(who)?, "displayName", Some(&odd_name(name, "Zoë"))),
        Deed::Disable(who, off) => place.disable(&person(who)?, off),
        Deed::Join(to, who) => {
            let who = place.pick(who, |thing| thing.kind != Kind::Unit).ok_or_else(nobody)?;
            place.join(&group(to)?, &who)?;
        }
        Deed::Leave(from, who) => place.leave(&group(from)?, who)?,
        Deed::Circle(one, other) => {
            let (one, other) = (group(one)?, group(other)?);
            place.join(&one, &other)?;
            place.join(&other, &one)?;
        }
        Deed::Move(what, to) => {
            // without anybody in scope a full read fails, as it should
            let what = place.pick(what, |thing| !thing.is(KEEPER)).ok_or_else(nobody)?;
            place.move_to(&what, &unit(to)?.dn)?;
        }
        Deed::MoveTheUnit(to) => {
            let what = place.pick(0, |thing| thing.is(UNIT)).ok_or_else(nobody)?;
            place.move_to(&what, &unit(to)?.dn)?;
        }
        Deed::Rename(what, name) => rename(place, &place.pick(what, |_| true).ok_or_else(nobody)?, name)?,
        Deed::Delete(what) => place.delete(&place.loose(what).ok_or_else(nobody)?)?,
        Deed::MakeAgain(what) => place.make_again(&place.loose(what).ok_or_else(nobody)?)?,
        Deed::Mapped(which, how) => {
            let mapped = place.pick(which, |thing| MAPPED.iter().any(|name| thing.is(name)));
            let mapped = mapped.ok_or_else(nobody)?;
            match how % 3 {
                0 => rename(place, &mapped, how)?,
                1 => place.delete(&mapped)?,
                _ => place.make_again(&mapped)?,
            }
        }
        Deed::Sync => {}
    }
    Ok(())
}

/// Names with all that a DN must write in its own way (RFC 4514 section 2.4).
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
