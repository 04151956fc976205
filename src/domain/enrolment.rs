//! The two lists of who has a second factor.

/// A list of active accounts, by email address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnrolmentList {
    /// True for those with a second factor, false for those without.
    pub enrolled: bool,
    /// True to begin with the last email address.
    pub descending: bool,
}
