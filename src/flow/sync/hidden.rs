//! Detect groups that only appear empty. If the service account may not read a member list, a directory
//! returns the group without it, and all its members would seem to have left.

use std::borrow::Cow;
use std::collections::HashSet;

use super::order::SyncError;
use super::selected::is_scope;
use crate::directory::DirectoryError;
use crate::directory::feed::{ChangeFeed, FeedError};
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::mirror::{GroupItem, Item, Members};
use crate::domain::schema::Schema;
use crate::domain::scope::configured;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::store::StoreError;

/// The items, in which a group whose members can't be read now keeps its earlier ones. For a group of the
/// sync scope that is an error: nobody may lose or keep an account because of what can't be read. Active
/// Directory reports memberships at the members too, so there it is enough to read everybody again if only
/// changes are read (`by_changes`).
pub(super) async fn with_members_as_they_were<'a, F: ChangeFeed>(
    parts: &SyncParts,
    site: &Site,
    feed: &mut F,
    items: &'a [Item],
    by_changes: bool,
) -> Result<Cow<'a, [Item]>, SyncError> {
    let empty: Vec<&GroupItem> = items.iter().filter_map(without_members).collect();
    if empty.is_empty() {
        return Ok(Cow::Borrowed(items));
    }
    let ids: Vec<EntryId> = empty.iter().map(|group| group.id).collect();
    let had_members = parts.store.sync().groups_with_members(site.id(), &ids).await?;
    let in_scope = in_scope(parts, site, &empty).await?;
    let members_say_it = site.settings.schema == Schema::ActiveDirectory;
    let mut hidden = HashSet::new();
    for group in empty.iter().filter(|group| had_members.contains(&group.id) || in_scope.contains(&group.id))
    {
        if !feed.hides_members(&group.dn).await? {
            continue;
        }
        let dn = &group.dn;
        if members_say_it && by_changes {
            return Err(FeedError::Reset(format!("the members of {dn} can't be read")).into());
        }
        if !members_say_it && in_scope.contains(&group.id) {
            return Err(DirectoryError::Unreadable { dn: dn.clone(), attribute: "member" }.into());
        }
        tracing::warn!(directory = %site.id(), %dn, "the members of a group can't be read; they stay as they were");
        hidden.insert(group.id);
    }
    Ok(match hidden.is_empty() {
        true => Cow::Borrowed(items),
        false => items.iter().map(|item| with_hidden_members(item, &hidden)).collect::<Vec<_>>().into(),
    })
}

/// Groups of the sync scope that were never looked up: nothing indicated so far that they might not be empty.
pub(super) async fn named_anew(parts: &SyncParts, site: &Site) -> Result<Vec<EntryId>, StoreError> {
    let mut ids = Vec::new();
    for (_, dn) in named(parts, site).await?.into_iter().filter(|(entry, _)| entry.is_none()) {
        ids.extend(parts.store.sync().object_by_dn(site.id(), &dn).await?.map(|(id, _)| id));
    }
    Ok(ids)
}

/// The groups of the sync scope: the object found for each, and its name in the settings.
async fn named(parts: &SyncParts, site: &Site) -> Result<Vec<(Option<EntryId>, Dn)>, StoreError> {
    let pins = parts.store.sync().pins(site.id()).await?;
    let named = configured(&parts.current().settings, &site.settings).into_iter();
    let groups = named.filter(|(kind, _)| is_scope(*kind) && kind.is_group());
    Ok(groups.map(|(kind, dn)| (pins.get(kind, &dn).map(|pin| pin.entry), dn)).collect())
}

fn without_members(item: &Item) -> Option<&GroupItem> {
    match item {
        Item::Group(group) => (group.members == Members::All(Vec::new())).then_some(group),
        Item::Person(_) | Item::Container { .. } | Item::Gone(_) => None,
    }
}

fn with_hidden_members(item: &Item, hidden: &HashSet<EntryId>) -> Item {
    match item {
        Item::Group(group) if hidden.contains(&group.id) => {
            Item::Group(Box::new(GroupItem { members: Members::NotTold, ..(**group).clone() }))
        }
        other => other.clone(),
    }
}

/// The groups named in the scope, by object or, before it was found, by name; and the groups nested in these.
async fn in_scope(
    parts: &SyncParts,
    site: &Site,
    groups: &[&GroupItem],
) -> Result<HashSet<EntryId>, StoreError> {
    let named = named(parts, site).await?;
    let (_, graph) = site.scope_and_graph();
    let is_in = |group: &GroupItem| {
        let above = graph.closure([group.id]);
        named.iter().any(|(entry, dn)| entry.map_or_else(|| group.dn == *dn, |entry| above.contains(&entry)))
    };
    Ok(groups.iter().filter(|group| is_in(group)).map(|group| group.id).collect())
}
