//! Pins: which objects the DNs of the settings turned out to mean, and where these objects are now. An OU or a group that
//! is renamed or moved stays the one that an administrator selected, and another one that takes its name is not.

use std::collections::HashMap;

use crate::domain::Millis;
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::settings::{Directory, Settings};

/// Which part of the settings names an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PinKind {
    /// `[directories.scope] organizational_units`.
    OrganizationalUnit,
    /// `[directories.scope] groups`.
    Group,
    /// `[directories.scope] exclude_organizational_units`.
    ExcludedUnit,
    /// `[directories.scope] exclude_groups`.
    ExcludedGroup,
    /// `[[team_shares]] group`.
    TeamShare,
    /// `[second_factor] groups`.
    SecondFactor,
}

impl PinKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::OrganizationalUnit,
        Self::Group,
        Self::ExcludedUnit,
        Self::ExcludedGroup,
        Self::TeamShare,
        Self::SecondFactor,
    ];

    /// The word that the store keeps.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrganizationalUnit => "unit",
            Self::Group => "group",
            Self::ExcludedUnit => "excluded_unit",
            Self::ExcludedGroup => "excluded_group",
            Self::TeamShare => "team_share",
            Self::SecondFactor => "second_factor",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// True for what names a group, false for what names an OU.
    #[must_use]
    pub fn is_group(self) -> bool {
        !matches!(self, Self::OrganizationalUnit | Self::ExcludedUnit)
    }
}

/// Every DN of the settings that means an object of this directory, with the part that names it.
#[must_use]
pub fn configured(settings: &Settings, directory: &Directory) -> Vec<(PinKind, Dn)> {
    use PinKind::{ExcludedGroup, ExcludedUnit, Group, OrganizationalUnit, SecondFactor, TeamShare};
    let scope = &directory.scope;
    let units = scope.organizational_units.iter().map(|unit| (OrganizationalUnit, &unit.dn));
    let shares = settings.team_shares_of(&directory.id).map(|mapping| (TeamShare, &mapping.group));
    let lists = [
        (Group, &scope.groups),
        (ExcludedUnit, &scope.exclude_organizational_units),
        (ExcludedGroup, &scope.exclude_groups),
        (SecondFactor, &settings.second_factor.groups),
    ];
    let lists = lists.into_iter().flat_map(|(kind, names)| names.iter().map(move |name| (kind, name)));
    let base = Dn::parse(&directory.base_dn).ok();
    let inside = |dn: &Dn| dn.depth() > 0 && base.as_ref().is_some_and(|base| dn.is_within(base));
    let mut known: Vec<(PinKind, Dn)> = Vec::new();
    for (kind, name) in units.chain(shares).chain(lists) {
        if let Ok(dn) = Dn::parse(name)
            && inside(&dn)
            && !known.contains(&(kind, dn.clone()))
        {
            known.push((kind, dn));
        }
    }
    known
}

/// One object that settings name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Which part of the settings names it.
    pub kind: PinKind,
    /// How the settings name it, in the one form of [`Dn::key`].
    pub configured: String,
    /// Which object that DN meant when it was first looked up.
    pub entry: EntryId,
    /// Where the object is now, or was last.
    pub dn: Dn,
    /// Since when it is not to be found any more.
    pub gone_since: Option<Millis>,
}

/// All pins of one directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins(HashMap<(PinKind, String), Pin>);

impl Pins {
    /// What this DN of the settings means, once it was looked up.
    #[must_use]
    pub fn get(&self, kind: PinKind, configured: &Dn) -> Option<&Pin> {
        self.0.get(&(kind, configured.key()))
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Pin> {
        self.0.values()
    }

    /// The pins of one object.
    pub fn of(&self, entry: EntryId) -> impl Iterator<Item = &Pin> {
        self.iter().filter(move |pin| pin.entry == entry)
    }
}

impl FromIterator<Pin> for Pins {
    fn from_iter<T: IntoIterator<Item = Pin>>(pins: T) -> Self {
        Self(pins.into_iter().map(|pin| ((pin.kind, pin.configured.clone()), pin)).collect())
    }
}
