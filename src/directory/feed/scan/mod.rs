//! Read everything in a directory, page by page.

mod active_directory;
mod full_read;
mod ldap;
mod task;

pub(super) use full_read::FullReadPages;
