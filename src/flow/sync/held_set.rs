//! All people of a directory whom the guard holds, decided about at once. What an administrator was shown is what is
//! decided: whoever is held later stays held, and if anybody else has changed, nothing is done.

use std::cmp::Reverse;

use aws_lc_rs::digest::{Context, SHA256};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::account::SuspendedBecause;
use crate::domain::entry::DirectoryId;
use crate::domain::guard::SeenHeld;
use crate::flow::installation::context::SyncParts;
use crate::store::{HeldRow, StoreError};

/// The most people who are decided about at once.
const MOST: u32 = 5_000;

/// The people about whom nobody has decided, as one look has found them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldSet {
    /// When it was looked.
    pub at: Millis,
    pub rows: Vec<HeldRow>,
}

/// How many people would lose the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LossCount {
    /// Why accounts would be suspended; without it, people would only leave Team Shares.
    #[schema(value_type = Option<String>)]
    pub suspend: Option<SuspendedBecause>,
    pub people: u64,
}

impl HeldSet {
    /// Who is held.
    #[must_use]
    pub fn people(&self) -> Vec<SeenHeld> {
        self.rows.iter().map(SeenHeld::from).collect()
    }

    /// How many people would lose what.
    #[must_use]
    pub fn losses(&self) -> Vec<LossCount> {
        let mut counts: Vec<LossCount> = Vec::new();
        for suspend in self.rows.iter().map(|row| row.person.what.suspend) {
            match counts.iter_mut().find(|count| count.suspend == suspend) {
                Some(count) => count.people += 1,
                None => counts.push(LossCount { suspend, people: 1 }),
            }
        }
        counts.sort_by_key(|count| Reverse(count.people));
        counts
    }

    /// Identifies the set: a decision about all of them sends it back.
    #[must_use]
    pub fn seen(&self) -> String {
        let mut digest = Context::new(&SHA256);
        self.people().iter().for_each(|one| digest.update(format!("{one}\n").as_bytes()));
        format!("{}.{}", self.at, hex::encode(digest.finish()))
    }
}

/// The people about whom nobody has decided by now; at most [`MOST`].
pub async fn undecided(parts: &SyncParts, directory: &DirectoryId) -> Result<HeldSet, StoreError> {
    at(parts, directory, parts.now()).await
}

/// The people of the set that was seen. `None` if it has changed since.
pub async fn as_seen(
    parts: &SyncParts,
    directory: &DirectoryId,
    seen: &str,
) -> Result<Option<HeldSet>, StoreError> {
    let when = seen.split_once('.').and_then(|(when, _)| when.parse().ok());
    let Some(when) = when else { return Ok(None) };
    let set = at(parts, directory, when).await?;
    Ok(Some(set).filter(|set| set.seen() == seen))
}

async fn at(parts: &SyncParts, directory: &DirectoryId, at: Millis) -> Result<HeldSet, StoreError> {
    Ok(HeldSet { at, rows: parts.store.sync().undecided(directory, at, MOST).await? })
}
