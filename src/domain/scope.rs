//! Decide which people of a directory are synced: selected OUs and groups, minus exclusions, minus what the
//! filter rejects.

mod memberships;
mod pins;
mod units;

use std::fmt;

pub use memberships::{LiveGroups, Memberships};
pub use pins::{Pin, PinKind, Pins, configured};
pub use units::{PeopleCount, UnitNode, UnitTree};

use super::dn::{Dn, DnError};
use super::entry::EntryId;
use super::group::{Group, GroupGraph};
use super::settings::{Depth, ScopeSettings};

/// The sync scope of one directory, with the current DNs of the configured objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub organizational_units: Vec<Unit>,
    /// Selected groups, including nested groups.
    pub groups: Vec<NamedGroup>,
    /// OUs that are excluded with their whole subtree.
    pub excluded_units: Vec<Dn>,
    /// Groups whose members are excluded at any depth.
    pub excluded_groups: Vec<NamedGroup>,
    /// An LDAP filter that people must match as well.
    pub filter: Option<String>,
}

/// A selected OU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    pub dn: Dn,
    pub depth: Depth,
}

impl Unit {
    /// True if the entry is in the selected part.
    #[must_use]
    pub fn holds(&self, entry: &Dn) -> bool {
        entry.is_within(&self.dn)
            && (self.depth == Depth::Subtree || entry.depth() == self.dn.depth().saturating_add(1))
    }
}

/// A group named in the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedGroup {
    /// The current DN, as far as known.
    pub dn: Dn,
    /// The object's id, once it was found: then the DN no longer counts.
    pub entry: Option<EntryId>,
}

impl NamedGroup {
    /// Parses the configured DN, and follows the object that it first referred to.
    pub fn new(kind: PinKind, configured: &str, pins: &Pins) -> Result<Self, DnError> {
        Ok(Self::of(kind, &named(configured)?, pins))
    }

    /// The same for a parsed DN.
    #[must_use]
    pub fn of(kind: PinKind, configured: &Dn, pins: &Pins) -> Self {
        match pins.get(kind, configured) {
            Some(pin) => Self { dn: pin.dn.clone(), entry: Some(pin.entry) },
            None => Self { dn: configured.clone(), entry: None },
        }
    }

    /// The group itself, if the last sync saw it.
    #[must_use]
    pub fn found_in<'g>(&self, graph: &'g GroupGraph) -> Option<&'g Group> {
        match self.entry {
            Some(entry) => graph.by_id(entry),
            None => graph.by_dn(&self.dn),
        }
    }

    fn lists(&self, memberships: &Memberships, graph: &GroupGraph) -> bool {
        self.found_in(graph).is_some_and(|group| memberships.contains(group.id))
    }
}

/// Why a person is in scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScopeReason {
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

/// Why a person is excluded, even if selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exclusion {
    OrganizationalUnit(Dn),
    /// The entry is a member, at some depth, of this group.
    Group(Dn),
    /// The entry does not match the filter.
    Filter(String),
}

impl fmt::Display for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OrganizationalUnit(dn) => write!(f, "excluded by {dn}"),
            Self::Group(dn) => write!(f, "excluded as a member of {dn}"),
            Self::Filter(filter) => write!(f, "does not match the filter {filter}"),
        }
    }
}

