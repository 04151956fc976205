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
pub(crate) use profile::with_profile;

/// The unreadable attribute of a person that a decision depends on.
type Missing = &'static str;
