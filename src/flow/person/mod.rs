//! One person: what the directory says now, what follows for the account, and how it is written.
//!
//! - [`look`]: groups and scope of a live entry
//! - `decided`: what is to be done for a person, by a live entry or by the mirror of a run
//! - [`guard`]: from how many people something may still be taken today, and whether the sync is paused
//! - `write`: write what was decided, past the guard, for a run and for a sign-in
//! - [`up_to_date`]: bring the account of a live entry up to date
//! - [`rejudge`]: judge the owner of a session or refresh token again
//! - [`admin_role`]: a person's role in the admin panel by the mirror
//! - [`shares`]: the Team Shares of a person

pub mod admin_role;
pub(in crate::flow) mod decided;
pub mod guard;
pub mod look;
pub mod rejudge;
pub mod shares;
pub mod up_to_date;
pub(in crate::flow) mod write;
