//! People in and out of scope, by OUs and groups.

use uuid::Uuid;

use super::*;
use crate::domain::entry::{Entry, Sid};
use crate::domain::settings::SelectedUnit;

fn dn(text: &str) -> Dn {
    Dn::parse(text).expect("a DN")
}

fn id(number: u128) -> EntryId {
    EntryId(Uuid::from_u128(number))
}

fn scope(settings: ScopeSettings) -> Scope {
    Scope::new(&settings, &Pins::default()).expect("DNs")
}

fn sid(number: u128) -> Sid {
    Sid(format!("S-1-5-21-1-2-3-{number}"))
}

fn group(number: u128, security: bool, parents: &[u128]) -> Group {
    Group {
        id: id(number),
        dn: dn(&format!("CN=g{number},DC=x")),
        sid: Some(sid(number)),
        name: format!("g{number}"),
        security,
        parents: parents.iter().map(|parent| id(*parent)).collect(),
    }
}

fn entry(direct: &[u128]) -> Entry {
    Entry {
        id: id(100),
        dn: dn("CN=a,OU=Other,DC=x"),
        sid: None,
        direct_groups: direct.iter().map(|number| dn(&format!("CN=g{number},DC=x"))).collect(),
        ..crate::domain::samples::entry()
    }
}

/// 1 (security) is in 2 (security) and in 3 (distribution); 3 is in 4 (distribution).
fn graph() -> GroupGraph {
    GroupGraph::new([
        group(1, true, &[2, 3]),
        group(2, true, &[]),
        group(3, false, &[4]),
        group(4, false, &[]),
    ])
}

#[test]
fn an_old_closure_lets_nobody_into_a_security_group() {
    let now = LiveGroups::Token(vec![sid(1)]);
    let found = Memberships::new(&entry(&[1]), &now, &graph());
    assert!(found.contains(id(1)));
    assert!(!found.contains(id(2)), "tokenGroups does not list it");
    assert!(found.contains(id(3)) && found.contains(id(4)), "distribution groups come from the closure");
    let left = Memberships::new(&entry(&[1]), &LiveGroups::Token(vec![]), &graph());
    assert_eq!(left, Memberships::default());
}

#[test]
fn groups_missing_from_token_groups_give_no_membership() {
    // The closure still has 1 in 2, but the directory says that 1 has left 2 and therefore 2's distribution
    // group.
    let graph = GroupGraph::new([group(1, true, &[2]), group(2, true, &[3]), group(3, false, &[])]);
    let found = Memberships::new(&entry(&[1]), &LiveGroups::Token(vec![sid(1)]), &graph);
    assert_eq!(found, Memberships::from_mirror([id(1)], &GroupGraph::new([group(1, true, &[])])));
}

#[test]
fn sync_and_sign_in_agree_on_a_distribution_group_inside_a_security_group() {
    let graph = GroupGraph::new([group(1, false, &[2]), group(2, true, &[])]);
    let import = Memberships::from_mirror([id(1)], &graph);
    let login = Memberships::new(&entry(&[1]), &LiveGroups::Token(vec![]), &graph);
    assert_eq!(import, login);
    assert!(!import.contains(id(2)));
}

#[test]
fn a_blank_dn_does_not_select_everybody() {
    for blank in ["", "  "] {
        let everything =
            ScopeSettings { organizational_units: vec![blank.into()], ..ScopeSettings::default() };
        assert!(Scope::new(&everything, &Pins::default()).is_err());
    }
    let nothing = scope(ScopeSettings::default());
    assert_eq!(nothing.reason(&dn("CN=a,DC=x"), &Memberships::default(), &graph(), true), None);
}

#[test]
fn direct_groups_are_closed_without_sids() {
    let found = Memberships::new(&entry(&[]), &LiveGroups::Direct(vec![dn("cn=G3,dc=x")]), &graph());
    assert_eq!(found.names(&graph()), ["g3", "g4"]);
}

#[test]
fn an_ou_or_a_group_is_enough() {
    let scope = scope(ScopeSettings {
        organizational_units: vec!["OU=Staff,DC=x".into()],
        groups: vec!["CN=g4,DC=x".into()],
        ..ScopeSettings::default()
    });
    let inside = dn("CN=b,OU=Sales,OU=Staff,DC=x");
    let outside = dn("CN=a,OU=Other,DC=x");
    assert!(!scope.depends_on_groups(&inside));
    assert!(scope.depends_on_groups(&outside));
    let member = Memberships::from_mirror([id(3)], &graph());
    assert!(scope.reason(&inside, &Memberships::default(), &graph(), true).is_some());
    assert!(scope.reason(&outside, &Memberships::default(), &graph(), true).is_none());
    assert_eq!(scope.reason(&outside, &member, &graph(), true), Some(ScopeReason::Group(dn("CN=g4,DC=x"))));
}

/// The scope settings, in the short form of the tables below.
fn settings(
    units: &[&str],
    one_level: &[&str],
    groups: &[&str],
    without: (&[&str], &[&str]),
) -> ScopeSettings {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let flat = one_level.iter().map(|dn| SelectedUnit { depth: Depth::OneLevel, ..SelectedUnit::from(*dn) });
    ScopeSettings {
        organizational_units: units.iter().map(|dn| SelectedUnit::from(*dn)).chain(flat).collect(),
        groups: texts(groups),
        exclude_organizational_units: texts(without.0),
        exclude_groups: texts(without.1),
        filter: String::new(),
    }
}

