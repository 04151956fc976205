//! One person in the directory: found by name, bound, with groups, email address and a new password.

mod change;
mod email;
mod find;
mod groups;
mod outcome;

pub use find::{BindPermit, Bound, Found, ObjectKind, ResolvedObject};
pub use groups::EntryGroups;
