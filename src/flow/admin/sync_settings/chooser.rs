//! What Sync Settings offers for choosing: the tree of containers as far as it is open, and groups.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::dn::Dn;
use crate::domain::group::GroupGraph;
use crate::domain::scope::{PeopleCount, PinKind, Pins, UnitNode, UnitTree};
use crate::domain::settings::{Depth, ScopeSettings};
use crate::flow::sync::units::GroupView;

/// How many containers a page shows.
const MOST_UNITS: usize = 300;

/// What is chosen for a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitChoice {
    #[default]
    Nothing,
    /// Everybody at any depth.
    Subtree,
    /// Only who is directly in it.
    OneLevel,
    Excluded,
}

/// A container as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitView {
    /// As the settings name it, or as it is called now.
    pub dn: String,
    /// Its own part of the name; the whole one for the base DN and outside the tree.
    pub name: String,
    /// How deep it is; the base DN is at 0.
    pub level: usize,
    pub choice: UnitChoice,
    /// `None` for one that the mirror does not have.
    pub people: Option<PeopleCount>,
    /// How many containers lie next below it.
    pub children: usize,
    pub is_open: bool,
    /// How many of them there is no room for.
    pub left_out: usize,
}

/// What is chosen for a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupChoice {
    #[default]
    Nothing,
    Synced,
    Excluded,
}

/// A group as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupOption {
    pub name: String,
    pub dn: String,
    pub choice: GroupChoice,
    /// False for a chosen one that the mirror does not have.
    pub is_known: bool,
}

/// The tree as far as it is open, and the chosen containers that it does not show: all of them before the directory
/// was read.
pub(super) fn shown_units(
    tree: Option<&UnitTree>,
    scope: &ScopeSettings,
    pins: &Pins,
    open: &[String],
) -> (Vec<UnitView>, Vec<UnitView>) {
    let mut chosen = chosen_units(scope, pins);
    let open: Vec<String> = open.iter().filter_map(|dn| Dn::parse(dn).ok()).map(|dn| dn.key()).collect();
    let mut rows = Vec::new();
    if let Some((tree, root)) = tree.and_then(|tree| Some((tree, tree.root()?))) {
        show(tree, root, 0, &open, &mut chosen, &mut rows);
    }
    let mut others: Vec<UnitView> =
        chosen.into_values().map(|(choice, dn, now)| other(tree, choice, dn, &now)).collect();
    others.sort_unstable_by(|one, other| one.dn.cmp(&other.dn));
    (rows, others)
}

/// The groups that are chosen, by name.
pub(super) fn chosen_groups(graph: &GroupGraph, scope: &ScopeSettings, pins: &Pins) -> Vec<GroupOption> {
    let synced = scope.groups.iter().map(|dn| (PinKind::Group, GroupChoice::Synced, dn));
    let excluded = scope.exclude_groups.iter().map(|dn| (PinKind::ExcludedGroup, GroupChoice::Excluded, dn));
    let option = |(kind, choice, configured): (PinKind, GroupChoice, &String)| {
        let dn = Dn::parse(configured).ok();
        let pin = dn.as_ref().and_then(|dn| pins.get(kind, dn));
        let found = match pin {
            Some(pin) => graph.by_id(pin.entry),
            None => dn.as_ref().and_then(|dn| graph.by_dn(dn)),
        };
        GroupOption {
            name: found.map_or_else(|| configured.clone(), |group| group.name.clone()),
            dn: configured.clone(),
            choice,
            is_known: found.is_some(),
        }
    };
    let mut options: Vec<GroupOption> = synced.chain(excluded).map(option).collect();
    options.sort_unstable_by(|one, other| (&one.name, &one.dn).cmp(&(&other.name, &other.dn)));
    options
}

/// Those of these groups that are not chosen.
pub(super) fn not_chosen(found: Vec<GroupView>, chosen: &[GroupOption]) -> Vec<GroupOption> {
    let chosen: Vec<String> = chosen.iter().map(|one| key_of(&one.dn)).collect();
    let rest = found.into_iter().filter(|group| !chosen.contains(&key_of(&group.dn)));
    let option =
        |GroupView { name, dn }| GroupOption { name, dn, choice: GroupChoice::Nothing, is_known: true };
    rest.map(option).collect()
}

/// The same for every spelling of a name.
pub(super) fn key_of(dn: &str) -> String {
    Dn::parse(dn).map_or_else(|_| dn.to_owned(), |dn| dn.key())
}

/// By the present name: what is chosen, the name in the settings, and the present one.
type ChosenUnits = HashMap<String, (UnitChoice, String, Option<Dn>)>;

fn chosen_units(scope: &ScopeSettings, pins: &Pins) -> ChosenUnits {
    let selected = scope.organizational_units.iter().map(|unit| {
        let choice = match unit.depth {
            Depth::Subtree => UnitChoice::Subtree,
            Depth::OneLevel => UnitChoice::OneLevel,
        };
        (PinKind::OrganizationalUnit, choice, &unit.dn)
    });
    let excluded = scope.exclude_organizational_units.iter();
    let excluded = excluded.map(|dn| (PinKind::ExcludedUnit, UnitChoice::Excluded, dn));
    let found = |(kind, choice, configured): (PinKind, UnitChoice, &String)| {
        let now = Dn::parse(configured).ok();
        let now = now.map(|dn| pins.get(kind, &dn).map_or(dn, |pin| pin.dn.clone()));
        let key = now.as_ref().map_or_else(|| configured.clone(), Dn::key);
        (key, (choice, configured.clone(), now))
    };
    selected.chain(excluded).map(found).collect()
}

