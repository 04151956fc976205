//! Pins: the objects that the configured DNs first referred to, and their current DNs. A renamed or moved OU
//! or group stays selected, and another object that takes its DN is not.

use std::collections::HashMap;

use crate::domain::Millis;
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::settings::{Directory, Settings};

/// The setting that names an object.
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
    /// `admin_groups` and the other groups that give a role in the panel.
    Admin,
}

impl PinKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::OrganizationalUnit,
        Self::Group,
        Self::ExcludedUnit,
        Self::ExcludedGroup,
        Self::TeamShare,
        Self::SecondFactor,
        Self::Admin,
    ];

    /// The value in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrganizationalUnit => "unit",
            Self::Group => "group",
            Self::ExcludedUnit => "excluded_unit",
            Self::ExcludedGroup => "excluded_group",
            Self::TeamShare => "team_share",
            Self::SecondFactor => "second_factor",
            Self::Admin => "admin",
        }
    }

    /// Parses the stored value.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// True for kinds that name a group, false for OUs.
    #[must_use]
    pub fn is_group(self) -> bool {
        !matches!(self, Self::OrganizationalUnit | Self::ExcludedUnit)
    }
}

/// Every DN in the settings that refers to an object of this directory, with its kind.
#[must_use]
pub fn configured(settings: &Settings, directory: &Directory) -> Vec<(PinKind, Dn)> {
    use PinKind::{Admin, ExcludedGroup, ExcludedUnit, Group, OrganizationalUnit, SecondFactor, TeamShare};
    let scope = &directory.scope;
    let units = scope.organizational_units.iter().map(|unit| (OrganizationalUnit, &unit.dn));
    let shares = settings.team_shares_of(&directory.id).map(|mapping| (TeamShare, &mapping.group));
    let lists = [
        (Group, &scope.groups),
        (ExcludedUnit, &scope.exclude_organizational_units),
        (ExcludedGroup, &scope.exclude_groups),
        (SecondFactor, &settings.second_factor.groups),
    ];
    let lists = lists.into_iter().chain(directory.role_groups().map(|groups| (Admin, groups)));
    let lists = lists.flat_map(|(kind, names)| names.iter().map(move |name| (kind, name)));
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

/// One object named in the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The setting that names it.
    pub kind: PinKind,
    /// The configured DN, as [`Dn::key`].
    pub configured: String,
    /// The object that the DN referred to when it was first looked up.
    pub entry: EntryId,
    /// The current or last known DN.
    pub dn: Dn,
    /// Since when the object can't be found.
    pub gone_since: Option<Millis>,
}

/// All pins of one directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins(HashMap<(PinKind, String), Pin>);

impl Pins {
    /// The pin of this configured DN, once it was looked up.
    #[must_use]
    pub fn get(&self, kind: PinKind, configured: &Dn) -> Option<&Pin> {
        self.0.get(&(kind, configured.key()))
    }

    /// All pins, in no order.
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
