//! `[[team_shares]]`: which groups of a directory give membership of which Team Share.

use serde::{Deserialize, Serialize};

use super::DirectoryId;

/// One mapping. Several groups may be mapped to one Team Share, and one group to several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamShareMapping {
    pub directory: DirectoryId,
    /// The group's DN. Its members at any depth who are in scope become members.
    pub group: String,
    pub team_share: String,
}
