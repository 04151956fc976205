//! Random sequences of changes on a model of a directory: syncing by changes has the same result as reading
//! everything, and both match the directory.

mod feed;
mod world;

use cloudsync_idp::domain::account::Status;
use cloudsync_idp::flow::installation::context::SyncParts;
use cloudsync_idp::flow::installation::current::Site;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::flow::sync::{RunOrder, SyncError, round};
use cloudsync_idp::store::RunTrigger;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use self::feed::{Model, ModelFeed};
use self::world::{MemberFormat, World};
use super::corp;
use crate::support::count;
use crate::support::provider::{CLIENT, Provider, Setup};
use crate::support::rows::LogRows;

/// One step; the numbers pick among the existing objects.
#[derive(Clone, Debug)]
enum Step {
    AddPerson(u8, Option<u8>),
    AddGroup(u8),
    AddUnit(u8),
    Mail(u8, Option<u8>),
    Disable(u8, bool),
    Expire(u8, bool),
    Join(u8, u8),
    Leave(u8, u8),
    Move(u8, u8),
    Rename(u8),
    Swap(u8, u8),
    Delete(u8),
    /// The directory is restored from a copy, so its counters are worthless.
    Restore,
    /// The changes so far are synced.
    Sync,
    /// Everything is read, and this move happens after the first page.
    SyncEverything(u8, u8),
    /// Everything is read, and the connection breaks on the way.
    BreakOff(u8),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<u8>(), proptest::option::weighted(0.8, 0_u8..12)).prop_map(|(at, mail)| Step::AddPerson(at, mail)),
        2 => any::<u8>().prop_map(Step::AddGroup),
        2 => any::<u8>().prop_map(Step::AddUnit),
        3 => (any::<u8>(), proptest::option::weighted(0.8, 0_u8..12)).prop_map(|(who, mail)| Step::Mail(who, mail)),
        2 => any::<(u8, bool)>().prop_map(|(who, now)| Step::Disable(who, now)),
        1 => any::<(u8, bool)>().prop_map(|(who, now)| Step::Expire(who, now)),
        6 => any::<(u8, u8)>().prop_map(|(group, who)| Step::Join(group, who)),
        3 => any::<(u8, u8)>().prop_map(|(group, who)| Step::Leave(group, who)),
        4 => any::<(u8, u8)>().prop_map(|(what, to)| Step::Move(what, to)),
        3 => any::<u8>().prop_map(Step::Rename),
        1 => any::<(u8, u8)>().prop_map(|(one, other)| Step::Swap(one, other)),
        2 => any::<u8>().prop_map(Step::Delete),
        1 => Just(Step::Restore),
        6 => Just(Step::Sync),
        1 => any::<(u8, u8)>().prop_map(|(what, to)| Step::SyncEverything(what, to)),
        1 => (0_u8..6).prop_map(Step::BreakOff),
    ]
}

const SETTINGS: &str = r#"
[[directories]]
id = "corp"
name = "Model"
schema = "Rfc2307bis"
base_dn = "dc=model"
encryption = "unencrypted_loopback_only"
servers = [{ host = "127.0.0.1", port = 1 }]
service_account = "cn=reader,dc=model"
service_account_password = "never sent"
email_written_by_admins_only = true
[directories.sync]
guard_people = 1000000
guard_percent = 100
[directories.scope]
organizational_units = ["ou=in,dc=model"]
groups = ["cn=selected,ou=out,dc=model"]
"#;

