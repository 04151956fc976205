//! The groups of a directory that give roles.

use super::Role;
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::group::GroupGraph;
use crate::domain::scope::{Memberships, PinKind, Pins};
use crate::domain::settings::Directory;

/// The groups of a directory that give roles, by the ids of the objects. A name gives no role: whoever may
/// create a group could create one of that name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdminGroups(Vec<(Role, EntryId)>);

impl AdminGroups {
    /// The groups that a sync has found. The others give no role yet.
    #[must_use]
    pub fn new(directory: &Directory, pins: &Pins) -> Self {
        let pinned = |group: &String| Some(pins.get(PinKind::Admin, &Dn::parse(group).ok()?)?.entry);
        let lists = Role::ALL.into_iter().zip(directory.role_groups());
        Self(
            lists.flat_map(|(role, list)| list.iter().filter_map(pinned).map(move |id| (role, id))).collect(),
        )
    }

    /// The highest role of a person with these groups. A group that the last sync did not see gives none.
    #[must_use]
    pub fn role(&self, memberships: &Memberships, graph: &GroupGraph) -> Option<Role> {
        let gives = |(_, group): &&(Role, EntryId)| {
            graph.by_id(*group).is_some_and(|group| memberships.contains(group.id))
        };
        self.0.iter().filter(gives).map(|(role, _)| *role).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::group::Group;
    use crate::domain::scope::Pin;

    const BASE: &str = "DC=corp,DC=example";

    fn id(number: u128) -> EntryId {
        EntryId(uuid::Uuid::from_u128(number))
    }

    fn dn(name: &str) -> Dn {
        Dn::parse(&format!("CN={name},{BASE}")).expect("a DN")
    }

    fn group(number: u128, name: &str, parents: &[u128]) -> Group {
        Group {
            id: id(number),
            dn: dn(name),
            sid: None,
            name: name.to_owned(),
            security: true,
            parents: parents.iter().copied().map(id).collect(),
        }
    }

    fn pin(name: &str, number: u128) -> Pin {
        let configured = dn(name);
        Pin {
            kind: PinKind::Admin,
            configured: configured.key(),
            entry: id(number),
            dn: configured,
            gone_since: None,
        }
    }

    fn settings() -> Directory {
        let list = |name: &str| vec![format!("CN={name},{BASE}")];
        Directory {
            base_dn: BASE.into(),
            admin_groups: list("Owners"),
            operator_groups: list("Operators"),
            help_desk_groups: list("Desk"),
            auditor_groups: list("Auditors"),
            ..Directory::default()
        }
    }

    fn graph() -> GroupGraph {
        GroupGraph::new([
            group(1, "Owners", &[]),
            group(2, "Operators", &[]),
            group(3, "Desk", &[]),
            group(4, "Auditors", &[]),
            group(5, "Team", &[1]),
            group(6, "Other", &[]),
        ])
    }

    fn all_pinned() -> AdminGroups {
        let pins = [pin("Owners", 1), pin("Operators", 2), pin("Desk", 3), pin("Auditors", 4)];
        AdminGroups::new(&settings(), &pins.into_iter().collect())
    }

    #[test]
    fn the_highest_role_of_all_groups_counts() {
        let (groups, graph) = (all_pinned(), graph());
        for (direct, role) in [
            (&[][..], None),
            (&[6], None),
            (&[1], Some(Role::Owner)),
            (&[2], Some(Role::Operator)),
            (&[3], Some(Role::HelpDesk)),
            (&[4], Some(Role::Auditor)),
            (&[4, 3, 2], Some(Role::Operator)),
            (&[3, 4], Some(Role::HelpDesk)),
            (&[4, 5], Some(Role::Owner)),
        ] {
            let member = Memberships::from_mirror(direct.iter().copied().map(id), &graph);
            assert_eq!(groups.role(&member, &graph), role, "{direct:?}");
        }
    }

    #[test]
    fn a_group_that_no_sync_has_found_gives_nobody_a_role() {
        let graph = graph();
        let member = Memberships::from_mirror([id(1)], &graph);
        let unpinned = AdminGroups::new(&settings(), &Pins::default());
        assert_eq!(unpinned.role(&member, &graph), None, "its name alone is not enough");
        // Another kind of pin of the same DN is not this one.
        let other = Pin { kind: PinKind::SecondFactor, ..pin("Owners", 1) };
        let groups = AdminGroups::new(&settings(), &std::iter::once(other).collect());
        assert_eq!(groups.role(&member, &graph), None);
    }

    #[test]
    fn a_group_that_is_gone_gives_nobody_a_role() {
        let graph = GroupGraph::new([group(5, "Team", &[1])]);
        let member = Memberships::from_mirror([id(5)], &graph);
        assert_eq!(all_pinned().role(&member, &graph), None);
    }

    #[test]
    fn another_group_of_the_same_name_gives_nobody_a_role() {
        // The pinned group moved away, and somebody created a group at its old DN.
        let stranger = Group { id: id(9), ..group(1, "Owners", &[]) };
        let moved = Group { dn: dn("Former owners"), ..group(1, "Owners", &[]) };
        let graph = GroupGraph::new([moved, stranger]);
        let role = |direct| all_pinned().role(&Memberships::from_mirror([id(direct)], &graph), &graph);
        assert_eq!((role(9), role(1)), (None, Some(Role::Owner)));
    }
}
