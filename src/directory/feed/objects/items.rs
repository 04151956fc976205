//! What the items of all directories have in common.

use std::collections::HashSet;

use crate::domain::entry::EntryId;
use crate::domain::mirror::Item;

/// Marks the people that the server's filter matched as passing, and no one else.
pub(crate) fn pass_only(items: &mut [Item], passing: &HashSet<EntryId>) {
    for item in items {
        if let Item::Person(person) = item {
            person.passes_filter = passing.contains(&person.entry.id);
        }
    }
}

/// Containers, parents first, then groups, then people, then deleted objects.
pub(crate) fn in_order(items: &mut [Item]) {
    items.sort_by_key(|item| match item {
        Item::Container { dn, .. } => (0, dn.depth()),
        Item::Group(_) => (1, 0),
        Item::Person(_) => (2, 0),
        Item::Gone(_) => (3, 0),
    });
}
