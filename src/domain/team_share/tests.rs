//! Memberships from mappings and a person's groups.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::dn::Dn;
use crate::domain::group::Group;
use crate::domain::scope::Pin;
use crate::domain::settings::TeamShareMapping;

fn id(number: u128) -> EntryId {
    EntryId(Uuid::from_u128(number))
}

fn corp() -> DirectoryId {
    DirectoryId("corp".into())
}

fn group(number: u128, parents: &[u128]) -> Group {
    Group {
        id: id(number),
        dn: Dn::parse(&format!("CN=g{number},DC=x")).expect("a DN"),
        sid: None,
        name: format!("g{number}"),
        security: true,
        parents: parents.iter().map(|parent| id(*parent)).collect(),
    }
}

/// 1 is in 2, and 2 in 3.
fn graph() -> GroupGraph {
    GroupGraph::new([group(1, &[2]), group(2, &[3]), group(3, &[])])
}

fn settings(mapped: &[(u128, &str)]) -> Settings {
    let mapping = |(group, share): &(u128, &str)| TeamShareMapping {
        directory: corp(),
        group: format!("CN=g{group},DC=x"),
        team_share: (*share).to_owned(),
    };
    Settings { team_shares: mapped.iter().map(mapping).collect(), ..Settings::default() }
}

fn mappings(mapped: &[(u128, &str)]) -> Mappings {
    Mappings::new(&settings(mapped), &corp(), &Pins::default()).expect("DNs")
}

fn share((group, team_share): &(u128, &str)) -> Share {
    Share { team_share: (*team_share).to_owned(), group: id(*group) }
}

fn shares(list: &[(u128, &str)]) -> BTreeSet<Share> {
    list.iter().map(share).collect()
}

#[test]
fn members_at_any_depth_get_the_mapped_memberships() {
    let mappings = mappings(&[(3, "All"), (1, "Inner"), (1, "More"), (2, "All"), (9, "Nobody's")]);
    for (direct, wanted) in [
        (1, shares(&[(1, "Inner"), (1, "More"), (2, "All"), (3, "All")])),
        (2, shares(&[(2, "All"), (3, "All")])),
        (3, shares(&[(3, "All")])),
    ] {
        let member = Memberships::from_mirror([id(direct)], &graph());
        assert_eq!(mappings.wanted(&member, &graph()), wanted, "of {direct}");
    }
}

#[test]
fn removed_mappings_take_only_their_memberships_with_a_reason() {
    let held = shares(&[(1, "A"), (3, "A"), (2, "B"), (9, "C")]);
    let member = Memberships::from_mirror([id(3)], &graph());
    let diff = mappings(&[(3, "A"), (3, "D"), (1, "A"), (9, "C")]).diff(&held, Some(&member), &graph());
    let reasons = |changes: &[ShareChange]| -> Vec<(String, String)> {
        changes.iter().map(|change| (change.share.team_share.clone(), change.why.clone())).collect()
    };
    assert_eq!(reasons(&diff.joined), [("D".to_owned(), "member of CN=g3,DC=x".to_owned())]);
    assert_eq!(
        reasons(&diff.left),
        [
            ("A".to_owned(), "no longer a member of CN=g1,DC=x".to_owned()),
            ("B".to_owned(), "the mapping of CN=g2,DC=x was removed".to_owned()),
            ("C".to_owned(), format!("the group {} no longer exists", id(9))),
        ]
    );
    let outside = mappings(&[(3, "A")]).diff(&shares(&[(3, "A")]), None, &graph());
    assert_eq!(
        reasons(&outside.left),
        [("A".to_owned(), "out of scope; was a member by CN=g3,DC=x".to_owned())]
    );
}

#[test]
fn a_mapped_group_is_followed_when_it_moves() {
    let pin = Pin {
        kind: PinKind::TeamShare,
        configured: Dn::parse("CN=g1,DC=x").expect("a DN").key(),
        entry: id(3),
        dn: Dn::parse("CN=g3,DC=x").expect("a DN"),
        gone_since: None,
    };
    let mappings = Mappings::new(&settings(&[(1, "A")]), &corp(), &[pin].into_iter().collect()).expect("DNs");
    let other = Memberships::from_mirror([id(1)], &GroupGraph::new([group(1, &[])]));
    assert!(mappings.wanted(&other, &graph()).is_empty(), "another group has its old name now");
    assert_eq!(mappings.wanted(&Memberships::from_mirror([id(3)], &graph()), &graph()), shares(&[(3, "A")]));
}

#[test]
fn mappings_of_other_directories_are_ignored() {
    let other = Mappings::new(&settings(&[(1, "A")]), &DirectoryId("other".into()), &Pins::default());
    assert!(other.expect("none").is_empty());
}

proptest! {
    /// From any state, the diff leads to the wanted memberships; a second diff is empty.
    #[test]
    fn a_diff_leads_to_the_wanted_memberships(
        held in proptest::collection::btree_set((0u128..5, "[AB]"), 0..6),
        mapped in proptest::collection::btree_set((0u128..5, "[AB]"), 0..6),
        direct in proptest::collection::btree_set(0u128..5, 0..4),
        in_scope: bool,
    ) {
        let mapped: Vec<(u128, &str)> = mapped.iter().map(|(group, share)| (*group, share.as_str())).collect();
        let mut held: BTreeSet<Share> = held.iter().map(|(group, name)| share(&(*group, name.as_str()))).collect();
        let mappings = mappings(&mapped);
        let member = Memberships::from_mirror(direct.into_iter().map(id), &graph());
        let groups = in_scope.then_some(&member);
        let diff = mappings.diff(&held, groups, &graph());
        for gone in &diff.left {
            prop_assert!(held.remove(&gone.share));
        }
        for new in diff.joined {
            prop_assert!(held.insert(new.share));
        }
        let wanted = if in_scope { mappings.wanted(&member, &graph()) } else { BTreeSet::new() };
        prop_assert_eq!(&held, &wanted);
        prop_assert!(mappings.diff(&held, groups, &graph()).is_empty());
    }
}
