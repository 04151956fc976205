//! Decide about all people at once whom the guard holds.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::entry::DirectoryId;
use crate::domain::guard::SeenHeld;
use crate::flow::installation::context::PanelParts;
use crate::flow::sync::held_set::{self, HeldSet, LossCount};
use crate::store::StoreError;

/// The held people of a directory about whom nobody has decided, before a decision about all of them.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct HeldSetView {
    /// The id of the directory; empty if there is none.
    pub directory: String,
    pub name: String,
    /// How many are decided about.
    pub people: u64,
    /// How many wait after them.
    pub later: u64,
    pub losses: Vec<LossCount>,
    /// Identifies who is shown: a decision about all of them sends it back in the field `all`.
    pub seen: String,
}

/// Reads them; of the first directory without an id. `None`: there is no such directory.
pub async fn held_set(parts: &PanelParts, id: &str) -> Result<Option<HeldSetView>, StoreError> {
    let current = parts.login.current();
    let is_asked = |one: &str| id.is_empty() || id == one;
    let Some(site) = current.sites().iter().find(|site| is_asked(&site.id().0)) else {
        return Ok(id.is_empty().then(HeldSetView::default));
    };
    let set = held_set::undecided(&parts.sync, site.id()).await?;
    let all = parts.login.store.sync().count_undecided(site.id()).await?;
    let people = u64::try_from(set.rows.len()).unwrap_or_default();
    Ok(Some(HeldSetView {
        directory: site.id().0.clone(),
        name: site.settings.name.clone(),
        people,
        later: u64::try_from(all).unwrap_or_default().saturating_sub(people),
        losses: set.losses(),
        seen: set.seen(),
    }))
}

/// Those of these people whom the guard holds as they were seen.
pub async fn still_held(
    parts: &PanelParts,
    directory: &str,
    seen: &[SeenHeld],
) -> Result<HeldSet, StoreError> {
    let seen: HashMap<_, _> = seen.iter().map(|one| (one.entry, one.what_since)).collect();
    let entries: Vec<_> = seen.keys().copied().collect();
    let directory = DirectoryId(directory.to_owned());
    let mut rows = parts.login.store.sync().held_among(&directory, &entries).await?;
    rows.retain(|row| seen.get(&row.person.entry) == Some(&row.what_since));
    Ok(HeldSet { at: parts.sync.now(), rows })
}

/// The set that was seen. `None` if it has changed since.
pub async fn as_seen(parts: &PanelParts, directory: &str, seen: &str) -> Result<Option<HeldSet>, StoreError> {
    held_set::as_seen(&parts.sync, &DirectoryId(directory.to_owned()), seen).await
}
