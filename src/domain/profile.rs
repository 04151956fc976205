//! Profile attributes: one table of the texts about a person that the directory has and accounts, claims and
//! SCIM targets get. A new attribute is a variant, its row and a migration with its column; CONTRIBUTING.md
//! lists the steps.

mod form;
mod values;

pub use self::form::ValueForm;
pub use self::values::ProfileValues;
use super::schema::Schema;

/// A profile attribute; its number is the place of its row in [`TABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProfileAttribute {
    Name,
    GivenName,
    FamilyName,
    Title,
    Department,
    EmployeeNumber,
    PhoneNumber,
    Locale,
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
    pub form: ValueForm,
}

/// The scope that gives a claim of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileScope {
    /// The claims of OpenID Connect Core section 5.4, which most clients have.
    Profile,
    /// Our own: what a person does in the company. No client gets it unasked.
    Employment,
    /// OpenID Connect Core section 5.4.
    Phone,
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
        form: ValueForm::Name,
    },
    AttributeRow {
        attribute: ProfileAttribute::GivenName,
        column: "given_name",
        claim: "given_name",
        scope: ProfileScope::Profile,
        active_directory: &["givenName"],
        rfc2307bis: &["givenName"],
        scim: "name.givenName",
        form: ValueForm::Name,
    },
    AttributeRow {
        attribute: ProfileAttribute::FamilyName,
        column: "family_name",
        claim: "family_name",
        scope: ProfileScope::Profile,
        active_directory: &["sn"],
        rfc2307bis: &["sn"],
        scim: "name.familyName",
        form: ValueForm::Name,
    },
    AttributeRow {
        attribute: ProfileAttribute::Title,
        column: "title",
        claim: "title",
        scope: ProfileScope::Employment,
        active_directory: &["title"],
        rfc2307bis: &["title"],
        scim: "title",
        form: ValueForm::Text { longest: 256 },
    },
    AttributeRow {
        attribute: ProfileAttribute::Department,
        column: "department",
        claim: "department",
        scope: ProfileScope::Employment,
        active_directory: &["department"],
        rfc2307bis: &["departmentNumber", "ou"],
        scim: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        form: ValueForm::Text { longest: 256 },
    },
    AttributeRow {
        attribute: ProfileAttribute::EmployeeNumber,
        column: "employee_number",
        claim: "employeeNumber",
        scope: ProfileScope::Employment,
        active_directory: &["employeeNumber", "employeeID"],
        rfc2307bis: &["employeeNumber"],
        scim: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
        form: ValueForm::Text { longest: 512 },
    },
    AttributeRow {
        attribute: ProfileAttribute::PhoneNumber,
        column: "phone_number",
        claim: "phone_number",
        scope: ProfileScope::Phone,
        active_directory: &["telephoneNumber"],
        rfc2307bis: &["telephoneNumber"],
        scim: "phoneNumbers[type eq \"work\"].value",
        form: ValueForm::Text { longest: 64 },
    },
    AttributeRow {
        attribute: ProfileAttribute::Locale,
        column: "locale",
        claim: "locale",
        scope: ProfileScope::Profile,
        active_directory: &["preferredLanguage"],
        rfc2307bis: &["preferredLanguage"],
        scim: "preferredLanguage",
        form: ValueForm::Language,
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

    /// docs/directory.md has a line for each row.
    #[test]
    fn the_page_has_the_table() {
        const PAGE: &str = include_str!("../../docs/directory.md");
        let quoted = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        for row in TABLE {
            let scope = format!("{:?}", row.scope).to_lowercase();
            let (ad, ldap) = (quoted(row.active_directory), quoted(row.rfc2307bis));
            let line = format!("| `{}` | `{scope}` | {ad} | {ldap} | `{}` |", row.claim, row.scim);
            assert!(PAGE.lines().any(|known| known == line), "docs/directory.md lacks: {line}");
        }
    }
}
