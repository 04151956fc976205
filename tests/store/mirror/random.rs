//! Random pages, compared with a mirror that is as simple as possible: it has the same objects and
//! memberships; and every person of whom a judge would see something new waits to be judged.

use std::collections::{BTreeMap, BTreeSet};

use cloudsync_idp::domain::dn::Dn;
use cloudsync_idp::domain::entry::EntryId;
use cloudsync_idp::domain::group::GroupGraph;
use cloudsync_idp::domain::mirror::{Item, Member, Members};
use cloudsync_idp::domain::name::fold;
use cloudsync_idp::domain::scope::Memberships;
use cloudsync_idp::store::Store;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::super::{NOW, entry, on_both};
use super::*;
use crate::support::count;

on_both!(random_pages_have_the_same_result_as_in_a_simple_mirror);

/// An object in the simple mirror.
#[derive(Clone)]
struct Object {
    item: Item,
    dn: Dn,
    gone: bool,
}

#[derive(Clone, Default)]
struct Simple {
    objects: BTreeMap<EntryId, Object>,
    edges: BTreeSet<(EntryId, Member)>,
}

/// What a judge sees of a person.
#[derive(Debug, PartialEq)]
struct View {
    dn: Dn,
    facts: String,
    gone: bool,
    groups: BTreeSet<(EntryId, String)>,
    sharers: BTreeSet<EntryId>,
}

impl Object {
    fn is_person(&self) -> bool {
        matches!(self.item, Item::Person(_))
    }

    fn mail(&self) -> Option<String> {
        match &self.item {
            Item::Person(person) if !self.gone => person.entry.email.as_deref().map(fold),
            _ => None,
        }
    }
}

impl Simple {
    fn report(&mut self, items: &[Item]) {
        let mut batch: Vec<&Item> = Vec::new();
        for item in items {
            if batch.iter().any(|earlier| earlier.id() == item.id()) {
                self.batch(&std::mem::take(&mut batch));
            }
            batch.push(item);
        }
        self.batch(&batch);
    }

    fn batch(&mut self, items: &[&Item]) {
        let turned = |item: &&&Item| {
            let held = self.objects.get(&item.id());
            !matches!(item, Item::Person(_)) && held.is_some_and(Object::is_person)
        };
        let gone: Vec<EntryId> = items.iter().filter(turned).map(|item| item.id()).collect();
        let live: Vec<&Item> =
            items.iter().filter(|item| item.dn().is_some() && !gone.contains(&item.id())).copied().collect();
        self.move_along(&live);
        let reported_gone = items.iter().filter(|item| item.dn().is_none()).map(|item| item.id());
        let gone: Vec<EntryId> = gone.into_iter().chain(reported_gone).collect();
        gone.iter().for_each(|id| self.lose(*id));
        for item in &live {
            if !matches!(item, Item::Group(_)) {
                self.edges.retain(|(group, _)| *group != item.id());
            }
            let object =
                Object { item: (*item).clone(), dn: item.dn().expect("a name").clone(), gone: false };
            self.objects.insert(item.id(), object);
        }
        live.iter().for_each(|item| self.members(item));
        live.iter().for_each(|item| self.groups_of(item));
        self.edges.retain(|(_, member)| !gone.iter().any(|id| *member == Member::by_id(*id)));
    }

    fn move_along(&mut self, live: &[&Item]) {
        let held =
            |item: &&Item| self.objects.get(&item.id()).filter(|held| !held.gone).map(|held| held.dn.clone());
        let mut rules: Vec<(Dn, Dn)> =
            live.iter().filter_map(|item| Some((held(item)?, item.dn()?.clone()))).collect();
        // If two units have one name, which only a page can cause, the one that moves counts.
        rules.sort_by_key(|(from, to)| (std::cmp::Reverse(from.depth()), from == to));
        for object in self.objects.values_mut().filter(|object| !object.gone) {
            if let Some((from, to)) = rules.iter().find(|(from, _)| object.dn.is_within(from)) {
                object.dn = object.dn.moved(from, to).expect("it lies below");
            }
        }
    }

    fn lose(&mut self, id: EntryId) {
        self.edges.retain(|(group, member)| *group != id && *member != Member::by_id(id));
        match self.objects.get_mut(&id) {
            Some(object) if object.is_person() => object.gone = true,
            _ => drop(self.objects.remove(&id)),
        }
    }

    fn members(&mut self, item: &Item) {
        let Item::Group(group) = item else { return };
        match &group.members {
            Members::NotTold => {}
            Members::All(all) => {
                self.edges.retain(|(of, _)| *of != group.id);
                self.edges.extend(all.iter().map(|member| (group.id, member.clone())));
            }
            Members::Changed { joined, left } => {
                self.edges.retain(|(of, member)| *of != group.id || !left.contains(member));
                self.edges.extend(joined.iter().map(|member| (group.id, member.clone())));
            }
        }
    }

