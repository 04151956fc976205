//! `[[team_shares]]`: which groups of a directory make their members members of which Team Share.

use serde::{Deserialize, Serialize};

use super::DirectoryId;

/// One mapping. Several groups may lead to one Team Share, and one group to several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamShareMapping {
    /// The directory that the group is in.
    pub directory: DirectoryId,
    /// The group's DN. Its members at any depth who are in scope become members.
    pub group: String,
    /// The name of the Team Share.
    pub team_share: String,
}
