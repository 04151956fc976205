//! The audit trail:
//!
//! - `audit`: write, read and clean up events
//! - `unwritten`: audit events that wait for an unreachable database

pub(super) mod audit;
pub(super) mod unwritten;
