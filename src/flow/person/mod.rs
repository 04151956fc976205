//! One person, looked at live: groups, scope and account, for a sign-in and for a sync.

pub(super) mod allowance;
pub mod live;
pub mod rejudge;
pub mod shares;
