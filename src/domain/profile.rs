//! Profile attributes: one table of the texts about a person that the directory has and accounts, claims and
//! SCIM targets get. A new attribute is a variant, its row and a migration with its column; CONTRIBUTING.md
//! lists the steps.

mod values;

pub use self::values::ProfileValues;
use super::settings::Schema;

/// A profile attribute; its number is the place of its row in [`TABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileAttribute {
    Name,
    GivenName,
    FamilyName,
}

/// Everything that differs between the profile attributes.
#[derive(Debug)]
pub struct AttributeRow {
    pub attribute: ProfileAttribute,
    /// The column of `accounts`, and the name in the mirror, the sync log and the JSON of the CLI.
    pub column: &'static str,
    pub claim: &'static str,
    pub scope: ProfileScope,
    /// LDAP attributes of a person in Active Directory. The first one with a value counts.
    pub active_directory: &'static [&'static str],
    /// The same in other directories.
    pub rfc2307bis: &'static [&'static str],
    /// The path in SCIM 2.0 (RFC 7643 sections 4.1 and 4.3).
    pub scim: &'static str,
}

/// The scope that gives a claim of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileScope {
    Profile,
}

/// The rows, in the order of claims and columns.
pub const TABLE: &[AttributeRow] = &[
    AttributeRow {
        attribute: ProfileAttribute::Name,
        column: "name",
        claim: "name",
        scope: ProfileScope::Profile,
        active_directory: &["displayName", "cn"],
        rfc2307bis: &["displayName", "cn"],
        scim: "displayName",
    },
    AttributeRow {
        attribute: ProfileAttribute::GivenName,
        column: "given_name",
        claim: "given_name",
        scope: ProfileScope::Profile,
        active_directory: &["givenName"],
        rfc2307bis: &["givenName"],
        scim: "name.givenName",
    },
    AttributeRow {
        attribute: ProfileAttribute::FamilyName,
        column: "family_name",
        claim: "family_name",
        scope: ProfileScope::Profile,
        active_directory: &["sn"],
        rfc2307bis: &["sn"],
        scim: "name.familyName",
    },
];

impl ProfileAttribute {
    /// The row of the table.
    #[must_use]
    pub fn row(self) -> &'static AttributeRow {
        &TABLE[self as usize]
    }

    /// The attribute with this column.
    #[must_use]
    pub fn of_column(column: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.column == column).map(|row| row.attribute)
    }
}

impl AttributeRow {
    /// The LDAP attributes in this schema.
    #[must_use]
    pub fn ldap_names(&self, schema: Schema) -> &'static [&'static str] {
        match schema {
            Schema::ActiveDirectory => self.active_directory,
            Schema::Rfc2307bis => self.rfc2307bis,
        }
    }
}

/// All LDAP attributes of the table in this schema.
pub fn ldap_names(schema: Schema) -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(move |row| row.ldap_names(schema)).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_attribute_has_its_row_and_no_name_is_used_twice() {
        for (place, row) in TABLE.iter().enumerate() {
            assert_eq!(row.attribute as usize, place, "{}", row.column);
            assert_eq!(ProfileAttribute::of_column(row.column), Some(row.attribute));
        }
        let columns: [fn(&AttributeRow) -> &str; 3] = [|row| row.column, |row| row.claim, |row| row.scim];
        for of in columns {
            let names: HashSet<&str> = TABLE.iter().map(of).collect();
            assert_eq!(names.len(), TABLE.len(), "{names:?}");
        }
        for schema in [Schema::ActiveDirectory, Schema::Rfc2307bis] {
            let names: HashSet<&str> = ldap_names(schema).collect();
            assert_eq!(names.len(), ldap_names(schema).count(), "{schema:?}");
        }
    }
}