    fn groups_of(&mut self, item: &Item) {
        let groups = match item {
            Item::Person(person) => person.groups.as_ref(),
            Item::Group(group) => group.groups.as_ref(),
            _ => None,
        };
        let (Some(groups), member) = (groups, Member::by_id(item.id())) else { return };
        let found: Vec<Option<EntryId>> = groups.iter().map(|dn| self.group_at(dn)).collect();
        if !found.contains(&None) {
            self.edges.retain(|(_, who)| *who != member);
        }
        self.edges.extend(found.into_iter().flatten().map(|group| (group, member.clone())));
    }

    fn group_at(&self, dn: &Dn) -> Option<EntryId> {
        let is = |object: &&Object| matches!(object.item, Item::Group(_)) && object.dn == *dn;
        self.objects.values().find(is).map(|object| object.item.id())
    }

    fn direct(&self, id: EntryId) -> BTreeSet<EntryId> {
        let Some(object) = self.objects.get(&id).filter(|object| !object.gone) else {
            return BTreeSet::new();
        };
        let names = [Member::by_id(id), Member::by_dn(&object.dn)];
        self.edges.iter().filter(|(_, member)| names.contains(member)).map(|(group, _)| *group).collect()
    }

    fn groups(&self) -> BTreeMap<EntryId, cloudsync_idp::domain::group::Group> {
        let group = |(id, object): (&EntryId, &Object)| match &object.item {
            Item::Group(group) => Some((
                *id,
                cloudsync_idp::domain::group::Group {
                    id: *id,
                    dn: object.dn.clone(),
                    sid: group.sid.clone(),
                    name: group.name.clone(),
                    security: group.security,
                    parents: self.direct(*id).into_iter().collect(),
                },
            )),
            _ => None,
        };
        self.objects.iter().filter_map(group).collect()
    }

    fn views(&self) -> BTreeMap<EntryId, View> {
        let graph = GroupGraph::new(self.groups().into_values());
        let view = |(id, object): (&EntryId, &Object)| {
            let Item::Person(person) = &object.item else { return None };
            let primary = person.entry.primary_group.iter().filter_map(|sid| graph.by_sid(sid)).map(|g| g.id);
            let direct = self.direct(*id).into_iter().chain(primary.filter(|_| !object.gone));
            let memberships = Memberships::from_mirror(direct, &graph);
            let groups = graph.iter().filter(|group| memberships.contains(group.id));
            let mail = object.mail();
            let sharers = self.objects.iter().filter(|(_, other)| mail.is_some() && other.mail() == mail);
            Some((
                *id,
                View {
                    dn: object.dn.clone(),
                    facts: format!("{:?} {:?}", person.entry.email, person.entry.disabled),
                    gone: object.gone,
                    groups: groups.map(|group| (group.id, group.dn.key())).collect(),
                    sharers: sharers.map(|(id, _)| *id).collect(),
                },
            ))
        };
        self.objects.iter().filter_map(view).collect()
    }
}

/// Operations on a directory of a few units, groups and people. Two objects never have one name at once, as
/// in a real one.
#[derive(Clone, Debug)]
enum Operation {
    Unit(u128, usize),
    Group(u128, usize, u8, Vec<(u128, bool)>),
    Person(u128, usize, u8, Vec<u128>),
    Gone(u128),
    NextPage,
}

const UNITS: [&str; 6] =
    ["DC=x", "OU=a,DC=x", "OU=b,DC=x", "OU=a,OU=b,DC=x", "OU=c,OU=a,DC=x", "OU=b,OU=a,DC=x"];

fn operation() -> impl Strategy<Value = Operation> {
    let members = prop::collection::vec(((10..14_u128).prop_union_people(), any::<bool>()), 0..4);
    prop_oneof![
        2 => (1..4_u128, 1..UNITS.len()).prop_map(|(unit, at)| Operation::Unit(unit, at)),
        4 => (10..14_u128, 0..UNITS.len(), any::<u8>(), members)
            .prop_map(|(group, at, how, members)| Operation::Group(group, at, how, members)),
        4 => (20..26_u128, 0..UNITS.len(), any::<u8>(), prop::collection::vec(10..14_u128, 0..3))
            .prop_map(|(person, at, how, groups)| Operation::Person(person, at, how, groups)),
        1 => prop_oneof![1..4_u128, 10..14_u128, 20..26_u128].prop_map(Operation::Gone),
        3 => Just(Operation::NextPage),
    ]
}

trait OrPeople {
    fn prop_union_people(self) -> BoxedStrategy<u128>;
}

impl OrPeople for std::ops::Range<u128> {
    fn prop_union_people(self) -> BoxedStrategy<u128> {
        prop_oneof![1 => self, 2 => 20..26_u128].boxed()
    }
}

fn leaf(number: u128) -> String {
    format!("CN=o{number}")
}

/// The DN of a person or group below a unit; its name is the same everywhere.
fn below(number: u128, at: usize) -> String {
    format!("{},{}", leaf(number), UNITS[at])
}

