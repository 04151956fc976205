//! Limits on attempts, counted on all nodes together.
//!
//! - [`throttle`]: limit failed attempts by name, address, client and code before anything else happens
//! - [`budget`]: keep failed binds below the directory's lockout threshold

pub mod budget;
pub mod throttle;
