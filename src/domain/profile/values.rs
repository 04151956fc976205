//! The values of one person's profile attributes.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AttributeRow, ProfileAttribute, TABLE};
use crate::domain::schema::Schema;

/// One person's values. As JSON an object with the values that are set, by column.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProfileValues([Option<String>; TABLE.len()]);

impl ProfileValues {
    /// Reads the values from an entry; `text` returns the first value of an LDAP attribute.
    #[must_use]
    pub fn read(schema: Schema, text: impl Fn(&str) -> Option<String>) -> Self {
        let mut values = Self::default();
        for row in TABLE {
            let mut names = row.ldap_names(schema).iter();
            values.0[row.attribute as usize] = names.find_map(|name| row.form.accept(&text(name)?));
        }
        values
    }

    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, attribute: ProfileAttribute) -> Option<&str> {
        self.0[attribute as usize].as_deref()
    }

    /// Replaces the value of an attribute.
    pub fn set(&mut self, attribute: ProfileAttribute, value: Option<String>) {
        self.0[attribute as usize] = value;
    }

    /// The same values with another one of this attribute.
    #[must_use]
    pub fn with(mut self, attribute: ProfileAttribute, value: impl Into<String>) -> Self {
        self.set(attribute, Some(value.into()));
        self
    }

    /// Every row of the table with its value.
    pub fn rows(&self) -> impl Iterator<Item = (&'static AttributeRow, Option<&str>)> {
        TABLE.iter().map(|row| (row, self.get(row.attribute)))
    }

    fn set_ones(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.rows().filter_map(|(row, value)| Some((row.column, value?)))
    }
}

impl fmt::Debug for ProfileValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.set_ones()).finish()
    }
}

impl Serialize for ProfileValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.set_ones())
    }
}

impl<'de> Deserialize<'de> for ProfileValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ByColumn)
    }
}

/// Reads the columns of the table, and skips other names.
struct ByColumn;

impl<'de> Visitor<'de> for ByColumn {
    type Value = ProfileValues;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with profile attributes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ProfileValues, A::Error> {
        let mut values = ProfileValues::default();
        while let Some(name) = map.next_key::<String>()? {
            match ProfileAttribute::of_column(&name) {
                Some(attribute) => values.set(attribute, map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[test]
    fn the_first_attribute_with_a_value_counts() {
        let read = |has: &[(&str, &str)]| {
            let text =
                |name: &str| has.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned());
            ProfileValues::read(Schema::Rfc2307bis, text).get(ProfileAttribute::Name).map(str::to_owned)
        };
        assert_eq!(read(&[("cn", "B"), ("displayName", "A")]).as_deref(), Some("A"));
        assert_eq!(read(&[("cn", "B")]).as_deref(), Some("B"));
        assert_eq!(read(&[("sn", "C")]), None);
    }

    #[test]
    fn values_are_written_by_column_and_read_back() {
        let values = ProfileValues::default().with(ProfileAttribute::FamilyName, "Näme");
        let json = json!({"family_name": "Näme"});
        assert_eq!(to_value(&values).unwrap(), json);
        assert_eq!(from_value::<ProfileValues>(json).unwrap(), values);
        let more = json!({"shoe_size": [44], "family_name": "Näme", "name": null});
        assert_eq!(from_value::<ProfileValues>(more).unwrap(), values);
    }
}
