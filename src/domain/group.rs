//! Groups as the last sync saw them, and their transitive closure: one closure serves scope, claims and
//! explanation.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};

use super::dn::Dn;
use super::entry::{EntryId, Sid};

/// One group of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// objectGUID or entryUUID.
    pub id: EntryId,
    pub dn: Dn,
    /// objectSid, if the schema has it.
    pub sid: Option<Sid>,
    /// The name for claims: sAMAccountName or cn.
    pub name: String,
    /// True for groups in `tokenGroups`; false for distribution groups and for schemas without SIDs.
    pub security: bool,
    /// Groups that list this group directly.
    pub parents: Vec<EntryId>,
}

/// All groups of one directory, indexed by id, DN and SID.
#[derive(Clone, Debug, Default)]
pub struct GroupGraph {
    groups: HashMap<EntryId, Group>,
    by_dn: HashMap<Dn, EntryId>,
    by_sid: HashMap<Sid, EntryId>,
}

impl GroupGraph {
    /// Builds the indexes.
    #[must_use]
    pub fn new(groups: impl IntoIterator<Item = Group>) -> Self {
        let mut graph = Self::default();
        for group in groups {
            graph.by_dn.insert(group.dn.clone(), group.id);
            if let Some(sid) = &group.sid {
                graph.by_sid.insert(sid.clone(), group.id);
            }
            graph.groups.insert(group.id, group);
        }
        graph
    }

    /// The group with this id.
    #[must_use]
    pub fn by_id(&self, id: EntryId) -> Option<&Group> {
        self.groups.get(&id)
    }

    /// The group at this DN (compared as a DN, not as text).
    #[must_use]
    pub fn by_dn(&self, dn: &Dn) -> Option<&Group> {
        self.by_dn.get(dn).and_then(|id| self.groups.get(id))
    }

    /// The group with this SID.
    #[must_use]
    pub fn by_sid(&self, sid: &Sid) -> Option<&Group> {
        self.by_sid.get(sid).and_then(|id| self.groups.get(id))
    }

    /// All groups, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// `direct` and every group that contains one of them, at any depth. Cycles are followed once.
    #[must_use]
    pub fn closure(&self, direct: impl IntoIterator<Item = EntryId>) -> HashSet<EntryId> {
        self.closure_through(direct, |_| true)
    }

    /// The same, passing only through groups that `may_pass` allows: groups behind others are not reached.
    #[must_use]
    pub fn closure_through(
        &self,
        direct: impl IntoIterator<Item = EntryId>,
        may_pass: impl Fn(&EntryId) -> bool,
    ) -> HashSet<EntryId> {
        let mut open: Vec<EntryId> = direct.into_iter().filter(&may_pass).collect();
        let mut seen = HashSet::new();
        while let Some(id) = open.pop() {
            if seen.insert(id)
                && let Some(group) = self.groups.get(&id)
            {
                open.extend(self.above(group).filter(&may_pass));
            }
        }
        seen
    }

    /// The shortest path from one of the `direct` groups up to a group, both ends included, passing only
    /// through groups that `may_pass` allows. Among paths of equal length the choice is always the same.
    #[must_use]
    pub fn path(
        &self,
        direct: impl IntoIterator<Item = EntryId>,
        to: EntryId,
        may_pass: impl Fn(&EntryId) -> bool,
    ) -> Option<Vec<EntryId>> {
        let mut open: Vec<EntryId> = direct.into_iter().filter(&may_pass).collect();
        open.sort_unstable();
        let mut below: HashMap<EntryId, Option<EntryId>> = open.iter().map(|id| (*id, None)).collect();
        let mut open = VecDeque::from(open);
        while let Some(id) = open.pop_front() {
            if id == to {
                return Some(way_up(&below, to));
            }
            let Some(group) = self.groups.get(&id) else { continue };
            let mut above: Vec<EntryId> = self.above(group).filter(&may_pass).collect();
            above.sort_unstable();
            for parent in above {
                if let Entry::Vacant(free) = below.entry(parent) {
                    free.insert(Some(id));
                    open.push_back(parent);
                }
            }
        }
        None
    }

