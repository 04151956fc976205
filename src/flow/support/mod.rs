//! What administrators and the help desk need.
//!
//! - [`doctor`]: check the directories
//! - [`compared`]: an account and its entry beside each other
//! - [`enrolment`]: who has set up a second factor
//! - [`explain`]: why a person can or can't sign in, or has a Team Share
//! - [`setup`]: set up a directory and write the first settings file
//! - [`bundle`]: create a support bundle
//! - [`people`]: find people, and show what is stored of one
//! - [`person_live`]: what the directory says of one person now, and recent attempts
//! - [`sealing`]: rotate the sealing key
//! - [`certificates`]: warn before certificates of directory servers expire
//! - [`hours`]: count what the charts show
//! - [`audit_chain`]: prove that the audit log was not changed
//! - [`trail`]: read the audit log
//! - [`trail_export`]: download it

pub mod audit_chain;
pub mod bundle;
pub mod certificates;
pub mod compared;
pub mod doctor;
pub mod enrolment;
pub mod explain;
pub mod hours;
pub mod people;
pub mod person_live;
pub mod sealing;
pub(crate) mod setup;
pub mod trail;
pub mod trail_export;
