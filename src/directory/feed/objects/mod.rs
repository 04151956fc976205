//! Objects of a directory as the items of a feed: what is requested of them, what they are, and whether they
//! are gone or only hidden.

pub(super) mod active_directory;
pub(super) mod hidden;
mod items;
pub(super) mod ldap;
mod unseen;

pub(super) use items::{in_order, pass_only};
pub(super) use unseen::hidden_in_ldap;
