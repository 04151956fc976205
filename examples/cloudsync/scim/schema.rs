//! Which attributes people and Team Shares have here (RFC 7643 sections 3.1, 4 and 8.7).

use super::attribute::{Attribute, complex, flag, named, reference, text};

/// Schema of a User (RFC 7643 section 4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Schema of a Group (RFC 7643 section 4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Extension of a User (RFC 7643 section 4.3).
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A type of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    User,
    Group,
}

/// A schema with its attributes.
pub struct Schema {
    pub id: &'static str,
    pub name: &'static str,
    pub about: &'static str,
    pub attributes: &'static [Attribute],
}

/// All schemas.
pub const SCHEMAS: &[Schema] = &[
    Schema { id: USER, name: "User", about: "A person with an account", attributes: USER_ATTRIBUTES },
    Schema { id: GROUP, name: "Group", about: "A Team Share", attributes: GROUP_ATTRIBUTES },
    Schema {
        id: ENTERPRISE,
        name: "EnterpriseUser",
        about: "What a person does in the company",
        attributes: ENTERPRISE_ATTRIBUTES,
    },
];

/// An attribute, and the extension that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub extension: Option<&'static str>,
    pub attribute: &'static Attribute,
}

impl Type {
    pub const ALL: [Self; 2] = [Self::User, Self::Group];

    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    pub fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }

    pub fn schema(self) -> &'static str {
        match self {
            Self::User => USER,
            Self::Group => GROUP,
        }
    }

    /// Its own attributes.
    pub fn core(self) -> &'static [Attribute] {
        match self {
            Self::User => USER_ATTRIBUTES,
            Self::Group => GROUP_ATTRIBUTES,
        }
    }

    /// Its extensions with their attributes.
    pub fn extensions(self) -> &'static [(&'static str, &'static [Attribute])] {
        match self {
            Self::User => &[(ENTERPRISE, ENTERPRISE_ATTRIBUTES)],
            Self::Group => &[],
        }
    }

    /// The extension of this name, in any case.
    pub fn extension(self, id: &str) -> Option<(&'static str, &'static [Attribute])> {
        self.extensions().iter().find(|(own, _)| own.eq_ignore_ascii_case(id)).copied()
    }

    /// The attribute of a name, which may follow the name of its schema.
    pub fn find(self, schema: Option<&str>, name: &str) -> Option<Found> {
        match schema {
            Some(schema) if !schema.eq_ignore_ascii_case(self.schema()) => {
                let (id, attributes) = self.extension(schema)?;
                named(attributes, name).map(|attribute| Found { extension: Some(id), attribute })
            }
            _ => named(COMMON, name)
                .or_else(|| named(self.core(), name))
                .map(|attribute| Found { extension: None, attribute }),
        }
    }
}

const COMMON: &[Attribute] = &[
    text("schemas", "The schemas of the resource").list().exact().read_only(),
    text("id", "The identifier here").exact().read_only(),
    text("externalId", "The identifier at the client").exact().unique(),
    complex("meta", "About the resource", META).read_only(),
];

const META: &[Attribute] = &[
    text("resourceType", "The type").exact(),
    text("created", "When it came").exact(),
    text("lastModified", "When it was last changed").exact(),
    text("location", "Its address").exact(),
    text("version", "Its version").exact(),
];

const USER_ATTRIBUTES: &[Attribute] = &[
    text("userName", "The name of the account").required().unique(),
    complex("name", "The parts of the name", NAME),
    text("displayName", "The name to show"),
    text("nickName", "The name among colleagues"),
    text("title", "The position in the company"),
    text("userType", "The relation to the company"),
    text("preferredLanguage", "The language to speak"),
    text("locale", "The language and country of texts and numbers"),
    text("timezone", "The time zone"),
    flag("active", "Whether the person may use CloudSync"),
    complex("emails", "Email addresses", EMAILS).list(),
    complex("phoneNumbers", "Phone numbers", PHONE_NUMBERS).list(),
    complex("groups", "The Team Shares of the person", GROUPS_OF_USER).list().read_only(),
];

const NAME: &[Attribute] = &[
    text("formatted", "The whole name"),
    text("familyName", "The family name"),
    text("givenName", "The first name"),
    text("middleName", "The names between"),
    text("honorificPrefix", "What is before the name"),
    text("honorificSuffix", "What is after the name"),
];

const EMAILS: &[Attribute] = &[
    text("value", "The address"),
    text("display", "The address to show"),
    text("type", "What it is for").one_of(&["work", "home", "other"]),
    flag("primary", "Whether it is the first choice"),
];

const PHONE_NUMBERS: &[Attribute] = &[
    text("value", "The number"),
    text("display", "The number to show"),
    text("type", "What it is for").one_of(&["work", "home", "mobile", "other"]),
    flag("primary", "Whether it is the first choice"),
];

const GROUPS_OF_USER: &[Attribute] = &[
    text("value", "The identifier of the Team Share").exact().read_only(),
    reference("$ref", "Its address", &["Group"]).read_only(),
    text("display", "Its name").read_only(),
    text("type", "How the person belongs to it").one_of(&["direct"]).read_only(),
];

const GROUP_ATTRIBUTES: &[Attribute] = &[
    text("displayName", "The name of the Team Share").required(),
    complex("members", "The people of the Team Share", MEMBERS).list(),
];

const MEMBERS: &[Attribute] = &[
    text("value", "The identifier of the person").exact().immutable(),
    reference("$ref", "The person's address", &["User"]).immutable(),
    text("type", "The type of the member").one_of(&["User"]).immutable(),
];

const ENTERPRISE_ATTRIBUTES: &[Attribute] = &[
    text("employeeNumber", "The number in the company"),
    text("costCenter", "The cost centre"),
    text("organization", "The organization"),
    text("division", "The division"),
    text("department", "The department"),
];
