//! One person, looked up in the directory, for a sign-in and for a sync.
//!
//! - [`live`]: groups and scope of an entry, and its account updated at once
//! - [`rejudge`]: judge the owner of a session or refresh token again
//! - [`shares`]: the Team Shares of a person
//! - `allowance`: how many people the guard still allows to be suspended today

pub(super) mod allowance;
pub mod live;
pub mod rejudge;
pub mod shares;