    /// The groups whose members include this group's members. A distribution group is not a security
    /// principal: a security group that lists it does not apply to its members, so `tokenGroups` leaves it
    /// out (MS-ADTS 3.1.1.4.5.19). The sync must not count a group that a sign-in can't confirm.
    fn above(&self, group: &Group) -> impl Iterator<Item = EntryId> {
        let ends =
            |parent: &EntryId| !group.security && self.by_id(*parent).is_some_and(|parent| parent.security);
        group.parents.iter().copied().filter(move |parent| !ends(parent))
    }
}

/// Follows `below` from a group back to the start of the path.
fn way_up(below: &HashMap<EntryId, Option<EntryId>>, to: EntryId) -> Vec<EntryId> {
    let mut way = vec![to];
    let mut at = to;
    while let Some(lower) = below.get(&at).copied().flatten() {
        way.push(lower);
        at = lower;
    }
    way.reverse();
    way
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn group(number: u128, parents: &[u128]) -> Group {
        Group {
            id: EntryId(Uuid::from_u128(number)),
            dn: Dn::parse(&format!("CN=g{number},DC=example")).expect("a DN"),
            sid: Some(Sid(format!("S-1-5-21-1-2-3-{number}"))),
            name: format!("g{number}"),
            security: true,
            parents: parents.iter().map(|parent| EntryId(Uuid::from_u128(*parent))).collect(),
        }
    }

    #[test]
    fn closure_follows_nesting_and_survives_cycles() {
        let graph = GroupGraph::new([group(1, &[2]), group(2, &[3]), group(3, &[1]), group(4, &[])]);
        let mut found: Vec<u128> =
            graph.closure([EntryId(Uuid::from_u128(1))]).into_iter().map(|id| id.0.as_u128()).collect();
        found.sort_unstable();
        assert_eq!(found, [1, 2, 3]);
    }

    #[test]
    fn a_path_is_the_shortest_and_cycles_end() {
        let id = |number: u128| EntryId(Uuid::from_u128(number));
        let graph = GroupGraph::new([
            group(1, &[2, 3]),
            group(2, &[4]),
            group(3, &[5]),
            group(4, &[5, 1]),
            group(5, &[1]),
            group(6, &[]),
        ]);
        let all = |_: &EntryId| true;
        for (direct, to, path) in [
            (vec![1], 5, Some(vec![1, 3, 5])),
            (vec![2, 1], 4, Some(vec![2, 4])),
            (vec![4], 4, Some(vec![4])),
            (vec![4], 3, Some(vec![4, 1, 3])),
            (vec![1, 2, 3], 6, None),
            (vec![], 1, None),
        ] {
            let expected = path.map(|path| path.into_iter().map(id).collect::<Vec<_>>());
            assert_eq!(
                graph.path(direct.iter().copied().map(id), id(to), all),
                expected,
                "{direct:?} to {to}"
            );
        }
        let without_3 = |group: &EntryId| *group != id(3);
        assert_eq!(graph.path([id(1)], id(5), without_3), Some(vec![id(1), id(2), id(4), id(5)]));
    }

    #[test]
    fn every_group_of_the_closure_has_a_path() {
        let mut groups = vec![group(1, &[2, 3]), group(2, &[]), group(3, &[4]), group(4, &[])];
        groups[2].security = false;
        let graph = GroupGraph::new(groups);
        let start = || [EntryId(Uuid::from_u128(1))];
        let closure = graph.closure(start());
        for group in graph.iter() {
            let found = graph.path(start(), group.id, |_| true);
            assert_eq!(found.is_some(), closure.contains(&group.id), "{}", group.name);
        }
    }

    #[test]
    fn groups_are_found_by_dn_whatever_its_case() {
        let graph = GroupGraph::new([group(7, &[])]);
        let dn = Dn::parse("cn=G7, dc=EXAMPLE").expect("a DN");
        assert_eq!(graph.by_dn(&dn).map(|group| group.name.as_str()), Some("g7"));
    }
}
