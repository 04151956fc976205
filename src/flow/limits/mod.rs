//! Limits on attempts, counted on all nodes together.
//!
//! - [`throttle`]: limit failed attempts by name, address, client and code before anything else happens
//! - [`budget`]: keep failed binds below the directory's lockout threshold
//! - [`outbound`]: limit what administrators have this server connect to
//! - [`service_bind`]: keep connection tests from locking the service account

pub mod budget;
pub mod outbound;
pub mod service_bind;
pub mod throttle;