#[test]
fn syncing_by_changes_has_the_same_result_as_reading_everything() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let provider = runtime.block_on(async {
        let provider = Provider::start(Setup::new("")).await;
        provider.apply(&format!("{CLIENT}\n{SETTINGS}"), Mode::Replace).await.expect("good settings");
        provider
    });
    let cases = u32::try_from(count(150, 10_000)).expect("few");
    let mut runner = TestRunner::new(Config { cases, ..Config::default() });
    let run = std::cell::Cell::new(0_u64);
    let kinds = prop_oneof![
        Just(MemberFormat::Linked),
        Just(MemberFormat::Named),
        Just(MemberFormat::NamedAndRewritten)
    ];
    let sequences = (kinds, proptest::collection::vec(any_step(), 1..30));
    // Everybody moves into the scope while everything is read.
    let moved = [
        Step::AddUnit(0),
        Step::AddGroup(0),
        Step::Rename(0),
        Step::SyncEverything(17, 19),
        Step::SyncEverything(4, 102),
    ];
    let played = runtime.block_on(play(&provider.parts.sync(), MemberFormat::Linked, 0, moved.to_vec()));
    played.expect("the same result");
    let done = runner.run(&sequences, |(kept, steps)| {
        run.set(run.get() + 1);
        runtime.block_on(play(&provider.parts.sync(), kept, run.get(), steps))
    });
    if let Err(error) = done {
        panic!("{error}");
    }
}

async fn play(
    parts: &SyncParts,
    kept: MemberFormat,
    run: u64,
    steps: Vec<Step>,
) -> Result<(), TestCaseError> {
    let current = parts.current();
    let site = current.site(&corp()).expect("the model's directory");
    // The selected entries have other ids in each world.
    parts.store.sync().forget_pins(&corp(), &[]).await.expect("the store answers");
    let model = Model::new(World::new(kept, run));
    let mut feed = ModelFeed::new(&model);
    sync(parts, site, &mut feed, &RunOrder::changes(RunTrigger::Command)).await?;
    for step in steps {
        match step {
            Step::Sync => drop(sync(parts, site, &mut feed, &RunOrder::changes(RunTrigger::Command)).await?),
            Step::SyncEverything(what, to) => {
                feed.meanwhile = Some(Box::new(move |world| move_something(world, what, to)));
                let order = RunOrder::everything(RunTrigger::Command, "it was asked for");
                match round(parts, site, &mut feed, None, &order).await {
                    // A read may miss people who move meanwhile, at both places. A later run sees them.
                    Ok(_) | Err(SyncError::Empty { .. }) => {}
                    Err(error) => return Err(TestCaseError::fail(error.to_string())),
                }
                feed.meanwhile = None;
            }
            Step::BreakOff(after) => {
                feed.breaks_after = Some(usize::from(after));
                let _broken =
                    round(parts, site, &mut feed, None, &RunOrder::everything(RunTrigger::Command, "asked"))
                        .await;
                feed.breaks_after = None;
            }
            step => change(&mut model.world(), parts.now(), step),
        }
    }
    if !sync(parts, site, &mut feed, &RunOrder::changes(RunTrigger::Command)).await? {
        return Ok(());
    }
    matches_the_directory(parts, &model).await?;
    let before = parts.store.sync().changes_page(None, 1).await.expect("an answer").first().map(|row| row.id);
    if !sync(parts, site, &mut feed, &RunOrder::everything(RunTrigger::Command, "to compare")).await? {
        return Ok(());
    }
    let after = parts.store.sync().changes_page(None, 1).await.expect("an answer").first().map(|row| row.id);
    prop_assert_eq!(before, after, "reading everything found something that the changes had not reported");
    Ok(())
}

/// False if the product refuses: nobody is in scope any more, which a full read treats as an error.
async fn sync(
    parts: &SyncParts,
    site: &Site,
    feed: &mut ModelFeed,
    order: &RunOrder,
) -> Result<bool, TestCaseError> {
    match round(parts, site, feed, None, order).await {
        Ok(_) => Ok(true),
        Err(SyncError::Empty { .. }) => {
            let world = feed.model.world();
            prop_assert!(!world.people().into_iter().any(|id| world.is_in_scope(id)), "somebody is in scope");
            Ok(false)
        }
        Err(error) => Err(TestCaseError::fail(error.to_string())),
    }
}

