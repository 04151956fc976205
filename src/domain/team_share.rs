//! Memberships of Team Shares: what the mappings of groups make of a person's groups, held against what the person has.
//! Each membership belongs to the group whose mapping made it, so that one mapping never takes what another has given.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::dn::DnError;
use super::entry::{DirectoryId, EntryId};
use super::group::GroupGraph;
use super::scope::{Memberships, NamedGroup, PinKind, Pins};
use super::settings::Settings;

/// One membership of a Team Share, by the group that it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Share {
    /// The Team Share.
    pub team_share: String,
    /// The group whose mapping made the membership.
    pub group: EntryId,
}

/// One mapping, by where its group is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Whose members at any depth become members.
    pub group: NamedGroup,
    /// The Team Share.
    pub team_share: String,
}

impl Mapping {
    /// The membership that it makes of its members, if the last import saw its group.
    #[must_use]
    pub fn share(&self, graph: &GroupGraph) -> Option<Share> {
        let group = self.group.found_in(graph)?.id;
        Some(Share { team_share: self.team_share.clone(), group })
    }
}

/// All mappings of one directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mappings(Vec<Mapping>);

/// A membership that comes or goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareChange {
    /// Which.
    pub share: Share,
    /// By which mapping, or why no more, in words for an administrator.
    pub why: String,
}

/// What is to be done to a person's memberships.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShareDiff {
    /// What comes.
    pub joined: Vec<ShareChange>,
    /// What goes.
    pub left: Vec<ShareChange>,
}

impl ShareDiff {
    /// True when there is nothing to do.
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

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Mapping> {
        self.0.iter()
    }

    /// True when there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The memberships that somebody in scope with these groups is to have.
    #[must_use]
    pub fn wanted(&self, memberships: &Memberships, graph: &GroupGraph) -> BTreeSet<Share> {
        let shares = self.iter().filter_map(|mapping| mapping.share(graph));
        shares.filter(|share| memberships.contains(share.group)).collect()
    }

    /// What is to come and to go for a person who has `held`. `memberships` are the person's groups; `None` for who is in
    /// scope no more, whom everything is taken from.
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
            return format!("out of scope; it was by {name}");
        }
        if graph.by_id(share.group).is_none() {
            return format!("{name} is gone");
        }
        match self.iter().any(|mapping| mapping.share(graph).as_ref() == Some(share)) {
            true => format!("member of {name} no more"),
            false => format!("the mapping of {name} was removed"),
        }
    }
}

fn name_of(group: EntryId, graph: &GroupGraph) -> String {
    graph.by_id(group).map_or_else(|| format!("the group {group}"), |group| group.dn.to_string())
}

#[cfg(test)]
mod tests;