fn other(tree: Option<&UnitTree>, choice: UnitChoice, dn: String, now: &Option<Dn>) -> UnitView {
    let node = now.as_ref().and_then(|dn| tree?.node(dn));
    UnitView {
        name: node.map_or_else(|| dn.clone(), |node| node.dn.as_str().to_owned()),
        people: node.map(|node| of_choice(node, choice)),
        dn,
        level: 0,
        choice,
        children: 0,
        is_open: false,
        left_out: 0,
    }
}

fn of_choice(node: &UnitNode, choice: UnitChoice) -> PeopleCount {
    if choice == UnitChoice::OneLevel { node.directly } else { node.below }
}

fn show(
    tree: &UnitTree,
    node: &UnitNode,
    level: usize,
    open: &[String],
    chosen: &mut ChosenUnits,
    rows: &mut Vec<UnitView>,
) {
    let key = node.dn.key();
    let (choice, dn) = match chosen.remove(&key) {
        Some((choice, dn, _)) => (choice, dn),
        None => (UnitChoice::Nothing, node.dn.as_str().to_owned()),
    };
    let is_open = level == 0 || open.contains(&key);
    let place = rows.len();
    rows.push(UnitView {
        dn,
        name: if level == 0 { node.dn.as_str() } else { node.dn.leaf() }.to_owned(),
        level,
        choice,
        people: Some(of_choice(node, choice)),
        children: node.children(),
        is_open,
        left_out: 0,
    });
    if !is_open {
        return;
    }
    for (index, child) in tree.children_of(node).enumerate() {
        if rows.len() >= MOST_UNITS {
            rows[place].left_out = node.children() - index;
            break;
        }
        show(tree, child, level + 1, open, chosen, rows);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::SelectedUnit;

    fn tree(units: &[&str]) -> UnitTree {
        let dn = |text: &str| Dn::parse(text).expect("a name");
        let mut tree = UnitTree::new(&dn("dc=x"));
        units.iter().for_each(|unit| tree.add_unit(dn(unit)));
        for person in ["cn=1,ou=a,dc=x", "cn=2,ou=b,ou=a,dc=x"] {
            tree.add_person(&dn(person).path(), false);
        }
        tree.finish();
        tree
    }

    fn scope() -> ScopeSettings {
        ScopeSettings {
            organizational_units: vec![
                SelectedUnit { dn: "OU=A, DC=x".into(), depth: Depth::OneLevel },
                "ou=gone,dc=x".into(),
            ],
            exclude_organizational_units: vec!["ou=b,ou=a,dc=x".into()],
            ..ScopeSettings::default()
        }
    }

    #[test]
    fn the_tree_is_shown_as_far_as_it_is_open_and_what_is_chosen_elsewhere_below() {
        let tree = tree(&["ou=a,dc=x", "ou=b,ou=a,dc=x", "ou=c,dc=x"]);
        let short = |rows: &[UnitView]| -> Vec<_> {
            rows.iter()
                .map(|row| (row.name.clone(), row.level, row.choice, row.people.map(|people| people.all)))
                .collect()
        };
        let (rows, others) = shown_units(Some(&tree), &scope(), &Pins::default(), &[]);
        assert_eq!(
            short(&rows),
            [
                ("dc=x".to_owned(), 0, UnitChoice::Nothing, Some(2)),
                ("ou=a".to_owned(), 1, UnitChoice::OneLevel, Some(1)),
                ("ou=c".to_owned(), 1, UnitChoice::Nothing, Some(0)),
            ]
        );
        assert_eq!(rows[1].dn, "OU=A, DC=x", "it is sent as the settings name it");
        assert_eq!(
            short(&others),
            [
                ("ou=b,ou=a,dc=x".to_owned(), 0, UnitChoice::Excluded, Some(1)),
                ("ou=gone,dc=x".to_owned(), 0, UnitChoice::Subtree, None),
            ]
        );
        let (rows, others) =
            shown_units(Some(&tree), &scope(), &Pins::default(), &["OU=a,DC=X".into(), "junk".into()]);
        assert_eq!((rows.len(), rows[2].name.as_str(), rows[2].level), (4, "ou=b", 2));
        assert_eq!((rows[2].choice, others.len()), (UnitChoice::Excluded, 1));
    }

    #[test]
    fn a_page_has_room_for_so_many_containers_and_says_how_many_are_left_out() {
        let names: Vec<String> = (0..MOST_UNITS + 20).map(|number| format!("ou={number:04},dc=x")).collect();
        let tree = tree(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let (rows, _) = shown_units(Some(&tree), &ScopeSettings::default(), &Pins::default(), &[]);
        assert_eq!((rows.len(), rows[0].left_out), (MOST_UNITS, 21));
    }
}
