//! Combine a person's groups from the directory with the group nesting from the last sync.

use std::collections::HashSet;

use crate::domain::dn::Dn;
use crate::domain::entry::{Entry, EntryId, Sid};
use crate::domain::group::GroupGraph;

/// The groups that a directory has just confirmed for one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveGroups {
    /// `tokenGroups`: every security group at any depth, including the primary group (MS-ADTS 3.1.1.4.5.19).
    Token(Vec<Sid>),
    /// The groups that list the entry directly, for schemas without `tokenGroups`.
    Direct(Vec<Dn>),
}

/// The groups of one person, transitively.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memberships(HashSet<EntryId>);

impl Memberships {
    /// Combines the directory's current data with the closure of the last sync.
    ///
    /// Security groups count only if `tokenGroups` lists them, so that an outdated closure can't let anybody
    /// in; distribution groups, which `tokenGroups` never lists, come from the closure.
    #[must_use]
    pub fn new(entry: &Entry, live: &LiveGroups, graph: &GroupGraph) -> Self {
        let direct = entry.direct_groups.iter().filter_map(|dn| graph.by_dn(dn)).map(|group| group.id);
        match live {
            LiveGroups::Token(sids) => {
                let token: HashSet<EntryId> =
                    sids.iter().filter_map(|sid| graph.by_sid(sid)).map(|group| group.id).collect();
                let confirmed = |id: &EntryId| {
                    token.contains(id) || graph.by_id(*id).is_some_and(|group| !group.security)
                };
                let start: Vec<EntryId> = token.iter().copied().chain(direct.filter(confirmed)).collect();
                Self(graph.closure_through(start, confirmed))
            }
            LiveGroups::Direct(dns) => {
                Self(graph.closure(dns.iter().filter_map(|dn| graph.by_dn(dn)).map(|group| group.id)))
            }
        }
    }

    /// From the closure of the sync alone, for a run that reads everything anyway.
    #[must_use]
    pub fn from_mirror(direct: impl IntoIterator<Item = EntryId>, graph: &GroupGraph) -> Self {
        Self(graph.closure(direct))
    }

    /// True if the person is in this group.
    #[must_use]
    pub fn contains(&self, group: EntryId) -> bool {
        self.0.contains(&group)
    }

    /// The names for the claim `groups`, sorted.
    #[must_use]
    pub fn names(&self, graph: &GroupGraph) -> Vec<String> {
        let mut names: Vec<String> =
            self.0.iter().filter_map(|id| graph.by_id(*id)).map(|group| group.name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
