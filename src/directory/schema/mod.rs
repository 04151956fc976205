//! The differences between Active Directory and other directories: attributes to request, classes of people
//! and groups, and how an entry becomes a person.

mod active_directory;
mod groups;
mod naming;
mod profile;
mod rfc2307bis;

pub(crate) use active_directory::wrong_tries;
pub(crate) use groups::{groups, is_security};
pub(crate) use naming::Naming;
use profile::with_profile;

use crate::domain::schema::Schema;

/// The attributes of a person that a mirror keeps, with those of the profile table and `more`.
pub(crate) fn mirrored(schema: Schema, more: &[&'static str]) -> Vec<&'static str> {
    let itself = match schema {
        Schema::ActiveDirectory => active_directory::MIRRORED,
        Schema::Rfc2307bis => rfc2307bis::MIRRORED,
    };
    with_profile(schema, &[more, itself].concat())
}

/// The unreadable attribute of a person that a decision depends on.
type Missing = &'static str;
