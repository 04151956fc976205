//! The containers of a directory as a tree, with the people in each: an admin chooses a scope from it.

use std::collections::BTreeMap;

use crate::domain::dn::Dn;

/// How many people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct PeopleCount {
    pub all: u64,
    /// Those of them whose account is disabled in the directory.
    pub disabled: u64,
}

impl PeopleCount {
    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.disabled += other.disabled;
    }
}

/// A container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitNode {
    pub dn: Dn,
    /// People directly in it, or below it in something that is no container of the tree.
    pub directly: PeopleCount,
    /// People at any depth.
    pub below: PeopleCount,
    /// The paths of the next containers below it, in order.
    children: Vec<Vec<u8>>,
}

impl UnitNode {
    fn new(dn: Dn) -> Self {
        let none = PeopleCount::default();
        Self { dn, directly: none, below: none, children: Vec::new() }
    }

    /// How many containers lie next below it.
    #[must_use]
    pub fn children(&self) -> usize {
        self.children.len()
    }
}

/// The containers of a directory below its base DN, by path.
#[derive(Clone, Debug)]
pub struct UnitTree {
    base: Dn,
    nodes: BTreeMap<Vec<u8>, UnitNode>,
}

impl UnitTree {
    /// A tree without anything below the base DN.
    #[must_use]
    pub fn new(base: &Dn) -> Self {
        let root = (base.path(), UnitNode::new(base.clone()));
        Self { base: base.clone(), nodes: BTreeMap::from([root]) }
    }

    /// Adds a container.
    pub fn add_unit(&mut self, dn: Dn) {
        if dn.is_within(&self.base) {
            self.nodes.entry(dn.path()).or_insert_with(|| UnitNode::new(dn));
        }
    }

    /// Adds a person with this path ([`Dn::path`]); all containers were added before.
    pub fn add_person(&mut self, path: &[u8], disabled: bool) {
        if let Some(place) = self.nearest(path) {
            let one = PeopleCount { all: 1, disabled: u64::from(disabled) };
            self.nodes.entry(place).and_modify(|node| node.directly.add(one));
        }
    }

    /// Computes what lies below each container. To be called once, at the end.
    pub fn finish(&mut self) {
        let paths: Vec<Vec<u8>> = self.nodes.keys().cloned().collect();
        // The paths of what lies below a container follow its own.
        for path in paths.into_iter().rev() {
            let Some(node) = self.nodes.get_mut(&path) else { continue };
            node.below.add(node.directly);
            // They came in from the last to the first.
            node.children.reverse();
            let below = node.below;
            if let Some(above) = self.nearest(&path) {
                self.nodes.entry(above).and_modify(|above| {
                    above.below.add(below);
                    above.children.push(path);
                });
            }
        }
    }

    /// The node of the base DN, of which everything else is a part.
    #[must_use]
    pub fn root(&self) -> Option<&UnitNode> {
        self.node(&self.base)
    }

    /// The container with this name.
    #[must_use]
    pub fn node(&self, dn: &Dn) -> Option<&UnitNode> {
        self.nodes.get(&dn.path())
    }

    /// The containers next below one, in the order of their names.
    pub fn children_of<'t>(&'t self, node: &'t UnitNode) -> impl Iterator<Item = &'t UnitNode> {
        node.children.iter().filter_map(|path| self.nodes.get(path))
    }

    /// The path of the nearest container above.
    fn nearest(&self, path: &[u8]) -> Option<Vec<u8>> {
        let mut path = above(path);
        while !path.is_empty() {
            if self.nodes.contains_key(path) {
                return Some(path.to_vec());
            }
            path = above(path);
        }
        None
    }
}

/// The path one level up; empty at the root.
fn above(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let kept = path[..end].iter().rposition(|byte| *byte == 0).map_or(0, |zero| zero + 1);
    &path[..kept]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dn(text: &str) -> Dn {
        Dn::parse(text).expect("a name")
    }

    fn tree(units: &[&str], people: &[(&str, bool)]) -> UnitTree {
        let mut tree = UnitTree::new(&dn("dc=x"));
        units.iter().for_each(|unit| tree.add_unit(dn(unit)));
        people.iter().for_each(|(person, disabled)| tree.add_person(&dn(person).path(), *disabled));
        tree.finish();
        tree
    }

    fn counts(tree: &UnitTree, unit: &str) -> [u64; 4] {
        let node = tree.node(&dn(unit)).expect("a unit");
        [node.directly.all, node.directly.disabled, node.below.all, node.below.disabled]
    }

    fn children(tree: &UnitTree, unit: &str) -> Vec<String> {
        let node = tree.node(&dn(unit)).expect("a unit");
        assert_eq!(tree.children_of(node).count(), node.children());
        tree.children_of(node).map(|node| node.dn.as_str().to_owned()).collect()
    }

    #[test]
    fn people_count_where_they_are_and_in_everything_above() {
        let tree = tree(
            &["ou=b,ou=a,dc=x", "ou=a,dc=x", "ou=ab,dc=x", "ou=empty,dc=x"],
            &[
                ("cn=1,ou=a,dc=x", false),
                ("cn=2,ou=B,ou=A,dc=x", true),
                ("cn=3,ou=b,ou=a,dc=x", false),
                ("cn=4,ou=ab,dc=x", false),
                ("cn=5,dc=x", true),
                ("cn=6,dc=y", false),
            ],
        );
        assert_eq!(counts(&tree, "dc=x"), [1, 1, 5, 2], "nobody of another base");
        assert_eq!(counts(&tree, "ou=a,dc=x"), [1, 0, 3, 1]);
        assert_eq!(counts(&tree, "ou=b,ou=a,dc=x"), [2, 1, 2, 1]);
        assert_eq!(counts(&tree, "OU=AB, DC=x"), [1, 0, 1, 0], "a name that begins alike is another one");
        assert_eq!(counts(&tree, "ou=empty,dc=x"), [0; 4]);
        assert_eq!(children(&tree, "dc=x"), ["ou=a,dc=x", "ou=ab,dc=x", "ou=empty,dc=x"]);
        assert_eq!(children(&tree, "ou=a,dc=x"), ["ou=b,ou=a,dc=x"]);
        assert_eq!(tree.root().map(|root| root.below.all), Some(5));
    }

    #[test]
    fn what_lies_between_may_be_unknown() {
        let tree = tree(
            &["ou=deep,cn=unknown,dc=x", "ou=other,dc=y"],
            &[("uid=1,ou=deep,cn=unknown,dc=x", false), ("uid=2,cn=unknown,dc=x", false)],
        );
        assert_eq!(children(&tree, "dc=x"), ["ou=deep,cn=unknown,dc=x"]);
        assert_eq!(counts(&tree, "dc=x"), [1, 0, 2, 0]);
        assert_eq!(counts(&tree, "ou=deep,cn=unknown,dc=x"), [1, 0, 1, 0]);
        assert!(tree.node(&dn("ou=other,dc=y")).is_none());
    }

    #[test]
    fn a_level_above_is_found_for_any_length() {
        for name in ["dc=x", "dc=xy", "ou=a,dc=x", "ou=ab,dc=x", "ou=ab,dc=xy", "ou=\\00,dc=x"] {
            let whole = dn(&format!("cn=1,{name}"));
            assert_eq!(above(&whole.path()), dn(name).path(), "{name}");
        }
        assert_eq!(above(&dn("dc=x").path()), b"");
        assert_eq!(above(b""), b"");
    }
}
