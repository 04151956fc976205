//! One person, looked up in the directory, for a sign-in and for a sync.
//!
//! - [`live`]: groups and scope of an entry, and its account updated at once
//! - [`rejudge`]: judge the owner of a session or refresh token again
//! - [`shares`]: the Team Shares of a person
//! - [`guard`]: from how many people something may still be taken today, and whether the sync is paused

pub mod guard;
pub mod live;
pub mod rejudge;
pub mod shares;
