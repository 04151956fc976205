//! Find items among the changes that a feed reported: the latest item of an object counts.

use cloudsync_idp::domain::entry::EntryId;
use cloudsync_idp::domain::mirror::{GroupItem, Item, Person};

use super::dn;

pub fn person(items: &[Item], login: &str) -> Option<Person> {
    items.iter().rev().find_map(|item| match item {
        Item::Person(person) if person.entry.login_name == login => Some((**person).clone()),
        _ => None,
    })
}

pub fn group(items: &[Item], name: &str) -> Option<GroupItem> {
    items.iter().rev().find_map(|item| match item {
        Item::Group(group) if group.name == name => Some((**group).clone()),
        _ => None,
    })
}

pub fn container(items: &[Item], at: &str) -> Option<EntryId> {
    items.iter().rev().find_map(|item| match item {
        Item::Container { id, dn: place } if *place == dn(at) => Some(*id),
        _ => None,
    })
}

pub fn is_gone(items: &[Item], id: EntryId) -> bool {
    items.contains(&Item::Gone(id))
}
