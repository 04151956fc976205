//! What administrators and the help desk need.
//!
//! - [`doctor`]: check the directories
//! - [`explain`]: why a person can or can't sign in, or has a Team Share
//! - [`setup`]: set up a directory and write the first settings file
//! - [`bundle`]: create a support bundle
//! - [`sealing`]: rotate the sealing key
//! - [`certificates`]: warn before certificates of directory servers expire

pub mod bundle;
pub mod certificates;
pub mod doctor;
pub mod explain;
pub mod sealing;
pub(crate) mod setup;
