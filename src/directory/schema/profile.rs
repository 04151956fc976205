//! The profile attributes of a person: which to request, and their values.

use crate::directory::message::Attributes;
use crate::domain::profile::{ProfileValues, ldap_names};
use crate::domain::schema::Schema;

/// These attributes, and those of the profile table.
pub(crate) fn with_profile(schema: Schema, itself: &[&'static str]) -> Vec<&'static str> {
    let more = ldap_names(schema).filter(|name| !itself.contains(name));
    itself.iter().copied().chain(more).collect()
}

/// Reads the values from an entry.
pub(crate) fn read(attributes: &Attributes, schema: Schema) -> ProfileValues {
    ProfileValues::read(schema, |name| attributes.owned(name))
}
