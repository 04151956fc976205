//! Which people of a directory are synced: the union of selected OUs and groups.

use std::collections::HashSet;
use std::fmt;

use super::dn::{Dn, DnError};
use super::entry::{Entry, EntryId, Sid};
use super::group::GroupGraph;
use super::settings::ScopeSettings;

/// The sync scope of one directory.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// OUs, each with all that lies below it.
    pub organizational_units: Vec<Dn>,
    /// Groups, with what is nested in them.
    pub groups: Vec<Dn>,
}

/// Why somebody is in scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeReason {
    /// The entry lies below this OU.
    OrganizationalUnit(Dn),
    /// The entry is a member, at some depth, of this group.
    Group(Dn),
}

impl fmt::Display for ScopeReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OrganizationalUnit(dn) => write!(f, "below {dn}"),
            Self::Group(dn) => write!(f, "member of {dn}"),
        }
    }
}

/// The groups that a directory confirmed for one entry just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveGroups {
    /// `tokenGroups`: every security group at any depth, the primary group included (MS-ADTS 3.1.1.4.5.19).
    Token(Vec<Sid>),
    /// The groups that list the entry directly, where the schema has no `tokenGroups`.
    Direct(Vec<Dn>),
}

/// The groups of one person, transitively.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memberships(HashSet<EntryId>);

impl Memberships {
    /// Joins what the directory confirms now with the import's own closure.
    ///
    /// Security groups count only if `tokenGroups` lists them, so that a closure which has grown old can't let anybody
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

    /// From the import's closure alone, for a run that reads everything anyway.
    #[must_use]
    pub fn from_import(direct: impl IntoIterator<Item = EntryId>, graph: &GroupGraph) -> Self {
        Self(graph.closure(direct))
    }

    /// True when the person is in this group.
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

impl Scope {
    /// Reads the DNs of the settings. A blank one is refused: it is the root, and everybody is below the root.
    pub fn new(settings: &ScopeSettings) -> Result<Self, DnError> {
        let one = |text: &String| match Dn::parse(text)? {
            root if root.depth() == 0 => Err(DnError::NotAPair),
            dn => Ok(dn),
        };
        let parse = |dns: &[String]| dns.iter().map(one).collect::<Result<Vec<_>, _>>();
        Ok(Self {
            organizational_units: parse(&settings.organizational_units)?,
            groups: parse(&settings.groups)?,
        })
    }

    /// The OU that holds this entry, if one does.
    #[must_use]
    pub fn organizational_unit_of(&self, entry: &Dn) -> Option<ScopeReason> {
        self.organizational_units
            .iter()
            .find(|unit| entry.is_within(unit))
            .map(|unit| ScopeReason::OrganizationalUnit(unit.clone()))
    }

    /// True when only the person's groups can tell whether the entry is in scope.
    #[must_use]
    pub fn depends_on_groups(&self, entry: &Dn) -> bool {
        !self.groups.is_empty() && self.organizational_unit_of(entry).is_none()
    }

    /// Why this entry is in scope, if it is. `memberships` may be empty where [`Self::depends_on_groups`] is false.
    #[must_use]
    pub fn reason(&self, entry: &Dn, memberships: &Memberships, graph: &GroupGraph) -> Option<ScopeReason> {
        self.organizational_unit_of(entry).or_else(|| {
            self.groups
                .iter()
                .find(|dn| graph.by_dn(dn).is_some_and(|group| memberships.contains(group.id)))
                .map(|dn| ScopeReason::Group(dn.clone()))
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::entry::{PasswordState, WrongTries};
    use crate::domain::group::Group;

    fn dn(text: &str) -> Dn {
        Dn::parse(text).expect("a DN")
    }

    fn id(number: u128) -> EntryId {
        EntryId(Uuid::from_u128(number))
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
            login_name: "a".into(),
            principal_name: None,
            email: None,
            display_name: None,
            given_name: None,
            family_name: None,
            disabled: false,
            expires_at: None,
            locked: false,
            password: PasswordState::Usable,
            password_changed_at: None,
            wrong_tries: WrongTries::default(),
            password_policy: None,
            direct_groups: direct.iter().map(|number| dn(&format!("CN=g{number},DC=x"))).collect(),
            primary_group: None,
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
    fn nobody_is_lifted_into_a_group_by_one_that_tokens_do_not_list() {
        // The closure still has 1 in 2, but the directory says that 1 has left 2, and with it 2's distribution group.
        let graph = GroupGraph::new([group(1, true, &[2]), group(2, true, &[3]), group(3, false, &[])]);
        let found = Memberships::new(&entry(&[1]), &LiveGroups::Token(vec![sid(1)]), &graph);
        assert_eq!(found, Memberships::from_import([id(1)], &GroupGraph::new([group(1, true, &[])])));
    }

    #[test]
    fn import_and_login_agree_where_a_distribution_group_is_inside_a_security_group() {
        let graph = GroupGraph::new([group(1, false, &[2]), group(2, true, &[])]);
        let import = Memberships::from_import([id(1)], &graph);
        let login = Memberships::new(&entry(&[1]), &LiveGroups::Token(vec![]), &graph);
        assert_eq!(import, login);
        assert!(!import.contains(id(2)));
    }

    #[test]
    fn a_blank_scope_is_not_everybody() {
        for blank in ["", "  "] {
            let everything = ScopeSettings { organizational_units: vec![blank.into()], groups: vec![] };
            assert!(Scope::new(&everything).is_err());
        }
        let nothing = Scope::new(&ScopeSettings::default()).expect("no DNs");
        assert_eq!(nothing.reason(&dn("CN=a,DC=x"), &Memberships::default(), &graph()), None);
    }

    #[test]
    fn direct_groups_are_closed_where_there_are_no_sids() {
        let found = Memberships::new(&entry(&[]), &LiveGroups::Direct(vec![dn("cn=G3,dc=x")]), &graph());
        assert_eq!(found.names(&graph()), ["g3", "g4"]);
    }

    #[test]
    fn an_ou_or_a_group_is_enough() {
        let scope = Scope::new(&ScopeSettings {
            organizational_units: vec!["OU=Staff,DC=x".into()],
            groups: vec!["CN=g4,DC=x".into()],
        })
        .expect("DNs");
        let inside = dn("CN=b,OU=Sales,OU=Staff,DC=x");
        let outside = dn("CN=a,OU=Other,DC=x");
        assert!(!scope.depends_on_groups(&inside));
        assert!(scope.depends_on_groups(&outside));
        let member = Memberships::from_import([id(3)], &graph());
        assert!(scope.reason(&inside, &Memberships::default(), &graph()).is_some());
        assert!(scope.reason(&outside, &Memberships::default(), &graph()).is_none());
        assert_eq!(scope.reason(&outside, &member, &graph()), Some(ScopeReason::Group(dn("CN=g4,DC=x"))));
    }
}
