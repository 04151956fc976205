//! Groups that only seem to be empty. Where the right to read a member list is taken away, a directory shows the group
//! without it, and everybody in it would seem to have left.

use std::borrow::Cow;
use std::collections::HashSet;

use super::SyncError;
use crate::directory::DirectoryError;
use crate::directory::feed::ChangeFeed;
use crate::domain::entry::EntryId;
use crate::domain::mirror::{GroupItem, Item, Members};
use crate::domain::scope::{PinKind, configured};
use crate::flow::context::Parts;
use crate::flow::estate::Site;

/// The items, with the members of a group as they were where these can't be read now. A group of the sync scope that hides
/// them is an error: nobody may lose or keep an account for what can't be seen.
pub(super) async fn with_members_as_they_were<'a, F: ChangeFeed>(
    (parts, site): (&Parts, &Site),
    feed: &mut F,
    items: &'a [Item],
) -> Result<Cow<'a, [Item]>, SyncError> {
    let empty: Vec<&GroupItem> = items.iter().filter_map(without_members).collect();
    if empty.is_empty() {
        return Ok(Cow::Borrowed(items));
    }
    let ids: Vec<EntryId> = empty.iter().map(|group| group.id).collect();
    let had_members = parts.store.groups_with_members(site.id(), &ids).await?;
    let selected = selected(parts, site, &empty).await?;
    let mut hidden = HashSet::new();
    for group in empty.iter().filter(|group| had_members.contains(&group.id) || selected.contains(&group.id))
    {
        if !feed.hides_members(&group.dn).await? {
            continue;
        }
        if selected.contains(&group.id) {
            return Err(DirectoryError::Unreadable { dn: group.dn.clone(), attribute: "member" }.into());
        }
        tracing::warn!(directory = %site.id(), dn = %group.dn, "the members of a group can't be read any more; they stay as they were");
        hidden.insert(group.id);
    }
    Ok(match hidden.is_empty() {
        true => Cow::Borrowed(items),
        false => items.iter().map(|item| not_told(item, &hidden)).collect::<Vec<_>>().into(),
    })
}

fn without_members(item: &Item) -> Option<&GroupItem> {
    match item {
        Item::Group(group) => (group.members == Members::All(Vec::new())).then_some(group),
        Item::Person(_) | Item::Container { .. } | Item::Gone(_) => None,
    }
}

fn not_told(item: &Item, hidden: &HashSet<EntryId>) -> Item {
    match item {
        Item::Group(group) if hidden.contains(&group.id) => {
            Item::Group(Box::new(GroupItem { members: Members::NotTold, ..(**group).clone() }))
        }
        other => other.clone(),
    }
}

/// Those that the sync scope names, by what they were found to be or, before that, by name.
async fn selected(parts: &Parts, site: &Site, groups: &[&GroupItem]) -> Result<HashSet<EntryId>, SyncError> {
    let pins = parts.store.pins(site.id()).await?;
    let mut selected = HashSet::new();
    for (kind, dn) in configured(&parts.current().settings, &site.settings) {
        if !matches!(kind, PinKind::Group | PinKind::ExcludedGroup) {
            continue;
        }
        let pinned = pins.get(kind, &dn).map(|pin| pin.entry);
        let named = |group: &&&GroupItem| pinned.map_or_else(|| group.dn == dn, |entry| group.id == entry);
        selected.extend(groups.iter().filter(named).map(|group| group.id));
    }
    Ok(selected)
}
