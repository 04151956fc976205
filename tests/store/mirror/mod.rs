//! The mirror: what a feed reports, who is affected, and that no writer overtakes another.

mod moves;
mod random;
mod rules;
mod scans;
mod settled;
mod speed;

use std::collections::BTreeSet;

use cloudsync_idp::domain::cursor::{Cursor, Position};
use cloudsync_idp::domain::dn::Dn;
use cloudsync_idp::domain::entry::{Entry, EntryId, PasswordState, Sid, WrongTries};
use cloudsync_idp::domain::mirror::{GroupItem, Item, Member, Members, Person};
use cloudsync_idp::domain::profile::{ProfileAttribute, ProfileValues};
use cloudsync_idp::store::{Fenced, Mirrored, MirroredPerson, ScanId, SettledPerson, Store, Verdicts};

use super::{NOW, corp, entry};
use crate::support::rows::Decisions;

fn dn(text: &str) -> Dn {
    Dn::parse(text).expect("a DN")
}

fn cursor(text: &str) -> Cursor {
    Cursor { server: "dc1:636".into(), position: Position::SyncRepl { cookie: text.as_bytes().to_vec() } }
}

/// A person at this place, with an email address named after its leaf.
fn person(number: u128, at: &str) -> Person {
    let leaf = at.split(',').next().and_then(|leaf| leaf.split('=').nth(1)).unwrap_or("x").to_lowercase();
    let entry = Entry {
        id: entry(number),
        dn: dn(at),
        sid: Some(Sid(format!("S-1-5-21-1-2-3-{number}"))),
        login_name: leaf.clone(),
        principal_name: None,
        email: Some(format!("{leaf}@Example.com")),
        attributes: ProfileValues::default()
            .with(ProfileAttribute::Name, leaf.to_uppercase())
            .with(ProfileAttribute::FamilyName, "Näme"),
        disabled: false,
        expires_at: None,
        smart_card_required: false,
        starts_at: None,
        idle_at: None,
        locked: Some(false),
        password_expires_at: None,
        other_login_names: Vec::new(),
        password: PasswordState::Usable,
        password_changed_at: None,
        wrong_tries: WrongTries::default(),
        password_policy: None,
        direct_groups: Vec::new(),
        primary_group: None,
    };
    Person { entry, groups: None, passes_filter: true }
}

fn person_item(person: Person) -> Item {
    Item::Person(Box::new(person))
}

fn at(number: u128, place: &str) -> Item {
    person_item(person(number, place))
}

fn in_groups(number: u128, place: &str, groups: &[&str]) -> Item {
    person_item(Person {
        groups: Some(groups.iter().map(|group| dn(group)).collect()),
        ..person(number, place)
    })
}

fn container(number: u128, place: &str) -> Item {
    Item::Container { id: entry(number), dn: dn(place) }
}

fn group(number: u128, place: &str, members: Members) -> GroupItem {
    GroupItem {
        id: entry(number),
        dn: dn(place),
        sid: Some(Sid(format!("S-1-5-21-1-2-3-{number}"))),
        name: format!("g{number}"),
        security: true,
        groups: None,
        members,
    }
}

fn with(number: u128, place: &str, members: &[Member]) -> Item {
    Item::Group(Box::new(group(number, place, Members::All(members.to_vec()))))
}

fn changed(number: u128, place: &str, joined: &[Member], left: &[Member]) -> Item {
    let members = Members::Changed { joined: joined.to_vec(), left: left.to_vec() };
    Item::Group(Box::new(group(number, place, members)))
}

fn id(number: u128) -> Member {
    Member::by_id(entry(number))
}

fn name(place: &str) -> Member {
    Member::by_dn(&dn(place))
}

fn done<T>(fenced: Fenced<T>) -> T {
    match fenced {
        Fenced::Done(done) => done,
        Fenced::Overtaken => panic!("overtaken"),
    }
}

async fn version(store: &Store) -> i64 {
    store.sync().mirror_state(&corp()).await.unwrap().version
}

/// Reports changes.
async fn report(store: &Store, items: &[Item]) -> Mirrored {
    let version = version(store).await;
    done(store.sync().mirror_page(&corp(), version, None, items, None).await.unwrap())
}

/// Reports a page of a scan.
async fn report_scan(store: &Store, scan: ScanId, items: &[Item]) -> Mirrored {
    let version = version(store).await;
    done(store.sync().mirror_page(&corp(), version, Some(scan), items, None).await.unwrap())
}

async fn dirty(store: &Store) -> BTreeSet<u128> {
    let mut found = BTreeSet::new();
    let mut after = None;
    loop {
        // Small pages, so that paging is tested as well.
        let page = store.sync().dirty_people(&corp(), after, 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.waiting());
        found.extend(page.iter().map(|person| person.id.0.as_u128()));
    }
    assert_eq!(store.sync().count_dirty(&corp()).await.unwrap(), found.len() as u64);
    found
}

/// Judges everybody who waits.
async fn judge_all(store: &Store) {
    let waiting = store.sync().dirty_people(&corp(), None, 100_000).await.unwrap();
    settle(store, &waiting).await;
    assert_eq!(dirty(store).await, BTreeSet::new());
}

async fn settle(store: &Store, people: &[MirroredPerson]) {
    let judged: Vec<SettledPerson> = people.iter().map(|person| person.judged(true)).collect();
    let verdicts = Verdicts { batch: Vec::new(), judged: judged.to_vec(), ..Verdicts::default() };
    store.sync().applied(None, &corp(), verdicts, NOW).await.unwrap();
}

/// Judges everybody, reports changes, and returns who waits because of them.
async fn affected_by(store: &Store, items: &[Item]) -> BTreeSet<u128> {
    judge_all(store).await;
    report(store, items).await;
    dirty(store).await
}

async fn known(store: &Store, number: u128) -> Option<MirroredPerson> {
    store.sync().people_among(&corp(), &[entry(number)]).await.unwrap().pop()
}

async fn one(store: &Store, number: u128) -> MirroredPerson {
    known(store, number).await.expect("there")
}

async fn groups_of(store: &Store, number: u128) -> Vec<u128> {
    one(store, number).await.direct_groups.iter().map(|id: &EntryId| id.0.as_u128()).collect()
}

fn these(numbers: &[u128]) -> BTreeSet<u128> {
    numbers.iter().copied().collect()
}
