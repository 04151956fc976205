//! The password and lockout policies of a directory, and what they mean for one person.

mod aging;
mod lockout;
mod password_rules;
mod policies;

pub use lockout::LockoutState;
pub(crate) use policies::{FineGrained, Policies, openldap_policy, windows_policy};
