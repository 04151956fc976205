//! Objects of a directory as the items of a feed: what is requested of them, what they are, and whether they
//! are gone or only hidden.

pub(crate) mod active_directory;
pub(crate) mod hidden;
mod items;
pub(crate) mod ldap;
mod unseen;

pub(crate) use items::{in_order, pass_only};
pub(crate) use unseen::hidden_in_ldap;