#[test]
fn one_level_ends_where_the_next_ou_begins() {
    let scope = scope(settings(&[], &["OU=Staff,DC=x"], &[], (&[], &[])));
    for (entry, inside) in [
        ("CN=a,OU=Staff,DC=x", true),
        ("CN=a\\,OU\\=b,OU=Staff,DC=x", true),
        ("CN=a,OU=Sales,OU=Staff,DC=x", false),
        ("OU=Staff,DC=x", false),
        ("CN=a,DC=x", false),
    ] {
        let found = scope.reason(&dn(entry), &Memberships::default(), &graph(), true);
        assert_eq!(found.is_some(), inside, "{entry}");
    }
}

#[test]
fn an_exclusion_wins_over_everything() {
    let staff = "OU=Staff,DC=x";
    let everything =
        || settings(&[staff], &[], &["CN=g1,DC=x"], (&["OU=Temps,OU=Staff,DC=x"], &["CN=g2,DC=x"]));
    let filtered = ScopeSettings { filter: "(employeeType=internal)".into(), ..everything() };
    let of_unit = Exclusion::OrganizationalUnit(dn("OU=Temps,OU=Staff,DC=x"));
    let of_group = Exclusion::Group(dn("CN=g2,DC=x"));
    let of_filter = Exclusion::Filter("(employeeType=internal)".into());
    let inside = || Some(ScopeReason::OrganizationalUnit(dn(staff)));
    // DN, group, matches the filter: why in scope, why excluded
    let table = [
        ("CN=a,OU=Staff,DC=x", None, true, inside(), None),
        ("CN=a,OU=Staff,DC=x", Some(3), true, inside(), None),
        ("CN=a,OU=Staff,DC=x", Some(2), true, None, Some(&of_group)),
        ("CN=a,OU=Staff,DC=x", Some(1), true, None, Some(&of_group)),
        ("CN=a,OU=Temps,OU=Staff,DC=x", None, true, None, Some(&of_unit)),
        ("CN=a,OU=Deep,OU=Temps,OU=Staff,DC=x", Some(3), true, None, Some(&of_unit)),
        ("CN=a,OU=Other,DC=x", Some(1), true, None, Some(&of_group)),
        ("CN=a,OU=Other,DC=x", None, false, None, None),
        ("CN=a,OU=Staff,DC=x", None, false, None, Some(&of_filter)),
        ("CN=a,OU=Staff,DC=x", Some(2), false, None, Some(&of_group)),
    ];
    let scope = scope(filtered);
    for (entry, group, passes, reason, exclusion) in table {
        let member = Memberships::from_mirror(group.map(id), &graph());
        let entry = dn(entry);
        assert_eq!(scope.reason(&entry, &member, &graph(), passes), reason, "{entry} {group:?}");
        assert_eq!(
            scope.exclusion(&entry, &member, &graph(), passes).as_ref(),
            exclusion,
            "{entry} {group:?}"
        );
    }
}

#[test]
fn groups_are_read_if_an_excluded_one_may_matter() {
    let excluding = |groups: &[&str]| {
        scope(settings(&["OU=Staff,DC=x"], &[], &[], (&["OU=Temps,OU=Staff,DC=x"], groups)))
    };
    let staff = dn("CN=a,OU=Staff,DC=x");
    assert!(!excluding(&[]).depends_on_groups(&staff));
    assert!(excluding(&["CN=g2,DC=x"]).depends_on_groups(&staff));
    assert!(
        !excluding(&["CN=g2,DC=x"]).depends_on_groups(&dn("CN=a,OU=Temps,OU=Staff,DC=x")),
        "it is outside anyway"
    );
    assert!(!excluding(&["CN=g2,DC=x"]).depends_on_groups(&dn("CN=a,OU=Other,DC=x")), "it is not selected");
}

#[test]
fn a_pinned_object_counts_at_its_current_place() {
    let pin = |kind, configured: &str, entry, now: &str| Pin {
        kind,
        configured: dn(configured).key(),
        entry: id(entry),
        dn: dn(now),
        gone_since: None,
    };
    let pins: Pins = [
        pin(PinKind::OrganizationalUnit, "OU=Staff,DC=x", 50, "OU=People,OU=New,DC=x"),
        pin(PinKind::Group, "CN=old,DC=x", 3, "CN=renamed,DC=x"),
        pin(PinKind::ExcludedGroup, "CN=g2,DC=x", 4, "CN=g4,DC=x"),
    ]
    .into_iter()
    .collect();
    let written = settings(&["ou=staff, dc=X"], &[], &["CN=old,DC=x"], (&[], &["CN=g2,DC=x"]));
    let scope = Scope::new(&written, &pins).expect("DNs");
    let reason = |entry: &str, group: Option<u128>| {
        scope.reason(&dn(entry), &Memberships::from_mirror(group.map(id), &graph()), &graph(), true)
    };
    assert_eq!(reason("CN=a,OU=Staff,DC=x", None), None, "another OU has taken the name");
    assert!(reason("CN=a,OU=People,OU=New,DC=x", None).is_some());
    assert!(reason("CN=a,OU=People,OU=New,DC=x", Some(2)).is_some(), "the excluded one is another object");
    assert!(reason("CN=a,OU=People,OU=New,DC=x", Some(4)).is_none());
    let by_group = GroupGraph::new([group(3, true, &[])]);
    let member = Memberships::from_mirror([id(3)], &by_group);
    let found = scope.reason(&dn("CN=a,DC=x"), &member, &by_group, true);
    assert_eq!(found, Some(ScopeReason::Group(dn("CN=renamed,DC=x"))), "found by id, whatever its name is");
}

#[test]
fn pin_kinds_are_parsed_back() {
    for kind in PinKind::ALL {
        assert_eq!(PinKind::parse(kind.as_str()), Some(kind));
    }
}