/// Checks that exactly the people who should have an active account have one, except those with a conflict.
async fn matches_the_directory(parts: &SyncParts, model: &Model) -> Result<(), TestCaseError> {
    let conflicts = parts.store.sync().conflicts(&corp()).await.expect("an answer");
    let people = model.world().people();
    for id in people {
        let account = parts.store.identity().account_by_entry(&corp(), id).await.expect("an answer");
        let world = model.world();
        let (should, mail) =
            (world.should_have_account(id, parts.now()), world.mail_of(id).map(str::to_owned));
        let is = account.as_ref().is_some_and(|account| account.status == Status::Active);
        let has_conflict = conflicts.iter().any(|row| row.entry == id);
        prop_assert!(
            is == should || (should && has_conflict && account.is_none()),
            "{}: {is} and not {should}",
            world.dn(id)
        );
        if let (Some(account), true, false) = (&account, should, has_conflict) {
            prop_assert_eq!(Some(&account.profile.email), mail.as_ref(), "{}", world.dn(id));
        }
    }
    Ok(())
}

fn pick<T: Copy>(all: &[T], number: u8) -> Option<T> {
    all.get(usize::from(number) % all.len().max(1)).copied()
}

fn move_something(world: &mut World, what: u8, to: u8) {
    let mut all = world.people();
    all.extend(world.units());
    if let (Some(what), Some(to)) = (pick(&all, what), pick(&world.units(), to)) {
        world.move_to(what, to, None);
    }
}

fn change(world: &mut World, now: i64, step: Step) {
    let (people, groups, units) = (world.people(), world.groups(), world.units());
    let mut members = people.clone();
    members.extend(&groups);
    let mut all = members.clone();
    all.extend(&units);
    let person = |number| pick(&people, number);
    match step {
        Step::AddPerson(at, mail) => {
            if let Some(unit) = pick(&units, at) {
                world.add_person(unit, mail);
            }
        }
        Step::AddGroup(at) => {
            if let Some(unit) = pick(&units, at) {
                world.add_group(unit);
            }
        }
        Step::AddUnit(at) => {
            if let Some(unit) = pick(&units, at) {
                world.add_unit(unit);
            }
        }
        Step::Mail(who, mail) => person(who).into_iter().for_each(|id| world.set_mail(id, mail)),
        Step::Disable(who, disabled) => {
            person(who).into_iter().for_each(|id| world.set_disabled(id, disabled))
        }
        Step::Expire(who, soon) => {
            let at = soon.then_some(now - 1);
            person(who).into_iter().for_each(|id| world.set_expiry(id, at));
        }
        Step::Join(group, who) => {
            if let (Some(group), Some(member)) = (pick(&groups, group), pick(&members, who)) {
                world.join(group, member);
            }
        }
        Step::Leave(group, who) => {
            if let (Some(group), Some(member)) = (pick(&groups, group), pick(&members, who)) {
                world.leave(group, member);
            }
        }
        Step::Move(what, to) => {
            if let (Some(what), Some(to)) = (pick(&all, what), pick(&units, to)) {
                world.move_to(what, to, None);
            }
        }
        Step::Rename(what) => {
            if let Some(what) = pick(&all, what) {
                let (parent, rdn) = world.place_of(what);
                if let Some(parent) = parent {
                    world.move_to(what, parent, Some(format!("{rdn}r")));
                }
            }
        }
        Step::Swap(one, other) => {
            if let (Some(one), Some(other)) = (pick(&all, one), pick(&all, other)) {
                world.swap(one, other);
            }
        }
        Step::Delete(what) => pick(&all, what).into_iter().for_each(|id| world.delete(id)),
        Step::Restore => world.invocation = Uuid::from_u128(world.invocation.as_u128() + (1 << 100)),
        Step::Sync | Step::SyncEverything(..) | Step::BreakOff(_) => {}
    }
}
