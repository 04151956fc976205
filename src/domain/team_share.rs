//! Team Share memberships: compare what the group mappings give a person with what the person has. Each
//! membership belongs to the group whose mapping created it, so that one mapping never removes what another
//! has given.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::dn::DnError;
use super::entry::{DirectoryId, EntryId};
use super::group::GroupGraph;
use super::scope::{Memberships, NamedGroup, PinKind, Pins};
use super::settings::Settings;

/// One membership of a Team Share, with the group that it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Share {
    pub team_share: String,
    /// The group whose mapping created the membership.
    pub group: EntryId,
}

/// One mapping, with the group's current place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Its members at any depth become members.
    pub group: NamedGroup,
    pub team_share: String,
}

impl Mapping {
    /// The membership for its members, if the last sync saw its group.
    #[must_use]
    pub fn share(&self, graph: &GroupGraph) -> Option<Share> {
        let group = self.group.found_in(graph)?.id;
        Some(Share { team_share: self.team_share.clone(), group })
    }
}

/// All mappings of one directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mappings(Vec<Mapping>);

/// A membership that is added or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareChange {
    pub share: Share,
    /// The mapping, or the reason of the removal, for an administrator.
    pub why: String,
}

/// Changes to one person's memberships.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareDiff {
    pub joined: Vec<ShareChange>,
    pub left: Vec<ShareChange>,
}

impl ShareDiff {
    /// True if there are no changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.joined.is_empty() && self.left.is_empty()
    }
}

impl Mappings {
    /// The mappings of this directory.
    pub fn new(settings: &Settings, directory: &DirectoryId, pins: &Pins) -> Result<Self, DnError> {
        let mapping = |group: &str, team_share: &String| {
            let group = NamedGroup::new(PinKind::TeamShare, group, pins)?;
            Ok(Mapping { group, team_share: team_share.clone() })
        };
        let own = settings.team_shares_of(directory);
        own.map(|set| mapping(&set.group, &set.team_share)).collect::<Result<_, _>>().map(Self)
    }

    /// All mappings.
    pub fn iter(&self) -> impl Iterator<Item = &Mapping> {
        self.0.iter()
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The memberships that a person in scope with these groups should have.
    #[must_use]
    pub fn wanted(&self, memberships: &Memberships, graph: &GroupGraph) -> BTreeSet<Share> {
        let shares = self.iter().filter_map(|mapping| mapping.share(graph));
        shares.filter(|share| memberships.contains(share.group)).collect()
    }

    /// The changes for a person who has `held`. `memberships` are the person's groups; `None` if the person
    /// is no longer in scope, which removes all memberships.
    #[must_use]
    pub fn diff(
        &self,
        held: &BTreeSet<Share>,
        memberships: Option<&Memberships>,
        graph: &GroupGraph,
    ) -> ShareDiff {
        let wanted = memberships.map(|memberships| self.wanted(memberships, graph)).unwrap_or_default();
        let joined = wanted.difference(held).map(|share| ShareChange {
            why: format!("member of {}", name_of(share.group, graph)),
            share: share.clone(),
        });
        let left = held.difference(&wanted).map(|share| ShareChange {
            why: self.why_left(share, memberships.is_some(), graph),
            share: share.clone(),
        });
        ShareDiff { joined: joined.collect(), left: left.collect() }
    }

    fn why_left(&self, share: &Share, in_scope: bool, graph: &GroupGraph) -> String {
        let name = name_of(share.group, graph);
        if !in_scope {
            return format!("out of scope; was a member by {name}");
        }
        if graph.by_id(share.group).is_none() {
            return format!("{name} no longer exists");
        }
        match self.iter().any(|mapping| mapping.share(graph).as_ref() == Some(share)) {
            true => format!("no longer a member of {name}"),
            false => format!("the mapping of {name} was removed"),
        }
    }
}

fn name_of(group: EntryId, graph: &GroupGraph) -> String {
    graph.by_id(group).map_or_else(|| format!("the group {group}"), |group| group.dn.to_string())
}

#[cfg(test)]
mod tests;
