//! What administrators and the help desk need.
//!
//! - [`doctor`]: check the directories
//! - [`explain`]: why a person can or can't sign in, or has a Team Share
//! - [`setup`]: set up a directory and write the first settings file
//! - [`bundle`]: create a support bundle
//! - [`people`]: find people, and show what is stored of one
//! - [`person_live`]: what the directory says of one person now, and recent attempts
//! - [`sealing`]: rotate the sealing key
//! - [`certificates`]: warn before certificates of directory servers expire
//! - [`trail`]: read the audit log
//! - [`trail_export`]: download it

pub mod bundle;
pub mod certificates;
pub mod doctor;
pub mod explain;
pub mod people;
pub mod person_live;
pub mod sealing;
pub(crate) mod setup;
pub mod trail;
pub mod trail_export;