impl Operation {
    fn item(&self, simple: &Simple) -> Option<Item> {
        let dn_of = |number: &u128| simple.objects.get(&entry(*number)).map(|object| object.dn.clone());
        let named = |(number, by_name): &(u128, bool)| match by_name {
            true => Member::by_dn(&dn_of(number).unwrap_or_else(|| dn(&below(*number, 0)))),
            false => id(*number),
        };
        Some(match self {
            Self::Unit(unit, at) => container(*unit, UNITS[*at]),
            Self::Group(number, at, how, members) => {
                let members: Vec<Member> = members.iter().map(named).collect();
                let reported = match how % 4 {
                    0 => Members::NotTold,
                    1 => Members::Changed { joined: members, left: vec![id(20), id(10), id(22)] },
                    _ => Members::All(members),
                };
                let mut item = group(*number, &below(*number, *at), reported);
                item.security = how & 16 == 0;
                Item::Group(Box::new(item))
            }
            Self::Person(number, at, how, groups) => {
                let mut item = person(*number, &below(*number, *at));
                item.entry.email = (how & 3 != 0).then(|| format!("m{}@example.com", how & 3));
                item.entry.disabled = how & 4 != 0;
                item.entry.primary_group = (how & 8 != 0).then(|| {
                    cloudsync_idp::domain::entry::Sid(format!("S-1-5-21-1-2-3-{}", 10 + (how >> 6)))
                });
                item.groups = (how & 16 != 0).then(|| {
                    groups.iter().map(|group| dn_of(group).unwrap_or_else(|| dn("CN=unknown,DC=x"))).collect()
                });
                person_item(item)
            }
            Self::Gone(number) => Item::Gone(entry(*number)),
            Self::NextPage => return None,
        })
    }
}

async fn random_pages_have_the_same_result_as_in_a_simple_mirror(first: &Store) {
    let _ = first;
    let mut runner =
        TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let many = count(60, 2_000);
    for case in 0..many {
        let operations =
            prop::collection::vec(operation(), 5..40).new_tree(&mut runner).expect("operations").current();
        run(first, case, &operations).await;
    }
}

/// Each case has a directory of its own: the ids are the same, so no case may affect another.
async fn run(store: &Store, case: usize, operations: &[Operation]) {
    let directory = cloudsync_idp::domain::entry::DirectoryId(format!("case {case}"));
    let (mut simple, mut page, mut version) = (Simple::default(), Vec::new(), 0);
    for operation in operations.iter().chain([&Operation::NextPage]) {
        if let Some(item) = operation.item(&simple) {
            page.push(item);
            continue;
        }
        let before = simple.views();
        simple.report(&page);
        done(store.sync().mirror_page(&directory, version, None, &page, None).await.unwrap());
        version += 1;
        let what = format!("case {case}: {operations:?}\npage {page:?}");
        compare(store, &directory, &simple, &before, &what).await;
        page.clear();
    }
}

async fn compare(
    store: &Store,
    directory: &cloudsync_idp::domain::entry::DirectoryId,
    simple: &Simple,
    before: &BTreeMap<EntryId, View>,
    what: &str,
) {
    let people = store.sync().people_page(directory, None, 1_000).await.unwrap();
    let views = simple.views();
    let held: Vec<EntryId> = people.iter().map(|person| person.id).collect();
    assert_eq!(held, views.keys().copied().collect::<Vec<_>>(), "{what}");
    for person in &people {
        let view = &views[&person.id];
        assert_eq!((&person.dn, person.gone), (&view.dn, view.gone), "{what}");
        let direct: Vec<EntryId> = simple.direct(person.id).into_iter().collect();
        assert_eq!(person.direct_groups, direct, "{what}");
        assert_eq!(format!("{:?} {:?}", person.facts.email, person.facts.disabled), view.facts, "{what}");
        let differs = before.get(&person.id) != Some(view);
        assert!(
            person.stamp > 0 || !differs,
            "{:?} was {:?}, is {view:?}\n{what}",
            person.id,
            before.get(&person.id)
        );
    }
    store.sync().refresh_directory_groups(directory).await.unwrap();
    let groups = store.sync().groups(directory).await.unwrap();
    let groups: BTreeMap<EntryId, _> = groups.into_iter().map(|group| (group.id, group)).collect();
    assert_eq!(groups, simple.groups(), "{what}");
    for (id, object) in simple.objects.iter().filter(|(_, object)| !object.gone) {
        let found = store.sync().object_by_id(directory, *id).await.unwrap();
        assert_eq!(found.map(|(_, dn)| dn).as_ref(), Some(&object.dn), "{what}");
    }
    let waiting = store.sync().dirty_people(directory, None, 1_000).await.unwrap();
    // Everybody is judged except people who are gone, who may come back.
    let judged: Vec<SettledPerson> =
        waiting.iter().filter(|person| !person.gone).map(|person| person.judged(true)).collect();
    let verdicts = Verdicts { judged, ..Verdicts::default() };
    store.sync().applied(None, directory, verdicts, NOW).await.unwrap();
}