impl Scope {
    /// Parses the configured DNs; a pinned object counts at its current place, whatever the settings call it.
    /// A blank DN is refused: it is the root, and everybody is below the root.
    pub fn new(settings: &ScopeSettings, pins: &Pins) -> Result<Self, DnError> {
        let here = |kind: PinKind, text: &str| -> Result<Dn, DnError> {
            let configured = named(text)?;
            Ok(pins.get(kind, &configured).map_or(configured, |pin| pin.dn.clone()))
        };
        let groups = |kind: PinKind, names: &[String]| {
            names.iter().map(|name| NamedGroup::new(kind, name, pins)).collect::<Result<Vec<_>, _>>()
        };
        let unit = |unit: &super::settings::SelectedUnit| {
            Ok(Unit { dn: here(PinKind::OrganizationalUnit, &unit.dn)?, depth: unit.depth })
        };
        let excluded = |name: &String| here(PinKind::ExcludedUnit, name);
        Ok(Self {
            organizational_units: settings.organizational_units.iter().map(unit).collect::<Result<_, _>>()?,
            groups: groups(PinKind::Group, &settings.groups)?,
            excluded_units: settings
                .exclude_organizational_units
                .iter()
                .map(excluded)
                .collect::<Result<_, _>>()?,
            excluded_groups: groups(PinKind::ExcludedGroup, &settings.exclude_groups)?,
            filter: Some(settings.filter.clone()).filter(|filter| !filter.is_empty()),
        })
    }

    /// The same scope with one more unit, and everything below it.
    #[must_use]
    pub fn with_unit(mut self, dn: Dn) -> Self {
        self.organizational_units.push(Unit { dn, depth: Depth::Subtree });
        self
    }

    /// True if nothing is selected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.organizational_units.is_empty() && self.groups.is_empty()
    }

    /// True if the entry's scope depends on the person's groups.
    #[must_use]
    pub fn depends_on_groups(&self, entry: &Dn) -> bool {
        let selected = self.unit_of(entry).is_some();
        let may_be_selected = selected || !self.groups.is_empty();
        self.excluding_unit_of(entry).is_none()
            && may_be_selected
            && (!selected || !self.excluded_groups.is_empty())
    }

    /// Why this entry is in scope, if it is. `memberships` may be empty if [`Self::depends_on_groups`] is
    /// false; `passes_filter` is whether the entry matches [`Self::filter`], true without a filter.
    #[must_use]
    pub fn reason(
        &self,
        entry: &Dn,
        memberships: &Memberships,
        graph: &GroupGraph,
        passes_filter: bool,
    ) -> Option<ScopeReason> {
        let selected = self.selection(entry, memberships, graph)?;
        self.exclusion(entry, memberships, graph, passes_filter).is_none().then_some(selected)
    }

    /// Why this entry is excluded, even if selected; `None` also for an entry that is not selected.
    #[must_use]
    pub fn exclusion(
        &self,
        entry: &Dn,
        memberships: &Memberships,
        graph: &GroupGraph,
        passes_filter: bool,
    ) -> Option<Exclusion> {
        self.selection(entry, memberships, graph)?;
        let of_unit = || self.excluding_unit_of(entry).map(|dn| Exclusion::OrganizationalUnit(dn.clone()));
        let of_group = || {
            let group = self.excluded_groups.iter().find(|group| group.lists(memberships, graph));
            group.map(|group| Exclusion::Group(group.dn.clone()))
        };
        let of_filter = || self.filter.clone().filter(|_| !passes_filter).map(Exclusion::Filter);
        of_unit().or_else(of_group).or_else(of_filter)
    }

    fn selection(&self, entry: &Dn, memberships: &Memberships, graph: &GroupGraph) -> Option<ScopeReason> {
        self.unit_of(entry).map(|unit| ScopeReason::OrganizationalUnit(unit.dn.clone())).or_else(|| {
            let group = self.groups.iter().find(|group| group.lists(memberships, graph));
            group.map(|group| ScopeReason::Group(group.dn.clone()))
        })
    }

    fn unit_of(&self, entry: &Dn) -> Option<&Unit> {
        self.organizational_units.iter().find(|unit| unit.holds(entry))
    }

    fn excluding_unit_of(&self, entry: &Dn) -> Option<&Dn> {
        self.excluded_units.iter().find(|unit| entry.is_within(unit))
    }
}

fn named(text: &str) -> Result<Dn, DnError> {
    match Dn::parse(text)? {
        root if root.depth() == 0 => Err(DnError::NotAPair),
        dn => Ok(dn),
    }
}

#[cfg(test)]
mod tests;
