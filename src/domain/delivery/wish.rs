//! What should be at the target, as it is decided here now.

use std::collections::BTreeSet;
use std::fmt;

use super::attribute::{Attribute, Values};
use super::request::RemoteId;
use crate::domain::account::AccountId;

/// Whom or what a delivery is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Person(AccountId),
    /// A Team Share, by its id in the settings.
    Share(String),
}

/// The resource type in SCIM (RFC 7643 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    User,
    Group,
}

/// Whether somebody should be at the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Active,
    /// Inactive if there; not created if not.
    Suspended,
    /// Deleted. Only the purge of an account wishes it.
    Erased,
}

/// The newest wish about one person or Team Share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub subject: Subject,
    pub presence: Presence,
    /// All attributes that are delivered, with `externalId`, and `active` for a person.
    pub values: Values,
    /// The members of a Team Share who are at the target.
    pub members: BTreeSet<RemoteId>,
}

impl Subject {
    /// The resource type.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Person(_) => Kind::User,
            Self::Share(_) => Kind::Group,
        }
    }

    /// The `externalId` (RFC 7643 section 3.1).
    #[must_use]
    pub fn external_id(&self) -> &str {
        match self {
            Self::Person(id) => &id.0,
            Self::Share(id) => id,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(id) => write!(f, "person {id}"),
            Self::Share(id) => write!(f, "Team Share {id}"),
        }
    }
}

impl Kind {
    /// The attribute that people know the resource by, unique at the target or treated as if it was.
    #[must_use]
    pub fn name(self) -> Attribute {
        match self {
            Self::User => Attribute::UserName,
            Self::Group => Attribute::ShareName,
        }
    }
}

impl Wish {
    /// A person. `more` are the attributes besides `externalId`, `userName` and `active`.
    #[must_use]
    pub fn person(id: AccountId, user_name: String, presence: Presence, more: Values) -> Self {
        let active = (presence == Presence::Active).to_string();
        let mut wish = Self::named(Subject::Person(id), user_name, presence, more);
        wish.values.insert(Attribute::Active, Some(active));
        wish
    }

    /// A Team Share. Without its mapping it stays there, without the members from here.
    #[must_use]
    pub fn share(id: String, name: String, members: BTreeSet<RemoteId>) -> Self {
        let wish = Self::named(Subject::Share(id), name, Presence::Active, Values::new());
        Self { members, ..wish }
    }

    fn named(subject: Subject, name: String, presence: Presence, mut values: Values) -> Self {
        values.insert(Attribute::ExternalId, Some(subject.external_id().to_owned()));
        values.insert(subject.kind().name(), Some(name));
        Self { subject, presence, values, members: BTreeSet::new() }
    }

    /// The name by which the resource is looked for after its `externalId`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.values.get(&self.subject.kind().name()).and_then(Option::as_deref).unwrap_or_default()
    }

    /// `active`, for a person.
    #[must_use]
    pub fn active(&self) -> Option<(Attribute, Option<String>)> {
        let value = self.values.get(&Attribute::Active)?;
        Some((Attribute::Active, value.clone()))
    }
}
