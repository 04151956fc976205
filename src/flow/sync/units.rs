//! What an admin chooses a scope from: the containers of a directory with the people in each, and its groups.
//! Everything comes from the mirror and from memory; no directory is asked.

use std::sync::Arc;

use tokio::time::{Duration, Instant};

use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::name::fold;
use crate::domain::scope::{NamedGroup, UnitTree};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::installation::units::CountedUnits;
use crate::store::{PlacedKind, StoreError};

/// How many objects are read at once.
const PAGE: u32 = 5_000;

/// Of its time, a process counts people for at most one part in so many.
const SHARE: u32 = 10;

/// Beyond this time a count is made beside the page, which shows the one before.
const SHORT: Duration = Duration::from_millis(20);

/// The containers of a directory with the people in each. Counted again once the mirror has changed, but not
/// the whole time: in a large directory something changes each second.
pub async fn units(parts: &SyncParts, site: &Arc<Site>) -> Result<Arc<CountedUnits>, StoreError> {
    let known = site.units.read().await.clone();
    let version = parts.store.sync().mirror_state(site.id()).await?.version;
    let Some(known) = known else { return recount(parts, site, version).await };
    if known.version == version || known.counted.elapsed() < known.took * SHARE {
        return Ok(known);
    }
    if known.took <= SHORT {
        return recount(parts, site, version).await;
    }
    let (parts, site) = (parts.clone(), Arc::clone(site));
    tokio::spawn(async move {
        if let Err(error) = recount(&parts, &site, version).await {
            tracing::warn!(directory = %site.id(), %error, "the people in the containers can't be counted");
        }
    });
    Ok(known)
}

/// Counts, unless another request has just done it.
async fn recount(parts: &SyncParts, site: &Site, version: i64) -> Result<Arc<CountedUnits>, StoreError> {
    let _one = site.counting.lock().await;
    if let Some(known) = site.units.read().await.clone()
        && known.version >= version
    {
        return Ok(known);
    }
    let begun = Instant::now();
    let tree = count(parts, site).await?;
    let counted = Arc::new(CountedUnits { tree, version, counted: Instant::now(), took: begun.elapsed() });
    *site.units.write().await = Some(Arc::clone(&counted));
    Ok(counted)
}

async fn count(parts: &SyncParts, site: &Site) -> Result<UnitTree, StoreError> {
    let (mut tree, mut last) = (UnitTree::new(site.directory.base()), None);
    loop {
        let page = parts.store.sync().placed_page(site.id(), last.as_ref(), PAGE).await?;
        let Some(end) = page.last().cloned() else { break };
        last = Some(end);
        for object in page {
            match object.what {
                // By path, so that a container comes before what lies below it.
                PlacedKind::Container(dn) => tree.add_unit(dn),
                PlacedKind::Person { disabled } => tree.add_person(&object.path, disabled),
            }
        }
    }
    tree.finish();
    Ok(tree)
}

/// A group of the directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
pub struct GroupView {
    pub name: String,
    pub dn: String,
}

/// The groups whose name or DN contains each word of a text, by name; all of them for an empty text. `after` is
/// the last one of the page before.
#[must_use]
pub fn search_groups(site: &Site, text: &str, after: Option<&GroupView>, limit: usize) -> Vec<GroupView> {
    let words: Vec<String> = text.split_whitespace().map(fold).collect();
    let graph = site.graph();
    let mut found: Vec<(String, GroupView)> = Vec::new();
    for group in graph.iter() {
        let (name, dn) = (fold(&group.name), group.dn.key());
        if words.iter().all(|word| name.contains(word) || dn.contains(word)) {
            let view = GroupView { name: group.name.clone(), dn: group.dn.as_str().to_owned() };
            found.push((format!("{name}\n{dn}"), view));
        }
    }
    let place = after.map(|after| {
        let dn = Dn::parse(&after.dn).map_or_else(|_| after.dn.clone(), |dn| dn.key());
        format!("{}\n{dn}", fold(&after.name))
    });
    found.retain(|(key, _)| place.as_ref().is_none_or(|place| key > place));
    found.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    found.into_iter().take(limit).map(|(_, view)| view).collect()
}

/// The selected groups that have no members, as far as the mirror knows; also those that it does not have.
pub async fn empty_groups(parts: &SyncParts, site: &Site) -> Result<Vec<Dn>, StoreError> {
    let scope = site.scope();
    let ids: Vec<EntryId> = scope.groups.iter().filter_map(|group| group.entry).collect();
    let filled = parts.store.sync().groups_with_members(site.id(), &ids).await?;
    let is_empty = |group: &&NamedGroup| group.entry.is_none_or(|entry| !filled.contains(&entry));
    Ok(scope.groups.iter().filter(is_empty).map(|group| group.dn.clone()).collect())
}
