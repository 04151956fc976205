//! The attributes of people and Team Shares at a target.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::profile::ProfileAttribute;

/// An attribute that is delivered. The order is that in which they are sent one by one: `active` is last, so
/// that nobody is active again with the attributes of the time before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// The id of the account, or of the Team Share, here.
    ExternalId,
    UserName,
    /// The name of a Team Share.
    ShareName,
    Email,
    Profile(ProfileAttribute),
    /// `true` or `false`.
    Active,
}

/// Attributes and their values; `None` is no value.
pub type Values = BTreeMap<Attribute, Option<String>>;

impl Attribute {
    const OWN: [Self; 5] = [Self::ExternalId, Self::UserName, Self::ShareName, Self::Email, Self::Active];

    /// The name in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExternalId => "external_id",
            Self::UserName => "user_name",
            Self::ShareName => "share_name",
            Self::Email => "email",
            Self::Profile(attribute) => attribute.row().column,
            Self::Active => "active",
        }
    }

    /// Parses the name in the store.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let own = Self::OWN.into_iter().find(|own| own.as_str() == name);
        own.or_else(|| ProfileAttribute::of_column(name).map(Self::Profile))
    }

    /// The path in SCIM (RFC 7643 sections 3.1, 4.1, 4.2 and 4.3).
    #[must_use]
    pub fn scim(self) -> &'static str {
        match self {
            Self::ExternalId => "externalId",
            Self::UserName => "userName",
            Self::ShareName => "displayName",
            Self::Email => "emails[type eq \"work\"].value",
            Self::Profile(attribute) => attribute.row().scim,
            Self::Active => "active",
        }
    }
}

impl Serialize for Attribute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Attribute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| D::Error::custom(format!("{name:?} is no attribute")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::profile::TABLE;

    #[test]
    fn each_attribute_is_read_as_it_was_written() {
        let profile = TABLE.iter().map(|row| Attribute::Profile(row.attribute));
        let all: Vec<Attribute> = Attribute::OWN.into_iter().chain(profile).collect();
        for one in &all {
            assert_eq!(Attribute::parse(one.as_str()), Some(*one));
        }
        let values: Values = all.iter().map(|one| (*one, Some(one.scim().to_owned()))).collect();
        assert_eq!(values.len(), all.len());
        let json = serde_json::to_string(&values).expect("JSON");
        assert_eq!(serde_json::from_str::<Values>(&json).expect("values"), values);
        assert!(serde_json::from_str::<Values>("{\"shoe_size\":\"44\"}").is_err());
        assert_eq!(values.keys().next_back(), Some(&Attribute::Active));
    }
}
